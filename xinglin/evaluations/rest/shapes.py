"""Shapes of the REST interface. Points are told as numbers with two decimals, amounts in fen."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from xinglin.evaluations.models import Appeal, ItemScore, Publication, Round, Sheet
from xinglin.evaluations.rules.plans import Item, Plan, as_kept
from xinglin.web.shapes import In, text

Words = Annotated[str, text(500)]
Reason = Annotated[str, text(500, least=1)]
Number = Annotated[str, text(40, least=1)]
Office = Annotated[str, text(60, least=1)]
Slug = Annotated[str, text(60, least=1)]
Points = Annotated[Decimal, Field(ge=0, le=1000, decimal_places=2)]
Fen = Annotated[int, Field(gt=0, le=10**13)]
Cursor = Annotated[str, Field(max_length=200)]


def told(hundredths: int | None) -> float | None:
    """Hundredths as points."""
    return None if hundredths is None else hundredths / 100


def hundredths(points: Decimal) -> int:
    """Points as hundredths."""
    return int(points * 100)


class EvaluationItemOut(BaseModel):
    """One item of a plan."""

    code: str
    title: str
    group: str
    weight: float
    indicator: str
    level: str
    rule: str
    no_data: str
    checks: list[str]

    @classmethod
    def of(cls, item: Item) -> "EvaluationItemOut":
        """From an item."""
        return cls(
            code=item.code, title=item.title, group=item.group, weight=item.weight / 100, indicator=item.indicator,
            level=item.level, rule=item.rule.kind if item.rule else "", no_data=item.no_data if item.rule else "",
            checks=[each.title for each in item.checks],
        )  # fmt: skip


class EvaluationPlanOut(BaseModel):
    """A plan of assessment: who is judged, how often, by what."""

    slug: str
    version: str
    title: str
    rhythm: str
    full: float
    units: list[str]
    not_applicable: str
    source: str
    mark: str
    items: list[EvaluationItemOut]

    @classmethod
    def of(cls, plan: Plan) -> "EvaluationPlanOut":
        """From a plan."""
        return cls(
            slug=plan.slug, version=plan.version, title=plan.title, rhythm=plan.rhythm, full=plan.full / 100,
            units=sorted(plan.kinds), not_applicable=plan.not_applicable, source=plan.cited, mark=plan.mark,
            items=[EvaluationItemOut.of(each) for each in plan.items],
        )  # fmt: skip


class EvaluationPlansOut(BaseModel):
    """Every plan."""

    items: list[EvaluationPlanOut]


class EvaluationRoundOut(BaseModel):
    """One round."""

    uuid: UUID
    number: str
    plan: str
    title: str
    period: str
    status: str
    opened_at: datetime
    self_check_until: datetime
    review_until: datetime
    appeal_until: datetime | None
    objection_until: datetime | None

    @classmethod
    def fields_of(cls, found: Round) -> dict[str, Any]:
        """Values of the shape from a row."""
        return {
            "uuid": found.uuid, "number": found.number, "plan": found.version, "title": as_kept(found.plan).title,
            "period": found.period, "status": found.status, "opened_at": found.opened_at,
            "self_check_until": found.self_check_until, "review_until": found.review_until,
            "appeal_until": found.appeal_until, "objection_until": found.objection_until,
        }  # fmt: skip


class EvaluationRoundsOut(BaseModel):
    """A page of rounds; `next_cursor` is empty on the last."""

    items: list[EvaluationRoundOut]
    next_cursor: str


class EvaluationSheetLineOut(BaseModel):
    """One unit in a round. `points` null: an item is open, or results are not told yet."""

    uuid: UUID
    facility: UUID
    name: str
    status: str
    points: float | None


class EvaluationRoundDetailOut(EvaluationRoundOut):
    """A round with the units the caller sees."""

    sheets: list[EvaluationSheetLineOut]


class EvaluationOpenIn(In):
    """What is to be opened: frozen figures of the period, or none to freeze them now; some units, or none for all."""

    plan: Slug
    period: Annotated[str, text(12, least=4)]
    figures: UUID | None = None
    facilities: Annotated[list[UUID], Field(max_length=500)] = []
    self_check_until: date | None = None
    review_until: date | None = None


class EvaluationTellIn(In):
    """Until which day units may appeal; the plan's own days when absent."""

    until: date | None = None


class EvaluationPublishIn(In):
    """Under which number and in whose name; how long units may object."""

    document_number: Number
    issued_by: Office
    objection_until: datetime | None = None


class EvaluationCorrectIn(In):
    """The number of the corrected notice, and why."""

    document_number: Number
    reason: Reason


class EvaluationReasonIn(In):
    """Why."""

    reason: Reason


class EvaluationPlaceOut(BaseModel):
    """One line of a ranking; those alike share a place."""

    sheet: UUID
    name: str
    points: float | None
    place: int | None
    tied: bool
    merged_into: str = ""  # the unit it had been merged into by then
    merged_on: date | None = None


