"""REST, writing: subscriptions to monthly reports."""

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from xinglin.indicators.actions import reports as actions
from xinglin.indicators.rest_read import ReportSubscriptionOut
from xinglin.platform import clock
from xinglin.web.api import ERRORS, write
from xinglin.web.shapes import In, text

router = Router()
Slug = Annotated[str, text(60, least=1)]


class ReportSubscriptionIn(In):
    """A report wanted each month, on a day of it, about the month before."""

    slugs: list[Slug] = Field(min_length=1, max_length=actions.MOST_FIGURES)
    level: Literal["facility", "township", "area", "consortium", "county"] = "township"
    language: Literal["zh-hans", "en"] = "zh-hans"
    day: int = Field(default=5, ge=1, le=28)


@router.post(
    "/report-subscriptions", response={201: ReportSubscriptionOut, **ERRORS}, operation_id="subscribe_to_report"
)
def subscribe_to_report(request: HttpRequest, payload: ReportSubscriptionIn) -> HttpResponse:
    """Want a report each month: a PDF from a frozen snapshot, of what one may see on that day."""
    actor, now = request.actor, clock.now()  # type: ignore[attr-defined]
    return write(
        request,
        lambda: ReportSubscriptionOut.of(actions.subscribe(**payload.model_dump(), by=actor, at=now)),
        status=201,
    )


@router.post(
    "/report-subscriptions/{uuid}/end",
    response={200: ReportSubscriptionOut, **ERRORS},
    operation_id="end_report_subscription",
)
def end_report_subscription(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Want it no longer; what was made stays."""
    actor, now = request.actor, clock.now()  # type: ignore[attr-defined]
    return write(request, lambda: ReportSubscriptionOut.of(actions.unsubscribe(uuid=uuid, by=actor, at=now)))


@router.post(
    "/report-subscriptions/{uuid}/make", response={202: ReportSubscriptionOut, **ERRORS}, operation_id="ask_for_report"
)
def ask_for_report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Have the report of the latest whole month made now; it appears among the reports when the worker made it."""
    actor, now = request.actor, clock.now()  # type: ignore[attr-defined]
    return write(
        request, lambda: ReportSubscriptionOut.of(actions.ask_for_report(uuid=uuid, by=actor, at=now)), status=202
    )
