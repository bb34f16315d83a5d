"""Time planned ahead, and what people and their managers agree in advance.

New tables only. Safe while the old code runs: it neither reads nor writes them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009_plans"
down_revision = "0008_idempotency"
branch_labels = None
depends_on = None


def one_of(*values, name):
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def add_plan():
    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("shape", one_of("rhythm", "burst", "day", name="planshape"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_day >= starts_on", name=op.f("ck_plan_ends_after_starting")),
        sa.CheckConstraint("weekdays BETWEEN 0 AND 127", name=op.f("ck_plan_weekdays_of_a_week")),
        sa.CheckConstraint("every_weeks BETWEEN 1 AND 4", name=op.f("ck_plan_every_few_weeks")),
        sa.CheckConstraint("shape != 'rhythm' OR weekdays > 0", name=op.f("ck_plan_rhythm_has_days")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_plan_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_plan_person_id"), "plan", ["person_id"])


def add_block():
    kinds = one_of("tithe", "help", "secondment", "learning", name="timekind")
    op.create_table(
        "planned_block",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("kind", kinds, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("status", one_of("planned", "done", "dropped", name="blockstatus"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name=op.f("ck_planned_block_minutes_in_a_day")),
        sa.CheckConstraint(
            "(kind = 'tithe') = (project_id IS NOT NULL)", name=op.f("ck_planned_block_tithe_has_a_project")
        ),
        sa.CheckConstraint(
            "(status = 'planned') = (settled_at IS NULL)", name=op.f("ck_planned_block_settled_has_a_time")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_planned_block_plan_id_plan")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_planned_block_person_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_planned_block_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_block")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_planned_block_plan_id"), "planned_block", ["plan_id"])
    op.create_index(op.f("ix_planned_block_person_id_day"), "planned_block", ["person_id", "day"])
    for name, last, where in (
        ("project", "project_id", "status = 'planned'"),
        ("kind", "kind", "status = 'planned' AND project_id IS NULL"),
    ):
        op.create_index(
            f"uq_planned_block_{name}",
            "planned_block",
            ["person_id", "day", last],
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def add_request():
    grounds = ("cover", "service", "blackout", "reorganisation", "safety")
    statuses = one_of("asked", "agreed", "refused", "withdrawn", "ended", name="requeststatus")
    op.create_table(
        "tithe_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("shape", one_of("rhythm", "burst", name="requestshape"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("week_minutes", sa.Integer(), nullable=False),
        sa.Column("project_ids", sa.JSON(), nullable=False),
        sa.Column("duties", sa.String(length=500), nullable=False),
        sa.Column("status", statuses, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("ground", one_of(*grounds, name="refusalground"), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_from", sa.Date(), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_tithe_request_{name}"))
            for name, rule in {
                "ends_after_starting": "last_day >= starts_on",
                "weekdays_of_a_week": "weekdays BETWEEN 1 AND 127",
                "minutes_in_a_week": "week_minutes BETWEEN 1 AND 10080",
                "nobody_agrees_with_themselves": "decided_by != person_id",
                "decided_at": "(status IN ('agreed', 'refused', 'ended')) = (decided_at IS NOT NULL)",
                "decided_has_a_person": "(decided_at IS NULL) = (decided_by IS NULL)",
                "refused_has_a_ground": "(status = 'refused') = (ground IS NOT NULL)",
                "refused_has_words": "status != 'refused' OR length(reason) >= 40",
                "ended_has_a_day": "(status = 'ended') = (ended_from IS NOT NULL)",
                "ended_has_a_person": "(ended_from IS NULL) = (ended_by IS NULL)",
            }.items()
        ),
        *(
            sa.ForeignKeyConstraint([column], ["person.id"], name=op.f(f"fk_tithe_request_{column}_person"))
            for column in ("person_id", "decided_by", "ended_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tithe_request")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_tithe_request_person_id_status"), "tithe_request", ["person_id", "status"])


def upgrade():
    add_plan()
    add_block()
    add_request()


def downgrade():
    op.drop_table("tithe_request")
    op.drop_table("planned_block")
    op.drop_table("plan")
