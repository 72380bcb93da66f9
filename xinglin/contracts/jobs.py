"""Jobs of contracts: proofs from what was done, ends by what happened to people, units merged, the turn of the day, the count of the night."""

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.contracts import actions, queries
from xinglin.contracts.data import Evidence
from xinglin.contracts.events import Event
from xinglin.contracts.models import Agreement
from xinglin.contracts.proofs import proofs_of_followup, proofs_of_visit
from xinglin.followups import api as followups
from xinglin.network import api as network
from xinglin.notifications import api as notifications
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.jobs import periodic, task
from xinglin.platform.models import OutboxEvent
from xinglin.platform.outbox import subscribe
from xinglin.residents import api as residents
from xinglin.visits import api as visits

BY = system_actor("签约履约")
VISIT, VOID, FOLLOWUP, LEFT, BACK, MERGED, MOVED, UNITS, TELL = (
    f"contracts.{name}"
    for name in (
        "prove-visit", "void-visit", "prove-followup", "person-left", "person-back", "persons-merged", "person-moved",
        "units-merged", "tell",
    )
)  # fmt: skip
#: Why an agreement ends with what happened to its resident.
WHY = {"resident.deceased": "died", "resident.moved": "moved"}
#: What takes such an end back: for which reasons the agreement had ended, and how the facility is told.
LOST = {
    "resident.restored": (
        ("died", "moved"), _("一位居民恢复在册，他的签约已因登记死亡或迁出终止。请联系居民，需要的重新签约。"),
    ),
    "resident.unmerged": (
        ("duplicate",), _("一位居民的档案合并已撤销，他的签约已在合并时终止。请联系居民，需要的重新签约。"),
    ),
}  # fmt: skip
#: Who is told, and how urgently.
STAFF = {Event.RENEWAL_DUE: 0, Event.TEAM_TAKEN_OVER: 0}
PATIENT = {Event.SIGNED: 0, Event.RENEWAL_DUE: 0, Event.TEAM_TAKEN_OVER: 0, Event.DELIVERED: 0}


def connect() -> None:
    """Subscribe to the events, and say how their messages read."""
    subscribe(visits.Event.RECORDED, VISIT)
    subscribe(visits.Event.SIGNED, VISIT)
    subscribe(visits.Event.VOIDED, VOID)
    subscribe(followups.Event.COMPLETED, FOLLOWUP)
    for event in WHY:
        subscribe(event, LEFT)
    for event, (_reasons, sentence) in LOST.items():
        subscribe(event, BACK)
        notifications.describe(f"{event}.contract", sentence, "contracts:detail")
    subscribe("resident.merged", MERGED)
    subscribe("resident.transferred", MOVED)
    subscribe("facility.merged", UNITS)
    for told in {*STAFF, *PATIENT}:
        subscribe(told, TELL)
    notifications.describe(Event.RENEWAL_DUE, _("一份签约协议 %(ends_on)s 到期，请联系居民续签。"), "contracts:detail")
    notifications.describe(Event.TEAM_TAKEN_OVER, _("一位居民的签约转到“%(team_name)s”。"), "contracts:detail")
    for told, sentence in (
        (Event.SIGNED, _("您已与“%(team_name)s”签约，至 %(ends_on)s。")),
        (Event.RENEWAL_DUE, _("您的家庭医生签约 %(ends_on)s 到期，可以续签。")),
        (Event.TEAM_TAKEN_OVER, _("您的家庭医生团队已换为“%(team_name)s”。")),
        (Event.DELIVERED, _("签约服务已为您完成一项，欢迎评价。")),
    ):
        notifications.describe(f"{told}.patient", sentence, "contracts:own")


@task(VISIT)
def prove_visit(*, event_uuid: str, object_uuid: str) -> None:
    """A signed visit proves what was done at it."""
    visit = visits.visits_visible_to(BY).select_related("resident").filter(uuid=object_uuid, status="SIGNED").first()
    if visit is not None:
        evidence = Evidence(
            proofs_of_visit(visit), clock.today(visit.started_at), visit.facility_id, "visits.visit", visit.uuid
        )
        actions.note_done(
            resident_ids=residents.ids_of_person(visit.resident), evidence=evidence, by=BY, at=clock.now()
        )


@task(VOID)
def void_visit(*, event_uuid: str, object_uuid: str) -> None:
    """A voided visit proves nothing any more."""
    actions.take_back_proof(proof_uuid=object_uuid, by=BY, at=clock.now())


@task(FOLLOWUP)
def prove_followup(*, event_uuid: str, object_uuid: str) -> None:
    """A completed follow-up proves what was done at it. Its visit, if it made one, proves on its own."""
    done = followups.followups_visible_to(BY).select_related("resident").filter(uuid=object_uuid, status="DONE").first()
    if done is not None and done.done_at is not None:
        evidence = Evidence(
            proofs_of_followup(done), clock.today(done.done_at), done.facility_id, "followups.followuptask", done.uuid
        )
        actions.note_done(resident_ids=residents.ids_of_person(done.resident), evidence=evidence, by=BY, at=clock.now())


