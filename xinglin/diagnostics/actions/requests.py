"""What the sending unit does: ask, add a recording, take back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import catalogue, order_checks, permissions
from xinglin.diagnostics.actions.recordings import MAX_RECORDINGS, Incoming, take_in
from xinglin.diagnostics.actions.rows import locked_request
from xinglin.diagnostics.actions.texts import clean
from xinglin.diagnostics.data import Asked
from xinglin.diagnostics.events import Event
from xinglin.diagnostics.models import Centre, Recording, Request
from xinglin.diagnostics.order_checks import Order
from xinglin.diagnostics.policies import PERFORMED_LATER
from xinglin.diagnostics.states import REQUEST_TRANSITIONS, RequestStatus
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.ids import next_number
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move, note_status
from xinglin.residents import api as residents

#: Order of the work list.
RANK = {Request.Priority.EMERGENCY: 0, Request.Priority.URGENT: 1, Request.Priority.ROUTINE: 2}
PREFIX = {"ECG": "E", "IMAGING": "Y", "LAB": "J", "PATHOLOGY": "B"}


@transaction.atomic
def place_request(*, asked: Asked, by: Actor, at: datetime) -> Request:
    """Ask a centre to examine or read a resident.

    An ECG comes with its `recordings`: the clock starts now, `due_at` is the centre's promise for the priority. Of
    images, `items` says what is to be taken; the promise runs anew from when they are there. The centre's facility gets
    the resident on its roster. Each file is read before it is kept; if one is refused, nothing of the request exists.

    :raises NotPermitted: the actor may not ask for that facility
    :raises NotVisible: the resident is not on a roster of the actor's
    :raises InvalidInput: no recording, one that cannot be read, one that names another person (code ``other-person``);
        no examination item
    :raises AlreadyKnown: a result may stand for an item, and no answer says what is to become of it
    :raises TooLarge: a file beyond 64 MB
    :raises Conflict: the centre is closed, or `repeats` was not rejected; the answers leave nothing to ask for (see
        `order_examination`)
    """
    placed = _order(asked, by, at)
    if placed is None:
        raise Conflict(_("各项都采用了已有结果，没有要申请的项目。"), code="nothing-to-order")
    return placed


@transaction.atomic
def order_examination(*, asked: Asked, by: Actor, at: datetime) -> Request | None:
    """`place_request`, where `answers` may take over earlier results; None when they answer every item.

    Only the items not taken over are ordered.

    :raises AlreadyKnown: a result may stand for an item, and no answer says what is to become of it
    """
    return _order(asked, by, at)


def _order(asked: Asked, by: Actor, at: datetime) -> Request | None:
    centre = asked.centre
    resident, facility_id = _whom_and_where(asked.visit, asked.resident, asked.from_facility_id)
    permissions.may_place(by, facility_id, kind=centre.kind).require()
    residents.visible_resident(by, resident.uuid, at=at)
    _check_centre(centre)
    _check_priority(asked.priority)
    examined = _what(centre, asked.recordings, asked.items, at)
    if asked.repeats is not None:
        _check_repeat(asked.repeats, resident, facility_id, by)
    order = Order(centre.kind, tuple(examined), resident, asked.visit, facility_id, asked.priority)
    settled = order_checks.settle(order, asked.answers, by=by, at=at)
    left = [each for each in examined if not any(each["code"] in known.done for known in settled)]
    request = _placed(asked, resident, facility_id, left, by, at) if left or not examined else None
    for known in settled:
        known.note(request)
    return request


def _placed(
    asked: Asked, resident: Any, facility_id: int, items: list[dict[str, str]], by: Actor, at: datetime
) -> Request:
    centre, priority = asked.centre, asked.priority
    request = Request.objects.create(
        number=next_number(PREFIX.get(centre.kind, "X"), at), kind=centre.kind, resident=resident, visit=asked.visit,
        from_facility_id=facility_id, centre=centre, priority=priority, priority_rank=RANK[Request.Priority(priority)],
        question=clean(asked.question, "question", most=500, least=1),
        clinical=clean(asked.clinical, "clinical", most=500),
        status_changed_at=at, requested_at=at, requested_by=by.user_id, requested_by_name=by.name[:40],
        due_at=at + promised(centre, priority), repeats=asked.repeats, items=items,
        modality=items[0]["modality"] if items else "",
    )  # fmt: skip
    for incoming in asked.recordings:
        take_in(request, incoming, identity_confirmed=asked.identity_confirmed, by=by, at=at)
    residents.note_on_roster(resident=resident, facility_id=centre.facility_id, basis="REQUEST", at=at)
    note_status(request, by=by, at=at, place=facility_id)
    announce(
        Event.REQUEST_PLACED, obj=request, subject=resident.uuid, by=by, at=at, place=facility_id,
        priority=str(priority), centre=centre.code, recordings=len(asked.recordings),
    )  # fmt: skip
    return request


def promised(centre: Centre, priority: str) -> timedelta:
    """How long the centre may take for a priority."""
    routine = priority == Request.Priority.ROUTINE
    return timedelta(minutes=centre.minutes_routine if routine else centre.minutes_urgent)


def _whom_and_where(visit: Any | None, resident: Any | None, facility_id: int | None) -> tuple[Any, int]:
    if visit is not None:
        if resident is not None and resident != visit.resident:
            raise InvalidInput(_("接诊记录不属于这位居民。"), fields={"visit": _("接诊记录不属于这位居民。")})
        resident, facility_id = visit.resident, facility_id or visit.facility_id
    if resident is None or facility_id is None:
        raise InvalidInput(_("请说明为哪位居民、由哪个机构申请。"), fields={"resident": _("请填写。")})
    return resident, facility_id


def _check_centre(centre: Centre) -> None:
    if not centre.is_active:
        raise Conflict(_("该中心已停止服务。"), code="centre-closed")


def _check_priority(priority: str) -> None:
    if priority not in Request.Priority.values:
        raise InvalidInput(_("没有这种紧急程度。"), fields={"priority": _("请选择常规、加急或急诊。")})


def _what(centre: Centre, recordings: Sequence[Incoming], items: Sequence[str], at: datetime) -> list[dict[str, str]]:
    """The items of an examination still to be done; none for one that comes with its recordings."""
    if centre.kind not in PERFORMED_LATER:
        _check_number(recordings)
        return []
    if recordings:
        raise InvalidInput(_("影像由设备直接传来，不在这里上传。"), fields={"recordings": _("请留空。")})
    return catalogue.chosen_items(centre.kind, items, on=clock.today(at))


def _check_number(recordings: Sequence[Incoming]) -> None:
    if not recordings:
        raise InvalidInput(_("请上传心电图文件。"), fields={"recordings": _("请上传心电图文件。")})
    if len(recordings) > MAX_RECORDINGS:
        raise InvalidInput(_("文件太多。"), fields={"recordings": _("最多 %(n)d 份。") % {"n": MAX_RECORDINGS}})


def _check_repeat(repeats: Request, resident: Any, facility_id: int, by: Actor) -> None:
    if repeats.resident_id != resident.pk or repeats.from_facility_id != facility_id:
        raise InvalidInput(_("原申请不属于这位居民。"), fields={"repeats": _("原申请不属于这位居民。")})
    permissions.may_repeat(by, repeats).require()


@transaction.atomic
def add_recording(
    *, request: Request, recording: Incoming, identity_confirmed: bool = False, by: Actor, at: datetime
) -> Recording:
    """Add a recording (a repeat, right-sided leads) to a request that is not reported yet.

    :raises NotPermitted: not the sending unit
    :raises Conflict: it is reported or ended
    :raises InvalidInput: as in `place_request`
    """
    request = locked_request(request)
    permissions.may_add_recording(by, request).require()
    if request.recordings.count() >= MAX_RECORDINGS:
        raise InvalidInput(_("文件太多。"), fields={"recordings": _("最多 %(n)d 份。") % {"n": MAX_RECORDINGS}})
    row, _signs = take_in(request, recording, identity_confirmed=identity_confirmed, by=by, at=at)
    announce(
        Event.RECORDING_ADDED, obj=request, subject=request.resident.uuid, by=by, at=at, recording=str(row.uuid),
        place=request.from_facility_id,
    )  # fmt: skip
    return row


@transaction.atomic
def cancel_request(*, request: Request, reason: str = "", by: Actor, at: datetime) -> Request:
    """Take a request back before a reader has claimed it.

    :raises NotPermitted: not the sending unit
    :raises Conflict: a reader has it, or it has ended
    """
    request = locked_request(request)
    permissions.may_cancel(by, request).require()
    reason = clean(reason, "reason", most=200)
    move(
        request, table=REQUEST_TRANSITIONS, to=RequestStatus.CANCELLED, by=by, at=at, reason=reason,
        place=request.from_facility_id,
    )  # fmt: skip
    announce(
        Event.REQUEST_CANCELLED,
        obj=request,
        subject=request.resident.uuid,
        by=by,
        at=at,
        place=request.from_facility_id,
    )
    return request
