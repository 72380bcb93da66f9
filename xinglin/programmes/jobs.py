"""Jobs of programmes: deaths, moves and transfers of residents, answers of referrals, who is lost."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.contracts import api as contracts
from xinglin.followups import api as followups
from xinglin.laboratory import api as laboratory
from xinglin.notifications import api as notifications
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.jobs import periodic, task
from xinglin.platform.models import OutboxEvent
from xinglin.platform.outbox import subscribe
from xinglin.programmes import actions, effects, finding, nightly, queries, records
from xinglin.programmes.data import SYSTEM, AlertAnswer, Because, CheckResult, EndReason
from xinglin.programmes.events import Event
from xinglin.programmes.models import Alert, EditionEffect, Enrolment, ProgrammeVisit, QualityCheck
from xinglin.programmes.settings import rule
from xinglin.programmes.states import Status
from xinglin.readings import api as readings
from xinglin.referrals import api as referrals
from xinglin.residents import api as residents

CLOCK = system_actor(SYSTEM)
RESIDENT_CHANGED = "programmes.resident-changed"
REFERRAL_ANSWERED = "programmes.referral-answered"
ALERT_RAISED = "programmes.alert-raised"
VISIT_RECORDED = "programmes.visit-recorded"
PROVE = "programmes.prove"
VALUE_ARRIVED = "programmes.value-arrived"
DEVICE_MEASURED = "programmes.device-measured"
COUNT_EFFECT = "programmes.count-effect"
TELL_CHECK = "programmes.tell-check"

#: A resident's enrolments end with these.
ENDINGS = ("resident.deceased", "resident.moved")
ENDED_BY = {"DECEASED": EndReason.DIED, "MOVED": EndReason.MOVED}
#: A value of the laboratory or a diagnosis may be of a day before visits that are written down already.
VALUES = (laboratory.Event.RESULTS_RELEASED, *(f"visit.{verb}" for verb in ("recorded", "signed", "voided")))
#: Something dangerous was measured, belongs to somebody else after all, or its task was answered.
DEVICES = (
    *(readings.Event[name] for name in ("URGENT", "WITHDRAWN", "DISCARDED")),
    *(followups.Event[name] for name in ("COMPLETED", "CANCELLED")),
)
#: What a referral answers a finding with. That nobody has a bed, or that it was sent on, is no answer: the finding stays open.
ANSWERS = {
    referrals.Event.ACCEPTED: "ACCEPTED", referrals.Event.ARRIVED: "ARRIVED", referrals.Event.ADMITTED: "IN_CARE",
    referrals.Event.REFUSED_BY_PATIENT: AlertAnswer.REFUSED,
}  # fmt: skip
#: In these somebody at the hospital has seen him.
SEEN_THERE = frozenset({"ARRIVED", "IN_CARE", "DISCHARGED", "RETURNED", "RECEIVED_BACK", "CLOSED"})


def connect() -> None:
    """Subscribe to what happens below."""
    for event in (*ENDINGS, "resident.transferred", "resident.merged", "resident.unmerged", "resident.restored"):
        subscribe(event, RESIDENT_CHANGED)
    for answer in ANSWERS:
        subscribe(answer, REFERRAL_ANSWERED)
    subscribe(Event.ALERTED, ALERT_RAISED)
    subscribe("visit.recorded", VISIT_RECORDED)
    subscribe(Event.VISIT_RECORDED, PROVE)
    subscribe(Event.EFFECT_ASKED, COUNT_EFFECT)
    subscribe(Event.CHECKED, TELL_CHECK)
    sentence = _("您%(on)s的一份随访经回访核查为“%(result)s”，请查看说明，记录有误的请更正。")
    notifications.describe(
        Event.CHECKED,
        sentence,
        "programmes:visit",
        lambda facts: {**facts, "result": CheckResult(facts["result"]).label},
    )
    notifications.describe(
        Event.TAKEN_UP, _("一位居民恢复在册，疾病管理已接续（离开较久的重新建档），今天到期，请联系居民。"), "programmes:resident"
    )
    for event in VALUES:
        subscribe(event, VALUE_ARRIVED)
    for event in DEVICES:
        subscribe(event, DEVICE_MEASURED)


@task(RESIDENT_CHANGED)
def resident_changed(*, event_uuid: str, object_uuid: str) -> None:
    """End, hand over or join what a resident is in. What stands now decides, so that a second run changes nothing."""
    event, at = OutboxEvent.objects.get(uuid=event_uuid), clock.now()
    assert event.subject_uuid is not None
    resident = residents.registration(event.subject_uuid)
    if event.event == "resident.merged":
        for merged in residents.registrations_merged_into(resident):
            actions.join_registrations(kept=resident, merged=merged, by=CLOCK, at=at)
    elif event.event == "resident.unmerged":
        _part(UUID(event.detail["kept"]), UUID(event.detail["merged"]), at=at)
    if resident.status in ENDED_BY:
        on = resident.died_on or clock.today(event.happened_at)
        actions.end_all_of(resident=resident, reason_code=ENDED_BY[resident.status], on=on, by=CLOCK, at=at)
    elif event.event == "resident.restored":
        _take_up(event, resident, at=at)
    elif resident.status == "ACTIVE":
        actions.hand_over(resident=resident, by=CLOCK, at=at)


def _part(kept: UUID, merged: UUID, *, at: datetime) -> None:
    """Take back what a merge moved, unless the two are one again by now."""
    one, other = residents.registration(kept), residents.registration(merged)
    if one.pk != other.pk:
        actions.part_registrations(kept=one, merged=other, by=CLOCK, at=at)


def _take_up(event: OutboxEvent, resident: Any, *, at: datetime) -> None:
    """Go on with what ended with him, or begin it anew, and tell who manages him now."""
    ended_by = ENDED_BY.get(event.detail.get("was", ""))
    on = clock.today(event.happened_at)
    if ended_by and actions.take_up_all_of(resident=resident, reason_code=ended_by, on=on, by=CLOCK, at=at):
        notifications.tell(
            event_uuid=str(event.uuid), kind=Event.TAKEN_UP, urgency=1, at=at, facility_id=resident.managed_by_id,
            permission=Permission.PROGRAMME_DO, object_kind="residents.resident", object_uuid=str(resident.uuid),
            facts={},
        )  # fmt: skip


@task(REFERRAL_ANSWERED)
def referral_answered(*, event_uuid: str, object_uuid: str) -> None:
    """What a visit found and a referral was sent for has its answer."""
    event, at = OutboxEvent.objects.get(uuid=event_uuid), clock.now()
    facts = referrals.outline(UUID(object_uuid))
    if facts is None or facts.direction != "UP":
        return
    ids = residents.ids_of_person(residents.registration(facts.resident_uuid))
    answer = ANSWERS.get(referrals.Event(event.event))
    if answer is None:  # queued by a version that took it for an answer
        return
    for alert in queries.alerts_awaiting_referral(ids, before=facts.sent_at or event.happened_at):
        _close(alert, answer, facts.uuid, at=at)
    if answer in SEEN_THERE:
        for alert in queries.alerts_of_referral(facts.uuid):
            actions.end_follow_up(alert, answer, by=CLOCK, at=at)


@task(ALERT_RAISED)
def alert_raised(*, event_uuid: str, object_uuid: str) -> None:
    """A visit may reach the server after the referral that was sent for it has its answer."""
    at = clock.now()
    alert = Alert.objects.select_related("enrolment__resident", "visit").get(uuid=object_uuid)
    if alert.answered_at is not None or not alert.channel:
        return
    ids = residents.ids_of_person(alert.enrolment.resident)
    for each in referrals.outlines_sent(ids, since=alert.visit.happened_at):
        if each.status in {"ACCEPTED", *SEEN_THERE}:
            _close(alert, each.status, each.uuid, at=at)
            return


def _close(alert: Alert, answer: str, referral_uuid: UUID, *, at: datetime) -> None:
    actions.close_alert(alert=alert, answer=answer, referral_uuid=referral_uuid, by=CLOCK, at=at)
    actions.follow_answers(resident=alert.enrolment.resident)


@task(VISIT_RECORDED)
def visit_recorded(*, event_uuid: str, object_uuid: str) -> None:
    """Look whether what a visit measured and diagnosed makes the resident a candidate."""
    event, at = OutboxEvent.objects.get(uuid=event_uuid), clock.now()
    if event.subject_uuid is not None:
        finding.look_at(residents.registration(event.subject_uuid), by=CLOCK, at=at)


@task(VALUE_ARRIVED)
def value_arrived(*, event_uuid: str, object_uuid: str) -> None:
    """Judge the resident's visits anew: what arrived may be of a day before them."""
    event, at = OutboxEvent.objects.get(uuid=event_uuid), clock.now()
    if event.subject_uuid is not None:
        resident = residents.registration(event.subject_uuid)
        since = clock.today(at) - records.LONGEST
        actions.settle_resident(resident=resident, since=since, because=Because.VALUE, by=CLOCK, at=at)


