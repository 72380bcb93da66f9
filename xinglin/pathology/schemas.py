"""What the REST interface takes, written by hand."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from xinglin.pathology.data import BlockIn, PartIn, Texts
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


class PathologyApplicationIn(In):
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


class SpecimenRefusedIn(In):
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


class InconsistencyAnswerIn(In):
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


class WithdrawBlockIn(In):
    """Which block (its code) was a mistake, and why."""

    block: Code
    reason: Annotated[str, text(200, least=2)]


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


class SecondOpinionIn(In):
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


class LoanReturnIn(In):
    """How it came back."""

    condition: Annotated[str, text(200)] = ""
