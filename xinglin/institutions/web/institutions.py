"""The list of institutions, one institution with who lives there and its agreements, and what is done with it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import for_staff, signed_in
from xinglin.accounts.data import Permission
from xinglin.institutions import actions, permissions, queries
from xinglin.institutions.events import Event
from xinglin.institutions.models import Institution
from xinglin.institutions.web import forms
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, DomainError, InvalidInput
from xinglin.residents import api as residents
from xinglin.web import posted
from xinglin.web.answers import fields_of, message_of, page, write_once
from xinglin.web.formats import age_text
from xinglin.web.request import Request

BOXES = ("all", "unsigned")


def tabs(actor: Actor, box: str, *, at: datetime) -> list[dict[str, Any]]:
    """Institutions, those without an agreement, and the boxes of rounds."""
    counts, list_url, rounds_url = queries.box_counts(actor, at=at), reverse("institutions:list"), reverse("institutions:rounds")  # fmt: skip
    lists = [("all", _("签约机构"), list_url), ("unsigned", _("未签约"), f"{list_url}?box=unsigned")]
    boxes = [("due", _("待巡诊")), ("missed", _("错过")), ("done", _("已巡诊"))]
    lists += [(key, label, f"{rounds_url}?box={key}") for key, label in boxes]
    return [{"label": label, "url": url, "active": key == box, "count": counts.get(key)} for key, label, url in lists]


@require_safe
@for_staff
def institutions(request: Request) -> HttpResponse:
    """Open institutions by name."""
    actor, at, asked = request.actor, clock.now(), request.GET
    if not {Permission.CONTRACT_VIEW, Permission.CONTRACT_MANAGE} & actor.permissions:
        actor.may(Permission.CONTRACT_VIEW).require()
    box, kind = asked.get("box", "all"), asked.get("kind", "")
    paging = queries.institution_page(
        actor, kind=kind, unsigned=box == "unsigned", at=at, cursor=asked.get("cursor", "")
    )
    audit.record(Event.LISTED, by=actor, at=at, detail={"box": box, "n": len(paging.rows)})
    built = {
        "tabs": tabs(actor, box, at=at), "rows": [_row(each) for each in paging.rows], "paging": paging, "box": box,
        "kinds": forms.kinds(), "kind": kind, "reset": f"{reverse('institutions:list')}?box={box}" if kind else "",
        "may_record": bool(permissions.may_record(actor, actor.place)),
    }  # fmt: skip
    return page(request, "institutions/list.html", fragment="rows", page=built)


def _row(each: Any) -> dict[str, Any]:
    living = _("住%(n)d人") % {"n": each.n_living} if each.n_living else ""
    beds = _("%(n)d张床") % {"n": each.beds} if each.beds is not None else ""
    said = (each.get_kind_display(), each.address, beds, living, each.keeper)
    return {
        "url": reverse("institutions:detail", args=[each.uuid]), "title": each.name,
        "meta": " · ".join(str(part) for part in said if part), "n_active": each.n_active, "n_missed": each.n_missed,
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def record(request: Request) -> HttpResponse:
    """Write down an institution in one's own place."""
    actor = request.actor
    permissions.may_record(actor, actor.place).require()

    def write() -> str:
        assert actor.place is not None  # permitted there
        made = actions.record_institution(
            content=forms.institution_in(request.POST), keeper_id=actor.place, by=actor, at=clock.now()
        )
        return reverse("institutions:detail", args=[made.uuid])

    return _form(request, write, _("已登记。"), title=_("登记签约机构"), back=reverse("institutions:list"), values={})


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def edit(request: Request, uuid: UUID) -> HttpResponse:
    """Correct what is written down."""
    actor, found = request.actor, queries.visible_institution(request.actor, uuid)
    permissions.may_edit(actor, found).require()
    back = reverse("institutions:detail", args=[uuid])
    values = {
        "name": found.name, "kind": found.kind, "address": found.address, "responsible": found.responsible,
        "phone": found.phone or "", "beds": "" if found.beds is None else found.beds,
        "opened_on": found.opened_on.isoformat(),
    }  # fmt: skip

    def write() -> str:
        actions.edit_institution(
            institution=found, content=forms.institution_in(request.POST), by=actor, at=clock.now()
        )
        return back

    return _form(request, write, _("已保存。"), title=_("修改机构信息"), back=back, values=values)


def _form(
    request: Request, write: Callable[[], str], said: str, *, title: str, back: str, values: dict[str, Any]
) -> HttpResponse:  # fmt: skip
    error: DomainError | None = None
    if request.method == "POST":
        try:
            return write_once(request, write, said)
        except (InvalidInput, Conflict) as refusal:
            error = refusal
    built = {
        "title": title, "back": back, "values": request.POST if request.method == "POST" else values,
        "kinds": forms.kinds(), "fields": fields_of(error), "message": message_of(error),
        "today": clock.today(),
    }  # fmt: skip
    return page(request, "institutions/form.html", status=error.status if error else 200, page=built)


