"""What a device says about an examination it performs (MPPS)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.imaging import permissions
from xinglin.imaging.events import Event
from xinglin.imaging.models import DicomNode, PerformedStep, Study
from xinglin.platform import audit
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, NotVisible, wrong

State = PerformedStep.State


@transaction.atomic
def begin_step(
    *, sop_uid: str, request: Any | None, node: DicomNode, by: Actor, at: datetime
) -> PerformedStep:  # fmt: skip
    """A device begins. Without a request (an emergency at the device) the step is kept all the same.

    :raises NotPermitted: not the listener
    :raises Conflict: a step of that name is known, or the request has ended
    """
    permissions.is_device(by).require()
    if PerformedStep.objects.filter(sop_uid=sop_uid).exists():
        raise Conflict(_("这一步已登记过。"), code="step-known")
    if request is not None:
        diagnostics.start_examination(request=request, by=by, at=at)
    step = PerformedStep.objects.create(
        sop_uid=sop_uid, request=request, node=node, state=State.IN_PROGRESS, begun_at=at
    )
    _record(Event.STEP_BEGUN, step, by, at)
    return step


@transaction.atomic
def end_step(*, sop_uid: str, state: str, node: DicomNode, by: Actor, at: datetime) -> PerformedStep:
    """A device is done, or breaks off: then the request waits again, unless images have come.

    :raises NotPermitted: not the listener
    :raises NotVisible: no such step of this device
    :raises Conflict: it has ended
    :raises InvalidInput: no such state
    """
    permissions.is_device(by).require()
    step = (
        PerformedStep.objects.select_for_update(of=("self",))
        .select_related("request")
        .filter(sop_uid=sop_uid, node__facility=node.facility_id)
        .first()
    )
    if step is None:
        raise NotVisible("imaging.step", sop_uid)
    if state == State.IN_PROGRESS:
        return step
    if state not in State.values:
        raise wrong("(0040,0252)", _("没有这种状态。"))
    if step.state != State.IN_PROGRESS:
        raise Conflict(_("这一步已经结束。"), code="step-ended")
    if step.request is not None and state == State.COMPLETED:
        diagnostics.note_performed(request=step.request, by=by, at=at)
    elif step.request is not None and not Study.objects.filter(request=step.request).exists():
        diagnostics.undo_performed(request=step.request, reason="discontinued at the device", by=by, at=at)
    PerformedStep.objects.filter(pk=step.pk).update(state=state, ended_at=at)
    step.refresh_from_db()
    _record(Event.STEP_ENDED, step, by, at)
    return step


def _record(event: Event, step: PerformedStep, by: Actor, at: datetime) -> None:
    subject = step.request.resident.uuid if step.request else None
    audit.record(
        event, by=by, at=at, subject=subject, kind="imaging.performedstep", key=step.sop_uid,
        place=step.node.facility_id, detail={"state": str(step.state)},
    )  # fmt: skip