class EvaluationRankingOut(BaseModel):
    """A ranking as it was published."""

    document_number: str
    issued_by: str
    revision: int
    reason: str
    published_at: datetime
    lines: list[EvaluationPlaceOut]

    @classmethod
    def of(cls, notice: Publication) -> "EvaluationRankingOut":
        """From a notice."""
        return cls(
            document_number=notice.document_number, issued_by=notice.issued_by, revision=notice.revision,
            reason=notice.reason, published_at=notice.published_at,
            lines=[
                EvaluationPlaceOut(**{**each, "points": told(each["points"])}) for each in notice.lines
            ],
        )  # fmt: skip


class EvaluationDifferencesOut(BaseModel):
    """What does not come out again: of the scores from the frozen figures, and of the figures from the facts. Empty: all does."""

    scores: list[str]
    figures: list[str]


class EvaluationEvidenceOut(BaseModel):
    """One file of proof."""

    uuid: UUID
    name: str
    size: int
    added_at: datetime
    withdrawn: bool


class EvaluationAppealOut(BaseModel):
    """One appeal."""

    uuid: UUID
    code: str
    status: str
    objection: bool
    wanted: float
    reason: str
    raised_at: datetime
    given: float | None
    answer: str

    @classmethod
    def of(cls, appeal: Appeal) -> "EvaluationAppealOut":
        """From a row with its item."""
        return cls(
            uuid=appeal.uuid, code=appeal.item.code, status=appeal.status, objection=appeal.is_objection,
            wanted=appeal.wanted / 100, reason=appeal.reason, raised_at=appeal.raised_at, given=told(appeal.given),
            answer=appeal.answer,
        )  # fmt: skip


class EvaluationScoreOut(BaseModel):
    """One item of a sheet: the figure it comes from, what was computed, claimed and given, and why."""

    uuid: UUID
    code: str
    title: str
    weight: float
    figure: dict[str, Any] | None
    basis: str
    computed: float | None
    claimed: float | None
    points: float | None
    reason: str
    revision: int
    evidence: list[EvaluationEvidenceOut]
    appeals: list[EvaluationAppealOut]

    @classmethod
    def of(cls, item: ItemScore, said: Item, *, is_told: bool) -> "EvaluationScoreOut":
        """From a row; what reviewers gave is told when results are."""
        hidden = not is_told and item.reviewed_at is not None
        return cls(
            uuid=item.uuid, code=item.code, title=said.title, weight=item.weight / 100, figure=item.figure,
            basis="waiting" if hidden else item.basis, computed=told(item.computed), claimed=told(item.claimed),
            points=told(item.computed if hidden else item.points), reason="" if hidden else item.reason,
            revision=item.revision,
            evidence=[
                EvaluationEvidenceOut(
                    uuid=each.uuid, name=each.name, size=each.file.size, added_at=each.added_at,
                    withdrawn=each.withdrawn_at is not None,
                )
                for each in item.evidence.select_related("file").order_by("id")
            ],
            appeals=[EvaluationAppealOut.of(each) for each in item.appeals.select_related("item").order_by("id")],
        )  # fmt: skip


class EvaluationSheetOut(EvaluationSheetLineOut):
    """One unit's sheet with its items."""

    round: UUID
    period: str
    title: str
    full: float
    assessor: str
    items: list[EvaluationScoreOut]

    @classmethod
    def of(cls, sheet: Sheet, *, is_told: bool) -> "EvaluationSheetOut":
        """From a row with its round."""
        plan = as_kept(sheet.round.plan)
        rows = {each.code: each for each in sheet.items.all()}
        return cls(
            uuid=sheet.uuid, facility=sheet.facility.uuid, name=sheet.name, status=sheet.status,
            points=told(sheet.points) if is_told else None, round=sheet.round.uuid, period=sheet.round.period,
            title=plan.title, full=plan.full / 100, assessor=sheet.assessor_name,
            items=[EvaluationScoreOut.of(rows[each.code], each, is_told=is_told) for each in plan.items],
        )  # fmt: skip


class EvaluationSheetsOut(BaseModel):
    """A page of sheets; `next_cursor` is empty on the last."""

    items: list[EvaluationSheetLineOut]
    next_cursor: str


class EvaluationClaimIn(In):
    """What the unit gives itself for each line of an item, in the order of the plan."""

    claims: Annotated[list[Points], Field(max_length=40)]
    words: Words = ""
    revision: int | None = None


class EvaluationReviewIn(In):
    """Points of an item; null leaves one without data out. `revision` as it was read."""

    points: Points | None
    reason: Words = ""
    revision: int | None = None


class EvaluationAppealIn(In):
    """What the unit thinks it should have, and why."""

    wanted: Points
    reason: Reason


class EvaluationDecisionIn(In):
    """Upheld with the points the item gets now, or rejected; both with the reason."""

    uphold: bool
    points: Points | None = None
    answer: Reason


class EvaluationAssessorOut(BaseModel):
    """Somebody of another unit who may be asked to review."""

    account: int
    name: str
    facility: UUID
    facility_name: str


class EvaluationAssessorsOut(BaseModel):
    """Who may be asked."""

    items: list[EvaluationAssessorOut]


class EvaluationAssessorIn(In):
    """Who is asked: an account at a facility."""

    account: Annotated[int, Field(gt=0, le=2**31)]
    facility: UUID
