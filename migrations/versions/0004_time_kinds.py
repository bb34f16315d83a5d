"""Time has a kind: what is given to no project has none, and is told apart by its kind.

One column of time_entry, "tithe" for every row, and a project is not needed for the other kinds. Safe while the old
code runs: it reads no kind and writes only entries of projects.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004_time_kinds"
down_revision = "0003_amendments"
branch_labels = None
depends_on = None

KINDS = sa.Enum(
    "tithe", "help", "secondment", "learning", name="timekind", native_enum=False, create_constraint=True, length=20
)
PLACE = {
    "unique": True,
    "sqlite_where": sa.text("project_id IS NULL"),
    "postgresql_where": sa.text("project_id IS NULL"),
}


def rebuilt(table):
    """Alter a table in place on PostgreSQL; on SQLite build it anew, STRICT as it was."""
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    return op.batch_alter_table(table, recreate=recreate, table_kwargs={"sqlite_strict": True})


def upgrade():
    with rebuilt("time_entry") as table:
        table.add_column(sa.Column("kind", KINDS, server_default="tithe", nullable=False))
        table.alter_column("project_id", existing_type=sa.Integer(), nullable=True)
        table.create_check_constraint(
            op.f("ck_time_entry_tithe_has_a_project"), "(kind = 'tithe') = (project_id IS NOT NULL)"
        )
    op.create_index("uq_time_entry_week_id_day_kind", "time_entry", ["week_id", "day", "kind"], **PLACE)


def downgrade():
    op.execute("DELETE FROM time_entry WHERE project_id IS NULL")
    op.drop_index("uq_time_entry_week_id_day_kind", "time_entry", **{k: v for k, v in PLACE.items() if k != "unique"})
    with rebuilt("time_entry") as table:
        table.drop_constraint(op.f("ck_time_entry_tithe_has_a_project"), type_="check")
        table.drop_constraint(op.f("ck_time_entry_timekind"), type_="check")
        table.alter_column("project_id", existing_type=sa.Integer(), nullable=False)
        table.drop_column("kind")
