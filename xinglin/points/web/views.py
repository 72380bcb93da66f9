"""Pages of points: a resident's points, what waits to be fetched, the goods, and the resident's own view."""

from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import for_staff, signed_in
from xinglin.accounts.data import Permission
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.errors import DomainError, InvalidInput
from xinglin.points import actions, queries
from xinglin.points.events import Event
from xinglin.points.web import forms
from xinglin.points.web.pages import ExchangePage, GoodPage, HomePage, PersonPage, StockPage
from xinglin.residents import api as residents
from xinglin.web import posted
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def home(request: Request) -> HttpResponse:
    """What waits to be fetched; a number or card leads to a resident's points."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.POINTS_VIEW).require()
    error, given = None, request.POST.get("number", "").strip()
    if request.method == "POST":
        found = residents.resident_by_number(actor, given) or residents.resident_by_identity(actor, given)
        if found is not None:
            return redirect("points:person", uuid=found.uuid)
        error = InvalidInput(_("没有找到这个人。"), fields={"number": _("请核对档案号或身份证号。")})
    built = HomePage.build(
        actor, show=request.GET.get("show", ""), cursor=request.GET.get("cursor", ""), error=error, given=given
    )
    shown = [each.account.resident.uuid for each in built.paging.rows]
    audit.look_many(Event.LISTED, by=actor, at=at, subjects=shown, n=len(shown))
    return page(request, "points/home.html", status=error.status if error else 200, page=built)


@require_safe
@for_staff
def person(request: Request, uuid: UUID) -> HttpResponse:
    """The points of a resident."""
    return _person(request, uuid)


@require_POST
@for_staff
def note(request: Request, uuid: UUID) -> HttpResponse:
    """He attended a lecture, or did something else that is written down by hand."""

    def write() -> str:
        post, at = request.POST, clock.now()
        actions.note_behaviour(
            resident=queries.resident_for(request.actor, uuid, at=at), facility_id=_place(request.actor, post),
            rule=post.get("rule", ""), on=posted.day(post, "on"), words=post.get("words", ""), by=request.actor, at=at,
        )  # fmt: skip
        return reverse("points:person", args=[uuid])

    return write_once(
        request, write, _("已登记，积分已加。"), again=lambda error: _person(request, uuid, error, "note")
    )


@require_POST
@for_staff
def reserve(request: Request, uuid: UUID) -> HttpResponse:
    """Exchange points for goods."""

    def write() -> str:
        post, at = request.POST, clock.now()
        exchange = actions.reserve(
            resident=queries.resident_for(request.actor, uuid, at=at),
            stock=queries.visible_stock(request.actor, posted.uuid(post, "stock")), n=posted.whole(post, "n"),
            by=request.actor, at=at,
        )  # fmt: skip
        return reverse("points:exchange", args=[exchange.uuid])

    return write_once(
        request, write, _("已兑换，请居民签名领取。"), again=lambda error: _person(request, uuid, error, "reserve")
    )


@require_POST
@for_staff
def take_back(request: Request, uuid: UUID) -> HttpResponse:
    """Take back what was earned by mistake."""
    movement = queries.visible_movement(request.actor, uuid)
    whose = movement.account.resident.uuid

    def write() -> str:
        actions.take_back(movement=movement, reason=request.POST.get("reason", ""), by=request.actor, at=clock.now())
        return reverse("points:person", args=[whose])

    return write_once(request, write, _("已收回。"), again=lambda error: _person(request, whose, error))


@require_safe
@for_staff
def exchange(request: Request, uuid: UUID) -> HttpResponse:
    """One exchange."""
    return _exchange(request, uuid)


@require_POST
@for_staff
def finish(request: Request, uuid: UUID, verb: str) -> HttpResponse:
    """Hand the goods over, or give the points back."""

    def write() -> str:
        found, at = queries.visible_exchange(request.actor, uuid), clock.now()
        if verb == "hand-over":
            actions.hand_over(exchange=found, receipt=forms.receipt(request.POST), by=request.actor, at=at)
        else:
            actions.cancel_exchange(exchange=found, reason=request.POST.get("reason", ""), by=request.actor, at=at)
        return reverse("points:person", args=[found.account.resident.uuid])

    message = _("已发放。") if verb == "hand-over" else _("已退回，积分已还给居民。")
    return write_once(request, write, message, again=lambda error: _exchange(request, uuid, error))


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def stock(request: Request) -> HttpResponse:
    """The goods, and more of them coming in."""

    def write() -> str:
        post = request.POST
        actions.receive_goods(
            facility_id=_place(request.actor, post), good=post.get("good", ""), n=posted.whole(post, "n"),
            words=post.get("words", ""), by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("points:stock")

    if request.method == "POST":
        return write_once(request, write, _("已入库。"), again=lambda error: _stock(request, error))
    return _stock(request)


@require_safe
@for_staff
def good(request: Request, uuid: UUID) -> HttpResponse:
    """What came and went of one good."""
    return _good(request, uuid)


@require_POST
@for_staff
def count(request: Request, uuid: UUID) -> HttpResponse:
    """As many were counted."""

    def write() -> str:
        actions.count_stock(
            stock=queries.visible_stock(request.actor, uuid), on_hand=posted.whole(request.POST, "on_hand"),
            words=request.POST.get("words", ""), by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("points:good", args=[uuid])

    return write_once(request, write, _("已更正。"), again=lambda error: _good(request, uuid, error))


@require_safe
@signed_in
def own(request: Request) -> HttpResponse:
    """My points."""
    actor, at = request.actor, clock.now()
    resident = residents.own_resident(actor)
    audit.look(Event.OWN_VIEWED, by=actor, at=at, subject=resident.uuid)
    built = PersonPage.build(actor, resident, at=at, is_own=True, cursor=request.GET.get("cursor", ""))
    return page(request, "points/own.html", page=built)


def _place(actor: object, post: QueryDict) -> int:
    return network.facility_by_uuid(posted.uuid(post, "facility")).id


def _person(request: Request, uuid: UUID, error: DomainError | None = None, form: str = "") -> HttpResponse:
    actor, at = request.actor, clock.now()
    resident = queries.resident_for(actor, uuid, at=at)
    audit.look(Event.VIEWED, by=actor, at=at, subject=resident.uuid, kind="residents.resident", key=str(uuid))
    built = PersonPage.build(
        actor, resident, at=at, cursor=request.GET.get("cursor", ""), error=error, given=request.POST, form=form
    )
    return page(request, "points/person.html", status=error.status if error else 200, page=built)


def _exchange(request: Request, uuid: UUID, error: DomainError | None = None) -> HttpResponse:
    actor, at = request.actor, clock.now()
    found = queries.visible_exchange(actor, uuid)
    audit.look(
        Event.VIEWED, by=actor, at=at, subject=found.account.resident.uuid, kind="points.exchange", key=str(uuid)
    )
    built = ExchangePage.build(actor, found, error=error, given=request.POST or None)
    return page(request, "points/exchange.html", status=error.status if error else 200, page=built)


def _good(request: Request, uuid: UUID, error: DomainError | None = None) -> HttpResponse:
    actor, at = request.actor, clock.now()
    found = queries.visible_stock(actor, uuid)
    audit.record(Event.STOCK_LISTED, by=actor, at=at, kind="points.stock", key=str(uuid))
    built = GoodPage.build(actor, found, cursor=request.GET.get("cursor", ""), error=error, given=request.POST)
    return page(request, "points/good.html", status=error.status if error else 200, page=built)


def _stock(request: Request, error: DomainError | None = None) -> HttpResponse:
    actor, at = request.actor, clock.now()
    actor.may(Permission.POINTS_VIEW).require()
    audit.record(Event.STOCK_LISTED, by=actor, at=at)
    built = StockPage.build(actor, at=at, error=error, given=request.POST)
    return page(request, "points/stock.html", status=error.status if error else 200, page=built)
