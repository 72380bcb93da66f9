"""Finding, registering and opening residents."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.accounts.api import Permission, signed_in
from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput, NotVisible
from xinglin.residents import actions, identity, permissions, queries
from xinglin.residents.duplicates import AlreadyRegistered, ProbableMatches
from xinglin.residents.events import Event
from xinglin.residents.web import forms, pages, person
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request


@require_GET
@signed_in
def resident_list(request: Request) -> HttpResponse:
    """Find a resident; without a question, those lately seen here."""
    q, by, cursor = (request.GET.get(name, "")[:400] for name in ("q", "by", "cursor"))
    try:
        found = pages.ResidentList.build(request.actor, q=q, by=by or "auto", cursor=cursor, at=clock.now())
    except InvalidInput as error:
        found = pages.ResidentList(q=q, rows=[], is_search=True, error=error.message)
        return page(request, "residents/list.html", fragment="results", status=422, page=found)
    return page(request, "residents/list.html", fragment="results", page=found)


@require_http_methods(["GET", "POST"])
@signed_in
def register(request: Request) -> HttpResponse:
    """Register a resident on one page; likely duplicates are shown on it with their reasons."""
    if request.method != "POST":
        permissions.may_register(request.actor, facility_id=request.actor.place).require()
        form = pages.ResidentForm.register(request.actor, request.GET)
        return page(request, "residents/form.html", page=form)
    now = clock.now()

    def save() -> str:
        managed_by_id = int(request.POST.get("managed_by") or request.actor.place or 0)
        values = forms.registration(request.POST)
        resident = actions.register_resident(managed_by_id=managed_by_id, by=request.actor, at=now, **values)
        return reverse("residents:detail", args=[resident.uuid])

    try:
        return write_once(request, save, _("已建档。"))
    except (InvalidInput, AlreadyRegistered, ProbableMatches, ValueError) as error:
        if isinstance(error, ValueError):
            error = InvalidInput(_("请选择管理机构。"), fields={"managed_by": _("请选择管理机构。")})
        form = pages.ResidentForm.register(request.actor, request.POST, error)
        return page(request, "residents/form.html", status=error.status, page=form)


@require_POST
@signed_in
def read_document(request: Request) -> HttpResponse:
    """What the identity number tells: birth date and sex, or what is wrong with it. Nothing is looked up."""
    number, kind = request.POST.get("id_number", ""), request.POST.get("id_kind", "RESIDENT_ID")
    born_on, sex, error = request.POST.get("born_on", ""), request.POST.get("sex", ""), ""
    if number.strip() and kind != "NONE":
        try:
            document = identity.check_document(kind, number, on=clock.today())
            born_on = document.born_on.isoformat() if document.born_on else born_on
            sex = document.sex or sex
        except InvalidInput as refusal:
            error = str(refusal.message)
    return page(
        request,
        "residents/form.html",
        fragment="birth",
        data={"born_on": born_on, "sex": sex},
        sexes=pages.sex_options(),
        number_error=error,
    )


@require_http_methods(["GET", "POST"])
@signed_in
def arrive(request: Request) -> HttpResponse:
    """A person not on the roster presents his document."""
    now = clock.now()

    def save() -> str:
        resident = actions.note_arrival(
            name=request.POST.get("name", ""), id_number=request.POST.get("id_number", ""), by=request.actor, at=now
        )
        return reverse("residents:detail", args=[resident.uuid])

    if request.method != "POST":
        permissions.may_register(request.actor, facility_id=request.actor.place).require()
        return page(request, "residents/arrive.html", data=request.GET)
    try:
        return write_once(request, save, _("已登记到诊。"))
    except NotVisible as error:
        audit.record("refused.not-found", by=request.actor, at=now, outcome=audit.MISSING, kind=error.kind)
        message = _("没有找到姓名和证件号码都完全一致的居民。请对照证件核对；确未建档的，请新建档案。")
        return page(request, "residents/arrive.html", status=404, data=request.POST, message=message)


@require_http_methods(["GET", "POST"])
@signed_in
def emergency(request: Request) -> HttpResponse:
    """Break-glass by the document found on a person who cannot speak for himself."""
    now = clock.now()

    def save() -> str:
        number, reason = request.POST.get("id_number", ""), request.POST.get("reason", "")
        resident = actions.open_emergency_by_document(id_number=number, reason=reason, by=request.actor, at=now)
        return reverse("residents:detail", args=[resident.uuid])

    if request.method != "POST":
        request.actor.may(Permission.EMERGENCY_OPEN).require()
        return page(request, "residents/emergency.html", data=request.GET)
    try:
        return write_once(request, save, _("已开启紧急访问，此间查看的每一页都会记录。"))
    except (InvalidInput, NotVisible) as error:
        if isinstance(error, NotVisible):
            audit.record("refused.not-found", by=request.actor, at=now, outcome=audit.MISSING, kind=error.kind)
            error = InvalidInput(_("没有这个证件号码的档案，请逐位核对。"), fields={"id_number": _("没有找到")})
        return page(
            request,
            "residents/emergency.html",
            status=422,
            data=request.POST,
            message=error.message,
            fields=error.fields,
        )


@require_GET
@signed_in
def detail(request: Request, uuid: UUID) -> HttpResponse:
    """One resident. A merged registration leads to the one that was kept."""
    now = clock.now()
    resident = queries.visible_resident(request.actor, uuid, at=now)
    if resident.uuid != uuid:
        messages.info(request, _("这份档案已合并，现在打开的是保留的档案。"))
        return redirect("residents:detail", uuid=resident.uuid)
    shown = person.ResidentDetail.build(request.actor, resident, asked=person.Asked.of(request.GET), at=now)
    audit.look(
        shown.event, by=request.actor, at=now, subject=resident.uuid, kind="residents.resident", key=str(resident.uuid)
    )
    return page(request, "residents/detail.html", page=shown)


@require_GET
@signed_in
def household(request: Request, uuid: UUID) -> HttpResponse:
    """A family: the members one sees."""
    now = clock.now()
    found = queries.visible_household(request.actor, uuid)
    shown = person.HouseholdPage.build(request.actor, found)
    for member in shown.subjects:
        audit.look(Event.LISTED, by=request.actor, at=now, subject=member, kind="residents.household", key=str(uuid))
    return page(request, "residents/household.html", page=shown)
