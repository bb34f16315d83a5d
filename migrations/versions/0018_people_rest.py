"""Two more kinds of record that somebody may be shown: roles, and what is on the audit.

Safe while the old code runs: it writes neither. On SQLite the table record_read is built anew, so its triggers are
made again. Going back removes what was noted of those kinds.
"""

from alembic import op

revision = "0018_people_rest"
down_revision = "0016_escalation"
branch_labels = None
depends_on = None

KIND = "ck_record_read_readkind"
KINDS = "'week', 'balance', 'hours', 'posts', 'correction', 'agreement'"
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


def upgrade():
    without_guards()
    allow(f"{KINDS}, {MORE}")
    guarded()


def downgrade():
    without_guards()
    op.execute("DELETE FROM record_read WHERE kind IN ('role', 'event')")
    allow(KINDS)
    guarded()
