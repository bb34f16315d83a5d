"""Who shares a post with whom, from when to when.

A table of its own. Safe while the old code runs: it reads and writes none of it. Going back loses the job shares.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022_job_shares"
down_revision = "0020_weeks_counted_whole"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "job_share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_job_share_two_people_in_order")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_job_share_ends_after_starting")),
        sa.ForeignKeyConstraint(["first_id"], ["person.id"], name=op.f("fk_job_share_first_id_person")),
        sa.ForeignKeyConstraint(["second_id"], ["person.id"], name=op.f("fk_job_share_second_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_share")),
        sa.UniqueConstraint(
            "first_id", "second_id", "starts_on", name=op.f("uq_job_share_first_id_second_id_starts_on")
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_job_share_second_id_starts_on"), "job_share", ["second_id", "starts_on"])


def downgrade():
    op.drop_table("job_share")
