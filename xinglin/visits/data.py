"""What crosses the door of visits."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class GlucoseWhen(StrEnum):
    """When blood was taken for a glucose value."""

    FASTING = "FASTING"
    TWO_HOURS = "TWO_HOURS"
    RANDOM = "RANDOM"


@dataclass(frozen=True, slots=True)
class Vitals:
    """Measurements of one visit; None means not measured. Units stand in ``definitions/vitals/limits.toml``.

    mmHg, per minute, °C, %, mmol/L, kg, cm. `confirmed_unusual` says that somebody looked twice at values outside the
    usual range. `measured_at` is set when they are read back.
    """

    systolic: int | None = None
    diastolic: int | None = None
    pulse: int | None = None
    respiration: int | None = None
    temperature: Decimal | None = None
    spo2: int | None = None
    glucose: Decimal | None = None
    glucose_when: str = ""
    weight: Decimal | None = None
    height: Decimal | None = None
    confirmed_unusual: bool = False
    measured_at: datetime | None = None

    @property
    def measured(self) -> dict[str, int | Decimal]:
        """Values that were measured, by name."""
        return {name: value for name in VITAL_NAMES if (value := getattr(self, name)) is not None}

    @property
    def pressure(self) -> str:
        """Blood pressure as it is said: ``186/112``; empty unless both are known."""
        return f"{self.systolic}/{self.diastolic}" if self.systolic and self.diastolic else ""


#: Names of the measurements, in the order of a page.
VITAL_NAMES = tuple(
    field.name for field in fields(Vitals) if field.name not in {"glucose_when", "confirmed_unusual", "measured_at"}
)


NOTHING_MEASURED = Vitals()


@dataclass(frozen=True, slots=True)
class DiagnosisIn:
    """A diagnosis to be recorded. `system` is ``ICD-10`` or ``TCM``."""

    code: str
    name: str
    system: str = "ICD-10"


@dataclass(frozen=True, slots=True)
class PrescriptionIn:
    """One medicine to be prescribed, as written. `days` is the number of days it lasts."""

    medicine: str
    dose: str
    frequency: str
    days: int
    strength: str = ""
    route: str = "口服"
    quantity: str = ""
    is_tcm: bool = False


@dataclass(frozen=True, slots=True)
class OrderIn:
    """Something ordered and done on the spot."""

    item: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is written down of a visit. `started_at`: when it happened, None for now. The first diagnosis is the primary one."""

    kind: str = "OUTPATIENT"
    started_at: datetime | None = None
    vitals: Vitals = NOTHING_MEASURED
    complaint: str = ""
    history: str = ""
    examination: str = ""
    advice: str = ""
    diagnoses: Sequence[DiagnosisIn] = ()
    prescriptions: Sequence[PrescriptionIn] = ()
    orders: Sequence[OrderIn] = ()


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """What others need of a visit to go on from it: a referral letter, a request, a message."""

    pressure: str
    vitals: Vitals
    complaint: str
    diagnoses: tuple[str, ...]
    text: str
