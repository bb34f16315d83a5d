"""Everything that decides an allowance: absences, dated hours, moves, calendars, blackouts, corrections, closed quarters.

New tables, new columns that may be empty, and two rules of the ledger: minutes carried in have a quarter they die at
the end of, and a debt may be carried out. A withdrawn policy leaves room for another on its date. Safe while the old
code runs: it writes none of the new columns and no line that the new rules refuse.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002_allowance"
down_revision = "0001_first_tables"
branch_labels = None
depends_on = None

GUARDS = {
    "sqlite": [
        "CREATE TRIGGER ledger_line_not_in_a_closed_quarter BEFORE INSERT ON ledger_line "
        "WHEN EXISTS (SELECT 1 FROM period WHERE quarter = NEW.quarter) "
        "BEGIN SELECT RAISE(ABORT, 'nothing is posted to a closed quarter'); END",
    ],
    "postgresql": [
        "CREATE FUNCTION refuse_closed_quarter() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF EXISTS (SELECT 1 FROM period WHERE quarter = NEW.quarter) THEN "
        "RAISE EXCEPTION 'nothing is posted to a closed quarter' USING ERRCODE = 'integrity_constraint_violation'; "
        "END IF; RETURN NEW; END $$",
        "CREATE TRIGGER ledger_line_not_in_a_closed_quarter BEFORE INSERT ON ledger_line "
        "FOR EACH ROW EXECUTE FUNCTION refuse_closed_quarter()",
    ],
}
UNGUARDED = {
    "sqlite": ["DROP TRIGGER ledger_line_not_in_a_closed_quarter"],
    "postgresql": [
        "DROP TRIGGER ledger_line_not_in_a_closed_quarter ON ledger_line",
        "DROP FUNCTION refuse_closed_quarter()",
    ],
}


def rebuilt(table):
    """Alter a table in place on PostgreSQL; on SQLite build it anew, STRICT as it was."""
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    return op.batch_alter_table(table, recreate=recreate, table_kwargs={"sqlite_strict": True})


def upgrade():
    op.create_table(
        "holiday_calendar",
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("copied_from", sa.String(length=30), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_holiday_calendar")),
        sqlite_strict=True,
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reduces_accrual", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("source_key", sa.String(length=255), nullable=False),
        sa.CheckConstraint("source IN ('own', 'csv', 'ical')", name=op.f("ck_absence_known_source")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name=op.f("ck_absence_minutes_in_a_day")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absence_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
        sa.UniqueConstraint(
            "person_id", "day", "source", "source_key", name=op.f("uq_absence_person_id_day_source_source_key")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "adjustment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("applies_to", sa.String(length=9), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "posted",
                "refused",
                name="adjustmentstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_words", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "(status = 'proposed') = (decided_at IS NULL)", name=op.f("ck_adjustment_decided_has_a_time")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_adjustment_decided_has_a_person")
        ),
        sa.CheckConstraint(
            "decided_by != person_id AND proposed_by != person_id", name=op.f("ck_adjustment_nobody_adjusts_their_own")
        ),
        sa.CheckConstraint("decided_by != proposed_by", name=op.f("ck_adjustment_two_people")),
        sa.CheckConstraint("minutes != 0", name=op.f("ck_adjustment_moves_something")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_adjustment_decided_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_adjustment_person_id_person")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_adjustment_proposed_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("adjustment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_adjustment_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_adjustment_status_id"), ["status", "id"], unique=False)

    op.create_table(
        "blackout_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column(
            "ground",
            sa.Enum(
                "deadline",
                "peak",
                "incident",
                "reorganisation",
                "election",
                name="blackoutground",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("last_day >= starts_on", name=op.f("ck_blackout_period_ends_after_starting")),
        sa.ForeignKeyConstraint(["set_by"], ["person.id"], name=op.f("fk_blackout_period_set_by_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_blackout_period_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blackout_period")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("blackout_period", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_blackout_period_unit_id_starts_on"), ["unit_id", "starts_on"], unique=False
        )

    op.create_table(
        "calendar_day",
        sa.Column("calendar", sa.String(length=30), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "bank",
                "privilege",
                "local",
                "one_off",
                name="daykind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["calendar"], ["holiday_calendar.code"], name=op.f("fk_calendar_day_calendar_holiday_calendar")
        ),
        sa.PrimaryKeyConstraint("calendar", "day", name=op.f("pk_calendar_day")),
        sqlite_strict=True,
    )
    op.create_table(
        "outward_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("share_bp", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_day >= starts_on", name=op.f("ck_outward_move_ends_after_starting")),
        sa.CheckConstraint("share_bp BETWEEN 1 AND 10000", name=op.f("ck_outward_move_share_of_the_whole")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_outward_move_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outward_move")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("outward_move", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outward_move_person_id_starts_on"), ["person_id", "starts_on"], unique=False
        )

    op.create_table(
        "pattern_day",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 0 AND 1440", name=op.f("ck_pattern_day_minutes_in_a_day")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pattern_day_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "day", name=op.f("pk_pattern_day")),
        sqlite_strict=True,
    )
    op.create_table(
        "period",
        sa.Column("quarter", sa.String(length=9), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("locked_at >= closed_at", name=op.f("ck_period_locked_after_closing")),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_period_closed_by_person")),
        sa.PrimaryKeyConstraint("quarter", name=op.f("pk_period")),
        sqlite_strict=True,
    )
    op.create_table(
        "protection",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.String(length=9), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("source_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_protection_never_negative")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_protection_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "quarter", "source", "source_id", name=op.f("pk_protection")),
        sqlite_strict=True,
    )
    op.add_column("person", sa.Column("probation_ends_on", sa.Date(), nullable=True))
    with rebuilt("ledger_line") as table:
        table.add_column(sa.Column("applies_to", sa.String(length=9), nullable=True))
        table.add_column(sa.Column("expires", sa.String(length=9), nullable=True))
        table.drop_constraint(op.f("ck_ledger_line_spending_is_negative"), type_="check")
        table.create_check_constraint(
            op.f("ck_ledger_line_spending_is_negative"), "kind NOT IN ('use', 'lapse', 'hold') OR minutes < 0"
        )
        table.create_check_constraint(
            op.f("ck_ledger_line_carried_minutes_expire"),
            "(expires IS NOT NULL) = (kind = 'carry_in' AND minutes > 0)",
        )
    with rebuilt("tithe_policy") as table:
        table.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("withdrawn_by", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_tithe_policy_withdrawn_by_person"), "person", ["withdrawn_by"], ["id"])
        table.create_check_constraint(
            op.f("ck_tithe_policy_withdrawn_has_a_time"), "withdrawn_by IS NULL OR withdrawn_at IS NOT NULL"
        )
        table.drop_constraint(op.f("uq_tithe_policy_unit_id_starts_on"), type_="unique")
    op.create_index(
        "uq_tithe_policy_in_force",
        "tithe_policy",
        ["unit_id", "starts_on"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade():
    for statement in UNGUARDED[op.get_bind().dialect.name]:
        op.execute(statement)
    op.drop_index("uq_tithe_policy_in_force", "tithe_policy")
    op.execute("DELETE FROM tithe_policy WHERE withdrawn_at IS NOT NULL")
    with rebuilt("tithe_policy") as table:
        table.drop_constraint(op.f("ck_tithe_policy_withdrawn_has_a_time"), type_="check")
        table.drop_constraint(op.f("fk_tithe_policy_withdrawn_by_person"), type_="foreignkey")
        table.drop_column("withdrawn_by")
        table.drop_column("withdrawn_at")
        table.create_unique_constraint(op.f("uq_tithe_policy_unit_id_starts_on"), ["unit_id", "starts_on"])
    with rebuilt("ledger_line") as table:
        table.drop_constraint(op.f("ck_ledger_line_carried_minutes_expire"), type_="check")
        table.drop_constraint(op.f("ck_ledger_line_spending_is_negative"), type_="check")
        table.drop_column("expires")
        table.drop_column("applies_to")
        table.create_check_constraint(
            op.f("ck_ledger_line_spending_is_negative"), "kind NOT IN ('use', 'carry_out', 'lapse') OR minutes < 0"
        )
    op.drop_column("person", "probation_ends_on")
    op.drop_table("protection")
    op.drop_table("period")
    op.drop_table("pattern_day")
    with op.batch_alter_table("outward_move", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outward_move_person_id_starts_on"))

    op.drop_table("outward_move")
    op.drop_table("calendar_day")
    with op.batch_alter_table("blackout_period", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_blackout_period_unit_id_starts_on"))

    op.drop_table("blackout_period")
    with op.batch_alter_table("adjustment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_adjustment_status_id"))
        batch_op.drop_index(batch_op.f("ix_adjustment_person_id"))

    op.drop_table("adjustment")
    op.drop_table("absence")
    op.drop_table("holiday_calendar")
