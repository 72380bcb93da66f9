"""Ages of definitions: ``28d``, ``6m``, ``18y``. Counted by the calendar, as people count them."""

import calendar
import re
from datetime import date, timedelta

_AGE = re.compile(r"(\d{1,3})([dmy])")


def reached_on(born_on: date, age: str) -> date:
    """The day somebody reaches an age. :raises ValueError: no such age"""
    match = _AGE.fullmatch(age)
    if match is None:
        raise ValueError(f"an age is written 28d, 6m or 18y, not {age!r}")
    number, unit = int(match[1]), match[2]
    if unit == "d":
        return born_on + timedelta(days=number)
    months = born_on.month - 1 + (number if unit == "m" else 12 * number)
    year, month = born_on.year + months // 12, months % 12 + 1
    return date(year, month, min(born_on.day, calendar.monthrange(year, month)[1]))


def is_within(born_on: date, on: date, *, since: str = "", until: str = "") -> bool:
    """Whether somebody is of an age in ``[since, until)`` on a day; an empty bound is none."""
    if since and on < reached_on(born_on, since):
        return False
    return not until or on < reached_on(born_on, until)
