"""Names of what happens to accounts; stored in the audit trail and the outbox, so never renamed."""

from enum import StrEnum


class Event(StrEnum):
    """Audit and outbox events of this capability."""

    SIGNED_IN = "account.signed-in"
    SIGN_IN_FAILED = "account.sign-in-failed"
    SIGNED_OUT = "account.signed-out"
    LOCKED_OUT = "account.locked-out"
    UNLOCKED = "account.unlocked"
    USER_CREATED = "account.created"
    USER_CLOSED = "account.closed"
    USER_REOPENED = "account.reopened"
    PASSWORD_SET = "account.password-set"  # noqa: S105 - the name of an event
    PASSWORD_CHANGED = "account.password-changed"  # noqa: S105
    SECOND_FACTOR_ADDED = "account.second-factor-added"
    SECOND_FACTOR_REMOVED = "account.second-factor-removed"
    RECOVERY_CODES_MADE = "account.recovery-codes-made"
    SESSION_ENDED = "account.session-ended"
    GRANT_GIVEN = "grant.given"
    GRANT_REVOKED = "grant.revoked"
    TOKEN_CREATED = "token.created"  # noqa: S105
    TOKEN_REVOKED = "token.revoked"  # noqa: S105
    EMERGENCY_OPENED = "emergency.opened"
    EMERGENCY_CLOSED = "emergency.closed"
    EMERGENCY_REVIEWED = "emergency.reviewed"
    AUDIT_READ = "audit.read"
    AUDIT_EXPORTED = "audit.exported"
