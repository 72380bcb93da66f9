"""Jobs of telephones: their panels follow what happens to residents, and are compared with the records every night."""

from xinglin.checkups import api as checkups
from xinglin.laboratory import api as laboratory
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.jobs import periodic, task
from xinglin.platform.models import OutboxEvent
from xinglin.platform.outbox import subscribe
from xinglin.pocket import actions, queries
from xinglin.programmes import api as programmes
from xinglin.residents import api as residents

FOLLOW = "pocket.follow"
ACCOUNT_CLOSED = "pocket.account-closed"

#: Whatever changes something a telephone carries.
EVENTS = (
    *(
        programmes.Event[name]
        for name in (
            "ENROLLED", "PAUSED", "RESUMED", "LOST", "GRADUATED", "ENDED", "HANDED_OVER", "VERSION_MOVED", "VISIT_RECORDED",
            "VISIT_AMENDED", "ALERTED", "ALERT_ANSWERED", "UNREACHED", "JUDGED_ANEW", "URGENCY_CHANGED",
        )
    ),
    *(f"resident.{verb}" for verb in ("edited", "transferred", "merged", "unmerged", "moved", "deceased", "restored")),
    *(f"visit.{verb}" for verb in ("recorded", "signed", "corrected", "voided")),
    laboratory.Event.RESULTS_RELEASED,
    checkups.Event.REPORTED,
    checkups.Event.VOIDED,
)  # fmt: skip

#: After these another facility may manage the person.
MOVING = {"resident.transferred", "resident.merged", "resident.unmerged"}
FOLLOWER = system_actor(FOLLOW)


def connect() -> None:
    """Subscribe to what happens below."""
    for event in EVENTS:
        subscribe(event, FOLLOW)
    subscribe("account.closed", ACCOUNT_CLOSED)


@task(FOLLOW)
def follow(*, event_uuid: str, object_uuid: str) -> None:
    """Bring the entries of a person up to date: of the registration kept, and of those merged into it."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    if event.subject_uuid is None:
        return
    resident = residents.registration(event.subject_uuid)
    for pk in residents.ids_of_person(resident):
        actions.refresh_resident(resident_id=pk)
    if event.event in MOVING:
        actions.hand_on_reviews(resident=resident, by=FOLLOWER, at=event.happened_at)


@task(ACCOUNT_CLOSED)
def account_closed(*, event_uuid: str, object_uuid: str) -> None:
    """Have the telephones of closed accounts erase themselves at their next contact: nobody could sign in on them any more."""
    wipe_of_closed_accounts()


def wipe_of_closed_accounts() -> None:
    """Safe to run again: what is to erase itself is not in use."""
    for device in queries.in_use_by_closed_accounts():
        actions.order_wipe(device=device, reason="账号已关闭", by=FOLLOWER, at=clock.now())


@periodic("pocket.repair", "20 3 * * *")
def repair(timestamp: int) -> None:
    """Compare every panel in use, where reviews wait, and whose telephones are in use with the records: what no event said."""
    wipe_of_closed_accounts()
    for panel in queries.panels_in_use():
        actions.repair_panel(panel=panel)
    for uuid in queries.people_whose_reviews_stayed():
        actions.hand_on_reviews(resident=residents.registration(uuid), by=FOLLOWER, at=clock.now())
