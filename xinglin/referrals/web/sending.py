"""Forms of the sender: refer from a visit, complete what came back, sign later, send down."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from xinglin.accounts.api import signed_in
from xinglin.platform import audit, clock
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.referrals import actions, catalogue, permissions, queries
from xinglin.referrals.data import Route
from xinglin.referrals.events import Event
from xinglin.referrals.models import Referral
from xinglin.referrals.policies import Verb
from xinglin.referrals.states import Status
from xinglin.referrals.web import forms, send_page
from xinglin.residents import api as residents
from xinglin.visits import api as visits
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request

FORM = "referrals/send.html"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def send(request: Request, visit: UUID) -> HttpResponse:
    """Refer a resident up or sideways, filled in from a visit; an emergency in a signature and a tap."""
    actor, at = request.actor, clock.now()
    seen = visits.visible_visit(actor, visit, at=at)
    from_facility_id = actor.place or seen.facility_id
    permissions.may_send(actor, from_facility_id=from_facility_id, direction=Referral.Direction.UP).require()
    audit.look(Event.VIEWED, by=actor, at=at, subject=seen.resident.uuid, kind="visits.visit", key=str(visit))
    if request.method != "POST":
        built = send_page.send_page(
            actor,
            seen,
            at=at,
            channel=_channel(request.GET.get("channel", "")),
            target=request.GET.get("to_facility", ""),
            also=request.GET.getlist("criterion"),
        )
        return page(request, FORM, fragment="way", page=built)

    said = Said()

    def write() -> str:
        to_facility_id, department_id = forms.target_of(request.POST)
        route = Route(from_facility_id, to_facility_id, request.POST.get("channel", ""), to_department_id=department_id)
        slip = forms.slip_of(request.POST)
        common: dict[str, Any] = {
            "resident": seen.resident, "visit": seen, "route": route, "slip": slip, "by": actor, "at": at,
        }  # fmt: skip
        if request.POST.get("draft"):
            return said.of(actions.draft_referral(**common))
        consent, waived = forms.consent_of(request.POST)
        known = request.POST.get("acknowledged_open") == "on"
        return said.of(actions.send_referral(consent=consent, consent_waived=waived, acknowledged_open=known, **common))

    try:
        return write_once(request, write, said)
    except (InvalidInput, Conflict) as error:
        channel = _channel(request.POST.get("channel", ""))
        built = send_page.send_page(actor, seen, at=at, channel=channel, error=error, given=request.POST)
        return page(request, FORM, status=error.status, page=built)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def complete(request: Request, uuid: UUID) -> HttpResponse:
    """Send a draft, or send again what came back for completion."""
    actor, at = request.actor, clock.now()
    referral = queries.visible_referral(actor, uuid)
    permissions.may(Verb.SUBMIT, actor, referral).require()
    audit.look(Event.VIEWED, by=actor, at=at, subject=referral.resident.uuid, kind="referrals.referral", key=str(uuid))
    if request.method != "POST":
        return page(request, FORM, page=send_page.complete_page(actor, referral, at=at))

    said = Said()

    def write() -> str:
        consent, waived = forms.consent_of(request.POST)
        slip = forms.slip_of(request.POST)
        return said.of(
            actions.complete_and_resend(
                referral=referral,
                slip=slip,
                consent=consent,
                consent_waived=waived,
                by=actor,
                at=at,
                to_department_id=forms.department_of(request.POST, referral.to_facility_id),
                acknowledged_open=request.POST.get("acknowledged_open") == "on",
            )  # fmt: skip
        )

    try:
        return write_once(request, write, said)
    except (InvalidInput, Conflict) as error:
        built = send_page.complete_page(actor, referral, at=at, error=error, given=request.POST)
        return page(request, FORM, status=error.status, page=built)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def return_down(request: Request, uuid: UUID) -> HttpResponse:
    """Send a discharged patient down, with a plan for rehabilitation and follow-up."""
    actor, at = request.actor, clock.now()
    referral = queries.visible_referral(actor, uuid)
    permissions.may(Verb.RETURN, actor, referral).require()
    audit.look(Event.VIEWED, by=actor, at=at, subject=referral.resident.uuid, kind="referrals.referral", key=str(uuid))
    if request.method != "POST":
        built = send_page.return_page(actor, referral, at=at, target=request.GET.get("to_facility", ""))
        return page(request, FORM, fragment="way", page=built)

    def write() -> str:
        to_facility_id, department_id = forms.target_of(request.POST)
        down = actions.return_down(
            referral=referral, to_facility_id=to_facility_id, to_department_id=department_id,
            slip=forms.slip_of(request.POST), by=actor, at=at,
        )  # fmt: skip
        return _address(down)

    try:
        return write_once(request, write, _("已下转，已通知接收机构和首诊机构。"))
    except InvalidInput as error:
        built = send_page.return_page(actor, referral, at=at, error=error, given=request.POST)
        return page(request, FORM, status=error.status, page=built)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def sign(request: Request, uuid: UUID) -> HttpResponse:
    """Add the consent that an emergency put off."""
    actor, at = request.actor, clock.now()
    referral = queries.visible_referral(actor, uuid)
    permissions.may(Verb.SIGN, actor, referral).require()
    audit.look(Event.VIEWED, by=actor, at=at, subject=referral.resident.uuid, kind="referrals.referral", key=str(uuid))
    person = residents.person_of(referral.resident, actor)
    shown: dict[str, Any] = {"referral": referral, "person": person, "relations": residents.signer_relations()}
    if request.method != "POST":
        return page(request, "referrals/sign.html", **shown)

    def write() -> str:
        consent, _waived = forms.consent_of(request.POST)
        if consent is None:
            raise InvalidInput(_("请填写签署人。"), fields={"signer_name": _("必填。")})
        return _address(actions.sign_later(referral=referral, consent=consent, by=actor, at=at))

    try:
        return write_once(request, write, _("已补签。"))
    except InvalidInput as error:
        return page(
            request,
            "referrals/sign.html",
            status=error.status,
            error=error,
            on_paper=request.POST.get("consent") == "paper",
            **shown,
        )


class Said:
    """What is said after a write: what became of the referral. The form posted twice is told that it is saved."""

    def __init__(self) -> None:
        self._referral: Referral | None = None

    def of(self, referral: Referral) -> str:
        """Note what was written; its address."""
        self._referral = referral
        return _address(referral)

    def __str__(self) -> str:
        return what_became(self._referral) if self._referral is not None else gettext("已保存。")


def what_became(referral: Referral) -> str:
    """A referral just written, in a sentence."""
    words = {"number": referral.number, "to": referral.to_facility}
    if referral.status == Status.DRAFT:
        return gettext("草稿 %(number)s 已保存，尚未发出。") % words
    if referral.status == Status.WITHDRAWN:
        return gettext("已记录患者不同意转诊，%(number)s 未发出。") % words
    if referral.consent_waived:
        return gettext("已提交急诊转诊 %(number)s，等待%(to)s接收；知情同意未签，请尽快补签。") % words
    if catalogue.channel(referral.channel).is_emergency:
        return gettext("已提交急诊转诊 %(number)s，等待%(to)s接收。") % words
    return gettext("已提交转诊 %(number)s，等待%(to)s接收。") % words


def _address(referral: Referral) -> str:
    return reverse("referrals:detail", args=[referral.uuid])


def _channel(slug: str) -> str:
    return slug if slug in {each.slug for each in catalogue.channels()} else ""
