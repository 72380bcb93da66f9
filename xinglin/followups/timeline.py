"""Follow-up as told on a resident's timeline."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.followups import queries
from xinglin.followups.data import Channel
from xinglin.followups.models import FollowUpStatusChange
from xinglin.followups.states import LOOKS, Status
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.residents.data import Flag, TimelineEntry


def provide(actor: Actor, resident_ids: Sequence[int], before: datetime, limit: int) -> list[TimelineEntry]:
    """Planned, unreached, done and cancelled follow-ups. One query."""
    may_open = actor.places_where(Permission.FOLLOWUP_VIEW)
    return [_entry(change, may_open) for change in queries.changes_of(resident_ids, before=before, limit=limit)]


def flags(actor: Actor, resident: Any, *, at: datetime) -> tuple[Flag, ...]:
    """Whether somebody has contacted the resident this week, or he does not want to be called. One query."""
    call = queries.latest_spoken(resident, at=at)
    if call is None:
        return ()
    words = _("%(day)s已联系") % {"day": clock.today(call.opened_at).strftime("%m-%d")}
    return (Flag(words, "neutral", "phone"),)


def _entry(change: FollowUpStatusChange, may_open: frozenset[int] | None) -> TimelineEntry:
    task = change.subject
    tone, icon = LOOKS[Status(change.became)]
    opens = may_open is None or task.facility_id in may_open
    return TimelineEntry(
        at=change.changed_at,
        kind="followup",
        icon=icon,
        title=_title(change),
        detail=_detail(change),
        url=reverse("followups:detail", args=[task.uuid]) if opens else "",
        facility_name=str(task.facility),
        by_name=change.changed_by_name,
        tone=tone,
    )


def _title(change: FollowUpStatusChange) -> str:
    kind = change.subject.get_kind_display()
    if change.became == Status.PLANNED:
        return _("安排%(kind)s，%(day)s 到期") % {"kind": kind, "day": change.subject.due_on.isoformat()}
    return _("%(kind)s：%(status)s") % {"kind": kind, "status": Status(change.became).label}


def _detail(change: FollowUpStatusChange) -> str:
    outcome = change.subject.outcome
    if change.became != Status.DONE or not outcome:
        return change.reason
    pressure = f"{outcome['systolic']}/{outcome['diastolic']} mmHg" if outcome.get("systolic") else ""
    how = str(Channel(outcome["channel"]).label) if outcome.get("channel") in Channel.values else ""
    said = (how, pressure, outcome.get("not_measured", ""), outcome.get("critical_note", ""), outcome.get("advice", ""))
    return " · ".join(part for part in said if part)
