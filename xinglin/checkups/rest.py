"""REST of check-ups."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import Field

from xinglin.accounts.data import Permission
from xinglin.checkups import actions, permissions, queries, rules, schemas
from xinglin.checkups.data import PlanStep, RowIn
from xinglin.checkups.documents import report_document
from xinglin.checkups.events import Event
from xinglin.checkups.models import Checkup, StationVisit
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput, NotVisible
from xinglin.residents import api as residents
from xinglin.web.api import ERRORS, write
from xinglin.web.documents import PDF, pdf_response
from xinglin.web.request import Request

router = Router()
Cursor = Annotated[str, Field(max_length=200)]
Short = Annotated[str, Field(max_length=40)]
CHECKUP: dict[Any, Any] = {200: schemas.CheckupOut, **ERRORS}
STATION: dict[Any, Any] = {200: schemas.CheckupStationOut, **ERRORS}
REPORT: dict[Any, Any] = {200: schemas.CheckupReportOut, **ERRORS}


def _out(actor: Any, checkup: Checkup) -> schemas.CheckupOut:
    return schemas.CheckupOut.of(
        queries.visible_checkup(actor, checkup.uuid), sees_values=permissions.may_see_values(actor)
    )


@router.get(
    "/checkups/packages", response={200: schemas.CheckupPackageListOut, **ERRORS}, operation_id="list_checkup_packages"
)
def packages(request: Request) -> Any:
    """What check-ups there are, and for whom."""
    audit.record(Event.LISTED, by=request.actor, at=clock.now())
    return schemas.CheckupPackageListOut(
        items=[
            schemas.CheckupPackageOut(
                code=each.slug, title=each.title, version=each.version, age_from=each.age_from, age_to=each.age_to,
                conditions=sorted(each.conditions), stations=[station.code for station in each.stations],
            )
            for each in rules.packages(clock.today()).values()
        ]
    )  # fmt: skip


@router.get(
    "/checkups/sessions", response={200: schemas.CheckupSessionListOut, **ERRORS}, operation_id="list_checkup_sessions"
)
def sessions(request: Request) -> Any:
    """Sessions to come where the actor books."""
    actor = request.actor
    actor.may(Permission.CHECKUP_BOOK).require()
    audit.record(Event.LISTED, by=actor, at=clock.now())
    found = queries.sessions_for(actor, since=clock.today())
    return schemas.CheckupSessionListOut(items=[schemas.CheckupSessionOut.of(each) for each in found])


@router.post(
    "/checkups/sessions", response={201: schemas.CheckupSessionOut, **ERRORS}, operation_id="open_checkup_session"
)
def open_session(request: Request, body: schemas.CheckupSessionIn) -> Any:
    """Say when a facility examines, and how many; again with another number changes it."""

    def run() -> schemas.CheckupSessionOut:
        actor = request.actor
        place = network.facility_by_uuid(body.facility).id if body.facility else actor.place
        if place is None:
            raise InvalidInput(_("请选择机构。"), fields={"facility": _("必填。")})
        session = actions.open_session(
            facility_id=place, held_on=body.held_on, half=body.half, capacity=body.capacity, by=actor, at=clock.now()
        )
        return schemas.CheckupSessionOut.of(session)

    return write(request, run, status=201)


@router.get("/checkups", response={200: schemas.CheckupPageOut, **ERRORS}, operation_id="list_checkups")
def checkups(request: Request, box: Short = "today", cursor: Cursor = "") -> Any:
    """Check-ups of the actor's facilities: ``today``, ``unfinished`` (left on a former day), ``open``, ``done``."""
    actor = request.actor
    actor.may(Permission.CHECKUP_BOOK).require()
    paging = queries.checkup_list(actor, box=box, on=clock.today(), cursor=cursor)
    shown = [each.resident.uuid for each in paging.rows]
    audit.look_many(Event.LISTED, by=actor, at=clock.now(), subjects=shown, box=box, n=len(shown))
    items = [schemas.CheckupOut.of(each, sees_values=False, is_row=True) for each in paging.rows]
    return schemas.CheckupPageOut(items=items, next_cursor=paging.next_cursor)


