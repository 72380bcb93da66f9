"""REST interface of pathology: one operation each."""

from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router
from ninja.decorators import decorate_view
from pydantic import StringConstraints

from xinglin.pathology import actions, documents, incoming, queries
from xinglin.pathology import schemas as s
from xinglin.pathology import schemas_out as out
from xinglin.pathology.events import Look
from xinglin.pathology.models import PathologyCase
from xinglin.pathology.web.uploads import fingerprint, short_body
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.paging import Page
from xinglin.web.api import ERRORS, write
from xinglin.web.documents import pdf_response

router = Router()
Cursor = Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00]*$")]
Show = Literal["desk", "held", "received", "gross", "ready", "mine", "coming", "reported", "sent"]
CASE: dict[Any, Any] = {200: out.CaseOut, **ERRORS}
PICTURE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "view"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "view": {"type": "string", "enum": ["GROSS", "MICRO", "SLIDE"]},
                        "slide": {"type": "string", "maxLength": 28},
                        "caption": {"type": "string", "maxLength": 100},
                    },
                }
            }
        },
    }
}


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


# Cases ---------------------------------------------------------------------------------------------------------------
@router.post(
    "/pathology-cases", response={201: out.CaseOut, **ERRORS}, operation_id="submitCase", summary="送检病理标本"
)
def submit(request: HttpRequest, payload: s.PathologyApplicationIn) -> HttpResponse:
    """Ask a pathology centre to examine specimens. The promise runs from when they are taken in."""
    by, now = _actor(request), clock.now()

    def place() -> out.CaseOut:
        case = actions.submit_case(
            asked=incoming.asked_of(payload, by=by, at=now), parts=[each.part() for each in payload.parts],
            booking=actions.Booking(**payload.booking.model_dump()) if payload.booking else None, by=by, at=now,
        )  # fmt: skip
        return out.CaseOut.of(case)

    return write(request, place, status=201)


@router.get(
    "/pathology-cases", response={200: out.CasesOut, **ERRORS}, operation_id="listCases", summary="病理病例列表"
)
def list_cases(request: HttpRequest, show: Show = "sent", code: Cursor = "", cursor: Cursor = "") -> out.CasesOut:
    """Lists of work of the caller's centre, or what the caller's unit sent. `code`: the one whose label was scanned."""
    by = _actor(request)
    found = _listed(by, show, cursor) if not code else _coded(by, code)
    shown = [each.request.resident.uuid for each in found.rows]
    audit.look_many(Look.WORKLIST, by=by, at=clock.now(), subjects=shown, rows=len(shown), show=show)
    return out.CasesOut(items=[out.CaseLineOut.of(each) for each in found.rows], next_cursor=found.next_cursor)


def _listed(by: Actor, show: str, cursor: str) -> Page[PathologyCase]:
    paged = {"received": queries.received, "reported": queries.reported, "sent": queries.sent_by}
    if show in paged:
        return paged[show](by, cursor=cursor)
    if show == "gross":
        return Page(queries.to_gross(by))
    if show in {"desk", "held"}:
        return Page(queries.at_desk(by, show="held" if show == "held" else "waiting"))
    return Page(queries.to_read(by, show=show))


def _coded(by: Actor, code: str) -> Page[PathologyCase]:
    found = queries.case_by_code(by, code)
    return Page([found] if found else [])


@router.get("/pathology-cases/{uuid:uuid}", response=CASE, operation_id="getCase", summary="病理病例")
def get_case(request: HttpRequest, uuid: UUID) -> out.CaseOut:
    """One case with specimens, blocks, slides, pictures and reports. A look at the person."""
    by = _actor(request)
    case = queries.visible_case(by, uuid)
    subject = case.request.resident.uuid
    audit.look(Look.CASE, by=by, at=clock.now(), subject=subject, kind="pathology.case", key=str(uuid))
    return out.CaseOut.of(case)


def _step(request: HttpRequest, uuid: UUID, act: Callable[[PathologyCase, Actor], object]) -> HttpResponse:
    """One action on a visible case, once for its key; answers with the case as it is then."""
    by = _actor(request)

    def run() -> out.CaseOut:
        act(queries.visible_case(by, uuid), by)
        return out.CaseOut.of(queries.visible_case(by, uuid))

    return write(request, run)


# Receipt -------------------------------------------------------------------------------------------------------------
@router.post("/pathology-cases/{uuid:uuid}/receive", response=CASE, operation_id="receiveCase", summary="核收")
def receive(request: HttpRequest, uuid: UUID, payload: s.RemarkIn) -> HttpResponse:
    """Take the specimen in; it gets its pathology number."""
    remark = payload.remark
    return _step(request, uuid, lambda case, by: actions.receive_case(case=case, remark=remark, by=by, at=clock.now()))


