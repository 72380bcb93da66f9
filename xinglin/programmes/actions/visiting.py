"""Programme visits: written once for all programmes of a resident, amended with a trail."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move
from xinglin.programmes import answering, judging, permissions, policies, records, secrecy
from xinglin.programmes.actions import agenda, alerting, calling, settling
from xinglin.programmes.actions.clinic import record_at_clinic
from xinglin.programmes.actions.texts import code, required, text
from xinglin.programmes.data import FACE_TO_FACE, Because, Channel, VisitIn, VisitKind
from xinglin.programmes.events import Event
from xinglin.programmes.models import Enrolment, ProgrammeVisit, VisitResult
from xinglin.programmes.settings import rule
from xinglin.programmes.states import TRANSITIONS, Status


@transaction.atomic
def record_programme_visit(
    *, resident: Any, facility_id: int, content: VisitIn, source: Any = None, by: Actor, at: datetime
) -> ProgrammeVisit:
    """Write down a visit for all programmes the resident is in, as far as the actor may know of them: a result for each, the
    next days, what must follow.

    `source`: the clinic's visit that this one is made of. The same `client_id` with the same content is the same visit:
    the first one is given back. A paused or lost resident who is seen is managed again. What comes late of somebody who was
    managed then, and is no longer, is written down with what he was in then.

    :raises NotPermitted: the actor does not see residents at the facility
    :raises Conflict: he is in no programme, has died or moved away; the id was used for another visit
    :raises InvalidInput: something cannot be, lies in the future, or is dangerous and nobody says what was done; it was by
        telephone, somebody had spoken to him that week, and no reason is given (``called-this-week``)
    """
    permissions.may_manage(by, facility_id).require()
    known = _uploaded_before(resident, content, by=by)
    if known is not None:
        return known
    mine = agenda.lock(resident.pk, at=content.happened_at or at)
    enrolments = [each for each in mine if secrecy.knows(by, each)]
    known = _uploaded_before(resident, content, by=by)  # while we waited for the lock
    if known is not None:
        return known
    happened_at = _moment(resident, content, at=at)
    if not enrolments:
        raise Conflict(_("该居民没有在管的疾病，请先建档。"), code="not-managed")
    visit, found = _write(resident, facility_id, enrolments, content, happened_at, source=source, by=by, at=at)
    for each in enrolments:
        if each.status in {Status.PAUSED, Status.LOST} and happened_at >= each.status_changed_at:
            move(each, table=TRANSITIONS, to=Status.ENROLLED, by=by, at=at, place=facility_id)
    fresh = settling.Fresh(visit, found)
    settling.settle_resident(
        resident=resident, since=timezone.localdate(happened_at), because=Because.VISIT, fresh=fresh, by=by, at=at
    )
    announce(
        Event.VISIT_RECORDED, obj=visit, subject=resident.uuid, by=by, at=at, place=facility_id, channel=visit.channel,
        kind=visit.kind, programmes=[secrecy.told(each.programme) for each in enrolments],
    )  # fmt: skip
    return visit


@transaction.atomic
def amend_programme_visit(
    *, visit: ProgrammeVisit, content: VisitIn, reason: str, by: Actor, at: datetime
) -> ProgrammeVisit:
    """Write the right visit in place of a wrong one, which is kept. Results and days follow from the new one.

    :raises NotPermitted: the actor does not see residents at its facility
    :raises Conflict: it has been amended already
    :raises InvalidInput: no reason, or as for a new visit
    """
    known = _uploaded_before(visit.resident, content, by=by)
    if known is not None:
        return known
    enrolments = _enrolments_of(visit)
    permissions.may_amend(by, visit).require()
    for each in enrolments:
        secrecy.may_know(by, each.programme, each.facility_id).require()
    reason = required("reason", reason, 500)
    happened_at = _moment(visit.resident, content, at=at)
    new, found = _write(
        visit.resident, visit.facility_id, enrolments, content, happened_at, replaces=visit, reason=reason, by=by, at=at
    )
    since = timezone.localdate(min(happened_at, visit.happened_at))
    fresh = settling.Fresh(new, found, replaces=visit)
    settling.settle_resident(resident=visit.resident, since=since, because=Because.AMENDMENT, fresh=fresh, by=by, at=at)
    announce(
        Event.VISIT_AMENDED, obj=new, subject=visit.resident.uuid, by=by, at=at, place=visit.facility_id,
        replaces=str(visit.uuid), reason=reason,
    )  # fmt: skip
    return new


def _enrolments_of(visit: ProgrammeVisit) -> list[Enrolment]:
    rows = Enrolment.objects.select_for_update().filter(results__visit=visit)
    return list(rows.order_by("id"))


def fingerprint(content: VisitIn) -> bytes:
    """What was sent, as a digest: the same upload again has the same."""
    sent = asdict(content)
    if not content.call_reason:  # as it was before a second call had to be explained
        del sent["call_reason"]
    return hashlib.sha256(json.dumps(sent, sort_keys=True, default=str).encode()).digest()


def _uploaded_before(resident: Any, content: VisitIn, *, by: Actor) -> ProgrammeVisit | None:
    known = ProgrammeVisit.objects.select_related("resident", "facility", "visit").filter(client_id=content.client_id)
    visit = known.first()
    if visit is None:
        return None
    is_same = bytes(visit.fingerprint) == fingerprint(content) and visit.resident_id == resident.pk
    if not is_same or visit.clinician_id != by.user_id:
        raise Conflict(_("这个编号已用于另一份随访记录。"), code="client-id-used")
    return visit


def _moment(resident: Any, content: VisitIn, *, at: datetime) -> datetime:
    happened_at = content.happened_at or at
    day = clock.today(happened_at)
    if happened_at > at:
        raise InvalidInput(_("随访时间在将来，请核对。"), fields={"happened_at": _("不能晚于现在。")})
    late = rule("visits", "late_days")
    if day < clock.today(at) - timedelta(days=late):
        raise InvalidInput(
            _("随访时间太早。"), fields={"happened_at": _("最多补录%(days)d天以内的随访。") % {"days": late}}
        )
    policies.can_be_seen(resident, on=day).require()
    return happened_at


def _write(  # noqa: PLR0913 - one row with all that belongs to it
    resident: Any, facility_id: int, enrolments: Sequence[Enrolment], content: VisitIn, happened_at: datetime, *,
    source: Any = None, replaces: ProgrammeVisit | None = None, reason: str = "", by: Actor, at: datetime,
) -> tuple[ProgrammeVisit, dict[int, Any]]:  # fmt: skip
    code("channel", content.channel, Channel)
    kind, day = code("kind", content.kind, VisitKind), timezone.localdate(happened_at)
    values = answering.read(content.answers, _codes(enrolments, kind), on=day)
    found = judging.outcomes(resident, enrolments, values, on=day, kind=kind, without=replaces)
    if not values and content.channel in FACE_TO_FACE:
        raise InvalidInput(_("请至少填写一项。"), fields={"answers": _("请至少填写一项。")})
    answer = alerting.require_answer(found.values(), content)
    call_reason = calling.require_reason(resident, content, found.values(), replaces=replaces, by=by, at=happened_at)
    clinic = source or (replaces.visit if replaces else None)
    if clinic is None:
        clinic = record_at_clinic(
            resident, facility_id, enrolments, values, content, happened_at=happened_at, by=by, at=at
        )
    visit = _keep(
        content, resident=resident, facility_id=facility_id, kind=kind, happened_at=happened_at, recorded_at=at,
        clinician_id=by.user_id, clinician_name=by.name[:40], answers=answering.kept(values), alert_answer=answer,
        visit=clinic, replaces=replaces, amend_reason=reason,
        call_reason=call_reason,
    )  # fmt: skip
    for enrolment, outcome in found.items():
        _keep_result(visit, enrolment, outcome)
    return visit, {each.pk: outcome for each, outcome in found.items()}


def _keep(content: VisitIn, **facts: Any) -> ProgrammeVisit:
    try:
        with transaction.atomic():
            return ProgrammeVisit.objects.create(
                client_id=content.client_id, fingerprint=fingerprint(content), channel=content.channel,
                advice=text("advice", content.advice), note=text("note", content.note),
                alert_note=text("alert_note", content.alert_note), **facts,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("这份随访刚刚已被保存，请刷新后再看。"), code="client-id-used") from error


def _codes(enrolments: Sequence[Enrolment], kind: str) -> set[str]:
    """Codes that the joint form asks for; what routine asks may be answered at the yearly visit, too."""
    kinds = {kind, VisitKind.ROUTINE, VisitKind.YEARLY}
    definitions = [judging.definition_of(each) for each in enrolments]
    return {code for definition in definitions for each in kinds for code in definition.codes(each)}


def _keep_result(visit: ProgrammeVisit, enrolment: Enrolment, outcome: Any) -> VisitResult:
    facts = records.facts_of(outcome)
    return VisitResult.objects.create(visit=visit, enrolment=enrolment, version=enrolment.version, **facts)
