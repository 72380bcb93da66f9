"""REST of telephones: register, carry the panel, bring changes back, look at what waits."""

import gzip
import hashlib
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from django.http import HttpResponse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from ninja import Router
from pydantic import Field, ValidationError

from xinglin.accounts.data import Permission
from xinglin.followups.api import quiet_weeks
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict
from xinglin.pocket import actions, permissions, queries
from xinglin.pocket.data import Envelope
from xinglin.pocket.events import Event
from xinglin.pocket.models import Device
from xinglin.pocket.schemas import (
    NOTED,
    AdoptChangeIn,
    ChangesIn,
    DeviceIn,
    DeviceOut,
    DevicesOut,
    RegisteredOut,
    RejectChangeIn,
    ReviewOut,
    ReviewsOut,
    VerdictOut,
    VerdictsOut,
    WipeIn,
    change_in,
)
from xinglin.pocket.settings import rule, rules
from xinglin.programmes import api as programmes
from xinglin.web.api import ERRORS, json_answer, write
from xinglin.web.request import Request

router = Router()
#: An answer shorter than this is not worth packing.
WORTH_PACKING = 1000


@router.get("/pocket/devices", response={200: DevicesOut, **ERRORS}, operation_id="list_pocket_devices")
def list_devices(request: Request) -> Any:
    """The actor's own telephones; to who manages devices, all."""
    actor = request.actor
    found = queries.devices_of(actor)
    audit.record(Event.DEVICES_LISTED, by=actor, at=clock.now(), detail={"n": len(found)})
    return DevicesOut(items=[DeviceOut.of(each) for each in found])


@router.post("/pocket/devices", response={201: RegisteredOut, **ERRORS}, operation_id="register_pocket_device")
def register(request: Request, body: DeviceIn) -> Any:
    """Register a telephone for where the actor works; by a signed-in person, not by a program. The key is told once."""

    def run() -> RegisteredOut:
        actor, at = request.actor, clock.now()
        device, key = actions.register_device(name=body.name, by=actor, at=at)
        return RegisteredOut(**DeviceOut.of(device).model_dump(), key=key, rules=rules("phone"))

    return write(request, run, status=201)


@router.post("/pocket/devices/{uuid}/wipe", response={200: DeviceOut, **ERRORS}, operation_id="wipe_pocket_device")
def wipe(request: Request, uuid: UUID, body: WipeIn) -> Any:
    """Have a telephone erase itself at its next contact."""

    def run() -> DeviceOut:
        actor, at = request.actor, clock.now()
        device = queries.visible_device(actor, uuid)
        return DeviceOut.of(actions.order_wipe(device=device, reason=body.reason, by=actor, at=at))

    return write(request, run)


@router.post("/pocket/devices/{uuid}/end", response={200: DeviceOut, **ERRORS}, operation_id="end_pocket_device")
def end(request: Request, uuid: UUID) -> Any:
    """Lay a telephone down."""

    def run() -> DeviceOut:
        actor, at = request.actor, clock.now()
        return DeviceOut.of(actions.end_device(device=queries.visible_device(actor, uuid), by=actor, at=at))

    return write(request, run)


