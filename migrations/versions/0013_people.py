"""People."""

revision = "0013_people"
down_revision = "0012_deciding"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
