"""Teams: who they are, whom they serve, who helps them, and how they do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import for_staff, signed_in
from xinglin.accounts.data import Permission
from xinglin.contracts import actions, assigning, permissions, queries, secrecy
from xinglin.contracts.data import Rate
from xinglin.contracts.events import Event
from xinglin.contracts.models import Agreement, Pairing, Promise, Rating, SupportNote, Team
from xinglin.contracts.rules import settled
from xinglin.contracts.rules.promising import add_months
from xinglin.contracts.states import Status
from xinglin.contracts.web import forms
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import Conflict, DomainError, InvalidInput, NotPermitted
from xinglin.web import posted
from xinglin.web.answers import fields_of, message_of, page, write_once
from xinglin.web.formats import due_day_text
from xinglin.web.request import Request


@require_safe
@for_staff
def teams(request: Request) -> HttpResponse:
    """Teams that work where the actor does."""
    actor, at = request.actor, clock.now()
    kind = request.GET.get("kind", Team.Kind.FAMILY)
    kind = kind if kind in Team.Kind.values else Team.Kind.FAMILY
    paging = queries.team_page(actor, kind=kind, on=clock.today(at), cursor=request.GET.get("cursor", ""))
    audit.record(Event.LISTED, by=actor, at=at, detail={"teams": len(paging.rows)})
    url = reverse("contracts:teams")
    built = {
        "tabs": [
            {"label": str(label), "url": f"{url}?kind={value}", "active": value == kind} for value, label in Team.Kind.choices
        ],
        "rows": paging.rows, "paging": paging, "kind": kind, "can_form": bool(actor.may(Permission.CONTRACT_MANAGE)),
    }  # fmt: skip
    return page(request, "contracts/teams.html", fragment="rows", page=built)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def form_team(request: Request) -> HttpResponse:
    """Form a team."""
    actor, post = request.actor, request.POST
    actor.may(Permission.CONTRACT_MANAGE).require()

    def write() -> str:
        team = actions.form_team(
            name=post.get("name", ""), facility_id=forms.managed_facility(post, actor), kind=post.get("kind", ""),
            disease=post.get("disease", ""), phone=post.get("phone", ""), by=actor, at=clock.now(),
        )  # fmt: skip
        return reverse("contracts:team", args=[team.uuid])

    error: DomainError | None = None
    if request.method == "POST":
        try:
            return write_once(request, write, _("团队已组建。"))
        except (InvalidInput, Conflict) as refusal:
            error = refusal
    built = {
        "kinds": [(value, str(label)) for value, label in Team.Kind.choices], "values": post,
        "facilities": network.choices_of(actor, Permission.CONTRACT_MANAGE), "fields": fields_of(error),
        "facility": post.get("facility") or network.own_place(actor), "message": message_of(error),
    }  # fmt: skip
    return page(request, "contracts/team_form.html", status=error.status if error else 200, page=built)


# One team ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class TeamPage:
    """One team for an actor. `since` is where the year of its figures begins."""

    team: Team
    kind: str
    phone: str
    may: Decision
    members: list[tuple[Any, str]]
    n_professions: int
    former: list[tuple[Any, str]]
    places: list[tuple[Any, str]]
    pairings: list[tuple[Pairing, list[SupportNote]]]
    professions: list[tuple[str, str]]
    support_kinds: list[tuple[str, str]]
    facilities: list[tuple[str, str]]
    partners: list[tuple[str, str]]
    is_family: bool
    n_assigned: int
    n_signed: int
    n_key: int
    fulfilment: Rate
    satisfaction: Rate
    overdue: list[dict[str, Any]]
    n_overdue: int
    residents_url: str
    since: date
    today: date
    form: str
    values: Mapping[str, Any]
    error: DomainError | None

    @property
    def fields(self) -> Mapping[str, object]:
        """Reasons by field."""
        return fields_of(self.error)

    @property
    def message(self) -> str:
        """What was refused, in a sentence."""
        return message_of(self.error)

    @classmethod
    def build(
        cls, actor: Actor, team: Team, *, at: datetime, error: DomainError | None = None,
        given: QueryDict | None = None, form: str = "",
    ) -> "TeamPage":  # fmt: skip
        """The page of a visible team."""
        today, may = clock.today(at), permissions.may_manage(actor, team)
        since = add_months(today, -12)
        people = [(each, settled.profession_title(each.profession)) for each in team.members.select_related("user")]
        signed = Agreement.objects.filter(team=team, status=Status.ACTIVE)
        owed = Promise.objects.filter(team=team)
        late = owed.filter(
            done_on__isnull=True, dropped_on__isnull=True, due_on__lt=today, agreement__status=Status.ACTIVE
        )
        return cls(
            team=team, kind=str(team.get_kind_display()), phone=queries.phone_of(team), may=may,
            members=[row for row in people if row[0].until is None],
            n_professions=len({row[0].profession for row in people if row[0].until is None}),
            former=[row for row in people if row[0].until is not None],
            places=_places(team), pairings=_pairings(team),
            professions=[(each.code, each.title) for each in settled.professions()],
            support_kinds=[(value, str(label)) for value, label in SupportNote.Kind.choices],
            facilities=network.choices_of(actor, Permission.CONTRACT_MANAGE) if may else [],
            partners=network.choices(network.open_facilities()) if may else [],
            is_family=team.kind == Team.Kind.FAMILY, n_assigned=assigning.loads_of([team.pk]).get(team.pk, 0),
            n_signed=signed.count(), n_key=signed.exclude(groups=[]).count(),
            fulfilment=queries.fulfilment(owed, since=since, until=today),
            satisfaction=queries.satisfaction(Rating.objects.filter(team=team, rated_at__gte=clock.start_of(since))),
            overdue=_overdue(actor, late, today), n_overdue=late.count(),
            residents_url=f"{reverse('contracts:list')}?team={team.uuid}" if actor.may(Permission.CONTRACT_VIEW) else "",
            since=since, today=today, form=form, values=given or {}, error=error,
        )  # fmt: skip


def _places(team: Team) -> list[tuple[Any, str]]:
    found = team.places.filter(until__isnull=True).select_related("facility").order_by("id")
    return [(each, str(each.facility) if each.facility else each.division_code) for each in found]


def _pairings(team: Team) -> list[tuple[Pairing, list[SupportNote]]]:
    found = team.pairings.select_related("partner").prefetch_related("notes").order_by("until", "-since")
    return [(each, list(each.notes.all())[:20]) for each in found]


def _overdue(actor: Actor, late: Any, today: date) -> list[dict[str, Any]]:
    """Names only for who may see them: a manager of the county sees how many."""
    seen = late.filter(agreement__in=queries.agreements_visible_to(actor)).select_related("agreement__resident")
    return [
        {
            "url": reverse("contracts:detail", args=[each.agreement.uuid]), "resident": each.agreement.resident.uuid,
            "title": each.agreement.resident.name, "meta": secrecy.told_item(each, actor),
            "late": due_day_text(each.due_on, today=today),
        }
        for each in seen.order_by("due_on", "id")[:20]
    ]  # fmt: skip


@require_safe
@for_staff
def team(request: Request, uuid: UUID) -> HttpResponse:
    """One team."""
    actor, at = request.actor, clock.now()
    found = queries.visible_team(actor, uuid)
    built = TeamPage.build(actor, found, at=at)
    shown = [each["resident"] for each in built.overdue]
    audit.look_many(Event.LISTED, by=actor, at=at, subjects=shown, kind="contracts.team", key=str(uuid), n=len(shown))
    return page(request, "contracts/team.html", page=built)


@require_POST
@signed_in
def change(request: Request, uuid: UUID, what: str) -> HttpResponse:
    """Change a team: name, members, area, partners, or end it."""
    found = queries.visible_team(request.actor, uuid)
    act = _ACTS.get(what)
    if act is None:
        raise NotPermitted(_("没有这个操作。"))

    def write() -> str:
        act(request, found)
        return reverse("contracts:team", args=[uuid])

    try:
        return write_once(request, write, _("已保存。"))
    except (InvalidInput, Conflict) as error:
        built = TeamPage.build(request.actor, found, at=clock.now(), error=error, given=request.POST, form=what)
        return page(request, "contracts/team.html", status=error.status, page=built)


def _member(request: Request, team: Team) -> None:
    post = request.POST
    actions.add_member(
        team=team, profession=post.get("profession", ""), username=post.get("username", ""), name=post.get("name", ""),
        is_leader=post.get("is_leader") == "on", by=request.actor, at=clock.now(),
    )  # fmt: skip


def _place(request: Request, team: Team) -> None:
    post = request.POST
    facility = forms.managed_facility(post, request.actor) if post.get("facility") else None
    actions.add_place(
        team=team, facility_id=facility, division_code=post.get("division_code", ""), by=request.actor, at=clock.now()
    )


def _pair(request: Request, team: Team) -> None:
    partner = forms.facility(request.POST, "partner", network.open_facilities())
    actions.pair_team(
        team=team, partner_id=partner, subject=request.POST.get("subject", ""), by=request.actor, at=clock.now()
    )


def _support(request: Request, team: Team) -> None:
    post = request.POST
    actions.note_support(
        pairing=queries.visible_pairing(request.actor, posted.uuid(post, "pairing")), done_on=posted.day(post, "done_on"),
        kind=post.get("kind", ""), what=post.get("what", ""), n_served=posted.whole_or_none(post, "n_served"),
        by=request.actor, at=clock.now(),
    )  # fmt: skip


def _edit(request: Request, team: Team) -> None:
    post = request.POST
    actions.edit_team(
        team=team, name=post.get("name", ""), phone=post.get("phone", ""), by=request.actor, at=clock.now()
    )


def _end(request: Request, team: Team) -> None:
    actions.end_team(team=team, by=request.actor, at=clock.now())


def _leave(request: Request, team: Team) -> None:
    member = queries.visible_member(request.actor, posted.uuid(request.POST, "member"))
    actions.end_member(member=member, by=request.actor, at=clock.now())


def _lead(request: Request, team: Team) -> None:
    member = queries.visible_member(request.actor, posted.uuid(request.POST, "member"))
    actions.lead_team(member=member, by=request.actor, at=clock.now())


def _leave_place(request: Request, team: Team) -> None:
    place = queries.visible_place(request.actor, posted.uuid(request.POST, "place"))
    actions.end_place(place=place, by=request.actor, at=clock.now())


def _unpair(request: Request, team: Team) -> None:
    pairing = queries.visible_pairing(request.actor, posted.uuid(request.POST, "pairing"))
    actions.end_pairing(pairing=pairing, by=request.actor, at=clock.now())


_ACTS: dict[str, Callable[[Request, Team], None]] = {
    "member": _member, "place": _place, "pair": _pair, "support": _support, "edit": _edit, "end": _end, "leave": _leave,
    "lead": _lead, "leave-place": _leave_place, "unpair": _unpair,
}  # fmt: skip
