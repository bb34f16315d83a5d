"""Sign-in."""

revision = "0007_sign_in"
down_revision = "0006_notice_choices"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
