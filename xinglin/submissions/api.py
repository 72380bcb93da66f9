"""The front door of submissions."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.platform.actors import Actor
from xinglin.submissions import queries
from xinglin.submissions.events import Event
from xinglin.submissions.states import TRANSITIONS, Status
from xinglin.submissions.words import title_of
from xinglin.web.work import ORDINARY, RAISED, WorkItem

__all__ = ["Event", "state_tables", "waiting_for"]

#: Days before the end of the term from which a submission waits on a workbench.
AHEAD = timedelta(days=7)
MOST = 20


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state table of this capability, by title, for the generated diagrams."""
    return {"submissions.submission": TRANSITIONS}


def waiting_for(actor: Actor, *, at: datetime) -> list[WorkItem]:
    """Submissions that are due soon or wait for a second person; none for who does not keep figures."""
    rows = queries.submissions_visible_to(actor).filter(
        status__in=(Status.DUE, Status.MADE, Status.CHECKED), due_on__lte=timezone.localdate(at) + AHEAD
    )
    return [
        WorkItem(
            kind="submission", icon="send", title=_("上报：%(title)s") % {"title": title_of(each.form)},
            detail=f"{each.period} · {each.get_status_display()}", url=reverse("submissions:detail", args=[each.uuid]),
            risk=RAISED if each.due_on <= timezone.localdate(at) else ORDINARY,
            due_on=each.due_on,
        )
        for each in rows.order_by("due_on", "id")[:MOST]
    ]  # fmt: skip
