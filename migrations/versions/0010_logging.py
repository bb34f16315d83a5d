"""A week may be declared empty, a timer may run, and time that is logged often is kept.

One column of week, empty for every row, and two tables. Safe while the old code runs: it reads and writes none of
them; only a week that was declared empty cannot be filled by the old code, which does not take that back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010_logging"
down_revision = "0009_plans"
branch_labels = None
depends_on = None


def rebuilt(table):
    """Alter a table in place on PostgreSQL; on SQLite build it anew, STRICT as it was."""
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    return op.batch_alter_table(table, recreate=recreate, table_kwargs={"sqlite_strict": True})


def kinds():
    """The kinds of time, checked in each table by the same name."""
    names = ("tithe", "help", "secondment", "learning")
    return sa.Enum(*names, name="timekind", native_enum=False, create_constraint=True, length=20)


def upgrade():
    with rebuilt("week") as table:
        table.add_column(sa.Column("nothing_since", sa.DateTime(timezone=True), nullable=True))
        table.create_check_constraint(
            op.f("ck_week_nothing_is_an_empty_draft"),
            "nothing_since IS NULL OR (status = 'draft' AND total_minutes = 0 AND amends_version IS NULL)",
        )
    op.create_table(
        "timer",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("kind", kinds(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("runs_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(kind = 'tithe') = (project_id IS NOT NULL)", name=op.f("ck_timer_tithe_has_a_project")),
        sa.CheckConstraint("runs_until > started_at", name=op.f("ck_timer_runs_for_a_while")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_timer_person_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_timer_project_id_project")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_timer")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_timer_runs_until"), "timer", ["runs_until"])
    op.create_table(
        "favourite",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("kind", kinds(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name=op.f("ck_favourite_minutes_in_a_day")),
        sa.CheckConstraint(
            "(kind = 'tithe') = (project_id IS NOT NULL)", name=op.f("ck_favourite_tithe_has_a_project")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_favourite_person_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_favourite_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_favourite")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_favourite_person_id_used_at"), "favourite", ["person_id", "used_at"])


def downgrade():
    op.drop_table("favourite")
    op.drop_table("timer")
    with rebuilt("week") as table:
        table.drop_constraint(op.f("ck_week_nothing_is_an_empty_draft"), type_="check")
        table.drop_column("nothing_since")
