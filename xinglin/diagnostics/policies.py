"""Whether a step is possible now, by the object's state and the clock alone."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics.models import CriticalValue, Request
from xinglin.diagnostics.states import CRITICAL_TRANSITIONS, REQUEST_TRANSITIONS, CriticalStatus, RequestStatus
from xinglin.platform.decisions import ALLOWED, Decision, impossible
from xinglin.platform.transitions import can_move

#: Kinds whose examination is done after the request was placed.
PERFORMED_LATER = frozenset({"IMAGING", "LAB", "PATHOLOGY"})
#: Kinds that images belong to, and kinds that specimens are sent for.
WITH_IMAGES = frozenset({"IMAGING"})
WITH_SPECIMENS = frozenset({"LAB", "PATHOLOGY"})
#: Kinds whose results may be reported one part after the other.
REPORTED_IN_PARTS = frozenset({"LAB"})
_NOT_IMAGING = impossible("not-imaging", _("这不是影像检查申请。"))


def _step(request: Request, to: RequestStatus) -> Decision:
    return can_move(request, table=REQUEST_TRANSITIONS, to=to)


def can_be_claimed(request: Request) -> Decision:
    """Whether a reader can take it from the work list."""
    if request.status in {RequestStatus.CLAIMED, RequestStatus.PRELIMINARY}:
        return impossible(
            "already-claimed", _("已由%(name)s领取。") % {"name": request.claimed_by_name or _("其他医生")}
        )
    if waits_for_images(request) and request.status in {RequestStatus.REQUESTED, RequestStatus.IN_PROGRESS}:
        return impossible("not-performed", _("还没有影像，检查完成后才能诊断。"))
    return _step(request, RequestStatus.CLAIMED)


def waits_for_images(request: Request) -> bool:
    """Whether nothing can be read yet: images are taken after the request."""
    return request.kind in PERFORMED_LATER and request.performed_at is None


def can_be_started(request: Request) -> Decision:
    """Whether a device may say that it begins."""
    if request.kind not in PERFORMED_LATER:
        return _NOT_IMAGING
    return _step(request, RequestStatus.IN_PROGRESS)


def can_be_performed(request: Request) -> Decision:
    """Whether images may arrive for it as the first ones."""
    if request.kind not in PERFORMED_LATER:
        return _NOT_IMAGING
    return _step(request, RequestStatus.PERFORMED)


def can_be_undone(request: Request) -> Decision:
    """Whether its performance can be taken back: until a reader has it."""
    if request.status in {RequestStatus.IN_PROGRESS, RequestStatus.PERFORMED}:
        return ALLOWED
    return impossible("already-claimed", _("已有医生在诊断或已出报告，不能撤回检查。"))


def can_take_images(request: Request) -> Decision:
    """Whether images may be linked to it: until it is signed."""
    if request.kind not in WITH_IMAGES:
        return _NOT_IMAGING
    if request.status in {RequestStatus.CANCELLED, RequestStatus.REJECTED, RequestStatus.FINAL, RequestStatus.AMENDED}:
        return impossible("transition-not-allowed", _("申请已结束，不能再关联影像。"))
    return ALLOWED


def returns_to(request: Request) -> RequestStatus:
    """Where a request goes when its reader puts it back."""
    return RequestStatus.PERFORMED if request.performed_at else RequestStatus.REQUESTED


def can_be_released(request: Request) -> Decision:
    """Whether it can go back to the work list."""
    if request.status != RequestStatus.CLAIMED:
        return impossible("transition-not-allowed", _("当前状态不允许这一步。"))
    return _step(request, returns_to(request))


def taken_over_after(request: Request) -> datetime | None:
    """The moment from which another reader may take it over (the centre's `minutes_claim`); None if nobody holds it."""
    if request.claimed_at is None:
        return None
    return request.claimed_at + timedelta(minutes=request.centre.minutes_claim)


def can_be_taken_over(request: Request, at: datetime) -> Decision:
    """Whether the reader who claimed it has had it for too long."""
    after = taken_over_after(request)
    if request.status != RequestStatus.CLAIMED or after is None:
        return impossible("not-claimed", _("没有医生正在诊断这一份。"))
    if at < after:
        return impossible("claim-still-running", _("领取未超时，暂不能接手。"))
    return ALLOWED


def can_be_cancelled(request: Request) -> Decision:
    """Whether the sender can still take it back: before a reader claims it."""
    return _step(request, RequestStatus.CANCELLED)


def can_take_recordings(request: Request) -> Decision:
    """Whether another recording may be added: until it is reported."""
    if request.kind in PERFORMED_LATER:
        return impossible("not-a-recording", _("影像由设备直接传来，不在这里上传。"))
    if request.status in {RequestStatus.REQUESTED, RequestStatus.CLAIMED}:
        return ALLOWED
    return impossible("transition-not-allowed", _("已出报告或已结束，不能再追加图形。"))


def can_be_rejected(request: Request) -> Decision:
    """Whether it can be sent back for quality: by its reader, while he has it."""
    if request.status != RequestStatus.CLAIMED:
        return impossible("transition-not-allowed", _("当前状态不允许这一步。"))
    return _step(request, RequestStatus.REJECTED)


def can_be_reported_preliminarily(request: Request) -> Decision:
    """Whether a preliminary report can be written: one, before the final one."""
    if request.status == RequestStatus.PRELIMINARY:
        return impossible("transition-not-allowed", _("已出初步报告，请出正式报告。"))
    return _step(request, RequestStatus.PRELIMINARY)


def can_be_continued(request: Request) -> Decision:
    """Whether another preliminary report may take the place of one: only where results come one after the other."""
    if request.kind not in REPORTED_IN_PARTS or request.status != RequestStatus.PRELIMINARY:
        return impossible("transition-not-allowed", _("当前状态不允许这一步。"))
    return _step(request, RequestStatus.PRELIMINARY)


def can_be_reported(request: Request) -> Decision:
    """Whether the final report can be signed."""
    return _step(request, RequestStatus.FINAL)


def can_be_amended(request: Request) -> Decision:
    """Whether a signed report can be corrected."""
    return _step(request, RequestStatus.AMENDED)


def can_be_supplemented(request: Request) -> Decision:
    """Whether a supplement can be added: only to a report that is signed as final."""
    if request.status in {RequestStatus.FINAL, RequestStatus.AMENDED}:
        return ALLOWED
    return impossible("not-reported", _("正式报告签发后才能补充。"))


def can_be_refused_on_receipt(request: Request) -> Decision:
    """Whether what was sent with it can be refused unread: only of a specimen, and only before it was taken in."""
    if request.kind not in WITH_SPECIMENS or request.status not in {RequestStatus.REQUESTED, RequestStatus.IN_PROGRESS}:
        return impossible("not-at-receipt", _("只有在核收时才能拒收标本。"))
    return _step(request, RequestStatus.REJECTED)


def can_be_repeated(request: Request) -> Decision:
    """Whether a new request may be linked to this one as its repetition."""
    if request.status == RequestStatus.REJECTED:
        return ALLOWED
    return impossible("not-rejected", _("只有被退回的申请可以重新采集。"))


def _critical_step(critical: CriticalValue, to: CriticalStatus) -> Decision:
    return can_move(critical, table=CRITICAL_TRANSITIONS, to=to)


def can_be_acknowledged(critical: CriticalValue) -> Decision:
    """Whether the sender can still confirm it. Late is possible; it is recorded as late."""
    if critical.status in {CriticalStatus.CONFIRMED, CriticalStatus.HANDLED, CriticalStatus.CLOSED}:
        return impossible("already-acknowledged", _("已有人确认。"))
    return _critical_step(critical, CriticalStatus.CONFIRMED)


def can_be_handled(critical: CriticalValue) -> Decision:
    """Whether what was done can be written: only after it was confirmed."""
    if critical.status == CriticalStatus.NOTIFIED:
        return impossible("not-acknowledged", _("请先复述并确认危急值。"))
    return _critical_step(critical, CriticalStatus.HANDLED)


def can_be_closed(critical: CriticalValue) -> Decision:
    """Whether the loop can be closed: only after it was handled."""
    return _critical_step(critical, CriticalStatus.CLOSED)


def can_be_escalated(critical: CriticalValue, level: int, at: datetime) -> Decision:
    """Whether `level` is the next one, nobody has confirmed, and its moment has come.

    Level 1 is due at the limit, each further level one more limit later.
    """
    if critical.status != CriticalStatus.NOTIFIED:
        return impossible("already-acknowledged", _("已有人确认。"))
    if critical.escalation != level - 1:
        return impossible("already-escalated", _("这一级已经上报。"))
    if at < escalation_due(critical, level):
        return impossible("not-due", _("尚未到上报时间。"))
    return ALLOWED


def escalation_due(critical: CriticalValue, level: int) -> datetime:
    """When a level of escalation is due."""
    return critical.due_at + (critical.due_at - critical.notified_at) * (level - 1)
