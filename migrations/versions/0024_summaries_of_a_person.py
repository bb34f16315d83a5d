"""An index for the summaries of one person, and one of SQLite that serves: for people who were in two units.

Indexes alone. Safe while the old code runs.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024_summaries_of_a_person"
down_revision = "0022_job_shares"
branch_labels = None
depends_on = None

SPLIT = "ix_person_quarter_split"


def upgrade():
    op.create_index(op.f("ix_person_quarter_person_id_quarter"), "person_quarter", ["person_id", "quarter"])
    if op.get_bind().dialect.name == "sqlite":  # it takes an index of some rows only for a question in the same words
        op.drop_index(SPLIT, "person_quarter")
        op.create_index(SPLIT, "person_quarter", ["quarter"], sqlite_where=sa.text("split = 1"))


def downgrade():
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index(SPLIT, "person_quarter")
        op.create_index(SPLIT, "person_quarter", ["quarter"], sqlite_where=sa.text("split"))
    op.drop_index(op.f("ix_person_quarter_person_id_quarter"), "person_quarter")
