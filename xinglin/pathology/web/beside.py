"""Steps beside the report: frozen sections, second opinions, loans."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinglin.accounts.api import signed_in
from xinglin.pathology import actions, queries
from xinglin.pathology.models import PathologyCase
from xinglin.pathology.web import forms
from xinglin.pathology.web.views import step
from xinglin.web.answers import write_once
from xinglin.web.request import Request, stamp


@require_POST
@signed_in
def tell_frozen(request: Request, uuid: UUID) -> HttpResponse:
    """Write down what was told by telephone."""
    said = {name: request.POST.get(name, "") for name in ("answer", "told_to", "read_back")}
    return step(
        request, uuid, "frozen",
        lambda found: actions.tell_frozen(frozen=queries.frozen_of(found), **said, **stamp(request)),
        _("冰冻结果已登记。"),
    )  # fmt: skip


@require_POST
@signed_in
def compare_frozen(request: Request, uuid: UUID) -> HttpResponse:
    """Compare with the paraffin."""
    said = {name: request.POST.get(name, "") for name in ("agreement", "difference")}
    return step(
        request, uuid, "compare",
        lambda found: actions.compare_frozen(frozen=queries.frozen_of(found), **said, **stamp(request)),
        _("对照结果已登记。"),
    )  # fmt: skip


@require_POST
@signed_in
def ask_opinion(request: Request, uuid: UUID) -> HttpResponse:
    """Ask another pathologist, or an outside hospital."""
    post = request.POST
    chosen = post.get("to_user", "")
    said = {
        "question": post.get("opinion_question", ""),
        "hospital": post.get("hospital", ""),
        "to_name": post.get("to_name", ""),
    }
    to_user = int(chosen[:18]) if chosen.isdecimal() else None
    return step(
        request, uuid, "opinion",
        lambda found: actions.ask_opinion(case=found, to_user=to_user, **said, **stamp(request)), _("会诊申请已发出。"),
    )  # fmt: skip


@require_POST
@signed_in
def give_opinion(request: Request, uuid: UUID) -> HttpResponse:
    """Sign an opinion."""
    opinion = queries.visible_opinion(request.actor, uuid)
    said = {name: request.POST.get(name, "") for name in ("answer", "agreement", "signed_by")}
    return step(
        request, opinion.case.uuid, f"opinion-{opinion.uuid}",
        lambda found: actions.give_opinion(opinion=opinion, **said, **stamp(request)), _("会诊意见已签发。"),
    )  # fmt: skip


@require_POST
@signed_in
def lend(request: Request, uuid: UUID) -> HttpResponse:
    """Lend slides and blocks."""
    post = request.POST
    names = ("borrower", "borrower_unit", "borrower_phone", "purpose", "deposit")

    def act(found: PathologyCase) -> None:
        due_on = forms.day_from(post.get("due_on", ""), "due_on")
        said = {name: post.get(name, "") for name in names}
        slides, blocks = post.getlist("slides"), post.getlist("blocks")
        actions.lend(case=found, due_on=due_on, slides=slides, blocks=blocks, **said, **stamp(request))

    return step(request, uuid, "lend", act, _("借出已登记。"))


@require_POST
@signed_in
def take_back(request: Request, uuid: UUID) -> HttpResponse:
    """It came back."""
    loan = queries.visible_loan(request.actor, uuid)

    def write() -> str:
        actions.take_back(loan=loan, condition=request.POST.get("condition", ""), **stamp(request))
        return reverse("pathology:loans")

    return write_once(request, write, _("归还已登记。"))
