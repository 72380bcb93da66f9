"""What crosses the door of the network."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class FacilityChoice:
    """A facility somebody may choose."""

    id: int
    uuid: UUID
    name: str
    kind: str
    tier: str


@dataclass(frozen=True, slots=True)
class DepartmentChoice:
    """A department somebody may choose; `takes_back` tells whether it can take patients back after a referral."""

    id: int
    code: str
    name: str
    takes_back: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a facility stands on a day: its division, and the consortia it (or the unit above it) is a member of."""

    division_code: str = ""
    consortia: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Merger:
    """That a facility was merged: into which unit, on which day."""

    into: str
    on: date

    @property
    def said(self) -> str:
        """In the reader's language."""
        return _("%(on)s并入%(unit)s") % {"on": self.on.isoformat(), "unit": self.into}


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with what it is made of. `unknown` of the denominator gave no answer.

    `value` is None ("no data") when nobody gave one: missing is never zero.
    """

    numerator: int
    denominator: int
    unknown: int = 0

    @property
    def value(self) -> float | None:
        """The ratio 0..1, or None."""
        return None if self.denominator == 0 or self.unknown >= self.denominator else self.numerator / self.denominator


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one cell of a table; `row` as a spreadsheet counts it, `reason` in the reader's language."""

    row: int
    column: str
    value: str
    reason: object


@dataclass(frozen=True, slots=True)
class UnitEquipment:
    """A unit, the unit that manages it, and its equipment: pieces of one kind in use, and pieces listed of any kind."""

    id: int
    name: str
    manager: str
    n_in_use: int
    n_listed: int
