"""Results of a person held against the items of an order: which may stand for them, and what speaks against the others."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from xinglin.diagnostics.api import Order, reported_of
from xinglin.network import api as network
from xinglin.network.data import Standing
from xinglin.platform import clock
from xinglin.recognition import catalogue, validity
from xinglin.recognition.data import Level, Reach
from xinglin.recognition.rule import POOR, RELEASED, Item, Result, Verdict, age_in_days, judge
from xinglin.residents import api as residents

#: Results this much past the longest window are still looked at, to say why they cannot stand.
NEAR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A result beside an item of the order, with the answer of the rule. `source` has its centre loaded."""

    item: Item
    source: Any
    report: Any
    verdict: Verdict
    examined_at: datetime
    age_days: int
    reach: Reach
    level: Level | None


@dataclass(frozen=True, slots=True)
class Found:
    """What is known for one item: results that may stand for it, newest first, and near misses."""

    item: Item
    title: str
    recognisable: tuple[Candidate, ...]
    misses: tuple[Candidate, ...] = ()


def reach_between(ours: Standing, theirs: Standing) -> Reach:
    """How far apart two units are: in one consortium as of the day, else by their divisions (GB/T 2260)."""
    if ours.consortia & theirs.consortia:
        return Reach.CONSORTIUM
    for digits, reach in ((6, Reach.COUNTY), (4, Reach.CITY), (2, Reach.PROVINCE)):
        if ours.division_code[:digits] == theirs.division_code[:digits] and len(ours.division_code) >= digits:
            return reach
    return Reach.COUNTRY


def known_for(order: Order, *, at: datetime) -> list[Found]:
    """What is known for each item of an order that is in the catalogue, in the order of the items. Six queries or so.

    The person is all his registrations; the units are all of the county, whatever rosters say.
    """
    today = clock.today(at)
    items = _items(order, today)
    if not items:
        return []
    since = at - timedelta(days=max(item.days for item, _title in items)) - NEAR
    requests = [
        each
        for each in reported_of(residents.ids_of_person(order.resident), kind=order.kind, since=since)
        if each.reports.all()
    ]
    if not requests:
        return []
    units = {each.centre.facility_id for each in requests}
    standings = network.standings_of({order.facility_id, *units}, on=today)
    levels = validity.levels_of(units, kind=order.kind, on=today)
    seen = _Seen(order, requests, standings, levels, at)
    return [found for item, title in items if (found := seen.found(item, title)) is not None]


def _items(order: Order, on: date) -> list[tuple[Item, str]]:
    listed = {each.code: each for each in catalogue.items(on=on, kind=order.kind, only_active=True)}
    return [(listed[each["code"]], listed[each["code"]].title) for each in order.items if each["code"] in listed]


@dataclass(frozen=True, slots=True)
class _Seen:
    """The results of one person, as the rule needs them."""

    order: Order
    requests: list[Any]
    standings: dict[int, Standing]
    levels: dict[tuple[int, str], Level]
    at: datetime

    def found(self, item: Item, title: str) -> Found | None:
        """What is known for one item; None when nothing is."""
        same = [each for each in self.requests if codes_of(each) & {item.code, *item.also}]
        judged = sorted(
            (self._candidate(item, each, same) for each in same), key=lambda each: each.examined_at, reverse=True
        )
        if not judged:
            return None
        fits = tuple(each for each in judged if each.verdict)
        return Found(item, title, fits, tuple(each for each in judged if not each.verdict))

    def _candidate(self, item: Item, request: Any, same: list[Any]) -> Candidate:
        examined_at = examined(request)
        report = max(request.reports.all(), key=lambda each: each.version)
        unit = request.centre.facility_id
        level = validity.level_for(self.levels, unit, item.code)
        ours, theirs = (self.standings.get(each, Standing()) for each in (self.order.facility_id, unit))
        reach = reach_between(ours, theirs)
        result = Result(
            codes=codes_of(request), kind=request.kind, status=request.status, examined_at=examined_at, reach=reach,
            level=level, grades=grades_of(request), is_critical=_is_critical(request), is_abnormal=report.is_abnormal,
            newer_at=_newest_good(same, other_than=request),
        )  # fmt: skip
        verdict = judge(item, result, at=self.at)
        age = age_in_days(examined_at, at=self.at)
        return Candidate(item, request, report, verdict, examined_at, age, reach, level)


def examined(request: Any) -> datetime:
    """When the person was examined: when the images or specimens were there, else when it was asked for."""
    return request.performed_at or request.requested_at  # type: ignore[no-any-return]


def codes_of(request: Any) -> frozenset[str]:
    """Codes of the items of a request."""
    return frozenset(each["code"] for each in request.items)


def grades_of(request: Any) -> frozenset[str]:
    """Grades that were given to how it was taken."""
    return frozenset(each.grade for each in request.quality_marks.all())


def _is_critical(request: Any) -> bool:
    return any(each.status != "SUPERSEDED" for each in request.critical_values.all())


def _newest_good(same: list[Any], *, other_than: Any) -> datetime | None:
    """When the same was examined last with a released report and images that can be read."""
    moments = [
        examined(each) for each in same
        if each.pk != other_than.pk and each.status in RELEASED and not grades_of(each) & POOR
    ]  # fmt: skip
    return max(moments, default=None)
