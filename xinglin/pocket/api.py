"""The front door of telephones: what waits for a person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.pocket import queries
from xinglin.pocket.states import CHANGE_TRANSITIONS, TRANSITIONS
from xinglin.web.work import RAISED, WorkItem

__all__ = ["state_tables", "waiting_for"]

MOST = 50


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state tables of this capability, by title, for the generated diagrams."""
    return {"pocket.device": TRANSITIONS, "pocket.change": CHANGE_TRANSITIONS}


def waiting_for(actor: Actor, *, at: datetime) -> list[WorkItem]:
    """What telephones sent and somebody must look at, at the actor's facilities."""
    if Permission.PROGRAMME_DO not in actor.permissions:
        return []
    return [
        WorkItem(
            kind="pocket-review", icon="inbox",
            title=_("手机记录待核对：%(name)s") % {"name": each.resident.name if each.resident else ""},
            detail=" · ".join((each.get_kind_display(), each.why)), url=reverse("pocket:review", args=[each.uuid]),
            risk=RAISED, since=each.received_at,
        )
        for each in queries.review_list(actor).rows[:MOST]
    ]  # fmt: skip
