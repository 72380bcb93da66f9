"""What crosses the door of indicators."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from xinglin.indicators.engine.values import NO_DATA, Value, Why

__all__ = ["NO_DATA", "KnownIndicator", "PublishedFigures", "Revised", "UnitName", "Value", "Why"]


@dataclass(frozen=True, slots=True)
class KnownIndicator:
    """An indicator somebody may refer to: `direction` is empty where neither more nor less is better."""

    slug: str
    code: str
    title: str
    unit: str
    direction: str
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublishedFigures:
    """Figures of a period that were frozen: from then on they can be computed again to the digit."""

    id: int
    uuid: UUID
    title: str
    period: str
    frozen_at: datetime
    frozen_by_name: str


@dataclass(frozen=True, slots=True)
class UnitName:
    """One unit of a level: its key in tables of figures, the code of the county's register, its name."""

    key: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Revised:
    """A frozen figure that comes out otherwise from the facts pages show today: what it was, and what it would be."""

    slug: str
    level: str
    unit: str
    then: Value
    now: Value
