"""Writers at the same moment, on both engines: no update is lost, nobody is told that the database is locked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import OperationalError

from tests.factories.projects import ProjectFactory
from tests.kernel.marks import NOW, mark, marks
from tests.support.threads import PATIENCE, at_once, errors_in
from tithe.audit.models import AuditHead
from tithe.kernel.db import atomic, db
from tithe.kernel.errors import Conflict
from tithe.kernel.jobs import JobRun
from tithe.projects.models import Project


class TestWritersAtOnce:
    def test_lose_no_update_to_a_row_they_lock(self, app):
        @atomic
        def add_one():
            found = select(AuditHead.seq).where(AuditHead.stream == 3).with_for_update()
            seq = db.session.scalars(found).one()
            db.session.execute(update(AuditHead).where(AuditHead.stream == 3).values(seq=seq + 1))

        def fifty_times():
            for _ in range(50):
                add_one()

        results = at_once(app, [fifty_times] * 8)

        assert errors_in(results) == []
        assert db.session.scalar(select(AuditHead.seq).where(AuditHead.stream == 3)) == 400

    def test_lose_no_update_to_a_row_with_a_version(self, app):
        project = ProjectFactory(title="0")

        @atomic
        def add_one():
            row = db.session.get_one(Project, project.id, populate_existing=True)
            row.title = str(int(row.title) + 1)

        def ten_times():
            conflicts = 0
            for _ in range(10):
                while True:
                    try:
                        add_one()
                        break
                    except Conflict:
                        conflicts += 1
            return conflicts

        results = at_once(app, [ten_times] * 4)

        assert errors_in(results) == []
        assert db.session.scalar(select(Project.title).where(Project.id == project.id)) == "40"

    def test_are_never_told_that_the_database_is_locked_when_they_read_first(self, app):
        def read_then_write(name):
            for n in range(25):
                db.session.scalar(select(func.count()).select_from(JobRun))  # a reading transaction is open
                mark(f"{name}-{n}")

        results = at_once(app, [lambda name=name: read_then_write(name) for name in range(8)])

        assert errors_in(results) == []
        assert len(marks()) == 200

    def test_are_not_overtaken_by_a_stranger_between_reading_and_writing(self, app):
        """Another program, which knows nothing of our queue, writes in the middle: it waits or it does no harm."""

        def interfere():
            with app.app_context(), db.engine.connect() as stranger:
                if stranger.dialect.name == "sqlite":
                    stranger.exec_driver_sql("PRAGMA busy_timeout = 50")
                try:
                    stranger.execute(insert(JobRun).values(job="stranger", period="x", finished_at=NOW))
                    stranger.commit()
                except OperationalError:
                    stranger.rollback()

        @atomic
        def read_then_write():
            db.session.scalar(select(func.count()).select_from(JobRun))
            with ThreadPoolExecutor(1) as thread:
                thread.submit(interfere).result(PATIENCE)
            mark("after reading")

        read_then_write()

        assert marks() == ["after reading"]
