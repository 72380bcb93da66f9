"""Shapes of the REST interface of check-ups."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from xinglin.checkups import queries, rules
from xinglin.checkups.data import DayFigures, RowAnswer
from xinglin.checkups.models import Checkup, CheckupReport, Session, StationVisit
from xinglin.checkups.web.pages import package_title
from xinglin.web.shapes import In, text

Code = Annotated[str, text(60, least=1)]
Words = Annotated[str, text(200, least=1)]
Scalar = Annotated[str, text(500)] | int | float


class CheckupSessionIn(In):
    """When a facility examines, and how many; `facility` is the actor's own when absent."""

    held_on: date
    half: Literal["AM", "PM"]
    capacity: Annotated[int, Field(ge=0, le=32_000)]
    facility: UUID | None = None


class CheckupSessionOut(BaseModel):
    """A session and how full it is."""

    uuid: UUID
    facility: str
    held_on: date
    half: str
    capacity: int
    booked: int

    @classmethod
    def of(cls, session: Session) -> "CheckupSessionOut":
        """From a row with its facility."""
        return cls(
            uuid=session.uuid, facility=str(session.facility), held_on=session.held_on, half=session.half,
            capacity=session.capacity, booked=session.n_booked,
        )  # fmt: skip


class CheckupSessionListOut(BaseModel):
    """Sessions to come where the actor books."""

    items: list[CheckupSessionOut]


class CheckupPackageOut(BaseModel):
    """A check-up somebody may have."""

    code: str
    title: str
    version: str
    age_from: int
    age_to: int
    conditions: list[str]
    stations: list[str]


class CheckupPackageListOut(BaseModel):
    """Packages in force today."""

    items: list[CheckupPackageOut]


class CheckupIn(In):
    """A check-up to book."""

    resident: UUID
    session: UUID
    package: Code


class CheckupReasonIn(In):
    """Why."""

    reason: Words


class CheckupStationOut(BaseModel):
    """One station of a check-up; `items` are what is asked there."""

    uuid: UUID
    station: str
    status: str
    items: list[str]
    checkup: UUID
    queued_at: datetime
    skipped: int

    @classmethod
    def of(cls, visit: StationVisit) -> "CheckupStationOut":
        """From a row with its check-up."""
        return cls(
            uuid=visit.uuid, station=visit.station, status=visit.status, items=visit.items, checkup=visit.checkup.uuid,
            queued_at=visit.queued_at, skipped=visit.n_skipped,
        )  # fmt: skip


class CheckupQueueOut(BaseModel):
    """Who waits at a station, in the order they are called."""

    items: list[CheckupStationOut]


class CheckupOut(BaseModel):
    """A check-up; `values` only for who may see what was found."""

    uuid: UUID
    number: str
    resident: UUID
    resident_name: str
    facility: str
    package: str
    package_title: str
    held_on: date
    half: str
    status: str
    stations: list[CheckupStationOut]
    values: dict[str, str] | None

    @classmethod
    def of(cls, checkup: Checkup, *, sees_values: bool, is_row: bool = False) -> "CheckupOut":
        """From a row with resident, facility and session; a row of a list has neither stations nor values."""
        visits = [] if is_row else queries.stations_of(checkup)
        for each in visits:
            each.checkup = checkup
        return cls(
            uuid=checkup.uuid, number=checkup.number, resident=checkup.resident.uuid, resident_name=checkup.resident.name,
            facility=str(checkup.facility), package=checkup.package, package_title=package_title(checkup.package),
            held_on=checkup.session.held_on, half=checkup.session.half, status=checkup.status,
            stations=[CheckupStationOut.of(each) for each in visits],
            values=queries.values_of(checkup) if sees_values and not is_row else None,
        )  # fmt: skip


class CheckupPageOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[CheckupOut]
    next_cursor: str


class CheckupValuesIn(In):
    """Values of a station by code of the item: figures in the item's unit, or codes of options, several with commas."""

    values: dict[Code, Scalar] = Field(max_length=100)


class CheckupLeftOutIn(In):
    """Why a station is left out."""

    why: Literal["refused", "unfit", "ate", "equipment", "absent", "elsewhere"]


class CheckupRowIn(In):
    """One value of one person: number of the check-up or of the record."""

    number: Annotated[str, text(40, least=1)]
    item: Code
    value: Scalar


class CheckupRowsIn(In):
    """Values of many people."""

    rows: list[CheckupRowIn] = Field(max_length=500)


class CheckupRowAnswerOut(BaseModel):
    """What became of one row: taken, known, or refused with its reason."""

    row: int
    outcome: str
    message: str

    @classmethod
    def of(cls, answer: RowAnswer) -> "CheckupRowAnswerOut":
        """From an answer."""
        return cls(row=answer.row, outcome=answer.outcome, message=str(answer.message))


class CheckupRowAnswersOut(BaseModel):
    """An answer for each row."""

    answers: list[CheckupRowAnswerOut]


class CheckupStepIn(In):
    """One step of the plan."""

    step: Literal["enrol", "refer", "recheck", "guide", "next-year"]
    on: date
    words: Annotated[str, text(200)] = ""
    programme: Annotated[str, text(60)] = ""
    items: Annotated[list[Annotated[str, text(60)]], Field(max_length=40)] = []


class CheckupReportIn(In):
    """What the doctor signs; without `plan` the proposed steps are taken."""

    conclusion: Annotated[str, text(2000, least=1)]
    plan: list[CheckupStepIn] | None = Field(default=None, max_length=30)


class CheckupReportOut(BaseModel):
    """A signed report: each finding with its meaning in both languages, its source, and what it was last time."""

    uuid: UUID
    checkup: UUID
    number: str
    resident: UUID
    held_on: date
    version: int
    conclusion: str
    findings: list[dict[str, Any]]
    plan: list[dict[str, Any]]
    signed_at: datetime
    signed_by: str

    @classmethod
    def of(cls, report: CheckupReport, checkup: Checkup) -> "CheckupReportOut":
        """From a row and its check-up."""
        return cls(
            uuid=report.uuid, checkup=checkup.uuid, number=checkup.number, resident=checkup.resident.uuid,
            held_on=checkup.session.held_on, version=report.version, conclusion=report.conclusion, findings=report.findings,
            plan=[each | {"words": rules.step_words(each, report.findings)} for each in report.plan],
            signed_at=report.signed_at, signed_by=report.signed_by_name,
        )  # fmt: skip


class OwnCheckupsOut(BaseModel):
    """My reports, newest first."""

    items: list[CheckupReportOut]


class CheckupDayOut(BaseModel):
    """A day in figures; null is "no data". Stations: done, left out, waiting."""

    day: date
    booked: int | None
    arrived: int | None
    reported: int | None
    missed: int | None
    cancelled: int | None
    abnormal: int | None
    capacity: int | None
    stations: dict[str, list[int]]

    @classmethod
    def of(cls, day: date, figures: DayFigures) -> "CheckupDayOut":
        """From figures."""
        return cls(
            day=day, booked=figures.booked, arrived=figures.arrived, reported=figures.reported, missed=figures.missed,
            cancelled=figures.cancelled, abnormal=figures.abnormal, capacity=figures.capacity,
            stations={code: list(n) for code, n in figures.stations.items()},
        )  # fmt: skip
