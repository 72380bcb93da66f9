"""Points and goods, earned and received through the real actions."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from tests.factories.county import NOW, County
from tests.factories.residents import a_resident
from xinglin.platform import clock
from xinglin.platform.ids import new_uuid
from xinglin.points import actions, rules
from xinglin.points.data import Cause
from xinglin.points.models import Exchange, Movement, Stock

#: Goods of the shipped definitions.
TOWEL, SPOON = "towel", "salt-spoon"


def some_points(
    county: County, resident: Any, *, points: int = 10, on: date | None = None, at: datetime = NOW
) -> list[Movement]:
    """At least so many points, ten at a time, earned on a day; without the limits of a day and a year."""
    rule = replace(rules.rules(clock.today(at))["contract-signed"], per_day=99, per_year=99)
    found: list[Movement] = []
    while sum(each.points for each in found) < points:
        cause = Cause("contract", new_uuid(), on or clock.today(at))
        moved = actions.earn(resident=resident, rule=rule, cause=cause, by=county.alma, at=at)
        assert moved is not None
        found.append(moved)
    return found


def some_goods(
    county: County, *, good: str = TOWEL, n: int = 5, facility_id: int | None = None, at: datetime = NOW
) -> Stock:
    """Goods at Alma's clinic, received by the township hospital above it."""
    return actions.receive_goods(
        facility_id=facility_id or county.clinic.pk, good=good, n=n, words="采购单 2026-11", by=county.tang, at=at
    )


def an_exchange(county: County, *, resident: Any = None, stock: Stock | None = None, at: datetime = NOW) -> Exchange:
    """A towel kept for a resident who had the points for it."""
    resident = resident or a_resident(county, at=at)
    some_points(county, resident, at=at)
    return actions.reserve(resident=resident, stock=stock or some_goods(county, at=at), n=1, by=county.alma, at=at)
