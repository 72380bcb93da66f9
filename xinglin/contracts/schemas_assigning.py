"""Shapes of the REST interface of residents and the teams that answer for them."""

import base64
import binascii
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, Field

from xinglin.contracts.actions.assigning import Outcome
from xinglin.contracts.actions.distributing import Plan
from xinglin.contracts.models import Assignment, Distribution
from xinglin.platform.errors import InvalidInput
from xinglin.web.shapes import In, text

Slug = Annotated[str, text(40)]


class ResidentsGivenIn(In):
    """Residents to give to the team, or for it to claim: `claim` by a member, without it by who manages the team."""

    residents: list[UUID] = Field(min_length=1, max_length=200)
    claim: bool = False


class LetGoIn(In):
    """Why a resident is given back."""

    reason: Annotated[str, text(200, least=1)]


class TeamHandOverIn(LetGoIn):
    """Another team, and why."""

    team: UUID


class DistributionIn(In):
    """Residents without a team, narrowed; `keep` what stays together. With `dry_run` nothing is written."""

    facility: UUID | None = None
    village: Annotated[str, text(12)] = ""
    group: Slug = ""
    condition: Slug = ""
    keep: Literal["village", "household"] = "village"
    dry_run: bool = True


class TableIn(In):
    """A table as `getUnassignedTable` gives it, with codes of teams filled in, at most 8 MB, as base64.

    With `dry_run` nothing is written; without it nothing is written either where a row is wrong, unless `only_good`.
    """

    content: Annotated[str, Field(max_length=11_200_000)]
    dry_run: bool = True
    only_good: bool = False

    def read(self) -> bytes:
        """The bytes. :raises InvalidInput: it is no base64"""
        try:
            return base64.b64decode(self.content, validate=True)
        except (binascii.Error, ValueError) as error:
            told = _("不是有效的文件。")
            raise InvalidInput(told, fields={"content": told}) from error


class AssignmentOut(BaseModel):
    """A team answers for a resident. `signed_until` is the end of his agreement with it, null where he has none."""

    uuid: UUID
    resident: UUID
    name: str
    team: UUID
    team_name: str
    way: str
    since: datetime
    until: datetime | None
    end: str
    signed_until: date | None

    @classmethod
    def of(cls, found: Assignment, signed_until: date | None = None) -> "AssignmentOut":
        """The shape of a row."""
        return cls(
            uuid=found.uuid, resident=found.resident.uuid, name=found.resident.name, team=found.team.uuid,
            team_name=found.team.name, way=found.way, since=found.assigned_at, until=found.ended_at, end=found.end,
            signed_until=signed_until,
        )  # fmt: skip


class AssignmentPageOut(BaseModel):
    """A page of them."""

    items: list[AssignmentOut]
    next_cursor: str


class NotGivenOut(BaseModel):
    """Who was not given to the team, and why."""

    resident: UUID
    code: str
    reason: str


class GivenOut(BaseModel):
    """What became of those who were chosen."""

    given: list[AssignmentOut]
    refused: list[NotGivenOut]

    @classmethod
    def of(cls, outcome: Outcome) -> "GivenOut":
        """The shape of an outcome."""
        refused = [
            NotGivenOut(resident=who.uuid, code=why.code, reason=str(why.message)) for who, why in outcome.refused
        ]
        return cls(given=[AssignmentOut.of(each) for each in outcome.given], refused=refused)


class UnassignedOut(BaseModel):
    """A resident without a team."""

    uuid: UUID
    number: str
    name: str
    facility: str
    village: str


class UnassignedPageOut(BaseModel):
    """A page of them."""

    items: list[UnassignedOut]
    next_cursor: str


class TeamLoadOut(BaseModel):
    """A team, how many it gets, and how many it answers for then."""

    team: UUID
    name: str
    gets: int
    then: int


class DistributionOut(BaseModel):
    """What a rule comes to: `n_asked` without a team, `n_given` of them to teams. `run` is null where nothing was written."""

    run: UUID | None
    n_asked: int
    n_given: int
    teams: list[TeamLoadOut]

    @classmethod
    def of(cls, plan: Plan) -> "DistributionOut":
        """The shape of a plan."""
        teams = [TeamLoadOut(team=team.uuid, name=team.name, gets=n, then=then) for team, n, then in plan.lines]
        return cls(run=None, n_asked=plan.n_asked, n_given=len(plan.given), teams=teams)

    @classmethod
    def done(cls, run: Distribution) -> "DistributionOut":
        """The shape of a run."""
        return cls(run=run.uuid, n_asked=run.n_asked, n_given=run.n_given, teams=[])


class TableFaultOut(BaseModel):
    """What is wrong in a row of a table."""

    row: int
    column: str
    value: str
    reason: str


class TableOut(BaseModel):
    """What a table comes to."""

    run: UUID | None
    n_rows: int
    n_good: int
    n_given: int
    faults: list[TableFaultOut]
