"""Sheets of units: self-check with proof, review, appeal."""

import hashlib
from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from ninja import File, Form, Router
from ninja.files import UploadedFile

from xinglin.accounts.data import Permission
from xinglin.evaluations import actions, permissions, queries
from xinglin.evaluations.actions.sheets import MAX_BYTES
from xinglin.evaluations.documents import paper_response, sheet_paper
from xinglin.evaluations.events import Event
from xinglin.evaluations.models import Evidence, Sheet
from xinglin.evaluations.rest import shapes as s
from xinglin.evaluations.rules.plans import as_kept
from xinglin.network import api as network
from xinglin.platform import audit, clock, files
from xinglin.web.answers import download
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request
from xinglin.web.uploads import refuse_longer

router = Router()
SHEET: dict[Any, Any] = {200: s.EvaluationSheetOut, **ERRORS}


def _told(actor: Any, sheet: Sheet) -> s.EvaluationSheetOut:
    return s.EvaluationSheetOut.of(sheet, is_told=queries.is_told(actor, sheet.round, sheet))


@router.get("/evaluations/own", response={200: s.EvaluationSheetsOut, **ERRORS}, operation_id="list_own_evaluations")
def own(request: Request, cursor: s.Cursor = "") -> Any:
    """Sheets of the caller's own unit."""
    actor = request.actor
    actor.may(Permission.EVALUATION_ANSWER).require()
    paging = queries.own_sheets_page(actor, cursor=cursor)
    audit.record(Event.LISTED, by=actor, at=clock.now(), detail={"n": len(paging.rows)})
    items = [
        s.EvaluationSheetLineOut(
            uuid=each.uuid, facility=each.facility.uuid, name=each.name, status=each.status,
            points=s.told(each.points) if queries.is_told(actor, each.round, each) else None,
        )
        for each in paging.rows
    ]  # fmt: skip
    return s.EvaluationSheetsOut(items=items, next_cursor=paging.next_cursor)


@router.get("/evaluations/sheets/{uuid}", response=SHEET, operation_id="get_evaluation_sheet")
def get_sheet(request: Request, uuid: UUID) -> Any:
    """One unit's sheet: each item with its frozen figure, what was claimed and what was given."""
    actor = request.actor
    sheet = queries.visible_sheet(actor, uuid)
    audit.record(Event.VIEWED, by=actor, at=clock.now(), kind="evaluations.sheet", key=str(uuid))
    return _told(actor, sheet)


@router.get("/evaluations/sheets/{uuid}/file", response={200: None, **ERRORS}, operation_id="get_evaluation_sheet_file")
def sheet_file(request: Request, uuid: UUID, form: str = "pdf") -> HttpResponse:
    """The sheet to be signed, as ``pdf``, ``docx`` or ``xlsx``; from the time results are told."""
    actor, at = request.actor, clock.now()
    sheet = queries.told_sheet(actor, uuid)
    audit.record(Event.EXPORTED, by=actor, at=at, kind="evaluations.sheet", key=str(uuid))
    return paper_response(sheet_paper(sheet, at=at), form)


def _step(request: Request, uuid: UUID, action: Callable[..., Any], **given: Any) -> Any:
    def run() -> s.EvaluationSheetOut:
        actor = request.actor
        action(sheet=queries.visible_sheet(actor, uuid), by=actor, at=clock.now(), **given)
        return _told(actor, queries.visible_sheet(actor, uuid))

    return write(request, run)


@router.post("/evaluations/sheets/{uuid}/submit", response=SHEET, operation_id="submit_evaluation_sheet")
def submit(request: Request, uuid: UUID) -> Any:
    """Send the self-check in."""
    return _step(request, uuid, actions.submit_sheet)


@router.post("/evaluations/sheets/{uuid}/finish", response=SHEET, operation_id="finish_evaluation_review")
def finish(request: Request, uuid: UUID) -> Any:
    """Say that the unit is reviewed."""
    return _step(request, uuid, actions.finish_review)


@router.post("/evaluations/sheets/{uuid}/confirm", response=SHEET, operation_id="confirm_evaluation_sheet")
def confirm(request: Request, uuid: UUID) -> Any:
    """Agree with the result."""
    return _step(request, uuid, actions.confirm_sheet)


@router.get(
    "/evaluations/sheets/{uuid}/assessors", response={200: s.EvaluationAssessorsOut, **ERRORS},
    operation_id="list_evaluation_assessors",
)  # fmt: skip
def assessors(request: Request, uuid: UUID) -> Any:
    """Who of the other units of the round may be asked to review this one."""
    actor, at = request.actor, clock.now()
    sheet = queries.visible_sheet(actor, uuid)
    permissions.may_run(actor, sheet.round).require()
    audit.record(Event.VIEWED, by=actor, at=at, kind="evaluations.sheet", key=str(uuid))
    items = [
        s.EvaluationAssessorOut(account=pk, name=name, facility=each.facility.uuid, facility_name=each.name)
        for each, pk, name in queries.assessors_for(sheet, at=at)
    ]
    return s.EvaluationAssessorsOut(items=items)


@router.post("/evaluations/sheets/{uuid}/assessors", response=SHEET, operation_id="name_evaluation_assessor")
def name_assessor(request: Request, uuid: UUID, body: s.EvaluationAssessorIn) -> Any:
    """Ask somebody of another unit to review this one."""
    place = network.facility_by_uuid(body.facility).id
    return _step(request, uuid, actions.name_assessor, facility_id=place, user_id=body.account)


