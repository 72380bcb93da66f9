"""What crosses the door of points."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Cause:
    """What earned points: the thing that shows it, and the day it happened."""

    kind: str
    uuid: UUID
    on: date


@dataclass(frozen=True, slots=True)
class Receipt:
    """Who received goods and how he confirmed it: by signature on the screen, or on the facility's paper list."""

    receiver: str
    relation: str = "本人"
    signature_png: bytes | None = None
    on_paper: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One movement in plain words."""

    uuid: UUID
    at: datetime
    title: str
    why: str
    points: int
    balance_after: int
    tone: str
    can_be_taken_back: bool
