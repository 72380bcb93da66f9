"""What the forms of assessments do: one verb each, sent once."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from xinglin.accounts.api import for_staff
from xinglin.evaluations import actions, queries
from xinglin.evaluations.actions.rounds import Asked
from xinglin.evaluations.actions.sheets import MAX_BYTES
from xinglin.evaluations.models import ItemScore, Round, Sheet
from xinglin.evaluations.rules.plans import as_kept
from xinglin.evaluations.web import forms, views
from xinglin.evaluations.web.pages import Given
from xinglin.network import api as network
from xinglin.platform.errors import InvalidInput, NotVisible
from xinglin.web import posted
from xinglin.web.answers import write_once
from xinglin.web.request import Request, stamp
from xinglin.web.uploads import checked_first, refuse_longer


def _answer(
    request: Request, write: Callable[[], str], show: Callable[[Given], HttpResponse], form: str, message: object
) -> HttpResponse:
    """Do it once; what was refused for its content or state is shown again with what was typed."""
    return write_once(request, write, message, again=lambda error: show(Given(form, request.POST, error)))


@require_POST
@for_staff
def open_round(request: Request) -> HttpResponse:
    """Open a round."""

    def write() -> str:
        post = request.POST
        asked = Asked(
            post.get("plan", ""), post.get("period", "").strip(), posted.uuid_or_none(post, "figures"), (),
            posted.day_or_none(post, "self_check_until"), posted.day_or_none(post, "review_until"),
        )  # fmt: skip
        return reverse("evaluations:round", args=[actions.open_round(asked=asked, **stamp(request)).uuid])

    return _answer(request, write, lambda given: views.home_page(request, given), "open", _("考核已发起，数据已冻结。"))


def _publish(request: Request, found: Round) -> object:
    post = request.POST
    return actions.publish_round(
        of_round=found,
        document_number=post.get("document_number", ""),
        issued_by=post.get("issued_by", ""),
        **stamp(request),
    )


def _correct(request: Request, found: Round) -> object:
    post = request.POST
    return actions.correct_notice(
        of_round=found, document_number=post.get("document_number", ""), reason=post.get("reason", ""), **stamp(request)
    )


ROUND_ACTS: dict[str, tuple[Callable[[Request, Round], object], object]] = {
    "begin-review": (lambda r, found: actions.begin_review(of_round=found, **stamp(r)), _("已转入复核。")),
    "tell": (
        lambda r, found: actions.tell_results(of_round=found, until=posted.day_or_none(r.POST, "until"), **stamp(r)),
        _("结果已反馈各单位。"),
    ),
    "publish": (_publish, _("已通报。")),
    "correct": (_correct, _("已发布更正通报。")),
    "close": (lambda r, found: actions.close_round(of_round=found, **stamp(r)), _("考核已办结。")),
    "cancel": (
        lambda r, found: actions.cancel_round(of_round=found, reason=r.POST.get("reason", ""), **stamp(r)), _("考核已取消。"),
    ),
}  # fmt: skip


@require_POST
@for_staff
def round_act(request: Request, uuid: UUID, verb: str) -> HttpResponse:
    """Move a round on."""
    if verb not in ROUND_ACTS:
        raise NotVisible("evaluations.verb", verb[:40])
    does, message = ROUND_ACTS[verb]

    def write() -> str:
        does(request, queries.visible_round(request.actor, uuid))
        return reverse("evaluations:round", args=[uuid])

    return _answer(request, write, lambda given: views.show_round(request, uuid, given), verb, message)


def _assessor(request: Request, found: Sheet) -> object:
    place, account = forms.chosen_person(request.POST, "assessor")
    place_id = network.facility_by_uuid(place).id
    return actions.name_assessor(sheet=found, facility_id=place_id, user_id=account, **stamp(request))


SHEET_ACTS: dict[str, tuple[Callable[[Request, Sheet], object], object]] = {
    "submit": (lambda r, found: actions.submit_sheet(sheet=found, **stamp(r)), _("自查已提交。")),
    "finish": (lambda r, found: actions.finish_review(sheet=found, **stamp(r)), _("这个单位已完成复核。")),
    "confirm": (lambda r, found: actions.confirm_sheet(sheet=found, **stamp(r)), _("已确认结果。")),
    "assessor": (_assessor, _("已指定复核人。")),
}


@require_POST
@for_staff
def sheet_act(request: Request, uuid: UUID, verb: str) -> HttpResponse:
    """Do one verb to a sheet."""
    if verb not in SHEET_ACTS:
        raise NotVisible("evaluations.verb", verb[:40])
    does, message = SHEET_ACTS[verb]

    def write() -> str:
        does(request, queries.visible_sheet(request.actor, uuid))
        return reverse(
            "evaluations:review" if verb == "finish" else "evaluations:sheet", args=[] if verb == "finish" else [uuid]
        )

    return _answer(request, write, lambda given: views.show_sheet(request, uuid, given), verb, message)


def _claim(request: Request, item: ItemScore) -> object:
    n = len(as_kept(item.sheet.round.plan).item(item.code).checks)
    claims = [forms.points(request.POST, f"claim_{each}") for each in range(n)]
    return actions.claim_item(
        item=item, claims=claims, words=request.POST.get("words", ""),
        revision=posted.whole_or_none(request.POST, "revision"), **stamp(request),
    )  # fmt: skip


def _evidence(request: Request, item: ItemScore) -> object:
    file = request.FILES.get("file")
    if file is None:
        raise InvalidInput(_("请选择文件。"), fields={"file": _("必填。")})
    return actions.add_evidence(item=item, content=file, name=file.name or "", **stamp(request))


def _review(request: Request, item: ItemScore) -> object:
    leave_out = request.POST.get("leave_out") == "on"
    points = None if leave_out else forms.points(request.POST, "points")
    return actions.review_item(
        item=item, points=points, reason=request.POST.get("reason", ""),
        revision=posted.whole_or_none(request.POST, "revision"), **stamp(request),
    )  # fmt: skip


def _appeal(request: Request, item: ItemScore) -> object:
    return actions.raise_appeal(
        item=item, wanted=forms.points(request.POST, "wanted"), reason=request.POST.get("reason", ""), **stamp(request)
    )


ITEM_ACTS: dict[str, tuple[Callable[[Request, ItemScore], object], object]] = {
    "claim": (_claim, _("自查已保存。")),
    "evidence": (_evidence, _("佐证已上传。")),
    "review": (_review, _("得分已保存。")),
    "appeal": (_appeal, _("申诉已提交。")),
}


def _short(request: HttpRequest) -> None:
    refuse_longer(request, most=MAX_BYTES + 1_048_576, told=MAX_BYTES, code="file-too-large")


@checked_first(_short)
@require_POST
@for_staff
def item_act(request: Request, uuid: UUID, verb: str) -> HttpResponse:
    """Do one verb to an item; back to its place on the sheet."""
    item = queries.visible_item(request.actor, uuid)
    if verb not in ITEM_ACTS:
        raise NotVisible("evaluations.verb", verb[:40])
    does, message = ITEM_ACTS[verb]

    def write() -> str:
        does(request, queries.visible_item(request.actor, uuid))
        return f"{reverse('evaluations:sheet', args=[item.sheet.uuid])}#item-{item.code}"

    form = f"{verb}-{item.code}"
    return _answer(request, write, lambda given: views.show_sheet(request, item.sheet.uuid, given), form, message)


@require_POST
@for_staff
def withdraw(request: Request, uuid: UUID) -> HttpResponse:
    """Take a file of proof back."""
    found = queries.visible_evidence(request.actor, uuid)
    sheet = found.item.sheet.uuid

    def write() -> str:
        actions.withdraw_evidence(evidence=queries.visible_evidence(request.actor, uuid), **stamp(request))
        return f"{reverse('evaluations:sheet', args=[sheet])}#item-{found.item.code}"

    return _answer(request, write, lambda given: views.show_sheet(request, sheet, given), "withdraw", _("佐证已撤回。"))


@require_POST
@for_staff
def decide(request: Request, uuid: UUID) -> HttpResponse:
    """Answer an appeal."""
    found = queries.visible_appeal(request.actor, uuid)
    sheet, code = found.item.sheet.uuid, found.item.code

    def write() -> str:
        post = request.POST
        uphold = post.get("decision") == "uphold"
        actions.decide_appeal(
            appeal=queries.visible_appeal(request.actor, uuid), uphold=uphold,
            points=forms.points_or_none(post, "points") if uphold else None, answer=post.get("answer", ""), **stamp(request),
        )  # fmt: skip
        return f"{reverse('evaluations:sheet', args=[sheet])}#item-{code}"

    return _answer(
        request, write, lambda given: views.show_sheet(request, sheet, given), f"decide-{code}", _("申诉已处理。")
    )
