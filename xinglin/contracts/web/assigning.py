"""Residents without a team, and who answers for whom: chosen by hand, given back, handed on."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from xinglin.accounts.api import for_staff, signed_in
from xinglin.accounts.data import Permission
from xinglin.contracts import actions, assigning, permissions, queries, secrecy
from xinglin.contracts.assigning import Wish
from xinglin.contracts.events import Event
from xinglin.contracts.models import Assignment, Team
from xinglin.contracts.rules.groups import group_titles
from xinglin.contracts.web import forms
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, DomainError, InvalidInput
from xinglin.residents import api as residents
from xinglin.web import posted
from xinglin.web.answers import fields_of, message_of, page, write_once
from xinglin.web.formats import age_text
from xinglin.web.request import Request


# Who has no team -----------------------------------------------------------------------------------------------------
@require_safe
@for_staff
def unassigned(request: Request) -> HttpResponse:
    """Residents without a team where the actor signs."""
    return list_page(request)


def list_page(request: Request, error: DomainError | None = None, refused: Any = ()) -> HttpResponse:
    """The list, with what was refused."""
    actor, at, asked = request.actor, clock.now(), request.GET
    may_distribute = bool(actor.may(Permission.CONTRACT_MANAGE))
    if not may_distribute:
        actor.may(Permission.CONTRACT_SIGN).require()
    today, wish = clock.today(at), wish_of(actor, asked)
    paging = assigning.unassigned_page(actor, wish, on=today, cursor=asked.get("cursor", ""))
    names = network.division_names(each.division_code for each in paging.rows)
    _looked(actor, [each.uuid for each in paging.rows], at)
    teams = assigning.teams_to_give_to(actor, on=today)
    built = {
        "rows": [_row(actor, each, names, today) for each in paging.rows], "paging": paging,
        "teams": [(str(each.uuid), f"{each.name} · {each.facility}") for each in teams],
        "team": request.POST.get("team") or (str(teams[0].uuid) if len(teams) == 1 else ""),
        "all": asked.get("all") == "1", "may_distribute": may_distribute,
        "sees": bool(actor.may(Permission.CONTRACT_SIGN)), "query": _kept(asked), **filters(actor, asked),
        "fields": fields_of(error), "message": message_of(error),
        "refused": [(who.name, str(why.message)) for who, why in refused], "chosen": request.POST.getlist("residents"),
    }  # fmt: skip
    return page(request, "contracts/unassigned.html", status=error.status if error else 200, page=built)


def wish_of(actor: Actor, asked: QueryDict) -> Wish:
    """Which residents are meant, as the address or a form says. :raises InvalidInput: there is no such facility"""
    facility = network.facility_by_uuid(posted.uuid(asked, "facility")).id if asked.get("facility") else None
    group, condition = asked.get("group", ""), asked.get("condition", "")
    known = {"", "any", *group_titles()}
    return Wish(
        facility, asked.get("village", "")[:12], group if group in known else "",
        condition if condition in residents.CONDITIONS else "",
    )  # fmt: skip


def filters(actor: Actor, asked: QueryDict) -> dict[str, Any]:
    """Choices of the filters, without those that would tell the actor what he may not know."""
    hidden = secrecy.hidden_groups(actor, None)
    secret = residents.secret_conditions() if hidden else frozenset()
    villages = network.division_names(assigning.villages_of(actor))
    return {
        "facilities": network.choices_of(actor, Permission.CONTRACT_SIGN, Permission.CONTRACT_MANAGE),
        "villages": sorted(villages.items()),
        "groups": [("any", _("任一重点人群")), *(each for each in group_titles().items() if each[0] not in hidden)],
        "conditions": [(slug, str(title)) for slug, title in residents.CONDITIONS.items() if slug not in secret],
        "values": {name: asked.get(name, "") for name in ("facility", "village", "group", "condition")},
        "filtered": any(asked.get(name) for name in ("facility", "village", "group", "condition")),
    }  # fmt: skip


def _kept(asked: QueryDict) -> str:
    copy = asked.copy()
    for name in ("cursor", "all"):
        copy.pop(name, None)
    return copy.urlencode()


def _row(actor: Actor, each: Any, names: dict[str, str], today: Any) -> dict[str, Any]:
    return {
        "uuid": str(each.uuid), "url": reverse("residents:detail", args=[each.uuid]),
        "title": f"{each.name} {each.get_sex_display()} {age_text(each.born_on, today)}",
        "meta": " · ".join(str(part) for part in (each.managed_by, names.get(each.division_code), each.address) if part),
    }  # fmt: skip


def _looked(actor: Actor, uuids: list[UUID], at: Any) -> None:
    if uuids:
        audit.look_many(Event.UNASSIGNED_LISTED, by=actor, at=at, subjects=uuids)


@require_POST
@signed_in
def give(request: Request) -> HttpResponse:
    """Give the chosen residents to a team, or claim them for one's own. Who is refused does not stop the others."""
    actor, post = request.actor, request.POST
    refused: list[Any] = []

    def write() -> str:
        at = clock.now()
        team = chosen_team(actor, post, at=at)
        people = assigning.chosen_residents(actor, forms.uuids(post, "residents"))
        claimed = not permissions.may_manage_at(actor, team.facility_id)
        outcome = actions.assign_residents(team=team, people=people, claimed=claimed, by=actor, at=at)
        refused.extend(outcome.refused)
        if not outcome.given:
            raise outcome.refused[0][1]
        return reverse("contracts:team_residents", args=[team.uuid])

    try:
        answer = write_once(request, write, _("已分配。"))
    except (InvalidInput, Conflict) as error:
        return list_page(request, error, refused)
    for _who, why in refused:
        messages.warning(request, str(why.message))
    return answer