@router.get("/pocket/panel", operation_id="read_pocket_panel", response={200: Any, **ERRORS})
def panel(
    request: Request, device: UUID, after: Annotated[int, Field(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Field(ge=1, le=250)] = 250,
) -> Any:  # fmt: skip
    """One page of the feed of the telephone's panel, in order of revision: ``entries`` (``[revision, resident]``), ``left``
    (``[revision, uuid]``), ``upto`` (where to go on), ``n_left``, ``n_carried``, ``n_left_out``, and ``settled``: what became of
    changes that were looked at. ``called``, with the last page: by uuid, of everybody carried, who was spoken to this week and
    is not called before ``until``. ``restart``: begin anew at 0, as after a right that was given or taken away.
    """
    actor, at = request.actor, clock.now()
    mine = queries.own_device(actor, device)
    permissions.may_carry(actor, mine).require()
    shows = bool(actor.may(Permission.RESIDENT_REVEAL, at=mine.facility_id))
    knows = bool(actor.may(Permission.PROGRAMME_CONFIDENTIAL, at=mine.facility_id))
    most, told = min(limit, rule("panel", "page")), f"phone={shows:d} secret={knows:d}"
    page = queries.feed(
        mine, after=after, limit=most, shows_phone=shows, shows_secret=knows, is_other=mine.fed_with != told
    )
    shown = [UUID(each["uuid"]) for _revision, each in page.entries]
    audit.look_many(Event.CARRIED, by=actor, at=at, subjects=shown, device=str(mine.uuid), after=after)
    actions.note_fed(device=mine, told=told if not page.restart else "", at=at)
    answer = {
        "entries": page.entries, "left": page.left, "upto": page.upto, "n_left": page.n_left, "n_carried": page.n_carried,
        "n_left_out": page.n_left_out, "restart": page.restart, "rules": rules("phone"), "message": "",
        "called": _called(actor, mine, at=at) if not page.n_left else {},
        "settled": [VerdictOut.of(each, again=True).model_dump() for each in queries.settled(mine)] if not page.n_left else [],
    }  # fmt: skip
    if page.n_left_out:
        most = rule("panel", "most")
        answer["message"] = ngettext(
            "手机最多带%(most)d名居民，另有%(n)d名未下载，请在电脑上查看。", "手机最多带%(most)d名居民，另有%(n)d名未下载，请在电脑上查看。",
            page.n_left_out,
        ) % {
            "most": most, "n": page.n_left_out,
        }  # fmt: skip
    return _packed(request, orjson.dumps(answer))


def _called(actor: Actor, device: Device, *, at: datetime) -> dict[str, dict[str, Any]]:
    """As of now, and so no part of an entry: it would change with the day."""
    carried = queries.carried_by(device)
    return {
        str(carried[pk]): {
            "on": week.on.isoformat(), "by": f"{week.facility} {week.by_name}", "until": week.until.isoformat(),
            "exemption": week.exemption, "is_open": week.is_open,
        }
        for pk, week in quiet_weeks(actor, carried, at=at).items()
    }  # fmt: skip


@router.get("/pocket/definitions", operation_id="read_pocket_definitions", response={200: Any, 304: None, **ERRORS})
def definitions(request: Request, device: UUID) -> Any:
    """The programmes by which the panel is managed, version by version, and their items; with an ``ETag``."""
    actor, at = request.actor, clock.now()
    mine = queries.own_device(actor, device)
    permissions.may_carry(actor, mine).require()
    body = orjson.dumps(
        programmes.offline.definitions(programmes.offline.versions_at(mine.facility_id)), option=orjson.OPT_SORT_KEYS
    )
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    audit.record(Event.DEFINITIONS, by=actor, at=at, detail={"device": str(mine.uuid)})
    answer = HttpResponse(status=304) if request.headers.get("If-None-Match") == tag else _packed(request, body)
    answer["ETag"], answer["Cache-Control"] = tag, "private, no-cache"
    return answer


@router.post("/pocket/changes", response={200: VerdictsOut, **ERRORS}, operation_id="send_pocket_changes")
def changes(request: Request, body: ChangesIn) -> Any:
    """Take up to 50 changes, each in its own transaction and once: sent again, the first verdict is given again."""
    actor, at = request.actor, clock.now()
    mine = queries.own_device(actor, body.device)
    permissions.may_send(actor, mine).require()
    envelope = Envelope(sent_at=body.sent_at, received_at=at)
    found = [_taken(each, mine, envelope, actor, at) for each in body.changes]
    actions.note_seen(device=mine, at=at)
    answer = VerdictsOut(verdicts=found, skew_seconds=envelope.skew_seconds)
    return json_answer(answer.model_dump_json().encode())


def _taken(raw: dict[str, Any], device: Any, envelope: Envelope, actor: Any, at: Any) -> VerdictOut:
    name = str(raw.get("client_id", ""))[:40]
    try:
        given = change_in(NOTED.validate_python(raw))
    except ValidationError as error:
        places = sorted({".".join(map(str, each["loc"]))[:80] for each in error.errors()})
        return VerdictOut.refused(name, "shape", format_lazy(_("格式不对：{places}"), places=", ".join(places[:5])))
    try:
        change, again = actions.receive_change(device=device, given=given, envelope=envelope, by=actor, at=at)
    except Conflict as error:
        if error.code != "client-id-used":
            raise
        return VerdictOut.refused(name, error.code, error.message)
    return VerdictOut.of(change, again=again)


@router.get("/pocket/reviews", response={200: ReviewsOut, **ERRORS}, operation_id="list_pocket_reviews")
def reviews(request: Request, cursor: Annotated[str, Field(max_length=200)] = "") -> Any:
    """Changes that wait for a person at the actor's facilities, oldest first."""
    actor, at = request.actor, clock.now()
    page = queries.review_list(actor, cursor=cursor)
    shown = [each.resident.uuid for each in page.rows if each.resident]
    audit.look_many(Event.REVIEWS_LISTED, by=actor, at=at, subjects=shown)
    return ReviewsOut(items=[ReviewOut.of(each) for each in page.rows], next_cursor=page.next_cursor)


@router.post("/pocket/reviews/{uuid}/adopt", response={200: ReviewOut, **ERRORS}, operation_id="adopt_pocket_change")
def adopt(request: Request, uuid: UUID, body: AdoptChangeIn) -> Any:
    """Take a change into the record as it stands now."""

    def run() -> ReviewOut:
        actor, at = request.actor, clock.now()
        change = queries.visible_change(actor, uuid)
        return ReviewOut.of(actions.adopt_change(change=change, by=actor, at=at, **body.model_dump()))

    return write(request, run)


@router.post("/pocket/reviews/{uuid}/reject", response={200: ReviewOut, **ERRORS}, operation_id="reject_pocket_change")
def reject(request: Request, uuid: UUID, body: RejectChangeIn) -> Any:
    """Do not take a change into the record; it is kept with the reason."""

    def run() -> ReviewOut:
        actor, at = request.actor, clock.now()
        change = queries.visible_change(actor, uuid)
        return ReviewOut.of(actions.reject_change(change=change, reason=body.reason, by=actor, at=at))

    return write(request, run)


def _packed(request: Request, body: bytes) -> HttpResponse:
    """JSON, packed where the other side can unpack it."""
    if len(body) < WORTH_PACKING or "gzip" not in request.headers.get("Accept-Encoding", ""):
        answer = json_answer(body)
    else:
        answer = json_answer(gzip.compress(body, 6, mtime=0))
        answer["Content-Encoding"] = "gzip"
    answer["Vary"] = "Accept-Encoding"
    return answer
