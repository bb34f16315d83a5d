"""The first tables: people, policy, projects, allowance, weeks, reports, audit, notices, jobs.

Nothing ran before this, so nothing can break. The audit chain gets its sixteen streams, and triggers that move
the head of a stream with every event and refuse to change or remove one, on either engine.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001_first_tables"
down_revision = None
branch_labels = None
depends_on = None

GUARDS = {
    "sqlite": [
        "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event "
        "BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END",
        "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event "
        "BEGIN SELECT RAISE(ABORT, 'audit events are never removed'); END",
        "CREATE TRIGGER audit_event_moves_head AFTER INSERT ON audit_event BEGIN "
        "UPDATE audit_head SET seq = NEW.seq, hash = NEW.hash WHERE stream = NEW.stream AND seq = NEW.seq - 1; END",
    ],
    "postgresql": [
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit events are never changed or removed'; END $$",
        "CREATE FUNCTION move_audit_head() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN UPDATE audit_head SET seq = NEW.seq, hash = NEW.hash WHERE stream = NEW.stream AND seq = NEW.seq - 1; "
        "RETURN NULL; END $$",
        "CREATE TRIGGER audit_event_moves_head AFTER INSERT ON audit_event "
        "FOR EACH ROW EXECUTE FUNCTION move_audit_head()",
        "CREATE TRIGGER audit_event_is_final BEFORE UPDATE OR DELETE ON audit_event "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER audit_event_stays BEFORE TRUNCATE ON audit_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ],
}


def upgrade():
    op.create_table(
        "audit_head",
        sa.Column("stream", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_audit_head")),
        sqlite_strict=True,
    )
    op.create_table(
        "job_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
        sa.UniqueConstraint("job", "period", name=op.f("uq_job_run_job_period")),
        sqlite_strict=True,
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_number", sa.String(length=40), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("leaves_on", sa.Date(), nullable=True),
        sa.CheckConstraint("leaves_on >= starts_on", name=op.f("ck_person_leaves_after_starting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("staff_number", name=op.f("uq_person_staff_number")),
        sqlite_strict=True,
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("parent_id != id", name=op.f("ck_unit_not_its_own_parent")),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_token_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_token_secret_hash")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_token_person_id"), ["person_id"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("line_manager_id", sa.Integer(), nullable=True),
        sa.Column(
            "grade",
            sa.Enum(
                "AA",
                "AO",
                "EO",
                "HEO",
                "SEO",
                "G7",
                "G6",
                "SCS1",
                "SCS2",
                "SCS3",
                "SCS4",
                name="grade",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("grade_text", sa.String(length=80), nullable=False),
        sa.Column("post_title", sa.String(length=200), nullable=False),
        sa.Column("weekly_minutes", sa.Integer(), nullable=False),
        sa.Column("fte_bp", sa.Integer(), nullable=False),
        sa.Column("calendar", sa.String(length=30), nullable=False),
        sa.Column("source_key", sa.String(length=80), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_assignment_ends_after_starting")),
        sa.CheckConstraint("fte_bp >= 0", name=op.f("ck_assignment_fte_not_negative")),
        sa.CheckConstraint("line_manager_id != person_id", name=op.f("ck_assignment_nobody_manages_themselves")),
        sa.CheckConstraint("weekly_minutes BETWEEN 0 AND 10080", name=op.f("ck_assignment_weekly_minutes_in_a_week")),
        sa.ForeignKeyConstraint(["line_manager_id"], ["person.id"], name=op.f("fk_assignment_line_manager_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assignment_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_assignment_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_line_manager_id"), ["line_manager_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_person_id_starts_on"), ["person_id", "starts_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(
            "uq_assignment_current_source_key",
            ["source_key"],
            unique=True,
            sqlite_where=sa.text("ends_on IS NULL"),
            postgresql_where=sa.text("ends_on IS NULL"),
        )

    op.create_table(
        "audit_event",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("stream", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verb", sa.String(length=60), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_audit_event_seq_from_one")),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_audit_event_actor_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("stream", "seq", name=op.f("uq_audit_event_stream_seq")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_audit_event_subject_type_subject_id"), ["subject_type", "subject_id"], unique=False
        )

    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "sending",
                "sent",
                "dead",
                name="noticestatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("message_id", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=False),
        sa.CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_notice_sent_has_a_time")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("message_id", name=op.f("uq_notice_message_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_due", ["status", "next_attempt_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_person_id_id"), ["person_id", "id"], unique=False)

    op.create_table(
        "password",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_password_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_password")),
        sqlite_strict=True,
    )
    op.create_table(
        "person_quarter",
        sa.Column("quarter", sa.String(length=9), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("split", sa.Boolean(), nullable=False),
        sa.Column("accruing_days", sa.Integer(), nullable=False),
        sa.Column("accrued", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("other", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_quarter_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_quarter_unit_id_unit")),
        sa.PrimaryKeyConstraint("quarter", "person_id", "unit_id", name=op.f("pk_person_quarter")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("person_quarter", schema=None) as batch_op:
        batch_op.create_index(
            "ix_person_quarter_report",
            ["quarter", "unit_id", "split", "accruing_days", "accrued", "used"],
            unique=False,
        )
        batch_op.create_index(
            "ix_person_quarter_split",
            ["quarter"],
            unique=False,
            sqlite_where=sa.text("split"),
            postgresql_where=sa.text("split"),
        )

    op.create_table(
        "project",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("beneficiaries", sa.Text(), nullable=False),
        sa.Column("hypothesis", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "registered",
                name="projectstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'draft') = (registered_at IS NULL)", name=op.f("ck_project_registered_has_a_time")
        ),
        sa.CheckConstraint(
            "status = 'draft' OR (problem != '' AND beneficiaries != '' AND hypothesis != '')",
            name=op.f("ck_project_registered_is_answered"),
        ),
        sa.CheckConstraint("title != ''", name=op.f("ck_project_has_a_title")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_project_owner_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_project_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_project_status_registered_at_id"), ["status", "registered_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_project_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "quarter_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.String(length=9), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_by", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_quarter_report_revision_from_one")),
        sa.ForeignKeyConstraint(["frozen_by"], ["person.id"], name=op.f("fk_quarter_report_frozen_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarter_report")),
        sa.UniqueConstraint("quarter", "revision", name=op.f("uq_quarter_report_quarter_revision")),
        sqlite_strict=True,
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "hr_analyst",
                "hr_manager",
                "coordinator",
                "auditor",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_role_grant_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint(
            "person_id",
            "role",
            "unit_id",
            "starts_on",
            name=op.f("uq_role_grant_person_id_role_unit_id_starts_on"),
        ),
        sqlite_strict=True,
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_grant_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_sign_in_secret_hash")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_person_id"), ["person_id"], unique=False)

    op.create_table(
        "tithe_policy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("adopted_by", sa.Integer(), nullable=True),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_tithe_policy_version_from_one")),
        sa.ForeignKeyConstraint(["adopted_by"], ["person.id"], name=op.f("fk_tithe_policy_adopted_by_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_tithe_policy_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tithe_policy")),
        sa.UniqueConstraint("unit_id", "starts_on", name=op.f("uq_tithe_policy_unit_id_starts_on")),
        sa.UniqueConstraint("unit_id", "version", name=op.f("uq_tithe_policy_unit_id_version")),
        sqlite_strict=True,
    )
    op.create_table(
        "unit_closure",
        sa.Column("ancestor_id", sa.Integer(), nullable=False),
        sa.Column("descendant_id", sa.Integer(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ancestor_id"], ["unit.id"], name=op.f("fk_unit_closure_ancestor_id_unit")),
        sa.ForeignKeyConstraint(["descendant_id"], ["unit.id"], name=op.f("fk_unit_closure_descendant_id_unit")),
        sa.PrimaryKeyConstraint("ancestor_id", "descendant_id", name=op.f("pk_unit_closure")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("unit_closure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_closure_descendant_id"), ["descendant_id"], unique=False)

    op.create_table(
        "week",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "approved",
                "returned",
                name="weekstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("total_minutes", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("approver_id", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'draft') = (submitted_at IS NULL)", name=op.f("ck_week_submitted_has_a_time")),
        sa.CheckConstraint(
            "(status IN ('approved', 'returned')) = (decided_at IS NOT NULL)",
            name=op.f("ck_week_decided_has_a_time"),
        ),
        sa.CheckConstraint("approver_id != person_id", name=op.f("ck_week_nobody_approves_their_own")),
        sa.CheckConstraint("total_minutes BETWEEN 0 AND 10080", name=op.f("ck_week_total_in_a_week")),
        sa.ForeignKeyConstraint(["approver_id"], ["person.id"], name=op.f("fk_week_approver_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_week_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_week_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_week")),
        sa.UniqueConstraint("person_id", "starts_on", name=op.f("uq_week_person_id_starts_on")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("week", schema=None) as batch_op:
        batch_op.create_index("ix_week_queue", ["approver_id", "status", "submitted_at", "id"], unique=False)
        batch_op.create_index("ix_week_unit_queue", ["unit_id", "status", "submitted_at", "id"], unique=False)

    op.create_table(
        "working_pattern",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("weeks", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_working_pattern_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_pattern")),
        sa.UniqueConstraint("person_id", "starts_on", name=op.f("uq_working_pattern_person_id_starts_on")),
        sqlite_strict=True,
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("approved", "returned", name="outcome", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column(
            "ground",
            sa.Enum(
                "cover",
                "service",
                "blackout",
                "reorganisation",
                "safety",
                "wrong_entry",
                "missing_note",
                name="returnground",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("total_minutes", sa.Integer(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'returned') = (ground IS NOT NULL)", name=op.f("ck_decision_returned_has_a_ground")
        ),
        sa.CheckConstraint(
            "outcome != 'returned' OR length(reason) >= 40", name=op.f("ck_decision_returned_has_words")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_decision_decided_by_person")),
        sa.ForeignKeyConstraint(["week_id"], ["week.id"], name=op.f("fk_decision_week_id_week")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("week_id", "version", name=op.f("uq_decision_week_id_version")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_decided_by"), ["decided_by"], unique=False)

    op.create_table(
        "ledger_line",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.String(length=9), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "accrual",
                "carry_in",
                "hold",
                "release",
                "use",
                "reversal",
                "adjustment",
                "carry_out",
                "lapse",
                name="ledgerkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("source_version", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "kind NOT IN ('use', 'carry_out', 'lapse') OR minutes < 0",
            name=op.f("ck_ledger_line_spending_is_negative"),
        ),
        sa.CheckConstraint("minutes != 0 OR kind = 'accrual'", name=op.f("ck_ledger_line_moves_something")),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_ledger_line_actor_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledger_line_person_id_person")),
        sa.ForeignKeyConstraint(["policy_id"], ["tithe_policy.id"], name=op.f("fk_ledger_line_policy_id_tithe_policy")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_ledger_line_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_line")),
        sa.UniqueConstraint(
            "source",
            "source_id",
            "source_version",
            "quarter",
            "kind",
            "person_id",
            name=op.f("uq_ledger_line_source_source_id_source_version_quarter_kind_person_id"),
        ),
        sqlite_strict=True,
    )
    with op.batch_alter_table("ledger_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ledger_line_person_id_quarter_id"), ["person_id", "quarter", "id"], unique=False
        )

    op.create_table(
        "project_member",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.CheckConstraint("left_on >= joined_on", name=op.f("ck_project_member_left_after_joining")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_project_member_person_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_member_project_id_project")),
        sa.PrimaryKeyConstraint("project_id", "person_id", name=op.f("pk_project_member")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("project_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_member_person_id"), ["person_id"], unique=False)

    op.create_table(
        "quarter_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("unit_code", sa.String(length=60), nullable=False),
        sa.Column("unit_name", sa.String(length=200), nullable=False),
        sa.Column("eligible", sa.Integer(), nullable=False),
        sa.Column("participants", sa.Integer(), nullable=False),
        sa.Column("entitlement_minutes", sa.Integer(), nullable=False),
        sa.Column("used_minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_quarter_line_parent_id_unit")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["quarter_report.id"], name=op.f("fk_quarter_line_report_id_quarter_report")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_quarter_line_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarter_line")),
        sa.UniqueConstraint("report_id", "unit_id", name=op.f("uq_quarter_line_report_id_unit_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "time_entry",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("week_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name=op.f("ck_time_entry_minutes_in_a_day")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_time_entry_person_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_time_entry_project_id_project")),
        sa.ForeignKeyConstraint(["week_id"], ["week.id"], name=op.f("fk_time_entry_week_id_week")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_entry")),
        sa.UniqueConstraint("week_id", "day", "project_id", name=op.f("uq_time_entry_week_id_day_project_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("time_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_time_entry_person_id_day_minutes"), ["person_id", "day", "minutes"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_time_entry_project_id_day"), ["project_id", "day"], unique=False)

    heads = sa.table("audit_head", sa.column("stream"), sa.column("seq"), sa.column("hash"))
    op.bulk_insert(heads, [{"stream": stream, "seq": 0, "hash": "0" * 64} for stream in range(16)])
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade():
    if op.get_bind().dialect.name == "postgresql":
        for trigger in ("audit_event_is_final", "audit_event_stays", "audit_event_moves_head"):
            op.execute(f"DROP TRIGGER {trigger} ON audit_event")
        op.execute("DROP FUNCTION refuse_change()")
        op.execute("DROP FUNCTION move_audit_head()")
    with op.batch_alter_table("time_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_time_entry_project_id_day"))
        batch_op.drop_index(batch_op.f("ix_time_entry_person_id_day_minutes"))

    op.drop_table("time_entry")
    op.drop_table("quarter_line")
    with op.batch_alter_table("project_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_member_person_id"))

    op.drop_table("project_member")
    with op.batch_alter_table("ledger_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_line_person_id_quarter_id"))

    op.drop_table("ledger_line")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_decided_by"))

    op.drop_table("decision")
    op.drop_table("working_pattern")
    with op.batch_alter_table("week", schema=None) as batch_op:
        batch_op.drop_index("ix_week_unit_queue")
        batch_op.drop_index("ix_week_queue")

    op.drop_table("week")
    with op.batch_alter_table("unit_closure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_closure_descendant_id"))

    op.drop_table("unit_closure")
    op.drop_table("tithe_policy")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_person_id"))

    op.drop_table("sign_in")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_grant_unit_id"))

    op.drop_table("role_grant")
    op.drop_table("quarter_report")
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_unit_id"))
        batch_op.drop_index(batch_op.f("ix_project_status_registered_at_id"))
        batch_op.drop_index(batch_op.f("ix_project_owner_id"))

    op.drop_table("project")
    with op.batch_alter_table("person_quarter", schema=None) as batch_op:
        batch_op.drop_index("ix_person_quarter_split", sqlite_where=sa.text("split"), postgresql_where=sa.text("split"))
        batch_op.drop_index("ix_person_quarter_report")

    op.drop_table("person_quarter")
    op.drop_table("password")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_person_id_id"))
        batch_op.drop_index("ix_notice_due")

    op.drop_table("notice")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_subject_type_subject_id"))
        batch_op.drop_index(batch_op.f("ix_audit_event_actor_id"))

    op.drop_table("audit_event")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_assignment_current_source_key",
            sqlite_where=sa.text("ends_on IS NULL"),
            postgresql_where=sa.text("ends_on IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_assignment_unit_id"))
        batch_op.drop_index(batch_op.f("ix_assignment_person_id_starts_on"))
        batch_op.drop_index(batch_op.f("ix_assignment_line_manager_id"))

    op.drop_table("assignment")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_token_person_id"))

    op.drop_table("api_token")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_parent_id"))

    op.drop_table("unit")
    op.drop_table("person")
    op.drop_table("job_run")
    op.drop_table("audit_head")
