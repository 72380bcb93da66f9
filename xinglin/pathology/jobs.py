"""What follows an event of this capability: people are told, the day of a loan is watched."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.notifications import api as notifications
from xinglin.pathology import policies
from xinglin.pathology.events import Event
from xinglin.pathology.models import Loan, PathologyCase, SecondOpinion
from xinglin.platform import clock, jobs
from xinglin.platform.models import OutboxEvent
from xinglin.platform.outbox import subscribe

ORDINARY, SOON, NOW = 0, 1, 2
OVERDUE = "pathology.loan-overdue"
PAGE = "pathology:case"
#: How each message reads.
SENTENCES = {
    Event.SUBMITTED: _("病理标本 %(number)s 待核收"),
    Event.HELD: _("病理标本 %(number)s 存疑，请答复"),
    Event.ANSWERED: _("送检单位已答复 %(number)s 的疑问，请重新核收"),
    Event.STAIN_ORDERED: _("病例 %(number)s 加做切片或染色"),
    Event.OPINION_ASKED: _("请您会诊病理病例 %(number)s"),
    Event.OPINION_GIVEN: _("病例 %(number)s 的会诊意见已签发"),
    OVERDUE: _("病例 %(number)s 借出的切片到期未还"),
}


def connect() -> None:
    """Subscribe the jobs and describe the messages; called while applications load."""
    for event in (
        Event.SUBMITTED, Event.HELD, Event.ANSWERED, Event.STAIN_ORDERED, Event.OPINION_ASKED, Event.OPINION_GIVEN,
    ):  # fmt: skip
        subscribe(event, f"pathology.tell.{event}")
    subscribe(Event.LENT, "pathology.watch-loan")
    for kind, sentence in SENTENCES.items():
        notifications.describe(str(kind), sentence, PAGE)


def _tell(event_uuid: str | UUID, kind: str, case: PathologyCase, urgency: int, **reader: Any) -> None:
    notifications.tell(
        event_uuid=event_uuid, kind=str(kind), urgency=urgency, at=clock.now(), object_kind="pathology.case",
        object_uuid=case.uuid, facts={"number": case.number or case.request.number}, **reader,
    )  # fmt: skip


def _case(uuid: str) -> PathologyCase:
    return PathologyCase.objects.select_related("request", "centre").get(uuid=uuid)


def _at_centre(case: PathologyCase, permission: Permission) -> Mapping[str, Any]:
    return {"facility_id": case.centre.facility_id, "permission": permission}


def _sender(case: PathologyCase) -> Mapping[str, Any]:
    """The account that sent it; without one, whoever may send there."""
    if case.request.requested_by:
        return {"user_id": case.request.requested_by}
    return {"facility_id": case.request.from_facility_id, "permission": Permission.REQUEST_PLACE}


def _opinion(event_uuid: str) -> SecondOpinion:
    detail = OutboxEvent.objects.values_list("detail", flat=True).get(uuid=event_uuid)
    return SecondOpinion.objects.get(uuid=detail["opinion"])


@jobs.task(f"pathology.tell.{Event.SUBMITTED}")
def tell_desk(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the desk of a specimen on its way; of a frozen section at once."""
    case = _case(object_uuid)
    urgency = NOW if case.kind == "FROZEN" else (SOON, SOON, ORDINARY)[case.request.priority_rank]
    _tell(event_uuid, Event.SUBMITTED, case, urgency, **_at_centre(case, Permission.PATHOLOGY_RECEIVE))


@jobs.task(f"pathology.tell.{Event.HELD}")
def tell_held(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the sender that the desk asks."""
    case = _case(object_uuid)
    _tell(event_uuid, Event.HELD, case, NOW, **_sender(case))


@jobs.task(f"pathology.tell.{Event.ANSWERED}")
def tell_answered(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the desk that the sender answered."""
    case = _case(object_uuid)
    _tell(event_uuid, Event.ANSWERED, case, SOON, **_at_centre(case, Permission.PATHOLOGY_RECEIVE))


@jobs.task(f"pathology.tell.{Event.STAIN_ORDERED}")
def tell_ordered(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the technicians of further slides."""
    case = _case(object_uuid)
    _tell(event_uuid, Event.STAIN_ORDERED, case, ORDINARY, **_at_centre(case, Permission.PATHOLOGY_PREPARE))


@jobs.task(f"pathology.tell.{Event.OPINION_ASKED}")
def tell_asked(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the pathologist who is asked; an outside hospital gets slides and a letter, not a message."""
    opinion = _opinion(event_uuid)
    if opinion.to_user is not None:
        _tell(event_uuid, Event.OPINION_ASKED, _case(object_uuid), SOON, user_id=opinion.to_user)


@jobs.task(f"pathology.tell.{Event.OPINION_GIVEN}")
def tell_given(*, event_uuid: str, object_uuid: str) -> None:
    """Tell who asked."""
    opinion = _opinion(event_uuid)
    if opinion.asked_by:
        _tell(event_uuid, Event.OPINION_GIVEN, _case(object_uuid), SOON, user_id=opinion.asked_by)


@jobs.task("pathology.watch-loan")
def watch_loan(*, event_uuid: str, object_uuid: str) -> None:
    """Look again the morning after the day on which a loan is due."""
    detail = OutboxEvent.objects.values_list("detail", flat=True).get(uuid=event_uuid)
    loan = Loan.objects.get(uuid=detail["loan"])
    morning = datetime.combine(loan.due_on + timedelta(days=1), time(8), tzinfo=timezone.get_current_timezone())
    jobs.defer("pathology.remind-loan", at=morning, loan_uuid=str(loan.uuid))


@jobs.task("pathology.remind-loan")
def remind_loan(*, loan_uuid: str) -> None:
    """Remind who keeps the archive of a loan that is past its day. Once for each loan."""
    loan = Loan.objects.select_related("case__request", "case__centre").get(uuid=loan_uuid)
    if policies.is_overdue(loan, clock.now()):
        case = loan.case
        _tell(uuid5(loan.uuid, OVERDUE), OVERDUE, case, SOON, **_at_centre(case, Permission.PATHOLOGY_LEND))
