"""Own data."""

revision = "0015_own_data"
down_revision = "0014_second_factor"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
