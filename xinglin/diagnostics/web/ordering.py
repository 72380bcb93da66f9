"""The form with which a unit asks for images at a visit."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from xinglin.accounts.api import signed_in
from xinglin.diagnostics import actions, catalogue, order_checks, permissions, queries
from xinglin.diagnostics.data import Asked
from xinglin.diagnostics.events import Look
from xinglin.diagnostics.models import Request as Examination
from xinglin.diagnostics.web import forms
from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput
from xinglin.residents import api as residents
from xinglin.visits import api as visits
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request, stamp

KIND = "IMAGING"


@require_http_methods(["GET", "POST"])
@signed_in
def request_form(request: Request, uuid: UUID) -> HttpResponse:
    """Choose what is to be taken, say why, send it to the centre."""
    now = clock.now()
    visit = visits.visible_visit(request.actor, uuid, at=now)
    repeats = forms.repeated_from(request.POST.get("repeats", "") or request.GET.get("repeats", ""), request.actor)
    audit.look(Look.REQUEST, by=request.actor, at=now, subject=visit.resident.uuid, kind="visits.visit", key=str(uuid))
    if request.method == "GET":
        return _shown(request, visit, repeats)
    data = {**forms.request_data(request.POST), "items": request.POST.getlist("items")}
    if request.GET.get("op") == "look":  # while it is written: what is known of the chosen items
        return page(request, "diagnostics/imaging_request.html", fragment="known", known=_known(request, visit, data))
    try:
        return write_once(request, lambda: _place(request, visit, repeats, data))
    except InvalidInput as error:
        return _shown(request, visit, repeats, data=data, error=error)


def _place(request: Request, visit: Any, repeats: Examination | None, data: dict[str, Any]) -> str:
    asked = Asked(
        centre=forms.centre_from(data["centre"]), visit=visit, items=data["items"], question=data["question"],
        clinical=data["clinical"], priority=data["priority"], repeats=repeats, answers=order_checks.answers_in(request.POST),
    )  # fmt: skip
    placed = actions.order_examination(asked=asked, **stamp(request))
    if placed is None:
        messages.success(request, _("各项都采用了已有结果，没有发出申请。"))
        return reverse("visits:detail", args=[visit.uuid])
    messages.success(request, _("申请已发出，请居民到设备处检查。"))
    return reverse("diagnostics:detail", args=[placed.uuid])


def _known(request: Request, visit: Any, data: dict[str, Any]) -> list[str]:
    """What is known of the chosen items, drawn; nothing as long as they cannot be ordered together."""
    now = clock.now()
    try:
        items = catalogue.chosen_items(KIND, data["items"], on=clock.today(now))
    except InvalidInput:
        return []
    order = order_checks.Order(KIND, tuple(items), visit.resident, visit, visit.facility_id, data["priority"])
    return order_checks.panels(order, request.POST, by=request.actor, at=now)


def _shown(
    request: Request, visit: Any, repeats: Examination | None, *, data: dict[str, Any] | None = None,
    error: InvalidInput | None = None,
) -> HttpResponse:  # fmt: skip
    centres = list(queries.centres_for(visit.facility_id, KIND))
    groups: dict[str, list[tuple[str, str]]] = {}
    for item in catalogue.exam_items(KIND, on=clock.today()):
        groups.setdefault(item.modality, []).append((item.code, item.title))
    typed = data or {
        "question": repeats.question if repeats else visit.complaint[:500], "clinical": "",
        "priority": repeats.priority if repeats else Examination.Priority.ROUTINE,
        "centre": str(centres[0].uuid) if centres else "",
        "items": [each["code"] for each in repeats.items] if repeats else [],
    }  # fmt: skip
    hidden = error is None or isinstance(error, order_checks.AlreadyKnown)  # what is known is drawn, not listed
    context = {
        "known": _known(request, visit, typed), "visit": visit, "person": residents.person_of(visit.resident, request.actor), "data": typed, "error": error,
        "fields": {} if hidden or error is None else dict(error.fields), "repeats": repeats, "groups": list(groups.items()),
        "centres": [(str(each.uuid), each.name) for each in centres],
        "priorities": [(value, str(label)) for value, label in Examination.Priority.choices],
        "place": permissions.may_place(request.actor, visit.facility_id, kind=KIND),
    }  # fmt: skip
    return page(request, "diagnostics/imaging_request.html", status=422 if error else 200, **context)
