"""Key groups entered by hand, with evidence and an end."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.contracts import permissions, secrecy
from xinglin.contracts.actions.texts import line
from xinglin.contracts.events import Event
from xinglin.contracts.models import Agreement, GroupEntry
from xinglin.contracts.people import groups_of_resident
from xinglin.contracts.rules.groups import group_titles
from xinglin.contracts.states import IN_FORCE
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, wrong
from xinglin.platform.outbox import announce
from xinglin.residents import api as residents


@transaction.atomic
def enter_group(
    *, resident: Any, group: str, since: date, until: date | None, evidence: str, by: Actor, at: datetime
) -> GroupEntry:
    """Enter a resident into a key group, with what shows it (number of a certificate, a card, a diagnosis elsewhere).

    :raises NotPermitted: the actor signs nobody
    :raises Conflict: he is in it, without an end
    """
    permissions.may_sign_at(by, None).require()
    if group not in group_titles() or group in secrecy.hidden_groups(by, resident.managed_by_id):
        raise wrong("group", _("请选择重点人群。"))
    if since > clock.today(at) or (until is not None and until < since):
        raise wrong("since", _("起止日期不对。"))
    try:
        with transaction.atomic():
            entry = GroupEntry.objects.create(
                resident=resident, group=group, since=since, until=until, entered_at=at, entered_by_name=by.name[:80],
                evidence=line("evidence", evidence, 200, required=True),
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("已登记在这个人群中。"), code="already") from error
    _look_again(resident, at=at)
    announce(Event.GROUP_ENTERED, obj=entry, subject=resident.uuid, by=by, at=at, group=secrecy.audited(group))
    return entry


@transaction.atomic
def end_group(*, entry: GroupEntry, until: date, by: Actor, at: datetime) -> GroupEntry:
    """Let an entry end on a day. :raises InvalidInput: before it began"""
    permissions.may_sign_at(by, None).require()
    if until < entry.since:
        raise wrong("until", _("起止日期不对。"))
    GroupEntry.objects.filter(pk=entry.pk).update(until=until)
    entry.refresh_from_db()
    _look_again(entry.resident, at=at)
    announce(
        Event.GROUP_ENDED,
        obj=entry,
        subject=entry.resident.uuid,
        by=by,
        at=at,
        group=secrecy.audited(entry.group),
        until=until.isoformat(),
    )
    return entry


def _look_again(resident: Any, *, at: datetime) -> None:
    """The agreement's own list follows, so that lists and figures count him at once."""
    ids = residents.ids_of_person(resident)
    groups = list(groups_of_resident(resident, on=clock.today(at)))
    Agreement.objects.filter(resident_id__in=ids, status__in=IN_FORCE).update(groups=groups)
