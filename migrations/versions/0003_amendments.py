"""An approved week may be amended: which decision it amends, and why.

Two columns of week, empty for every row. Safe while the old code runs: it reads neither and leaves them empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003_amendments"
down_revision = "0002_allowance"
branch_labels = None
depends_on = None


def rebuilt(table):
    """Alter a table in place on PostgreSQL; on SQLite build it anew, STRICT as it was."""
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    return op.batch_alter_table(table, recreate=recreate, table_kwargs={"sqlite_strict": True})


def upgrade():
    with rebuilt("week") as table:
        table.add_column(sa.Column("amends_version", sa.Integer(), nullable=True))
        table.add_column(sa.Column("amend_reason", sa.String(length=500), server_default="", nullable=False))
        table.create_check_constraint(
            op.f("ck_week_amended_has_a_reason"), "(amends_version IS NULL) = (amend_reason = '')"
        )


def downgrade():
    with rebuilt("week") as table:
        table.drop_constraint(op.f("ck_week_amended_has_a_reason"), type_="check")
        table.drop_column("amend_reason")
        table.drop_column("amends_version")
