"""Persons whose spells cover so many days of a period: of each person each day once, and at each unit its own days.

Somebody at two sites on one day was there for one day, and for half of it at each, where the rows say so. Somebody whose
postings overlap by mistake is counted no day twice.
"""

from datetime import timedelta
from typing import Any

import ibis
import pyarrow as pa

from xinglin.indicators.definitions.language import Measure, conjuncts
from xinglin.indicators.engine.compiling import Compiler, Frame

WHOLE_DAY = 1.0


def calendar_of(frame: Frame) -> pa.Table:
    """The days of a period, up to the day as of which things stand."""
    first, end = frame.period.first, min(frame.period.last, frame.ref)
    return pa.table({"day_": pa.array([first + timedelta(n) for n in range((end - first).days + 1)], pa.date32())})


def for_days(compiler: Compiler, table: Any, by: list[str], one: Measure, calendar: Any) -> Any:
    """How many persons a measure counts, as `m0`, by the columns of `by`."""
    assert one.value is not None
    table, answers = compiler.prepared(table.filter(table.person.notnull()), conjuncts(one.rows.where))
    if (where := compiler.all_of(conjuncts(one.rows.where), table, answers)) is not None:
        table = table.filter(where)
    share = compiler.condition(one.value, table, answers).cast("float64").fill_null(WHOLE_DAY)
    rows = table.select(*by, "person", "since", "until", share_=share)
    covered = rows.join(calendar, (rows.since <= calendar.day_) & (rows.until.isnull() | (rows.until > calendar.day_)))
    each_day = covered.group_by([*by, "person", "day_"]).aggregate(
        part_=ibis.least(ibis.literal(WHOLE_DAY), ibis._.share_.sum())
    )
    people = each_day.group_by([*by, "person"]).aggregate(days_=ibis._.part_.sum())
    long_enough = people.filter(people.days_ >= one.n_days)
    return (long_enough.group_by(by) if by else long_enough).aggregate(m0=ibis._.count())
