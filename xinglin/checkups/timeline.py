"""Check-ups as told on a resident's timeline, and their figures as measurements by LOINC code."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.checkups import queries, rules
from xinglin.checkups.models import CheckupStatusChange
from xinglin.checkups.states import LOOKS, Status
from xinglin.platform.actors import Actor
from xinglin.residents.api import Measurement, TimelineEntry


def provide(actor: Actor, resident_ids: Sequence[int], before: datetime, limit: int) -> list[TimelineEntry]:
    """Booked, begun, reported, ended. One query."""
    opens = Permission.CHECKUP_VIEW in actor.permissions or Permission.CHECKUP_BOOK in actor.permissions
    return [_entry(each, opens) for each in queries.changes_of(resident_ids, before=before, limit=limit)]


def _entry(change: CheckupStatusChange, opens: bool) -> TimelineEntry:
    checkup, status = change.subject, Status(change.became)
    tone, icon = LOOKS[status]
    package = rules.package(checkup.package)
    return TimelineEntry(
        at=change.changed_at, kind="checkup", icon=icon,
        title=_("健康体检：%(status)s") % {"status": status.label}, detail=package.title if package else checkup.package,
        url=reverse("checkups:detail", args=[checkup.uuid]) if opens else "", facility_name=str(checkup.facility),
        by_name=change.changed_by_name, tone=tone,
    )  # fmt: skip


def measured(resident_ids: Sequence[int], codes: frozenset[str], since: datetime, limit: int) -> list[Measurement]:
    """What was measured at stations, newest first. One query."""
    known = {each.code: each for each in rules.items().values()}
    return [
        Measurement(
            code=each.loinc, value=each.number, unit=known[each.item].unit_zh, at=each.found_at,
            source=f"{each.checkup.facility} {_('健康体检')}", url=reverse("checkups:detail", args=[each.checkup.uuid]),
        )
        for each in queries.measured(resident_ids, codes, since, limit)
        if each.number is not None and each.item in known
    ]  # fmt: skip
