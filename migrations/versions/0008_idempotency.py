"""Answers to writing calls of the API are kept for a day, so that the same call again is not done twice.

A new table. Safe while the old code runs: it does not know it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008_idempotency"
down_revision = "0007_sign_in"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "kept_answer",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("etag", sa.String(length=80), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(key) BETWEEN 8 AND 100", name=op.f("ck_kept_answer_key_fits")),
        sa.CheckConstraint("status BETWEEN 200 AND 299", name=op.f("ck_kept_answer_done")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_kept_answer_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "key", name=op.f("pk_kept_answer")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("kept_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_answer_answered_at"), ["answered_at"], unique=False)


def downgrade():
    op.drop_table("kept_answer")
