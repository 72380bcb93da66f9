"""What crosses the door of consultations."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Asked:
    """What an invitation states (rules 4): reason, aim, time, case summary and the title wanted.

    `specialty` is a code of ``definitions/consultation-rules/specialties``; `wanted_at` only of a booked one.
    """

    kind: str
    reason: str
    aim: str
    summary: str
    specialty: str
    title_wanted: str = ""
    wanted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Something of the record that goes into the pack: ``VISIT``, ``REQUEST``, ``STUDY`` by its uuid, ``RECORD``, or a
    ``NOTE`` with its text.
    """

    kind: str
    uuid: UUID | None = None
    title: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """The parts of an opinion."""

    findings: str
    diagnosis: str
    advice: str


@dataclass(frozen=True, slots=True)
class Shares:
    """How a fee in fen is shared; the three add up to the amount."""

    amount: int
    inviting: int
    expert: int
    platform: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at which an expert can be booked."""

    starts_at: datetime
    ends_at: datetime
    is_free: bool
