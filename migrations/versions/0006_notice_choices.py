"""Choices about messages."""

revision = "0006_notice_choices"
down_revision = "0005_delegations"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
