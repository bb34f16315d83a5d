"""Sign-in: outside identities, mailed links that set a password, counted tries, and where a session came from.

Three tables, and columns of sign_in that are empty, or "password", for every row. Safe while the old code runs: it
reads none of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007_sign_in"
down_revision = "0006_notice_choices"
branch_labels = None
depends_on = None

METHODS = sa.Enum("password", "oidc", name="signinmethod", native_enum=False, create_constraint=True, length=20)
PURPOSES = sa.Enum("reset", "invitation", name="linkpurpose", native_enum=False, create_constraint=True, length=20)


def rebuilt(table):
    """Alter a table in place on PostgreSQL; on SQLite build it anew, STRICT as it was."""
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    return op.batch_alter_table(table, recreate=recreate, table_kwargs={"sqlite_strict": True})


def upgrade():
    with rebuilt("sign_in") as table:
        table.add_column(sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("method", METHODS, server_default="password", nullable=False))
        table.add_column(sa.Column("browser", sa.String(length=60), server_default="", nullable=False))
        table.add_column(sa.Column("address", sa.String(length=45), server_default="", nullable=False))
    op.create_table(
        "identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_identity_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identity_issuer_subject")),
        sa.UniqueConstraint("person_id", "issuer", name=op.f("uq_identity_person_id_issuer")),
        sqlite_strict=True,
    )
    op.create_table(
        "password_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handle", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("purpose", PURPOSES, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_password_link_expires_later")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_password_link_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_link")),
        sa.UniqueConstraint("handle", name=op.f("uq_password_link_handle")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_password_link_person_id"), "password_link", ["person_id"])
    op.create_table(
        "try",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_try_tries_not_negative")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_try")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_try_last_at"), "try", ["last_at"])


def downgrade():
    op.drop_table("try")
    op.drop_table("password_link")
    op.drop_table("identity")
    with rebuilt("sign_in") as table:
        table.drop_constraint(op.f("ck_sign_in_signinmethod"), type_="check")
        for name in ("address", "browser", "method", "seen_at"):
            table.drop_column(name)
