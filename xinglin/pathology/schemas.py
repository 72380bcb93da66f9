"""What the REST interface takes and gives, written by hand."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from xinglin.pathology import catalogue, queries
from xinglin.pathology.data import BlockIn, PartIn, Texts
from xinglin.pathology.models import Loan, PathologyCase, Picture, SecondOpinion, SpecimenPart
from xinglin.web.shapes import In, text

Line = Annotated[str, text(100)]
Short = Annotated[str, text(500)]
Long = Annotated[str, text(4000)]
Slug = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_/-]+$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=28, pattern=r"^[A-Za-z0-9-]+$")]
Agreed = Literal["AGREES", "PARTLY", "DIFFERS"]
Reason = Literal["TOO_LITTLE", "NO_FIXATIVE", "LABEL_UNCLEAR", "DAMAGED", "FORM_MISMATCH", "OTHER"]


class SpecimenIn(In):
    """One container. `kind` and `fixative` are codes of the definition ``specimens``; unknown moments stay out."""

    site: Line
    kind: Slug
    n_pieces: int = Field(default=1, ge=1, le=99)
    fixative: Slug = "formalin"
    taken_at: datetime | None = None
    fixed_at: datetime | None = None

    def part(self) -> PartIn:
        """The same for the action."""
        return PartIn(**self.model_dump())


class BookingIn(In):
    """A frozen section as the theatre books it."""

    theatre: Line
    phone: Annotated[str, text(30, least=3)]
    planned_at: datetime


class SubmitIn(In):
    """An application with its specimens. `item` is an examination item: ``biopsy``, ``frozen-section`` …"""

    visit: UUID | None = None
    resident: UUID | None = None
    facility: UUID | None = None
    centre: UUID | None = None
    priority: Literal["ROUTINE", "URGENT", "EMERGENCY"] = "ROUTINE"
    item: Slug
    parts: Annotated[list[SpecimenIn], Field(min_length=1, max_length=26)]
    question: Short
    clinical: Short = ""
    booking: BookingIn | None = None
    repeats: UUID | None = None


class RemarkIn(In):
    """A remark, where one is wanted."""

    remark: Short = ""


class HoldIn(In):
    """What the desk asks."""

    question: Short
    reason: Reason | Literal[""] = ""


class RefuseIn(In):
    """Why a specimen is refused."""

    reason: Reason
    remark: Short = ""


class CorrectionIn(In):
    """What was wrong with a container; what is left out stays."""

    part: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
    site: Line | None = None
    kind: Slug | None = None
    n_pieces: int | None = Field(default=None, ge=1, le=99)
    fixative: Slug | None = None
    taken_at: datetime | None = None
    fixed_at: datetime | None = None


class AnswerIn(In):
    """The sender's answer to what the desk asks."""

    answer: Short
    corrections: Annotated[list[CorrectionIn], Field(max_length=26)] = []

    def by_part(self) -> dict[str, dict[str, Any]]:
        """The corrections as the action takes them."""
        return {each.part: each.model_dump(exclude={"part"}, exclude_none=True) for each in self.corrections}


class GrossedBlockIn(In):
    """One block: the letter of its container, and what lies in it."""

    part: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
    note: Line = ""
    n_pieces: int = Field(default=1, ge=1, le=99)


class BlocksIn(In):
    """Blocks made of what is left."""

    blocks: Annotated[list[GrossedBlockIn], Field(min_length=1, max_length=60)]

    def rows(self) -> list[BlockIn]:
        """The same for the action."""
        return [BlockIn(each.part, each.note, each.n_pieces) for each in self.blocks]


class GrossIn(BlocksIn):
    """What is seen with the eye, and the first blocks."""

    gross: Long


class CodesIn(In):
    """Blocks or slides by what stands on their labels."""

    codes: Annotated[list[Code], Field(min_length=1, max_length=60)]


class OrderIn(In):
    """Further slides of a block. For RECUT and DEEPER `n_slides`; for STAIN and IHC `stains` and `panel`."""

    block: Code
    way: Literal["RECUT", "DEEPER", "STAIN", "IHC"]
    stains: Annotated[list[Slug], Field(max_length=30)] = []
    panel: Annotated[str, text(40)] = ""
    n_slides: int = Field(default=1, ge=1, le=30)
    reason: Annotated[str, text(200)] = ""


class GradeIn(In):
    """How good a slide is."""

    slide: Code
    grade: Literal["A", "B", "C"]
    remark: Line = ""


class PathologyTextsIn(In):
    """A report, part by part. `choices` are ``template/choice/option``; `pictures` uuids of pictures of the case."""

    gross: Long = ""
    microscopic: Long = ""
    special: Long = ""
    diagnosis: Long = ""
    comment: Long = ""
    choices: Annotated[list[Slug], Field(max_length=20)] = []
    pictures: Annotated[list[UUID], Field(max_length=6)] = []
    codes: Annotated[list[Slug], Field(max_length=20)] = []

    def texts(self) -> Texts:
        """The same for the action."""
        said = self.model_dump(include={"gross", "microscopic", "special", "diagnosis", "comment"})
        return Texts(**said, choices=tuple(self.choices), pictures=tuple(map(str, self.pictures)))


class PathologyReportIn(PathologyTextsIn):
    """A report that is signed, with the findings that endanger."""

    is_abnormal: bool = False
    criticals: Annotated[list[Slug], Field(max_length=10)] = []
    not_critical_reason: Short = ""

    def signed(self) -> dict[str, Any]:
        """What the actions take beside the texts."""
        return self.model_dump(include={"codes", "is_abnormal", "criticals", "not_critical_reason"})


class PathologyAmendIn(PathologyReportIn):
    """A correction with its reason."""

    reason: Short


class FrozenAnswerIn(In):
    """What was told by telephone, to whom, and what he read back."""

    answer: Annotated[str, text(1000)]
    told_to: Annotated[str, text(40)]
    read_back: Short


class ComparisonIn(In):
    """How a frozen section came out beside the paraffin."""

    agreement: Agreed
    difference: Short = ""


class OpinionAskIn(In):
    """Who is asked: a pathologist of the centre (`to_user`, his id), or an outside hospital."""

    question: Short
    to_user: int | None = None
    hospital: Annotated[str, text(80)] = ""
    to_name: Annotated[str, text(40)] = ""


class OpinionIn(In):
    """An opinion; of an outside hospital with the name of who signed it."""

    answer: Annotated[str, text(2000)]
    agreement: Agreed
    signed_by: Annotated[str, text(40)] = ""


class LoanIn(In):
    """What leaves the archive, to whom, and until when."""

    slides: Annotated[list[Code], Field(max_length=60)] = []
    blocks: Annotated[list[Code], Field(max_length=60)] = []
    borrower: Annotated[str, text(40)]
    borrower_unit: Annotated[str, text(80)] = ""
    borrower_phone: Annotated[str, text(30)]
    purpose: Annotated[str, text(200)]
    deposit: Line = ""
    due_on: date


class ReturnIn(In):
    """How it came back."""

    condition: Annotated[str, text(200)] = ""


# Out -----------------------------------------------------------------------------------------------------------------
class SpecimenOut(BaseModel):
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
    def of(cls, part: SpecimenPart, grossed_at: datetime | None) -> "SpecimenOut":
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
        pieces = sorted(each.code for each in [*loan.blocks.all(), *loan.slides.all()])
        return cls(case=loan.case.uuid, number=loan.case.number, pieces=pieces, **values)


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

    parts: list[SpecimenOut]
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
            parts=[SpecimenOut.of(each, case.grossed_at) for each in case.parts.order_by("letter")],
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
