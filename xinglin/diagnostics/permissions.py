"""Whether an actor may do it: the sender at the sending facility, the reader at the centre."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.diagnostics import kinds, policies
from xinglin.diagnostics.models import Centre, CriticalValue, Request
from xinglin.diagnostics.states import RequestStatus
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision, first_refusal, impossible, refused


def may_open_centre(actor: Actor, facility_id: int) -> Decision:
    """Who runs the network decides where a shared centre is."""
    return actor.may(Permission.NETWORK_EDIT, at=facility_id)


def may_change_centre(actor: Actor, centre: Centre) -> Decision:
    """The head of the centre sets what it promises."""
    return actor.may(Permission.CENTRE_MANAGE, at=centre.facility_id)


def may_place(actor: Actor, from_facility_id: int, *, kind: str = "ECG") -> Decision:
    """The sending unit asks, and sends the recording with it where there is one."""
    if kind in policies.PERFORMED_LATER:
        return actor.may_begin(Permission.REQUEST_PLACE, at=from_facility_id)
    return first_refusal(
        actor.may_begin(Permission.REQUEST_PLACE, at=from_facility_id),
        actor.may(Permission.RECORDING_UPLOAD, at=from_facility_id),
    )


def may_add_recording(actor: Actor, request: Request) -> Decision:
    """The sending unit sends another recording."""
    return first_refusal(
        actor.may(Permission.RECORDING_UPLOAD, at=request.from_facility_id), policies.can_take_recordings(request)
    )


def may_perform(actor: Actor, request: Request) -> Decision:
    """Who takes images or specimens at the sending unit, or who works at the centre."""
    at_sender, at_centre = kinds.performs(request.kind)
    decision = actor.may(at_sender, at=request.from_facility_id)
    return decision if decision else actor.may(at_centre, at=request.centre.facility_id)


def may_cancel(actor: Actor, request: Request) -> Decision:
    """The sending unit takes the request back."""
    return first_refusal(
        actor.may(Permission.REQUEST_PLACE, at=request.from_facility_id), policies.can_be_cancelled(request)
    )


def may_repeat(actor: Actor, request: Request) -> Decision:
    """The sending unit sends a new recording for a rejected one."""
    return first_refusal(
        may_place(actor, request.from_facility_id, kind=request.kind), policies.can_be_repeated(request)
    )


def reads_at(actor: Actor, centre: Centre) -> Decision:
    """Reporting is done at the centre only."""
    return actor.may(kinds.writes(centre.kind), at=centre.facility_id)


def holds(actor: Actor, request: Request) -> Decision:
    """Only the reader who claimed it goes on with it. The system (imports, the generator) may."""
    if actor.kind == "system" or (request.claimed_by is not None and request.claimed_by == actor.user_id):
        return ALLOWED
    return refused("claimed-by-another", _("请先领取；已由其他医生领取的，只能由该医生处理。"))


def may_claim(actor: Actor, request: Request) -> Decision:
    """A reader takes it from the work list."""
    return first_refusal(reads_at(actor, request.centre), policies.can_be_claimed(request))


def may_release(actor: Actor, request: Request) -> Decision:
    """The reader puts it back."""
    return first_refusal(reads_at(actor, request.centre), policies.can_be_released(request), holds(actor, request))


def may_take_over(actor: Actor, request: Request, at: datetime) -> Decision:
    """Another reader goes on when the first has had it for too long."""
    if request.claimed_by is not None and request.claimed_by == actor.user_id:
        return refused("own-claim", _("这一份由您本人领取。"))
    return first_refusal(reads_at(actor, request.centre), policies.can_be_taken_over(request, at))


def may_reject(actor: Actor, request: Request) -> Decision:
    """The reader sends it back for quality."""
    return first_refusal(reads_at(actor, request.centre), policies.can_be_rejected(request), holds(actor, request))


def may_report_preliminarily(actor: Actor, request: Request) -> Decision:
    """The reader says what is seen at first sight."""
    return first_refusal(
        reads_at(actor, request.centre), policies.can_be_reported_preliminarily(request), holds(actor, request)
    )


def may_continue(actor: Actor, request: Request) -> Decision:
    """Any reader of the centre lets out what became known since the preliminary report."""
    return first_refusal(reads_at(actor, request.centre), policies.can_be_continued(request))


def may_report(actor: Actor, request: Request) -> Decision:
    """The reader signs. After a preliminary report any reader of the centre may sign the final one."""
    decision = first_refusal(
        reads_at(actor, request.centre), policies.can_be_reported(request), _second_step(actor, request)
    )
    if decision and request.status == RequestStatus.CLAIMED:
        return holds(actor, request)
    return decision


def _second_step(actor: Actor, request: Request) -> Decision:
    """Where the centre asks for two steps: a preliminary report first, and the final one by another, who may amend."""
    if not request.centre.two_step or actor.kind == "system":
        return ALLOWED
    first = request.reports.order_by("version").first()
    if first is None:
        return impossible("two-step", _("本中心实行两级审核，请先出初步报告。"))
    if first.author_id == actor.user_id:
        return refused("own-preliminary", _("本中心实行两级审核，正式报告由另一位上级医师签发。"))
    return actor.may(Permission.REPORT_AMEND, at=request.centre.facility_id)


def may_mark_quality(actor: Actor, request: Request) -> Decision:
    """Who reads at the centre judges what was taken."""
    return reads_at(actor, request.centre)


def may_amend(actor: Actor, request: Request) -> Decision:
    """The centre corrects a signed report."""
    return first_refusal(
        actor.may(kinds.amends(request.kind), at=request.centre.facility_id), policies.can_be_amended(request)
    )


def may_supplement(actor: Actor, request: Request) -> Decision:
    """Who reads at the centre adds to a signed report."""
    return first_refusal(reads_at(actor, request.centre), policies.can_be_supplemented(request))


def may_refuse_on_receipt(actor: Actor, request: Request) -> Decision:
    """Who receives specimens at the centre."""
    _at_sender, at_centre = kinds.performs(request.kind)
    return first_refusal(
        actor.may(at_centre, at=request.centre.facility_id), policies.can_be_refused_on_receipt(request)
    )


def decisions_on(actor: Actor, request: Request, at: datetime) -> dict[str, Decision]:
    """What the actor may do with a request now, by the word of the step: for the pages of its kind."""
    return {
        "claim": may_claim(actor, request),
        "release": may_release(actor, request),
        "take_over": may_take_over(actor, request, at),
        "reject": may_reject(actor, request),
        "preliminary": may_report_preliminarily(actor, request),
        "final": may_report(actor, request),
        "amend": may_amend(actor, request),
        "supplement": may_supplement(actor, request),
        "cancel": may_cancel(actor, request),
        "add": may_add_recording(actor, request),
        "repeat": may_repeat(actor, request),
    }


def may_acknowledge(actor: Actor, critical: CriticalValue) -> Decision:
    """The sending unit confirms that it heard."""
    return first_refusal(
        actor.may(Permission.CRITICAL_ACKNOWLEDGE, at=critical.request.from_facility_id),
        policies.can_be_acknowledged(critical),
    )


def may_handle(actor: Actor, critical: CriticalValue) -> Decision:
    """The sending unit writes what it did."""
    return first_refusal(
        actor.may(Permission.CRITICAL_ACKNOWLEDGE, at=critical.request.from_facility_id),
        policies.can_be_handled(critical),
    )


def may_close(actor: Actor, critical: CriticalValue) -> Decision:
    """The centre that raised it checks that it was handled, and closes it."""
    return first_refusal(reads_at(actor, critical.request.centre), policies.can_be_closed(critical))


def may_escalate(actor: Actor, critical: CriticalValue, level: int, at: datetime) -> Decision:
    """Only the system escalates."""
    if actor.kind != "system":
        return refused("no-permission", _("逐级上报由系统自动进行。"))
    return policies.can_be_escalated(critical, level, at)
