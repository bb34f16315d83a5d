"""Second factors: authenticator apps, recovery codes and passkeys, and when somebody last showed who they are.

Four tables, a column of sign_in that is empty for every row, and one more way to have signed in. Safe while the old
code runs: it reads none of them, though it asks nobody for a second factor. Going back forgets second factors and
ends sessions that began with a passkey.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014_second_factor"
down_revision = "0013_people"
branch_labels = None
depends_on = None

METHOD = "ck_sign_in_signinmethod"


def rebuilt(table):
    """Alter a table in place on PostgreSQL; on SQLite build it anew, STRICT as it was."""
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    return op.batch_alter_table(table, recreate=recreate, table_kwargs={"sqlite_strict": True})


def upgrade():
    with rebuilt("sign_in") as table:
        table.add_column(sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True))
        table.drop_constraint(op.f(METHOD), type_="check")
        table.create_check_constraint(op.f(METHOD), "method IN ('password', 'oidc', 'passkey')")
    op.create_table(
        "totp",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.String(length=300), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_step >= 0", name=op.f("ck_totp_last_step_not_negative")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_totp_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_totp")),
        sqlite_strict=True,
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("person_id", "code_hash", name=op.f("uq_recovery_code_person_id_code_hash")),
        sqlite_strict=True,
    )
    _passkeys()


def _passkeys():
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("user_handle", sa.String(length=86), nullable=False),
        sa.Column("public_key", sa.String(length=2000), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("sign_count BETWEEN 0 AND 4294967295", name=op.f("ck_passkey_sign_count_in_32_bits")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_passkey_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_passkey_person_id"), "passkey", ["person_id"])
    op.create_table(
        "spent_challenge",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_spent_challenge")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_spent_challenge_spent_at"), "spent_challenge", ["spent_at"])


def downgrade():
    for name in ("spent_challenge", "passkey", "recovery_code", "totp"):
        op.drop_table(name)
    op.execute("DELETE FROM sign_in WHERE method = 'passkey'")
    with rebuilt("sign_in") as table:
        table.drop_constraint(op.f(METHOD), type_="check")
        table.create_check_constraint(op.f(METHOD), "method IN ('password', 'oidc')")
        table.drop_column("proved_at")
