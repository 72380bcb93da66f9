"""Shape of what the pages send."""

from datetime import date, time, timedelta
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from xinglin.centres.actions import Duty
from xinglin.centres.catalogue import CommonShift, common_shifts, moments
from xinglin.centres.words import MODALITIES, REGIONS
from xinglin.platform.errors import InvalidInput


def duties_from(post: QueryDict, week: date) -> list[Duty]:
    """The shifts of a form: one reader, some days of a week, one period.

    :raises InvalidInput: no reader, no day, or no period
    """
    reader, days = post.get("reader", ""), [int(each) for each in post.getlist("days") if each in "0123456" and each]
    faults: dict[str, object] = {}
    if not reader.isdecimal():
        faults["reader"] = _("请选择医生。")
    if not days:
        faults["days"] = _("请选择日期。")
    period = _period(post, week)
    if period is None:
        faults["shift"] = _("请选择班次，或填写起止时间。")
    elif period[0] == period[1] and _common(post, week) is None:
        faults["until"] = _("起止时间相同；值满一天请选“24小时”班次。")
    if faults or period is None:
        raise InvalidInput(_("有内容没有填写完整。"), fields=faults)
    return [
        Duty(
            int(reader), *moments(week + timedelta(days=day), *period),
            tuple(each for each in post.getlist("modalities") if each in MODALITIES),
            tuple(each for each in post.getlist("regions") if each in REGIONS), post.get("reviews") == "on",
        )
        for day in sorted(set(days))
    ]  # fmt: skip


def _common(post: QueryDict, week: date) -> CommonShift | None:
    return next((each for each in common_shifts(on=week) if each.code == post.get("shift", "")), None)


def _period(post: QueryDict, week: date) -> tuple[time, time] | None:
    chosen = _common(post, week)
    if chosen is not None:
        return chosen.start, chosen.end
    try:
        return time.fromisoformat(post.get("from", "")), time.fromisoformat(post.get("until", ""))
    except ValueError:
        return None


def minutes_from(post: QueryDict, *names: str) -> dict[str, int]:
    """Numbers of minutes. :raises InvalidInput: one is no number"""
    found: dict[str, int] = {}
    faults: dict[str, Any] = {}
    for name in names:
        try:
            found[name] = int(post.get(name, "").strip())
        except ValueError:
            faults[name] = _("请填写分钟数。")
    if faults:
        raise InvalidInput(_("分钟数不在范围内。"), fields=faults)
    return found
