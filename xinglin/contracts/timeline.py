"""Contracts as told on a resident's timeline, and the team as a flag beside his name."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.contracts import assigning, queries
from xinglin.contracts.models import AgreementStatusChange, Assignment
from xinglin.contracts.rules import settled
from xinglin.contracts.states import LOOKS, Status
from xinglin.platform.actors import Actor
from xinglin.residents import api as residents
from xinglin.residents.data import Flag, TimelineEntry


def provide(actor: Actor, resident_ids: Sequence[int], before: datetime, limit: int) -> list[TimelineEntry]:
    """Signed, begun and ended agreements, and the teams that answered for him. Two queries."""
    places = actor.places_where(Permission.CONTRACT_VIEW)
    steps = [_entry(change, places) for change in queries.changes_of(resident_ids, before=before, limit=limit)]
    given = [
        _assigned(each, places) for each in assigning.given_before(resident_ids, before=before, limit=limit)
    ]  # fmt: skip
    return steps + given


def _assigned(given: Assignment, places: frozenset[int] | None) -> TimelineEntry:
    opens = places is None or bool({given.resident.managed_by_id, given.team.facility_id} & places)
    return TimelineEntry(
        at=given.assigned_at, kind="contract", icon="users",
        title=_("由团队负责：%(team)s（%(way)s）") % {"team": given.team.name, "way": given.get_way_display()},
        detail=given.reason, url=reverse("contracts:assignment", args=[given.uuid]) if opens else "",
        facility_name=str(given.team.facility), by_name=given.assigned_by_name, tone="info",
    )  # fmt: skip


def _entry(change: AgreementStatusChange, places: frozenset[int] | None) -> TimelineEntry:
    agreement = change.subject
    tone, icon = LOOKS[Status(change.became)]
    opens = places is None or bool({agreement.facility_id, agreement.team.facility_id} & places)
    return TimelineEntry(
        at=change.changed_at,
        kind="contract",
        icon=icon,
        title=_title(change),
        detail=_("服务期 %(first)s 至 %(last)s") % {"first": agreement.starts_on, "last": agreement.ends_on}
        if change.became != Status.ENDED
        else change.reason,
        url=reverse("contracts:detail", args=[agreement.uuid]) if opens else "",
        facility_name=str(agreement.facility),
        by_name=change.changed_by_name,
        tone=tone,
    )


def _title(change: AgreementStatusChange) -> str:
    team = change.subject.team.name
    if change.became == Status.ENDED:
        why = settled.end_reason_title(change.reason_code)
        return _("签约终止：%(team)s（%(why)s）") % {"team": team, "why": why}
    if change.became == Status.ACTIVE and change.was == Status.SIGNED:
        return _("签约生效：%(team)s") % {"team": team}
    return _("签约家庭医生：%(team)s") % {"team": team}


def flags(actor: Actor, resident: Any, *, at: datetime) -> tuple[Flag, ...]:
    """The team he is signed with; without one the team that answers for him. At most two queries."""
    ids = residents.ids_of_person(resident)
    team = queries.team_of_resident(ids)
    if team is not None:
        return (Flag(team.name, "ok", "users"),)
    given = assigning.standing_of(ids)
    if given is None:
        return ()
    return (Flag(_("%(team)s · 未签约") % {"team": given.team.name}, "neutral", "users"),)
