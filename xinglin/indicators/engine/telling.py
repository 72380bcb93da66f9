"""What may be told of a count of people at any place and in any period, so that no difference of two figures tells of a few.

It is decided once for each count and calendar year, in tables (`crossing`) that lie inside each other: townships (and each unit
that lies in none) by quarters; in each quarter townships by months; in each township its facilities by quarters; in each of its
quarters facilities by months. A table tells its sums of rows and columns where the one around it tells them as cells. A figure is
told if it is a sum of what is told. ADR 0019 says why no small cell follows.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from xinglin.indicators.engine.crossing import Crossing, guarded
from xinglin.platform.small import QUARTER

Counts = Mapping[str, Sequence[float]]  # place → count in each month of the year


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is told of some places by quarter, and in each quarter by month."""

    spans: Sequence[range]
    by_quarter: Crossing
    by_month: Sequence[Crossing]
    is_open: bool = True

    def tells(self, places: Collection[str] | None, months: Collection[int]) -> bool:
        """Whether the count of some places (None: all of them) is told of some months."""
        if not self.is_open:
            return False
        wanted = set(months)
        whole = {str(n) for n, span in enumerate(self.spans) if set(span) <= wanted}
        if len(whole) == len(self.spans):
            return self.by_quarter.tells(places, None)
        parts = [n for n, span in enumerate(self.spans) if set(span) & wanted and str(n) not in whole]
        return (not whole or self.by_quarter.tells(places, whole)) and all(
            self.by_month[n].tells(places, {str(month) for month in self.spans[n] if month in wanted}) for n in parts
        )


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told of one count in one year. `inside`: a township's facilities."""

    n_months: int
    adds_up: bool
    townships: Sequence[Calendar]  # one of the year; of what does not add up one for each month
    facilities: Sequence[Mapping[str, Calendar]]
    inside: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def tells(self, members: Collection[str] | None, months: Collection[int]) -> bool:
        """Whether the count of some facilities (None: the county) is told of some months (0: January)."""
        wanted = {each for each in months if each < self.n_months}
        if not wanted:
            return True
        at = 0
        if not self.adds_up:  # as of the end of a period
            at, wanted = max(wanted), {0}
        townships, facilities = self.townships[at], self.facilities[at]
        if members is None:
            return townships.tells(None, wanted)
        asked = set(members)
        whole = {each for each, own in self.inside.items() if own and own <= asked}
        parts = {each for each, own in self.inside.items() if own & asked} - whole
        if len(whole) == len(self.inside):
            return townships.tells(None, wanted)
        return (not whole or townships.tells(whole, wanted)) and all(
            facilities[each].tells(asked & self.inside[each], wanted) for each in parts
        )


def telling(
    counts: Counts,
    inside: Mapping[str, Collection[str]],
    total: Sequence[float],
    *,
    adds_up: bool,
    units: Iterable[Collection[str]] = (),
) -> Telling:
    """Decide what is told of a year. `counts` of facilities; `inside`: the facilities of each township, every one in one (a unit
    that lies in none makes one of its own); `total`: the county; `units`: facilities that are told of as one, besides.
    """
    members = {each: frozenset(own) for each, own in inside.items()}
    if not members:  # the county by itself
        counts, members = {"": total}, {"": frozenset({""})}
    sets = [frozenset(each for each, own in members.items() if own and own <= set(unit)) for unit in units]
    years = [range(len(total))] if adds_up else [range(n, n + 1) for n in range(len(total))]
    townships, facilities = [], []
    for year in years:
        upper = {each: [sum(counts[own][n] for own in owners) for n in year] for each, owners in members.items()}
        above = _calendar(upper, units=[each for each in sets if len(each) > 1])
        townships.append(above)
        facilities.append(
            {
                each: _calendar({own: [counts[own][n] for n in year] for own in owners}, above=above, place=each)
                for each, owners in members.items()
            }
        )
    return Telling(
        len(total), adds_up, townships, facilities, {each: own for each, own in members.items() if own != {""}}
    )


def _calendar(
    counts: Counts, *, above: Calendar | None = None, place: str = "", units: Sequence[frozenset[str]] = ()
) -> Calendar:
    """Tables of some places. `above`, with `place`: what is told of the township they lie in."""
    n_months = len(next(iter(counts.values()), ()))
    spans = [range(n, min(n + QUARTER, n_months)) for n in range(0, n_months, QUARTER)]
    if above is not None and not above.by_quarter.tells({place}, None):
        return Calendar(spans, Crossing(is_open=False), [], is_open=False)

    def is_hidden(months: Collection[int]) -> bool:
        return above is not None and not above.tells({place}, months)

    table = {each: {str(n): sum(of[k] for k in span) for n, span in enumerate(spans)} for each, of in counts.items()}
    gone = None if above is None else frozenset(str(n) for n, span in enumerate(spans) if is_hidden(span))
    here = {each: sum(of) for each, of in counts.items()}  # in any month of these
    by_quarter = guarded(
        table, units, gone=gone, seen={each: dict.fromkeys(table[each], n) for each, n in here.items()}
    )
    by_month = []
    for n, span in enumerate(spans):
        if not by_quarter.tells(None, {str(n)}):
            by_month.append(Crossing(is_open=False))
            continue
        months = {each: {str(month): of[month] for month in span} for each, of in counts.items()}
        lost = frozenset(each for each in counts if not by_quarter.tells({each}, {str(n)}))
        hidden = None if above is None else frozenset(str(month) for month in span if is_hidden({month}))
        seen = {each: dict.fromkeys(months[each], n) for each, n in here.items()}
        by_month.append(guarded(months, units, lost=lost, gone=hidden, seen=seen))
    return Calendar(spans, by_quarter, by_month)
