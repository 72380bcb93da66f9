"""REST of programmes: the list, enrolling, visits and what they would come to."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from xinglin.accounts.data import Permission
from xinglin.followups.api import quiet_weeks
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.programmes import (
    actions,
    answering,
    documents,
    judging,
    permissions,
    queries,
    rest_checks,
    rest_editions,
    rest_fhir,
    rest_read,
    rest_write,
)
from xinglin.programmes.data import VisitIn
from xinglin.programmes.events import Event
from xinglin.programmes.models import Enrolment, ProgrammeVisit
from xinglin.programmes.rules import catalogue
from xinglin.programmes.shapes import DueOut, DuePageOut
from xinglin.programmes.states import MANAGED, Status
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request
from xinglin.web.shapes import In, text

router = rest_read.router  # one router: two that share a path hide each other's methods
router.add_router("", rest_write.router)
router.add_router("", rest_checks.router)
router.add_router("", rest_editions.router)
router.add_router("", rest_fhir.router)

Text = Annotated[str, text(2000)]
Code = Annotated[str, text(60)]
Answer = bool | int | float | Annotated[str, text(2000)] | Annotated[list[Code], Field(max_length=60)] | None


class EnrolIn(In):
    """A resident and a programme by its slug; `basis` is needed where the record shows no diagnosis."""

    resident: UUID
    programme: Code
    basis: Text = ""


class EndEnrolmentIn(In):
    """Why managing ends."""

    reason_code: Code
    note: Text = ""


class AnswersIn(In):
    """Answers by code of the item, as their definition says: a number, a code, codes, yes or no, a text, a day."""

    answers: Annotated[dict[Code, Answer], Field(max_length=200)] = {}
    kind: Literal["routine", "yearly"] = "routine"
    happened_at: datetime | None = Field(default=None, description="When it took place; now when absent")


class ProgrammeVisitIn(AnswersIn):
    """What one meeting found. `client_id` is given by the device: the same upload again is the same visit."""

    client_id: UUID
    channel: Literal["CLINIC", "HOME", "PHONE", "MESSAGE"]
    facility: UUID | None = Field(default=None, description="The actor's own unit when absent")
    advice: Text = ""
    note: Text = ""
    alert_answer: Literal["", "REFER", "REFERRED", "REFUSED", "OTHER"] = ""
    alert_note: Text = ""
    call_reason: Annotated[str, text(500)] = ""
    confirmed_unusual: bool = False


class ProgrammeVisitAmendIn(ProgrammeVisitIn):
    """The right visit in place of the wrong one."""

    reason: Annotated[str, text(500, least=1)]


class EnrolmentOut(BaseModel):
    """A resident in a programme. `is_controlled` and `on_target` are null when not measured."""

    uuid: UUID
    resident: UUID
    resident_name: str
    facility: str
    programme: str
    version: str
    status: str
    grade: str
    is_controlled: bool | None
    on_target: bool | None
    enrolled_on: date | None
    last_visit_on: date | None
    next_due_on: date | None
    ended_on: date | None
    end_reason: str

    @classmethod
    def of(cls, row: Enrolment) -> "EnrolmentOut":
        """From a row with its resident and facility."""
        return cls(
            uuid=row.uuid, resident=row.resident.uuid, resident_name=row.resident.name, facility=str(row.facility),
            programme=row.programme, version=row.version, status=row.status, grade=row.grade,
            is_controlled=row.is_controlled, on_target=row.on_target, enrolled_on=row.enrolled_on,
            last_visit_on=row.last_visit_on, next_due_on=row.next_due_on, ended_on=row.ended_on,
            end_reason=row.end_reason,
        )  # fmt: skip


class ProgrammeAlertOut(BaseModel):
    """Something to act on: `level` of note, adjust, refer, emergency; `channel` of referrals, or empty."""

    code: str
    level: str
    text: str
    channel: str


class ProgrammeResultOut(BaseModel):
    """What a visit comes to in one programme."""

    programme: str
    version: str
    grade: str
    is_controlled: bool | None
    on_target: bool | None
    next_due_on: date
    advice: list[str]
    missing: list[str]
    alerts: list[ProgrammeAlertOut] = []


class ProgrammeOutcomeOut(BaseModel):
    """What a visit would come to, in every programme."""

    results: list[ProgrammeResultOut]


class ProgrammeVisitOut(BaseModel):
    """A programme visit with what it came to."""

    uuid: UUID
    client_id: UUID
    resident: UUID
    facility: str
    kind: str
    channel: str
    happened_at: datetime
    recorded_at: datetime
    clinician_name: str
    answers: dict[str, Any]
    advice: str
    note: str
    visit: UUID | None
    replaces: UUID | None
    results: list[ProgrammeResultOut]

    @classmethod
    def of(cls, row: ProgrammeVisit) -> "ProgrammeVisitOut":
        """From a row with its results."""
        results = row.results.select_related("enrolment").order_by("id")
        return cls(
            uuid=row.uuid, client_id=row.client_id, resident=row.resident.uuid, facility=str(row.facility),
            kind=row.kind, channel=row.channel, happened_at=row.happened_at, recorded_at=row.recorded_at,
            clinician_name=row.clinician_name, answers=row.answers, advice=row.advice, note=row.note,
            visit=row.visit.uuid if row.visit else None, replaces=row.replaces.uuid if row.replaces else None,
            results=[
                ProgrammeResultOut(
                    programme=each.enrolment.programme, version=each.version, grade=each.grade,
                    is_controlled=each.is_controlled, on_target=each.on_target, next_due_on=each.next_due_on,
                    advice=[str(said) for said in each.advice_said], missing=each.missing,
                )
                for each in results
            ],
        )  # fmt: skip


class ProgrammeOut(BaseModel):
    """A programme in force."""

    slug: str
    version: str
    title: str
    short: str


@router.get("/programmes", response={200: list[ProgrammeOut], **ERRORS}, operation_id="list_programmes")
def list_programmes(request: Request) -> Any:
    """Programmes in force today, in their order."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.NETWORK_VIEW).require()
    audit.record(Event.LISTED, by=actor, at=at)
    return [
        ProgrammeOut(slug=each.slug, version=each.version, title=str(each.title), short=str(each.short))
        for each in catalogue.programmes(clock.today(at))
    ]