# One institution -----------------------------------------------------------------------------------------------------
@require_safe
@for_staff
def detail(request: Request, uuid: UUID) -> HttpResponse:
    """One institution."""
    actor, at = request.actor, clock.now()
    found = queries.visible_institution(actor, uuid)
    built = _built(actor, found, at=at)
    audit.look_many(
        Event.RESIDENTS_VIEWED, by=actor, at=at, subjects=[each.resident.uuid for each, _said in built["stays"]]
    )
    audit.record(Event.VIEWED, by=actor, at=at, kind="institutions.institution", key=str(uuid))
    return page(request, "institutions/detail.html", page=built)


def _built(
    actor: Actor, found: Institution, *, at: datetime, error: DomainError | None = None, form: str = ""
) -> dict[str, Any]:  # fmt: skip
    today = clock.today(at)
    stays, n_others = queries.stays_of(actor, found, on=today)
    may_edit = permissions.may_edit(actor, found)
    return {
        "institution": found, "kind": found.get_kind_display(), "phone": found.phone if may_edit.allowed else "",
        "stays": [
            (each, f"{each.resident.get_sex_display()} {age_text(each.resident.born_on, today)}") for each in stays
        ],
        "n_others": n_others, "n_living": len(stays) + n_others, "may_edit": may_edit,
        "may_close": permissions.may_close(actor, found),
        "may_sign": bool(permissions.may_agree_for(actor, actor.place)) and not found.closed_on,
        "agreements": [(each, forms.status_look(each)) for each in queries.agreements_of(found)], "today": today,
        "fields": fields_of(error), "message": message_of(error), "form": form,
        "changes": list(found.status_changes.all()),
    }  # fmt: skip


@require_POST
@signed_in
def close(request: Request, uuid: UUID) -> HttpResponse:
    """Close it for good."""

    def act(found: Institution) -> None:
        actions.close_institution(
            institution=found, reason=request.POST.get("reason", ""), by=request.actor, at=clock.now()
        )

    return _act(request, uuid, act, _("已关停。"), "close")


@require_POST
@signed_in
def end_stay(request: Request, uuid: UUID) -> HttpResponse:
    """Somebody lives there no more."""
    stay = queries.visible_stay(request.actor, uuid)

    def act(_found: Institution) -> None:
        actions.move_out(stay=stay, until=posted.day(request.POST, "until"), by=request.actor, at=clock.now())

    return _act(request, stay.institution.uuid, act, _("已登记离开。"), f"leave-{uuid}")


def _act(
    request: Request, uuid: UUID, act: Callable[[Institution], None], said: str, form: str
) -> HttpResponse:  # fmt: skip
    found = queries.visible_institution(request.actor, uuid)

    def write() -> str:
        act(found)
        return reverse("institutions:detail", args=[uuid])

    try:
        return write_once(request, write, said)
    except (InvalidInput, Conflict) as error:
        shown = queries.visible_institution(request.actor, uuid)
        built = _built(request.actor, shown, at=clock.now(), error=error, form=form)
        subjects = [each.resident.uuid for each, _said in built["stays"]]
        audit.look_many(Event.RESIDENTS_VIEWED, by=request.actor, at=clock.now(), subjects=subjects)
        return page(request, "institutions/detail.html", status=error.status, page=built)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def add_resident(request: Request, uuid: UUID) -> HttpResponse:
    """Look for a resident, and write down that he lives there."""
    actor, at = request.actor, clock.now()
    found = queries.visible_institution(actor, uuid)
    permissions.may_edit(actor, found).require()
    back, error = reverse("institutions:detail", args=[uuid]), None
    if request.method == "POST":

        def write() -> str:
            actions.move_in(
                institution=found,
                resident=residents.visible_resident(actor, posted.uuid(request.POST, "resident"), at=at),
                since=posted.day(request.POST, "since"), room=request.POST.get("room", ""), by=actor, at=clock.now(),
            )  # fmt: skip
            return back

        try:
            return write_once(request, write, _("已登记入住。"))
        except (InvalidInput, Conflict) as refusal:
            error = refusal
    query = request.GET.get("q", "").strip()
    rows: Sequence[Any] = ()
    if query and error is None:
        try:
            rows = residents.search_residents(actor, query, at=at).rows
        except InvalidInput as refusal:
            error = refusal
    today = clock.today(at)
    built = {
        "institution": found, "back": back, "q": query, "today": today, "fields": fields_of(error),
        "message": message_of(error),
        "rows": [
            (each, f"{each.get_sex_display()} {age_text(each.born_on, today)} · {each.address}") for each in rows
        ],
    }  # fmt: skip
    return page(request, "institutions/add_resident.html", status=error.status if error else 200, page=built)
