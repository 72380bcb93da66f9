"""REST, writing: returns sent in, and subscriptions to monthly reports."""

import hashlib
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpResponse
from ninja import File, Form, Router
from ninja.files import UploadedFile
from pydantic import BaseModel, Field

from xinglin.indicators.actions import reports as actions
from xinglin.indicators.actions import take_return
from xinglin.indicators.rest_read import ReportSubscriptionOut
from xinglin.platform import clock
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request
from xinglin.web.shapes import In, text
from xinglin.web.sheets.reading import MAX_BYTES
from xinglin.web.uploads import refuse_longer

router = Router()
Slug = Annotated[str, text(60, least=1)]


class ReportSubscriptionIn(In):
    """A report wanted each month, on a day of it, about the month before."""

    slugs: list[Slug] = Field(min_length=1, max_length=actions.MOST_FIGURES)
    level: Literal["facility", "township", "area", "consortium", "county"] = "township"
    language: Literal["zh-hans", "en"] = "zh-hans"
    day: int = Field(default=5, ge=1, le=28)


class ReturnTakenOut(BaseModel):
    """A return that was taken whole."""

    uuid: UUID
    kind: str
    month: str
    layout: str
    n_rows: int
    taken_at: datetime


@router.post("/returns", response={201: ReturnTakenOut, **ERRORS}, operation_id="send_return")
def send_return(
    request: Request,
    kind: Annotated[str, Form()],
    month: Annotated[str, Form()],
    file: Annotated[UploadedFile, File()],
    replaces: Annotated[UUID | None, Form()] = None,
) -> HttpResponse:
    """Send in what the county does not produce itself, as Excel or CSV: settlements, deaths, staff income … of a month.

    It is taken whole or not at all: 422 tells each fault as ``line.column``. A later one of the same kind and month takes the
    place of the former, whose uuid it gives as `replaces`; without it 422 ``would-replace`` says how many lines would go, and in
    ``fields.replaces`` of which.
    """
    refuse_longer(request, most=MAX_BYTES + 20_000, told=MAX_BYTES, code="too-large")
    actor, now = request.actor, clock.now()
    content = file.read()

    def run() -> ReturnTakenOut:
        batch = take_return(
            kind=kind,
            month=month,
            content=content,
            file_name=file.name or "",
            replaces=str(replaces or ""),
            by=actor,
            at=now,
        )
        return ReturnTakenOut(
            uuid=batch.uuid, kind=batch.kind, month=batch.month, layout=batch.layout, n_rows=batch.n_rows,
            taken_at=batch.taken_at,
        )  # fmt: skip

    digest = hashlib.sha256(content).hexdigest()
    return write(
        request,
        run,
        status=201,
        content=f"{request.path} {kind} {month} {file.name} {digest} {replaces or ''}".encode(),
    )


@router.post(
    "/report-subscriptions", response={201: ReportSubscriptionOut, **ERRORS}, operation_id="subscribe_to_report"
)
def subscribe_to_report(request: Request, payload: ReportSubscriptionIn) -> HttpResponse:
    """Want a report each month: a PDF from a frozen snapshot, of what one may see on that day."""
    actor, now = request.actor, clock.now()
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
def end_report_subscription(request: Request, uuid: UUID) -> HttpResponse:
    """Want it no longer; what was made stays."""
    actor, now = request.actor, clock.now()
    return write(request, lambda: ReportSubscriptionOut.of(actions.unsubscribe(uuid=uuid, by=actor, at=now)))


@router.post(
    "/report-subscriptions/{uuid}/make", response={202: ReportSubscriptionOut, **ERRORS}, operation_id="ask_for_report"
)
def ask_for_report(request: Request, uuid: UUID) -> HttpResponse:
    """Have the report of the latest whole month made now; it appears among the reports when the worker made it."""
    actor, now = request.actor, clock.now()
    return write(
        request, lambda: ReportSubscriptionOut.of(actions.ask_for_report(uuid=uuid, by=actor, at=now)), status=202
    )
