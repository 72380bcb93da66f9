"""What the REST interface takes and gives, written by hand."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from xinglin.diagnostics import catalogue
from xinglin.diagnostics.duties import Duty
from xinglin.diagnostics.models import Centre, CriticalValue, Recording, Report, Request
from xinglin.web.shapes import In, text

Short = Annotated[str, text(500)]
Long = Annotated[str, text(4000)]
Reason = Annotated[str, text(200)]
Slug = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]


class AnswerIn(In):
    """What is to become of an item for which a result is known: `report`, the version taken over, or a coded `reason`.

    Without `item`: the same reason for all items of an emergency.
    """

    item: Annotated[str, text(40)] = ""
    report: UUID | None = None
    reason: Annotated[str, text(10)] = ""
    text: Reason = ""


class _RequestIn(In):
    """What every request says: for a visit, or a resident from a facility. `answers`: to 422 ``recognisable-result``."""

    visit: UUID | None = None
    resident: UUID | None = None
    facility: UUID | None = None
    centre: UUID | None = None
    priority: Literal["ROUTINE", "URGENT", "EMERGENCY"] = "ROUTINE"
    question: Short
    clinical: Short = ""
    repeats: UUID | None = None
    answers: Annotated[list[AnswerIn], Field(max_length=20)] = []


class PlaceIn(_RequestIn):
    """An ECG request. `recordings` are uuids given by ``POST /ecg-files``."""

    identity_confirmed: bool = False
    recordings: Annotated[list[UUID], Field(max_length=8)] = []


class PlaceImagingIn(_RequestIn):
    """An imaging request. `items` are codes of the examination items."""

    items: Annotated[list[Slug], Field(min_length=1, max_length=10)]


class EcgReasonIn(In):
    """A reason, where one is wanted."""

    reason: Short = ""


class RejectIn(In):
    """Why an examination is sent back: a code of the kind's own reasons (``definitions/reject-reasons``)."""

    reason: Slug
    remark: Short = ""


class ReportIn(In):
    """A report. `codes` are slugs of report templates, `criticals` codes of the critical-value list.

    A code whose template stands for a critical value wants it in `criticals`, or `not_critical_reason` (422
    ``critical-not-marked``).
    """

    findings: Long
    conclusion: Annotated[str, text(2000)]
    codes: Annotated[list[Slug], Field(max_length=20)] = []
    is_abnormal: bool = False
    criticals: Annotated[list[Slug], Field(max_length=10)] = []
    not_critical_reason: Short = ""


class AmendIn(ReportIn):
    """A correction with its reason."""

    reason: Short


class AcknowledgeIn(In):
    """What was read back."""

    read_back: Short


class HandleIn(In):
    """What was done."""

    handling: Annotated[str, StringConstraints(max_length=1000, pattern=r"^[^\x00]*$")]


class FileOut(BaseModel):
    """A file that was taken and can be read as an ECG."""

    uuid: UUID
    size: int
    format: str


class CentreOut(BaseModel):
    """A centre that may be asked, with its promises in minutes."""

    uuid: UUID
    code: str
    name: str
    kind: str
    minutes_routine: int
    minutes_urgent: int

    @classmethod
    def of(cls, centre: Centre) -> "CentreOut":
        return cls(**{name: getattr(centre, name) for name in cls.model_fields})


class CentresOut(BaseModel):
    """All centres that may be asked."""

    items: list[CentreOut]


class RecordingOut(BaseModel):
    """One recording; its samples are at ``…/trace.json?recording=``."""

    uuid: UUID
    format: str
    recorded_at: datetime | None
    uploaded_at: datetime
    measurements: dict[str, float]
    warnings: list[str]

    @classmethod
    def of(cls, recording: Recording) -> "RecordingOut":
        return cls(
            uuid=recording.uuid, format=recording.format, recorded_at=recording.recorded_at,
            uploaded_at=recording.uploaded_at, measurements=recording.summary.get("measurements", {}),
            warnings=recording.warnings,
        )  # fmt: skip


