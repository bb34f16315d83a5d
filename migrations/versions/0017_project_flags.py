"""Projects can be flagged, cleared and stopped.

A status and a column of project, empty for every row, and a table of its own. Safe while the old code runs: it reads
and writes none of them. Going back loses the flags; a project that was stopped takes time again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017_project_flags"
down_revision = "0016_escalation"
branch_labels = None
depends_on = None

STATUS, STOPPED = "ck_project_projectstatus", "ck_project_stopped_has_a_day"


def rebuilt(table):
    """Alter a table in place on PostgreSQL; on SQLite build it anew, STRICT as it was."""
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    return op.batch_alter_table(table, recreate=recreate, table_kwargs={"sqlite_strict": True})


def one_of(*values, name):
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade():
    with rebuilt("project") as table:
        table.drop_constraint(op.f(STATUS), type_="check")
        table.add_column(sa.Column("closed_on", sa.Date(), nullable=True))
        table.create_check_constraint(op.f(STATUS), "status IN ('draft', 'registered', 'stopped')")
        table.create_check_constraint(op.f(STOPPED), "(status = 'stopped') = (closed_on IS NOT NULL)")
    op.create_table(
        "project_flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("ground", one_of("conflict", "security", "scope", "first_look", name="flagground"), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("raised_by", sa.Integer(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", one_of("cleared", "stopped", name="flagoutcome"), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        *checks(),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_flag_project_id_project")),
        sa.ForeignKeyConstraint(["raised_by"], ["person.id"], name=op.f("fk_project_flag_raised_by_person")),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("fk_project_flag_settled_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_flag")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_project_flag_project_id_id"), "project_flag", ["project_id", "id"])
    still_open = sa.text("outcome IS NULL")
    op.create_index(
        "uq_project_flag_open",
        "project_flag",
        ["project_id", "ground"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )


def checks():
    named = {
        "says_why": "length(words) BETWEEN 40 AND 2000",
        "raised_by_somebody": "(ground = 'first_look') = (raised_by IS NULL)",
        "settled_has_a_time": "(outcome IS NULL) = (settled_at IS NULL)",
        "settled_has_a_person": "(outcome IS NULL) = (settled_by IS NULL)",
        "settled_has_words": "outcome IS NULL OR length(reason) BETWEEN 40 AND 2000",
        "settled_after_it_was_raised": "settled_at >= raised_at",
    }
    return [sa.CheckConstraint(words, name=op.f(f"ck_project_flag_{name}")) for name, words in named.items()]


def downgrade():
    op.drop_table("project_flag")
    op.execute("UPDATE project SET status = 'registered', closed_on = NULL WHERE status = 'stopped'")
    with rebuilt("project") as table:
        table.drop_constraint(op.f(STOPPED), type_="check")
        table.drop_constraint(op.f(STATUS), type_="check")
        table.create_check_constraint(op.f(STATUS), "status IN ('draft', 'registered')")
        table.drop_column("closed_on")
