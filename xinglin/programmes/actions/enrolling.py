"""Into a programme: found, looked at by a person, enrolled."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move, note_status
from xinglin.programmes import judging, permissions, policies, secrecy
from xinglin.programmes.actions import agenda
from xinglin.programmes.actions.texts import required, text
from xinglin.programmes.data import FoundBy
from xinglin.programmes.events import Event
from xinglin.programmes.evidence import Piece, of_former
from xinglin.programmes.models import Enrolment
from xinglin.programmes.rules.words import SEMICOLON
from xinglin.programmes.states import ACTIVE, TRANSITIONS, Status


@transaction.atomic
def note_candidate(
    *, resident: Any, programme: str, found_by: str, evidence: Sequence[Piece] = (), by: Actor, at: datetime
) -> Enrolment | None:
    """Note that a resident may belong to a programme, for a person to look at; None when he is in it, or was dismissed.

    Called by rules as well as by people; asking again changes nothing. `evidence`: why, by code and value (`evidence.py`).
    """
    policies.can_be_managed(resident).require()
    known = Enrolment.objects.filter(resident=resident, programme=programme)
    if known.filter(status__in=[*ACTIVE, Status.DISMISSED]).exists():
        return None
    definition = judging.programme_of(programme, on=clock.today(at))
    enrolment = _new(
        resident,
        definition,
        found_by=found_by,
        evidence=evidence,
        by=by,
        at=at,
    )
    announce(
        Event.FOUND, obj=enrolment, subject=resident.uuid, by=by, at=at, place=enrolment.facility_id,
        programme=secrecy.told(programme), found_by=found_by,
    )  # fmt: skip
    return enrolment


@transaction.atomic
def confirm_candidate(*, enrolment: Enrolment, basis: str, by: Actor, at: datetime) -> Enrolment:
    """A person has looked: the resident has the disease. What that rests on is written down.

    :raises NotPermitted: the actor does not manage there
    :raises Conflict: it is no longer a candidate
    :raises InvalidInput: the programme excludes this resident, or nothing is said
    """
    permissions.may_step(by, enrolment, Status.CONFIRMED).require()
    policies.can_be_managed(enrolment.resident).require()
    basis = required("basis", basis)
    judging.require_not_excluded(enrolment.resident, enrolment.programme, on=clock.today(at))
    move(
        enrolment, table=TRANSITIONS, to=Status.CONFIRMED, by=by, at=at, place=enrolment.facility_id, basis=basis,
    )  # fmt: skip
    _announce(Event.CONFIRMED, enrolment, by=by, at=at)
    return enrolment


@transaction.atomic
def dismiss_candidate(*, enrolment: Enrolment, reason: str, by: Actor, at: datetime) -> Enrolment:
    """A person has looked: the resident does not belong to the programme.

    :raises NotPermitted: the actor does not manage there
    :raises Conflict: it is no longer a candidate
    """
    permissions.may_step(by, enrolment, Status.DISMISSED).require()
    reason = required("reason", reason)
    move(enrolment, table=TRANSITIONS, to=Status.DISMISSED, by=by, at=at, place=enrolment.facility_id, reason=reason)
    _announce(Event.DISMISSED, enrolment, by=by, at=at)
    return enrolment


@transaction.atomic
def enrol_resident(*, resident: Any, programme: str, basis: str = "", by: Actor, at: datetime) -> Enrolment:
    """Take a resident into a programme, by the version in force today; a candidate is confirmed and enrolled.

    His managing facility is responsible. Of two people who enrol him at one moment, one learns that it is done.

    :raises NotPermitted: the actor does not manage at the resident's managing facility
    :raises Conflict: he is in the programme, has died or moved away
    :raises InvalidInput: no such programme; it excludes him; or it does not foresee him and nobody wrote why
    """
    permissions.may_enrol(by, resident, programme).require()
    policies.can_be_managed(resident).require()
    today = clock.today(at)
    definition = judging.programme_of(programme, on=today)
    basis = text("basis", basis)
    eligibility = judging.require_not_excluded(resident, programme, on=today)
    if not eligibility.is_eligible and not basis:
        reasons = str(SEMICOLON).join(str(each) for each in eligibility.reasons)
        raise InvalidInput(
            _("档案中没有纳入依据，请写明：%(reasons)s") % {"reasons": reasons},
            fields={"basis": _("请写明诊断依据。")}, code="not-eligible",
        )  # fmt: skip
    enrolment = _active(resident, programme)
    if enrolment is None:
        enrolment = _new(
            resident, definition, found_by=FoundBy.HAND, status=Status.CONFIRMED, basis=basis, by=by, at=at
        )
    due = today + timedelta(days=definition.plan.first_visit_days)
    return _enrol(enrolment, definition, basis=basis, today=today, due=due, by=by, at=at)


def enrol_again(*, former: Enrolment, on: date, by: Actor, at: datetime) -> Enrolment:
    """Take somebody who came back into the programme that ended when he moved away, by the version in force: the years between are
    nobody's. Called by the system, inside the transaction of an action.

    :raises InvalidInput: no version is in force, or it excludes him
    """
    judging.require_not_excluded(former.resident, former.programme, on=on)
    definition = judging.programme_of(former.programme, on=on)
    assert former.enrolled_on is not None  # candidates are not enrolled
    assert former.ended_on is not None
    why = of_former(former.enrolled_on, former.ended_on)
    enrolment = _new(
        former.resident, definition, found_by=former.found_by, status=Status.CONFIRMED, evidence=[why],
        basis=former.basis, by=by, at=at,
    )  # fmt: skip
    return _enrol(enrolment, definition, basis=former.basis, today=on, due=on, by=by, at=at)


def _enrol(
    enrolment: Enrolment, definition: Any, *, basis: str, today: date, due: date, by: Actor, at: datetime
) -> Enrolment:
    if enrolment.status == Status.CANDIDATE:
        move(enrolment, table=TRANSITIONS, to=Status.CONFIRMED, by=by, at=at, place=enrolment.facility_id, basis=basis)
    if enrolment.status != Status.CONFIRMED:
        raise Conflict(_("该居民已在此项管理中。"), code="already-enrolled")
    move(
        enrolment, table=TRANSITIONS, to=Status.ENROLLED, by=by, at=at, place=enrolment.facility_id, enrolled_on=today,
        next_due_on=due, version=definition.version, facility=enrolment.resident.managed_by,
    )  # fmt: skip
    agenda.refresh(enrolment.resident_id)
    _announce(Event.ENROLLED, enrolment, by=by, at=at)
    return enrolment


def _active(resident: Any, programme: str) -> Enrolment | None:
    rows = Enrolment.objects.select_related("resident__managed_by", "facility").select_for_update(of=("self",))
    return rows.filter(resident=resident, programme=programme, status__in=ACTIVE).first()


def _new(
    resident: Any, definition: Any, *, found_by: str, by: Actor, at: datetime, status: Status = Status.CANDIDATE,
    evidence: Sequence[Piece] = (), basis: str = "",
) -> Enrolment:  # fmt: skip
    """A new row. :raises Conflict: somebody else was first"""
    try:
        with transaction.atomic():
            enrolment = Enrolment.objects.create(
                resident=resident, facility=resident.managed_by, programme=definition.slug, version=definition.version,
                status=status, status_changed_at=at, found_by=found_by, evidence=list(evidence), basis=basis,
                created_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("该居民已在此项管理中。"), code="already-enrolled") from error
    note_status(enrolment, by=by, at=at, place=enrolment.facility_id)
    return enrolment


def _announce(event: Event, enrolment: Enrolment, *, by: Actor, at: datetime, **detail: Any) -> None:
    announce(
        event, obj=enrolment, subject=enrolment.resident.uuid, by=by, at=at, place=enrolment.facility_id,
        programme=secrecy.told(enrolment.programme), version=secrecy.told(enrolment.version), **detail,
    )  # fmt: skip
