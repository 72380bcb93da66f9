"""Screening: one form for every programme that foresees the resident, and the list of those at high risk."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from xinglin.accounts.api import for_staff, signed_in
from xinglin.accounts.data import Permission
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, DomainError, InvalidInput
from xinglin.platform.paging import Page
from xinglin.programmes import actions, answering, evidence, permissions, queries, screening, titles
from xinglin.programmes.events import Event
from xinglin.programmes.models import ScreeningResult
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.describing import described
from xinglin.programmes.rules.words import AND, SEMICOLON
from xinglin.programmes.web import forms
from xinglin.programmes.web.fields import Questions
from xinglin.residents import api as residents
from xinglin.web.answers import fields_of, message_of, page, write_once
from xinglin.web.formats import age_text, aside_text, listed_text
from xinglin.web.request import Request


@dataclass(frozen=True, slots=True)
class Found:
    """What a screening comes to for one programme, in words."""

    name: str
    verdict: str
    tone: str
    said: str
    again: str


@dataclass(frozen=True, slots=True)
class ScreeningPage:
    """The joint form of a resident, what it would come to, and what the latest screenings came to."""

    resident: Any
    person: residents.PersonBanner
    programmes: list[str]
    questions: Questions
    not_screened: list[str]  # why others are not asked for
    looks: list[Found]
    latest: list[Found]
    error: str
    fields: Any

    @classmethod
    def build(
        cls, actor: Actor, resident: Any, *, at: datetime, given: QueryDict | None = None, error: DomainError | None = None
    ) -> "ScreeningPage":  # fmt: skip
        """For somebody who manages at his facility."""
        form, fields = screening.form_for(actor, resident, at=at), fields_of(error)
        typed = forms.answers_in(given) if given is not None else None
        return cls(
            resident=resident, person=residents.person_of(resident, actor),
            programmes=[titles.short(each.slug) for each in form.programmes],
            questions=Questions.build(form.items, typed, fields, many=len(form.programmes) > 1),
            not_screened=_not_screened(form),
            looks=_looks(form, typed, at=at) if typed else [],
            latest=[_kept(each) for each in screening.latest_results(actor, resident)],
            error=message_of(error), fields=fields,
        )  # fmt: skip


def _not_screened(form: screening.Form) -> list[str]:
    known, said = catalogue.items(), []
    if form.inside:
        said.append(_("已在管，不再筛查：%(names)s") % {"names": listed_text(str(each.short) for each in form.inside)})
    whom = [
        aside_text(each.short, described(each.screening.who, known))
        for each in form.beyond
        if each.screening is not None
    ]
    if whom:
        said.append(_("不是筛查对象：%(names)s") % {"names": listed_text(whom)})
    return said


def _looks(form: screening.Form, typed: dict[str, Any], *, at: datetime) -> list[Found]:
    today = clock.today(at)
    try:
        values = answering.read(typed, form.codes, on=today)
    except InvalidInput:
        return []  # what cannot be read is said at its field when it is saved
    return [
        _found(titles.short(programme.slug), result.positive, result.is_high_risk, evidence.reasons_said(result.reasons), result.missing, result.again_on)
        for programme, result in screening.results(form, values, on=today)
    ]  # fmt: skip


def _kept(row: ScreeningResult) -> Found:
    return _found(
        titles.short(row.programme),
        row.is_positive,
        row.is_high_risk,
        evidence.said(row.reasons),
        row.missing,
        row.again_on,
    )


def _found(name: str, positive: Any, risky: Any, reasons: Any, missing: Any, again_on: Any) -> Found:
    verdict, tone = _("阴性"), "ok"
    if positive:
        verdict, tone = _("阳性，请核实"), "critical"
    elif risky:
        verdict, tone = _("高危"), "warning"
    elif positive is None:
        verdict, tone = _("资料不足"), "neutral"
    known = catalogue.items()
    lacking = str(AND).join(str(known[each].label) for each in missing if each in known)
    said = str(SEMICOLON).join(reasons) or (_("还缺：%(items)s") % {"items": lacking} if lacking else "")
    return Found(name, verdict, tone, said, again_on.isoformat() if again_on else "")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def form(request: Request, uuid: UUID) -> HttpResponse:
    """The joint form; what it comes to is said while it is typed, and kept when it is saved."""
    actor, at = request.actor, clock.now()
    resident = queries.visible_resident(actor, uuid, at=at, permission=Permission.PROGRAMME_DO)
    permissions.may_begin(actor, actor.place).require()
    if request.method != "POST":
        audit.look(Event.FORM_OPENED, by=actor, at=at, subject=resident.uuid)
        return page(request, "programmes/screening.html", page=ScreeningPage.build(actor, resident, at=at))
    if request.GET.get("op") == "look":
        built = ScreeningPage.build(actor, resident, at=at, given=request.POST)
        return page(request, "programmes/screening.html", fragment="looks", page=built)

    def write() -> str:
        assert actor.place is not None  # the decision above says so
        actions.record_screening(
            resident=resident, facility_id=actor.place, answers=forms.answers_in(request.POST), by=actor, at=at
        )
        return reverse("programmes:screening", args=[resident.uuid])

    try:
        return write_once(request, write, _("筛查已保存。"))
    except (InvalidInput, Conflict) as error:
        built = ScreeningPage.build(actor, resident, at=at, given=request.POST, error=error)
        return page(request, "programmes/screening.html", status=error.status, page=built)


@dataclass(frozen=True, slots=True)
class RiskRow:
    """One resident at high risk."""

    url: str
    title: str
    meta: str
    again: str
    tone: str


@dataclass(frozen=True, slots=True)
class RiskPage:
    """Residents at high risk, of one programme or of all."""

    tabs: list[dict[str, Any]]
    rows: list[RiskRow]
    paging: Page[ScreeningResult]

    @classmethod
    def build(cls, actor: Actor, *, programme: str, cursor: str, at: datetime) -> "RiskPage":
        """One page for an actor."""
        today = clock.today(at)
        paging = screening.high_risk(actor, programme=programme, cursor=cursor)
        here = reverse("programmes:high-risk")
        offered = [("", _("全部")), *screening.offered(actor, today)]
        return cls(
            tabs=[
                {"label": label, "url": f"{here}?programme={slug}", "active": slug == programme}
                for slug, label in offered
            ],
            rows=[
                RiskRow(
                    reverse("programmes:screening", args=[row.resident.uuid]),
                    f"{row.resident.name} {row.resident.get_sex_display()} {age_text(row.resident.born_on, today)}",
                    " · ".join([titles.short(row.programme), str(row.resident.managed_by), *evidence.said(row.reasons[:2])]),
                    row.again_on.isoformat() if row.again_on else "",
                    "warning" if row.again_on and row.again_on <= today else "",
                )
                for row in paging.rows
            ],
            paging=paging,
        )  # fmt: skip


@require_safe
@for_staff
def high_risk(request: Request) -> HttpResponse:
    """Residents at high risk, whoever is to be screened again first in front."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.PROGRAMME_VIEW).require()
    built = RiskPage.build(
        actor, programme=request.GET.get("programme", "")[:40], cursor=request.GET.get("cursor", ""), at=at
    )
    audit.look_many(Event.LISTED, by=actor, at=at, subjects=[each.resident.uuid for each in built.paging.rows])
    return page(request, "programmes/high_risk.html", fragment="rows", page=built)
