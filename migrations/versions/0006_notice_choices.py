"""People choose when they get mail; messages can be read, held for a digest, replaced, and asked about once more.

A new table, and columns of notice that are empty for every row. What was sent so far counts as read. Not safe while
an old sender runs: it does not know the new statuses, which it leaves alone, but would mail at once what a person
wants later. Stop the scheduler first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006_notice_choices"
down_revision = "0005_delegations"
branch_labels = None
depends_on = None

STATUSES = ["waiting", "sending", "sent", "dead"]
NEW_STATUSES = ["held", "digested", "kept", "dropped"]
GROUPS = ["decisions", "waiting", "reminders", "minutes", "scheme", "safety"]


def rebuilt(table):
    """Alter a table in place on PostgreSQL; on SQLite build it anew, STRICT as it was."""
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    return op.batch_alter_table(table, recreate=recreate, table_kwargs={"sqlite_strict": True})


def one_of(values):
    return f"status IN ({', '.join(repr(value) for value in values)})"


def choice(values, name):
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade():
    op.create_table(
        "notice_choice",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("message_group", choice(GROUPS, "group"), nullable=False),
        sa.Column("how", choice(["now", "daily", "weekly", "off"], "how"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_choice_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "message_group", name=op.f("pk_notice_choice")),
        sqlite_strict=True,
    )
    with rebuilt("notice") as table:
        table.add_column(sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("collapse_key", sa.String(length=100), server_default="", nullable=False))
        table.add_column(sa.Column("recheck", sa.String(length=40), server_default="", nullable=False))
        table.add_column(sa.Column("about_id", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("digest_id", sa.BigInteger(), nullable=True))
        table.create_foreign_key(op.f("fk_notice_digest_id_notice"), "notice", ["digest_id"], ["id"])
        table.drop_constraint(op.f("ck_notice_noticestatus"), type_="check")
        table.create_check_constraint(op.f("ck_notice_noticestatus"), one_of(STATUSES + NEW_STATUSES))
        table.create_check_constraint(
            op.f("ck_notice_digested_has_a_digest"), "(status = 'digested') = (digest_id IS NOT NULL)"
        )
        table.create_check_constraint(
            op.f("ck_notice_rechecked_is_about_something"), "recheck = '' OR about_id IS NOT NULL"
        )
    op.execute("UPDATE notice SET read_at = sent_at")


def downgrade():
    """What was held is sent at once; what the old statuses cannot say is given up."""
    op.execute("UPDATE notice SET digest_id = NULL, status = 'dead' WHERE status = 'digested'")
    op.execute("UPDATE notice SET status = 'waiting' WHERE status = 'held'")
    op.execute("UPDATE notice SET status = 'dead' WHERE status IN ('kept', 'dropped')")
    with rebuilt("notice") as table:
        for name in ("noticestatus", "digested_has_a_digest", "rechecked_is_about_something"):
            table.drop_constraint(op.f(f"ck_notice_{name}"), type_="check")
        table.create_check_constraint(op.f("ck_notice_noticestatus"), one_of(STATUSES))
        table.drop_constraint(op.f("fk_notice_digest_id_notice"), type_="foreignkey")
        for name in ("digest_id", "about_id", "recheck", "collapse_key", "read_at"):
            table.drop_column(name)
    op.drop_table("notice_choice")
