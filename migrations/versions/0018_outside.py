"""People from outside: who they are, who hosts them, which terms they accepted, and the projects they may see.

A column of person, false for every row, three tables, and triggers that keep whoever is from outside from holding a
post, a role, a delegation or a place among the members of a project. Safe while the old code runs: it writes none of
it. A later migration that builds one of these tables anew on SQLite has to make its triggers again, as this one does
for the words of names. Going back loses the stays; refuse to while somebody from outside is on record, for the old code
would take them for staff.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018_outside"
down_revision = "0017_project_flags"
branch_labels = None
depends_on = None

# As 0013 made them: rebuilding a table on SQLite loses its triggers.
SQLITE_WORDS = (
    "BEGIN DELETE FROM name_word WHERE person_id = NEW.id; "
    "INSERT INTO name_word (word, person_id) SELECT DISTINCT value, NEW.id FROM "
    "json_each('[' || replace(replace(json_quote(lower(NEW.name)), '-', ' '), ' ', '\",\"') || ']') "
    "WHERE value <> ''; END"
)
# For each table, the columns that never name somebody from outside.
STAFF_ONLY = {
    "assignment": ("person_id", "line_manager_id"),
    "role_grant": ("person_id",),
    "role_request": ("person_id", "asked_by", "decided_by"),
    "delegation": ("manager_id", "delegate_id"),
    "project": ("owner_id",),
    "project_member": ("person_id",),
    "outside_member": ("sponsor_id", "invited_by"),
}
REFUSAL = "somebody from outside may not be named here"


def rebuilt(table):
    """Alter a table in place on PostgreSQL; on SQLite build it anew, STRICT as it was."""
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    return op.batch_alter_table(table, recreate=recreate, table_kwargs={"sqlite_strict": True})


def run(statements):
    for statement in statements:
        op.execute(statement)


KINDS = ("week", "balance", "hours", "posts", "correction", "agreement")


def on_sqlite():
    return op.get_bind().dialect.name == "sqlite"


def keep_words():
    """Make the triggers of the table person again."""
    if on_sqlite():
        run([
            f"CREATE TRIGGER person_joins_words AFTER INSERT ON person {SQLITE_WORDS}",
            f"CREATE TRIGGER person_keeps_words AFTER UPDATE OF name ON person {SQLITE_WORDS}",
        ])  # fmt: skip


def sqlite_guards():
    for table, columns in STAFF_ONLY.items():
        named = ", ".join(f"NEW.{column}" for column in columns)
        when = f"WHEN EXISTS (SELECT 1 FROM person WHERE id IN ({named}) AND outside)"  # noqa: S608 names from above
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        yield f"CREATE TRIGGER {table}_takes_staff BEFORE INSERT ON {table} {when} {refuse}"
        yield f"CREATE TRIGGER {table}_keeps_staff BEFORE UPDATE OF {', '.join(columns)} ON {table} {when} {refuse}"
    yield (
        "CREATE TRIGGER person_stays_outside BEFORE UPDATE OF outside ON person WHEN NEW.outside <> OLD.outside "
        "BEGIN SELECT RAISE(ABORT, 'whether somebody is from outside never changes'); END"
    )
    for change in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER outside_terms_no_{change.lower()} BEFORE {change} ON outside_terms "
            "BEGIN SELECT RAISE(ABORT, 'published terms never change'); END"
        )


def postgres_guards():
    yield (
        "CREATE FUNCTION refuse_outsiders() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE named integer; BEGIN "
        "FOR named IN SELECT (to_jsonb(NEW) ->> unnest(TG_ARGV))::integer LOOP "
        "IF EXISTS (SELECT 1 FROM person WHERE id = named AND outside) THEN "
        "RAISE EXCEPTION 'somebody from outside may not be named here' USING ERRCODE = 'check_violation'; "
        "END IF; END LOOP; RETURN NEW; END $$"
    )
    for table, columns in STAFF_ONLY.items():
        arguments = ", ".join(f"'{column}'" for column in columns)
        yield (
            f"CREATE TRIGGER {table}_takes_staff BEFORE INSERT OR UPDATE OF {', '.join(columns)} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_outsiders({arguments})"
        )
    yield (
        "CREATE FUNCTION refuse_outside_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation'; END $$"
    )
    yield (
        "CREATE TRIGGER person_stays_outside BEFORE UPDATE OF outside ON person FOR EACH ROW "
        "WHEN (NEW.outside <> OLD.outside) "
        "EXECUTE FUNCTION refuse_outside_change('whether somebody is from outside never changes')"
    )
    yield (
        "CREATE TRIGGER outside_terms_stay BEFORE UPDATE OR DELETE ON outside_terms FOR EACH ROW "
        "EXECUTE FUNCTION refuse_outside_change('published terms never change')"
    )


def kinds_of_reads(*kinds):
    """Which records the notes of reading may name."""
    known = ", ".join(f"'{kind}'" for kind in kinds)
    with rebuilt("record_read") as table:
        table.drop_constraint(op.f("ck_record_read_readkind"), type_="check")
        table.create_check_constraint(op.f("ck_record_read_readkind"), sa.text(f"kind IN ({known})"))
    if on_sqlite():
        run([
            "CREATE TRIGGER record_read_no_update BEFORE UPDATE ON record_read "
            "BEGIN SELECT RAISE(ABORT, 'what was read is never changed'); END",
            "CREATE TRIGGER record_read_no_delete BEFORE DELETE ON record_read "
            "BEGIN SELECT RAISE(ABORT, 'what was read is never removed'); END",
        ])  # fmt: skip


def to(table, column, target="person"):
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def moment(name, *, nullable=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade():
    with rebuilt("person") as table:
        table.add_column(sa.Column("outside", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        table.create_check_constraint(
            op.f("ck_person_outside_has_an_end"), sa.text("NOT outside OR leaves_on IS NOT NULL")
        )
        table.create_check_constraint(
            op.f("ck_person_outside_has_no_number"), sa.text("NOT outside OR staff_number IS NULL")
        )
    keep_words()
    kinds_of_reads(*KINDS, "outside")
    add_members()
    op.create_table(
        "outside_terms",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=True),
        moment("published_at", nullable=False),
        sa.CheckConstraint("version >= 2", name=op.f("ck_outside_terms_version_from_two")),
        to("outside_terms", "published_by"),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_outside_terms")),
        sqlite_strict=True,
    )
    op.create_table(
        "project_guest",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.CheckConstraint("left_on >= joined_on", name=op.f("ck_project_guest_left_after_joining")),
        to("project_guest", "project_id", "project"),
        to("project_guest", "person_id"),
        sa.PrimaryKeyConstraint("project_id", "person_id", name=op.f("pk_project_guest")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_project_guest_person_id"), "project_guest", ["person_id"])
    run(sqlite_guards() if on_sqlite() else postgres_guards())


def add_members():
    op.create_table(
        "outside_member",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(120), nullable=False),
        sa.Column("sponsor_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=True),
        moment("invited_at", nullable=False),
        moment("handed_on_at"),
        sa.Column("terms_version", sa.Integer(), nullable=True),
        moment("accepted_at"),
        moment("ended_at"),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "sponsor_id IS NOT NULL OR handed_on_at IS NOT NULL", name=op.f("ck_outside_member_hosted_or_handed_on")
        ),
        sa.CheckConstraint("sponsor_id != person_id", name=op.f("ck_outside_member_nobody_hosts_themselves")),
        sa.CheckConstraint(
            "(terms_version IS NULL) = (accepted_at IS NULL)", name=op.f("ck_outside_member_accepted_has_a_time")
        ),
        sa.CheckConstraint("ended_by IS NULL OR ended_at IS NOT NULL", name=op.f("ck_outside_member_ended_has_a_time")),
        *(to("outside_member", column) for column in ("person_id", "sponsor_id", "invited_by", "ended_by")),
        to("outside_member", "unit_id", "unit"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_outside_member")),
        sqlite_strict=True,
    )
    for column in ("sponsor_id", "unit_id"):
        op.create_index(op.f(f"ix_outside_member_{column}_person_id"), "outside_member", [column, "person_id"])


def downgrade():
    somebody = op.get_bind().execute(sa.text("SELECT count(*) FROM person WHERE outside")).scalar()
    if somebody:
        raise SystemExit(f"{somebody} people from outside are on record. Erase them first")
    for table in STAFF_ONLY:
        for verb in ("takes", "keeps") if on_sqlite() else ("takes",):
            op.execute(f"DROP TRIGGER {table}_{verb}_staff" + ("" if on_sqlite() else f" ON {table}"))
    if on_sqlite():
        run(["DROP TRIGGER person_stays_outside"])
    else:
        run(["DROP TRIGGER person_stays_outside ON person"])
    for table in ("project_guest", "outside_terms", "outside_member"):
        op.drop_table(table)
    if not on_sqlite():
        run(["DROP FUNCTION refuse_outsiders", "DROP FUNCTION refuse_outside_change"])
    with rebuilt("person") as table:
        for name in ("has_an_end", "has_no_number"):
            table.drop_constraint(op.f(f"ck_person_outside_{name}"), type_="check")
        table.drop_column("outside")
    keep_words()
    kinds_of_reads(*KINDS)