@task(DEVICE_MEASURED)
def device_measured(*, event_uuid: str, object_uuid: str) -> None:
    """Bring the resident's line of the day list up to date with what devices measured."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    if event.subject_uuid is not None:
        actions.follow_devices(resident=residents.registration(event.subject_uuid), by=CLOCK, at=clock.now())


@task(COUNT_EFFECT)
def count_effect(*, event_uuid: str, object_uuid: str) -> None:
    """Count what a definition on its way would do. Run again, it goes on where it was cut off."""
    effect = EditionEffect.objects.select_related("edition").get(uuid=object_uuid)
    if effect.ended_at is None:
        effects.count_effect(effect, at=clock.now())


@task(TELL_CHECK)
def tell_check(*, event_uuid: str, object_uuid: str) -> None:
    """Tell who wrote a visit down that the resident does not bear it out."""
    check = QualityCheck.objects.select_related("visit").get(uuid=object_uuid)
    result = OutboxEvent.objects.get(uuid=event_uuid).detail[
        "result"
    ]  # of this call: it may have been called again since
    if result in {CheckResult.PARTLY, CheckResult.FALSE} and check.visit.clinician_id is not None:
        notifications.tell(
            event_uuid=event_uuid, kind=Event.CHECKED, urgency=1, at=clock.now(), user_id=check.visit.clinician_id,
            object_kind="programmes.programmevisit", object_uuid=check.visit.uuid,
            facts={"on": clock.today(check.visit.happened_at).isoformat(), "result": result},
        )  # fmt: skip


@task(PROVE)
def prove(*, event_uuid: str, object_uuid: str) -> None:
    """A visit of a programme keeps what a family-doctor contract promised. It proves as the clinic's visit it is written
    down as, if there is one: one meeting proves an item once.
    """
    visit = ProgrammeVisit.objects.select_related("resident", "visit").get(uuid=object_uuid)
    programmes = visit.results.values_list("enrolment__programme", flat=True)
    kind, uuid = ("visits.visit", visit.visit.uuid) if visit.visit else ("programmes.programmevisit", visit.uuid)
    evidence = contracts.Evidence(
        frozenset(f"programme:{slug}" for slug in programmes),
        clock.today(visit.happened_at),
        visit.facility_id,
        kind,
        uuid,
    )
    contracts.note_done(
        resident_ids=residents.ids_of_person(visit.resident), evidence=evidence, by=CLOCK, at=clock.now()
    )


@periodic("programmes.count", "20 1 * * *")
def count(timestamp: int) -> None:
    """Count the diagnoses and ages of the whole county, for the pages that show them."""
    actions.keep_counts(at=clock.now())


@periodic("programmes.check", "10 2 * * *")
def check(timestamp: int) -> None:
    """Judge every managed resident anew, and put right what stands otherwise."""
    nightly.check_everybody(at=clock.now(), processes=rule("nightly", "processes"))


@periodic("programmes.lose", "40 2 * * *")
def lose(timestamp: int) -> None:
    """Residents who are long overdue and were tried often enough count as lost."""
    at = clock.now()
    for resident_id in queries.long_overdue(on=clock.today(at)):
        if not queries.may_be_lost(resident_id):
            continue
        rows = Enrolment.objects.select_related("resident").filter(resident_id=resident_id, status=Status.ENROLLED)
        for each in rows.order_by("id"):
            actions.mark_lost(enrolment=each, by=CLOCK, at=at)
