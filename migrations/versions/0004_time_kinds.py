"""Kinds of time."""

revision = "0004_time_kinds"
down_revision = "0003_amendments"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
