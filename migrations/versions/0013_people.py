"""The directory: words of names to search by, skills, and people in the order of their names.

Two new tables and an index, all filled from what is there. Safe while the old code runs: triggers keep the words,
whoever changes a name. A later migration that builds the table person anew on SQLite has to make the triggers again.
Going back loses the skills.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013_people"
down_revision = "0012_deciding"
branch_labels = None
depends_on = None

WORDS = sa.String(120).with_variant(sa.String(120, collation="C"), "postgresql")

# Names with a hyphen are found by either half. SQLite has no other way to split words than to read them as JSON.
SQLITE_WORDS = (
    "BEGIN DELETE FROM name_word WHERE person_id = NEW.id; "
    "INSERT INTO name_word (word, person_id) SELECT DISTINCT value, NEW.id FROM "
    "json_each('[' || replace(replace(json_quote(lower(NEW.name)), '-', ' '), ' ', '\",\"') || ']') "
    "WHERE value <> ''; END"
)
KEPT = {
    "sqlite": [
        f"CREATE TRIGGER person_joins_words AFTER INSERT ON person {SQLITE_WORDS}",
        f"CREATE TRIGGER person_keeps_words AFTER UPDATE OF name ON person {SQLITE_WORDS}",
    ],
    "postgresql": [
        "CREATE FUNCTION keep_name_words() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "DELETE FROM name_word WHERE person_id = NEW.id; "
        "INSERT INTO name_word (word, person_id) SELECT DISTINCT word, NEW.id "
        "FROM regexp_split_to_table(replace(lower(NEW.name), '-', ' '), ' ') AS word WHERE word <> ''; "
        "RETURN NULL; END $$",
        "CREATE TRIGGER person_keeps_words AFTER INSERT OR UPDATE OF name ON person "
        "FOR EACH ROW EXECUTE FUNCTION keep_name_words()",
    ],
}
DROPPED = {
    "sqlite": ["DROP TRIGGER person_joins_words", "DROP TRIGGER person_keeps_words"],
    "postgresql": ["DROP TRIGGER person_keeps_words ON person", "DROP FUNCTION keep_name_words"],
}


def of_person(table):
    return sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id_person"))


def upgrade():
    op.create_table(
        "name_word",
        sa.Column("word", WORDS, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        of_person("name_word"),
        sa.PrimaryKeyConstraint("word", "person_id", name=op.f("pk_name_word")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_name_word_person_id"), "name_word", ["person_id"])
    op.create_table(
        "person_skill",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("skill", sa.String(120), nullable=False),
        of_person("person_skill"),
        sa.PrimaryKeyConstraint("person_id", "key", name=op.f("pk_person_skill")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_person_skill_key_person_id"), "person_skill", ["key", "person_id"])
    op.create_index(op.f("ix_person_name_id"), "person", ["name", "id"])
    for statement in KEPT[op.get_bind().dialect.name]:
        op.execute(statement)
    op.execute("UPDATE person SET name = name")


def downgrade():
    for statement in DROPPED[op.get_bind().dialect.name]:
        op.execute(statement)
    op.drop_index(op.f("ix_person_name_id"), table_name="person")
    op.drop_table("person_skill")
    op.drop_table("name_word")
