"""Quality by sampling: a second reader looks at one in twenty."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from xinglin.accounts.api import signed_in
from xinglin.diagnostics import actions, queries
from xinglin.diagnostics.events import Look
from xinglin.diagnostics.models import QualityMark, Report
from xinglin.diagnostics.models import Request as Examination
from xinglin.platform import audit, clock
from xinglin.platform.errors import NotPermitted
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request


@dataclass(frozen=True, slots=True)
class Line:
    """One examination of the sample."""

    request: Examination
    report: Report
    url: str


@require_safe
@signed_in
def sample(request: Request) -> HttpResponse:
    """What waits for its second reading, and how the last hundred came out."""
    if not queries.centres_managed_by(request.actor).exists():
        raise NotPermitted(_("您不负责任何诊断中心。"), code="no-centre")
    found = queries.sample_of(request.actor)
    lines = [Line(each, each.reports.all()[0], reverse("diagnostics:detail", args=[each.uuid])) for each in found]
    audit.record(Look.WORKLIST, by=request.actor, at=clock.now(), detail={"rows": len(lines), "show": "sample"})
    grades = [(value, str(label)) for value, label in QualityMark.Grade.choices]
    figures = queries.quality_figures(request.actor)
    return page(request, "diagnostics/quality.html", lines=lines, grades=grades, figures=figures)


@require_POST
@signed_in
def mark(request: Request, uuid: UUID) -> HttpResponse:
    """Write down the second reading."""
    found = queries.visible_request(request.actor, uuid)

    def write() -> str:
        post = request.POST
        agrees = {"yes": True, "no": False}.get(post.get("agrees", ""))
        actions.mark_quality(
            request=found, stage=QualityMark.Stage.SAMPLE, grade=post.get("grade", ""), agrees=agrees,
            remark=post.get("remark", ""), by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("diagnostics:quality")

    return write_once(request, write, _("抽查结果已登记。"))
