"""Events of referrals: stable slugs in the audit trail and the outbox."""

from enum import StrEnum


class Event(StrEnum):
    """What may happen to a referral."""

    DRAFTED = "referral.drafted"
    SENT = "referral.sent"
    COMPLETED = "referral.completed"  # sent again after it was sent back
    WITHDRAWN = "referral.withdrawn"
    REFUSED_BY_PATIENT = "referral.refused-by-patient"
    ACCEPTED = "referral.accepted"
    DECLINED = "referral.declined"
    SENT_BACK = "referral.sent-back"
    REDIRECTED = "referral.redirected"
    ARRIVED = "referral.arrived"
    ADMITTED = "referral.admitted"
    DISCHARGED = "referral.discharged"
    RETURNED = "referral.returned"  # the way back has begun: a down-referral exists
    RETURN_DECLINED = "referral.return-declined"
    RECEIVED_BACK = "referral.received-back"
    CLOSED = "referral.closed"
    EXPIRED = "referral.expired"
    NO_SHOW = "referral.no-show"
    DUE_SOON = "referral.due-soon"
    OVERDUE = "referral.overdue"
    SIGNED = "referral.signed"  # consent given after an emergency
    SLIP_PRINTED = "referral.slip-printed"
    VIEWED = "referral.viewed"
    LISTED = "referral.listed"
