"""Shapes of the REST interface of visits, written by hand."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from xinglin.visits import queries
from xinglin.visits.data import VITAL_NAMES, Content, DiagnosisIn, OrderIn, PrescriptionIn, Vitals
from xinglin.visits.models import DiagnosisTerm, Visit
from xinglin.web.shapes import In, text


class DiagnosisBody(In):
    """A diagnosis; an empty name is filled from the table."""

    code: Annotated[str, text(20, least=1)]
    name: Annotated[str, text(120)] = ""
    system: Annotated[str, text(10)] = "ICD-10"


class PrescriptionBody(In):
    """One medicine."""

    medicine: Annotated[str, text(80, least=1)]
    dose: Annotated[str, text(30, least=1)]
    frequency: Annotated[str, text(20, least=1)]
    days: Annotated[int, Field(ge=1, le=84)]
    strength: Annotated[str, text(40)] = ""
    route: Annotated[str, text(20, least=1)] = "口服"
    quantity: Annotated[str, text(20)] = ""
    is_tcm: bool = False


class OrderBody(In):
    """Something done on the spot."""

    item: Annotated[str, text(80, least=1)]
    note: Annotated[str, text(200)] = ""


Whole = Annotated[int, Field(ge=0, le=100_000)]
Tenths = Annotated[Decimal, Field(ge=0, le=100_000, max_digits=8)]


class ContentIn(In):
    """What a visit says. Units: mmHg, per minute, °C, %, mmol/L, kg, cm; null means not measured."""

    kind: Annotated[str, text(12)] = "OUTPATIENT"
    started_at: AwareDatetime | None = Field(None, description="when it happened; null: now; never in the future")
    systolic: Whole | None = None
    diastolic: Whole | None = None
    pulse: Whole | None = None
    respiration: Whole | None = None
    temperature: Tenths | None = None
    spo2: Whole | None = None
    glucose: Tenths | None = None
    glucose_when: Annotated[str, text(10)] = ""
    weight: Tenths | None = None
    height: Tenths | None = None
    confirmed_unusual: bool = False
    complaint: Annotated[str, text(500)] = ""
    history: Annotated[str, text(4000)] = ""
    examination: Annotated[str, text(4000)] = ""
    advice: Annotated[str, text(4000)] = ""
    diagnoses: Annotated[list[DiagnosisBody], Field(max_length=20)] = []
    prescriptions: Annotated[list[PrescriptionBody], Field(max_length=50)] = []
    orders: Annotated[list[OrderBody], Field(max_length=30)] = []
    sign: bool = Field(True, description="sign at once")

    def to_content(self) -> Content:
        """As the action takes it."""
        return Content(
            kind=self.kind, started_at=self.started_at,
            vitals=Vitals(
                **{name: getattr(self, name) for name in VITAL_NAMES}, glucose_when=self.glucose_when,
                confirmed_unusual=self.confirmed_unusual,
            ),
            complaint=self.complaint, history=self.history, examination=self.examination, advice=self.advice,
            diagnoses=[DiagnosisIn(each.code, each.name, each.system) for each in self.diagnoses],
            prescriptions=[PrescriptionIn(**each.model_dump()) for each in self.prescriptions],
            orders=[OrderIn(**each.model_dump()) for each in self.orders],
        )  # fmt: skip


class VisitIn(ContentIn):
    """A visit to be recorded."""

    resident: UUID
    facility: UUID | None = Field(None, description="null: where the caller works")


class CorrectIn(ContentIn):
    """The right visit in place of a wrong one; `started_at` null keeps that of the wrong one."""

    reason: Annotated[str, text(500, least=1)]


class VoidIn(In):
    """Why a visit is made void."""

    reason: Annotated[str, text(500, least=1)]


class DiagnosisOut(BaseModel):
    """A diagnosis of a visit."""

    system: str
    code: str
    name: str
    is_primary: bool


class PrescriptionOut(BaseModel):
    """One medicine of a visit."""

    uuid: UUID
    medicine: str
    strength: str
    dose: str
    route: str
    frequency: str
    days: int
    quantity: str
    is_tcm: bool


class OrderOut(BaseModel):
    """Something done at a visit."""

    uuid: UUID
    item: str
    note: str


class VisitOut(BaseModel):
    """A visit."""

    uuid: UUID
    number: str
    resident: UUID
    facility: UUID
    facility_name: str
    kind: str
    status: str
    started_at: datetime
    recorded_at: datetime
    clinician: str
    systolic: int | None
    diastolic: int | None
    pulse: int | None
    respiration: int | None
    temperature: float | None
    spo2: int | None
    glucose: float | None
    glucose_when: str
    weight: float | None
    height: float | None
    confirmed_unusual: bool
    complaint: str
    history: str
    examination: str
    advice: str
    diagnoses: list[DiagnosisOut]
    prescriptions: list[PrescriptionOut]
    orders: list[OrderOut]
    replaces: UUID | None

    @classmethod
    def of(cls, visit: Visit) -> "VisitOut":
        """From a visit with its resident and facility loaded."""
        diagnoses, prescriptions, orders = queries.parts_of(visit)
        return cls(
            uuid=visit.uuid,
            number=visit.number,
            resident=visit.resident.uuid,
            facility=visit.facility.uuid,
            facility_name=visit.facility.name,
            kind=visit.kind,
            status=visit.status,
            started_at=visit.started_at,
            recorded_at=visit.recorded_at,
            clinician=visit.clinician_name,
            **{name: getattr(visit, name) for name in (*VITAL_NAMES, "glucose_when", "confirmed_unusual")},
            **{name: getattr(visit, name) for name in ("complaint", "history", "examination", "advice")},
            diagnoses=[DiagnosisOut.model_validate(each, from_attributes=True) for each in diagnoses],
            prescriptions=[PrescriptionOut.model_validate(each, from_attributes=True) for each in prescriptions],
            orders=[OrderOut.model_validate(each, from_attributes=True) for each in orders],
            replaces=visit.replaces.uuid if visit.replaces else None,
        )


class VisitLine(BaseModel):
    """One visit of a list."""

    uuid: UUID
    number: str
    resident: UUID
    facility: UUID
    kind: str
    status: str
    started_at: datetime
    clinician: str
    systolic: int | None
    diastolic: int | None
    complaint: str
    diagnoses: list[str]

    @classmethod
    def of(cls, visit: Visit) -> "VisitLine":
        """From a visit of `queries.visits_at`."""
        return cls(
            uuid=visit.uuid, number=visit.number, resident=visit.resident.uuid, facility=visit.facility.uuid,
            kind=visit.kind, status=visit.status, started_at=visit.started_at, clinician=visit.clinician_name,
            systolic=visit.systolic, diastolic=visit.diastolic, complaint=visit.complaint,
            diagnoses=[each.name for each in visit.diagnoses.all()],
        )  # fmt: skip


class VisitsOut(BaseModel):
    """A page of visits, newest first; `next_cursor` is empty on the last page."""

    rows: list[VisitLine]
    next_cursor: str


class TermOut(BaseModel):
    """A diagnosis that can be chosen."""

    system: str
    code: str
    name: str
    initials: str
    source: str
    valid_from: date | None
    valid_until: date | None

    @classmethod
    def of(cls, term: DiagnosisTerm) -> "TermOut":
        """From a row of the table."""
        return cls.model_validate(term, from_attributes=True)
