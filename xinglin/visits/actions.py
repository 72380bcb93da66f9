"""The only writers of visits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput, NotVisible
from xinglin.platform.instances import new
from xinglin.platform.outbox import announce, rows_of
from xinglin.platform.together import Upsert, insert_together, one_statement
from xinglin.platform.transitions import change_of, move
from xinglin.residents import api as residents
from xinglin.visits import checking, hot, permissions, policies
from xinglin.visits import vitals as judging
from xinglin.visits.data import VITAL_NAMES, Content, DiagnosisIn, Vitals
from xinglin.visits.events import Event
from xinglin.visits.models import Diagnosis, DiagnosisTerm, Order, Prescription, Visit
from xinglin.visits.states import TRANSITIONS, Status

MAX_REASON = 500


@one_statement
def record_visit(
    *,
    resident: models.Model | UUID,
    facility_id: int,
    content: Content,
    sign: bool = True,
    by: Actor,
    at: datetime,
    replaces: Visit | None = None,
) -> Visit:
    """Write down that `resident` (a row or its uuid, looked up in scope) was seen at a facility, and sign it at once unless told not to.

    It may have happened before now, never after it. `replaces`: the voided visit that this one corrects. All of it is
    written by one statement, which is its own transaction.

    :raises NotVisible: the resident is not on a roster of the actor's facilities
    :raises NotPermitted: the actor may not record (or prescribe) there
    :raises InvalidInput: something cannot be, or is unusual and nobody confirmed it; `fields` say what
    """
    is_over = replaces is not None or clock.today(content.started_at or at) < clock.today(at)
    permissions.may_record(by, facility_id, prescribing=bool(content.prescriptions), is_over=is_over).require()
    known = _look_up(residents.uuid_of(resident), facility_id, content.diagnoses, by=by, at=at)
    visit = new(
        Visit, resident=known.resident, facility=known.facility, kind=content.kind,
        started_at=content.started_at or at, recorded_at=at, status_changed_at=at, clinician_id=by.user_id,
        clinician_name=by.name[:40], replaces=replaces, complaint=content.complaint.strip(),
        history=content.history.strip(), examination=content.examination.strip(), advice=content.advice.strip(),
        number=known.number, tier=known.facility.tier, status=Status.SIGNED if sign else Status.OPEN,
        **_measured(content.vitals),
    )  # fmt: skip
    named = _checked(visit, content, known.terms, at=at)
    if sign:
        policies.says_enough(has_diagnosis=bool(named)).require()
    parts = _parts(visit, named, content)
    rows: list[models.Model | Upsert] = [row for part in parts for row in part]
    if not known.stands:
        rows.append(residents.roster_row(resident=known.resident, facility_id=facility_id, basis="VISIT", at=at))
    _write(visit, rows, sign=sign, by=by, at=at)
    visit.written_parts = parts
    return visit


def _look_up(uuid: UUID, facility_id: int, diagnoses: Sequence[DiagnosisIn], *, by: Actor, at: datetime) -> hot.Known:
    """What the visit refers to.

    :raises NotVisible: no such resident for the actor
    :raises InvalidInput: no such facility
    """
    known = hot.look_up(by=by, uuid=uuid, facility_id=facility_id, diagnoses=diagnoses, at=at)
    if known is not None:
        return known
    if not residents.residents_visible_to(by).filter(uuid=uuid).exists():
        # Break-glass access is for reading: who treats the person notes his arrival first.
        raise NotVisible("residents.resident", uuid)
    raise InvalidInput(_("机构不存在。"), fields={"facility": _("机构不存在。")})


def _checked(
    visit: Visit, content: Content, terms: Mapping[tuple[str, str], DiagnosisTerm], *, at: datetime
) -> list[tuple[DiagnosisIn, str]]:
    """Refuse what cannot be; give each diagnosis its name."""
    checking.require_sound(visit, content, at=at)
    policies.can_be_seen(visit.resident, on=visit.started_at).require()
    day = checking.local_day(visit.started_at)
    policies.can_receive(visit.facility, on=day).require()
    judging.require_plausible(content.vitals, age_months=judging.age_in_months(visit.resident.born_on, day))
    return checking.named(content.diagnoses, terms, on=day)


def _write(visit: Visit, parts: Sequence[models.Model | Upsert], *, sign: bool, by: Actor, at: datetime) -> None:
    """Visit, parts, status records, audit, outbox and roster in one statement.

    A visit signed at once is written as signed, with both of its steps in the trail.
    """
    resident, place = visit.resident, visit.facility_id
    changes = [change_of(visit, was="", became=Status.OPEN, by=by, at=at, place=place)]
    if sign:
        changes.append(change_of(visit, was=Status.OPEN, became=Status.SIGNED, by=by, at=at, place=place))
    told = rows_of(Event.RECORDED, obj=visit, subject=resident.uuid, by=by, at=at, place=place, signed=sign)
    insert_together([visit, *parts, *changes, *told])


def _measured(vitals: Vitals) -> dict[str, Any]:
    return {
        **{name: getattr(vitals, name) for name in VITAL_NAMES},
        "glucose_when": vitals.glucose_when if vitals.glucose is not None else "",
        "confirmed_unusual": vitals.confirmed_unusual,
    }


def _parts(
    visit: Visit, named: Sequence[tuple[DiagnosisIn, str]], content: Content
) -> tuple[list[Diagnosis], list[Prescription], list[Order]]:
    """Rows of diagnoses, prescriptions and orders, not written yet."""
    return (
        [
            new(Diagnosis, visit=visit, system=each.system, code=each.code, name=name, is_primary=index == 0)
            for index, (each, name) in enumerate(named)
        ],
        [
            new(
                Prescription, visit=visit, medicine=each.medicine, strength=each.strength, dose=each.dose, route=each.route,
                frequency=each.frequency, days=each.days, quantity=each.quantity, is_tcm=each.is_tcm,
            )
            for each in content.prescriptions
        ],
        [new(Order, visit=visit, item=each.item, note=each.note) for each in content.orders],
    )  # fmt: skip


@transaction.atomic
def sign_visit(*, visit: Visit, by: Actor, at: datetime) -> Visit:
    """Sign a visit that was saved without a signature; from then on it is never edited.

    :raises NotPermitted: the actor did not see the patient
    :raises Conflict: it is signed or void already, or has no diagnosis
    """
    permissions.may_sign(by, visit).require()
    move(visit, table=TRANSITIONS, to=Status.SIGNED, by=by, at=at, place=visit.facility_id)
    announce(Event.SIGNED, obj=visit, subject=visit.resident.uuid, by=by, at=at, place=visit.facility_id)
    return visit


@transaction.atomic
def void_visit(*, visit: Visit, reason: str, by: Actor, at: datetime) -> Visit:
    """Make a visit void: the row stays, with who did it and why.

    :raises InvalidInput: no reason is given
    :raises NotPermitted: the actor may not record at the visit's facility
    :raises Conflict: it is void already
    """
    permissions.may_void(by, visit).require()
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON or "\x00" in reason:
        raise InvalidInput(
            _("请写明作废原因。"), fields={"reason": _("必填，最多%(most)d个字。") % {"most": MAX_REASON}}
        )
    move(visit, table=TRANSITIONS, to=Status.VOIDED, by=by, at=at, reason=reason, place=visit.facility_id)
    announce(Event.VOIDED, obj=visit, subject=visit.resident.uuid, by=by, at=at, place=visit.facility_id, reason=reason)
    return visit


@transaction.atomic
def correct_visit(
    *,
    visit: Visit,
    reason: str,
    content: Content,
    facility_id: int | None = None,
    sign: bool = True,
    by: Actor,
    at: datetime,
) -> Visit:
    """Void a visit and write the right one in its place, which names it; when and where it happened stay unless told.

    A visit that is void already may still be replaced, once.

    :raises Conflict: it was replaced before
    """
    visit = Visit.objects.select_for_update(of=("self",)).select_related("resident").get(pk=visit.pk)
    permissions.may_correct(by, visit).require()
    if visit.status != Status.VOIDED:
        void_visit(visit=visit, reason=reason, by=by, at=at)
    return record_visit(
        resident=visit.resident, facility_id=visit.facility_id if facility_id is None else facility_id,
        content=replace(content, started_at=content.started_at or visit.started_at), sign=sign, by=by, at=at,
        replaces=visit,
    )  # fmt: skip
