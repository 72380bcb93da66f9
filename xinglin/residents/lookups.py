"""Who looked at a resident's record, in plain words, for the resident and for those who treat him."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.api import event_title
from xinglin.network.api import facility_names
from xinglin.platform import audit
from xinglin.platform.models import AuditRecord
from xinglin.platform.paging import Page, page_of
from xinglin.residents.events import Event

PAGE = 30
#: What was looked at or done, by the first part of the event's name.
_THINGS: dict[str, Promise] = {
    "resident": _("健康档案"),
    "visit": _("就诊记录"),
    "request": _("检查申请"),
    "recording": _("心电图"),
    "report": _("检查报告"),
    "critical": _("危急值"),
    "referral": _("转诊单"),
    "followup": _("随访记录"),
    "emergency": _("紧急访问"),
}


@dataclass(frozen=True, slots=True)
class Lookup:
    """One line: who, from which facility, when, what; `reason` when it was break-glass. `times`: how often that day."""

    at: datetime
    who: str
    facility: str
    what: object
    reason: str
    is_emergency: bool
    was_refused: bool
    is_look: bool
    times: int = 1


def sentence_of(event: str) -> object:
    """An event in plain words; one nobody described is told by its thing."""
    if title := event_title(event):
        return title
    thing, _dot, verb = event.partition(".")
    name = _THINGS.get(thing, _("健康资料"))
    return (_("查看了%(thing)s") if is_look(event) else _("处理了%(thing)s")) % {"thing": name} if verb else name


def is_look(event: str) -> bool:
    """Whether somebody only looked."""
    return event.endswith(("viewed", "listed", "searched", "compared", "printed", "exported", "opened", "carried"))


def lookups_of(uuids: list[UUID], *, by_others: bool = False, cursor: str = "", size: int = PAGE) -> Page[Lookup]:
    """All that was done with, or seen of, a person, newest first; `by_others` leaves out what he looked at himself.

    Two queries a page.
    """
    records = AuditRecord.objects.filter(audit.concerns(uuids))
    if by_others:
        records = records.exclude(event=Event.OWN_VIEWED)
    found = page_of(records, by=["-id"], cursor=cursor, size=size)
    names = facility_names({row.place for row in found.rows if row.place is not None})
    lines = [
        Lookup(
            at=row.at,
            who=row.actor_name or str(_("系统")),
            facility=names.get(row.place, "") if row.place is not None else "",
            what=sentence_of(row.event),
            reason=row.reason if row.emergency or row.event.startswith("emergency.") else "",
            is_emergency=row.emergency or row.event.startswith("emergency."),
            was_refused=row.outcome != "ok",
            is_look=is_look(row.event),
        )
        for row in found.rows
    ]
    return Page(lines, found.next_cursor, found.is_first)


def by_day(page: Page[Lookup]) -> Page[Lookup]:
    """The same page to read: of one who looked at the same several times in a day, the last time stands for all of them."""
    lines: dict[object, Lookup] = {}
    for each in page.rows:
        is_plain = each.is_look and not each.is_emergency and not each.was_refused
        key = (each.who, each.facility, str(each.what), localdate(each.at)) if is_plain else len(lines)
        lines[key] = replace(lines[key], times=lines[key].times + 1) if key in lines else each
    return Page(list(lines.values()), page.next_cursor, page.is_first)
