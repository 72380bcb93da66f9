"""Signing: at first contact from the resident's page, for a family in one go, from a prepared sheet, and the next term."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from xinglin.accounts.api import signed_in
from xinglin.contracts import actions, permissions, queries, secrecy
from xinglin.contracts.actions.agreements import MAX_SCAN
from xinglin.contracts.data import Wanted
from xinglin.contracts.events import Event
from xinglin.contracts.models import Agreement, Team
from xinglin.contracts.people import groups_of_resident
from xinglin.contracts.rules import packages
from xinglin.contracts.states import IN_FORCE, Status
from xinglin.contracts.web import forms, words
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, DomainError, InvalidInput, NotVisible, TooLarge
from xinglin.residents import api as residents
from xinglin.web import posted
from xinglin.web.answers import fields_of, message_of, page, write_once
from xinglin.web.pills import Pill
from xinglin.web.request import Request
from xinglin.web.uploads import checked_first, file_at_most

FORM = "contracts/sign.html"


@dataclass(frozen=True, slots=True)
class Offer:
    """A package one may choose."""

    slug: str
    title: str
    promise: str
    fee: str
    chosen: bool


@dataclass(frozen=True)
class SignPage:
    """The form of an agreement."""

    person: residents.PersonBanner
    title: str
    action_url: str
    back_url: str
    teams: list[tuple[str, str]]
    team: str
    offers: list[Offer]
    groups: list[Pill]
    years: list[tuple[str, str]]
    year: str
    starts_on: date
    may_book: bool
    may_draft: bool
    family_url: str
    standing: str
    values: Mapping[str, Any]
    consent: str
    error: DomainError | None

    @property
    def sources(self) -> list[str]:
        """Where the packages come from."""
        return words.package_sources(each.slug for each in self.offers)

    @property
    def answers(self) -> list[tuple[str, str]]:
        """How it is signed."""
        return words.answers()

    @property
    def relations(self) -> list[tuple[str, str]]:
        """Who may sign."""
        return residents.signer_relations()

    @property
    def relation(self) -> str:
        """Who signs."""
        return str(self.values.get("signer_relation") or "本人")

    @property
    def fields(self) -> Mapping[str, object]:
        """Reasons by field."""
        return fields_of(self.error)

    @property
    def message(self) -> str:
        """What was refused, in a sentence."""
        return message_of(self.error)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@checked_first(file_at_most(MAX_SCAN))
def sign(request: Request, uuid: UUID) -> HttpResponse:
    """Sign a resident: packages by his groups and the team of the place are filled in, he signs, done."""
    actor, at = request.actor, clock.now()
    resident = residents.visible_resident(actor, uuid, at=at)
    standing = _standing(resident)
    if standing is not None and queries.may_know(actor, standing):
        return redirect("contracts:detail", uuid=standing.uuid)
    place = queries.clinic_of(actor, resident.managed_by_id)
    audit.look(Event.VIEWED, by=actor, at=at, subject=resident.uuid, kind="residents.resident", key=str(uuid))

    def write() -> str:
        post = request.POST
        team = _team(actor, post, place, at)
        wanted = forms.wanted(post)
        if post.get("draft"):
            agreement = actions.draft_agreement(
                resident=resident, team=team, facility_id=place, wanted=wanted, by=actor, at=at
            )
        else:
            agreement = actions.sign_now(
                resident=resident, team=team, facility_id=place, wanted=wanted, given=_given(post),
                scan=request.FILES.get("scan"), by=actor, at=at,
            )  # fmt: skip
        return reverse("contracts:detail", args=[agreement.uuid])

    def build(error: DomainError | None = None) -> SignPage:
        return _page(actor, resident, place, at=at, given=request.POST, standing=standing, error=error)

    return _answer(request, write, build, _("已准备协议。") if request.POST.get("draft") else _("签约完成。"))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@checked_first(file_at_most(MAX_SCAN))
def sign_prepared(request: Request, uuid: UUID) -> HttpResponse:
    """Have a prepared agreement signed, or sign the next term of one in force."""
    actor, at = request.actor, clock.now()
    agreement = queries.visible_agreement(actor, uuid)
    renews = agreement.status != Status.DRAFT
    (permissions.may_renew(actor, agreement, at=at) if renews else permissions.may_sign(actor, agreement)).require()
    audit.look(
        Event.VIEWED, by=actor, at=at, subject=agreement.resident.uuid, kind="contracts.agreement", key=str(uuid)
    )

    def write() -> str:
        post, scan = request.POST, request.FILES.get("scan")
        if renews:
            done = actions.renew_agreement(
                agreement=agreement, packages=tuple(post.getlist("packages")), years=posted.whole(post, "years", most=9),
                given=_given(post), scan=scan, by=actor, at=at,
            )  # fmt: skip
        else:
            done = actions.sign_draft(
                agreement=agreement, given=_given(post), scan=scan, check_up_on=posted.day_or_none(post, "check_up_on"),
                by=actor, at=at,
            )  # fmt: skip
        return reverse("contracts:detail", args=[done.uuid])

    def build(error: DomainError | None = None) -> SignPage:
        return _prepared_page(actor, agreement, at=at, renews=renews, given=request.POST, error=error)

    return _answer(request, write, build, _("已续签。") if renews else _("签约完成。"))


def _answer(request: Request, write: Callable[[], str], build: Callable[..., SignPage], message: str) -> HttpResponse:
    if request.method != "POST":
        return page(request, FORM, page=build())
    return write_once(
        request, write, message, again=lambda error: page(request, FORM, status=error.status, page=build(error))
    )


def _page(
    actor: Actor, resident: Any, place: int, *, at: datetime, given: QueryDict, standing: Agreement | None,
    error: DomainError | None,
) -> SignPage:  # fmt: skip
    today = clock.today(at)
    teams = queries.teams_of_facility(place, on=today)
    groups = groups_of_resident(resident, on=today)
    fit, hidden = secrecy.offered(actor, place, groups, today), secrecy.hidden_groups(actor, place)
    offers = _offers(fit, given.getlist("packages") if given else [each.slug for each in fit])
    mine = [each for each in teams if queries.is_member(each.pk, actor.user_id, on=today)]
    first = (mine or teams)[0].uuid if teams else ""
    return SignPage(
        person=residents.person_of(resident, actor), title=_("家庭医生签约"),
        action_url=reverse("contracts:sign", args=[resident.uuid]),
        back_url=reverse("residents:detail", args=[resident.uuid]),
        teams=[(str(each.uuid), team_words(each)) for each in teams], team=given.get("team") or str(first),
        offers=offers, groups=words.group_pills(groups, hidden), years=words.years_options(), year=given.get("years") or "1",
        starts_on=today, may_book=any(_books(each.slug, today) for each in offers), may_draft=True,
        family_url=reverse("contracts:household", args=[resident.household.uuid]) if resident.household else "",
        standing=_("该居民已与其他团队签约。") if standing is not None else "", values=given or {"signer_name": resident.name},
        consent=given.get("consent", "agreed"), error=error,
    )  # fmt: skip


def _prepared_page(
    actor: Actor, agreement: Agreement, *, at: datetime, renews: bool, given: QueryDict, error: DomainError | None
) -> SignPage:
    today, resident, team = clock.today(at), agreement.resident, agreement.team
    groups = groups_of_resident(resident, on=today)
    slugs = [each.partition("@")[0] for each in agreement.packages]
    fit, hidden = secrecy.offered(actor, agreement.facility_id, groups, today), secrecy.hidden_of(agreement, actor)
    offers = _offers(fit, given.getlist("packages") or slugs)
    return SignPage(
        person=residents.person_of(resident, actor), title=_("续签") if renews else _("签署协议"),
        action_url=reverse("contracts:sign_prepared", args=[agreement.uuid]),
        back_url=reverse("contracts:detail", args=[agreement.uuid]), teams=[(str(team.uuid), team_words(team))],
        team=str(team.uuid), offers=offers if renews else [each for each in offers if each.slug in slugs],
        groups=words.group_pills(groups, hidden), years=words.years_options() if renews else [],
        year=given.get("years") or "1", starts_on=agreement.starts_on,
        may_book=not renews and any(_books(slug, today) for slug in slugs), may_draft=False, family_url="", standing="",
        values=given or {"signer_name": resident.name}, consent=given.get("consent", "agreed"), error=error,
    )  # fmt: skip


def _offers(fit: list[packages.Package], chosen: list[str]) -> list[Offer]:
    return [Offer(each.slug, each.title, each.promise, words.yuan(each.fee_fen), each.slug in chosen) for each in fit]


def _books(slug: str, on: date) -> bool:
    return any("check-up" in item.proofs for each in packages.packages(on) if each.slug == slug for item in each.items)


def team_words(team: Team) -> str:
    """A team to choose."""
    return f"{team.name} · {team.facility}"


def _team(actor: Actor, post: QueryDict, place: int, at: datetime) -> Team:
    wanted = posted.uuid(post, "team")
    for each in queries.teams_of_facility(place, on=clock.today(at)):
        if each.uuid == wanted:
            return each
    raise InvalidInput(_("请选择团队。"), fields={"team": _("请从列表中选择。")})


def _given(post: QueryDict) -> residents.ConsentGiven:
    given = residents.consent_from(post)
    if given is None:
        raise InvalidInput(_("请选择签署方式。"), fields={"consent": _("请选择签署方式。")})
    return given


def _standing(resident: Any) -> Agreement | None:
    found = queries.agreements_of(residents.ids_of_person(resident))
    return next((each for each in found if each.status in IN_FORCE), None)


# A family ------------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def household(request: Request, uuid: UUID) -> HttpResponse:
    """Sign the members of a family who are not signed yet, with one signature of who may sign for them."""
    actor, at = request.actor, clock.now()
    members = residents.household_members(actor, uuid)
    if not members:
        raise NotVisible("residents.household", uuid)
    place = queries.clinic_of(actor, members[0].managed_by_id)
    for each in members:
        audit.look(Event.LISTED, by=actor, at=at, subject=each.uuid, kind="residents.household", key=str(uuid))

    def write() -> str:
        chosen = [each for each in members if str(each.uuid) in request.POST.getlist("members")]
        wanted = {each.pk: Wanted(_for_him(actor, place, each, at), clock.today(at), 1) for each in chosen}
        given = _given(request.POST)
        signed = actions.sign_household(
            members=chosen, team=_team(actor, request.POST, place, at), facility_id=place, wanted=wanted,
            given={each.pk: given for each in chosen}, by=actor, at=at,
        )  # fmt: skip
        return reverse("residents:detail", args=[signed[0].resident.uuid]) + "?tab=family"

    try:
        if request.method == "POST":
            return write_once(request, write, _("全家签约完成。"))
        error = None
    except (InvalidInput, Conflict, TooLarge) as refusal:
        error = refusal
    built = _household_page(actor, members, place, uuid, request.POST, error, at=at)
    return page(request, "contracts/household.html", status=error.status if error else 200, page=built)


def _for_him(actor: Actor, place: int, resident: Any, at: datetime) -> tuple[str, ...]:
    today = clock.today(at)
    fit = secrecy.offered(actor, place, groups_of_resident(resident, on=today), today)
    return tuple(each.slug for each in fit)


def _household_page(
    actor: Actor,
    members: list[Any],
    place: int,
    uuid: UUID,
    given: QueryDict,
    error: DomainError | None,
    *,
    at: datetime,
) -> dict[str, Any]:
    today = clock.today(at)
    teams = queries.teams_of_facility(place, on=today)
    rows, chosen = [], given.getlist("members")
    for each in members:
        signed = queries.team_of_resident(residents.ids_of_person(each))
        titles = words.package_titles(_for_him(actor, place, each, at))
        rows.append(
            {"uuid": str(each.uuid), "resident": each, "team": signed.name if signed else "", "packages": titles,
             "chosen": str(each.uuid) in chosen if given else signed is None}
        )  # fmt: skip
    return {
        "rows": rows, "action_url": reverse("contracts:household", args=[uuid]),
        "back_url": reverse("residents:household", args=[uuid]), "any_open": any(not row["team"] for row in rows),
        "teams": [(str(each.uuid), team_words(each)) for each in teams],
        "team": given.get("team") or (str(teams[0].uuid) if teams else ""), "answers": [words.answers()[0]],
        "consent": "agreed", "relations": residents.signer_relations(),
        "relation": given.get("signer_relation") or "监护人", "fields": fields_of(error),
        "message": message_of(error), "values": given or {"signer_name": members[0].name},
    }  # fmt: skip


@require_POST
@signed_in
def discard(request: Request, uuid: UUID) -> HttpResponse:
    """Throw a prepared agreement away."""
    agreement = queries.visible_agreement(request.actor, uuid)

    def write() -> str:
        actions.discard_draft(agreement=agreement, by=request.actor, at=clock.now())
        return reverse("contracts:list") + "?box=draft"

    return write_once(request, write, _("已作废。"))
