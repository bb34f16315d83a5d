"""Imports."""

revision = "0011_imports"
down_revision = "0010_logging"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
