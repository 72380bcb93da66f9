"""Names of what happens to visits: they stand in the audit trail and in the outbox."""

from enum import StrEnum


class Event(StrEnum):
    """`RECORDED` carries ``signed`` (bool): a visit saved and signed in one go is announced once."""

    RECORDED = "visit.recorded"
    SIGNED = "visit.signed"
    VOIDED = "visit.voided"
    FORM_OPENED = "visit.form-opened"
    VIEWED = "visit.viewed"
    LISTED = "visit.listed"
    PRINTED = "visit.printed"
    TERMS_IMPORTED = "visit.terms-imported"
