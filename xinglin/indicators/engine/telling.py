"""What may be told of a count of people at any place and in any period, so that no difference of two figures tells of a few.

The places and months of a calendar year are parted once for each count. Three partings are told: the whole county by spans of
months; townships (and each unit that lies in none) by spans that are as long or longer; facilities by spans that are as long or
longer again. In each span the small places are told as one sum only, together with enough of the next larger ones. A figure is
told if it is a sum of such parts and nothing else; every part holds nobody or 5 people or more. ADR 0019 says why no small cell
follows from them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from xinglin.platform.small import QUARTER, is_small, spans, together

#: A level is told by the shortest spans in which at least this share of the places where there is anybody can be told.
ENOUGH = 0.5
Counts = Mapping[str, Sequence[float]]  # place → count in each month of the year


@dataclass(frozen=True, slots=True)
class Parting:
    """Spans of months, and in each the places that are told as one sum only. `shut`: places of which nothing below is told."""

    spans: Sequence[range]
    gone: Sequence[Collection[str]]
    closed: frozenset[int] = frozenset()  # spans of which nothing is told

    def inside(self, months: Collection[int]) -> list[int] | None:
        """The spans that make up some months; None: they are no sum of spans, or one is not told."""
        chosen = [n for n, span in enumerate(self.spans) if span.start in months]
        together_ = {month for n in chosen for month in self.spans[n]}
        return None if together_ != set(months) or self.closed & set(chosen) else chosen


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told of one count in one year. `inside`: a township's facilities."""

    n_months: int
    adds_up: bool
    whole: Parting
    townships: Parting
    facilities: Mapping[str, Parting]
    inside: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def tells(self, members: Collection[str] | None, months: Collection[int]) -> bool:
        """Whether the count of some facilities (None: the county) is told of some months (0: January)."""
        wanted = {each for each in months if each < self.n_months}
        if not self.adds_up:  # as of the end of a period
            wanted = {max(wanted)} if wanted else wanted
        if members is None or all(each <= set(members) for each in self.inside.values()):
            return self.whole.inside(wanted) is not None
        chosen = self.townships.inside(wanted)
        if chosen is None:
            return False
        asked = set(members)
        touched = {each for each, own in self.inside.items() if own & asked}
        parts = {each for each in touched if not self.inside[each] <= asked}
        for n in chosen:
            gone = set(self.townships.gone[n])
            if gone & parts or (gone & touched and not gone <= touched):
                return False
        return all(self._tells_part(each, asked, wanted) for each in parts)

    def _tells_part(self, township: str, asked: set[str], months: Collection[int]) -> bool:
        parting = self.facilities[township]
        chosen = parting.inside(months)
        return chosen is not None and all(
            not (set(parting.gone[n]) & asked) or set(parting.gone[n]) <= asked for n in chosen
        )


def telling(counts: Counts, inside: Mapping[str, Collection[str]], total: Sequence[float], *, adds_up: bool) -> Telling:
    """Part the places and months of a year. `counts` of facilities; `inside`: the facilities of each township, every one in
    one (a unit that lies in none makes one of its own); `total`: the county.
    """
    n_months = len(total)
    single = [range(n, n + 1) for n in range(n_months)]
    whole = spans(total) if adds_up else single
    closed = frozenset(n for n, span in enumerate(whole) if is_small(_within(total, span)))
    upper = {
        each: [sum(counts[own][n] for own in members) for n in range(n_months)] for each, members in inside.items()
    }
    townships = _parting(upper, Parting(whole, [()] * len(whole), closed), adds_up=adds_up)
    facilities = {
        each: _parting({own: counts[own] for own in members}, _of_one(townships, each), adds_up=adds_up)
        for each, members in inside.items()
    }
    return Telling(
        n_months, adds_up, Parting(whole, [()] * len(whole), closed), townships, facilities,
        {each: frozenset(members) for each, members in inside.items()},
    )  # fmt: skip


def _of_one(parting: Parting, place: str) -> Parting:
    """The spans of one place, closed where it is not told by itself."""
    return Parting(
        parting.spans, parting.gone, parting.closed | {n for n, gone in enumerate(parting.gone) if place in gone}
    )


def _parting(counts: Counts, above: Parting, *, adds_up: bool) -> Parting:
    """Part places by the shortest spans in which enough of them are told; spans are sums of those of the whole above."""
    found = _parted(counts, above, list(above.spans))
    if not adds_up:
        return found
    for least in (QUARTER, QUARTER * 4):
        if _share_told(counts, found) >= ENOUGH:
            return found
        found = _parted(counts, above, _longer(above.spans, least))
    return found


def _parted(counts: Counts, above: Parting, chosen: Sequence[range]) -> Parting:
    gone, closed = [], set()
    for n, span in enumerate(chosen):
        gone.append(together({each: _within(of, span) for each, of in counts.items()}))
        if above.inside(list(span)) is None:
            closed.add(n)
    return Parting(chosen, gone, frozenset(closed))


def _share_told(counts: Counts, parting: Parting) -> float:
    told = held = 0
    for n, span in enumerate(parting.spans):
        here = {each for each, of in counts.items() if _within(of, span)}
        held += len(here)
        told += 0 if n in parting.closed else len(here - set(parting.gone[n]))
    return told / held if held else 1.0


def _longer(shorter: Sequence[range], months: int) -> list[range]:
    """Spans put together so that none ends within a quarter (or a year) that another one begins in."""
    found: list[range] = []
    for each in shorter:
        if found and found[-1].stop % months:
            found[-1] = range(found[-1].start, each.stop)
        else:
            found.append(each)
    return found


def _within(counts: Sequence[float], span: range) -> float:
    return sum(counts[n] for n in span)
