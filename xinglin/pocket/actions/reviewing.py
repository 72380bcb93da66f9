"""A person looks at what could not count at once: adopts it by the ordinary action, or rejects it with a reason."""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move
from xinglin.pocket import permissions
from xinglin.pocket.actions.applying import correct, visit_in
from xinglin.pocket.data import Kind
from xinglin.pocket.events import Event
from xinglin.pocket.models import Change
from xinglin.pocket.states import CHANGE_TRANSITIONS, ChangeStatus
from xinglin.programmes import api as programmes
from xinglin.residents import api as residents


@transaction.atomic
def adopt_change(
    *,
    change: Change,
    happened_at: datetime | None = None,
    alert_answer: str = "",
    alert_note: str = "",
    call_reason: str = "",
    by: Actor,
    at: datetime,
) -> Change:
    """Take a change into the record as it stands now, in the reviewer's name, who it came from written beside.

    `happened_at`: the right moment, where the telephone's clock was wrong.

    :raises NotPermitted: not at the facility that looks at it
    :raises Conflict: somebody has; or the record still does not take it
    :raises InvalidInput: the record does not take it; says what is lacking
    """
    permissions.may_review(by, change).require()
    assert change.resident is not None  # only of known residents something waits
    resident = residents.registration(change.resident.uuid)
    content = json.loads(change.content or "{}")
    do = {Kind.VISIT: _visit, Kind.UNREACHED: _unreached, Kind.CORRECTION: _correction}[Kind(change.kind)]
    said = {
        "happened_at": happened_at or change.happened_at,
        "alert_answer": alert_answer,
        "alert_note": alert_note,
        "call_reason": call_reason,
    }
    made = do(change, resident, content, said, by=by, at=at)
    move(
        change, table=CHANGE_TRANSITIONS, to=ChangeStatus.ADOPTED, by=by, at=at, place=change.facility_id, object_uuid=made,
    )  # fmt: skip
    announce(
        Event.ADOPTED, obj=change, subject=resident.uuid, by=by, at=at, place=change.facility_id, kind=change.kind,
        code=change.code,
    )  # fmt: skip
    return change


@transaction.atomic
def reject_change(*, change: Change, reason: str, by: Actor, at: datetime) -> Change:
    """Do not take a change into the record. It is kept, with the reason, and its telephone is told.

    :raises NotPermitted: not at the facility that looks at it
    :raises Conflict: somebody has
    :raises InvalidInput: no reason
    """
    permissions.may_review(by, change).require()
    reason = reason.strip()
    if not reason or len(reason) > 500 or "\x00" in reason:
        raise InvalidInput(_("请写明理由，最多500个字。"), fields={"reason": _("必填。")})
    move(
        change, table=CHANGE_TRANSITIONS, to=ChangeStatus.REJECTED, by=by, at=at, place=change.facility_id, reason=reason,
        message=reason,
    )  # fmt: skip
    announce(
        Event.REJECTED, obj=change, subject=change.resident.uuid if change.resident else None, by=by, at=at,
        place=change.facility_id, reason=reason, kind=change.kind,
    )  # fmt: skip
    return change


@transaction.atomic
def hand_on_reviews(*, resident: Any, by: Actor, at: datetime) -> int:
    """Let what waits for a person wait where `resident`, the registration kept, is managed now: how many that were.

    Safe to run again. Nobody is asked: what follows from a transfer, somebody permitted decided.
    """
    waiting = Change.objects.select_for_update(of=("self",)).filter(
        resident_id__in=residents.ids_of_person(resident), status=ChangeStatus.REVIEW
    )
    moved = list(waiting.exclude(facility_id=resident.managed_by_id).order_by("pk"))
    for change in moved:
        Change.objects.filter(pk=change.pk).update(facility_id=resident.managed_by_id)
        announce(
            Event.HANDED_ON, obj=change, subject=resident.uuid, by=by, at=at, place=resident.managed_by_id,
            kind=change.kind, was_at=change.facility_id,
        )  # fmt: skip
    return len(moved)


def _visit(
    change: Change, resident: Any, content: dict[str, Any], said: dict[str, Any], *, by: Actor, at: datetime
) -> Any:
    with override(settings.LANGUAGE_CODE):  # the county's records are in one language
        noted = f"{timezone.localtime(change.noted_at):%Y-%m-%d %H:%M}"
        origin = f"手机离线记录：{change.sender_name}，手机时间 {noted}；{by.name} 核对后入档。"
    given = {
        "note": f"{content.get('note', '')}\n{origin}".strip()[:2000], "happened_at": said["happened_at"], "confirmed_unusual": True,
        "alert_answer": said["alert_answer"] or content.get("alert_answer", ""),
        "alert_note": said["alert_note"] or content.get("alert_note", ""),
        "call_reason": said["call_reason"] or content.get("call_reason", ""),
    }  # fmt: skip
    asked = programmes.offline.asked_of(resident, content["kind"], at=said["happened_at"])
    visit = programmes.record_programme_visit(
        resident=resident,
        facility_id=change.facility_id,
        content=visit_in(change, content, asked, **given),
        by=by,
        at=at,
    )
    return visit.uuid


def _unreached(
    change: Change, resident: Any, content: dict[str, Any], said: dict[str, Any], *, by: Actor, at: datetime
) -> Any:
    line = programmes.managed_line(resident)
    if line is None:
        raise Conflict(_("该居民没有在管的疾病，这次联系不能入档。"), code="not-managed")
    today = timezone.localdate(at)
    programmes.note_attempt(
        line=line, why=content["why"], try_again_on=today, tried_at=min(said["happened_at"], at), by=by, at=at
    )
    return line.uuid


def _correction(
    change: Change, resident: Any, content: dict[str, Any], said: dict[str, Any], *, by: Actor, at: datetime
) -> Any:
    correct(resident, content["field"], str(content["value"]).strip(), by=by, at=at)
    return resident.uuid
