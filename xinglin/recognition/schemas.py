"""What the REST interface takes and gives."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from xinglin.recognition import catalogue, words
from xinglin.recognition.figures import Line, Report
from xinglin.recognition.finding import Candidate, Found, examined
from xinglin.recognition.models import Decision, Mark
from xinglin.recognition.rule import Item
from xinglin.recognition.timeline import why
from xinglin.web.shapes import In, text

Code = Annotated[str, text(40)]


class RecognitionItemOut(BaseModel):
    """One item of the catalogue. `fen`: its price."""

    code: str
    kind: str
    title: str
    days: int
    scope: str
    mark_in_consortium: bool
    fen: int
    answered_by: list[str]
    serial: bool
    active: bool
    version: str

    @classmethod
    def of(cls, item: Item) -> "RecognitionItemOut":
        """From the catalogue."""
        return cls(
            code=item.code, kind=item.kind, title=item.title, days=item.days, scope=item.scope.name,
            mark_in_consortium=item.own_mark, fen=item.fen, answered_by=[item.code, *item.also],
            serial=item.is_serial, active=item.is_active, version=item.version,
        )  # fmt: skip


class RecognitionReasonOut(BaseModel):
    """Why something is done again. `refusal` false: counted apart."""

    code: str
    title: str
    refusal: bool
    needs_text: bool


class RecognitionCatalogueOut(BaseModel):
    """Items and reasons in force today."""

    items: list[RecognitionItemOut]
    reasons: list[RecognitionReasonOut]


class OffersIn(In):
    """What is about to be ordered: for a visit, or for a resident from a facility."""

    visit: UUID | None = None
    resident: UUID | None = None
    facility: UUID | None = None
    kind: Annotated[str, text(20, least=1)]
    items: Annotated[list[Code], Field(min_length=1, max_length=40)]
    priority: Literal["ROUTINE", "URGENT", "EMERGENCY"] = "ROUTINE"
    misses: bool = Field(default=False, description="Also tell results that cannot stand for an item, and why")


class OfferOut(BaseModel):
    """A result beside an item; `report` is what an answer takes over. `why` is empty when it may stand for the item."""

    item: str
    title: str
    report: UUID
    request: UUID
    centre: str
    examined_at: datetime
    age_days: int
    level: str
    conclusion: str
    is_abnormal: bool
    why: list[str]

    @classmethod
    def of(cls, found: Found, candidate: Candidate) -> "OfferOut":
        """From what was found; of a result that cannot stand, its conclusion is not told."""
        fits = bool(candidate.verdict)
        return cls(
            item=found.item.code, title=found.title, report=candidate.report.uuid, request=candidate.source.uuid,
            centre=candidate.source.centre.name, examined_at=candidate.examined_at, age_days=candidate.age_days,
            level=candidate.level or "", conclusion=candidate.report.conclusion if fits else "",
            is_abnormal=fits and candidate.report.is_abnormal,
            why=[words.miss_words(each, candidate) for each in candidate.verdict.misses],
        )  # fmt: skip


class OffersOut(BaseModel):
    """Results for the items, newest first."""

    items: list[OfferOut]


class DecisionOut(BaseModel):
    """What was decided about one item; the name only of a person in the reader's sight."""

    uuid: UUID
    outcome: str
    item: str
    title: str
    name: str
    facility: str
    doctor: str
    decided_at: datetime
    centre: str
    examined_at: datetime
    age_days: int
    source: UUID
    request: UUID | None
    visit: UUID | None
    reason: str
    why: str
    fen_saved: int
    rule: str

    @classmethod
    def of(cls, decision: Decision, name: str = "") -> "DecisionOut":
        """From a row with what it names."""
        return cls(
            uuid=decision.uuid, outcome=decision.outcome, item=decision.item,
            title=catalogue.item_title(decision.kind, decision.item, decision.item_title), name=name,
            facility=str(decision.facility), doctor=decision.decided_by_name, decided_at=decision.decided_at,
            centre=decision.source.centre.name, examined_at=examined(decision.source), age_days=decision.age_days,
            source=decision.source.uuid, request=decision.request.uuid if decision.request else None,
            visit=decision.visit.uuid if decision.visit else None, reason=decision.reason_code, why=why(decision),
            fen_saved=decision.fen if decision.outcome == "RECOGNISED" else 0, rule=decision.rule,
        )  # fmt: skip


class DecisionPageOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[DecisionOut]
    next_cursor: str


class MarkIn(In):
    """A mark to grant; `item` empty: every item of the kind. `valid_until` is the first day without it."""

    facility: UUID
    kind: Annotated[str, text(20, least=1)]
    item: Code = ""
    level: Literal["COUNTY", "CITY", "PROVINCE", "COUNTRY"]
    valid_from: date
    valid_until: date
    evidence: Annotated[str, text(120, least=1)]


class EndMarkIn(In):
    """Why a mark is withdrawn."""

    reason: Annotated[str, text(200, least=1)]


class MarkOut(BaseModel):
    """A mark; `holds` today, by its dates, by no act against it, and by what is known of its holder."""

    uuid: UUID
    facility: str
    kind: str
    item: str
    level: str
    valid_from: date
    valid_until: date
    evidence: str
    ended_at: datetime | None
    holds: bool

    @classmethod
    def of(cls, mark: Mark, *, holds: bool) -> "MarkOut":
        """From a row with its facility."""
        return cls(
            uuid=mark.uuid, facility=str(mark.facility), kind=mark.kind, item=mark.item, level=mark.level,
            valid_from=mark.valid_from, valid_until=mark.valid_until, evidence=mark.evidence, ended_at=mark.ended_at,
            holds=holds,
        )  # fmt: skip


class MarkPageOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[MarkOut]
    next_cursor: str


class RecognitionLineOut(BaseModel):
    """Figures of one group. `share`: recognised ÷ (recognised + repeated), null when there was neither."""

    name: str
    recognised: int
    repeated: int
    not_seen: int
    serial: int
    share: float | None
    fen_saved: int

    @classmethod
    def of(cls, line: Line) -> "RecognitionLineOut":
        """From a line of the report."""
        return cls(
            name=line.name, recognised=line.n_recognised, repeated=line.n_repeated, not_seen=line.n_not_seen,
            serial=line.n_serial, share=line.share, fen_saved=line.saved_fen,
        )  # fmt: skip


class RecognitionReportOut(BaseModel):
    """The report of a period. `rate`: recognised ÷ (reported + recognised)."""

    whole: RecognitionLineOut
    lines: list[RecognitionLineOut]
    reported: int
    rate: float | None

    @classmethod
    def of(cls, report: Report) -> "RecognitionReportOut":
        """From the figures."""
        return cls(
            whole=RecognitionLineOut.of(report.whole), lines=[RecognitionLineOut.of(each) for each in report.lines],
            reported=report.n_reported, rate=report.rate,
        )  # fmt: skip