class ReportOut(BaseModel):
    """One signed version of a report."""

    uuid: UUID
    version: int
    stage: str
    findings: str
    conclusion: str
    codes: list[str]
    is_abnormal: bool
    amend_reason: str
    author_name: str
    signed_at: datetime

    @classmethod
    def of(cls, report: Report) -> "ReportOut":
        values = {name: getattr(report, name) for name in cls.model_fields if name != "codes"}
        return cls(codes=[each["code"] for each in report.codes], **values)


class CriticalOut(BaseModel):
    """One critical value with its clock; `in_time` is null until somebody acknowledged."""

    uuid: UUID
    request: UUID
    code: str
    text: str
    list_version: str
    status: str
    notified_at: datetime
    notified_by_name: str
    due_at: datetime
    escalation: int
    confirmed_at: datetime | None
    confirmed_by_name: str
    in_time: bool | None
    read_back: str
    handled_at: datetime | None
    handling: str

    @classmethod
    def of(cls, critical: CriticalValue) -> "CriticalOut":
        special = {"request", "text", "in_time"}
        values = {name: getattr(critical, name) for name in cls.model_fields if name not in special}
        text = catalogue.critical_text(critical.request.kind, critical.code, critical.text)
        return cls(request=critical.request.uuid, text=text, in_time=critical.is_in_time, **values)


class CriticalsOut(BaseModel):
    """A page of the register; `next_cursor` is empty on the last."""

    items: list[CriticalOut]
    next_cursor: str


class _Line(BaseModel):
    """What a list and the request itself both say of it."""

    uuid: UUID
    number: str
    status: str
    priority: str
    resident: UUID
    name: str
    sex: str
    born_on: date
    from_facility: str
    centre: str
    question: str
    requested_at: datetime
    due_at: datetime
    claimed_by_name: str
    assigned_to: str = Field(default="", description="Whom the duty roster suggests; others may claim it as well")
    assigned_until: datetime | None = None


class LineOut(_Line):
    """One request in a list."""

    @classmethod
    def of(cls, request: Request, duty: Duty | None = None) -> "LineOut":
        given: dict[str, Any] = {"assigned_to": duty.reader_name, "assigned_until": duty.until} if duty else {}
        return cls(**_line(request), **given)


class LinesOut(BaseModel):
    """A page of requests; `next_cursor` is empty on the last, and on the work list, which is not paged."""

    items: list[LineOut]
    next_cursor: str


class RequestOut(_Line):
    """One request with everything that belongs to it."""

    clinical: str
    items: list[dict[str, str]]
    performed_at: datetime | None
    requested_by_name: str
    visit: UUID | None
    repeats: UUID | None
    claimed_at: datetime | None
    reported_at: datetime | None
    recordings: list[RecordingOut]
    reports: list[ReportOut]
    criticals: list[CriticalOut]
    rejection: dict[str, str] | None

    @classmethod
    def of(cls, request: Request) -> "RequestOut":
        change = request.status_changes.filter(became="REJECTED").last() if request.status == "REJECTED" else None
        criticals = request.critical_values.select_related("request").order_by("notified_at", "id")
        return cls(
            **_line(request),
            clinical=request.clinical,
            items=request.items,
            performed_at=request.performed_at,
            requested_by_name=request.requested_by_name,
            visit=request.visit.uuid if request.visit else None,
            repeats=request.repeats.uuid if request.repeats else None,
            claimed_at=request.claimed_at,
            reported_at=request.reported_at,
            recordings=[RecordingOut.of(each) for each in request.recordings.order_by("uploaded_at", "id")],
            reports=[ReportOut.of(each) for each in request.reports.order_by("version")],
            criticals=[CriticalOut.of(each) for each in criticals],
            rejection={"reason": change.reason_code, "remark": change.reason} if change else None,
        )


class SettledOut(BaseModel):
    """Earlier results answer every item: there is no request."""

    settled: list[str]


def _line(request: Request) -> dict[str, Any]:
    resident = request.resident
    return {
        "uuid": request.uuid, "number": request.number, "status": request.status, "priority": request.priority,
        "resident": resident.uuid, "name": resident.name, "sex": resident.sex, "born_on": resident.born_on,
        "from_facility": request.from_facility.name, "centre": request.centre.code, "question": request.question,
        "requested_at": request.requested_at, "due_at": request.due_at, "claimed_by_name": request.claimed_by_name,
    }  # fmt: skip
