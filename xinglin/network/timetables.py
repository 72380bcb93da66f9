"""When a service point is attended: kept as data, written for people as ``周一 08:00-11:30；周四 14:00-17:00``."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.platform.errors import InvalidInput

#: ISO weekday → word
WEEKDAYS = {
    1: gettext_lazy("周一"),
    2: gettext_lazy("周二"),
    3: gettext_lazy("周三"),
    4: gettext_lazy("周四"),
    5: gettext_lazy("周五"),
    6: gettext_lazy("周六"),
    7: gettext_lazy("周日"),
}
_CHINESE = {word: day for day, words in enumerate(("一", "二", "三", "四", "五", "六", "日天"), 1) for word in words}
_ENGLISH = {word: day for day, word in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), 1)}
_SLOT = re.compile(
    r"^(?:(?:周|星期|礼拜)([一二三四五六日天])|([a-z]{3})[a-z]*)\s*(\d{1,2})[:：](\d{2})\s*[-–—~至到]\s*(\d{1,2})[:：](\d{2})$",
    re.IGNORECASE,
)
MOST_SLOTS = 21
LAST_MINUTE = 24 * 60

Slot = dict[str, Any]


def parse(text: str) -> list[Slot]:
    """Read a timetable as people write it; slots separated by ``；``, ``;`` or line ends.

    :raises InvalidInput: a slot cannot be read, ends before it begins, or overlaps another
    """
    slots = [_slot(part.strip()) for part in re.split(r"[;；\n]", text) if part.strip()]
    return checked(slots)


def _slot(part: str) -> Slot:
    found = _SLOT.match(part)
    day = (_CHINESE.get(found[1]) if found[1] else _ENGLISH.get(found[2].lower())) if found else None
    if found is None or day is None:
        raise _wrong(_("“%(part)s”无法识别，请写成“周一 08:00-11:30”。") % {"part": part[:40]})
    return {"weekday": day, "from": f"{int(found[3]):02d}:{found[4]}", "until": f"{int(found[5]):02d}:{found[6]}"}


def checked(slots: Sequence[Slot]) -> list[Slot]:
    """Slots in order, after a check. :raises InvalidInput: see `parse`"""
    if len(slots) > MOST_SLOTS:
        raise _wrong(_("时段过多，最多 %(n)d 个。") % {"n": MOST_SLOTS})
    ordered = sorted(({key: each[key] for key in ("weekday", "from", "until")} for each in slots), key=_order)
    before: Slot | None = None
    for each in ordered:
        start, end = _minutes(each["from"]), _minutes(each["until"])
        if not 0 <= start < end <= LAST_MINUTE:
            raise _wrong(_("“%(slot)s”的起止时间不对。") % {"slot": words([each])})
        if before and before["weekday"] == each["weekday"] and _minutes(before["until"]) > start:
            raise _wrong(_("“%(slot)s”与前一时段重叠。") % {"slot": words([each])})
        before = each
    return ordered


def _order(slot: Slot) -> tuple[int, str]:
    return slot["weekday"], slot["from"]


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes) if int(minutes) < 60 else -1


def _wrong(reason: str) -> InvalidInput:
    return InvalidInput(reason, fields={"timetable": reason}, code="timetable")


def words(slots: Iterable[Slot]) -> str:
    """A timetable in the reader's language."""
    return _("；").join(f"{WEEKDAYS[each['weekday']]} {each['from']}-{each['until']}" for each in slots)


def plain(slots: Iterable[Slot]) -> str:
    """A timetable as it stands in an exported table: always Chinese, so that the file reads back anywhere."""
    return "；".join(f"周{'一二三四五六日'[each['weekday'] - 1]} {each['from']}-{each['until']}" for each in slots)