@router.post("/pathology-cases/{uuid:uuid}/hold", response=CASE, operation_id="holdCase", summary="存疑")
def hold(request: HttpRequest, uuid: UUID, payload: s.HoldIn) -> HttpResponse:
    """Keep it aside and ask the sender."""
    said = payload.model_dump()
    return _step(request, uuid, lambda case, by: actions.hold_case(case=case, **said, by=by, at=clock.now()))


@router.post("/pathology-cases/{uuid:uuid}/refuse", response=CASE, operation_id="refuseCase", summary="拒收")
def refuse(request: HttpRequest, uuid: UUID, payload: s.SpecimenRefusedIn) -> HttpResponse:
    """Refuse it with a coded reason; only at receipt."""
    said = payload.model_dump()
    return _step(request, uuid, lambda case, by: actions.refuse_case(case=case, **said, by=by, at=clock.now()))


@router.post("/pathology-cases/{uuid:uuid}/answer", response=CASE, operation_id="answerHold", summary="答复疑问")
def answer(request: HttpRequest, uuid: UUID, payload: s.InconsistencyAnswerIn) -> HttpResponse:
    """Answer what the desk asks, and correct what was wrong. 409 when nothing is asked."""

    def act(case: PathologyCase, by: Actor) -> None:
        receipt = queries.newest_hold(case)
        actions.answer_hold(
            receipt=receipt, answer=payload.answer, corrections=payload.by_part(), by=by, at=clock.now()
        )

    return _step(request, uuid, act)


@router.post("/pathology-cases/{uuid:uuid}/withdraw", response=CASE, operation_id="withdrawCase", summary="撤销")
def withdraw(request: HttpRequest, uuid: UUID, payload: s.RemarkIn) -> HttpResponse:
    """Take the application back before the specimen was taken in."""
    reason = payload.remark
    return _step(request, uuid, lambda case, by: actions.withdraw_case(case=case, reason=reason, by=by, at=clock.now()))


# Blocks and slides ---------------------------------------------------------------------------------------------------
@router.post("/pathology-cases/{uuid:uuid}/gross", response=CASE, operation_id="grossCase", summary="取材")
def gross(request: HttpRequest, uuid: UUID, payload: s.GrossIn) -> HttpResponse:
    """Describe and make the first blocks; one slide of each is wanted."""
    return _step(
        request, uuid,
        lambda case, by: actions.gross_case(
            case=case, gross=payload.gross, blocks=payload.rows(), by=by, at=clock.now()
        ),
    )  # fmt: skip


@router.post("/pathology-cases/{uuid:uuid}/blocks", response=CASE, operation_id="addBlocks", summary="补取材")
def add_blocks(request: HttpRequest, uuid: UUID, payload: s.BlocksIn) -> HttpResponse:
    """Make further blocks of what is left."""
    rows = payload.rows()
    return _step(request, uuid, lambda case, by: actions.add_blocks(case=case, blocks=rows, by=by, at=clock.now()))


@router.post(
    "/pathology-cases/{uuid:uuid}/blocks/withdraw", response=CASE, operation_id="withdrawBlock", summary="撤销蜡块"
)
def withdraw_block(request: HttpRequest, uuid: UUID, payload: s.WithdrawBlockIn) -> HttpResponse:
    """Take back a block made by mistake, with the slides wanted of it. Only who made it, before it is embedded or cut."""
    said = payload.model_dump()
    return _step(request, uuid, lambda case, by: actions.withdraw_block(case=case, **said, by=by, at=clock.now()))


@router.post("/pathology-cases/{uuid:uuid}/embed", response=CASE, operation_id="embedBlocks", summary="包埋")
def embed(request: HttpRequest, uuid: UUID, payload: s.CodesIn) -> HttpResponse:
    """Blocks are embedded."""
    codes = payload.codes
    return _step(request, uuid, lambda case, by: actions.embed_blocks(case=case, blocks=codes, by=by, at=clock.now()))


@router.post("/pathology-cases/{uuid:uuid}/orders", response=CASE, operation_id="orderSlides", summary="加做切片或染色")
def order(request: HttpRequest, uuid: UUID, payload: s.OrderIn) -> HttpResponse:
    """Ask for more slides of a block."""
    said = payload.model_dump()
    return _step(request, uuid, lambda case, by: actions.order_slides(case=case, **said, by=by, at=clock.now()))