@router.get("/programmes/due", response={200: DuePageOut, **ERRORS}, operation_id="list_due_residents")
def list_due(
    request: Request,
    box: Annotated[str, Field(max_length=10)] = "due",
    programme: Annotated[str, Field(max_length=40)] = "",
    facility: UUID | None = None,
    team: UUID | None = None,
    cursor: Annotated[str, Field(max_length=300)] = "",
) -> Any:
    """Residents to see, the most urgent first: ``due`` (and overdue), ``soon``, ``lost``, ``all``."""
    actor, at = request.actor, clock.now()
    filters = queries.Filters(network.facility_id_of(facility) if facility else None, programme, team)
    page = queries.day_list(actor, box=box, filters=filters, at=at, cursor=cursor)
    shown = [each.resident.uuid for each in page.rows]
    audit.look_many(Event.LISTED, by=actor, at=at, subjects=shown, box=box, n=len(shown))
    weeks = quiet_weeks(actor, [each.resident_id for each in page.rows], at=at)
    items = [DueOut.of(each, actor, weeks.get(each.resident_id)) for each in page.rows]
    return DuePageOut(items=items, next_cursor=page.next_cursor)


@router.post("/enrolments", response={201: EnrolmentOut, **ERRORS}, operation_id="enrol_resident")
def enrol(request: Request, body: EnrolIn) -> Any:
    """Take a resident into a programme by the version in force today."""

    def run() -> EnrolmentOut:
        actor, at = request.actor, clock.now()
        resident = queries.visible_resident(actor, body.resident, at=at)
        row = actions.enrol_resident(
            resident=resident, programme=body.programme, basis=body.basis, by=actor, at=at
        )  # fmt: skip
        return EnrolmentOut.of(row)

    return write(request, run, status=201)


@router.get("/enrolments/{uuid}", response={200: EnrolmentOut, **ERRORS}, operation_id="get_enrolment")
def get_enrolment(request: Request, uuid: UUID) -> Any:
    """One enrolment."""
    actor = request.actor
    row = queries.visible_enrolment(actor, uuid)
    audit.look(
        Event.VIEWED, by=actor, at=clock.now(), subject=row.resident.uuid, kind="programmes.enrolment", key=str(uuid)
    )
    return EnrolmentOut.of(row)


@router.post("/enrolments/{uuid}/end", response={200: EnrolmentOut, **ERRORS}, operation_id="end_enrolment")
def end(request: Request, uuid: UUID, body: EndEnrolmentIn) -> Any:
    """End managing with a coded reason."""

    def run() -> EnrolmentOut:
        actor = request.actor
        row = queries.visible_enrolment(actor, uuid)
        return EnrolmentOut.of(
            actions.end_enrolment(
                enrolment=row, reason_code=body.reason_code, note=body.note, by=actor, at=clock.now()
            )
        )  # fmt: skip

    return write(request, run)


