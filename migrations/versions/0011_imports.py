"""Time may be taken in from files of other tools: which rows were, and where each name of theirs goes.

Two new tables. Safe while the old code runs: it does not know them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011_imports"
down_revision = "0010_logging"
branch_labels = None
depends_on = None

KINDS = ("tithe", "help", "secondment", "learning")
SOURCES = ("toggl", "clockify", "harvest", "kimai", "plain", "weekly", "ical")


def one_of(name, values):
    """A choice of words, checked in each table by the same name."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade():
    op.create_table(
        "import_name",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=201), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("kind", one_of("timekind", KINDS), nullable=True),
        sa.CheckConstraint(
            "(kind IS NOT NULL AND kind = 'tithe') = (project_id IS NOT NULL)",
            name=op.f("ck_import_name_tithe_has_a_project"),
        ),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 201", name=op.f("ck_import_name_name_fits")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_import_name_person_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_import_name_project_id_project")),
        sa.PrimaryKeyConstraint("person_id", "name", name=op.f("pk_import_name")),
        sqlite_strict=True,
    )
    op.create_table(
        "imported_row",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("source", one_of("format", SOURCES), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("kind", one_of("timekind", KINDS), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'tithe') = (project_id IS NOT NULL)", name=op.f("ck_imported_row_tithe_has_a_project")
        ),
        sa.CheckConstraint("seconds BETWEEN 1 AND 604800", name=op.f("ck_imported_row_seconds_in_a_week")),
        sa.CheckConstraint("length(key) = 40", name=op.f("ck_imported_row_key_fits")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_imported_row_person_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_imported_row_project_id_project")),
        sa.PrimaryKeyConstraint("person_id", "key", name=op.f("pk_imported_row")),
        sqlite_strict=True,
    )


def downgrade():
    op.drop_table("imported_row")
    op.drop_table("import_name")