@router.post("/checkups", response={201: schemas.CheckupOut, **ERRORS}, operation_id="book_checkup")
def book(request: Request, body: schemas.CheckupIn) -> Any:
    """Book a check-up."""

    def run() -> schemas.CheckupOut:
        actor, at = request.actor, clock.now()
        checkup = actions.book(
            resident=residents.visible_resident(actor, body.resident, at=at),
            session=queries.session_to_book(actor, body.session), package=body.package, by=actor, at=at,
        )  # fmt: skip
        return _out(actor, checkup)

    return write(request, run, status=201)


@router.get("/checkups/own", response={200: schemas.OwnCheckupsOut, **ERRORS}, operation_id="list_own_checkups")
def own(request: Request) -> Any:
    """My reports."""
    actor, at = request.actor, clock.now()
    resident = residents.own_resident(actor)
    audit.look(Event.OWN_VIEWED, by=actor, at=at, subject=resident.uuid)
    found = queries.past_reports(residents.ids_of_person(resident), limit=20)
    return schemas.OwnCheckupsOut(items=[schemas.CheckupReportOut.of(each, each.checkup) for each in found])


@router.get("/checkups/day", response={200: schemas.CheckupDayOut, **ERRORS}, operation_id="get_checkup_day")
def day(request: Request, on: date | None = None) -> Any:
    """A day of the actor's facilities in figures."""
    actor, today = request.actor, clock.today()
    actor.may(Permission.CHECKUP_BOOK).require()
    audit.record(Event.DAY_COUNTED, by=actor, at=clock.now())
    return schemas.CheckupDayOut.of(on or today, queries.day_figures(actor, on or today))


@router.get("/checkups/queue", response={200: schemas.CheckupQueueOut, **ERRORS}, operation_id="list_checkup_queue")
def queue(request: Request, station: Short) -> Any:
    """Who waits at a station of the actor's facilities."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.CHECKUP_EXAMINE).require()
    rows = queries.queue_of(actor, station, on=clock.today(at))
    shown = [each.checkup.resident.uuid for each in rows]
    audit.look_many(Event.QUEUE_LISTED, by=actor, at=at, subjects=shown, station=station, n=len(shown))
    return schemas.CheckupQueueOut(items=[schemas.CheckupStationOut.of(each) for each in rows])


@router.post("/checkups/rows", response={200: schemas.CheckupRowAnswersOut, **ERRORS}, operation_id="send_checkup_rows")
def rows(request: Request, body: schemas.CheckupRowsIn) -> Any:
    """Values of many people, each row answered by itself."""

    def run() -> schemas.CheckupRowAnswersOut:
        actor = request.actor
        actor.may(Permission.CHECKUP_EXAMINE).require()
        given = [RowIn(each.number, each.item, each.value) for each in body.rows]
        answers = actions.take_rows(rows=given, by=actor, at=clock.now())
        return schemas.CheckupRowAnswersOut(answers=[schemas.CheckupRowAnswerOut.of(each) for each in answers])

    return write(request, run)


@router.get("/checkups/{uuid}", response=CHECKUP, operation_id="get_checkup")
def get_checkup(request: Request, uuid: UUID) -> Any:
    """One check-up."""
    actor = request.actor
    checkup = queries.visible_checkup(actor, uuid)
    audit.look(
        Event.VIEWED, by=actor, at=clock.now(), subject=checkup.resident.uuid, kind="checkups.checkup", key=str(uuid)
    )
    return _out(actor, checkup)


def _do(request: Request, uuid: UUID, action: Callable[..., Checkup], **given: Any) -> Any:
    def run() -> schemas.CheckupOut:
        actor = request.actor
        return _out(actor, action(checkup=queries.visible_checkup(actor, uuid), by=actor, at=clock.now(), **given))

    return write(request, run)


@router.post("/checkups/{uuid}/arrive", response=CHECKUP, operation_id="arrive_checkup")
def arrive(request: Request, uuid: UUID) -> Any:
    """The resident has come."""
    return _do(request, uuid, actions.arrive)


@router.post("/checkups/{uuid}/resume", response=CHECKUP, operation_id="resume_checkup")
def resume(request: Request, uuid: UUID) -> Any:
    """The resident is back for what was left on a former day: he stands in today's queues."""
    return _do(request, uuid, actions.resume_checkup)


@router.post("/checkups/{uuid}/close", response=CHECKUP, operation_id="close_checkup")
def close(request: Request, uuid: UUID, body: schemas.CheckupLeftOutIn) -> Any:
    """What was left on a former day is not done, with the reason; what was found is reported."""
    return _do(request, uuid, actions.close_checkup, why=body.why)


