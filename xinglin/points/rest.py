"""REST of points."""

import base64
import binascii
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import BaseModel, Field

from xinglin.accounts.data import Permission
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput
from xinglin.points import actions, queries, rules
from xinglin.points.data import Receipt
from xinglin.points.events import Event
from xinglin.points.models import Exchange, Movement, Stock
from xinglin.points.web.pages import good_title, line_of
from xinglin.residents import api as residents
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request
from xinglin.web.shapes import In, text

router = Router()
Words = Annotated[str, text(200, least=1)]
Code = Annotated[str, text(60, least=1)]
Cursor = Annotated[str, Field(max_length=200)]
Count = Annotated[int, Field(ge=0, le=100_000)]


class PointsBehaviourOut(BaseModel):
    """A behaviour that earns points."""

    code: str
    title: str
    points: int
    per_day: int
    per_year: int
    by_hand: bool


class PointsBehavioursOut(BaseModel):
    """Behaviours in force today."""

    items: list[PointsBehaviourOut]


class PointsMovementOut(BaseModel):
    """Points came or went: what happened, why, and the balance after it."""

    uuid: UUID
    at: datetime
    kind: str
    title: str
    why: str
    points: int
    balance_after: int
    behaviour: str
    cause: UUID | None
    exchange: UUID | None

    @classmethod
    def of(cls, movement: Movement) -> "PointsMovementOut":
        """From a row."""
        line = line_of(movement)
        return cls(
            uuid=movement.uuid, at=movement.moved_at, kind=movement.kind, title=line.title, why=line.why,
            points=movement.points, balance_after=movement.balance_after, behaviour=movement.rule,
            cause=movement.cause_uuid, exchange=movement.exchange.uuid if movement.exchange else None,
        )  # fmt: skip


class PointsOut(BaseModel):
    """The points of a person: what can be spent, what expires next, and a page of movements."""

    resident: UUID
    balance: int
    expires_on: date | None
    expiring: int
    items: list[PointsMovementOut]
    next_cursor: str

    @classmethod
    def of(cls, resident: Any, *, at: datetime, cursor: str) -> "PointsOut":
        """Of a resident the caller may see."""
        today, account = clock.today(at), queries.account_of(resident)
        paging, ahead = queries.movements_of(account, cursor=cursor), queries.next_to_expire(account, on=today)
        return cls(
            resident=resident.uuid, balance=queries.spendable(account, on=today), expires_on=ahead[0] if ahead else None,
            expiring=ahead[1] if ahead else 0, items=[PointsMovementOut.of(each) for each in paging.rows],
            next_cursor=paging.next_cursor,
        )  # fmt: skip


class PointsBehaviourIn(In):
    """Something written down by hand; `facility` is the actor's own unit when absent."""

    behaviour: Code
    on: date
    words: Words
    facility: UUID | None = None


class PointsReasonIn(In):
    """Why."""

    reason: Words


class PointsStockOut(BaseModel):
    """A good at a facility: how many there are, and how many of them are kept for residents."""

    uuid: UUID
    facility: str
    good: str
    title: str
    points: int | None
    on_hand: int
    reserved: int

    @classmethod
    def of(cls, stock: Stock) -> "PointsStockOut":
        """From a row with its facility."""
        good = rules.goods(clock.today()).get(stock.good)
        return cls(
            uuid=stock.uuid, facility=str(stock.facility), good=stock.good, title=good_title(stock.good),
            points=good.points if good else None, on_hand=stock.on_hand, reserved=stock.reserved,
        )  # fmt: skip


class PointsStockListOut(BaseModel):
    """Goods of the actor's facilities."""

    items: list[PointsStockOut]


class PointsGoodsIn(In):
    """Goods that came in, and from where."""

    good: Code
    n: Count
    words: Words
    facility: UUID | None = None


class PointsCountIn(In):
    """How many were counted, and why that differs."""

    on_hand: Count
    words: Words


class PointsExchangeIn(In):
    """What is exchanged for points: a good at a facility, and how many of it."""

    resident: UUID
    stock: UUID
    n: Annotated[int, Field(ge=1, le=20)] = 1


