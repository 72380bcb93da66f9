"""What the REST interface takes and gives, written by hand."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import catalogue, queries
from xinglin.laboratory.models import Release, Result, Shipment, Specimen
from xinglin.web.shapes import In, text

Short = Annotated[str, text(500)]
Line = Annotated[str, text(200)]
Slug = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]
Barcode = Annotated[str, StringConstraints(min_length=1, max_length=24, pattern=r"^[A-Za-z0-9-]+$")]
Celsius = Annotated[Decimal, Field(ge=-100, le=100, max_digits=6, decimal_places=2)]


class OrderTestsIn(In):
    """Panels for a visit, or for a resident from a facility. `panels` are codes of ``GET /laboratory/panels``.

    `answers`: to 422 ``recognisable-result``.
    """

    visit: UUID | None = None
    resident: UUID | None = None
    facility: UUID | None = None
    centre: UUID | None = None
    panels: Annotated[list[Slug], Field(min_length=1, max_length=30)]
    priority: Literal["ROUTINE", "URGENT", "EMERGENCY"] = "ROUTINE"
    question: Short
    clinical: Short = ""
    repeats: UUID | None = None
    answers: Annotated[list[diagnostics.AnswerIn], Field(max_length=30)] = []


class CollectIn(In):
    """What who took it wants the laboratory to know; `collected_at` when it was written down afterwards."""

    remark: Line = ""
    collected_at: datetime | None = None


class WhyIn(In):
    """Why a container was not filled, or why a confirmation is taken back."""

    reason: Annotated[str, text(200, least=2)]


class HandOverIn(In):
    """A box: what is inside, who carries it, and its temperature in °C."""

    barcodes: Annotated[list[Barcode], Field(min_length=1, max_length=100)]
    courier_name: Annotated[str, text(40, least=1)]
    celsius: Celsius
    box: Annotated[str, text(40)] = ""


class TemperatureIn(In):
    """A reading in °C; `read_at` and ``LOGGER`` for what a logger kept."""

    celsius: Celsius
    read_at: datetime | None = None
    way: Literal["HAND", "LOGGER"] = "HAND"


class ArriveIn(In):
    """What the thermometer said when the box was opened."""

    celsius: Celsius


class RefuseIn(In):
    """Why a specimen is refused."""

    reason: Literal[
        "HAEMOLYSED", "CLOTTED", "TOO_LITTLE", "WRONG_TUBE", "LABEL", "LEAKING", "TOO_LATE", "TEMPERATURE", "LIPAEMIC",
        "OTHER",
    ]  # fmt: skip
    remark: Line = ""


class StoreIn(In):
    """Where a specimen is put."""

    position: Annotated[str, text(40, least=1)]


class MeasuredIn(In):
    """One value: a number or a word, with its unit when it is not the item's own."""

    analyte: Slug
    value: Annotated[str, text(60, least=1)]
    unit: Annotated[str, text(20)] = ""


class EnterIn(In):
    """Results by hand; `reason` when a released one is corrected; `seen`: of the order that was read."""

    results: Annotated[list[MeasuredIn], Field(min_length=1, max_length=200)]
    reason: Line = ""
    seen: Annotated[str, text(36)] = ""


class ReleaseIn(In):
    """`confirmed`: codes of every critical value among the results; `partial`: the rest follows; `seen`: of the order that was read."""

    confirmed: Annotated[list[Slug], Field(max_length=30)] = []
    conclusion: Annotated[str, text(1900)] = ""
    remark: Line = ""
    partial: bool = False
    seen: Annotated[str, text(36)] = ""


class PanelOut(BaseModel):
    """A panel that may be ordered."""

    code: str
    title: str
    tube: str
    preparation: str
    analytes: list[str]

    @classmethod
    def of(cls, panel: catalogue.Panel) -> "PanelOut":
        return cls(
            code=panel.code, title=panel.title, tube=panel.tube, preparation=panel.preparation,
            analytes=list(panel.analytes),
        )  # fmt: skip


class PanelsOut(BaseModel):
    """All panels."""

    items: list[PanelOut]


class SpecimenOut(BaseModel):
    """A container on its way."""

    barcode: str
    order: UUID
    tube: str
    panels: list[str]
    status: str
    collected_at: datetime | None
    received_at: datetime | None
    refusal: str
    keep_until: date | None
    shipment: UUID | None

    @classmethod
    def of(cls, specimen: Specimen) -> "SpecimenOut":
        plain = {name: getattr(specimen, name) for name in cls.model_fields if name not in {"order", "shipment"}}
        shipment = specimen.shipment.uuid if specimen.shipment else None
        return cls(**plain, order=specimen.request.uuid, shipment=shipment)


class SpecimensOut(BaseModel):
    """A list of work: at most 100, the most urgent first."""

    items: list[SpecimenOut]


