"""What happens to residents, as stable slugs."""

from enum import StrEnum


class Event(StrEnum):
    """Audit and outbox events."""

    REGISTERED = "resident.registered"
    EDITED = "resident.edited"
    TRANSFERRED = "resident.transferred"
    ARRIVED = "resident.arrived"
    MERGED = "resident.merged"
    UNMERGED = "resident.unmerged"
    MOVED = "resident.moved"
    DECEASED = "resident.deceased"
    RESTORED = "resident.restored"
    JOINED_HOUSEHOLD = "resident.joined-household"
    CONTACT_ADDED = "resident.contact-added"
    CONTACT_ENDED = "resident.contact-ended"
    CONSENTED = "resident.consented"
    REFUSED_CONSENT = "resident.refused-consent"
    WITHDREW_CONSENT = "resident.withdrew-consent"
    # Looks: audit only, nothing follows from them.
    VIEWED = "resident.viewed"
    EMERGENCY_VIEWED = "resident.emergency-viewed"
    SEARCHED = "resident.searched"
    LISTED = "resident.listed"
    TIMELINE_VIEWED = "resident.timeline-viewed"
    LOOKUPS_VIEWED = "resident.lookups-viewed"
    CONSENTS_VIEWED = "resident.consents-viewed"
    COMPARED = "resident.compared"
    OWN_VIEWED = "resident.own-viewed"