class PointsReceiptIn(In):
    """Who received the goods: his signature as PNG in base64, or signed on the facility's paper list."""

    receiver: Annotated[str, text(60, least=1)]
    relation: Annotated[str, text(10)] = "本人"
    signature: Annotated[str, Field(max_length=400_000)] = ""
    on_paper: bool = False


class PointsExchangeOut(BaseModel):
    """An exchange of points for goods."""

    uuid: UUID
    number: str
    resident: UUID
    resident_name: str
    facility: str
    good: str
    title: str
    n: int
    points: int
    status: str
    reserved_until: date

    @classmethod
    def of(cls, exchange: Exchange) -> "PointsExchangeOut":
        """From a row with its resident and stock."""
        resident, stock = exchange.account.resident, exchange.stock
        return cls(
            uuid=exchange.uuid, number=exchange.number, resident=resident.uuid, resident_name=resident.name,
            facility=str(stock.facility), good=stock.good, title=good_title(stock.good), n=exchange.n,
            points=exchange.points, status=exchange.status, reserved_until=exchange.reserved_until,
        )  # fmt: skip


class PointsExchangePageOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[PointsExchangeOut]
    next_cursor: str


@router.get("/points/behaviours", response={200: PointsBehavioursOut, **ERRORS}, operation_id="list_points_behaviours")
def behaviours(request: Request) -> Any:
    """What earns points today."""
    audit.record(Event.LISTED, by=request.actor, at=clock.now())
    found = rules.rules(clock.today()).values()
    return PointsBehavioursOut(
        items=[
            PointsBehaviourOut(
                code=each.slug, title=each.title, points=each.points, per_day=each.per_day, per_year=each.per_year,
                by_hand=each.by_hand,
            )
            for each in found
        ]
    )  # fmt: skip


@router.get("/points/own", response={200: PointsOut, **ERRORS}, operation_id="get_own_points")
def own(request: Request, cursor: Cursor = "") -> Any:
    """My points."""
    actor, at = request.actor, clock.now()
    resident = residents.own_resident(actor)
    audit.look(Event.OWN_VIEWED, by=actor, at=at, subject=resident.uuid)
    return PointsOut.of(resident, at=at, cursor=cursor)


@router.get("/points/residents/{uuid}", response={200: PointsOut, **ERRORS}, operation_id="get_points")
def get_points(request: Request, uuid: UUID, cursor: Cursor = "") -> Any:
    """The points of a resident."""
    actor, at = request.actor, clock.now()
    resident = queries.resident_for(actor, uuid, at=at)
    audit.look(Event.VIEWED, by=actor, at=at, subject=resident.uuid, kind="residents.resident", key=str(uuid))
    return PointsOut.of(resident, at=at, cursor=cursor)


@router.post(
    "/points/residents/{uuid}/behaviours", response={201: PointsMovementOut, **ERRORS},
    operation_id="note_points_behaviour",
)  # fmt: skip
def note(request: Request, uuid: UUID, body: PointsBehaviourIn) -> Any:
    """Write down that he did something that earns points."""

    def run() -> PointsMovementOut:
        actor, at = request.actor, clock.now()
        movement = actions.note_behaviour(
            resident=queries.resident_for(actor, uuid, at=at), facility_id=_place(actor, body.facility),
            rule=body.behaviour, on=body.on, words=body.words, by=actor, at=at,
        )  # fmt: skip
        return PointsMovementOut.of(movement)

    return write(request, run, status=201)


@router.post(
    "/points/movements/{uuid}/take-back", response={200: PointsMovementOut, **ERRORS}, operation_id="take_back_points"
)
def take_back(request: Request, uuid: UUID, body: PointsReasonIn) -> Any:
    """Take back what was earned by mistake."""

    def run() -> PointsMovementOut:
        actor = request.actor
        found = queries.visible_movement(actor, uuid)
        return PointsMovementOut.of(actions.take_back(movement=found, reason=body.reason, by=actor, at=clock.now()))

    return write(request, run)


@router.get("/points/stock", response={200: PointsStockListOut, **ERRORS}, operation_id="list_points_stock")
def stock(request: Request) -> Any:
    """Goods of the actor's facilities."""
    actor = request.actor
    actor.may(Permission.POINTS_VIEW).require()
    audit.record(Event.STOCK_LISTED, by=actor, at=clock.now())
    return PointsStockListOut(items=[PointsStockOut.of(each) for each in queries.stock_list(actor)])


