"""Pages of the exchange: connections, messages, one message with its fault, and what the engineer does about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from xinglin.accounts.api import signed_in
from xinglin.exchange import actions, jobs, permissions, queries
from xinglin.exchange.events import Event
from xinglin.exchange.web.pages import HomePage, ListPage, MessagePage, OutboundPage
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request

MIN_REASON = 4


@dataclass(frozen=True, slots=True)
class Way:
    """In or out: how a message is found, drawn and named in the audit trail, and whom it is about."""

    kind: str
    template: str
    visible: Callable[[Actor, UUID], Any]
    build: Callable[..., object]
    subject_of: Callable[[Any], UUID | None]


INBOUND = Way(
    "exchange.inboundmessage", "exchange/message.html", queries.visible_message, MessagePage.build,
    lambda message: message.resident.uuid if message.resident else None,
)  # fmt: skip
OUTBOUND = Way(
    "exchange.outboundmessage", "exchange/outbound_message.html", queries.visible_outbound, OutboundPage.build,
    lambda message: message.subject_uuid,
)  # fmt: skip


@require_safe
@signed_in
def home(request: Request) -> HttpResponse:
    """Connections and listeners, with what waits."""
    permissions.may_manage(request.actor).require()
    audit.record(Event.LISTED, by=request.actor, at=clock.now(), detail={"what": "connections"})
    return page(request, "exchange/home.html", page=HomePage.build(request.actor, at=clock.now()))


@require_safe
@signed_in
def messages(request: Request) -> HttpResponse:
    """Messages that came in, newest first."""
    permissions.may_manage(request.actor).require()
    query = request.GET.dict()
    built = ListPage.inbound(request.actor, query=query, day=_day(query.get("day", "")))
    audit.record(Event.LISTED, by=request.actor, at=clock.now(), detail={"what": "inbound", "n": len(built.rows)})
    return page(request, "exchange/messages.html", fragment="rows", page=built)


@require_safe
@signed_in
def message(request: Request, uuid: UUID) -> HttpResponse:
    """One message, personal values covered."""
    return _show(request, INBOUND, uuid)


@require_POST
@signed_in
def reveal(request: Request, uuid: UUID) -> HttpResponse:
    """One message in the clear, once, for a written reason."""
    return _reveal(request, INBOUND, uuid)


@require_POST
@signed_in
def replay(request: Request, uuid: UUID) -> HttpResponse:
    """Work through it again."""

    def write() -> str:
        found = queries.visible_message(request.actor, uuid)
        actions.replay(message=found, by=request.actor, at=clock.now())
        jobs.wake(found.connection)
        return reverse("exchange:message", args=[uuid])

    return _answer(request, INBOUND, uuid, write, _("已排队重放。"))


@require_POST
@signed_in
def replay_fault(request: Request) -> HttpResponse:
    """Work through all of one fault again."""

    def write() -> str:
        connection, fault = request.POST.get("connection", "")[:40], request.POST.get("fault", "")[:40]
        actions.replay_fault(connection=connection, fault_code=fault, by=request.actor, at=clock.now())
        jobs.wake(connection)
        return f"{reverse('exchange:messages')}?connection={connection}"

    return write_once(request, write, _("同一原因的失败消息已排队重放。"))


@require_POST
@signed_in
def discard(request: Request, uuid: UUID) -> HttpResponse:
    """Give it up."""

    def write() -> str:
        actions.discard(
            message=queries.visible_message(request.actor, uuid), reason=request.POST.get("reason", ""),
            remark=request.POST.get("remark", ""), by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("exchange:message", args=[uuid])

    return _answer(request, INBOUND, uuid, write, _("已放弃。"))


@require_safe
@signed_in
def outbound(request: Request) -> HttpResponse:
    """Messages that go out, newest first."""
    permissions.may_manage(request.actor).require()
    built = ListPage.outbound(request.actor, query=request.GET.dict())
    audit.record(Event.LISTED, by=request.actor, at=clock.now(), detail={"what": "outbound", "n": len(built.rows)})
    return page(request, "exchange/outbound.html", fragment="rows", page=built)


@require_safe
@signed_in
def outbound_message(request: Request, uuid: UUID) -> HttpResponse:
    """One message that goes out, personal values covered."""
    return _show(request, OUTBOUND, uuid)


@require_POST
@signed_in
def reveal_outbound(request: Request, uuid: UUID) -> HttpResponse:
    """The same in the clear, once, for a written reason."""
    return _reveal(request, OUTBOUND, uuid)


@require_POST
@signed_in
def send_again(request: Request, uuid: UUID) -> HttpResponse:
    """Send what was refused again."""

    def write() -> str:
        found = queries.visible_outbound(request.actor, uuid)
        actions.send_again(message=found, by=request.actor, at=clock.now())
        jobs.wake_sender(found.connection)
        return reverse("exchange:outbound_message", args=[uuid])

    return _answer(request, OUTBOUND, uuid, write, _("已排队再次发送。"))


@require_POST
@signed_in
def discard_outbound(request: Request, uuid: UUID) -> HttpResponse:
    """Give up sending."""

    def write() -> str:
        actions.discard_outbound(
            message=queries.visible_outbound(request.actor, uuid), reason=request.POST.get("reason", ""),
            remark=request.POST.get("remark", ""), by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("exchange:outbound_message", args=[uuid])

    return _answer(request, OUTBOUND, uuid, write, _("已放弃。"))


def _show(request: Request, way: Way, uuid: UUID) -> HttpResponse:
    found = way.visible(request.actor, uuid)
    audit.record(
        Event.VIEWED, by=request.actor, at=clock.now(), kind=way.kind, key=str(uuid), subject=way.subject_of(found)
    )
    return page(request, way.template, page=way.build(request.actor, found))


def _reveal(request: Request, way: Way, uuid: UUID) -> HttpResponse:
    found = way.visible(request.actor, uuid)
    try:
        reason = _reason(request)
    except InvalidInput as error:
        return page(request, way.template, status=error.status, page=way.build(request.actor, found, error=error))
    audit.record(
        Event.REVEALED, by=request.actor, at=clock.now(), kind=way.kind, key=str(uuid), reason=reason,
        subject=way.subject_of(found),
    )  # fmt: skip
    return page(request, way.template, page=way.build(request.actor, found, in_clear=True))


def _answer(request: Request, way: Way, uuid: UUID, write: Callable[[], str], message: object) -> HttpResponse:
    try:
        return write_once(request, write, message)
    except (InvalidInput, Conflict) as error:
        built = way.build(request.actor, way.visible(request.actor, uuid), error=error)
        return page(request, way.template, status=error.status, page=built)


def _reason(request: Request) -> str:
    reason = " ".join(request.POST.get("why", "").split())[:400]
    if len(reason) < MIN_REASON or "\x00" in reason:
        raise InvalidInput(_("请写明查看原文的理由，至少 4 个字。"), fields={"why": _("请写明理由，至少 4 个字。")})
    return reason


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(_("日期格式不对。"), fields={"day": _("请选择日期。")}) from error
