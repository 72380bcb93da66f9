"""The application form: from a visit, or for a resident without one."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from xinglin.accounts.api import signed_in
from xinglin.diagnostics import api as diagnostics
from xinglin.pathology import actions, catalogue, incoming
from xinglin.pathology.events import Look
from xinglin.pathology.queries import KIND
from xinglin.pathology.web import forms
from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput
from xinglin.residents import api as residents
from xinglin.visits import api as visits
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request, stamp


@require_http_methods(["GET", "POST"])
@signed_in
def from_visit(request: Request, uuid: UUID) -> HttpResponse:
    """Send specimens taken at a visit."""
    now = clock.now()
    visit = visits.visible_visit(request.actor, uuid, at=now)
    audit.look(Look.CASE, by=request.actor, at=now, subject=visit.resident.uuid, kind="visits.visit", key=str(uuid))
    return _asked(request, visit.resident, visit.facility_id, visit)


@require_http_methods(["GET", "POST"])
@signed_in
def from_record(request: Request, uuid: UUID) -> HttpResponse:
    """Send specimens of a resident without a visit: a theatre books, a technician sends."""
    now = clock.now()
    resident = residents.visible_resident(request.actor, uuid, at=now)
    audit.look(Look.CASE, by=request.actor, at=now, subject=resident.uuid, kind="residents.resident", key=str(uuid))
    return _asked(request, resident, request.actor.place or 0, None)


def _asked(request: Request, resident: Any, facility_id: int, visit: Any) -> HttpResponse:
    repeats = _repeated(request)
    if request.method == "GET":
        return _shown(request, resident, facility_id, visit, repeats)
    data = forms.application_data(request.POST)
    try:
        return write_once(
            request, lambda: _place(request, resident, facility_id, visit, repeats, data),
            _("申请已发出。请打印标签贴在每个标本容器上，随申请号送到病理中心。"),
        )  # fmt: skip
    except InvalidInput as error:
        return _shown(request, resident, facility_id, visit, repeats, data=data, error=error)


def _repeated(request: Request) -> Any:
    """The refused request this one repeats. :raises NotVisible: it is not the actor's"""
    uuid = forms.uuid_from(request.POST.get("repeats", "") or request.GET.get("repeats", ""))
    return diagnostics.visible_request(request.actor, uuid) if uuid else None


def _place(request: Request, resident: Any, facility_id: int, visit: Any, repeats: Any, data: dict[str, Any]) -> str:
    booking = None
    if data["item"] == "frozen-section":
        planned = forms.moment_from(data["planned_at"], "planned_at")
        if planned is None:
            raise InvalidInput(_("冰冻检查请预约手术间和时间。"), fields={"planned_at": _("请填写。")})
        booking = actions.Booking(data["theatre"], data["phone"], planned)
    asked = diagnostics.Asked(
        centre=incoming.centre_of(forms.uuid_from(data["centre"]), facility_id), items=[data["item"]],
        question=data["question"], clinical=data["clinical"], priority=data["priority"] or "ROUTINE", visit=visit,
        resident=resident, from_facility_id=facility_id, repeats=repeats,
    )  # fmt: skip
    parts = forms.parts_from(data["rows"])
    case = actions.submit_case(asked=asked, parts=parts, booking=booking, **stamp(request))
    return reverse("pathology:case", args=[case.uuid])


def _shown(
    request: Request, resident: Any, facility_id: int, visit: Any, repeats: Any, *, data: dict[str, Any] | None = None,
    error: InvalidInput | None = None,
) -> HttpResponse:  # fmt: skip
    centres = list(diagnostics.centres_for(facility_id, KIND))
    typed = data or {
        "item": repeats.items[0]["code"] if repeats and repeats.items else "biopsy",
        "question": repeats.question if repeats else visit.complaint[:500] if visit else "",
        "clinical": repeats.clinical if repeats else "", "priority": repeats.priority if repeats else "ROUTINE",
        "centre": str(centres[0].uuid) if centres else "", "rows": [],
        "planned_at": f"{timezone.localtime(clock.now()):%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    rows = [*typed["rows"], *([forms.EMPTY_ROW] * (forms.MOST_ROWS - len(typed["rows"])))]
    place = diagnostics.may_place(request.actor, facility_id, kind=KIND)
    context = {
        "person": residents.person_of(resident, request.actor), "data": typed, "rows": _rows(rows, error),
        "n_rows": max(1, len(typed["rows"])), "error": error, "fields": dict(error.fields) if error else {},
        "repeats": repeats, "place": place, "visit": visit, "items": diagnostics.exam_items(KIND, on=clock.today()),
        "kinds": catalogue.specimen_kinds(), "fixatives": catalogue.fixatives(), "sites": catalogue.sites(),
        "centres": [(str(each.uuid), each.name) for each in centres],
        "priorities": [(value, str(label)) for value, label in diagnostics.Request.Priority.choices],
    }  # fmt: skip
    return page(request, "pathology/application.html", status=422 if error else 200, **context)


def _rows(rows: list[dict[str, str]], error: InvalidInput | None) -> list[dict[str, Any]]:
    """The containers of the form, each with the reasons that concern it."""
    reasons = dict(error.fields) if error else {}
    return [
        {
            "letter": actions.LETTERS[n], "row": row, "prefix": f"part-{n}-", "key": f"parts.{n}.",
            "errors": {
                name.rpartition(".")[2]: reason for name, reason in reasons.items() if name.startswith(f"parts.{n}.")
            },
        }
        for n, row in enumerate(rows)
    ]  # fmt: skip
