"""Changing what is registered: details, family, contacts, consents, status."""

from collections.abc import Callable
from uuid import UUID

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.accounts.api import signed_in
from xinglin.platform import audit, clock, files
from xinglin.platform.errors import Conflict, InvalidInput, NotVisible, TooLarge
from xinglin.residents import actions, permissions, queries, searching
from xinglin.residents.duplicates import AlreadyRegistered
from xinglin.residents.events import Event
from xinglin.residents.models import Resident
from xinglin.residents.web import forms, pages, person
from xinglin.web.answers import done, page, write_once
from xinglin.web.request import Request


@require_http_methods(["GET", "POST"])
@signed_in
def edit(request: Request, uuid: UUID) -> HttpResponse:
    """Change the registration."""
    actor, now = request.actor, clock.now()
    resident = queries.visible_resident(actor, uuid, at=now)
    if request.method != "POST":
        permissions.may_edit(actor, resident).require()
        audit.look(Event.VIEWED, by=actor, at=now, subject=resident.uuid)
        return page(request, "residents/form.html", page=pages.ResidentForm.edit(actor, resident))

    def save() -> str:
        changes = forms.changes(request.POST, standing_kind=resident.id_kind)
        actions.edit_resident(resident=resident, changes=changes, by=actor, at=now)
        return _address(resident, "basic")

    try:
        return write_once(request, save, _("已保存。"))
    except (InvalidInput, AlreadyRegistered) as error:
        form = pages.ResidentForm.edit(actor, resident, request.POST, error)
        return page(request, "residents/form.html", status=error.status, page=form)


@require_http_methods(["GET", "POST"])
@signed_in
def transfer(request: Request, uuid: UUID) -> HttpResponse:
    """Hand the management over to another facility."""
    actor, now = request.actor, clock.now()
    resident = queries.visible_resident(actor, uuid, at=now)
    if request.method != "POST":
        permissions.may_transfer(actor, resident).require()
        audit.look(Event.VIEWED, by=actor, at=now, subject=resident.uuid)
        shown = pages.TransferPage.build(actor, resident)
        return page(request, "residents/transfer.html", page=shown)

    def save() -> str:
        facility_id = queries.facility_id_of(forms.uuid_or_none(request.POST.get("facility", "")), default=None)
        actions.assign_managing_facility(
            resident=resident, facility_id=facility_id, reason=request.POST.get("reason", "")[:200], by=actor, at=now
        )
        return reverse("residents:list")

    return write_once(request, save, _("已转管。"))


@require_POST
@signed_in
def status(request: Request, uuid: UUID) -> HttpResponse:
    """Died, moved away, or back."""
    actor, now = request.actor, clock.now()
    resident = queries.visible_resident(actor, uuid, at=now)
    reason = request.POST.get("reason", "")
    steps: dict[str, Callable[[], Resident]] = {
        "deceased": lambda: actions.mark_deceased(
            resident=resident,
            died_on=forms.day(request.POST.get("died_on", ""), "died_on"),
            reason=reason,
            by=actor,
            at=now,
        ),
        "moved": lambda: actions.mark_moved(resident=resident, reason=reason, by=actor, at=now),
        "back": lambda: actions.restore(resident=resident, reason=reason, by=actor, at=now),
    }
    step = steps.get(request.POST.get("to", ""))
    if step is None:
        raise InvalidInput(_("请选择要登记的情况。"), fields={"to": _("请选择要登记的情况。")})

    def save() -> str:
        step()
        return _address(resident, "basic")

    return write_once(request, save, _("已登记。"))


@require_POST
@signed_in
def add_contact(request: Request, uuid: UUID) -> HttpResponse:
    """Somebody to call."""
    actor, now = request.actor, clock.now()
    resident = queries.visible_resident(actor, uuid, at=now)
    data = request.POST

    def save() -> str:
        actions.add_contact(
            resident=resident,
            name=data.get("name", ""),
            relation=data.get("relation", ""),
            phone=data.get("phone", ""),
            is_guardian=bool(data.get("is_guardian")),
            by=actor,
            at=now,
        )
        return _address(resident, "family")

    return write_once(request, save, _("已添加联系人。"))