@router.post("/checkups/{uuid}/cancel", response=CHECKUP, operation_id="cancel_checkup")
def cancel(request: Request, uuid: UUID, body: schemas.CheckupReasonIn) -> Any:
    """It does not take place."""
    return _do(request, uuid, actions.cancel_checkup, reason=body.reason)


@router.post("/checkups/{uuid}/miss", response=CHECKUP, operation_id="miss_checkup")
def miss(request: Request, uuid: UUID) -> Any:
    """He did not come."""
    return _do(request, uuid, actions.mark_missed)


def _station(request: Request, uuid: UUID, action: Callable[..., StationVisit], **given: Any) -> Any:
    def run() -> schemas.CheckupStationOut:
        actor = request.actor
        visit = action(visit=queries.visible_station(actor, uuid), by=actor, at=clock.now(), **given)
        return schemas.CheckupStationOut.of(visit)

    return write(request, run)


@router.post("/checkups/stations/{uuid}/values", response=STATION, operation_id="save_checkup_station")
def save(request: Request, uuid: UUID, body: schemas.CheckupValuesIn) -> Any:
    """Write what a station found: all of it, or nothing with the reason by item."""
    return _station(request, uuid, actions.save_station, values=body.values)


@router.post("/checkups/stations/{uuid}/skip", response=STATION, operation_id="skip_checkup_station")
def skip(request: Request, uuid: UUID) -> Any:
    """Called and not there: to the end of the queue."""
    return _station(request, uuid, actions.skip)


@router.post("/checkups/stations/{uuid}/leave-out", response=STATION, operation_id="leave_out_checkup_station")
def leave_out(request: Request, uuid: UUID, body: schemas.CheckupLeftOutIn) -> Any:
    """Not done, with the reason."""
    return _station(request, uuid, actions.leave_out, why=body.why)


@router.post("/checkups/stations/{uuid}/again", response=STATION, operation_id="queue_checkup_station_again")
def again(request: Request, uuid: UUID) -> Any:
    """What was left out is done after all."""
    return _station(request, uuid, actions.queue_again)


@router.post(
    "/checkups/{uuid}/report", response={201: schemas.CheckupReportOut, **ERRORS}, operation_id="sign_checkup_report"
)
def sign(request: Request, uuid: UUID, body: schemas.CheckupReportIn) -> Any:
    """Sign the report."""

    def run() -> schemas.CheckupReportOut:
        actor, at = request.actor, clock.now()
        checkup = queries.visible_checkup(actor, uuid)
        if body.plan is None:
            steps = queries.proposed_plan(checkup, on=clock.today(at))
        else:
            steps = [PlanStep(each.step, each.on, each.words, each.programme, tuple(each.items)) for each in body.plan]
        made = actions.sign_report(checkup=checkup, conclusion=body.conclusion, plan=steps, by=actor, at=at)
        return schemas.CheckupReportOut.of(made, checkup)

    return write(request, run, status=201)


@router.post("/checkups/{uuid}/withdraw", response=CHECKUP, operation_id="withdraw_checkup_report")
def withdraw(request: Request, uuid: UUID, body: schemas.CheckupReasonIn) -> Any:
    """Withdraw the report, to put it right."""
    return _do(request, uuid, actions.withdraw_report, reason=body.reason)


def _found(request: Request, uuid: UUID, event: Event) -> Any:
    actor = request.actor
    checkup = queries.visible_checkup(actor, uuid)
    report = queries.report_of(checkup)
    if report is None or not permissions.may_see_values(actor):
        raise NotVisible("checkups.checkupreport", uuid)
    report.checkup = checkup
    audit.look(event, by=actor, at=clock.now(), subject=checkup.resident.uuid, kind="checkups.checkup", key=str(uuid))
    return report


@router.get("/checkups/{uuid}/report", response=REPORT, operation_id="get_checkup_report")
def report(request: Request, uuid: UUID) -> Any:
    """The report that stands."""
    found = _found(request, uuid, Event.VIEWED)
    return schemas.CheckupReportOut.of(found, found.checkup)


@router.get("/checkups/{uuid}/report.pdf", response=ERRORS, operation_id="get_checkup_report_pdf", openapi_extra=PDF)
def report_pdf(request: Request, uuid: UUID) -> HttpResponse:
    """The report as PDF."""
    found = _found(request, uuid, Event.PRINTED)
    return pdf_response(report_document(found, at=clock.now()), found.checkup.number)
