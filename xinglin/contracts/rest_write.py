"""REST of residents and the teams that answer for them."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from xinglin.accounts.data import Permission
from xinglin.contracts import actions, assigning, queries, tables
from xinglin.contracts.assigning import Wish
from xinglin.contracts.events import Event
from xinglin.contracts.schemas_assigning import (
    AssignmentOut,
    AssignmentPageOut,
    DistributionIn,
    DistributionOut,
    GivenOut,
    LetGoIn,
    ResidentsGivenIn,
    TableFaultOut,
    TableIn,
    TableOut,
    TeamHandOverIn,
    UnassignedOut,
    UnassignedPageOut,
)
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.web.answers import download
from xinglin.web.api import ERRORS, write
from xinglin.web.formats import age_text
from xinglin.web.sheets import XLSX, read_lines

router = Router()
Cursor = Annotated[str, Field(max_length=200)]
Short = Annotated[str, Field(max_length=40)]
MOST_FAULTS = 1_000
MOST_ROWS = 5_000


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined,no-any-return]


@router.get("/unassigned-residents", response={200: UnassignedPageOut, **ERRORS}, operation_id="listUnassigned")
def list_unassigned(
    request: HttpRequest, village: Short = "", group: Short = "", condition: Short = "", cursor: Cursor = ""
) -> Any:
    """Residents on record where the actor signs whom no team has, neither assigned nor signed."""
    actor, at = _actor(request), clock.now()
    actor.may(Permission.CONTRACT_SIGN).require()
    wish = Wish(None, village, group, condition)
    page = assigning.unassigned_page(actor, wish, on=clock.today(at), cursor=cursor)
    audit.look_many(Event.UNASSIGNED_LISTED, by=actor, at=at, subjects=[each.uuid for each in page.rows])
    items = [
        UnassignedOut(
            uuid=each.uuid, number=each.number, name=each.name, facility=str(each.managed_by), village=each.division_code
        )
        for each in page.rows
    ]  # fmt: skip
    return UnassignedPageOut(items=items, next_cursor=page.next_cursor)


@router.get("/unassigned-residents/table", response={200: bytes, **ERRORS}, operation_id="getUnassignedTable")
def get_table(request: HttpRequest, village: Short = "", group: Short = "", condition: Short = "") -> HttpResponse:
    """The same as a workbook with an empty column for the team's code; the codes stand on its second sheet."""
    actor, at = _actor(request), clock.now()
    actor.may(Permission.CONTRACT_SIGN).require()
    today = clock.today(at)
    people = assigning.unassigned_of(actor, Wish(None, village, group, condition), on=today, limit=MOST_ROWS)
    for start in range(0, len(people), 200):
        subjects = [each.uuid for each in people[start : start + 200]]
        audit.look_many(Event.EXPORTED, by=actor, at=at, subjects=subjects, table="unassigned")
    if not people:
        audit.record(Event.EXPORTED, by=actor, at=at, detail={"n": 0})
    names = network.division_names(each.division_code for each in people)
    ages = {each.pk: age_text(each.born_on, today) for each in people}
    content = tables.table_of(people, assigning.teams_to_give_to(actor, on=today), names, ages)
    return download(content, f"unassigned-{today}.xlsx", media_type=XLSX)


@router.post("/unassigned-residents/table", response={200: TableOut, **ERRORS}, operation_id="putUnassignedTable")
def put_table(request: HttpRequest, body: TableIn) -> Any:
    """Check a filled-in table row by row, and write it where that was asked for."""
    content = body.read()

    def run() -> TableOut:
        actor, at = _actor(request), clock.now()
        actor.may(Permission.CONTRACT_SIGN).require()
        today = clock.today(at)
        rows = tables.plan(read_lines(content), assigning.teams_to_give_to(actor, on=today), by=actor, on=today)
        good = [row for row in rows if not row.faults]
        audit.look_many(Event.UNASSIGNED_LISTED, by=actor, at=at, subjects=[row.resident.uuid for row in good][:200])
        faults = [
            TableFaultOut(row=row.number, column=column, value=value[:60], reason=str(why))
            for row in rows for column, value, why in row.told
        ]  # fmt: skip
        told = TableOut(run=None, n_rows=len(rows), n_good=len(good), n_given=0, faults=faults[:MOST_FAULTS])
        if body.dry_run or not good or (faults and not body.only_good):
            return told
        pairs = [(row.resident, row.team) for row in good if row.team is not None]
        done = actions.distribute_by_table(pairs=pairs, facility_id=actor.place, by=actor, at=at)
        return told.model_copy(update={"run": done.uuid, "n_given": done.n_given})

    return write(request, run)


