"""Pages on the computer: one's telephones, and what telephones sent that somebody must look at."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import for_staff
from xinglin.accounts.data import Permission
from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput
from xinglin.pocket import actions, permissions, queries
from xinglin.pocket.data import OF_CLOCK, Field, Kind, Why
from xinglin.pocket.events import Event
from xinglin.pocket.models import Change
from xinglin.pocket.settings import rules
from xinglin.pocket.states import LOOKS, Status
from xinglin.programmes import api as programmes
from xinglin.web.answers import fields_of, message_of, page, write_once
from xinglin.web.request import Request


@require_safe
@for_staff
def devices(request: Request) -> HttpResponse:
    """The actor's telephones, and how to set one up."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.PROGRAMME_DO).require()
    found = queries.devices_of(actor)
    audit.record(Event.DEVICES_LISTED, by=actor, at=at, detail={"n": len(found)})
    shown = [(each, *LOOKS[each.status], each.status == Status.ACTIVE) for each in found]
    return page(request, "pocket/devices.html", devices=shown, rules=rules("phone") | rules("devices"))


@require_POST
@for_staff
def wipe(request: Request, uuid: UUID) -> HttpResponse:
    """Have a telephone erase itself at its next contact."""

    def write() -> str:
        device = queries.visible_device(request.actor, uuid)
        actions.order_wipe(device=device, reason=request.POST.get("reason", ""), by=request.actor, at=clock.now())
        return reverse("pocket:devices")

    return write_once(request, write, _("下次联系时，这台手机会清除资料。"))


@require_POST
@for_staff
def end(request: Request, uuid: UUID) -> HttpResponse:
    """Lay a telephone down."""

    def write() -> str:
        device = queries.visible_device(request.actor, uuid)
        actions.end_device(device=device, by=request.actor, at=clock.now())
        return reverse("pocket:devices")

    return write_once(request, write, _("已停用。"))


@require_safe
@for_staff
def reviews(request: Request) -> HttpResponse:
    """What telephones sent and somebody must look at, oldest first."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.PROGRAMME_DO).require()
    found = queries.review_list(actor, cursor=request.GET.get("cursor", ""))
    shown = [each.resident.uuid for each in found.rows if each.resident]
    audit.look_many(Event.REVIEWS_LISTED, by=actor, at=at, subjects=shown)
    return page(request, "pocket/reviews.html", paging=found)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def review(request: Request, uuid: UUID) -> HttpResponse:
    """One of them, with what it says and what stands now; adopted or rejected by a post to the same address."""
    actor, at = request.actor, clock.now()
    change = queries.visible_change(actor, uuid)
    if change.resident:
        audit.look(
            Event.REVIEW_VIEWED, by=actor, at=at, subject=change.resident.uuid, kind="pocket.change", key=str(uuid)
        )
    if request.method != "POST":
        return _shown(request, change)
    return write_once(
        request, _decision(request, change), _("已处理。"), again=lambda error: _shown(request, change, error)
    )


def _decision(request: Request, change: Change) -> Callable[[], str]:
    said = request.POST

    def write() -> str:
        if said.get("op") == "reject":
            actions.reject_change(change=change, reason=said.get("reason", ""), by=request.actor, at=clock.now())
        else:
            actions.adopt_change(
                change=change, happened_at=_moment(said.get("happened_at", "")), alert_answer=said.get("alert_answer", ""),
                alert_note=said.get("alert_note", ""), call_reason=said.get("call_reason", ""), by=request.actor, at=clock.now(),
            )  # fmt: skip
        return reverse("pocket:reviews")

    return write


def _moment(given: str) -> Any:
    try:
        found = parse_datetime(given) if given else None
    except ValueError:
        found = None
    if given and found is None:
        raise InvalidInput(_("时间不对。"), fields={"happened_at": _("请按 年-月-日 时:分 填写。")})
    return make_aware(found) if found is not None and is_naive(found) else found


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """What a change says, in words, and what stands now."""

    change: Change
    lines: list[tuple[str, str]]
    now: list[tuple[str, str]]
    asks_moment: bool
    asks_answer: bool
    asks_reason: bool
    answers: list[tuple[str, str]]
    error: str
    fields: Mapping[str, object]
    may: Any


def _shown(request: Request, change: Change, error: Any = None) -> HttpResponse:
    content, fields = json.loads(change.content or "{}"), fields_of(error)
    built = ReviewPage(
        change=change, lines=_lines(change, content), now=_now(request, change, content),
        asks_moment=change.kind != Kind.CORRECTION and change.code in {*OF_CLOCK, Why.DIED},
        asks_answer=change.code == Why.UNANSWERED or "alert_answer" in fields,
        asks_reason=change.code == Why.CALLED or "call_reason" in fields,
        answers=programmes.offline.alert_answers(), error=message_of(error), fields=fields,
        may=permissions.may_review(request.actor, change),
    )  # fmt: skip
    return page(request, "pocket/review.html", status=error.status if error else 200, page=built)


def _lines(change: Change, content: dict[str, Any]) -> list[tuple[str, str]]:
    if change.kind == Kind.CORRECTION:
        return [(str(Field(content["field"]).label), content["value"] or _("未登记"))]
    if change.kind == Kind.UNREACHED:
        return [
            (_("原因"), programmes.offline.why_unreached(content["why"])),
            (_("再次联系"), str(content["try_again_on"])),
        ]
    words = {
        "advice": _("建议"),
        "note": _("备注"),
        "alert_note": _("处理说明"),
        "call_reason": _("本周再次电话的原因"),
    }
    answered = programmes.offline.answers_said(content.get("answers", {}))
    return [*answered, *((label, content[key]) for key, label in words.items() if content.get(key))]


def _now(request: Request, change: Change, content: dict[str, Any]) -> list[tuple[str, str]]:
    """What stands in the field now; telephone numbers only for who may see them."""
    if change.kind != Kind.CORRECTION:
        return []
    value = str(queries.current_value(change) or _("未登记"))
    may_see = content["field"] != Field.PHONE or request.actor.may(Permission.RESIDENT_REVEAL)
    return [(str(Field(content["field"]).label), value if may_see else "•••")]
