"""What may be told of a flow to whoever may not open the records behind it: decided once for a kind of care and a year."""

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from xinglin.indicators.engine import board as kept
from xinglin.indicators.engine.crossing import Plan, Table, plan_of, plan_within
from xinglin.indicators.engine.periods import Period
from xinglin.indicators.engine.places import Network
from xinglin.indicators.flow_counts import DESTINATIONS, Geography, kept_flows, months_of_year, stored
from xinglin.indicators.models import FactVersion, Flow

#: Plans kept in this process.
MOST_KEPT = 256
_kept: OrderedDict[tuple[object, ...], Plan] = OrderedDict()


class Guard:
    """One flow of a year: origins are townships, destinations are levels of care, or the parts of one."""

    def __init__(self, version: FactVersion, kind: str, period: Period, *, at: datetime) -> None:
        self._version, self._kind, self._at = version, kind, at
        self._period = period
        self._months = list(range(period.first.month - 1, period.last.month))

    def tells(self, townships: Collection[str] | None, levels: Collection[str] | None) -> bool:
        """Whether the people of some townships treated at some levels of care are told; None stands for all."""
        return self._whole().tells(townships, levels, self._months)

    def tells_chapter(self, townships: Collection[str] | None, levels: Collection[str], chapter: str) -> bool:
        """The same of one chapter: of several levels, where each is told by itself."""
        return all(self._within(level, "chapter").tells(townships, {chapter}, self._months) for level in levels)

    def tells_facilities(self, townships: Collection[str] | None, level: str, facilities: Collection[str]) -> bool:
        """Whether the people of some townships treated at some facilities of a level are told."""
        return self._within(level, "facility").tells(townships, facilities, self._months)

    def _whole(self) -> Plan:
        return self._plan("", "")

    def _within(self, level: str, part: str) -> Plan:
        return self._plan(level, part)

    def _plan(self, level: str, part: str) -> Plan:
        key = (self._version.pk, self._version.digest, self._kind, self._period.first.year, level, part)
        if key not in _kept:
            self._make(part)
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
        return _kept[key]

    def _make(self, part: str) -> None:
        """The plan of levels of care, or those of the parts of each."""
        months = months_of_year(self._version, self._period)
        head = (self._version.pk, self._version.digest, self._kind, self._period.first.year)
        if part:
            above = self._whole()  # from then on everything is kept
            rows = stored(self._version, months, self._kind, None if part == "chapter" else {""})
            for level, tables in self._tables_within(rows, months, part).items():
                _kept[(*head, level, part)] = plan_within(
                    tables, above, level, self._units(), by_row=part == "facility"
                )
            return
        rows = stored(self._version, months, self._kind, {""})
        if len({each.period for each in rows}) < len(months):
            kept_flows(self._version, months, self._kind, at=self._at)
            rows = stored(self._version, months, self._kind, {""})
        _kept[(*head, "", "")] = plan_of(self._tables(rows, months), self._units())

    def _units(self) -> list[frozenset[str]]:
        """Townships that are told of as one area or consortium."""
        network, on, where = Network.of(self._version), kept.reference(self._version), Geography.of(self._version)
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for level in ("area", "consortium"):
            for layer in network.layers(level, on=on):
                for facility, unit in (layer.units or {}).items():
                    found[level, unit].add(where.township(str(facility)))
        return [frozenset(each) for each in found.values()]

    def _tables(self, rows: Iterable[Flow], months: list[Period]) -> list[Table]:
        where = Geography.of(self._version)
        found: dict[str, dict[str, dict[str, float]]] = {each.text: {} for each in months}
        for row in rows:
            for home, places in row.cells.items():
                here = found[row.period].setdefault(where.township(home), defaultdict(float))
                for place, n in places.items():
                    here[where.destination(home, place)[0]] += n
        return [found[each.text] for each in months]

    def _tables_within(self, rows: Iterable[Flow], months: list[Period], part: str) -> dict[str, list[Table]]:
        where = Geography.of(self._version)
        found: dict[str, dict[str, dict[str, dict[str, float]]]] = {
            level: {each.text: {} for each in months} for level in DESTINATIONS
        }
        for row in rows:
            for home, places in row.cells.items():
                township = where.township(home)
                for place, n in places.items():
                    level, facility = where.destination(home, place)
                    here = found[level][row.period].setdefault(township, defaultdict(float))
                    here[row.chapter if part == "chapter" else facility] += n
        return {level: [tables[each.text] for each in months] for level, tables in found.items()}
