"""The page of a case and its steps; each step is one action."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xinglin.accounts.api import signed_in
from xinglin.pathology import actions, documents, queries
from xinglin.pathology.events import Look
from xinglin.pathology.models import PathologyCase
from xinglin.pathology.web import case_page, forms
from xinglin.pathology.web.uploads import takes_picture
from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput, TooLarge
from xinglin.web.answers import page, write_once
from xinglin.web.documents import pdf_response
from xinglin.web.request import Request, stamp


@require_GET
@signed_in
def case(request: Request, uuid: UUID) -> HttpResponse:
    """One case."""
    return _shown(request, queries.visible_case(request.actor, uuid))


@require_GET
@signed_in
def of_request(request: Request, uuid: UUID) -> HttpResponse:
    """The page of the case of a request."""
    return HttpResponseRedirect(_address(queries.case_of_request(request.actor, uuid)))


def _shown(
    request: Request, found: PathologyCase, *, data: dict[str, Any] | None = None, error: InvalidInput | None = None,
    form: str = "",
) -> HttpResponse:  # fmt: skip
    now = clock.now()
    subject = found.request.resident.uuid
    audit.look(Look.CASE, by=request.actor, at=now, subject=subject, kind="pathology.case", key=str(found.uuid))
    built = case_page.build(request.actor, found, at=now, data=data, error=error, form=form)
    if form in {"gross", "blocks"}:
        built.keep_blocks(request.POST)
    return page(request, "pathology/case.html", status=422 if error else 200, page=built, now=now, post=request.POST)


def _address(found: PathologyCase) -> str:
    return reverse("pathology:case", args=[found.uuid])


def step(
    request: Request, uuid: UUID, form: str, act: Callable[[PathologyCase], object], message: str, *, to: str = ""
) -> HttpResponse:
    """One action on a visible case; what was typed comes back when it is refused for its content."""
    found = queries.visible_case(request.actor, uuid)

    def write() -> str:
        act(found)
        return to or _address(found)

    try:
        return write_once(request, write, message)
    except InvalidInput as error:
        data = forms.report_data(request.POST) if form == "report" else None
        return _shown(request, queries.visible_case(request.actor, uuid), data=data, error=error, form=form)


# Receipt -------------------------------------------------------------------------------------------------------------
@require_POST
@signed_in
def receive(request: Request, uuid: UUID) -> HttpResponse:
    """Take it in."""
    remark = request.POST.get("remark", "")
    return step(
        request, uuid, "desk", lambda found: actions.receive_case(case=found, remark=remark, **stamp(request)),
        _("已核收，病理号已生成。"),
    )  # fmt: skip


@require_POST
@signed_in
def hold(request: Request, uuid: UUID) -> HttpResponse:
    """Ask the sender."""
    said = {"question": request.POST.get("question", ""), "reason": request.POST.get("hold_reason", "")}
    return step(
        request, uuid, "hold", lambda found: actions.hold_case(case=found, **said, **stamp(request)),
        _("已存疑，送检单位会收到提问。"),
    )  # fmt: skip


@require_POST
@signed_in
def refuse(request: Request, uuid: UUID) -> HttpResponse:
    """Refuse it."""
    said = {"reason": request.POST.get("refuse_reason", ""), "remark": request.POST.get("remark", "")}
    return step(
        request, uuid, "refuse", lambda found: actions.refuse_case(case=found, **said, **stamp(request)),
        _("已拒收，送检单位会收到通知。"),
    )  # fmt: skip


@require_POST
@signed_in
def answer(request: Request, uuid: UUID) -> HttpResponse:
    """Answer what the desk asks."""

    def act(found: PathologyCase) -> None:
        corrections = forms.corrections_from(request.POST, found)
        actions.answer_hold(
            receipt=queries.newest_hold(found), answer=request.POST.get("answer", ""), corrections=corrections,
            **stamp(request),
        )  # fmt: skip

    return step(request, uuid, "answer", act, _("已答复，病理中心会重新核收。"))


@require_POST
@signed_in
def withdraw(request: Request, uuid: UUID) -> HttpResponse:
    """Take the application back."""
    return step(
        request, uuid, "withdraw", lambda found: actions.withdraw_case(case=found, **stamp(request)),
        _("申请已撤销。"),
    )  # fmt: skip


# Blocks and slides ---------------------------------------------------------------------------------------------------
@require_POST
@signed_in
def gross(request: Request, uuid: UUID) -> HttpResponse:
    """Describe and make the first blocks."""

    def act(found: PathologyCase) -> None:
        blocks = forms.blocks_from(request.POST, found, least=1)
        actions.gross_case(case=found, gross=request.POST.get("gross", ""), blocks=blocks, **stamp(request))

    return step(request, uuid, "gross", act, _("取材已登记，请打印蜡块标签。"))


@require_POST
@signed_in
def add_blocks(request: Request, uuid: UUID) -> HttpResponse:
    """Make further blocks."""

    def act(found: PathologyCase) -> None:
        actions.add_blocks(case=found, blocks=forms.blocks_from(request.POST, found), **stamp(request))

    return step(request, uuid, "blocks", act, _("已补取材。"))


@require_POST
@signed_in
def withdraw_block(request: Request, uuid: UUID) -> HttpResponse:
    """Take back a block that was entered by mistake."""
    said = {"block": request.POST.get("withdrawn_block", ""), "reason": request.POST.get("withdraw_reason", "")}
    return step(
        request, uuid, "withdraw-block", lambda found: actions.withdraw_block(case=found, **said, **stamp(request)),
        _("蜡块已撤销。"),
    )  # fmt: skip


@require_POST
@signed_in
def embed(request: Request, uuid: UUID) -> HttpResponse:
    """Blocks are embedded."""
    codes = request.POST.getlist("codes")
    return step(
        request, uuid, "embed", lambda found: actions.embed_blocks(case=found, blocks=codes, **stamp(request)),
        _("包埋已登记。"), to=_back(request),
    )  # fmt: skip


@require_POST
@signed_in
def make(request: Request, uuid: UUID) -> HttpResponse:
    """Slides are made."""
    codes = request.POST.getlist("codes")
    return step(
        request, uuid, "make", lambda found: actions.make_slides(case=found, slides=codes, **stamp(request)),
        _("制片已登记。"), to=_back(request),
    )  # fmt: skip


def _back(request: Request) -> str:
    """The bench, when the form stands there."""
    return f"{reverse('pathology:bench')}?show=slides" if request.POST.get("from") == "bench" else ""


@require_POST
@signed_in
def order(request: Request, uuid: UUID) -> HttpResponse:
    """Ask for more slides of a block."""

    def act(found: PathologyCase) -> None:
        post = request.POST
        actions.order_slides(
            case=found, block=post.get("block", ""), way=post.get("way", ""), stains=post.getlist("stains"),
            panel=post.get("panel", "") if post.get("way") == "IHC" else "", reason=post.get("order_reason", ""),
            n_slides=forms.number_from(post.get("n_slides", "") or "1", "n_slides"), **stamp(request),
        )  # fmt: skip

    return step(request, uuid, "order", act, _("已通知技师加做。"))


@require_POST
@signed_in
def grade(request: Request, uuid: UUID) -> HttpResponse:
    """Say how good a slide is."""
    said = {name: request.POST.get(name, "") for name in ("slide", "grade", "remark")}
    return step(
        request, uuid, "grade", lambda found: actions.grade_slide(case=found, **said, **stamp(request)),
        _("切片质量已评价。"),
    )  # fmt: skip


@takes_picture
@require_POST
@signed_in
def add_picture(request: Request, uuid: UUID) -> HttpResponse:
    """Add a photograph or a scanned slide."""
    said = {name: request.POST.get(name, "") for name in ("view", "slide", "caption")}

    def act(found: PathologyCase) -> None:
        chosen = request.FILES.getlist("file")
        if not chosen:
            raise InvalidInput(_("请上传图像。"), fields={"file": _("请上传图像。")})
        for file in chosen:
            try:
                actions.add_picture(case=found, file=file, **said, **stamp(request))
            except TooLarge as error:
                raise InvalidInput(error.message, fields={"file": error.message}) from error

    return step(request, uuid, "picture", act, _("图像已保存。"))


# Reports -------------------------------------------------------------------------------------------------------------
@require_POST
@signed_in
def claim(request: Request, uuid: UUID) -> HttpResponse:
    """Take it from the work list."""
    return step(
        request, uuid, "claim", lambda found: actions.claim_case(case=found, **stamp(request)), _("已领取，请诊断。")
    )


@require_POST
@signed_in
def release(request: Request, uuid: UUID) -> HttpResponse:
    """Put it back."""
    return step(
        request, uuid, "release", lambda found: actions.release_case(case=found, **stamp(request)),
        _("已放回待诊断列表。"),
    )  # fmt: skip


@require_POST
@signed_in
def take_over(request: Request, uuid: UUID) -> HttpResponse:
    """Go on with what another has had for too long."""
    return step(
        request, uuid, "claim", lambda found: actions.take_over_case(case=found, **stamp(request)),
        _("已接手，请诊断。"),
    )  # fmt: skip


def _sign(request: Request, uuid: UUID, action: Callable[..., object], message: str, **more: Any) -> HttpResponse:
    data = forms.report_data(request.POST)
    texts, signed = forms.texts_from(data), forms.signed_from(data)
    return step(
        request, uuid, "report",
        lambda found: action(case=found, texts=texts, **signed, **more, **stamp(request)), message,
    )  # fmt: skip


@require_POST
@signed_in
def preliminary(request: Request, uuid: UUID) -> HttpResponse:
    """The first reader signs."""
    return _sign(request, uuid, actions.sign_preliminary, _("初步报告已发出。"))


@require_POST
@signed_in
def final(request: Request, uuid: UUID) -> HttpResponse:
    """Sign the report."""
    return _sign(request, uuid, actions.sign_final, _("正式报告已签发。"))


@require_POST
@signed_in
def amend(request: Request, uuid: UUID) -> HttpResponse:
    """Correct a signed report."""
    reason = request.POST.get("reason", "")
    return _sign(request, uuid, actions.amend_case_report, _("更正报告已签发，申请单位会收到通知。"), reason=reason)


@require_POST
@signed_in
def supplement(request: Request, uuid: UUID) -> HttpResponse:
    """Add to a signed report."""
    names = ("microscopic", "special", "diagnosis", "comment")
    said = {name: request.POST.get(f"add_{name}", "") for name in names}
    data = {**forms.report_data(request.POST), **said, "gross": "", "choices": [], "codes": []}
    return step(
        request, uuid, "supplement",
        lambda found: actions.supplement_case_report(case=found, texts=forms.texts_from(data), **stamp(request)),
        _("补充报告已签发，申请单位会收到通知。"),
    )  # fmt: skip


# Documents -----------------------------------------------------------------------------------------------------------
@require_GET
@signed_in
def report_pdf(request: Request, uuid: UUID) -> HttpResponse:
    """The report for printing."""
    found, content = documents.report_pdf(request.actor, uuid, at=clock.now())
    return pdf_response(content, found.number)


@require_GET
@signed_in
def labels_pdf(request: Request, uuid: UUID, what: str) -> HttpResponse:
    """Labels for containers, blocks or slides."""
    codes = request.GET.getlist("code")[:60]
    name, content = documents.labels_pdf(request.actor, uuid, what, codes, at=clock.now())
    return pdf_response(content, name)
