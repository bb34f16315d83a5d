"""Delegations and roles by two people."""

revision = "0005_delegations"
down_revision = "0004_time_kinds"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
