"""What the receipt desk decides: take in, ask the sender, refuse. Each decision is a row of its own."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.pathology import catalogue, permissions
from xinglin.pathology.actions.rows import locked_case, next_case_number, tell
from xinglin.pathology.data import Kind
from xinglin.pathology.events import Event
from xinglin.pathology.models import PathologyCase, Receipt, Slide
from xinglin.pathology.states import CASE_TRANSITIONS, CaseStatus
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.transitions import move


@transaction.atomic
def receive_case(*, case: PathologyCase, remark: str = "", by: Actor, at: datetime) -> PathologyCase:
    """Take the specimen in: it gets its pathology number, and the centre's promise runs from now.

    Of cytology one slide of each container is wanted at once; of the rest blocks come first.

    :raises NotPermitted: not the desk of the centre
    :raises Conflict: it is held, or was decided on already
    """
    case = locked_case(case)
    permissions.may_receive(by, case).require()
    diagnostics.note_performed(request=case.request, by=by, at=at)
    number = next_case_number(case.centre_id, at)
    _decide(case, Receipt.Outcome.ACCEPTED, "", remark, by, at)
    move(
        case, table=CASE_TRANSITIONS, to=CaseStatus.RECEIVED, by=by, at=at, place=case.centre.facility_id,
        number=number, received_at=at, received_by=by.user_id or 0, received_by_name=by.name[:40],
    )  # fmt: skip
    if case.kind == Kind.CYTOLOGY:
        stain = catalogue.first_stain(case.kind)
        Slide.objects.bulk_create(
            [
                Slide(case=case, part=part, code=f"{number}-{part.letter}-1", number=1, stain=stain, wanted_at=at)
                for part in case.parts.order_by("letter")
            ]
        )
    tell(Event.RECEIVED, case, by, at)
    return case


@transaction.atomic
def hold_case(*, case: PathologyCase, question: str, reason: str = "", by: Actor, at: datetime) -> Receipt:
    """Something does not agree: keep it aside and ask the sender.

    :raises NotPermitted: not the desk of the centre
    :raises Conflict: it is held, or was decided on already
    :raises InvalidInput: no question, or no such reason
    """
    case = locked_case(case)
    permissions.may_hold(by, case).require()
    question = diagnostics.clean_text(question, "question", most=500, least=4)
    receipt = _decide(case, Receipt.Outcome.HELD, _reason(reason, required=False), question, by, at)
    move(
        case, table=CASE_TRANSITIONS, to=CaseStatus.HELD, by=by, at=at, place=case.centre.facility_id,
        reason_code=reason, reason=question,
    )  # fmt: skip
    tell(Event.HELD, case, by, at, why=reason)
    return receipt


@transaction.atomic
def refuse_case(*, case: PathologyCase, reason: str, remark: str = "", by: Actor, at: datetime) -> Receipt:
    """Refuse the specimen with a coded reason; the sender sends another with a new application.

    :raises NotPermitted: not the desk of the centre
    :raises Conflict: it was taken in already (code ``received-already``), or has ended
    :raises InvalidInput: no such reason, or ``OTHER`` without a remark
    """
    case = locked_case(case)
    permissions.may_refuse(by, case).require()
    diagnostics.refuse_on_receipt(request=case.request, reason=_reason(reason), remark=remark, by=by, at=at)
    receipt = _decide(case, Receipt.Outcome.REFUSED, reason, remark, by, at)
    move(
        case, table=CASE_TRANSITIONS, to=CaseStatus.REFUSED, by=by, at=at, place=case.centre.facility_id,
        reason_code=reason, reason=remark,
    )  # fmt: skip
    tell(Event.REFUSED, case, by, at, why=reason)
    return receipt


def _reason(reason: str, *, required: bool = True) -> str:
    if not (reason or required) or any(
        each.code == reason for each in diagnostics.reject_reasons("PATHOLOGY", on=clock.today())
    ):
        return reason
    raise InvalidInput(_("请选择原因。"), fields={"reason": _("请选择原因。")})


def _decide(case: PathologyCase, outcome: str, reason: str, remark: str, by: Actor, at: datetime) -> Receipt:
    return Receipt.objects.create(
        case=case, outcome=outcome, reason=reason, remark=diagnostics.clean_text(remark, "remark", most=500),
        decided_at=at, decided_by=by.user_id, decided_by_name=by.name[:40],
    )  # fmt: skip
