"""Pages that change a facility: form for shape, one action, answer."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from xinglin.network import actions, checking, permissions, queries, timetables
from xinglin.network.models import Division, Facility, Title
from xinglin.network.web.forms import HOLDINGS, FacilityForm, PointForm, TimetableForm
from xinglin.network.web.views import for_staff
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, NotVisible
from xinglin.web.answers import fields_of, page, write_once
from xinglin.web.request import Request


def answer(
    request: Request,
    form: Form,
    write: Callable[[dict[str, Any]], str],
    *,
    template: str,
    message: object,
    **context: Any,
) -> HttpResponse:
    """Show the form, or do what it asks; what the action refuses stands beside its field."""
    status, refusal = 200, ""
    if request.method == "POST":
        if form.is_valid():
            try:
                return write_once(request, lambda: write(form.cleaned_data), message)
            except (InvalidInput, Conflict) as error:
                status, refusal = error.status, str(error.message)
                for name, reason in fields_of(error).items():
                    form.add_error(name if name in form.fields else None, str(reason))
        else:
            status = 422
    return page(request, template, status=status, form=form, refusal=refusal, **context)


def _division(code: str) -> Division:
    found = Division.objects.filter(code=code).first()
    if found is None:
        reason = _("请从列表中选择区划。")
        raise InvalidInput(reason, fields={"division": reason})
    return found


def _facts(request: Request, data: dict[str, Any]) -> dict[str, Any]:
    """What was typed as arguments of the action."""
    facts = {**data, "division": _division(data["division"])}
    facts["manager"] = queries.visible_facility(request.actor, data["manager"]) if data["manager"] else None
    return facts


def _url(facility: Facility, tab: str = "") -> str:
    return reverse("network:detail", args=[facility.uuid]) + (f"?tab={tab}" if tab else "")


def _texts(request: Request, facility: Facility | None) -> dict[str, str]:
    """What stands in the two search boxes."""
    if request.method == "POST":
        return {
            "division_text": request.POST.get("division_text", ""),
            "manager_text": request.POST.get("manager_text", ""),
        }
    if facility is None:
        return {}
    return {"division_text": facility.division.name, "manager_text": facility.manager.name if facility.manager else ""}


@require_http_methods(["GET", "POST"])
@for_staff
def new(request: Request) -> HttpResponse:
    """Enter a unit."""
    permissions.may_open_somewhere(request.actor).require()

    def write(data: dict[str, Any]) -> str:
        return _url(actions.open_facility(**_facts(request, data), by=request.actor, at=clock.now()))

    return answer(
        request, FacilityForm(request.POST or None), write, template="network/form.html", message=_("机构已登记"),
        facility=None, back=reverse("network:list"), **_texts(request, None),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@for_staff
def edit(request: Request, uuid: UUID) -> HttpResponse:
    """Change the facts of a unit."""
    facility = queries.visible_facility(request.actor, uuid)
    permissions.may_edit(request.actor, facility).require()
    form = FacilityForm(request.POST or None, initial=FacilityForm.initial_of(facility))
    left_out = {"code", "planned"} | ({"kind", "tier"} if facility.kind == Facility.Kind.SERVICE_POINT else set())
    for name in left_out:
        del form.fields[name]

    def write(data: dict[str, Any]) -> str:
        facts = _facts(request, data)
        if facts.get("tier") == "":
            facts["tier"] = checking.TIER_OF.get(facts["kind"], facility.tier)
        return _url(actions.edit_facility(facility=facility, **facts, by=request.actor, at=clock.now()))

    return answer(
        request, form, write, template="network/form.html", message=_("机构资料已保存"), facility=facility,
        back=_url(facility), **_texts(request, facility),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@for_staff
def new_point(request: Request, uuid: UUID) -> HttpResponse:
    """Enter a service point of a clinic."""
    host = queries.visible_facility(request.actor, uuid)
    permissions.may_edit(request.actor, host).require()

    def write(data: dict[str, Any]) -> str:
        data = {**data, "timetable": timetables.parse(data["timetable"])}
        actions.add_service_point(host=host, **data, by=request.actor, at=clock.now())
        return _url(host, "points")

    return answer(
        request, PointForm(request.POST or None), write, template="network/small_form.html", message=_("服务点已登记"),
        facility=host, title=_("新增服务点"), back=_url(host, "points"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@for_staff
def timetable(request: Request, uuid: UUID) -> HttpResponse:
    """When a service point is attended."""
    facility = queries.visible_facility(request.actor, uuid)
    permissions.may_edit(request.actor, facility).require()

    def write(data: dict[str, Any]) -> str:
        slots = timetables.parse(data["timetable"])
        return _url(actions.set_timetable(facility=facility, timetable=slots, by=request.actor, at=clock.now()))

    form = TimetableForm(request.POST or None, initial={"timetable": timetables.words(facility.timetable)})
    return answer(
        request, form, write, template="network/small_form.html", message=_("服务时间已保存"), facility=facility,
        title=_("服务时间"), back=_url(facility),
    )  # fmt: skip


WRITERS: dict[str, tuple[Callable[..., Any], str]] = {
    "department": (actions.set_department, "departments"),
    "service": (actions.set_service, "services"),
    "equipment": (actions.set_equipment, "equipment"),
    "beds": (actions.set_beds, "departments"),
    "title": (actions.grant_title, "titles"),
}


@require_http_methods(["GET", "POST"])
@for_staff
def holding(request: Request, uuid: UUID, what: str) -> HttpResponse:
    """Enter or change a department, service, piece of equipment, count of beds or title; `?code=` names an old one."""
    facility = queries.visible_facility(request.actor, uuid)
    permissions.may_edit(request.actor, facility).require()
    if what not in HOLDINGS:
        raise NotVisible("network.holding", what)
    form_class, title = HOLDINGS[what]
    write_it, tab = WRITERS[what]

    def write(data: dict[str, Any]) -> str:
        if what == "equipment":
            cost = data.pop("cost")
            data["cost_fen"] = None if cost is None else int(cost * 100)
        write_it(facility=facility, **data, by=request.actor, at=clock.now())
        return _url(facility, tab)

    form = form_class(request.POST or None, initial=_known(facility, what, request.GET))
    return answer(
        request, form, write, template="network/small_form.html", message=_("已保存"), facility=facility, title=title,
        back=_url(facility, tab),
    )  # fmt: skip


def _known(facility: Facility, what: str, asked: QueryDict) -> dict[str, Any]:
    rows: Any = {"department": facility.departments, "service": facility.services, "equipment": facility.equipment}.get(
        what
    )
    code = asked.get("code", "").replace("\x00", "")[:40]
    row = rows.filter(code=code).first() if rows is not None and code else None
    if row is None:
        return {"on": clock.today()} if what == "beds" else {}
    known = dict(vars(row))
    if known.get("cost_fen") is not None:
        known["cost"] = f"{known['cost_fen'] / 100:.2f}"
    return known


@require_POST
@for_staff
def withdraw_title(request: Request, uuid: UUID) -> HttpResponse:
    """End a title before its time."""
    facility = queries.visible_facility(request.actor, uuid)
    title = Title.objects.filter(
        facility=facility,
        code=_plain(request.POST.get("code", "")),
        granted_on=_day(request.POST.get("granted_on", "")),
    ).first()
    if title is None:
        raise NotVisible("network.title", uuid)

    def write() -> str:
        actions.withdraw_title(
            title=title,
            on=clock.today(),
            reason=_plain(request.POST.get("reason", "")),
            by=request.actor,
            at=clock.now(),
        )
        return _url(facility, "titles")

    return write_once(request, write, _("称号已撤销"))


@require_POST
@for_staff
def move(request: Request, uuid: UUID, verb: str) -> HttpResponse:
    """A step in the life of a unit."""
    facility = queries.visible_facility(request.actor, uuid)
    steps = {"start": _start, "suspend": _suspend, "close": _close, "merge": _merge}
    if verb not in steps:
        raise NotVisible("network.verb", verb)

    def write() -> str:
        steps[verb](request, facility)
        return _url(facility)

    messages = {
        "start": _("机构已运行"),
        "suspend": _("机构已停业"),
        "close": _("机构已关闭"),
        "merge": _("机构已合并"),
    }
    return write_once(request, write, messages[verb])


def _start(request: Request, facility: Facility) -> None:
    actions.start_facility(facility=facility, by=request.actor, at=clock.now())


def _suspend(request: Request, facility: Facility) -> None:
    reason = _plain(request.POST.get("reason", ""))
    actions.suspend_facility(facility=facility, reason=reason, by=request.actor, at=clock.now())


def _close(request: Request, facility: Facility) -> None:
    post = request.POST
    actions.close_facility(
        facility=facility,
        on=_day(post.get("on", "")),
        reason=_plain(post.get("reason", "")),
        by=request.actor,
        at=clock.now(),
    )


def _merge(request: Request, facility: Facility) -> None:
    post = request.POST
    try:
        uuid = UUID(post.get("successor", ""))
    except ValueError as error:
        reason = _("请从列表中选择承接机构。")
        raise InvalidInput(reason, fields={"successor": reason}) from error
    actions.merge_facility_into(
        facility=facility, successor=queries.visible_facility(request.actor, uuid), on=_day(post.get("on", "")),
        reason=_plain(post.get("reason", "")), by=request.actor, at=clock.now(),
    )  # fmt: skip


def _plain(text: str) -> str:
    return text.replace("\x00", "")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        reason = _("请填写日期。")
        raise InvalidInput(reason, fields={"on": reason}) from error
