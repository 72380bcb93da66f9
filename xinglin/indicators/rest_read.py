"""REST, reading: who is treated where, and one's monthly reports."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel

from xinglin.indicators import flows, queries, readiness, reports
from xinglin.indicators.events import Event
from xinglin.indicators.models import Subscription
from xinglin.platform import audit, clock
from xinglin.web.api import ERRORS

router = Router()


class FlowCellOut(BaseModel):
    """People of one origin treated at one destination; `n` null: too few to tell."""

    destination: str
    name: str
    n: int | None


class FlowOriginOut(BaseModel):
    """A township of residence; empty where nobody knows it."""

    origin: str
    name: str
    total: int
    cells: list[FlowCellOut]


class PatientFlowOut(BaseModel):
    """Who is treated where. What a table in `missing` would tell is not known, which is not 0."""

    period: str
    kind: str
    missing: list[str]
    origins: list[FlowOriginOut]


@router.get("/patient-flow", response={200: PatientFlowOut, **ERRORS}, operation_id="read_patient_flow")
def read_patient_flow(
    request: HttpRequest, period: str = "", kind: Literal["OUTPATIENT", "INPATIENT"] = "OUTPATIENT"
) -> PatientFlowOut:
    """Where the residents of each township were treated: ``V`` and ``T`` clinics and the hospital of their own township,
    ``O`` another township, ``C…`` a county unit, ``X`` outside.
    """
    now, actor = clock.now(), request.actor  # type: ignore[attr-defined]
    period = period or queries.current_period(now)
    readiness.ready(actor, readiness.needs_of_flow(period=period, kind=kind), at=now)
    found = flows.flows_for(actor, period=period, kind=kind, at=now)
    names = dict(found.destinations)
    origins = [
        FlowOriginOut(
            origin=each.key, name=each.name, total=each.total,
            cells=[
                FlowCellOut(destination=key, name=names[key], n=None if value.value is None else int(value.value))
                for key, value in each.cells.items()
            ],
        )
        for each in found.origins
    ]  # fmt: skip
    return PatientFlowOut(period=found.period.text, kind=found.kind, missing=found.missing, origins=origins)


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
def list_monthly_reports(request: HttpRequest) -> MonthlyReportsOut:
    """One's own subscriptions and what was made for them."""
    actor = request.actor  # type: ignore[attr-defined]
    made = [
        MonthlyReportOut(uuid=each.uuid, subscription=each.subscription.uuid, month=each.month, made_at=each.made_at)
        for each in reports.reports_of(actor)[:100]
    ]
    audit.record(Event.REPORT_VIEWED, by=actor, at=clock.now(), detail={"n": len(made)})
    rows = reports.subscriptions_of(actor)[:100]
    return MonthlyReportsOut(subscriptions=[ReportSubscriptionOut.of(each) for each in rows], reports=made)
