"""Who was shown whose record, exports of one's own data, what was erased, and indexes for the audit page.

There are more scopes than fitted into those of one token, so that column is wider.

New tables, and on audit_event two indexes in the place of two that begin alike. Safe while the old code runs: it
neither reads nor writes the tables, and the new indexes serve all that the old ones did. A row of record_read is
never changed or removed on either engine, as an event is not.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015_own_data"
down_revision = "0014_second_factor"
branch_labels = None
depends_on = None

KINDS = ("week", "balance", "hours", "posts", "correction", "agreement")
CLASSES = ("always", "access", "messages", "time", "decisions", "person")
INDEXES = (
    ["at", "id"],
    ["actor_id", "at", "id"],
    ["verb", "at", "id"],
    ["subject_type", "subject_id", "at", "id"],
)
OLD_INDEXES = (["actor_id"], ["subject_type", "subject_id"])
GUARDS = {
    "sqlite": [
        "CREATE TRIGGER record_read_no_update BEFORE UPDATE ON record_read "
        "BEGIN SELECT RAISE(ABORT, 'what was read is never changed'); END",
        "CREATE TRIGGER record_read_no_delete BEFORE DELETE ON record_read "
        "BEGIN SELECT RAISE(ABORT, 'what was read is never removed'); END",
    ],
    "postgresql": [
        "CREATE TRIGGER record_read_is_final BEFORE UPDATE OR DELETE ON record_read "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER record_read_stays BEFORE TRUNCATE ON record_read "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ],
}


def one_of(*values, name):
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def of_person(table, column):
    return sa.ForeignKeyConstraint([column], ["person.id"], name=op.f(f"fk_{table}_{column}_person"))


def exchange(old, new):
    """Put indexes of audit_event in the place of others."""
    for columns in old:
        op.drop_index(op.f(f"ix_audit_event_{'_'.join(columns)}"), table_name="audit_event")
    for columns in new:
        op.create_index(op.f(f"ix_audit_event_{'_'.join(columns)}"), "audit_event", columns)


def widen_scopes(length):
    """Make room for the scopes of a token; to SQLite they are text of any length."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("api_token", "scopes", type_=sa.String(length=length), existing_nullable=False)


def upgrade():
    op.create_table(
        "record_read",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reader_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", one_of(*KINDS, name="readkind"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reader_id != person_id", name=op.f("ck_record_read_somebody_elses")),
        of_person("record_read", "reader_id"),
        of_person("record_read", "person_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_read")),
        sa.UniqueConstraint(
            "person_id", "day", "reader_id", "kind", name=op.f("uq_record_read_person_id_day_reader_id_kind")
        ),
        sqlite_strict=True,
    )
    for column in ("reader_id", "person_id"):
        op.create_index(op.f(f"ix_record_read_{column}_id"), "record_read", [column, "id"])
    op.create_table(
        "own_export",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        of_person("own_export", "person_id"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_own_export")),
        sqlite_strict=True,
    )
    op.create_table(
        "erasure",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kept", one_of(*CLASSES, name="kept"), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        of_person("erasure", "person_id"),
        sa.PrimaryKeyConstraint("person_id", "kept", name=op.f("pk_erasure")),
        sqlite_strict=True,
    )
    exchange(OLD_INDEXES, INDEXES)
    widen_scopes(2000)
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade():
    exchange(INDEXES, OLD_INDEXES)
    widen_scopes(400)
    op.drop_table("erasure")
    op.drop_table("own_export")
    op.drop_table("record_read")