class ResultOut(BaseModel):
    """One item. `flag`: N, L, H, LL, HH, A, or ``?`` where no range is known."""

    analyte: str
    title: str
    loinc: str
    version: int
    value: str
    unit: str
    flag: str
    low: float | None
    high: float | None
    critical: str
    source: str
    measured_at: datetime
    is_released: bool

    @classmethod
    def of(cls, result: Result, released: set[int]) -> "ResultOut":
        analyte = catalogue.analyte(result.analyte)
        return cls(
            analyte=result.analyte, title=analyte.title, loinc=analyte.loinc, version=result.version,
            value=result.text, unit=result.unit, flag=result.flag, low=_float(result.low), high=_float(result.high),
            critical=result.critical, source=result.source, measured_at=result.measured_at,
            is_released=result.pk in released,
        )  # fmt: skip


class LaboratoryOrderOut(BaseModel):
    """An order with its specimens, and the results that its reader may see: the centre all, others the released ones."""

    uuid: UUID
    number: str
    resident: UUID
    status: str
    priority: str
    panels: list[str]
    requested_at: datetime
    due_at: datetime
    reported_at: datetime | None
    conclusion: str
    specimens: list[SpecimenOut]
    results: list[ResultOut]
    critical_values: list[UUID]
    seen: str  # what names these results, for who enters or releases on them; empty outside the centre

    @classmethod
    def of(cls, request: Any, *, whole: bool) -> "LaboratoryOrderOut":
        seen = queries.seen_token(request) if whole else ""
        released = queries.released_ids(request)
        results = queries.newest_results(request) if whole else queries.standing_results(request)
        report = request.reports.order_by("-version").first()
        specimens = list(request.specimens.select_related("shipment").order_by("pk"))
        for each in specimens:
            each.request = request
        plain = ("uuid", "number", "status", "priority", "requested_at", "due_at", "reported_at")
        return cls(
            **{name: getattr(request, name) for name in plain}, resident=request.resident.uuid,
            panels=[each["code"] for each in request.items], conclusion=report.conclusion if report else "",
            specimens=[SpecimenOut.of(each) for each in specimens],
            results=[ResultOut.of(each, released) for each in results],
            critical_values=[each.uuid for each in request.critical_values.order_by("pk")], seen=seen,
        )  # fmt: skip


class LaboratoryLineOut(BaseModel):
    """An order in a list of the centre; `reasons` is why the rules did not release it."""

    uuid: UUID
    number: str
    priority: str
    status: str
    due_at: datetime
    has_critical: bool
    reasons: list[str]


class LaboratoryLinesOut(BaseModel):
    """At most 100, the most urgent first."""

    items: list[LaboratoryLineOut]


class ReadingOut(BaseModel):
    """One temperature."""

    celsius: float
    read_at: datetime
    way: str
    is_outside: bool


class ShipmentOut(BaseModel):
    """A box on its way."""

    uuid: UUID
    number: str
    status: str
    courier_name: str
    low: float
    high: float
    is_breached: bool
    handed_over_at: datetime
    arrived_at: datetime | None
    barcodes: list[str]
    readings: list[ReadingOut]

    @classmethod
    def of(cls, shipment: Shipment) -> "ShipmentOut":
        plain = {name: getattr(shipment, name) for name in cls.model_fields if name not in {"barcodes", "readings"}}
        readings = [
            ReadingOut(celsius=float(each.celsius), read_at=each.read_at, way=each.way, is_outside=each.is_outside)
            for each in shipment.readings.order_by("read_at", "id")
        ]
        barcodes = list(shipment.specimens.order_by("pk").values_list("barcode", flat=True))
        return cls(**plain, barcodes=barcodes, readings=readings)


class ReleaseOut(BaseModel):
    """What was let out, and by whom or which rules."""

    uuid: UUID
    order: UUID
    is_partial: bool
    rule_set: str
    released_at: datetime
    released_by_name: str
    conclusion: str
    n_results: int

    @classmethod
    def of(cls, release: Release) -> "ReleaseOut":
        return cls(
            uuid=release.uuid, order=release.request.uuid, is_partial=release.is_partial, rule_set=release.rule_set,
            released_at=release.released_at, released_by_name=release.released_by_name,
            conclusion=release.report.conclusion, n_results=release.rows.count(),
        )  # fmt: skip


class TrendPointOut(BaseModel):
    """One released result over time."""

    value: str
    number: float | None
    unit: str
    flag: str
    measured_at: datetime


class TrendOut(BaseModel):
    """A person's released results of one item, oldest first."""

    analyte: str
    title: str
    items: list[TrendPointOut]

    @classmethod
    def of(cls, code: str, results: list[Result]) -> "TrendOut":
        points = [
            TrendPointOut(
                value=each.text,
                number=_float(each.number),
                unit=each.unit,
                flag=each.flag,
                measured_at=each.measured_at,
            )
            for each in results
        ]
        return cls(analyte=code, title=catalogue.analyte(code).title, items=points)


def _float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)
