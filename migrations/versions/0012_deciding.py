"""Deciding."""

revision = "0012_deciding"
down_revision = "0011_imports"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
