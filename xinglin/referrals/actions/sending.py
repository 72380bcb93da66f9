"""The sender's verbs: draft, send, complete and send again, sign later, withdraw."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.instances import new
from xinglin.platform.outbox import announce, rows_of
from xinglin.platform.together import insert_together, one_statement
from xinglin.platform.transitions import change_of
from xinglin.referrals import catalogue, permissions, queries
from xinglin.referrals.actions import checking
from xinglin.referrals.actions.steps import (
    ONE_WAY,
    advance,
    already_open,
    bounded,
    coded,
    deadline,
    go,
    is_emergency,
    one_open_way,
)
from xinglin.referrals.data import ConsentGiven, Route, Slip
from xinglin.referrals.events import Event
from xinglin.referrals.models import Referral
from xinglin.referrals.policies import Verb
from xinglin.referrals.states import Status
from xinglin.residents import api as residents

DOWN = Referral.Direction.DOWN


@transaction.atomic
def draft_referral(*, resident: Any, visit: Any, route: Route, slip: Slip, by: Actor, at: datetime) -> Referral:
    """Begin a referral; nobody but the sending unit sees it until it is sent with `complete_and_resend`.

    :raises NotPermitted: the actor may not refer from there
    :raises InvalidInput: the way or the slip cannot be
    """
    referral = _create(resident=resident, visit=visit, route=route, slip=slip, by=by, at=at)
    announce(Event.DRAFTED, obj=referral, subject=resident.uuid, by=by, at=at, place=route.from_facility_id)
    return referral


@one_statement
def send_referral(
    *,
    resident: models.Model | UUID,
    visit: Any,
    route: Route,
    slip: Slip,
    consent: ConsentGiven | None = None,
    consent_waived: str = "",
    acknowledged_open: bool = False,
    origin: Referral | None = None,
    by: Actor,
    at: datetime,
) -> Referral:
    """Refer a resident from one unit to another; the receiving unit sees him and the slip from this moment.

    An emergency channel may go without consent ("treat first, sign later") for a written ground in `consent_waived`.
    When the resident refuses, the refusal is kept and the referral ends as withdrawn. While another referral of the same
    visit goes on, a second is sent only with `acknowledged_open`: somebody knows of the first. `resident`: a row the caller has
    read in scope, or a uuid, which is looked up in scope. With a consent there is a transaction around it all, because
    the consent is written by an action of its own.

    :raises NotVisible: the resident is out of scope
    :raises NotPermitted: the actor may not refer from there
    :raises InvalidInput: the way, the slip or the consent cannot be; `fields` say what
    :raises Conflict: the same way is open for this resident already; `code` ``referral-open``: another of this visit is
    """
    what = {"resident": resident, "visit": visit, "route": route, "slip": slip, "origin": origin}
    what["may_be_second"] = acknowledged_open or origin is not None or (consent is not None and not consent.agreed)
    if consent is None:
        return _send_unsigned(what, consent_waived, by=by, at=at)
    with transaction.atomic():
        return _send_answered(what, consent, consent_waived, by=by, at=at)


def _send_unsigned(what: dict[str, Any], ground: str, *, by: Actor, at: datetime) -> Referral:
    referral = _unsent(what, by=by, at=at)
    referral.consent_waived = _consent_or_ground(referral, None, ground)
    return _write_sent(referral, by=by, at=at)


def _send_answered(what: dict[str, Any], consent: ConsentGiven, ground: str, *, by: Actor, at: datetime) -> Referral:
    if not consent.agreed:
        return _refused_by_patient(_create(**what, by=by, at=at), consent, by=by, at=at)
    referral = _unsent(what, by=by, at=at)
    referral.consent_waived = _consent_or_ground(referral, consent, ground)
    referral.consent = _record(referral, consent, by=by, at=at)
    return _write_sent(referral, by=by, at=at)


def _unsent(what: dict[str, Any], *, by: Actor, at: datetime) -> Referral:
    return _unsaved(
        **what, by=by, at=at, status=Status.SUBMITTED, sent_at=at, sent_by=by.user_id, sent_by_name=by.name[:40]
    )


def _write_sent(referral: Referral, *, by: Actor, at: datetime) -> Referral:
    """Write a new referral with both of its steps, audit and outbox. :raises Conflict: the way is open already"""
    place = referral.from_facility_id
    referral.due_at = deadline(referral, _first_step(referral), since=at)
    changes = [
        change_of(referral, was="", became=Status.DRAFT, by=by, at=at, place=place),
        change_of(referral, was=Status.DRAFT, became=Status.SUBMITTED, by=by, at=at, place=place),
    ]
    told = rows_of(
        Event.SENT, obj=referral, subject=referral.resident.uuid, by=by, at=at, place=place, code="",
        channel=referral.channel,
    )  # fmt: skip
    seen = residents.roster_row(
        resident=referral.resident, facility_id=referral.to_facility_id, basis="REFERRAL", at=at
    )
    insert_together([referral, *changes, *told, seen], refusals={ONE_WAY: already_open})
    return referral


@transaction.atomic
def complete_and_resend(
    *,
    referral: Referral,
    slip: Slip,
    to_department_id: int | None = None,
    consent: ConsentGiven | None = None,
    consent_waived: str = "",
    acknowledged_open: bool = False,
    by: Actor,
    at: datetime,
) -> Referral:
    """Send a draft, or send again what came back for completion; a department named replaces the former one.

    :raises NotPermitted: the actor may not refer from there
    :raises Conflict: it is neither a draft nor sent back; `code` ``referral-open``: another of its visit goes on, and
        nobody has said that he knows of it
    """
    permissions.may(Verb.SUBMIT, by, referral).require()
    was_draft = referral.status == Status.DRAFT
    if was_draft and referral.direction != DOWN and not acknowledged_open:
        others = queries.open_of_visit(referral.visit_id, but=referral.pk)
        checking.refuse_second(others[0].number if others else None)
    fields = checking.slip_fields(slip, direction=referral.direction, resident=referral.resident, by=by, at=at)
    if to_department_id is not None:
        checking.require_department(to_department_id, facility_id=referral.to_facility_id)
        fields["to_department_id"] = to_department_id
    Referral.objects.filter(pk=referral.pk).update(**fields)
    event = Event.SENT if was_draft else Event.COMPLETED
    return _submit(referral, consent=consent, consent_waived=consent_waived, event=event, by=by, at=at)


@transaction.atomic
def sign_later(*, referral: Referral, consent: ConsentGiven, by: Actor, at: datetime) -> Referral:
    """Add the consent that an emergency had put off.

    :raises NotPermitted: the actor works at neither unit
    :raises Conflict: it is signed already, or the referral has ended
    """
    fresh = Referral.objects.select_for_update().get(pk=referral.pk)  # two at once: the second finds it signed
    permissions.may(Verb.SIGN, by, fresh).require()
    if not consent.agreed:
        raise InvalidInput(_("患者不同意转诊时，请由转出机构撤回并选择相应原因。"), fields={"agreed": _("须为同意。")})
    given = _record(referral, consent, by=by, at=at)
    Referral.objects.filter(pk=referral.pk).update(consent=given)
    referral.refresh_from_db()
    announce(Event.SIGNED, obj=referral, subject=referral.resident.uuid, by=by, at=at, place=by.place)
    return referral


@transaction.atomic
def withdraw_referral(*, referral: Referral, reason_code: str, reason: str = "", by: Actor, at: datetime) -> Referral:
    """Take a referral back before the patient has arrived. A withdrawn way back leaves the patient with the hospital.

    :raises NotPermitted: the actor does not work at the sending unit
    :raises Conflict: the patient has arrived, or it ended otherwise
    """
    words = coded("withdraw", reason_code, reason)
    advance(
        referral, Verb.WITHDRAW, to=Status.WITHDRAWN, event=Event.WITHDRAWN, by=by, at=at,
        place=referral.from_facility_id, **words,
    )  # fmt: skip
    give_back_origin(referral, by=by, at=at)
    return referral


def give_back_origin(referral: Referral, *, by: Actor, at: datetime) -> None:
    """When a way back fails, the hospital that discharged the patient has to find another: its clock starts anew."""
    if referral.direction != DOWN:
        return
    origin = returned_origin(referral)
    if origin is not None:
        go(
            origin, to=Status.DISCHARGED, event=Event.RETURN_DECLINED, by=by, at=at, place=origin.to_facility_id,
            due_at=deadline(origin, "down-slip", since=at), reason=referral.number,
        )  # fmt: skip


def returned_origin(referral: Referral) -> Referral | None:
    """The up-referral this way back belongs to, if it waits to be received back."""
    each = referral.origin
    while each is not None and each.direction == DOWN:
        each = each.origin
    return each if each is not None and each.status == Status.RETURNED else None


def _create(
    *, resident: Any, visit: Any, route: Route, slip: Slip, origin: Referral | None = None, may_be_second: bool = True,
    by: Actor, at: datetime,
) -> Referral:  # fmt: skip
    referral = _unsaved(resident=resident, visit=visit, route=route, slip=slip, origin=origin, by=by, at=at)
    insert_together(
        [referral, change_of(referral, was="", became=Status.DRAFT, by=by, at=at, place=route.from_facility_id)]
    )
    return referral


def _unsaved(
    *,
    resident: Any,
    visit: Any,
    route: Route,
    slip: Slip,
    origin: Referral | None,
    may_be_second: bool = True,
    by: Actor,
    at: datetime,
    **more: Any,
) -> Referral:
    way, known = checking.checked_way(resident, route, visit_id=visit.pk if visit is not None else None, by=by, at=at)
    permissions.may_send(by, from_facility_id=way.from_facility_id, direction=way.direction).require()
    checking.require_same_person(known.resident, visit)
    fields = checking.slip_fields(slip, direction=way.direction, resident=known.resident, by=by, at=at)
    if not may_be_second:
        checking.refuse_second(known.open_number)
    referral = new(
        Referral, number=known.number, resident=known.resident, visit=visit, origin=origin, direction=way.direction,
        channel=way.channel, from_facility=known.from_facility, to_facility=known.to_facility,
        to_department=known.department, status_changed_at=at, drafted_at=at, **fields, **more,
    )  # fmt: skip
    referral.urgency = 0 if is_emergency(referral) else 1
    return referral


def _first_step(referral: Referral) -> str:
    return "receive-back" if referral.direction == DOWN else "answer"


def _submit(
    referral: Referral, *, consent: ConsentGiven | None, consent_waived: str, event: Event, by: Actor, at: datetime
) -> Referral:
    waived = _consent_or_ground(referral, consent, consent_waived)
    if consent is not None and not consent.agreed:
        return _refused_by_patient(referral, consent, by=by, at=at)
    given = _record(referral, consent, by=by, at=at) if consent is not None else referral.consent
    residents.note_on_roster(resident=referral.resident, facility_id=referral.to_facility_id, basis="REFERRAL", at=at)
    with one_open_way():
        return advance(
            referral, Verb.SUBMIT, to=Status.SUBMITTED, event=event, by=by, at=at, place=referral.from_facility_id,
            due_at=deadline(referral, _first_step(referral), since=at), sent_at=referral.sent_at or at,
            sent_by=referral.sent_by or by.user_id, sent_by_name=referral.sent_by_name or by.name[:40],
            consent=given, consent_waived=waived, detail={"channel": referral.channel},
        )  # fmt: skip


def _consent_or_ground(referral: Referral, consent: ConsentGiven | None, ground: str) -> str:
    ground = bounded("consent_waived", ground, 200)
    channel = catalogue.channel(referral.channel)
    if ground and not channel.consent_may_be_waived:
        raise InvalidInput(_("只有急诊绿色通道可以先救治、后补签。"), fields={"consent_waived": _("此通道不适用。")})
    if consent is None and not ground and referral.consent_id is None and not _continues(referral):
        hint = _("请患者或家属签署知情同意。")
        if channel.consent_may_be_waived:
            hint = _("请签署知情同意；来不及时写明先救治、后补签的理由。")
        raise InvalidInput(hint, fields={"consent": hint})
    return "" if consent is not None else ground or referral.consent_waived


def _continues(referral: Referral) -> bool:
    """A way back rests on the consent of the way there."""
    return referral.direction == DOWN and referral.origin is not None


def _record(referral: Referral, consent: ConsentGiven, *, by: Actor, at: datetime) -> Any:
    return residents.record_answer(
        resident=referral.resident, kind="referral", object_uuid=referral.uuid, given=consent,
        kept_at=f"{'转入' if by.place == referral.to_facility_id else '转出'}机构", by=by, at=at,
    )  # fmt: skip


def _refused_by_patient(referral: Referral, consent: ConsentGiven, *, by: Actor, at: datetime) -> Referral:
    given = _record(referral, consent, by=by, at=at)
    return advance(
        referral, Verb.WITHDRAW, to=Status.WITHDRAWN, event=Event.REFUSED_BY_PATIENT, by=by, at=at,
        place=referral.from_facility_id, reason_code="patient-refused", consent=given,
    )  # fmt: skip
