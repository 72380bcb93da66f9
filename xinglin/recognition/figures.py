"""The report: how often results were taken over, how often examined again and why, and what was saved.

Shares are taken-over ÷ (taken over + repeated): reasons 98 (not shown) and 99 (serial monitoring) are no refusals and
stand apart. Money is the price of the item in the catalogue when it was taken over, in fen.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, Func, IntegerField, Q, Sum, Value, When

from xinglin.accounts.data import Permission
from xinglin.diagnostics import api as diagnostics
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.recognition import catalogue, queries
from xinglin.recognition.data import Outcome
from xinglin.recognition.models import Decision

#: What the report may be broken down by → the column.
GROUPS = {"facility": "facility", "doctor": "decided_by", "item": "item", "unit": "unit", "reason": "reason_code"}
MOST_GROUPS = 200
_SAVED = Sum(Case(When(outcome=Outcome.RECOGNISED, then="fen"), default=Value(0), output_field=IntegerField()))


@dataclass(frozen=True, slots=True)
class Line:
    """Figures of one group; `key` and `name` tell which."""

    key: str
    name: str
    n_recognised: int
    n_repeated: int
    n_not_seen: int
    n_serial: int
    saved_fen: int

    @property
    def share(self) -> float | None:
        """Taken over ÷ (taken over + repeated); None when there was neither."""
        both = self.n_recognised + self.n_repeated
        return self.n_recognised / both if both else None

    @property
    def saved_yuan(self) -> float:
        """What was saved, in yuan."""
        return self.saved_fen / 100


@dataclass(frozen=True, slots=True)
class Report:
    """The whole, its groups, and how many items were reported besides (for the recognition rate, 互认率)."""

    whole: Line
    lines: list[Line]
    n_reported: int

    @property
    def rate(self) -> float | None:
        """Recognised ÷ (reported + recognised); None when there was neither."""
        both = self.n_reported + self.whole.n_recognised
        return self.whole.n_recognised / both if both else None


def report(actor: Actor, wanted: queries.Filters, *, by: str = "facility") -> Report:
    """The report of a period for the units the actor answers for, broken down by one of `GROUPS`. Five queries or so."""
    seen = queries.within(in_sight(actor), wanted).select_related(None)
    whole = seen.aggregate(**_counts())
    column = GROUPS[by]
    extra = ["decided_by_name"] if by == "doctor" else ["kind"] if by == "item" else []
    rows = list(seen.values(column, *extra).annotate(**_counts()).order_by("-n_recognised", column)[:MOST_GROUPS])
    names = _names(by, [row[column] for row in rows])
    lines = [_line(str(row[column] or ""), _name(by, row, names), row) for row in rows if by != "reason" or row[column]]
    return Report(_line("", "", whole), lines, _reported(actor, wanted))


def in_sight(actor: Actor) -> Any:
    """Decisions of the units whose figures the actor reads."""
    places = actor.places_where(Permission.BOARD_VIEW)
    every = Decision.objects.all()
    return every if places is None else every.filter(facility__in=places)


def _counts() -> dict[str, Any]:
    return {
        **{f"n_{outcome.lower()}": Count("id", filter=Q(outcome=outcome)) for outcome in Outcome.values},
        "saved_fen": _SAVED,
    }


def _line(key: str, name: str, row: dict[str, Any]) -> Line:
    return Line(
        key, name, row["n_recognised"], row["n_repeated"], row["n_not_seen"], row["n_serial"], row["saved_fen"] or 0
    )


def _names(by: str, keys: list[Any]) -> dict[Any, str]:
    return network.facility_names(keys) if by in {"facility", "unit"} else {}


def _name(by: str, row: dict[str, Any], names: dict[Any, str]) -> str:
    if by == "doctor":
        return str(row["decided_by_name"])
    if by == "item":
        return catalogue.item_title(row["kind"], row["item"], row["item"])
    if by == "reason":
        return f"{row['reason_code']} {catalogue.reason_title(row['reason_code'])}"
    return names.get(row[GROUPS[by]], "")


def _reported(actor: Actor, wanted: queries.Filters) -> int:
    """Items reported in the period for the same units: what was examined, beside what was taken over."""
    places = actor.places_where(Permission.BOARD_VIEW)
    requests = diagnostics.Request.objects.filter(
        reported_at__gte=clock.start_of(wanted.since), reported_at__lt=clock.start_of(wanted.until),
        kind__in=[kind for kind, _title in catalogue.kinds(on=wanted.since)],
    )  # fmt: skip
    if places is not None:
        requests = requests.filter(from_facility__in=places)
    if wanted.facility is not None:
        requests = requests.filter(from_facility=wanted.facility)
    length = Func(F("items"), function="jsonb_array_length", output_field=IntegerField())
    return requests.aggregate(n=Sum(length))["n"] or 0
