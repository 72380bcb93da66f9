"""Days and months as the report asks for them, in the county's time."""

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import InvalidInput

MOST_DAYS = 366


def period(since: str, until: str, *, today: date) -> tuple[date, date]:
    """Two days (half-open) from what was typed, `until` inclusive there; the last thirty days when nothing was.

    :raises InvalidInput: a day that is none, in the wrong order, or more than a year
    """
    try:
        last = date.fromisoformat(until) if until else today
        first = date.fromisoformat(since) if since else last - timedelta(days=29)
    except ValueError as error:
        raise InvalidInput(_("日期无法识别，请写成2026-01-31。"), fields={"since": _("日期不对。")}) from error
    if first > last or (last - first).days > MOST_DAYS:
        raise InvalidInput(_("起止日期应先后有序，最长一年。"), fields={"since": _("日期不对。")})
    return first, last + timedelta(days=1)