@router.post("/pathology-cases/{uuid:uuid}/slides-made", response=CASE, operation_id="makeSlides", summary="制片完成")
def slides_made(request: HttpRequest, uuid: UUID, payload: s.CodesIn) -> HttpResponse:
    """Slides are made."""
    codes = payload.codes
    return _step(request, uuid, lambda case, by: actions.make_slides(case=case, slides=codes, by=by, at=clock.now()))


@router.post("/pathology-cases/{uuid:uuid}/grade", response=CASE, operation_id="gradeSlide", summary="评价切片")
def grade(request: HttpRequest, uuid: UUID, payload: s.GradeIn) -> HttpResponse:
    """Say how good a slide is."""
    said = payload.model_dump()
    return _step(request, uuid, lambda case, by: actions.grade_slide(case=case, **said, by=by, at=clock.now()))


@router.post(
    "/pathology-cases/{uuid:uuid}/pictures", response=CASE, operation_id="addPicture", summary="采集图像",
    openapi_extra=PICTURE,
)  # fmt: skip
@decorate_view(short_body)
def add_picture(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Add a photograph or a scanned slide (multipart: ``file``, ``view``, ``slide``, ``caption``)."""
    file = request.FILES.get("file") if request.content_type == "multipart/form-data" else None
    by = _actor(request)
    if file is None:
        queries.visible_case(by, uuid)
        raise InvalidInput(_("请上传图像。"), fields={"file": _("请上传图像。")})
    said = {name: request.POST.get(name, "") for name in ("view", "slide", "caption")}
    content = fingerprint(repr((str(uuid), sorted(said.items()))).encode(), [file])

    def run() -> out.CaseOut:
        actions.add_picture(case=queries.visible_case(by, uuid), file=file, **said, by=by, at=clock.now())
        return out.CaseOut.of(queries.visible_case(by, uuid))

    return write(request, run, content=content)


# Reports -------------------------------------------------------------------------------------------------------------
@router.post("/pathology-cases/{uuid:uuid}/claim", response=CASE, operation_id="claimCase", summary="领取")
def claim(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take it from the work list; 409 when another has it."""
    return _step(request, uuid, lambda case, by: actions.claim_case(case=case, by=by, at=clock.now()))


@router.post("/pathology-cases/{uuid:uuid}/release", response=CASE, operation_id="releaseCase", summary="放回列表")
def release(request: HttpRequest, uuid: UUID, payload: s.RemarkIn) -> HttpResponse:
    """Put it back on the work list."""
    reason = payload.remark
    return _step(request, uuid, lambda case, by: actions.release_case(case=case, reason=reason, by=by, at=clock.now()))


@router.post(
    "/pathology-cases/{uuid:uuid}/preliminary",
    response=CASE,
    operation_id="signPreliminaryPathology",
    summary="初步报告",
)
def preliminary(request: HttpRequest, uuid: UUID, payload: s.PathologyReportIn) -> HttpResponse:
    """The first reader signs."""
    said = {"texts": payload.texts(), **payload.signed()}
    return _step(request, uuid, lambda case, by: actions.sign_preliminary(case=case, **said, by=by, at=clock.now()))


@router.post("/pathology-cases/{uuid:uuid}/final", response=CASE, operation_id="signFinalPathology", summary="正式报告")
def final(request: HttpRequest, uuid: UUID, payload: s.PathologyReportIn) -> HttpResponse:
    """Sign the report; critical values start their clock."""
    said = {"texts": payload.texts(), **payload.signed()}
    return _step(request, uuid, lambda case, by: actions.sign_final(case=case, **said, by=by, at=clock.now()))


@router.post("/pathology-cases/{uuid:uuid}/amend", response=CASE, operation_id="amendPathology", summary="更正报告")
def amend(request: HttpRequest, uuid: UUID, payload: s.PathologyAmendIn) -> HttpResponse:
    """Sign a new version with its reason; what the former said no longer stands."""
    said = {"texts": payload.texts(), "reason": payload.reason, **payload.signed()}
    return _step(request, uuid, lambda case, by: actions.amend_case_report(case=case, **said, by=by, at=clock.now()))


@router.post(
    "/pathology-cases/{uuid:uuid}/supplement", response=CASE, operation_id="supplementPathology", summary="补充报告"
)
def supplement(request: HttpRequest, uuid: UUID, payload: s.PathologyTextsIn) -> HttpResponse:
    """Add to a signed report; what it said stands."""
    return _step(
        request, uuid,
        lambda case, by: actions.supplement_case_report(
            case=case, texts=payload.texts(), codes=payload.codes, by=by, at=clock.now()
        ),
    )  # fmt: skip


@router.get(
    "/pathology-cases/{uuid:uuid}/report.pdf",
    response={200: Any, **ERRORS},
    operation_id="getPathologyPdf",
    summary="报告 PDF",
)
def report_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The report with its pictures; 409 before there is one."""
    case, content = documents.report_pdf(_actor(request), uuid, at=clock.now())
    return pdf_response(content, case.number)


# Beside the report ---------------------------------------------------------------------------------------------------
@router.post(
    "/pathology-cases/{uuid:uuid}/frozen-answer", response=CASE, operation_id="tellFrozen", summary="通报冰冻结果"
)
def frozen_answer(request: HttpRequest, uuid: UUID, payload: s.FrozenAnswerIn) -> HttpResponse:
    """Write down what was told by telephone and read back."""
    said = payload.model_dump()
    return _step(
        request, uuid,
        lambda case, by: actions.tell_frozen(frozen=queries.frozen_of(case), **said, by=by, at=clock.now()),
    )  # fmt: skip


@router.post(
    "/pathology-cases/{uuid:uuid}/frozen-comparison",
    response=CASE,
    operation_id="compareFrozen",
    summary="冰冻与石蜡对照",
)
def frozen_comparison(request: HttpRequest, uuid: UUID, payload: s.ComparisonIn) -> HttpResponse:
    """Say how it came out beside the paraffin."""
    said = payload.model_dump()
    return _step(
        request, uuid,
        lambda case, by: actions.compare_frozen(frozen=queries.frozen_of(case), **said, by=by, at=clock.now()),
    )  # fmt: skip


@router.post("/pathology-cases/{uuid:uuid}/opinions", response=CASE, operation_id="askOpinion", summary="申请会诊")
def ask_opinion(request: HttpRequest, uuid: UUID, payload: s.OpinionAskIn) -> HttpResponse:
    """Ask another pathologist, or an outside hospital."""
    said = payload.model_dump()
    return _step(request, uuid, lambda case, by: actions.ask_opinion(case=case, **said, by=by, at=clock.now()))


@router.post(
    "/pathology-opinions/{uuid:uuid}/answer", response={200: out.SecondOpinionOut, **ERRORS}, operation_id="giveOpinion",
    summary="会诊意见",
)  # fmt: skip
def give_opinion(request: HttpRequest, uuid: UUID, payload: s.SecondOpinionIn) -> HttpResponse:
    """Sign an opinion, or enter the one an outside doctor signed."""
    by, said = _actor(request), payload.model_dump()

    def run() -> out.SecondOpinionOut:
        opinion = queries.visible_opinion(by, uuid)
        return out.SecondOpinionOut.of(actions.give_opinion(opinion=opinion, **said, by=by, at=clock.now()))

    return write(request, run)


@router.post("/pathology-cases/{uuid:uuid}/loans", response=CASE, operation_id="lendPieces", summary="借出")
def lend(request: HttpRequest, uuid: UUID, payload: s.LoanIn) -> HttpResponse:
    """Lend slides and blocks of a reported case."""
    said = payload.model_dump()
    return _step(request, uuid, lambda case, by: actions.lend(case=case, **said, by=by, at=clock.now()))


@router.get("/pathology-loans", response={200: out.LoansOut, **ERRORS}, operation_id="listLoans", summary="借阅登记")
def list_loans(
    request: HttpRequest, show: Literal["out", "overdue", "returned"] = "out", cursor: Cursor = ""
) -> out.LoansOut:
    """What is out of the archive, what is past its day, what came back."""
    by, now = _actor(request), clock.now()
    if show == "returned":
        found = queries.loans_returned(by, cursor=cursor)
    else:
        found = Page(queries.loans_out(by, on=timezone.localdate(now), overdue_only=show == "overdue"))
    shown = [each.case.request.resident.uuid for each in found.rows]
    audit.look_many(Look.LOANS, by=by, at=now, subjects=shown, rows=len(shown))
    return out.LoansOut(items=[out.LoanOut.of(each) for each in found.rows], next_cursor=found.next_cursor)


@router.post(
    "/pathology-loans/{uuid:uuid}/return",
    response={200: out.LoanOut, **ERRORS},
    operation_id="returnLoan",
    summary="归还",
)
def take_back(request: HttpRequest, uuid: UUID, payload: s.LoanReturnIn) -> HttpResponse:
    """Everything of a loan came back."""
    by = _actor(request)

    def run() -> out.LoanOut:
        loan = queries.visible_loan(by, uuid)
        return out.LoanOut.of(actions.take_back(loan=loan, condition=payload.condition, by=by, at=clock.now()))

    return write(request, run)
