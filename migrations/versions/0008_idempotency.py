"""Idempotency keys."""

revision = "0008_idempotency"
down_revision = "0007_sign_in"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
