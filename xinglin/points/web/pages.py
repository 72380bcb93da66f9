"""What the pages of points show. Templates only print."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import DomainError
from xinglin.platform.paging import Page
from xinglin.points import permissions, queries, rules
from xinglin.points.data import Line
from xinglin.points.models import Exchange, Movement, Stock
from xinglin.points.states import LOOKS, Status
from xinglin.residents import api as residents
from xinglin.web.answers import fields_of, message_of
from xinglin.web.formats import listed_text
from xinglin.web.pills import Pill

#: Tone of a movement on a page.
TONES = {"EARNED": "ok", "GIVEN_BACK": "ok", "MOVED_IN": "info", "EXPIRED": "neutral", "TAKEN_BACK": "warning"}


def status_view(exchange: Exchange) -> Pill:
    """The pill of an exchange."""
    tone, icon = LOOKS[Status(exchange.status)]
    return Pill(str(exchange.get_status_display()), tone, icon)


def good_title(slug: str) -> str:
    """A good in the reader's language; its slug when its file is gone."""
    found = rules.good(slug)
    return found.title if found else slug


def line_of(movement: Movement) -> Line:
    """A movement as the resident reads it: what happened, and why."""
    rule = rules.rule(movement.rule) if movement.rule else None
    behaviour = rule.title if rule else movement.rule
    exchange = movement.exchange
    what = f"{good_title(exchange.stock.good)} × {exchange.n}" if exchange else ""
    kind = Movement.Kind(movement.kind)
    title, why = {
        Movement.Kind.EARNED: (
            behaviour, _("原来的记录仍然算数，补回当时收回的积分") if movement.n > 1 else rule.plain if rule else "",
        ),
        Movement.Kind.SPENT: (_("兑换：%(what)s") % {"what": what}, _("您用积分换了健康用品")),
        Movement.Kind.GIVEN_BACK: (_("退回：%(what)s") % {"what": what}, _("兑换没有完成，积分还给您")),
        Movement.Kind.TAKEN_BACK: (
            _("收回：%(what)s") % {"what": behaviour}, _why_taken_back(movement),
        ),
        Movement.Kind.EXPIRED: (_("到期：%(what)s") % {"what": behaviour}, _("积分过了有效期，没有用完的部分失效")),
        Movement.Kind.MOVED_IN: (_("档案合并转入"), _("您的两份档案合并为一份，积分也合在一起")),
        Movement.Kind.MOVED_OUT: (_("档案合并转出"), _("您的两份档案合并为一份，积分也合在一起")),
    }[kind]  # fmt: skip
    on = movement.occurred_on
    then = on.isoformat() if rule and on != timezone.localdate(movement.moved_at) else ""  # which of several it was
    said = " · ".join(str(part) for part in (why, then, movement.words) if part)
    return Line(
        movement.uuid, movement.moved_at, str(title), said, movement.points, movement.balance_after,
        TONES.get(movement.kind, "neutral"),
        kind == Movement.Kind.EARNED and not hasattr(movement, "undone_by"),
    )  # fmt: skip


def _why_taken_back(movement: Movement) -> str:
    rest = movement.undoes.points + movement.points if movement.undoes else 0
    if rest:
        return _("原来的记录已更正；已经用掉或到期的%(n)d分不再收回") % {"n": rest}
    return _("原来的记录已更正，这次的积分不再计算")


@dataclass(frozen=True, slots=True)
class Ways:
    """One behaviour that earns, as it is told."""

    title: str
    points: int
    limit: str


