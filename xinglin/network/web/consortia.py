"""Pages of consortia and areas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.network import actions, patterns, permissions, queries
from xinglin.network.models import Area, Consortium, Facility, Membership
from xinglin.network.states import FINAL
from xinglin.network.web.editing import answer
from xinglin.network.web.forms import AreaForm, ConsortiumForm, JoinForm, StructureForm
from xinglin.network.web.pages import KIND_ICONS
from xinglin.network.web.views import for_staff
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import InvalidInput, NotVisible
from xinglin.web.answers import page, write_once
from xinglin.web.formats import listed_text
from xinglin.web.request import Request

MOST_MEMBERS_SHOWN = 400
ROLE_ORDER = ("LEAD", "SPECIALIST", "PUBLIC_HEALTH", "MEMBER", "CLINIC", "PARTNER")


@dataclass(frozen=True)
class ConsortiumPage:
    """One consortium as a picture: the lead, those beside it, the grassroots units with their clinics."""

    consortium: Consortium
    parts: Sequence[patterns.Part]
    lead: dict[str, Any] | None
    beside: Sequence[dict[str, Any]]
    members: Sequence[dict[str, Any]]
    loose: Sequence[dict[str, Any]]
    partners: Sequence[dict[str, Any]]
    past: Sequence[Membership]
    edit: Decision
    roles: Sequence[tuple[str, object]]
    definitions: Sequence[tuple[str, str]]
    today: date
    n_units: int


def _box(membership: Membership, n_clinics: int = 0) -> dict[str, Any]:
    facility = membership.facility
    return {
        "name": facility.short_name or facility.name, "url": reverse("network:detail", args=[facility.uuid]),
        "icon": KIND_ICONS.get(facility.kind, "building"), "role": membership.get_role_display(),
        "key": membership.role,
        "uuid": facility.uuid, "n_clinics": n_clinics, "since": membership.valid_from,
    }  # fmt: skip


def consortium_page(actor: Actor, found: Consortium, *, at: datetime) -> ConsortiumPage:
    """Gather the picture: memberships of today, and clinics below members that are no members themselves."""
    today = clock.today(at)
    rows = queries.members_on(found, today)
    by_role: dict[str, list[Membership]] = {role: [] for role in ROLE_ORDER}
    for row in rows:
        by_role[row.role].append(row)
    clinics = {row.facility_id: row.facility.manager_id for row in by_role["CLINIC"]}
    kinds = [Facility.Kind.VILLAGE_CLINIC, Facility.Kind.COMMUNITY_STATION]
    below = Facility.objects.filter(manager__in=[row.facility_id for row in by_role["MEMBER"]], kind__in=kinds)
    clinics.update(below.exclude(status__in=FINAL).values_list("pk", "manager_id"))
    counts: dict[int | None, int] = {}
    for manager_id in clinics.values():
        counts[manager_id] = counts.get(manager_id, 0) + 1
    members = {row.facility_id for row in by_role["MEMBER"]}
    lead = next(iter(by_role["LEAD"]), None)
    past = Membership.objects.filter(consortium=found, valid_until__lte=today).select_related("facility")
    return ConsortiumPage(
        consortium=found,
        parts=patterns.compared(found.structure, patterns.counted(rows, len(clinics))),
        lead=_box(lead) if lead else None,
        beside=[_box(row) for role in ("SPECIALIST", "PUBLIC_HEALTH") for row in by_role[role]],
        members=[_box(row, counts.get(row.facility_id, 0)) for row in by_role["MEMBER"]][:MOST_MEMBERS_SHOWN],
        loose=[_box(row) for row in by_role["CLINIC"] if row.facility.manager_id not in members][:MOST_MEMBERS_SHOWN],
        partners=[_box(row) for row in by_role["PARTNER"]],
        past=list(past.order_by("-valid_until", "-id")[:40]),
        edit=permissions.may_edit_consortium(actor, found),
        roles=Membership.Role.choices,
        definitions=[(each.slug, each.title) for each in patterns.known()],
        today=today,
        n_units=len(rows),
    )


@require_GET
@for_staff
def consortia(request: Request) -> HttpResponse:
    """All consortia; several may share one county."""
    rows = [
        {
            "consortium": each,
            "url": reverse("network:consortium", args=[each.uuid]),
            "pattern": each.structure.get("pattern", ""),
        }
        for each in queries.consortia(request.actor)[:100]
    ]
    return page(request, "network/consortia.html", rows=rows, create=permissions.may_open_somewhere(request.actor))


@require_GET
@for_staff
def consortium(request: Request, uuid: UUID) -> HttpResponse:
    """One consortium."""
    found = queries.visible_consortium(request.actor, uuid)
    return page(request, "network/consortium.html", page=consortium_page(request.actor, found, at=clock.now()))


@require_http_methods(["GET", "POST"])
@for_staff
def form(request: Request) -> HttpResponse:
    """Form a consortium."""
    permissions.may_open_somewhere(request.actor).require()

    def write(data: dict[str, Any]) -> str:
        lead = queries.visible_facility(request.actor, data["lead"])
        new = actions.form_consortium(
            code=data["code"], name=data["name"], division=lead.division, lead=lead, on=data["on"],
            structure=patterns.structure_of(data["definition"], data["pattern"]), by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("network:consortium", args=[new.uuid])

    return answer(
        request, ConsortiumForm(request.POST or None), write, template="network/consortium_form.html",
        message=_("医共体已成立"), lead_text=request.POST.get("lead_text", ""),
    )  # fmt: skip


def _cleaned(form: Any) -> Mapping[str, Any]:
    if not form.is_valid():
        raise InvalidInput(_("请更正标出的内容。"), fields={name: reasons[0] for name, reasons in form.errors.items()})
    data: Mapping[str, Any] = form.cleaned_data
    return data


@require_POST
@for_staff
def join(request: Request, uuid: UUID) -> HttpResponse:
    """Let a unit join."""
    found = queries.visible_consortium(request.actor, uuid)

    def write() -> str:
        data = _cleaned(JoinForm(request.POST))
        actions.join_consortium(
            consortium=found, facility=queries.visible_facility(request.actor, data["facility"]), role=data["role"],
            on=data["on"], by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("network:consortium", args=[uuid])

    return write_once(request, write, _("机构已加入医共体"))


@require_POST
@for_staff
def leave(request: Request, uuid: UUID) -> HttpResponse:
    """Let a unit leave."""
    found = queries.visible_consortium(request.actor, uuid)

    def write() -> str:
        data = _cleaned(JoinForm({**request.POST.dict(), "role": "MEMBER"}))
        membership = Membership.objects.filter(
            consortium=found, facility__uuid=data["facility"], valid_until__isnull=True
        ).first()
        if membership is None:
            raise NotVisible("network.membership", data["facility"])
        actions.leave_consortium(membership=membership, on=data["on"], by=request.actor, at=clock.now())
        return reverse("network:consortium", args=[uuid])

    return write_once(request, write, _("机构已退出医共体"))


@require_POST
@for_staff
def structure(request: Request, uuid: UUID) -> HttpResponse:
    """Publish another pattern."""
    found = queries.visible_consortium(request.actor, uuid)

    def write() -> str:
        data = _cleaned(StructureForm(request.POST))
        chosen = patterns.structure_of(data["definition"], data["pattern"])
        actions.set_structure(consortium=found, structure=chosen, by=request.actor, at=clock.now())
        return reverse("network:consortium", args=[uuid])

    return write_once(request, write, _("组成模式已更新"))


@require_GET
@for_staff
def areas(request: Request) -> HttpResponse:
    """Areas with their units."""
    rows = [
        {
            "area": each, "url": reverse("network:area", args=[each.uuid]),
            "list_url": f"{reverse('network:list')}?area={each.code}",
            "coverage_url": f"{reverse('network:coverage')}?area={each.code}",
        }
        for each in queries.areas(request.actor)[:200]
    ]  # fmt: skip
    return page(request, "network/areas.html", rows=rows, create=permissions.may_set_area(request.actor, ()))


@require_http_methods(["GET", "POST"])
@for_staff
def area_form(request: Request, uuid: UUID | None = None) -> HttpResponse:
    """Make or change an area."""
    area = queries.visible_area(request.actor, uuid) if uuid else None
    permissions.may_set_area(request.actor, ()).require()
    shape = AreaForm(request.POST or None, initial=_area_initial(area))
    if area is not None:
        del shape.fields["code"]

    def write(data: dict[str, Any]) -> str:
        code = area.code if area else data["code"]
        if area is None and Area.objects.filter(code=code.strip()).exists():
            reason = _("编码已有片区使用。")
            raise InvalidInput(reason, fields={"code": reason})
        ids = _facility_ids(data["facilities"])
        actions.set_area(code=code, name=data["name"], facility_ids=ids, by=request.actor, at=clock.now())
        return reverse("network:areas")

    return answer(
        request, shape, write, template="network/small_form.html", message=_("片区已保存"), facility=None,
        title=area.name if area else _("新增片区"), back=reverse("network:areas"),
    )  # fmt: skip


def _area_initial(area: Area | None) -> dict[str, Any]:
    if area is None:
        return {}
    codes = area.facilities.order_by("code").values_list("code", flat=True)
    return {"name": area.name, "facilities": "\n".join(codes)}


def _facility_ids(text: str) -> list[int]:
    codes = {each.strip() for each in text.replace("，", "\n").replace(",", "\n").splitlines() if each.strip()}
    found = dict(Facility.objects.filter(code__in=codes).values_list("code", "pk"))
    if missing := sorted(codes - found.keys()):
        reason = _("没有这些机构编码：%(codes)s") % {"codes": listed_text(missing[:10])}
        raise InvalidInput(reason, fields={"facilities": reason})
    return list(found.values())