@require_POST
@signed_in
def end_contact(request: Request, uuid: UUID) -> HttpResponse:
    """Not to be called any more."""
    actor, now = request.actor, clock.now()
    contact = queries.visible_contact(actor, uuid)

    def save() -> str:
        actions.end_contact(contact=contact, by=actor, at=now)
        return _address(contact.resident, "family")

    return write_once(request, save, _("已停用联系人。"))


@require_POST
@signed_in
def create_household(request: Request, uuid: UUID) -> HttpResponse:
    """Found a household with this resident at its head."""
    actor, now = request.actor, clock.now()
    resident = queries.visible_resident(actor, uuid, at=now)

    def save() -> str:
        household = actions.create_household(head=resident, by=actor, at=now)
        return reverse("residents:household", args=[household.uuid])

    return write_once(request, save, _("已建立家庭。"))


@require_POST
@signed_in
def leave_household(request: Request, uuid: UUID) -> HttpResponse:
    """Out of the household."""
    actor, now = request.actor, clock.now()
    resident = queries.visible_resident(actor, uuid, at=now)

    def save() -> str:
        actions.leave_household(resident=resident, by=actor, at=now)
        return _address(resident, "family")

    return write_once(request, save, _("已移出家庭。"))


@require_POST
@signed_in
def join_household(request: Request, uuid: UUID) -> HttpResponse:
    """Into the household, by record number or identity number."""
    actor, now = request.actor, clock.now()
    household = queries.visible_household(actor, uuid)

    def save() -> str:
        resident = searching.resident_said(actor, request.POST.get("who", ""), at=now)
        actions.add_member(
            household=household, resident=resident, relation=request.POST.get("relation", ""), by=actor, at=now
        )
        return reverse("residents:household", args=[household.uuid])

    try:
        return write_once(request, save, _("已加入家庭。"))
    except (InvalidInput, Conflict, NotVisible) as error:
        if isinstance(error, NotVisible):
            audit.record("refused.not-found", by=actor, at=now, outcome=audit.MISSING, kind=error.kind)
        shown = person.HouseholdPage.build(actor, household, message=error.message)
        return page(request, "residents/household.html", status=error.status, page=shown)


@require_http_methods(["GET", "POST"])
@signed_in
def new_consent(request: Request, uuid: UUID) -> HttpResponse:
    """Explain, ask, sign."""
    actor, now, data = request.actor, clock.now(), request.POST
    resident = queries.visible_resident(actor, uuid, at=now)
    if request.method != "POST":
        permissions.may_take_consent(actor, resident).require()
        audit.look(Event.CONSENTS_VIEWED, by=actor, at=now, subject=resident.uuid)
        return page(request, "residents/consent.html", page=pages.ConsentPage.build(actor, resident, request.GET))

    def save() -> str:
        actions.record_consent(resident=resident, by=actor, at=now, **forms.consent(data))
        return _address(resident, "consents")

    try:
        return write_once(request, save, _("已保存。"))
    except (InvalidInput, TooLarge) as error:
        shown = pages.ConsentPage.build(actor, resident, data, error)
        return page(request, "residents/consent.html", status=error.status, page=shown)


@require_POST
@signed_in
def withdraw_consent(request: Request, uuid: UUID) -> HttpResponse:
    """Take a consent back."""
    actor, now = request.actor, clock.now()
    consent = queries.visible_consent(actor, uuid)

    def save() -> str:
        actions.withdraw_consent(consent=consent, reason=request.POST.get("reason", ""), by=actor, at=now)
        return _address(consent.resident, "consents")

    return write_once(request, save, _("已撤回同意。"))


@require_GET
@signed_in
def signature(request: Request, uuid: UUID) -> HttpResponseBase:
    """The picture of a signature."""
    now = clock.now()
    consent = queries.visible_consent(request.actor, uuid)
    if consent.signature is None:
        return done(request, _address(consent.resident, "consents"), _("没有签名。"))
    audit.look(
        Event.CONSENTS_VIEWED,
        by=request.actor,
        at=now,
        subject=consent.resident.uuid,
        kind="residents.consent",
        key=str(uuid),
    )
    response = FileResponse(files.open_file(consent.signature), content_type="image/png")
    response["Cache-Control"] = "no-store"
    return response


def _address(resident: Resident, tab: str) -> str:
    return reverse("residents:detail", args=[resident.uuid]) + f"?tab={tab}"
