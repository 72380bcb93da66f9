"""What crosses the door of contracts."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from uuid import UUID

from xinglin.contracts.rules.promising import (
    Due,
    PromisedItem,
    PromisedPackage,
    add_months,
    end_of_span,
    end_of_term,
    periods,
    read_items,
    read_promise,
    require_keys,
    spread,
)
from xinglin.contracts.states import IN_FORCE, LOOKS, TRANSITIONS, Status

__all__ = [
    "IN_FORCE",
    "LOOKS",
    "TRANSITIONS",
    "Due",
    "Evidence",
    "PromisedItem",
    "PromisedPackage",
    "Rate",
    "Status",
    "TeamOfResident",
    "TeamResult",
    "Wanted",
    "add_months",
    "end_of_span",
    "end_of_term",
    "periods",
    "read_items",
    "read_promise",
    "require_keys",
    "spread",
]


@dataclass(frozen=True, slots=True)
class TeamOfResident:
    """The team a resident is signed with, for whoever shows him: name, telephone, since when, until when."""

    uuid: UUID
    name: str
    phone: str
    facility_id: int
    agreement: UUID
    ends_on: date


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something was done for a resident: what kinds of proof it is (``visit``, ``pressure``, ``examination:ECG``…), on
    which day, at which facility; `kind` and `uuid` name the thing itself.
    """

    proofs: frozenset[str]
    on: date
    facility_id: int | None
    kind: str
    uuid: UUID


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with what it is made of. Of nothing it is None: "no data", never 0. `is_left_out`: of too few people to be told to
    who may not see them; then it says nothing.
    """

    n: int
    of: int
    is_left_out: bool = False

    @property
    def value(self) -> float | None:
        """The ratio 0..1, or None."""
        return self.n / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is agreed on: packages by slug, the term, and when the free check-up is booked, if it is."""

    packages: tuple[str, ...]
    starts_on: date
    years: int = 1
    check_up_on: date | None = None


@dataclass(frozen=True, slots=True)
class TeamResult:
    """A team in a period: its figures, points and amount, with the rows behind them."""

    team_id: int
    heads: tuple[int, ...]
    key: tuple[int, ...]
    due: tuple[int, ...]
    done: tuple[int, ...]
    points: Fraction | None
    amount_fen: int = 0
    shares: tuple[tuple[int, int, int], ...] = field(default=())  # member, weight, fen
