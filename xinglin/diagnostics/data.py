"""What crosses the door of diagnostics."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PatientInFile:
    """Whom the file names, exactly as written there. For matching against the roster only, never shown as truth.

    `sex` is "M", "F", "O" or "" (not said); `birth_date` is None when absent or not a date.
    """

    name: str = ""
    id: str = ""
    birth_date: date | None = None
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a doctor says to a result that may stand for an item of his order: he takes it over (`report`: the version he
    saw), or why the item is done all the same (`reason`, a code, and `text`). Without `item`: for all of them.
    """

    item: str = ""
    report: UUID | None = None
    reason: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a centre is asked for, at a visit or without one (`resident`, `from_facility_id`): `items` of its catalogue, or of an ECG
    its `recordings`. `repeats`: the refused request this one stands for; `answers`: what becomes of results that are known.
    """

    centre: Any
    question: str
    recordings: Sequence[Any] = ()
    items: Sequence[str] = ()
    visit: Any | None = None
    resident: Any | None = None
    from_facility_id: int | None = None
    priority: str = "ROUTINE"
    clinical: str = ""
    repeats: Any | None = None
    identity_confirmed: bool = False
    answers: Sequence[Answer] = ()


@dataclass(frozen=True, slots=True)
class RequestSummary:
    """A request as another capability shows it: attached to a referral, on a board, in a letter."""

    uuid: UUID
    number: str
    resident_uuid: UUID
    kind: str
    status: str
    status_label: str
    requested_at: datetime
    reported_at: datetime | None
    centre_name: str
    from_facility_id: int
    conclusion: str
    is_abnormal: bool
    critical: tuple[str, ...]
    url: str
    items: tuple[str, ...] = ()  # what was asked for, in the reader's language


@dataclass(frozen=True, slots=True)
class Counts:
    """Work in hand for an actor: at the centre and at the sending unit."""

    waiting: int = 0
    emergency: int = 0
    overdue: int = 0
    critical_open: int = 0
    rejected: int = 0