def _item(request: Request, uuid: UUID, action: Callable[..., Any], **given: Any) -> Any:
    def run() -> s.EvaluationScoreOut:
        actor = request.actor
        action(item=queries.visible_item(actor, uuid), by=actor, at=clock.now(), **given)
        item = queries.visible_item(actor, uuid)
        said = as_kept(item.sheet.round.plan).item(item.code)
        return s.EvaluationScoreOut.of(item, said, is_told=queries.is_told(actor, item.sheet.round, item.sheet))

    return write(request, run)


@router.post(
    "/evaluations/items/{uuid}/claim", response={200: s.EvaluationScoreOut, **ERRORS},
    operation_id="claim_evaluation_item",
)  # fmt: skip
def claim(request: Request, uuid: UUID, body: s.EvaluationClaimIn) -> Any:
    """What the unit gives itself for an item."""
    claims = [s.hundredths(each) for each in body.claims]
    return _item(request, uuid, actions.claim_item, claims=claims, words=body.words, revision=body.revision)


@router.post(
    "/evaluations/items/{uuid}/review", response={200: s.EvaluationScoreOut, **ERRORS},
    operation_id="review_evaluation_item",
)  # fmt: skip
def review(request: Request, uuid: UUID, body: s.EvaluationReviewIn) -> Any:
    """Give an item its points."""
    points = None if body.points is None else s.hundredths(body.points)
    return _item(request, uuid, actions.review_item, points=points, reason=body.reason, revision=body.revision)


def _proof(evidence: Evidence) -> s.EvaluationEvidenceOut:
    return s.EvaluationEvidenceOut(
        uuid=evidence.uuid, name=evidence.name, size=evidence.file.size, added_at=evidence.added_at,
        withdrawn=evidence.withdrawn_at is not None,
    )  # fmt: skip


@router.post(
    "/evaluations/items/{uuid}/evidence", response={201: s.EvaluationEvidenceOut, **ERRORS},
    operation_id="add_evaluation_evidence",
)  # fmt: skip
def add_evidence(
    request: Request, uuid: UUID, file: Annotated[UploadedFile, File()], name: Annotated[str, Form()] = ""
) -> Any:
    """Give a file as proof (PDF, PNG, JPEG, office file; 20 MB)."""
    refuse_longer(request, most=MAX_BYTES + 1_048_576, told=MAX_BYTES, code="file-too-large")

    def run() -> s.EvaluationEvidenceOut:
        actor = request.actor
        item = queries.visible_item(actor, uuid)
        return _proof(
            actions.add_evidence(item=item, content=file, name=name or file.name or "", by=actor, at=clock.now())
        )

    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return write(request, run, status=201, content=f"{request.path} {name} {file.name} {digest}".encode())


@router.post(
    "/evaluations/evidence/{uuid}/withdraw", response={200: s.EvaluationEvidenceOut, **ERRORS},
    operation_id="withdraw_evaluation_evidence",
)  # fmt: skip
def withdraw(request: Request, uuid: UUID) -> Any:
    """Take a file back that was given by mistake."""

    def run() -> s.EvaluationEvidenceOut:
        actor = request.actor
        evidence = queries.visible_evidence(actor, uuid)
        return _proof(actions.withdraw_evidence(evidence=evidence, by=actor, at=clock.now()))

    return write(request, run)


@router.get("/evaluations/evidence/{uuid}", response={200: None, **ERRORS}, operation_id="get_evaluation_evidence")
def get_evidence(request: Request, uuid: UUID) -> HttpResponse:
    """A file of proof, as it was given."""
    actor = request.actor
    evidence = queries.visible_evidence(actor, uuid)
    audit.record(Event.EVIDENCE_VIEWED, by=actor, at=clock.now(), kind="evaluations.evidence", key=str(uuid))
    return evidence_answer(evidence)


def evidence_answer(evidence: Evidence) -> HttpResponse:
    """The file to keep; its name is a number, whatever the unit called it."""
    endings = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "application/zip": "zip"}
    given = evidence.name.rpartition(".")[2].lower()
    ending = given if given in {"docx", "xlsx"} else endings.get(evidence.file.media_type, "bin")
    with files.open_file(evidence.file) as file:
        return download(file.read(), f"evidence-{evidence.uuid}.{ending}", media_type="application/octet-stream")


@router.post(
    "/evaluations/items/{uuid}/appeals", response={201: s.EvaluationAppealOut, **ERRORS},
    operation_id="raise_evaluation_appeal",
)  # fmt: skip
def raise_appeal(request: Request, uuid: UUID, body: s.EvaluationAppealIn) -> Any:
    """Disagree with the points of an item."""

    def run() -> s.EvaluationAppealOut:
        actor = request.actor
        made = actions.raise_appeal(
            item=queries.visible_item(actor, uuid), wanted=s.hundredths(body.wanted), reason=body.reason, by=actor,
            at=clock.now(),
        )  # fmt: skip
        return s.EvaluationAppealOut.of(made)

    return write(request, run, status=201)


@router.post(
    "/evaluations/appeals/{uuid}/decide", response={200: s.EvaluationAppealOut, **ERRORS},
    operation_id="decide_evaluation_appeal",
)  # fmt: skip
def decide(request: Request, uuid: UUID, body: s.EvaluationDecisionIn) -> Any:
    """Uphold an appeal with new points, or reject it."""

    def run() -> s.EvaluationAppealOut:
        actor = request.actor
        decided = actions.decide_appeal(
            appeal=queries.visible_appeal(actor, uuid), uphold=body.uphold,
            points=None if body.points is None else s.hundredths(body.points), answer=body.answer, by=actor,
            at=clock.now(),
        )  # fmt: skip
        return s.EvaluationAppealOut.of(decided)

    return write(request, run)
