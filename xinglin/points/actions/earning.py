"""Points earned by what was done, taken back when it turns out not to have been, expired, and moved with a merged record."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.texts import clean
from xinglin.points import permissions, rules
from xinglin.points.actions import ledger
from xinglin.points.data import Cause
from xinglin.points.events import Event
from xinglin.points.models import Account, Draw, Movement
from xinglin.residents import api as residents

#: Points for what lies further back are not given.
OLDEST = timedelta(days=90)
#: Names causes that are written down by hand: the same person, behaviour, day and words are the same.
BY_HAND = UUID("6d5b9f0e-5a3e-4f0b-9d0a-0a6a4a2f7b11")


@transaction.atomic
def earn(
    *, resident: Any, rule: rules.Rule, cause: Cause, words: str = "", facility_id: int | None = None, by: Actor,
    at: datetime,
) -> Movement | None:  # fmt: skip
    """Give the points of a behaviour; once for each cause, and within what a day and a year allow the person, under
    whichever of his registrations. When a cause that was voided stands again, what was taken back of it is given again, as of
    its first day; what he had spent by then he has had.

    :returns: None when the cause has earned already, the limit is reached, or it lies too far back
    """
    today = clock.today(at)
    if not today - OLDEST <= cause.on <= today:
        return None
    account = ledger.locked_account(resident, at=at)
    earned = Movement.objects.filter(
        account__resident_id__in=residents.ids_of_person(resident), kind=Movement.Kind.EARNED, rule=rule.slug
    )
    same = list(earned.filter(cause_uuid=cause.uuid).select_related("undone_by").order_by("id"))
    on = same[0].occurred_on if same else cause.on
    points = same[0].points - sum(_kept(each) for each in same) if same else rule.points
    if points <= 0 or not rule.earns(_days_counted(earned.exclude(cause_uuid=cause.uuid)), on):
        return None
    movement = ledger.put_in(
        account, points, expires_on=rule.expires_on(on), kind=Movement.Kind.EARNED, rule=rule.slug, n=len(same) + 1,
        version=rule.version, occurred_on=on, cause_kind=cause.kind, cause_uuid=cause.uuid, words=words, by=by, at=at,
    )  # fmt: skip
    announce(
        Event.EARNED, obj=movement, subject=resident.uuid, by=by, at=at, place=facility_id, rule=rule.slug,
        points=points, balance=account.balance,
    )  # fmt: skip
    return movement


def _kept(earned: Movement) -> int:
    """What he has had of it: all while it stands, else what could not be taken back."""
    return earned.points + (earned.undone_by.points if hasattr(earned, "undone_by") else 0)


def _days_counted(earned: QuerySet[Movement]) -> list[date]:
    """The days that count for the limits, one for each cause of which he has had something."""
    had = earned.filter(Q(undone_by__isnull=True) | Q(points__gt=-F("undone_by__points")))
    return [on for _cause, on in had.values_list("cause_uuid", "occurred_on").distinct()]


@transaction.atomic
def note_behaviour(
    *, resident: Any, facility_id: int, rule: str, on: date, words: str, by: Actor, at: datetime
) -> Movement:
    """Write down by hand that a resident did something that earns points, e.g. attended a lecture, and what it was.

    :raises NotPermitted: the actor does not keep points for the facility
    :raises InvalidInput: not a behaviour that is written down by hand, a day outside, or no words
    :raises Conflict: the same was written down already, or the limit is reached
    """
    permissions.may_keep(by, facility_id).require()
    today = clock.today(at)
    found = rules.rules(on).get(rule)
    if found is None or not found.by_hand:
        raise InvalidInput(_("请选择可登记的健康行为。"), fields={"rule": _("请从列表中选择。")})
    if not today - OLDEST <= on <= today:
        raise InvalidInput(_("日期应在今天之前、90天之内。"), fields={"on": _("日期不对。")})
    said = clean(words, "words", most=100, least=1)
    uuid = uuid5(BY_HAND, f"{resident.uuid}|{rule}|{on}|{said}")
    movement = earn(
        resident=resident,
        rule=found,
        cause=Cause("by-hand", uuid, on),
        words=said,
        facility_id=facility_id,
        by=by,
        at=at,
    )
    if movement is None:
        raise Conflict(_("这次已经登记过，或者已达到当天、当年的上限。"), code="limit-reached")
    return movement


@transaction.atomic
def take_back(*, movement: Movement, reason: str, by: Actor, at: datetime) -> Movement:
    """Take back what was earned by mistake, with the reason: as much as is left, never more.

    :raises NotPermitted: the actor does not keep points of this resident
    :raises Conflict: it was no earning, or was taken back
    """
    permissions.may_take_back(by, movement).require()
    return _undo(movement, clean(reason, "reason", most=200, least=1), by=by, at=at)


@transaction.atomic
def take_back_cause(*, cause_uuid: UUID | str, resident: Any, by: Actor, at: datetime) -> list[Movement]:
    """What earned a person points was voided: they go. Called by the system; safe to call again."""
    earned = Movement.objects.filter(
        kind=Movement.Kind.EARNED, cause_uuid=cause_uuid, undone_by__isnull=True,
        account__resident_id__in=residents.ids_of_person(resident),
    )  # fmt: skip
    return [_undo(each, "", by=by, at=at) for each in earned.order_by("id")]


def _undo(movement: Movement, reason: str, *, by: Actor, at: datetime) -> Movement:
    """Out of its own lot first, then out of the others. What was spent, or has expired of it, is not asked for again."""
    account = ledger.locked_account(movement.account.resident, at=at)
    if Movement.objects.filter(undoes=movement).exists():
        raise Conflict(_("这笔积分已经收回。"), code="taken-back")
    ledger.drop_expired(account, on=clock.today(at), by=by, at=at)
    lots = ledger.open_lots(account, on=clock.today(at))
    lots.sort(key=lambda lot: lot.movement_id != movement.pk)
    expired = Draw.objects.filter(lot__movement=movement, movement__kind=Movement.Kind.EXPIRED).aggregate(
        n=Sum("points")
    )
    points = min(movement.points - (expired["n"] or 0), sum(lot.left for lot in lots))
    undone = ledger.take_out(
        account, points, lots, kind=Movement.Kind.TAKEN_BACK, rule=movement.rule, version=movement.version,
        occurred_on=clock.today(at), undoes=movement, words=reason, by=by, at=at,
    )  # fmt: skip
    announce(
        Event.TAKEN_BACK, obj=undone, subject=account.resident.uuid, by=by, at=at, rule=movement.rule, points=points,
        not_taken=movement.points - points, balance=account.balance,
    )  # fmt: skip
    return undone


@transaction.atomic
def expire(*, account: Account, by: Actor, at: datetime) -> list[Movement]:
    """Let go what has expired. Called by the system; safe to call again."""
    account = Account.objects.select_for_update(of=("self",)).select_related("resident").get(pk=account.pk)
    gone = ledger.drop_expired(account, on=clock.today(at), by=by, at=at)
    for each in gone:
        announce(
            Event.EXPIRED, obj=each, subject=account.resident.uuid, by=by, at=at, points=-each.points,
            balance=each.balance_after,
        )  # fmt: skip
    return gone


@transaction.atomic
def join_accounts(*, kept: Any, merged: Any, by: Actor, at: datetime) -> int:
    """Two registrations were one person: what the merged one has left goes to the one kept, each lot with its day.

    Undoing the merge leaves the points where they are: they cannot be told apart any more. :returns: points moved
    """
    accounts = ledger.locked_accounts(kept, merged, at=at)
    target, source = accounts[kept.pk], accounts.get(merged.pk)
    if source is None or source.pk == target.pk:
        return 0
    today, moved = clock.today(at), 0
    ledger.drop_expired(source, on=today, by=by, at=at)
    for lot in ledger.open_lots(source, on=today):
        points, said = lot.left, {"rule": lot.movement.rule, "version": lot.movement.version, "occurred_on": today}
        ledger.take_out(source, points, [lot], kind=Movement.Kind.MOVED_OUT, by=by, at=at, **said)
        came = ledger.put_in(
            target, points, expires_on=lot.expires_on, kind=Movement.Kind.MOVED_IN, by=by, at=at, **said
        )
        announce(Event.MOVED, obj=came, subject=kept.uuid, by=by, at=at, points=points, balance=target.balance)
        moved += points
    return moved
