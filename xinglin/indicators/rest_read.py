"""REST, reading: who is treated where, and one's monthly reports."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Router
from pydantic import BaseModel

from xinglin.indicators import flows, queries, readiness, reports
from xinglin.indicators.events import Event
from xinglin.indicators.models import Subscription
from xinglin.platform import audit, clock
from xinglin.web.api import ERRORS
from xinglin.web.request import Request

router = Router()


class FlowCellOut(BaseModel):
    """People of one origin treated at one destination; `n` null: too few to tell."""

    destination: str
    name: str
    n: int | None


class FlowOriginOut(BaseModel):
    """A township (area, consortium) of residence; empty where nobody knows it. `total` null: too few to tell."""

    origin: str
    name: str
    total: int | None
    cells: list[FlowCellOut]


class PatientFlowOut(BaseModel):
    """Who is treated where. What a table in `missing` would tell is not known, which is not 0. `is_guarded`: cells of a few
    people are left out. `level` and `to` are what was told: a level the county does not have is told by township.
    """

    period: str
    kind: str
    level: str
    levels: list[str]
    chapter: str
    to: str
    is_guarded: bool
    missing: list[str]
    origins: list[FlowOriginOut]
    whole: FlowOriginOut | None


@router.get("/patient-flow", response={200: PatientFlowOut, **ERRORS}, operation_id="read_patient_flow")
def read_patient_flow(
    request: Request,
    period: str = "",
    kind: Literal["OUTPATIENT", "INPATIENT"] = "OUTPATIENT",
    level: Literal["township", "area", "consortium"] = "township",
    chapter: str = "",
    to: Literal["", "V", "T", "O", "C"] = "",
) -> PatientFlowOut:
    """Where the residents of each township, area or consortium were treated: ``V`` and ``T`` clinics and the hospital of their
    own township, ``O`` another township, ``C`` the county's hospitals, ``X`` outside. `to` opens one of them to its facilities,
    by their id (``+``: the others). `chapter`: of ICD-10 (``IX``), ``NONE`` without a code; of who is told guarded numbers it
    does not go with `to`.
    """
    now, actor = clock.now(), request.actor
    asked = flows.Asked(period or queries.current_period(now), kind, level, chapter, to)
    readiness.ready(actor, readiness.needs_of_flow(actor, asked), at=now)
    found = flows.flows_for(actor, asked, at=now)
    names = dict(found.destinations)
    return PatientFlowOut(
        period=found.period.text, kind=found.kind, level=found.level, levels=list(found.levels), chapter=found.chapter,
        to=found.to, is_guarded=found.is_guarded, missing=found.missing,
        origins=[_origin(each, names) for each in found.origins],
        whole=None if found.whole is None else _origin(found.whole, names),
    )  # fmt: skip


def _origin(each: flows.Origin, names: Mapping[str, str]) -> FlowOriginOut:
    cells = [FlowCellOut(destination=key, name=names[key], n=each.cells[key]) for key in names]
    return FlowOriginOut(origin=each.key, name=each.name, total=each.total, cells=cells)


class ReportSubscriptionOut(BaseModel):
    """A subscription; `ended_at` null while it runs."""

    uuid: UUID
    slugs: list[str]
    level: str
    language: str
    day: int
    started_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, row: Subscription) -> "ReportSubscriptionOut":
        """As it is kept."""
        return cls(
            uuid=row.uuid, slugs=row.slugs, level=row.level, language=row.language, day=row.day,
            started_at=row.started_at, ended_at=row.ended_at,
        )  # fmt: skip


class MonthlyReportOut(BaseModel):
    """A report that was made; the PDF is opened from one's own page of reports."""

    uuid: UUID
    subscription: UUID
    month: str
    made_at: datetime


class MonthlyReportsOut(BaseModel):
    """One's own subscriptions and reports, the newest first."""

    subscriptions: list[ReportSubscriptionOut]
    reports: list[MonthlyReportOut]


@router.get("/monthly-reports", response={200: MonthlyReportsOut, **ERRORS}, operation_id="list_monthly_reports")
def list_monthly_reports(request: Request) -> MonthlyReportsOut:
    """One's own subscriptions and what was made for them."""
    actor = request.actor
    made = [
        MonthlyReportOut(uuid=each.uuid, subscription=each.subscription.uuid, month=each.month, made_at=each.made_at)
        for each in reports.reports_of(actor)[:100]
    ]
    audit.record(Event.REPORT_VIEWED, by=actor, at=clock.now(), detail={"n": len(made)})
    rows = reports.subscriptions_of(actor)[:100]
    return MonthlyReportsOut(subscriptions=[ReportSubscriptionOut.of(each) for each in rows], reports=made)
