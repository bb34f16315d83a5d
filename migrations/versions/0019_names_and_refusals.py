"""Names without marks to search by, refusals that the audit has had, two more kinds of record somebody may be shown.

Indexes of assignment give way to two that begin alike and hold more. The words of all names are made anew. On SQLite the triggers that keep them call `fold`, which the application gives
its connections: stop the old code first, which knows no such function and could then neither add nor rename people.
On PostgreSQL it is safe while the old code runs, which finds names without marks meanwhile, as the new code does.
The table record_read is built anew on SQLite, so its triggers are made again. Going back removes what was noted of the
new kinds.
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0019_names_and_refusals"
down_revision = "0018_outside"
branch_labels = None
depends_on = None

INDEXES = (["person_id", "starts_on", "ends_on"], ["unit_id", "starts_on", "ends_on", "person_id"])
OLD_INDEXES = (["person_id", "starts_on"], ["unit_id"])
KIND = "ck_record_read_readkind"
KINDS = "'week', 'balance', 'hours', 'posts', 'correction', 'agreement', 'outside'"
MORE = "'role', 'event'"
GUARDS = {
    "sqlite": {
        "record_read_no_update": "BEFORE UPDATE ON record_read BEGIN "
        "SELECT RAISE(ABORT, 'what was read is never changed'); END",
        "record_read_no_delete": "BEFORE DELETE ON record_read BEGIN "
        "SELECT RAISE(ABORT, 'what was read is never removed'); END",
    },
    "postgresql": {
        "record_read_is_final": "BEFORE UPDATE OR DELETE ON record_read FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "record_read_stays": "BEFORE TRUNCATE ON record_read FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    },
}

# The same letters as tithe/kernel/letters.py folds: a test compares the two.
RANGES = ((0x00C0, 0x0250), (0x0300, 0x0370), (0x0370, 0x0400), (0x0400, 0x0500), (0x1E00, 0x1F00))
OTHERS = {
    "ß": "ss", "ẞ": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "đ": "d", "ł": "l", "ø": "o", "ħ": "h", "ŧ": "t",
    "ŋ": "n", "ı": "i", "ſ": "s", "ς": "σ",
}  # fmt: skip
NOTHING = "'`´‘’‛ʻʼʹ"
BETWEEN = "-‐‑‒–—\u00a0"

KEPT = {
    "sqlite": "BEGIN DELETE FROM name_word WHERE person_id = NEW.id; "
    "INSERT INTO name_word (word, person_id) SELECT DISTINCT substr(value, 1, 120), NEW.id FROM "
    "json_each('[' || replace(json_quote({small}), ' ', '\",\"') || ']') WHERE value <> ''; END",
    "postgresql": "CREATE OR REPLACE FUNCTION keep_name_words() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "DELETE FROM name_word WHERE person_id = NEW.id; "
    "INSERT INTO name_word (word, person_id) SELECT DISTINCT left(word, 120), NEW.id "
    "FROM regexp_split_to_table({small}, ' ') AS word WHERE word <> ''; RETURN NULL; END $$",
}


def plain(letter):
    """What a letter is found by: small, without marks."""

    def bare(text):
        return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))

    return "".join(OTHERS.get(each, each) for each in bare(bare(letter).lower()) if each not in NOTHING)


def fold_on_postgresql():
    """The function that gives PostgreSQL what `fold` is in Python. Most names have no letter that is not ASCII."""
    letters = {chr(code): plain(chr(code)) for first, end in RANGES for code in range(first, end)} | OTHERS
    letters |= dict.fromkeys(BETWEEN, " ")
    changed = {letter: to for letter, to in letters.items() if letter != to}
    single = {letter: to for letter, to in changed.items() if len(to) == 1}
    removed = [letter for letter, to in changed.items() if not to] + list(NOTHING)
    source = "".join([*single, *removed]).replace("'", "''")
    small = f"translate(small, '{source}', '{''.join(single.values())}')"
    for letter, to in changed.items():
        if len(to) > 1:
            small = f"replace({small}, '{letter}', '{to}')"
    op.execute(
        "CREATE FUNCTION fold(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$ "
        "DECLARE small text := translate(lower(name COLLATE \"C\"), '-''`', ' '); "
        f"BEGIN IF small ~ '[^ -~]' THEN RETURN {small}; END IF; RETURN small; END $$"
    )


def keep_words(small):
    """Let triggers keep the words of names as this expression makes them small, and make all of them anew."""
    if op.get_bind().dialect.name == "sqlite":
        body = KEPT["sqlite"].format(small=small)
        for name, when in (("person_joins_words", "INSERT"), ("person_keeps_words", "UPDATE OF name")):
            op.execute(f"DROP TRIGGER {name}")
            op.execute(f"CREATE TRIGGER {name} AFTER {when} ON person {body}")
    else:
        op.execute(KEPT["postgresql"].format(small=small))
    op.execute("UPDATE person SET name = name")


def rebuilt(table):
    """Alter a table in place on PostgreSQL; on SQLite build it anew, STRICT as it was."""
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    return op.batch_alter_table(table, recreate=recreate, table_kwargs={"sqlite_strict": True})


def allow(kinds):
    """Let record_read hold these kinds and no others."""
    with rebuilt("record_read") as table:
        table.drop_constraint(op.f(KIND), type_="check")
        table.create_check_constraint(op.f(KIND), f"kind IN ({kinds})")


def without_guards():
    on = " ON record_read" if op.get_bind().dialect.name == "postgresql" else ""
    for name in GUARDS[op.get_bind().dialect.name]:
        op.execute(f"DROP TRIGGER {name}{on}")


def guarded():
    for name, rule in GUARDS[op.get_bind().dialect.name].items():
        op.execute(f"CREATE TRIGGER {name} {rule}")


def exchange(old, new):
    """Put indexes of assignment in the place of others that begin alike."""
    for columns in old:
        op.drop_index(op.f(f"ix_assignment_{'_'.join(columns)}"), table_name="assignment")
    for columns in new:
        op.create_index(op.f(f"ix_assignment_{'_'.join(columns)}"), "assignment", columns)


def upgrade():
    exchange(OLD_INDEXES, INDEXES)
    if op.get_bind().dialect.name == "postgresql":
        fold_on_postgresql()
    keep_words("fold(NEW.name)")
    without_guards()
    allow(f"{KINDS}, {MORE}")
    guarded()
    op.create_table(
        "refusal",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("bucket", sa.String(length=64), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(key) = 64", name=op.f("ck_refusal_key_is_a_hash")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_refusal")),
        sqlite_strict=True,
    )
    for column in ("bucket", "noted_at"):
        op.create_index(op.f(f"ix_refusal_{column}"), "refusal", [column])


def downgrade():
    exchange(INDEXES, OLD_INDEXES)
    keep_words("replace(lower(NEW.name), '-', ' ')")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION fold(text)")
    op.drop_table("refusal")
    without_guards()
    op.execute("DELETE FROM record_read WHERE kind IN ('role', 'event')")
    allow(KINDS)
    guarded()
