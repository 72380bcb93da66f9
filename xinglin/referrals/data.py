"""What crosses the door of referrals: how one is written, held and counted."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from xinglin.residents.data import ON_PAPER, ConsentGiven

__all__ = ["ON_PAPER", "Attachment", "ConsentGiven", "Count", "CountPeriod", "Hold", "Route", "Slip"]


@dataclass(frozen=True, slots=True)
class Route:
    """From where to where, and by which channel (slug of ``definitions/referral-channels``). Facility ids."""

    from_facility_id: int
    to_facility_id: int
    channel: str
    direction: str = ""  # empty: the channel's own
    to_department_id: int | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something of the record the receiver may open: a ``visit`` or a diagnostic ``request``."""

    kind: str
    uuid: UUID


@dataclass(frozen=True, slots=True)
class Slip:
    """What a referral slip says (rules 1.4). Codes are slugs of the definitions; texts are the doctor's words."""

    reason_code: str
    impression: str
    reason: str = ""
    impression_code: str = ""
    criteria: tuple[str, ...] = ()
    summary: str = ""
    past_history: str = ""
    treatment: str = ""
    plan: str = ""
    results: str = ""
    followup_days: int | None = None
    contact_phone_given: bool = False
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Hold:
    """What the receiving desk keeps: a BED or a SLOT, described, until a moment (None: as the deadline rule says)."""

    kind: str
    text: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """One line of the statistics (WH-43): so many referrals of a kind between two units in a period."""

    direction: str
    channel: str
    from_facility_id: int
    to_facility_id: int
    n_sent: int
    n_accepted: int
    n_arrived: int
    n_received_back: int
    n_ended_without_arrival: int


@dataclass(frozen=True, slots=True)
class CountPeriod:
    """Statistics over days ``[since, until)``."""

    since: date
    until: date
    rows: tuple[Count, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Outline:
    """What a capability above may ask of a referral for its own bookkeeping: no clinical text."""

    uuid: UUID
    resident_uuid: UUID
    direction: str
    channel: str
    status: str
    sent_at: datetime | None