@dataclass(frozen=True)
class PersonPage:
    """The points of one person."""

    person: residents.PersonBanner
    uuid: Any
    is_own: bool
    balance: int
    expiring: tuple[date, int] | None
    lines: list[Line]
    paging: Page[Any]
    ways: list[Ways]
    offers: list[dict[str, Any]]
    goods: list[dict[str, Any]]
    open_exchanges: list[dict[str, Any]]
    behaviours: list[tuple[str, str]]
    places: list[tuple[str, str]]
    place: str
    may_keep: bool
    today: date
    values: Mapping[str, Any]
    error: str
    fields: Mapping[str, object]
    form: str

    @classmethod
    def build(
        cls, actor: Actor, resident: Any, *, at: datetime, is_own: bool = False, cursor: str = "",
        error: DomainError | None = None, given: QueryDict | None = None, form: str = "",
    ) -> "PersonPage":  # fmt: skip
        """The page of a resident the actor may see, or of himself."""
        today, account = clock.today(at), queries.account_of(resident)
        paging = queries.movements_of(account, cursor=cursor)
        may_keep = not is_own and permissions.may_keep(actor, None).allowed
        found = rules.rules(today)
        open_now = account.exchanges.filter(status=Status.RESERVED).select_related("stock__facility") if account else []
        stock = [] if is_own or not may_keep else queries.stock_list(actor)
        balance = queries.spendable(account, on=today)
        return cls(
            person=residents.person_of(resident, actor), uuid=resident.uuid, is_own=is_own,
            balance=balance, expiring=queries.next_to_expire(account, on=today),
            lines=[line_of(each) for each in paging.rows], paging=paging,
            ways=[Ways(each.title, each.points, _limit(each)) for each in found.values()], offers=_offers(stock, today),
            goods=_goods(queries.stock_near(resident), balance, today) if is_own else [],
            open_exchanges=[_open_exchange(actor, each, is_own) for each in open_now],
            behaviours=[(each.slug, each.title) for each in found.values() if each.by_hand],
            places=network.choices_of(actor, Permission.POINTS_KEEP) if may_keep else [],
            place=network.own_place(actor), may_keep=may_keep, today=today, values=given or {},
            error=message_of(error), fields=fields_of(error), form=form,
        )  # fmt: skip


def _limit(rule: rules.Rule) -> str:
    if rule.per_year == 1:
        return _("每年一次")
    return _("每天最多%(day)d次，每年最多%(year)d次") % {"day": rule.per_day, "year": rule.per_year}


def _offers(stock: list[Stock], today: date) -> list[dict[str, Any]]:
    goods = rules.goods(today)
    return [
        {
            "value": str(each.uuid),
            "label": _("%(what)s · %(points)d分 · %(place)s还有%(n)d件")
            % {
                "what": goods[each.good].title, "points": goods[each.good].points, "place": each.facility,
                "n": each.on_hand - each.reserved,
            },
        }
        for each in stock
        if each.good in goods and each.on_hand > each.reserved
    ]  # fmt: skip


def _goods(stock: list[Stock], balance: int, today: date) -> list[dict[str, Any]]:
    """What points buy, the cheapest first: for how many, where it is to be had now, and how many are lacking."""
    where: dict[str, list[str]] = {}
    for each in stock:
        where.setdefault(each.good, []).append(str(each.facility))
    return [
        {
            "title": each.title, "points": each.points,
            "meta": _("%(places)s有货") % {"places": listed_text(where[each.slug])} if each.slug in where else _("附近暂时没有货"),
            "lacking": max(each.points - balance, 0),
        }
        for each in sorted(rules.goods(today).values(), key=lambda one: (one.points, one.order))
    ]  # fmt: skip


def _open_exchange(actor: Actor, exchange: Exchange, is_own: bool) -> dict[str, Any]:
    return {
        "title": f"{good_title(exchange.stock.good)} × {exchange.n}",
        "meta": f"{exchange.stock.facility} · {exchange.number}",
        "until": exchange.reserved_until,
        "url": "" if is_own else reverse("points:exchange", args=[exchange.uuid]),
    }


@dataclass(frozen=True)
class HomePage:
    """What waits to be fetched, and the way to a resident."""

    tabs: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    paging: Page[Any]
    is_open: bool
    error: str
    fields: Mapping[str, object]
    given: str

    @classmethod
    def build(
        cls, actor: Actor, *, show: str, cursor: str, error: DomainError | None = None, given: str = ""
    ) -> "HomePage":
        """One page of exchanges."""
        is_open = show != "ended"
        paging = queries.exchange_list(actor, is_open=is_open, cursor=cursor)
        url = reverse("points:home")
        tabs = [
            {"label": _("待领取"), "url": url, "active": is_open, "icon": "clock", "count": None},
            {"label": _("已结束"), "url": f"{url}?show=ended", "active": not is_open, "icon": "history", "count": None},
        ]
        rows = [
            {
                "url": reverse("points:exchange", args=[each.uuid]),
                "title": f"{each.account.resident.name} · {good_title(each.stock.good)} × {each.n}",
                "meta": f"{each.number} · {each.stock.facility}",
                "status": status_view(each), "until": each.reserved_until,
            }
            for each in paging.rows
        ]  # fmt: skip
        fields = fields_of(error)
        return cls(tabs, rows, paging, is_open, message_of(error), fields, given)