@router.post("/distributions", response={200: DistributionOut, **ERRORS}, operation_id="distributeResidents")
def distribute(request: HttpRequest, body: DistributionIn) -> Any:
    """Give residents without a team to the teams that serve them, by a rule; names nobody."""

    def run() -> DistributionOut:
        actor, at = _actor(request), clock.now()
        facility = network.facility_by_uuid(body.facility).id if body.facility else None
        wish = Wish(facility, body.village, body.group, body.condition)
        if body.dry_run:
            audit.record(Event.LISTED, by=actor, at=at, detail={"distribute": body.keep})
            return DistributionOut.of(actions.plan_by_rule(wish=wish, keep=body.keep, by=actor, at=at))
        return DistributionOut.done(actions.distribute_by_rule(wish=wish, keep=body.keep, by=actor, at=at))

    return write(request, run)


@router.get(
    "/contract-teams/{uuid}/residents", response={200: AssignmentPageOut, **ERRORS}, operation_id="listTeamResidents"
)
def list_team_residents(request: HttpRequest, uuid: UUID, signed: Short = "", cursor: Cursor = "") -> Any:
    """Residents a team answers for whom the actor sees; `signed` ``yes`` or ``no``."""
    actor, at = _actor(request), clock.now()
    team = queries.visible_team(actor, uuid)
    page = assigning.team_residents_page(actor, team, signed=signed, cursor=cursor)
    subjects = [each.resident.uuid for each in page.rows]
    audit.look_many(Event.LISTED, by=actor, at=at, subjects=subjects, team=str(uuid))
    for each in page.rows:
        each.team = team
    items = [AssignmentOut.of(each, each.signed_until) for each in page.rows]  # type: ignore[attr-defined]
    return AssignmentPageOut(items=items, next_cursor=page.next_cursor)


@router.post("/contract-teams/{uuid}/residents", response={200: GivenOut, **ERRORS}, operation_id="giveResidents")
def give_residents(request: HttpRequest, uuid: UUID, body: ResidentsGivenIn) -> Any:
    """Give residents to a team, or claim them for it. Whom another team has is told with its name, and stays there."""

    def run() -> GivenOut:
        actor = _actor(request)
        team = queries.visible_team(actor, uuid)
        people = assigning.chosen_residents(actor, body.residents)
        outcome = actions.assign_residents(team=team, people=people, claimed=body.claim, by=actor, at=clock.now())
        return GivenOut.of(outcome)

    return write(request, run)


@router.get("/assignments/{uuid}", response={200: list[AssignmentOut], **ERRORS}, operation_id="getAssignment")
def get_assignment(request: HttpRequest, uuid: UUID) -> Any:
    """An assignment with all of the same resident, the newest first."""
    actor = _actor(request)
    found = assigning.visible_assignment(actor, uuid)
    audit.look(
        Event.ASSIGNMENT_VIEWED, by=actor, at=clock.now(), subject=found.resident.uuid, kind="contracts.assignment",
        key=str(uuid),
    )  # fmt: skip
    return [AssignmentOut.of(each) for each in assigning.history_of([found.resident_id])]


@router.post("/assignments/{uuid}/release", response={200: AssignmentOut, **ERRORS}, operation_id="releaseResident")
def release(request: HttpRequest, uuid: UUID, body: LetGoIn) -> Any:
    """Give a resident back, so that another team can take him."""

    def run() -> AssignmentOut:
        actor = _actor(request)
        found = assigning.visible_assignment(actor, uuid)
        return AssignmentOut.of(
            actions.release_resident(assignment=found, reason=body.reason, by=actor, at=clock.now())
        )

    return write(request, run)


@router.post("/assignments/{uuid}/hand-over", response={200: AssignmentOut, **ERRORS}, operation_id="handOverResident")
def hand_over(request: HttpRequest, uuid: UUID, body: TeamHandOverIn) -> Any:
    """Hand a resident to another team that serves him."""

    def run() -> AssignmentOut:
        actor = _actor(request)
        found, team = assigning.visible_assignment(actor, uuid), queries.visible_team(actor, body.team)
        return AssignmentOut.of(
            actions.hand_resident(assignment=found, team=team, reason=body.reason, by=actor, at=clock.now())
        )

    return write(request, run)
