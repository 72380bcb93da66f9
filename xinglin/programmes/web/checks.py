"""The chief physician's team: a disease over the county, and call-backs whether visits are true."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import for_staff
from xinglin.platform import audit, clock
from xinglin.platform.errors import DomainError
from xinglin.programmes import actions, leading, permissions
from xinglin.programmes.data import CheckResult
from xinglin.programmes.events import Event
from xinglin.programmes.models import QualityCheck
from xinglin.programmes.web.detail_page import answers_of
from xinglin.programmes.web.population_page import DiseasePage
from xinglin.residents import api as residents
from xinglin.web.answers import fields_of, page, write_once
from xinglin.web.request import Request


@require_safe
@for_staff
def disease(request: Request, slug: str) -> HttpResponse:
    """A disease over the county: cohort, townships, cases, checks."""
    actor, at = request.actor, clock.now()
    permissions.may_lead(actor).require()
    built = DiseasePage.build(actor, slug=slug, at=at)
    shown = {each.resident for each in built.cases} | {each.visit.resident.uuid for each, _tone in built.checks}
    audit.look_many(Event.COUNTED, by=actor, at=at, subjects=sorted(shown), programme=slug)
    return page(request, "programmes/disease.html", page=built)


@require_POST
@for_staff
def draw(request: Request, slug: str) -> HttpResponse:
    """Draw visits for call-back."""
    at = clock.now()

    def write() -> str:
        actions.draw_sample(programme=slug, by=request.actor, at=at)
        return reverse("programmes:disease", args=[slug])

    return write_once(request, write, _("本月样本已按规则抽取；再抽不变，随访不足时才补。"))


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def check(request: Request, uuid: UUID) -> HttpResponse:
    """Ask the resident whether a visit took place as written."""
    actor, at = request.actor, clock.now()
    found = leading.visible_check(actor, uuid)
    audit.look(
        Event.VIEWED, by=actor, at=at, subject=found.visit.resident.uuid, kind="programmes.qualitycheck", key=str(uuid)
    )
    if request.method != "POST":
        return _page(request, found)

    def write() -> str:
        actions.check_visit(
            check=found, result=request.POST.get("result", ""), note=request.POST.get("note", ""), by=actor, at=at
        )
        return reverse("programmes:disease", args=[found.programme])

    return write_once(request, write, _("已记录核查结果。"), again=lambda error: _page(request, found, error=error))


def _page(request: Request, found: QualityCheck, *, error: DomainError | None = None) -> HttpResponse:
    resident = found.visit.resident
    return page(
        request, "programmes/check.html", status=error.status if error else 200, check=found,
        person=residents.person_of(resident, request.actor), may=permissions.may_check(request.actor, found),
        answers=answers_of(found.visit, found.programme), results=[(value, str(label)) for value, label in CheckResult.choices], error=error,
        fields=fields_of(error), values=request.POST, phone=bool(resident.phone),
    )  # fmt: skip
