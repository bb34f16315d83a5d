"""Quick logging."""

revision = "0010_logging"
down_revision = "0009_plans"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
