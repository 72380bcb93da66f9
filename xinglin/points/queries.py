"""What may be read of points, always from an actor's point of view."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Sum

from xinglin.accounts.data import Permission
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.finding import the_one
from xinglin.platform.paging import Page, page_of
from xinglin.points.models import Account, Exchange, Lot, Movement, Stock, StockMovement
from xinglin.points.states import Status
from xinglin.residents import api as residents


def account_of(resident: Any) -> Account | None:
    """The account of a person, if he ever had points. The caller has seen him."""
    return Account.objects.filter(resident_id=resident.merged_into_id or resident.pk).first()


def resident_for(actor: Actor, uuid: UUID, *, at: datetime) -> Any:
    """A resident whose points the actor may see. :raises NotVisible: out of scope or absent"""
    return residents.visible_resident(actor, uuid, at=at, permission=Permission.POINTS_VIEW)


def movements_of(account: Account | None, *, cursor: str = "") -> Page[Movement]:
    """Movements of a person, newest first. The caller has seen him."""
    rows = Movement.objects.filter(account=account) if account else Movement.objects.none()
    return page_of(rows.select_related("exchange__stock", "undone_by", "undoes"), by=("-id",), cursor=cursor)


def spendable(account: Account | None, *, on: date) -> int:
    """What can be spent on a day: without what expired and the night's job has not taken out yet."""
    if account is None:
        return 0
    found = Lot.objects.filter(account=account, left__gt=0, expires_on__gte=on).aggregate(n=Sum("left"))
    return found["n"] or 0


def next_to_expire(account: Account | None, *, on: date) -> tuple[date, int] | None:
    """The next day on which points expire, and how many."""
    lots = Lot.objects.filter(account=account, left__gt=0, expires_on__gte=on).order_by("expires_on")
    first = lots.first() if account else None
    if first is None:
        return None
    return first.expires_on, sum(lot.left for lot in lots.filter(expires_on=first.expires_on))


def visible_movement(actor: Actor, uuid: UUID) -> Movement:
    """One movement of a resident whose points the actor may see. :raises NotVisible: out of scope or absent"""
    rows = Movement.objects.select_related("account__resident")
    found = rows.filter(
        uuid=uuid, account__resident__in=residents.residents_visible_to(actor, Permission.POINTS_VIEW)
    ).first()
    if found is None:
        raise NotVisible("points.movement", uuid)
    return found


def stock_visible_to(actor: Actor) -> QuerySet[Stock]:
    """Goods of the facilities where the actor may see points."""
    places = actor.places_where(Permission.POINTS_VIEW)
    return Stock.objects.all() if places is None else Stock.objects.filter(facility_id__in=places)


def stock_near(resident: Any) -> list[Stock]:
    """What is left to exchange at the unit that manages a resident and at the one above it. The caller has seen him."""
    above = network.managers_of([resident.managed_by_id])
    near = {resident.managed_by_id, *(each for each in above.values() if each)}
    rows = Stock.objects.filter(facility_id__in=near, on_hand__gt=F("reserved"))
    return list(rows.select_related("facility").order_by("facility__name", "good"))


def stock_list(actor: Actor) -> list[Stock]:
    """Goods the actor may see, by facility. A facility has as many rows as there are kinds of goods."""
    return list(stock_visible_to(actor).select_related("facility").order_by("facility__name", "good")[:500])


def visible_stock(actor: Actor, uuid: UUID) -> Stock:
    """One good at one facility. :raises NotVisible: out of scope or absent"""
    return the_one(stock_visible_to(actor).select_related("facility"), uuid=uuid)


def stock_movements(stock: Stock, *, cursor: str = "") -> Page[StockMovement]:
    """What came and went of a good, newest first. The caller may see the stock."""
    return page_of(stock.movements.select_related("exchange"), by=("-id",), cursor=cursor)


def exchanges_visible_to(actor: Actor) -> QuerySet[Exchange]:
    """Exchanges at the facilities where the actor may see points."""
    places = actor.places_where(Permission.POINTS_VIEW)
    rows = Exchange.objects.select_related("account__resident", "stock__facility")
    return rows if places is None else rows.filter(stock__facility_id__in=places)


def exchange_list(actor: Actor, *, is_open: bool, cursor: str = "") -> Page[Exchange]:
    """One page: what waits to be fetched, the first to lapse first; or what has ended, newest first."""
    rows = exchanges_visible_to(actor)
    if is_open:
        return page_of(rows.filter(status=Status.RESERVED), by=("reserved_until", "id"), cursor=cursor)
    return page_of(rows.exclude(status=Status.RESERVED), by=("-id",), cursor=cursor)


def visible_exchange(actor: Actor, uuid: UUID) -> Exchange:
    """One exchange. :raises NotVisible: out of scope or absent"""
    return the_one(exchanges_visible_to(actor), uuid=uuid)


# For jobs ------------------------------------------------------------------------------------------------------------
def accounts_with_expired(*, at: datetime, limit: int = 500) -> list[Account]:
    """Accounts that hold points whose day has passed."""
    lots = Lot.objects.filter(left__gt=0, expires_on__lt=clock.today(at))
    return list(Account.objects.filter(pk__in=lots.values("account_id")).order_by("pk")[:limit])


def lapsed_exchanges(*, at: datetime, limit: int = 500) -> list[Exchange]:
    """Exchanges that nobody fetched in time."""
    rows = Exchange.objects.select_related("account__resident", "stock")
    return list(rows.filter(status=Status.RESERVED, reserved_until__lt=clock.today(at)).order_by("pk")[:limit])


def books_do_not_balance() -> list[int]:
    """Accounts whose balance is not the sum of their movements and of what is left of their lots; empty in a sound ledger."""
    by_movement = dict(Movement.objects.values_list("account").annotate(n=Sum("points")))
    by_lot = dict(Lot.objects.values_list("account").annotate(n=Sum("left")))
    rows = Account.objects.values_list("pk", "balance")
    return [pk for pk, balance in rows if not balance == by_movement.get(pk, 0) == by_lot.get(pk, 0)]
