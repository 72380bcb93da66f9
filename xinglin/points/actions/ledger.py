"""The ledger itself: accounts locked, lots opened and drawn, movements written. Called by the actions beside it only.

A balance changes in one place, `_write`, while its account is locked; every movement that takes has draws that sum to it.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from xinglin.platform.actors import Actor
from xinglin.points.models import Account, Draw, Lot, Movement


def locked_account(resident: Any, *, at: datetime) -> Account:
    """The account of a person, opened if he has none, and locked until the transaction ends."""
    kept = resident.merged_into_id or resident.pk
    Account.objects.bulk_create([Account(resident_id=kept, opened_at=at)], ignore_conflicts=True)
    return Account.objects.select_for_update().get(resident_id=kept)


def locked_accounts(kept: Any, merged: Any, *, at: datetime) -> dict[int, Account]:
    """The account of a person, opened if he has none, and that of a registration found to be his, if there is one, by
    registration. Both are locked in the order in which they were opened: whoever needs two takes them by this, at once.
    """
    Account.objects.bulk_create([Account(resident=kept, opened_at=at)], ignore_conflicts=True)
    rows = Account.objects.select_for_update(of=("self",)).select_related("resident")
    return {each.resident_id: each for each in rows.filter(resident__in=[kept, merged]).order_by("pk")}


def put_in(account: Account, points: int, *, expires_on: date, by: Actor, at: datetime, **said: Any) -> Movement:
    """Points come: a movement and its lot."""
    movement = _write(account, points, by=by, at=at, **said)
    Lot.objects.create(movement=movement, account=account, points=points, left=points, expires_on=expires_on)
    return movement


def take_out(account: Account, points: int, lots: Iterable[Lot], *, by: Actor, at: datetime, **said: Any) -> Movement:
    """Points go, out of these lots in their order. The caller has seen that they hold enough."""
    movement, rest = _write(account, -points, by=by, at=at, **said), points
    for lot in lots:
        taken = min(lot.left, rest)
        if taken:
            lot.left -= taken
            lot.save(update_fields=["left"])
            Draw.objects.create(movement=movement, lot=lot, points=taken)
            rest -= taken
    if rest:
        raise AssertionError(f"the lots of account {account.pk} do not hold what its balance says")
    return movement


def give_back(account: Account, spent: Movement, *, by: Actor, at: datetime, **said: Any) -> Movement:
    """What a movement of the account took goes back into the lots it came from, with the day on which each expires."""
    for draw in spent.draws.select_related("lot"):
        draw.lot.left += draw.points
        draw.lot.save(update_fields=["left"])
    return _write(account, -spent.points, by=by, at=at, **said)


def open_lots(account: Account, *, on: date) -> list[Lot]:
    """Lots that can be spent on a day, the first to expire first."""
    return list(account.lots.filter(left__gt=0, expires_on__gte=on).order_by("expires_on", "id"))


def drop_expired(account: Account, *, on: date, by: Actor, at: datetime) -> list[Movement]:
    """What expired before a day goes, a movement for each lot. Safe to do again."""
    return [
        take_out(
            account, lot.left, [lot], kind=Movement.Kind.EXPIRED, occurred_on=on, rule=lot.movement.rule,
            version=lot.movement.version, by=by, at=at,
        )
        for lot in account.lots.filter(left__gt=0, expires_on__lt=on).select_related("movement").order_by("expires_on", "id")
    ]  # fmt: skip


def _write(account: Account, points: int, *, by: Actor, at: datetime, **said: Any) -> Movement:
    account.balance += points
    account.save(update_fields=["balance"])
    return Movement.objects.create(
        account=account, points=points, balance_after=account.balance, moved_at=at, moved_by_name=by.name[:80], **said
    )