@task(LEFT)
def person_left(*, event_uuid: str, object_uuid: str) -> None:
    """Who died or moved away is not under contract any more."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    gone = residents.residents_visible_to(BY).filter(uuid=object_uuid).first()
    if gone is not None and gone.status in ("DECEASED", "MOVED"):
        ids = residents.ids_of_person(gone)
        actions.end_for_person(resident_ids=ids, reason_code=WHY[event.event], by=BY, at=clock.now())
        actions.let_go(resident_ids=ids, end="LEFT", by=BY, at=clock.now())


@task(BACK)
def person_back(*, event_uuid: str, object_uuid: str) -> None:
    """Who is on record again, by himself, has lost his agreement: the facility that served him is told."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    if event.subject_uuid is None:
        return
    back = residents.residents_visible_to(BY).filter(uuid=event.subject_uuid, status="ACTIVE").first()
    lost = queries.lost_agreement(back, LOST[event.event][0], on=clock.today()) if back is not None else None
    if lost is not None:
        notifications.tell(
            event_uuid=event_uuid, kind=f"{event.event}.contract", urgency=0, at=clock.now(),
            facility_id=lost.facility_id, permission=Permission.CONTRACT_SIGN, object_kind="contracts.agreement",
            object_uuid=lost.uuid,
        )  # fmt: skip


@task(MOVED)
def person_moved(*, event_uuid: str, object_uuid: str) -> None:
    """Who is managed elsewhere is served there."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    if event.subject_uuid is None or not event.detail.get("former"):
        return
    person, former_id = residents.registration(event.subject_uuid), int(event.detail["former"])
    if network.successor_of(former_id) != former_id:  # his team comes with him, whichever job is first
        _follow_units(former_id)
    actions.follow_transfer(
        resident_ids=residents.ids_of_person(person), former_id=former_id,
        facility_id=person.managed_by_id, by=BY, at=clock.now(),
    )  # fmt: skip
    actions.leave_outside_area(resident_ids=residents.ids_of_person(person), by=BY, at=clock.now())


@task(UNITS)
def units_merged(*, event_uuid: str, object_uuid: str) -> None:
    """The teams of a merged unit work on at the one that takes it over, and their agreements hold."""
    _follow_units(network.merger_of(object_uuid)[0])


def _follow_units(merged_id: int) -> None:
    successor_id, at = network.successor_of(merged_id), clock.now()
    actions.follow_facility_merger(merged_id=merged_id, successor_id=successor_id, by=BY, at=at)
    while actions.serve_at_successor(merged_id=merged_id, successor_id=successor_id, by=BY, at=at):
        continue


@task(MERGED)
def persons_merged(*, event_uuid: str, object_uuid: str) -> None:
    """Two registrations were one person: the agreement of the one that was kept stands, another ends."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    if event.subject_uuid is None:
        return
    kept = residents.registration(event.subject_uuid)
    merged = [each for each in residents.ids_of_person(kept) if each != kept.pk]
    stays = actions.keep_one(kept=kept, merged_ids=merged, by=BY, at=clock.now())
    actions.follow_merge(kept=kept, merged_ids=merged, by=BY, at=clock.now())
    if stays is not None:
        actions.follow_agreement(agreement=stays, by=BY, at=clock.now())


@task(TELL)
def tell(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the facility that serves the resident, and the resident if he has an account."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    kind, at = Event(event.event), clock.now()
    about = event.detail.get("agreement") or object_uuid
    agreement = Agreement.objects.select_related("resident", "team").get(uuid=about)
    facts = {"ends_on": agreement.ends_on.isoformat(), "team_name": agreement.team.name}
    if kind in STAFF:
        notifications.tell(
            event_uuid=event_uuid, kind=kind, urgency=STAFF[kind], at=at, facility_id=agreement.facility_id,
            permission=Permission.CONTRACT_SIGN, object_kind="contracts.agreement", object_uuid=agreement.uuid,
            facts=facts,
        )  # fmt: skip
    own = get_user_model().objects.filter(resident_uuid=agreement.resident.uuid).values_list("pk", flat=True).first()
    if own is not None:
        notifications.tell(
            event_uuid=event_uuid, kind=f"{kind}.patient", urgency=PATIENT[kind], at=at, user_id=own, facts=facts
        )


@periodic("contracts.turn-day", "*/10 * * * *")
def turn_day(timestamp: int) -> None:
    """Terms end and begin, renewals are recalled."""
    actions.turn_day(by=BY, at=clock.now())


@periodic("contracts.count", "40 1 * * *")
def count(timestamp: int) -> None:
    """Drafts that lapsed are thrown away, key groups are looked at again, and the county is counted."""
    actions.discard_lapsed(by=BY, at=clock.now())
    actions.look_at_groups(at=clock.now())
    actions.count_coverage(at=clock.now())
