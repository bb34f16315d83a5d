"""Weeks may count whole in the quarter of one of their days.

Adds week.counts_on, empty for every row there is: each of their days counts in its own quarter, as before. Safe while
the old code runs: it never writes the column, and weeks it submits split by day. Going back forgets the day: minutes
that were posted stay where they are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020_weeks_counted_whole"
down_revision = "0019_names_and_refusals"
branch_labels = None
depends_on = None

CHECK = "ck_week_counts_on_one_of_its_days"


def rebuilt(table):
    """Alter a table in place on PostgreSQL; on SQLite build it anew, STRICT as it was."""
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    return op.batch_alter_table(table, recreate=recreate, table_kwargs={"sqlite_strict": True})


def upgrade():
    with rebuilt("week") as table:
        table.add_column(sa.Column("counts_on", sa.Date(), nullable=True))
        table.create_check_constraint(op.f(CHECK), "counts_on >= starts_on")


def downgrade():
    with rebuilt("week") as table:
        table.drop_constraint(op.f(CHECK), type_="check")
        table.drop_column("counts_on")
