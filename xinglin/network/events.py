"""Events of the network: stable slugs in the audit trail and the outbox."""

from enum import StrEnum


class Event(StrEnum):
    """What may happen to the network."""

    OPENED = "facility.opened"
    EDITED = "facility.edited"
    STARTED = "facility.started"  # a planned or suspended unit works (again)
    SUSPENDED = "facility.suspended"
    MERGED = "facility.merged"
    CLOSED = "facility.closed"
    POINT_ADDED = "facility.service-point-added"
    HOLDING_CHANGED = "facility.holding-changed"  # department, service, equipment, beds, title
    CONSORTIUM_FORMED = "consortium.formed"
    CONSORTIUM_JOINED = "consortium.joined"
    CONSORTIUM_LEFT = "consortium.left"
    CONSORTIUM_RESTRUCTURED = "consortium.restructured"
    AREA_SET = "area.set"
    IMPORT_CHECKED = "network.import-checked"
    IMPORTED = "network.imported"
    EXPORTED = "network.exported"
    VIEWED = "facility.viewed"
    LISTED = "facility.listed"
