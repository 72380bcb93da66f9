"""How figures, moments and spans of time are written for people. Pure functions: the moment comes in as an argument."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

#: Children younger than this (in months) are given in months, as clinicians say it.
MONTHS_UNTIL_YEARS = 36
#: Newborns younger than this are given in days.
DAYS_UNTIL_MONTHS = 60


def age_text(born_on: date, on: date) -> str:
    """Age on a day: days for a newborn, months for a toddler, then completed years. A date to come gives ``""``."""
    days = (on - born_on).days
    if days < 0:
        return ""
    if days < DAYS_UNTIL_MONTHS:
        return ngettext("%(n)d天", "%(n)d天", days) % {"n": days}
    months = (on.year - born_on.year) * 12 + on.month - born_on.month - (on.day < born_on.day)
    if months < MONTHS_UNTIL_YEARS:
        return ngettext("%(n)d月龄", "%(n)d月龄", months) % {"n": months}
    return ngettext("%(n)d岁", "%(n)d岁", months // 12) % {"n": months // 12}


def span_text(span: timedelta) -> str:
    """A span of time in its two largest units, e.g. ``2小时05分``; below one minute it says so."""
    minutes = int(abs(span).total_seconds()) // 60
    if minutes < 1:
        return _("不到1分钟")
    if minutes < 60:
        return _("%(minutes)d分钟") % {"minutes": minutes}
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _("%(hours)d小时%(minutes)02d分") % {"hours": hours, "minutes": minutes}
    days, hours = divmod(hours, 24)
    if days < 7 and hours:
        return _("%(days)d天%(hours)d小时") % {"days": days, "hours": hours}
    return _("%(days)d天") % {"days": days}


def datetime_text(moment: datetime, *, now: datetime) -> str:
    """Local day and minute; the year is left out when it is the present one."""
    local = timezone.localtime(moment)
    same_year = local.year == timezone.localtime(now).year
    return local.strftime("%m-%d %H:%M" if same_year else "%Y-%m-%d %H:%M")


def day_text(day: date, *, today: date) -> str:
    """A day as a heading: weekday, and "today" or "yesterday" where it helps."""
    weekdays = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    text = f"{day:%Y-%m-%d} {weekdays[day.weekday()]}"
    near = {0: _("今天"), 1: _("昨天"), -1: _("明天")}.get((today - day).days)
    return f"{near} · {text}" if near else text


def masked(value: str, *, first: int = 3, last: int = 4) -> str:
    """Show the first and last characters and cover the rest; what is too short to cover in part is covered whole."""
    hidden = len(value) - first - last
    if hidden < 1:
        return "*" * len(value)
    return value[:first] + "*" * min(hidden, 8) + value[len(value) - last :]


def listed_text(words: Iterable[object]) -> str:
    """Words one after the other, with the mark of the reader's language between them."""
    return _("、").join(str(each) for each in words)


def bracketed_text(words: object) -> str:
    """Words in the brackets of the reader's language, to stand behind others."""
    return _("（%(words)s）") % {"words": words}


def parted_text(parts: Iterable[object]) -> str:
    """Parts that are themselves sentences or lists, with the semicolon of the reader's language between them."""
    return _("；").join(str(each) for each in parts)


def aside_text(words: object, aside: object) -> str:
    """Words with something beside them in brackets; without it the words alone."""
    return f"{words}{_('（')}{aside}{_('）')}" if aside else str(words)


def figure_text(value: object, digits: int | None = None) -> str | None:
    """A figure with thousands separators; None stays None, because "no data" is not zero."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return str(value)
    if digits is not None:
        return f"{value:,.{digits}f}"
    return f"{value:,}"


def percent_text(ratio: float | Decimal | None, digits: int = 1) -> str | None:
    """A ratio between 0 and 1 as a percentage; None stays None."""
    return None if ratio is None else f"{ratio * 100:.{digits}f}%"


def due_day_text(day: date, *, today: date) -> str:
    """How far away the day is by which something is due, or how long it is over, in calendar days."""
    days = (day - today).days
    if days < 0:
        return ngettext("逾期%(days)d天", "逾期%(days)d天", -days) % {"days": -days}
    return _("今天") if days == 0 else ngettext("%(days)d天后", "%(days)d天后", days) % {"days": days}


def remaining_text(due: datetime, *, now: datetime) -> str:
    """Time left until `due`, or how long it is over."""
    if due >= now:
        return _("剩%(span)s") % {"span": span_text(due - now)}
    if now - due < timedelta(minutes=1):
        return _("刚刚超时")
    return _("超时%(span)s") % {"span": span_text(now - due)}


def due_state(due: datetime, *, now: datetime, warn: timedelta) -> str:
    """``over``, ``soon`` (within `warn`) or ``calm``."""
    if now > due:
        return "over"
    return "soon" if due - now <= warn else "calm"
