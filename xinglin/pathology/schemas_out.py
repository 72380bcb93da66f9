"""What the REST interface gives, written by hand."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from xinglin.pathology import catalogue, queries
from xinglin.pathology.models import Loan, PathologyCase, Picture, SecondOpinion, SpecimenPart


class TissueSpecimenOut(BaseModel):
    """One container. Minutes are null when one of their moments was not written down: not measured."""

    letter: str
    site: str
    kind: str
    n_pieces: int
    fixative: str
    taken_at: datetime | None
    fixed_at: datetime | None
    ischemia_minutes: int | None
    fixation_minutes: int | None

    @classmethod
    def of(cls, part: SpecimenPart, grossed_at: datetime | None) -> "TissueSpecimenOut":
        values = {name: getattr(part, name) for name in cls.model_fields if name != "fixation_minutes"}
        return cls(fixation_minutes=part.fixation_minutes(grossed_at), **values)


class ReceiptOut(BaseModel):
    """One decision of the desk, and the sender's answer if it was asked."""

    outcome: str
    reason: str
    remark: str
    decided_at: datetime
    decided_by_name: str
    answer: str
    corrections: list[dict[str, str]]
    answered_at: datetime | None
    answered_by_name: str


class SlideOut(BaseModel):
    """One slide; `made_at` null: it is wanted."""

    code: str
    stain: str
    stain_title: str
    made_at: datetime | None
    grade: str


class BlockOut(BaseModel):
    """One block with its slides."""

    code: str
    part: str
    note: str
    embedded_at: datetime | None
    slides: list[SlideOut]


class PictureOut(BaseModel):
    """One picture; large ones are shown by tiles."""

    uuid: UUID
    view: str
    format: str
    width: int
    height: int
    levels: int
    microns_per_pixel: float | None
    caption: str

    @classmethod
    def of(cls, picture: Picture) -> "PictureOut":
        return cls(**{name: getattr(picture, name) for name in cls.model_fields})


class SectionsOut(BaseModel):
    """One signed version, part by part."""

    version: int
    stage: str
    gross: str
    microscopic: str
    special: str
    diagnosis: str
    comment: str
    choices: list[dict[str, str]]
    amend_reason: str
    author_name: str
    signed_at: datetime


class FrozenOut(BaseModel):
    """A frozen section: booked, told, compared."""

    theatre: str
    planned_at: datetime
    minutes: int
    answer: str
    told_to: str
    read_back: str
    answered_at: datetime | None
    agreement: str
    difference: str


class SecondOpinionOut(BaseModel):
    """A second opinion."""

    uuid: UUID
    to_name: str
    hospital: str
    question: str
    asked_by_name: str
    asked_at: datetime
    answer: str
    agreement: str
    signed_by_name: str
    answered_at: datetime | None

    @classmethod
    def of(cls, opinion: SecondOpinion) -> "SecondOpinionOut":
        return cls(**{name: getattr(opinion, name) for name in cls.model_fields})


class LoanOut(BaseModel):
    """A loan; `returned_at` null: it is out."""

    uuid: UUID
    case: UUID
    number: str
    pieces: list[str]
    borrower: str
    borrower_unit: str
    purpose: str
    deposit: str
    lent_at: datetime
    due_on: date
    returned_at: datetime | None
    condition: str

    @classmethod
    def of(cls, loan: Loan) -> "LoanOut":
        special = {"case", "number", "pieces"}
        values = {name: getattr(loan, name) for name in cls.model_fields if name not in special}
        return cls(case=loan.case.uuid, number=loan.case.number, pieces=loan.pieces, **values)


class LoansOut(BaseModel):
    """A page of loans; `next_cursor` is empty on the last."""

    items: list[LoanOut]
    next_cursor: str


class CaseLineOut(BaseModel):
    """One case in a list."""

    uuid: UUID
    request: UUID
    request_number: str
    number: str
    kind: str
    status: str
    priority: str
    resident: UUID
    name: str
    from_facility: str
    question: str
    submitted_at: datetime
    received_at: datetime | None
    due_at: datetime

    @classmethod
    def of(cls, case: PathologyCase) -> "CaseLineOut":
        return cls(**_line(case))


class CasesOut(BaseModel):
    """A page of cases; `next_cursor` is empty on the last, and on lists of work, which are not paged."""

    items: list[CaseLineOut]
    next_cursor: str


class CaseOut(CaseLineOut):
    """One case with everything that belongs to it."""

    parts: list[TissueSpecimenOut]
    receipts: list[ReceiptOut]
    gross: str
    grossed_at: datetime | None
    blocks: list[BlockOut]
    slides: list[SlideOut]  # of cytology, which has no blocks
    pictures: list[PictureOut]
    reports: list[SectionsOut]
    frozen: FrozenOut | None
    opinions: list[SecondOpinionOut]
    loans: list[LoanOut]

    @classmethod
    def of(cls, case: PathologyCase) -> "CaseOut":
        frozen = getattr(case, "frozen", None)
        receipts = case.receipts.order_by("id")
        return cls(
            **_line(case),
            parts=[TissueSpecimenOut.of(each, case.grossed_at) for each in case.parts.order_by("letter")],
            receipts=[ReceiptOut(**_named(each, ReceiptOut)) for each in receipts],
            gross=case.gross,
            grossed_at=case.grossed_at,
            blocks=[_block(each) for each in queries.blocks_of(case)],
            slides=[_slide(each) for each in case.slides.filter(block__isnull=True).order_by("code")],
            pictures=[PictureOut.of(each) for each in case.pictures.order_by("id")],
            reports=[_sections(each) for each in queries.sections_of(case)],
            frozen=FrozenOut(**_named(frozen, FrozenOut)) if frozen else None,
            opinions=[SecondOpinionOut.of(each) for each in case.opinions.order_by("id")],
            loans=[LoanOut.of(each) for each in case.loans.select_related("case").order_by("id")],
        )


def _named(row: Any, shape: type[BaseModel]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in shape.model_fields}


def _line(case: PathologyCase) -> dict[str, Any]:
    request = case.request
    return {
        "uuid": case.uuid, "request": request.uuid, "request_number": request.number, "number": case.number,
        "kind": case.kind, "status": case.status, "priority": request.priority, "resident": request.resident.uuid,
        "name": request.resident.name, "from_facility": request.from_facility.name, "question": request.question,
        "submitted_at": case.submitted_at, "received_at": case.received_at, "due_at": request.due_at,
    }  # fmt: skip


def _slide(slide: Any) -> SlideOut:
    title = catalogue.stain_title(slide.stain)
    return SlideOut(code=slide.code, stain=slide.stain, stain_title=title, made_at=slide.made_at, grade=slide.grade)


def _block(block: Any) -> BlockOut:
    return BlockOut(
        code=block.code, part=block.part.letter, note=block.note, embedded_at=block.embedded_at,
        slides=[_slide(each) for each in block.slides.all()],
    )  # fmt: skip


def _sections(sections: Any) -> SectionsOut:
    report = sections.report
    own = ("gross", "microscopic", "special", "diagnosis", "comment", "choices")
    of_report = ("version", "stage", "amend_reason", "author_name", "signed_at")
    return SectionsOut(
        **{name: getattr(sections, name) for name in own}, **{name: getattr(report, name) for name in of_report}
    )
