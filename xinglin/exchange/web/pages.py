"""What the pages of the exchange show. Templates only print."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from xinglin.exchange import permissions, queries
from xinglin.exchange.connections import Connection, all_connections
from xinglin.exchange.data import DiscardReason
from xinglin.exchange.masking import SegmentView, segments_of
from xinglin.exchange.models import InboundMessage, OutboundMessage
from xinglin.exchange.states import LOOKS, InboundStatus, OutboundStatus
from xinglin.network import api as network
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.definitions import DefinitionError
from xinglin.platform.errors import DomainError, NotVisible
from xinglin.platform.paging import Page
from xinglin.web.answers import fields_of, message_of
from xinglin.web.formats import listed_text
from xinglin.web.pills import Pill


def inbound_status(message: InboundMessage) -> Pill:
    """The pill of a message that came in."""
    return Pill(str(InboundStatus(message.status).label), *LOOKS[message.status])


def outbound_status(message: OutboundMessage) -> Pill:
    """The pill of a message that goes out."""
    return Pill(str(OutboundStatus(message.status).label), *LOOKS[message.status])


def fault_text(message: InboundMessage) -> str:
    """What went wrong or why nothing followed, in the reader's language."""
    words = message.fault_words
    return str(words.get(get_language() or "") or words.get("zh-hans", ""))


def fault_place(message: InboundMessage) -> str:
    """The place of a fault as ``PID-8.1``."""
    place = message.fault_segment
    if message.fault_field:
        place += f"-{message.fault_field}"
    return f"{place}.{message.fault_component}" if message.fault_component else place


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """One connection as a card."""

    title: str
    slug: str
    is_active: bool
    facility: str
    facts: list[tuple[str, str]]
    last_at: datetime | None
    counts: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class HomePage:
    """The connections and the listeners."""

    listeners: list[dict[str, Any]]
    connections: list[ConnectionView]
    broken: str
    tabs: list[dict[str, Any]]

    @classmethod
    def build(cls, actor: Actor, *, at: datetime) -> "HomePage":
        """The page, for an engineer."""
        try:
            states, broken = queries.connection_states(actor), ""
        except DefinitionError as error:
            states, broken = [], str(error)
        signs = [
            {
                "address": each.address,
                "lives": lives,
                "seen_at": each.seen_at,
                "n_open": each.n_open,
                "n": each.n_received,
            }
            for each, lives in queries.listeners(actor, at=at)
        ]
        return cls(signs, [_connection_view(each) for each in states], broken, tabs("home"))


def tabs(active: str) -> list[dict[str, Any]]:
    """The three pages of the exchange."""
    entries = (("home", _("连接")), ("messages", _("收到的消息")), ("outbound", _("发出的消息")))
    return [{"label": label, "url": reverse(f"exchange:{name}"), "active": name == active} for name, label in entries]


def _connection_view(state: queries.ConnectionState) -> ConnectionView:
    connection = state.connection
    lists = reverse("exchange:messages"), reverse("exchange:outbound")
    counts = [
        (_("待处理"), state.n_waiting, "", f"{lists[0]}?connection={connection.slug}&status=RECEIVED"),
        (_("处理失败"), state.n_failed, "critical", f"{lists[0]}?connection={connection.slug}&status=FAILED"),
        (_("未采用"), state.n_unhandled, "", f"{lists[0]}?connection={connection.slug}&status=IGNORED"),
    ]
    if connection.outbound:
        counts += [
            (_("待发送"), state.n_to_send, "", f"{lists[1]}?connection={connection.slug}&status=QUEUED"),
            (
                _("对方拒收"),
                state.n_refused_there,
                "critical",
                f"{lists[1]}?connection={connection.slug}&status=REFUSED",
            ),
        ]
    return ConnectionView(
        connection.title, connection.slug, connection.active, _facility(connection), _facts(connection), state.last_at,
        [
            {"label": label, "n": number, "tone": tone if number else "", "url": url}
            for label, number, tone, url in counts
        ],
    )  # fmt: skip


def _facility(connection: Connection) -> str:
    try:
        return network.facility_by_code(connection.facility_code).name
    except NotVisible:
        return _("机构代码 %(code)s 不在机构名录中") % {"code": connection.facility_code}


