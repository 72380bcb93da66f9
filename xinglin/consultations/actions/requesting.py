"""The verbs of the unit that asks: request with consent and pack, withdraw, rate, close."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.consultations import catalogue, permissions, video
from xinglin.consultations.actions.inviting import book, invite
from xinglin.consultations.actions.packing import put_in
from xinglin.consultations.actions.steps import coded, go, locked, tell
from xinglin.consultations.data import Asked, Chosen
from xinglin.consultations.events import Event
from xinglin.consultations.models import Case, Expert
from xinglin.consultations.policies import Verb
from xinglin.consultations.states import Status
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.ids import new_uuid, next_number
from xinglin.platform.texts import clean
from xinglin.platform.transitions import note_status
from xinglin.residents import api as residents


@transaction.atomic
def request_consultation(  # noqa: PLR0913 - one call says everything an invitation states
    *,
    resident: Any,
    visit: Any,
    from_facility_id: int,
    to_facility_id: int,
    asked: Asked,
    consent: residents.ConsentGiven | None,
    pack: Sequence[Chosen] = (),
    experts: Sequence[Expert] = (),
    by: Actor,
    at: datetime,
) -> Case:
    """Ask for a consultation, with the resident's written consent and what may be read for it.

    Experts named here are invited at once; without any the desk of the centre finds one. Of a booked case with one
    expert the time wanted takes his slot.

    :raises NotPermitted: the actor may not ask from there
    :raises InvalidInput: consent is missing or was refused; something the invitation must state is missing
    :raises NotVisible: a part of the pack is not in sight, or another person's
    :raises Conflict: the slot was taken
    """
    permissions.may_request(by, from_facility_id=from_facility_id).require()
    stated = _stated(asked, at=at)
    number, uuid = next_number("H", at), new_uuid()
    given = residents.record_answer(
        resident=resident,
        kind="consultation",
        object_uuid=uuid,
        given=_agreed(consent),
        kept_at="邀请机构",
        by=by,
        at=at,
    )
    case = Case.objects.create(
        uuid=uuid, number=number, resident=resident, visit=visit, from_facility_id=from_facility_id,
        to_facility_id=to_facility_id, status=Status.REQUESTED, status_changed_at=at, consent=given, requested_at=at,
        requested_by=by.user_id, requested_by_name=by.name[:40], room=video.new_room(),
        due_at=catalogue.deadline("answer", asked.kind, since=at), **stated,
    )  # fmt: skip
    note_status(case, by=by, at=at, place=from_facility_id)
    put_in(case, pack, by=by, at=at)
    tell(Event.REQUESTED, case, by=by, at=at, place=from_facility_id, kind=case.kind, experts=len(experts))
    for expert in experts:
        invite(case, expert, by=by, at=at)
    if len(experts) == 1 and case.wanted_at is not None:
        book(experts[0], case, case.wanted_at, by=by, at=at)
    return case


def _agreed(consent: residents.ConsentGiven | None) -> residents.ConsentGiven:
    if consent is None:
        hint = _("远程会诊须由患者或家属书面同意。")
        raise InvalidInput(hint, fields={"consent": hint})
    if not consent.agreed:
        hint = _("患者不同意，不能发起会诊，也不能出示病历资料。")
        raise InvalidInput(hint, fields={"consent": hint}, code="consent-refused")
    return consent


def _stated(asked: Asked, *, at: datetime) -> dict[str, Any]:
    if asked.kind not in Case.Kind.values:
        raise InvalidInput(_("请选择会诊方式。"), fields={"kind": _("请从列表中选择。")})
    if asked.specialty not in dict(catalogue.specialties()):
        raise InvalidInput(_("请选择会诊专业。"), fields={"specialty": _("请从列表中选择。")})
    if asked.title_wanted and asked.title_wanted not in Expert.Title.values:
        raise InvalidInput(_("请选择专家职称。"), fields={"title_wanted": _("请从列表中选择。")})
    wanted_at = asked.wanted_at if asked.kind == Case.Kind.BOOKED else None
    if asked.kind == Case.Kind.BOOKED and (wanted_at is None or wanted_at <= at):
        raise InvalidInput(_("预约会诊请选择将来的时间。"), fields={"wanted_at": _("请重新选择。")})
    return {
        "kind": asked.kind, "specialty": asked.specialty, "title_wanted": asked.title_wanted, "wanted_at": wanted_at,
        "reason": clean(asked.reason, "reason", most=200, least=2), "aim": clean(asked.aim, "aim", most=500, least=2),
        "summary": clean(asked.summary, "summary", most=8000, least=2),
    }  # fmt: skip


@transaction.atomic
def withdraw_case(*, case: Case, reason_code: str, reason: str = "", by: Actor, at: datetime) -> Case:
    """Take the request back before the meeting begins; the pack closes at once.

    :raises NotPermitted: not of the unit that asked
    :raises Conflict: the meeting has begun, or the case has ended
    """
    fresh, words = locked(case), coded("withdraw", reason_code, reason)
    permissions.may(Verb.WITHDRAW, by, fresh).require()
    return go(fresh, to=Status.WITHDRAWN, event=Event.WITHDRAWN, by=by, at=at, place=fresh.from_facility_id, **words)


@transaction.atomic
def close_case(*, case: Case, outcome: str, end_reading: bool = False, by: Actor, at: datetime) -> Case:
    """Write down what the inviting unit decided, and end the case. `end_reading` closes the pack at once, before its time.

    :raises NotPermitted: not of the unit that asked
    :raises Conflict: there is no opinion yet, or it has ended
    """
    fresh = locked(case)
    permissions.may(Verb.CLOSE, by, fresh).require()
    until = fresh.pack_until or at
    return go(
        fresh, to=Status.CLOSED, event=Event.CLOSED, by=by, at=at, place=fresh.from_facility_id,
        outcome=clean(outcome, "outcome", most=500, least=2), pack_until=min(until, at) if end_reading else until,
    )  # fmt: skip
