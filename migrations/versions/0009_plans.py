"""Plans."""

revision = "0009_plans"
down_revision = "0008_idempotency"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