def _facts(connection: Connection) -> list[tuple[str, str]]:
    out = connection.outbound
    return [
        (_("发送系统"), f"{connection.sending_application} / {connection.sending_facility or '*'}"),
        (_("来源地址"), listed_text(connection.allow)),
        (_("字符集"), connection.encoding.upper()),
        (_("院内号签发方"), connection.assigning_authority),
        (_("发往"), f"{out.host}:{out.port} {out.orders} {out.results}" if out else _("不发送")),
        (_("定义"), connection.definition.version),
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """One message in a list."""

    url: str
    title: str
    meta: str
    status: Pill
    at: datetime
    tone: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """Messages with filters."""

    tabs: list[dict[str, Any]]
    rows: list[Row]
    paging: Page[Any]
    query: Mapping[str, str]
    statuses: list[tuple[str, str]]
    connections: list[tuple[str, str]]

    @classmethod
    def inbound(cls, actor: Actor, *, query: Mapping[str, str], day: date | None) -> "ListPage":
        """Messages that came in."""
        paging = queries.list_messages(
            actor, status=query.get("status", ""), connection=query.get("connection", ""),
            message_type=query.get("type", ""), day=day, cursor=query.get("cursor", ""),
        )  # fmt: skip
        names = _connection_names()
        rows = [_inbound_row(each, names) for each in paging.rows]
        return cls(tabs("messages"), rows, paging, query, _options(InboundStatus), list(names.items()))

    @classmethod
    def outbound(cls, actor: Actor, *, query: Mapping[str, str]) -> "ListPage":
        """Messages that go out."""
        paging = queries.list_outbound(
            actor, status=query.get("status", ""), connection=query.get("connection", ""),
            cursor=query.get("cursor", ""),
        )  # fmt: skip
        names = _connection_names()
        rows = [_outbound_row(each, names) for each in paging.rows]
        return cls(tabs("outbound"), rows, paging, query, _options(OutboundStatus), list(names.items()))


def _connection_names() -> dict[str, str]:
    try:
        return {each.slug: each.title for each in all_connections()}
    except DefinitionError:
        return {}


def _options(words: Any) -> list[tuple[str, str]]:
    return [(value, str(label)) for value, label in words.choices]


def _inbound_row(message: InboundMessage, names: Mapping[str, str]) -> Row:
    failed = message.status == InboundStatus.FAILED
    parts = [names.get(message.connection, message.connection), fault_place(message), fault_text(message)]
    return Row(
        reverse("exchange:message", args=[message.uuid]), f"{message.message_type or '?'} · {message.control_id or '?'}",
        " · ".join(part for part in parts if part), inbound_status(message), message.received_at,
        "critical" if failed else "",
    )  # fmt: skip


def _outbound_row(message: OutboundMessage, names: Mapping[str, str]) -> Row:
    parts = [names.get(message.connection, message.connection), trouble_text(message)]
    return Row(
        reverse("exchange:outbound_message", args=[message.uuid]), f"{message.message_type} · {message.control_id}",
        " · ".join(part for part in parts if part), outbound_status(message), message.queued_at,
        "critical" if message.status == OutboundStatus.REFUSED else "warning" if message.trouble else "",
    )  # fmt: skip


def trouble_text(message: OutboundMessage) -> str:
    """What the last try met."""
    words = {
        "timeout": _("对方没有在限时内应答"), "unreachable": _("无法连接对方"), "foreign-answer": _("收到的应答不是这条消息的"),
    }  # fmt: skip
    said = words.get(message.trouble, "")
    if message.status == OutboundStatus.QUEUED and message.n_tries:
        return _("%(what)s，已试 %(n)d 次") % {"what": said, "n": message.n_tries}
    return said


@dataclass(frozen=True, slots=True)
class MessagePage:
    """One message that came in."""

    message: InboundMessage
    title: str
    status: Pill
    facts: list[tuple[str, str]]
    fault: str
    place: str
    segments: list[SegmentView]
    n_left_out: int
    in_clear: bool
    may_replay: Decision
    may_discard: Decision
    history: list[dict[str, Any]]
    reasons: list[tuple[str, str]]
    error: str
    fields: Mapping[str, object]

    @classmethod
    def build(
        cls, actor: Actor, message: InboundMessage, *, in_clear: bool = False, error: DomainError | None = None
    ) -> "MessagePage":
        """The page of a visible message; `in_clear` after the reader said why."""
        text = shown_text(bytes(message.raw), message.charset)
        segments = segments_of(
            text, fault_segment=message.fault_segment if message.status != InboundStatus.PROCESSED else "",
            fault_field=message.fault_field, in_clear=in_clear,
        )  # fmt: skip
        names = _connection_names()
        return cls(
            message=message,
            title=f"{message.message_type or '?'} · {message.control_id or '?'}",
            status=inbound_status(message),
            facts=[
                (_("连接"), names.get(message.connection, message.connection) or _("不明")),
                (_("来源地址"), message.address),
                (_("字符集"), message.charset.upper()),
                (_("大小"), _("%(n)s 字节") % {"n": f"{message.size:,}"}),
                (_("应答"), message.answer),
                (_("处理次数"), str(message.n_tries)),
                (_("居民"), message.resident.number if message.resident else ""),
            ],
            fault=fault_text(message),
            place=fault_place(message),
            segments=segments,
            n_left_out=max(text.count("\r") - len(segments), 0),
            in_clear=in_clear,
            may_replay=permissions.may_replay(actor, message),
            may_discard=permissions.may_discard(actor, message),
            history=_history(message),
            reasons=_options(DiscardReason),
            error=message_of(error),
            fields=fields_of(error),
        )


@dataclass(frozen=True, slots=True)
class OutboundPage:
    """One message that goes out."""

    message: OutboundMessage
    title: str
    status: Pill
    facts: list[tuple[str, str]]
    trouble: str
    segments: list[SegmentView]
    answer: list[SegmentView]
    in_clear: bool
    may_send_again: Decision
    may_discard: Decision
    history: list[dict[str, Any]]
    reasons: list[tuple[str, str]]
    error: str
    fields: Mapping[str, object]

    @classmethod
    def build(
        cls, actor: Actor, message: OutboundMessage, *, in_clear: bool = False, error: DomainError | None = None
    ) -> "OutboundPage":
        """The page of a visible message; `in_clear` after the reader said why."""
        encoding = "gb18030" if b"GB 18030" in bytes(message.raw)[:200] else "utf-8"
        answer = shown_text(bytes(message.answer_raw), encoding) if message.answer_raw else ""
        return cls(
            message=message,
            title=f"{message.message_type} · {message.control_id}",
            status=outbound_status(message),
            facts=[
                (_("连接"), _connection_names().get(message.connection, message.connection)),
                (_("已试次数"), str(message.n_tries)),
                (_("应答"), message.answer),
            ],
            trouble=trouble_text(message),
            segments=segments_of(shown_text(bytes(message.raw), encoding), in_clear=in_clear),
            answer=segments_of(answer, in_clear=in_clear),
            in_clear=in_clear,
            may_send_again=permissions.may_send_again(actor, message),
            may_discard=permissions.may_discard_outbound(actor, message),
            history=_history(message),
            reasons=_options(DiscardReason),
            error=message_of(error),
            fields=fields_of(error),
        )


def shown_text(raw: bytes, encoding: str) -> str:
    """Bytes as text for a page, whatever they are."""
    text = raw.removeprefix(b"\xef\xbb\xbf").decode(encoding, errors="replace")
    return text.replace("\r\n", "\r").replace("\n", "\r")


def _history(message: Any) -> list[dict[str, Any]]:
    words = InboundStatus if isinstance(message, InboundMessage) else OutboundStatus
    reasons = dict(DiscardReason.choices)
    return [
        {
            "at": each.changed_at, "by": each.changed_by_name, "label": str(words(each.became).label),
            "why": " ".join(part for part in (str(reasons.get(each.reason_code, each.reason_code)), each.reason) if part),
        }
        for each in message.status_changes.order_by("-changed_at", "-id")[:20]
    ]  # fmt: skip
