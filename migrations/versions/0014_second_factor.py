"""Second factors."""

revision = "0014_second_factor"
down_revision = "0013_people"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