@router.post(
    "/residents/{uuid}/programme-look", response={200: ProgrammeOutcomeOut, **ERRORS}, operation_id="look_at_answers"
)
def look(request: Request, uuid: UUID, body: AnswersIn) -> Any:
    """What answers would come to, without keeping them: grade, control, alerts, advice, next day."""
    actor, at = request.actor, clock.now()
    resident = queries.visible_resident(actor, uuid, at=at)
    audit.look(Event.FORM_OPENED, by=actor, at=at, subject=resident.uuid)
    enrolments = [
        each for each in queries.enrolments_known_to(actor, resident) if each.status in {*MANAGED, Status.PAUSED}
    ]
    day = clock.today(body.happened_at or at)
    codes = {
        code
        for each in enrolments
        for kind in ("routine", "yearly")
        for code in judging.definition_of(each).codes(kind)
    }
    answers = answering.read(body.answers, codes, on=day)
    found = judging.outcomes(resident, enrolments, answers, on=day, kind=body.kind)
    return ProgrammeOutcomeOut(
        results=[
            ProgrammeResultOut(
                programme=each.programme, version=each.version, grade=outcome.grade, is_controlled=outcome.controlled,
                on_target=outcome.on_target, next_due_on=outcome.next_due,
                advice=[str(advice.text) for advice in outcome.advice], missing=list(outcome.missing),
                alerts=[
                    ProgrammeAlertOut(code=alert.code, level=alert.level, text=str(alert.text), channel=alert.channel)
                    for alert in outcome.alerts
                ],
            )
            for each, outcome in found.items()
        ]
    )  # fmt: skip


@router.post(
    "/residents/{uuid}/programme-visits",
    response={201: ProgrammeVisitOut, **ERRORS},
    operation_id="record_programme_visit",
)
def record(request: Request, uuid: UUID, body: ProgrammeVisitIn) -> Any:
    """Write down a visit for all programmes of a resident; the same `client_id` again gives the first answer."""

    def run() -> ProgrammeVisitOut:
        actor, at = request.actor, clock.now()
        resident = queries.visible_resident(actor, uuid, at=at)
        facility_id = network.facility_id_of(body.facility) if body.facility else actor.place
        permissions.may_manage(actor, facility_id).require()
        assert facility_id is not None
        visit = actions.record_programme_visit(
            resident=resident, facility_id=facility_id, content=_content(body), by=actor, at=at
        )
        return ProgrammeVisitOut.of(visit)

    return write(request, run, status=201)


@router.get("/programme-visits/{uuid}", response={200: ProgrammeVisitOut, **ERRORS}, operation_id="get_programme_visit")
def get_visit(request: Request, uuid: UUID) -> Any:
    """One programme visit."""
    actor = request.actor
    visit = queries.visible_programme_visit(actor, uuid)
    audit.look(
        Event.VIEWED, by=actor, at=clock.now(), subject=visit.resident.uuid, kind="programmes.programmevisit",
        key=str(uuid),
    )  # fmt: skip
    return ProgrammeVisitOut.of(visit)


@router.get(
    "/programme-visits/{uuid}/advice.pdf", response={200: bytes, **ERRORS}, operation_id="print_programme_advice"
)
def print_advice(request: Request, uuid: UUID) -> Any:
    """What the resident takes home from a visit, one A5 page as PDF in the language that is asked for."""
    actor = request.actor
    return documents.hand_out(queries.visible_programme_visit(actor, uuid), by=actor, at=clock.now())


@router.post(
    "/programme-visits/{uuid}/amend", response={200: ProgrammeVisitOut, **ERRORS}, operation_id="amend_programme_visit"
)
def amend(request: Request, uuid: UUID, body: ProgrammeVisitAmendIn) -> Any:
    """Write the right visit in place of this one, which is kept."""

    def run() -> ProgrammeVisitOut:
        actor = request.actor
        visit = queries.visible_programme_visit(actor, uuid)
        new = actions.amend_programme_visit(
            visit=visit, content=_content(body), reason=body.reason, by=actor, at=clock.now()
        )
        return ProgrammeVisitOut.of(new)

    return write(request, run)


def _content(body: ProgrammeVisitIn) -> VisitIn:
    return VisitIn(
        client_id=body.client_id, channel=body.channel, answers=body.answers, kind=body.kind,
        happened_at=body.happened_at, advice=body.advice, note=body.note, alert_answer=body.alert_answer,
        alert_note=body.alert_note, confirmed_unusual=body.confirmed_unusual,
        call_reason=body.call_reason,
    )  # fmt: skip