@router.post("/points/stock", response={201: PointsStockOut, **ERRORS}, operation_id="receive_points_goods")
def receive(request: Request, body: PointsGoodsIn) -> Any:
    """Goods came in."""

    def run() -> PointsStockOut:
        actor = request.actor
        return PointsStockOut.of(
            actions.receive_goods(
                facility_id=_place(actor, body.facility), good=body.good, n=body.n, words=body.words, by=actor,
                at=clock.now(),
            )
        )  # fmt: skip

    return write(request, run, status=201)


@router.post("/points/stock/{uuid}/count", response={200: PointsStockOut, **ERRORS}, operation_id="count_points_stock")
def count(request: Request, uuid: UUID, body: PointsCountIn) -> Any:
    """As many were counted."""

    def run() -> PointsStockOut:
        actor = request.actor
        found = queries.visible_stock(actor, uuid)
        return PointsStockOut.of(
            actions.count_stock(stock=found, on_hand=body.on_hand, words=body.words, by=actor, at=clock.now())
        )

    return write(request, run)


@router.get("/points/exchanges", response={200: PointsExchangePageOut, **ERRORS}, operation_id="list_points_exchanges")
def exchanges(request: Request, ended: bool = False, cursor: Cursor = "") -> Any:
    """What waits to be fetched at the actor's facilities; or what has ended."""
    actor = request.actor
    actor.may(Permission.POINTS_VIEW).require()
    paging = queries.exchange_list(actor, is_open=not ended, cursor=cursor)
    shown = [each.account.resident.uuid for each in paging.rows]
    audit.look_many(Event.LISTED, by=actor, at=clock.now(), subjects=shown, n=len(shown))
    items = [PointsExchangeOut.of(each) for each in paging.rows]
    return PointsExchangePageOut(items=items, next_cursor=paging.next_cursor)


@router.post("/points/exchanges", response={201: PointsExchangeOut, **ERRORS}, operation_id="reserve_points_exchange")
def reserve(request: Request, body: PointsExchangeIn) -> Any:
    """Pay with points and keep the goods for the resident."""

    def run() -> PointsExchangeOut:
        actor, at = request.actor, clock.now()
        exchange = actions.reserve(
            resident=queries.resident_for(actor, body.resident, at=at), stock=queries.visible_stock(actor, body.stock),
            n=body.n, by=actor, at=at,
        )  # fmt: skip
        return PointsExchangeOut.of(queries.visible_exchange(actor, exchange.uuid))

    return write(request, run, status=201)


def _finish(request: Request, uuid: UUID, action: Callable[..., Exchange], **given: Any) -> Any:
    def run() -> PointsExchangeOut:
        actor = request.actor
        found = queries.visible_exchange(actor, uuid)
        return PointsExchangeOut.of(action(exchange=found, by=actor, at=clock.now(), **given))

    return write(request, run)


@router.post(
    "/points/exchanges/{uuid}/hand-over", response={200: PointsExchangeOut, **ERRORS},
    operation_id="hand_over_points_exchange",
)  # fmt: skip
def hand_over(request: Request, uuid: UUID, body: PointsReceiptIn) -> Any:
    """Hand the goods over to who signs for them."""
    try:
        signature = base64.b64decode(body.signature, validate=True) if body.signature else None
    except binascii.Error as error:
        raise InvalidInput(
            _("签名不是有效的 PNG 图片。"), fields={"signature": _("签名不是有效的 PNG 图片。")}
        ) from error
    receipt = Receipt(body.receiver, body.relation, signature, body.on_paper)
    return _finish(request, uuid, actions.hand_over, receipt=receipt)


@router.post(
    "/points/exchanges/{uuid}/cancel", response={200: PointsExchangeOut, **ERRORS},
    operation_id="cancel_points_exchange",
)  # fmt: skip
def cancel(request: Request, uuid: UUID, body: PointsReasonIn) -> Any:
    """Give the points back and free the goods."""
    return _finish(request, uuid, actions.cancel_exchange, reason=body.reason)


def _place(actor: Any, facility: UUID | None) -> int:
    place = network.facility_by_uuid(facility).id if facility else actor.place
    if place is None:
        raise InvalidInput(_("请选择机构。"), fields={"facility": _("必填。")})
    return int(place)
