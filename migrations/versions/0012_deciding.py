"""How a week was decided and for whom, and questions to its owner.

Two columns of decision, "manager" and nobody for every row, and a table of its own. Safe while the old code runs: it
reads none of them, and every decision it makes is somebody's own. Going back loses the questions.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012_deciding"
down_revision = "0011_imports"
branch_labels = None
depends_on = None

HOW = sa.Enum(
    "manager",
    "delegate",
    "countersigner",
    "queue",
    "deemed",
    "agreement",
    "review",
    name="decisionhow",
    native_enum=False,
    create_constraint=True,
    length=20,
)
CHECKS = {
    "ck_decision_rules_are_nobody": "decided_by IS NULL OR how NOT IN ('deemed', 'agreement')",
    "ck_decision_delegate_has_a_manager": "(how = 'delegate') = (on_behalf_of IS NOT NULL)",
    "ck_decision_nobody_stands_in_for_themselves": "on_behalf_of != decided_by",
}


def rebuilt(table):
    """Alter a table in place on PostgreSQL; on SQLite build it anew, STRICT as it was."""
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    return op.batch_alter_table(table, recreate=recreate, table_kwargs={"sqlite_strict": True})


def upgrade():
    with rebuilt("decision") as table:
        table.add_column(sa.Column("how", HOW, server_default="manager", nullable=False))
        table.add_column(sa.Column("on_behalf_of", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_decision_on_behalf_of_person"), "person", ["on_behalf_of"], ["id"])
        for name, condition in CHECKS.items():
            table.create_check_constraint(op.f(name), condition)
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("due_was", sa.Date(), nullable=False),
        sa.Column("answer", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(words) BETWEEN 1 AND 1000", name=op.f("ck_question_words_fit")),
        sa.CheckConstraint("(answered_at IS NULL) = (answer = '')", name=op.f("ck_question_answered_has_words")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_question_asked_by_person")),
        sa.ForeignKeyConstraint(["week_id"], ["week.id"], name=op.f("fk_question_week_id_week")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("week_id", "version", name=op.f("uq_question_week_id_version")),
        sqlite_strict=True,
    )


def downgrade():
    op.drop_table("question")
    with rebuilt("decision") as table:
        for name in CHECKS:
            table.drop_constraint(op.f(name), type_="check")
        table.drop_constraint(op.f("ck_decision_decisionhow"), type_="check")
        table.drop_constraint(op.f("fk_decision_on_behalf_of_person"), type_="foreignkey")
        table.drop_column("on_behalf_of")
        table.drop_column("how")
