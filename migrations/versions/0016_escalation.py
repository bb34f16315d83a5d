"""Weeks nobody decides in time move on, entries may have to be put right, and a return may be reviewed.

A column of week, "manager" for every row, one of time_entry, empty for every row, and tables of their own. Safe while
the old code runs: it reads and writes none of them. Going back loses where weeks went and what was reviewed; weeks
wait where they are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016_escalation"
down_revision = "0015_own_data"
branch_labels = None
depends_on = None


def rebuilt(table):
    """Alter a table in place on PostgreSQL; on SQLite build it anew, STRICT as it was."""
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    return op.batch_alter_table(table, recreate=recreate, table_kwargs={"sqlite_strict": True})


def stages():
    """How far a week has moved, checked in each table by the same name."""
    names = ("manager", "countersigner", "coordinator")
    return sa.Enum(*names, name="stage", native_enum=False, create_constraint=True, length=20)


def upgrade():
    with rebuilt("week") as table:
        table.add_column(sa.Column("stage", stages(), server_default="manager", nullable=False))
        table.create_check_constraint(op.f("ck_week_drafts_begin_again"), "status != 'draft' OR stage = 'manager'")
        table.create_check_constraint(
            op.f("ck_week_coordinators_share_a_queue"), "stage != 'coordinator' OR approver_id IS NULL"
        )
    with rebuilt("time_entry") as table:
        table.add_column(sa.Column("fix_by", sa.Date(), nullable=True))
        table.create_index(op.f("ix_time_entry_fix_by"), ["fix_by"], **to_fix())
    op.create_table(
        "escalation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("stage", stages(), nullable=False),
        sa.Column("due_was", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("from_id != to_id", name=op.f("ck_escalation_goes_to_another")),
        sa.CheckConstraint(
            "(stage = 'coordinator') = (to_id IS NULL)", name=op.f("ck_escalation_coordinators_share_a_queue")
        ),
        sa.CheckConstraint("stage != 'manager'", name=op.f("ck_escalation_never_goes_down")),
        sa.ForeignKeyConstraint(["from_id"], ["person.id"], name=op.f("fk_escalation_from_id_person")),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"], name=op.f("fk_escalation_to_id_person")),
        sa.ForeignKeyConstraint(["week_id"], ["week.id"], name=op.f("fk_escalation_week_id_week")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
        sa.UniqueConstraint("week_id", "version", name=op.f("uq_escalation_week_id_version")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_escalation_from_id_at"), "escalation", ["from_id", "at"])
    add_reviews()


def one_of(*values, name):
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def outcomes():
    return one_of("uphold", "vary", "overturn", name="reviewoutcome")


def add_reviews():
    op.create_table(
        "review_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("stage", one_of("countersigner", "panel", name="reviewstage"), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("outcome", outcomes(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(words) >= 40", name=op.f("ck_review_request_says_why")),
        sa.CheckConstraint(
            "(stage = 'panel') = (reviewer_id IS NULL)", name=op.f("ck_review_request_panels_have_no_reviewer")
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (settled_at IS NULL)", name=op.f("ck_review_request_settled_has_a_time")
        ),
        sa.CheckConstraint("outcome IS NULL OR length(reason) >= 40", name=op.f("ck_review_request_settled_has_words")),
        sa.ForeignKeyConstraint(["week_id"], ["week.id"], name=op.f("fk_review_request_week_id_week")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_review_request_reviewer_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_review_request_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_request")),
        sa.UniqueConstraint("week_id", "version", "stage", name=op.f("uq_review_request_week_id_version_stage")),
        sqlite_strict=True,
    )
    for column in ("reviewer_id", "unit_id"):
        op.create_index(op.f(f"ix_review_request_{column}_settled_at"), "review_request", [column, "settled_at"])
    op.create_table(
        "panel_opinion",
        sa.Column("week_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seat", one_of("hr_manager", "coordinator", name="panelseat"), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("outcome", outcomes(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(reason) >= 40", name=op.f("ck_panel_opinion_says_why")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_panel_opinion_person_id_person")),
        sa.ForeignKeyConstraint(["week_id"], ["week.id"], name=op.f("fk_panel_opinion_week_id_week")),
        sa.PrimaryKeyConstraint("week_id", "version", "seat", name=op.f("pk_panel_opinion")),
        sa.UniqueConstraint("week_id", "version", "person_id", name=op.f("uq_panel_opinion_week_id_version_person_id")),
        sqlite_strict=True,
    )


def to_fix():
    """The index holds only the few entries that are to be put right."""
    only = sa.text("fix_by IS NOT NULL")
    return {"sqlite_where": only, "postgresql_where": only}


def downgrade():
    op.drop_table("panel_opinion")
    op.drop_table("review_request")
    op.drop_table("escalation")
    with rebuilt("time_entry") as table:
        table.drop_index(op.f("ix_time_entry_fix_by"))
        table.drop_column("fix_by")
    with rebuilt("week") as table:
        table.drop_constraint(op.f("ck_week_drafts_begin_again"), type_="check")
        table.drop_constraint(op.f("ck_week_coordinators_share_a_queue"), type_="check")
        table.drop_constraint(op.f("ck_week_stage"), type_="check")
        table.drop_column("stage")