@dataclass(frozen=True)
class ExchangePage:
    """One exchange: handing it over, or giving it back."""

    exchange: Exchange
    person: residents.PersonBanner
    title: str
    status: Pill
    may: Decision
    relations: list[tuple[str, str]]
    values: Mapping[str, Any]
    error: str
    fields: Mapping[str, object]

    @classmethod
    def build(
        cls, actor: Actor, exchange: Exchange, *, error: DomainError | None = None, given: QueryDict | None = None
    ) -> "ExchangePage":
        """The page of a visible exchange."""
        resident = exchange.account.resident
        return cls(
            exchange, residents.person_of(resident, actor), f"{good_title(exchange.stock.good)} × {exchange.n}",
            status_view(exchange), permissions.may_finish(actor, exchange), residents.signer_relations(),
            given or {"receiver": resident.name, "relation": "本人"}, message_of(error),
            fields_of(error),
        )  # fmt: skip


@dataclass(frozen=True)
class StockPage:
    """Goods of the actor's facilities."""

    rows: list[dict[str, Any]]
    may_stock: bool
    goods: list[tuple[str, str]]
    places: list[tuple[str, str]]
    place: str
    values: Mapping[str, Any]
    error: str
    fields: Mapping[str, object]

    @classmethod
    def build(
        cls, actor: Actor, *, at: datetime, error: DomainError | None = None, given: QueryDict | None = None
    ) -> "StockPage":
        """The table of goods."""
        goods, may_stock = rules.goods(clock.today(at)), permissions.may_stock(actor, None).allowed
        rows = [
            {
                "uuid": each.uuid, "url": reverse("points:good", args=[each.uuid]), "title": good_title(each.good),
                "facility": str(each.facility), "on_hand": each.on_hand, "reserved": each.reserved, "free": each.on_hand - each.reserved,
                "points": goods[each.good].points if each.good in goods else None,
            }
            for each in queries.stock_list(actor)
        ]  # fmt: skip
        offered = [
            (each.slug, _("%(what)s（%(points)d分）") % {"what": each.title, "points": each.points})
            for each in goods.values()
        ]
        return cls(
            rows, may_stock, offered, network.choices_of(actor, Permission.POINTS_STOCK), network.own_place(actor), given or {},
            message_of(error),
            fields_of(error),
        )  # fmt: skip


@dataclass(frozen=True)
class GoodPage:
    """One good of a facility: each movement, and how many there were after it."""

    title: str
    facility: str
    on_hand: int
    reserved: int
    rows: list[dict[str, Any]]
    paging: Page[Any]
    uuid: Any
    may: bool
    values: Mapping[str, Any]
    error: str
    fields: Mapping[str, object]

    @classmethod
    def build(
        cls,
        actor: Actor,
        stock: Stock,
        *,
        cursor: str = "",
        error: DomainError | None = None,
        given: QueryDict | None = None,
    ) -> "GoodPage":
        """A page of its movements."""
        paging = queries.stock_movements(stock, cursor=cursor)
        rows = [
            {
                "title": each.get_kind_display(), "n": each.n, "after": each.on_hand_after, "at": each.moved_at,
                "meta": " · ".join(part for part in (each.words, str(each.exchange or ""), each.moved_by_name) if part),
                "tone": "ok" if each.n > 0 else "neutral",
            }
            for each in paging.rows
        ]  # fmt: skip
        return cls(
            good_title(stock.good), str(stock.facility), stock.on_hand, stock.reserved, rows, paging, stock.uuid,
            permissions.may_stock(actor, stock.facility_id).allowed, given or {}, message_of(error), fields_of(error),
        )  # fmt: skip
