"""Results taken over, and examinations done again with their reason, on a resident's timeline."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.recognition import catalogue, queries
from xinglin.recognition.data import Outcome
from xinglin.recognition.finding import examined
from xinglin.recognition.models import Decision
from xinglin.residents.api import TimelineEntry
from xinglin.visits.api import TakenOver
from xinglin.web.formats import parted_text


def provide(actor: Actor, resident_ids: Sequence[int], before: datetime, limit: int) -> list[TimelineEntry]:
    """What was decided about earlier results. One query."""
    opens = bool(actor.may(Permission.REQUEST_VIEW))
    return [_entry(each, opens=opens) for each in queries.decisions_of(resident_ids, before=before, limit=limit)]


def _entry(decision: Decision, *, opens: bool) -> TimelineEntry:
    recognised = decision.outcome == Outcome.RECOGNISED
    title = catalogue.item_title(decision.kind, decision.item, decision.item_title)
    return TimelineEntry(
        at=decision.decided_at,
        kind="recognition",
        icon="shield-check" if recognised else "refresh",
        title=(_("采用互认结果：%(item)s") if recognised else _("重复检查：%(item)s")) % {"item": title},
        detail=f"{origin_of(decision)}：{decision.report.conclusion}" if recognised else why(decision),
        url=reverse("recognition:decision", args=[decision.uuid]) if opens else "",
        facility_name=str(decision.facility),
        by_name=decision.decided_by_name,
        tone="ok" if recognised else "",
    )


def why(decision: Decision) -> str:
    """Why it was done again, in words; empty for a result that was taken over."""
    title = catalogue.reason_title(decision.reason_code) if decision.reason_code else ""
    return parted_text(part for part in (title, decision.reason) if part)


def origin_of(decision: Decision) -> str:
    """Where and when the result comes from."""
    return f"{decision.source.centre.name} {timezone.localtime(examined(decision.source)):%Y-%m-%d}"


def taken_over(visit: Any) -> list[TakenOver]:
    """Results taken over at a visit, for its page and its letter. One query."""
    return [
        TakenOver(
            title=catalogue.item_title(each.kind, each.item, each.item_title), conclusion=each.report.conclusion,
            origin=origin_of(each), url=reverse("recognition:decision", args=[each.uuid]),
        )
        for each in queries.taken_over_at(visit.pk)
    ]  # fmt: skip
