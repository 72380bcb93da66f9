"""Jobs of points: what was done earns, what was voided is taken back; each night what expired goes.

The behaviours say by name which events they hear; what stands behind an event is not known here.
"""

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from xinglin.network import api as network
from xinglin.notifications import api as notifications
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import Conflict, NotVisible
from xinglin.platform.jobs import periodic, task
from xinglin.platform.models import OutboxEvent
from xinglin.platform.outbox import subscribe
from xinglin.points import actions, queries, rules
from xinglin.points.data import Cause
from xinglin.points.events import Event
from xinglin.readings import api as readings
from xinglin.residents import api as residents

BY = system_actor("健康积分")
EARN, VOID, MERGED, UNITS, TELL = (
    f"points.{name}" for name in ("earn", "take-back", "persons-merged", "units-merged", "tell")
)


def connect() -> None:
    """Subscribe to what the behaviours hear, and say how messages read."""
    for event in rules.events():
        subscribe(event, EARN)
    for event in rules.voids():
        subscribe(event, VOID)
    subscribe("resident.merged", MERGED)
    subscribe("facility.merged", UNITS)
    for told, sentence in (
        (Event.EARNED, _("您获得%(points)s个健康积分，现有%(balance)s分。")),
        (Event.TAKEN_BACK, _("收回%(points)s个健康积分，现有%(balance)s分。")),
        (Event.HANDED_OVER, _("您用积分兑换的健康用品已领取。")),
        (Event.KEPT_ELSEWHERE, _("您用积分兑换的健康用品，因机构合并改到%(facility)s领取。")),
        (Event.CANCELLED, _("您的兑换已退回，积分已还给您。")),
    ):
        subscribe(told, TELL)
        notifications.describe(f"{told}.patient", sentence, "points:own")


@task(EARN)
def earn(*, event_uuid: str, object_uuid: str) -> None:
    """Give the points of every behaviour that this event shows."""
    event, at = OutboxEvent.objects.get(uuid=event_uuid), clock.now()
    if event.subject_uuid is None:
        return
    try:
        resident = residents.registration(event.subject_uuid)
    except NotVisible:
        return
    for rule, cause in _shown(event):
        if not _was_voided(event, rule, cause):
            actions.earn(resident=resident, rule=rule, cause=cause, by=BY, at=at)


def _shown(event: OutboxEvent) -> list[tuple[rules.Rule, Cause]]:
    """The behaviours that an event shows, each with its cause."""
    facts, on, values = dict(event.detail), clock.today(event.happened_at), None
    if measured := readings.reading_facts(event.object_uuid) if event.event.startswith("reading.") else None:
        on, values = clock.today(measured.at), measured.values
    kind, met = event.event.partition(".")[0], [each for each in rules.rules(on).values() if event.event in each.events]
    return [
        (each, Cause(kind, facts[field] if (field := each.events[event.event]) else event.object_uuid, on))
        for each in met if each.is_met(facts, values)
    ]  # fmt: skip


def _was_voided(event: OutboxEvent, rule: rules.Rule, cause: Cause) -> bool:
    """Whether it was voided after this was said: what is told late, or a second time, earns nothing."""
    later = OutboxEvent.objects.filter(pk__gt=event.pk, event__in=list(rule.voids), subject_uuid=event.subject_uuid)
    return any(
        str(each.detail[field] if (field := rule.voids[each.event]) else each.object_uuid) == str(cause.uuid)
        for each in later
    )


@task(VOID)
def take_back(*, event_uuid: str, object_uuid: str) -> None:
    """What earned points does not stand any more; unless it stood again before this was heard."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    if event.subject_uuid is None:
        return
    resident = residents.registration(event.subject_uuid)
    fields = {rule.voids[event.event] for rule in rules.rules(clock.today()).values() if event.event in rule.voids}
    later = OutboxEvent.objects.filter(pk__gt=event.pk, event__in=rules.events(), subject_uuid=event.subject_uuid)
    again = {str(cause.uuid) for each in later for _rule, cause in _shown(each)}
    for cause in {str(event.detail[field] if field else object_uuid) for field in fields} - again:
        actions.take_back_cause(cause_uuid=cause, resident=resident, by=BY, at=clock.now())


@task(MERGED)
def persons_merged(*, event_uuid: str, object_uuid: str) -> None:
    """Two registrations were one person: so are their points."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    if event.subject_uuid is None:
        return
    kept = residents.registration(event.subject_uuid)
    for merged in residents.registrations_merged_into(kept):
        actions.join_accounts(kept=kept, merged=merged, by=BY, at=clock.now())


@task(UNITS)
def units_merged(*, event_uuid: str, object_uuid: str) -> None:
    """The unit that takes over another keeps its goods, and what residents have not fetched yet."""
    merged_id, successor_id = network.merger_of(object_uuid)
    actions.follow_facility_merger(merged_id=merged_id, successor_id=successor_id, by=BY, at=clock.now())


@task(TELL)
def tell(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the resident, if he has an account."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    own = get_user_model().objects.filter(resident_uuid=event.subject_uuid).values_list("pk", flat=True).first()
    if own is not None:
        facts = {name: str(event.detail.get(name, "")) for name in ("points", "balance", "facility")}
        notifications.tell(
            event_uuid=event_uuid, kind=f"{event.event}.patient", urgency=0, at=clock.now(), user_id=own, facts=facts
        )


@periodic("points.turn-day", "20 0 * * *")
def turn_day(timestamp: int) -> None:
    """What expired goes, and what nobody fetched is given back."""
    at = clock.now()
    while accounts := queries.accounts_with_expired(at=at):
        for each in accounts:
            actions.expire(account=each, by=BY, at=at)
    for exchange in queries.lapsed_exchanges(at=at):
        with override("zh-hans"):  # the language of the records
            why = str(_("到期未领取，自动退回。"))
        try:
            actions.cancel_exchange(exchange=exchange, reason=why, by=BY, at=at)
        except Conflict:
            continue  # fetched at this moment
