"""The one-stop desk (一站式服务台): record, contract, check-up, three steps on one screen."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from xinglin.accounts.api import for_staff
from xinglin.accounts.data import Permission
from xinglin.checkups import actions, queries, rules
from xinglin.checkups.events import Event
from xinglin.checkups.web import pages
from xinglin.contracts import api as contracts
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import DomainError, InvalidInput, NotVisible
from xinglin.residents import api as residents
from xinglin.web import posted
from xinglin.web.answers import fields_of, message_of, page, write_once
from xinglin.web.formats import age_text
from xinglin.web.request import Request


@require_safe
@for_staff
def desk(request: Request) -> HttpResponse:
    """Find by card, identity number, record number, name or initials; then the three steps."""
    return _desk(request)


@require_POST
@for_staff
def register(request: Request) -> HttpResponse:
    """Step 1: who shows his document is known to the county and now here, or gets a record."""

    def write() -> str:
        post, actor, at = request.POST, request.actor, clock.now()
        number, name = post.get("id_number", "").strip().upper(), post.get("name", "")
        born_on, sex = _from_number(number)
        try:
            found = residents.note_arrival(id_number=number, name=name, by=actor, at=at)
        except NotVisible:
            found = residents.register_resident(
                managed_by_id=network.facility_by_uuid(posted.uuid(post, "managed_by")).id, name=name, sex=sex,
                born_on=born_on, id_number=number, phone=post.get("phone", ""), by=actor, at=at,
            )  # fmt: skip
        return f"{reverse('checkups:desk')}?resident={found.uuid}"

    return _answer(request, None, "register", write, _("健康档案已打开。"))


@require_POST
@for_staff
def sign(request: Request, uuid: UUID) -> HttpResponse:
    """Step 2: sign the family-doctor contract."""

    def write() -> str:
        post, actor, at = request.POST, request.actor, clock.now()
        resident = residents.visible_resident(actor, uuid, at=at)
        given, team_uuid = residents.consent_from(post), posted.uuid(post, "team")
        if given is None:
            raise InvalidInput(_("请选择签署方式。"), fields={"consent": _("请选择签署方式。")})
        place = _contract_place(actor, resident)
        team = next(
            (each for each in contracts.teams_of_facility(place, on=clock.today(at)) if each.uuid == team_uuid), None
        )
        if team is None:
            raise InvalidInput(_("请选择团队。"), fields={"team": _("请从列表中选择。")})
        contracts.sign_now(
            resident=resident, team=team, facility_id=place, wanted=contracts.Wanted(tuple(post.getlist("packages")), clock.today(at)),
            given=given, scan=request.FILES.get("scan"), by=actor, at=at,
        )  # fmt: skip
        return f"{reverse('checkups:desk')}?resident={uuid}"

    return _answer(request, uuid, "sign", write, _("签约完成。"))


@require_POST
@for_staff
def book(request: Request, uuid: UUID) -> HttpResponse:
    """Step 3: book the free check-up; at once, when it is today and he is here."""

    def write() -> str:
        post, actor, at = request.POST, request.actor, clock.now()
        resident = residents.visible_resident(actor, uuid, at=at)
        checkup = actions.book(
            resident=resident, session=queries.session_to_book(actor, posted.uuid(post, "session")), package=post.get("package", ""),
            by=actor, at=at,
        )  # fmt: skip
        if checkup.session.held_on == clock.today(at):
            actions.arrive(checkup=checkup, by=actor, at=at)
        return f"{reverse('checkups:desk')}?resident={uuid}"

    return _answer(request, uuid, "book", write, _("体检已约好。"))


def _from_number(number: str) -> tuple[Any, str]:
    """Birth date and sex as a resident identity number says; the registration checks it whole."""
    if len(number) != 18 or not number[:17].isdecimal():
        raise InvalidInput(
            _("请填18位身份证号；没有身份证的到居民档案页建档。"), fields={"id_number": _("身份证号不对。")}
        )
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise InvalidInput(_("身份证号不对。"), fields={"id_number": _("身份证号不对。")}) from error
    return born, "1" if int(number[16]) % 2 else "2"


def _place(actor: Actor) -> int:
    if actor.place is None:
        raise InvalidInput(_("请选择机构。"), fields={"facility": _("必填。")})
    return actor.place


def _contract_place(actor: Actor, resident: Any) -> int:
    """Where he is served: his clinic when the actor signs for it, else where the actor works."""
    places = actor.places_where(Permission.CONTRACT_SIGN)
    return int(resident.managed_by_id) if places is None or resident.managed_by_id in places else _place(actor)


def _answer(request: Request, uuid: UUID | None, form: str, write: Callable[[], str], message: object) -> HttpResponse:
    return write_once(request, write, message, again=lambda error: _desk(request, uuid, error, form))


def _desk(request: Request, uuid: UUID | None = None, error: DomainError | None = None, form: str = "") -> HttpResponse:
    actor, at = request.actor, clock.now()
    actor.may(Permission.CHECKUP_BOOK).require()
    text = request.GET.get("q", "").strip()
    chosen = uuid or _uuid(request.GET.get("resident", ""))
    built: dict[str, Any] = {
        "q": text, "found": [], "resident": None, "error": message_of(error), "fields": fields_of(error), "form": form,
        "values": request.POST, "places": network.choices_of(actor, Permission.RESIDENT_REGISTER), "place": network.own_place(actor),
        "asked": bool(text),
    }  # fmt: skip
    if chosen is not None:
        built |= _steps(actor, residents.visible_resident(actor, chosen, at=at), request, at)
    elif text:
        found = residents.search_residents(actor, text, at=at)
        built["found"] = [
            {
                "url": f"{reverse('checkups:desk')}?resident={each.uuid}",
                "title": f"{each.name} {each.get_sex_display()} {age_text(each.born_on, clock.today(at))}",
                "meta": " · ".join(part for part in (each.number, each.address) if part),
            }
            for each in found.rows
        ]  # fmt: skip
    return page(request, "checkups/desk.html", status=error.status if error else 200, page=built)


def _steps(actor: Actor, resident: Any, request: Request, at: datetime) -> dict[str, Any]:
    """What stands, and what is to be done next."""
    audit.look(Event.VIEWED, by=actor, at=at, subject=resident.uuid, kind="residents.resident", key=str(resident.uuid))
    today, ids = clock.today(at), residents.ids_of_person(resident)
    team, standing = contracts.team_of_resident(ids), queries.open_checkup_of(ids)
    had = queries.counted_this_year(ids, today.year)
    offered = [
        each for each in rules.packages_for(resident.born_on, resident.conditions, today) if each.slug not in had
    ]
    signs = Permission.CONTRACT_SIGN in actor.permissions
    teams = contracts.teams_of_facility(_contract_place(actor, resident), on=today) if team is None and signs else []
    fit = contracts.packages_for(actor, resident, _contract_place(actor, resident), on=today)
    return {
        "resident": resident, "person": residents.person_of(resident, actor), "team": team, "checkup": standing,
        "checkup_row": pages.row_of(standing) if standing else None, "signs": signs,
        "teams": [(str(each.uuid), f"{each.name} · {each.facility}") for each in teams],
        "service_packages": [(each.slug, each.title) for each in fit],
        "chosen_packages": request.POST.getlist("packages") or [each.slug for each in fit],
        "packages": [(each.slug, each.title) for each in offered], "package": offered[0].slug if offered else "",
        "sessions": [
            (str(each.uuid), _("%(day)s %(half)s · %(place)s · 还有%(n)d个号") % {
                "day": each.held_on.isoformat(), "half": each.get_half_display(), "place": each.facility,
                "n": each.capacity - each.n_booked,
            })
            for each in queries.sessions_for(actor, since=today) if each.n_booked < each.capacity
        ],
        "answers": [("agreed", _("当面签字")), ("paper", _("纸质签字"))], "consent": request.POST.get("consent", "agreed"),
        "relations": residents.signer_relations(), "relation": request.POST.get("signer_relation", "本人"),
        "values": request.POST or {"signer_name": resident.name},
        "steps": [
            {"label": pgettext("one-stop", "建档"), "state": "done"},
            {"label": pgettext("one-stop", "签约"), "state": "done" if team else "current"},
            {"label": pgettext("one-stop", "预约体检"), "state": "done" if standing or not offered else "current" if team else "todo"},
        ],
    }  # fmt: skip


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
