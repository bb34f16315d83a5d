"""SCIM."""

revision = "0016_scim"
down_revision = "0015_own_data"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
