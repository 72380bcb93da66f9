"""The order form: panels in their groups, the containers they need, what the person must do before."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import actions, catalogue
from xinglin.laboratory.events import Look
from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput, NotVisible
from xinglin.residents import api as residents
from xinglin.visits import api as visits
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request, stamp

PRIORITIES = diagnostics.Request.Priority


@require_http_methods(["GET", "POST"])
@signed_in
def order_visit(request: Request, uuid: UUID) -> HttpResponse:
    """Order panels at a visit."""
    now = clock.now()
    visit = visits.visible_visit(request.actor, uuid, at=now)
    audit.look(Look.ORDER, by=request.actor, at=now, subject=visit.resident.uuid, kind="visits.visit", key=str(uuid))
    return _asked(request, visit.resident, visit.facility_id, visit)


@require_http_methods(["GET", "POST"])
@signed_in
def order_resident(request: Request, uuid: UUID) -> HttpResponse:
    """Order panels for a resident without a visit."""
    now = clock.now()
    resident = residents.visible_resident(request.actor, uuid, at=now)
    audit.look(
        Look.ORDER, by=request.actor, at=now, subject=resident.uuid, kind="residents.resident", key=str(resident.uuid)
    )
    return _asked(request, resident, request.actor.place or 0, None)


def _asked(request: Request, resident: Any, facility_id: int, visit: Any) -> HttpResponse:
    repeats = _repeated(request)
    if request.method == "GET":
        return _shown(request, resident, facility_id, visit, repeats)
    if request.GET.get("op") == "look":  # while it is written: what is known of the chosen panels
        known = _known(
            request, resident, facility_id, visit, request.POST.getlist("panels"), request.POST.get("priority", "")
        )
        return page(request, "laboratory/order_form.html", fragment="known", known=known)
    try:
        return write_once(request, lambda: _order(request, resident, facility_id, visit, repeats))
    except InvalidInput as error:
        return _shown(request, resident, facility_id, visit, repeats, error=error)


def _order(request: Request, resident: Any, facility_id: int, visit: Any, repeats: Any) -> str:
    post = request.POST
    asked = diagnostics.Asked(
        centre=_centre(post.get("centre", ""), facility_id), items=post.getlist("panels"),
        question=post.get("question", ""), clinical=post.get("clinical", ""), visit=visit,
        resident=None if visit else resident, from_facility_id=facility_id, priority=post.get("priority", ""),
        repeats=repeats, answers=diagnostics.answers_in(post),
    )  # fmt: skip
    placed = actions.order_tests(asked=asked, **stamp(request))
    if placed is None:
        messages.success(request, _("各项都采用了已有结果，没有发出申请。"))
        return (
            reverse("visits:detail", args=[visit.uuid]) if visit else reverse("residents:detail", args=[resident.uuid])
        )
    messages.success(request, _("检验已申请，请打印条码并采集标本。"))
    return reverse("laboratory:order", args=[placed.uuid])


def _known(
    request: Request, resident: Any, facility_id: int, visit: Any, panels: list[str], priority: str
) -> list[str]:
    """What is known of the chosen panels, drawn; nothing as long as they cannot be ordered together."""
    now = clock.now()
    try:
        items = diagnostics.chosen_items(catalogue.KIND, panels, on=clock.today(now))
    except InvalidInput:
        return []
    order = diagnostics.Order(catalogue.KIND, tuple(items), resident, visit, facility_id, priority)
    return diagnostics.order_panels(order, request.POST, by=request.actor, at=now)


def _centre(value: str, facility_id: int) -> Any:
    for each in diagnostics.centres_for(facility_id, catalogue.KIND):
        if str(each.uuid) == value:
            return each
    raise InvalidInput(_("请选择检验中心。"), fields={"centre": _("请选择检验中心。")})


def _repeated(request: Request) -> Any:
    try:
        uuid = UUID(request.POST.get("repeats", "") or request.GET.get("repeats", ""))
    except ValueError:
        return None
    found = diagnostics.visible_request(request.actor, uuid)
    if found.kind != catalogue.KIND:
        raise NotVisible("laboratory.order", uuid)
    return found


def _shown(
    request: Request, resident: Any, facility_id: int, visit: Any, repeats: Any, *, error: InvalidInput | None = None
) -> HttpResponse:
    centres = [(str(each.uuid), each.name) for each in diagnostics.centres_for(facility_id, catalogue.KIND)]
    post = request.POST
    data: dict[str, Any] = {
        "panels": post.getlist("panels"), "question": post.get("question", ""), "clinical": post.get("clinical", ""),
        "priority": post.get("priority", ""), "centre": post.get("centre", ""),
    } if error else {
        "panels": [each["code"] for each in repeats.items] if repeats else [],
        "question": repeats.question if repeats else visit.complaint[:500] if visit else "",
        "clinical": repeats.clinical if repeats else "",
        "priority": repeats.priority if repeats else PRIORITIES.ROUTINE, "centre": centres[0][0] if centres else "",
    }  # fmt: skip
    tubes = catalogue.tubes()
    context = {
        "resident": resident, "visit": visit, "repeats": repeats, "data": data, "error": error,
        "known": _known(request, resident, facility_id, visit, data["panels"], data["priority"]),
        "fields": {} if error is None or isinstance(error, diagnostics.AlreadyKnown) else dict(error.fields),  # drawn, not listed
        "person": residents.person_of(resident, request.actor),
        "centres": centres, "priorities": [(value, str(label)) for value, label in PRIORITIES.choices],
        "groups": [
            (title, [(panel, tubes[panel.tube]) for panel in panels])
            for title, panels in catalogue.panel_groups(on=clock.today())
        ],
        "place": request.actor.may_begin(Permission.REQUEST_PLACE, at=facility_id),
        "url": reverse("laboratory:order_visit", args=[visit.uuid])
        if visit
        else reverse("laboratory:order_resident", args=[resident.uuid]),
    }  # fmt: skip
    return page(request, "laboratory/order_form.html", status=422 if error else 200, **context)
