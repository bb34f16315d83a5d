"""What posts, roles and ways to sign in say about people."""

from __future__ import annotations

from tithe.kernel.privacy import Kept, held

PRIVACY = {
    "unit": held(none="id code name parent_id"),
    "unit_closure": held(none="ancestor_id descendant_id depth"),
    "person": held(
        "id", personal="starts_on leaves_on probation_ends_on outside", identifying="staff_number email name",
        kept=Kept.PERSON,
    ),
    "name_word": held("person_id", hidden="word", kept=Kept.PERSON, deleted=True),  # the name again, to search by
    "person_skill": held("person_id", words={"key": "person_id", "skill": "person_id"}, kept=Kept.PERSON, deleted=True),
    "assignment": held(
        "person_id", none="id", identifying="grade_text post_title source_key", kept=Kept.PERSON,
        personal="unit_id line_manager_id grade weekly_minutes fte_bp calendar starts_on ends_on",
    ),
    "job_share": held("first_id second_id", none="id", personal="starts_on ends_on"),
    "role_grant": held("person_id", none="id", personal="role unit_id starts_on ends_on"),
    "role_request": held(
        "person_id", none="id asked_at decided_at",
        personal="role unit_id starts_on ends_on asked_by decided_by outcome",
        words={"reason": "asked_by", "decision_words": "decided_by"}, kept=Kept.DECISIONS,
    ),
    "delegation": held(
        "manager_id delegate_id", none="id asked_at accepted_at declined_at ended_at",
        personal="starts_on ends_on ended_by", words={"words": "manager_id"}, kept=Kept.DECISIONS,
    ),
    "outside_member": held(
        "person_id", none="ended_at handed_on_at invited_at",
        personal="sponsor_id unit_id invited_by terms_version accepted_at ended_by", identifying="organisation",
        kept=Kept.PERSON,
    ),
    "outside_terms": held(none="version published_at", published={"words": "published_by"}, personal="published_by"),
    "password": held("person_id", personal="changed_at", hidden="hash", kept=Kept.ACCESS, deleted=True),
    "sign_in": held(
        "person_id", none="id", personal="started_at expires_at ended_at seen_at proved_at method",
        identifying="browser address", hidden="secret_hash", kept=Kept.ACCESS, deleted=True, ages_by="expires_at",
    ),
    "identity": held(
        "person_id", none="id", personal="linked_at", identifying="issuer subject", kept=Kept.ACCESS, deleted=True
    ),
    "password_link": held(
        "person_id", none="id", personal="purpose created_at expires_at used_at", hidden="handle",
        kept=Kept.ACCESS, deleted=True, ages_by="expires_at",
    ),
    "api_token": held(
        "person_id", none="id", personal="scopes created_at expires_at revoked_at", hidden="secret_hash",
        kept=Kept.ACCESS, deleted=True, ages_by="expires_at",
    ),
    "totp": held("person_id", personal="added_at last_step", hidden="sealed", kept=Kept.ACCESS, deleted=True),
    "recovery_code": held(
        "person_id", none="id", personal="made_at used_at", hidden="code_hash", kept=Kept.ACCESS, deleted=True
    ),
    "passkey": held(
        "person_id", none="id", personal="added_at used_at sign_count", identifying="credential_id public_key",
        hidden="user_handle", words={"name": "person_id"}, kept=Kept.ACCESS, deleted=True,
    ),
    "spent_challenge": held(none="spent_at", hidden="key"),
    "try": held(none="tries last_at", hidden="key"),  # a hash, gone within hours
}  # fmt: skip
