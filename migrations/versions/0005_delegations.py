"""Who stands in for whom, roles that two people give, and two roles more.

New tables, and a wider check on the roles that may be given. Safe while the old code runs: it writes neither table and
neither role. Going back takes away the grants of the new roles, which the old check would refuse.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005_delegations"
down_revision = "0004_time_kinds"
branch_labels = None
depends_on = None

FORMER = ("hr_analyst", "hr_manager", "coordinator", "auditor", "administrator")
ADDED = ("finance", "rep")


def rebuilt(table):
    """Alter a table in place on PostgreSQL; on SQLite build it anew, STRICT as it was."""
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    return op.batch_alter_table(table, recreate=recreate, table_kwargs={"sqlite_strict": True})


def allow_roles(roles):
    with rebuilt("role_grant") as table:
        table.drop_constraint(op.f("ck_role_grant_role"), type_="check")
        listed = ", ".join(f"'{role}'" for role in roles)
        table.create_check_constraint(op.f("ck_role_grant_role"), f"role IN ({listed})")


def one_of(*values, name):
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade():
    allow_roles((*FORMER, *ADDED))
    op.create_table(
        "role_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", one_of(*FORMER, *ADDED, name="role"), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", one_of("confirmed", "refused", name="roleoutcome"), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_words", sa.String(length=500), server_default="", nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_role_request_ends_after_starting")),
        sa.CheckConstraint(
            "asked_by != person_id AND decided_by != person_id", name=op.f("ck_role_request_nobody_grants_their_own")
        ),
        sa.CheckConstraint("decided_by != asked_by", name=op.f("ck_role_request_two_people")),
        sa.CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name=op.f("ck_role_request_decided_has_a_time")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_role_request_decided_has_a_person")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_role_request_asked_by_person")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_role_request_decided_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_request_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_role_request_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_request")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_role_request_unit_id_asked_at"), "role_request", ["unit_id", "asked_at"])
    op.create_index(
        "uq_role_request_waiting",
        "role_request",
        ["person_id", "role", "unit_id"],
        unique=True,
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("manager_id", sa.Integer(), nullable=False),
        sa.Column("delegate_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_delegation_ends_after_starting")),
        sa.CheckConstraint("delegate_id != manager_id", name=op.f("ck_delegation_to_somebody_else")),
        sa.CheckConstraint("accepted_at IS NULL OR declined_at IS NULL", name=op.f("ck_delegation_answered_once")),
        sa.CheckConstraint("ended_by IS NULL OR ended_at IS NOT NULL", name=op.f("ck_delegation_ended_has_a_time")),
        sa.CheckConstraint("ended_at IS NULL OR declined_at IS NULL", name=op.f("ck_delegation_declined_never_ends")),
        sa.ForeignKeyConstraint(["delegate_id"], ["person.id"], name=op.f("fk_delegation_delegate_id_person")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_delegation_ended_by_person")),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_delegation_manager_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_delegation_delegate_id_ends_on"), "delegation", ["delegate_id", "ends_on"])
    op.create_index(op.f("ix_delegation_manager_id_ends_on"), "delegation", ["manager_id", "ends_on"])


def downgrade():
    op.drop_table("delegation")
    op.drop_table("role_request")
    op.execute("DELETE FROM role_grant WHERE role IN ('finance', 'rep')")
    allow_roles(FORMER)
