"""Shapes of funds. Amounts are in fen."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from xinglin.evaluations.models import Distribution
from xinglin.evaluations.rest.shapes import Fen, Number, Office, Points, Slug, Words
from xinglin.evaluations.sharing import fund_of
from xinglin.web.shapes import In, text


class FundPartOut(BaseModel):
    """One part of a fund."""

    code: str
    title: str
    percent: float


class FundOut(BaseModel):
    """One fund and what has to be given for it: ``amount``, or ``budget`` and ``spent``."""

    slug: str
    version: str
    title: str
    pool: str
    source: str
    mark: str
    parts: list[FundPartOut]


class FundsOut(BaseModel):
    """Every fund."""

    items: list[FundOut]


class FundLineOut(BaseModel):
    """What one unit gets out of one part, and why."""

    facility: UUID
    name: str
    part: str
    factors: list[dict[str, Any]]
    weight: str
    fen: int


class FundDistributionOut(BaseModel):
    """A fund shared."""

    uuid: UUID
    number: str
    fund: str
    title: str
    round: UUID
    status: str
    given: dict[str, int]
    pool_fen: int
    made_by: str
    approved_by: str
    document_number: str
    published_at: datetime | None
    replaces: UUID | None
    reason: str

    @classmethod
    def fields_of(cls, found: Distribution) -> dict[str, Any]:
        """Values of the shape from a row."""
        return {
            "uuid": found.uuid, "number": found.number, "fund": found.version, "title": fund_of(found).title,
            "round": found.round.uuid, "status": found.status, "given": found.given, "pool_fen": found.pool_fen,
            "made_by": found.made_by_name, "approved_by": found.approved_by_name,
            "document_number": found.document_number, "published_at": found.published_at,
            "replaces": found.replaces.uuid if found.replaces else None, "reason": found.reason,
        }  # fmt: skip


class FundDistributionDetailOut(FundDistributionOut):
    """A fund shared, with the lines the caller sees: they add up to the pool for who sees all."""

    lines: list[FundLineOut]


class FundDistributionsOut(BaseModel):
    """A page; `next_cursor` is empty on the last."""

    items: list[FundDistributionOut]
    next_cursor: str


class FundDraftIn(In):
    """A fund, the closed round that gives the scores, and the amounts in fen."""

    fund: Slug
    round: UUID
    amount: Fen | None = None
    budget: Fen | None = None
    spent: Annotated[int, Field(ge=0, le=10**13)] | None = None
    replaces: UUID | None = None
    reason: Words = ""


class FundPublishIn(In):
    """Under which number and in whose name."""

    document_number: Number
    issued_by: Office


class FundChangesIn(In):
    """What if: other percentages by part, another least score."""

    percents: dict[Annotated[str, text(20, least=1)], Points] = {}
    least: Points | None = None


class FundComparedOut(BaseModel):
    """One unit beside what it would get."""

    facility: UUID
    name: str
    fen: int
    what_if_fen: int


class FundSimulationOut(BaseModel):
    """The distribution beside what if; both add up to the pool. Nothing is kept."""

    pool_fen: int
    lines: list[FundComparedOut]