def chosen_team(actor: Actor, post: QueryDict, *, at: Any) -> Team:
    """A team the actor may give residents to. :raises InvalidInput: there is none of that uuid"""
    wanted = posted.uuid(post, "team")
    for each in assigning.teams_to_give_to(actor, on=clock.today(at)):
        if each.uuid == wanted:
            return each
    raise InvalidInput(_("请选择团队。"), fields={"team": _("请从列表中选择。")})


# Who answers for whom ------------------------------------------------------------------------------------------------
@require_safe
@for_staff
def team_residents(request: Request, uuid: UUID) -> HttpResponse:
    """Residents a team answers for, signed or not."""
    actor, at, asked = request.actor, clock.now(), request.GET
    team, today = queries.visible_team(actor, uuid), clock.today(clock.now())
    signed = asked.get("signed", "")
    paging = assigning.team_residents_page(actor, team, signed=signed, cursor=asked.get("cursor", ""))
    url = reverse("contracts:team_residents", args=[uuid])
    audit.look_many(
        Event.LISTED, by=actor, at=at, subjects=[each.resident.uuid for each in paging.rows], team=str(uuid)
    )
    rows = [
        {
            "url": reverse("contracts:assignment", args=[each.uuid]),
            "title": f"{each.resident.name} {each.resident.get_sex_display()} {age_text(each.resident.born_on, today)}",
            "meta": " · ".join(str(part) for part in (each.resident.managed_by, each.resident.address) if part),
            "way": each.get_way_display(), "since": clock.today(each.assigned_at), "signed_until": each.signed_until,  # type: ignore[attr-defined]
        }
        for each in paging.rows
    ]  # fmt: skip
    tabs = (("", _("全部")), ("yes", _("已签约")), ("no", _("未签约")))
    built = {
        "day_url": f"{reverse('programmes:day')}?team={uuid}" if actor.may(Permission.PROGRAMME_VIEW) else "",
        "team": team, "rows": rows, "paging": paging, "n": assigning.loads_of([team.pk]).get(team.pk, 0),
        "tabs": [{"label": text, "url": f"{url}?signed={key}", "active": key == signed} for key, text in tabs],
    }  # fmt: skip
    return page(request, "contracts/team_residents.html", page=built)


@require_safe
@for_staff
def assignment(request: Request, uuid: UUID) -> HttpResponse:
    """Who answers for one resident, since when, and who did before."""
    return _assignment(request, assigning.visible_assignment(request.actor, uuid))


def _assignment(request: Request, found: Assignment, error: DomainError | None = None, form: str = "") -> HttpResponse:
    actor, at = request.actor, clock.now()
    today, person = clock.today(at), found.resident
    audit.look(
        Event.ASSIGNMENT_VIEWED, by=actor, at=at, subject=person.uuid, kind="contracts.assignment", key=str(found.uuid)
    )
    ids = residents.ids_of_person(person)
    signed = assigning.signed_with(ids)
    agreement = next(iter(signed.values()), None)
    others = [each for each in assigning.teams_at_work(actor, on=today) if each.pk != found.team_id]
    serving = assigning.teams_serving([(person.managed_by_id, person.division_code)], others, on=today)
    here = set(serving.get((person.managed_by_id, person.division_code), ()))
    built = {
        "assignment": found, "person": residents.person_of(person, actor), "history": assigning.history_of(ids),
        "agreement": agreement, "agreement_url": reverse("contracts:detail", args=[agreement.uuid]) if agreement else "",
        "sign_url": "" if agreement else reverse("contracts:sign", args=[person.uuid]),
        "may": permissions.may_let_go(actor, found, on=today),
        "teams": [(str(each.uuid), f"{each.name} · {each.facility}") for each in others if each.pk in here],
        "form": form, "values": request.POST, "fields": fields_of(error), "message": message_of(error),
    }  # fmt: skip
    return page(request, "contracts/assignment.html", status=error.status if error else 200, page=built)


@require_POST
@signed_in
def change(request: Request, uuid: UUID, what: str) -> HttpResponse:
    """Give a resident back, or hand him to another team."""
    actor, post = request.actor, request.POST
    found = assigning.visible_assignment(actor, uuid)

    def write() -> str:
        at, reason = clock.now(), post.get("reason", "")
        if what == "release":
            actions.release_resident(assignment=found, reason=reason, by=actor, at=at)
            return reverse("contracts:team_residents", args=[found.team.uuid])
        team = queries.visible_team(actor, posted.uuid(post, "team"))
        handed = actions.hand_resident(assignment=found, team=team, reason=reason, by=actor, at=at)
        return reverse("contracts:assignment", args=[handed.uuid])

    return write_once(
        request,
        write,
        _("已退回待分配。") if what == "release" else _("已移交。"),
        again=lambda error: _assignment(request, found, error, what),
    )
