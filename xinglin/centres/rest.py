"""REST of running a centre: who is on duty, and the figures of its head."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import BaseModel, Field, StringConstraints

from xinglin.accounts.api import Holder
from xinglin.centres import actions, permissions, queries
from xinglin.centres.actions.roster import readers_of
from xinglin.centres.events import Look
from xinglin.centres.figures import figures_of
from xinglin.centres.models import Shift
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.web.api import ERRORS, write
from xinglin.web.shapes import In, text

router = Router()
Code = Annotated[str, StringConstraints(min_length=1, max_length=16, pattern=r"^[A-Z0-9]+$")]


class ShiftIn(In):
    """A shift: `reader` is the user name of a reading doctor of the centre, the caller when empty; empty lists mean all."""

    reader: Annotated[str, text(150)] = ""
    starts_at: datetime
    ends_at: datetime
    modalities: Annotated[list[Code], Field(max_length=12)] = []
    regions: Annotated[list[Code], Field(max_length=24)] = []
    reviews: bool = True


class ShiftOut(BaseModel):
    """Who is on duty from when to when, for which devices and regions of the body."""

    uuid: UUID
    reader: str
    starts_at: datetime
    ends_at: datetime
    modalities: list[str]
    regions: list[str]
    reviews: bool

    @classmethod
    def of(cls, shift: Shift) -> "ShiftOut":
        """From a row."""
        return cls(
            uuid=shift.uuid, reader=shift.reader_name, starts_at=shift.starts_at, ends_at=shift.ends_at,
            modalities=shift.modalities, regions=shift.regions, reviews=shift.reviews,
        )  # fmt: skip


class DutyCentreOut(BaseModel):
    """A centre the caller reads for or answers for; `assigns` says whether its roster gives out what waits."""

    uuid: UUID
    code: str
    name: str
    kind: str
    two_step: bool
    assigns: bool


class DutyCentresOut(BaseModel):
    """All of them."""

    items: list[DutyCentreOut]


class ShiftsOut(BaseModel):
    """The shifts of a week."""

    items: list[ShiftOut]


class FiguresOut(BaseModel):
    """The head's figures of a period. Shares are 0 to 1, times in minutes; null: no data."""

    since: datetime
    until: datetime
    n_unread: int
    n_overdue: int
    n_requests: int
    n_reported: int
    n_rejected: int
    share_in_time: float | None
    median_minutes: float | None
    share_positive: float | None
    share_amended: float | None
    share_second_agrees: float | None
    share_started: float | None


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def _is_meant(holder: Holder, payload: ShiftIn, by: Actor) -> bool:
    return holder.username == payload.reader if payload.reader else holder.id == by.user_id


@router.get(
    "/duty-centres", response={200: DutyCentresOut, **ERRORS}, operation_id="listDutyCentres", summary="我的中心"
)
def list_centres(request: HttpRequest) -> DutyCentresOut:
    """Centres the caller reads for or answers for."""
    found = queries.centres_of(_actor(request))
    return DutyCentresOut(
        items=[
            DutyCentreOut(
                uuid=each.uuid, code=each.code, name=each.name, kind=each.kind, two_step=each.two_step,
                assigns=bool((roster := queries.roster_of(each)) and roster.is_on),
            )
            for each in found
        ]
    )  # fmt: skip


@router.get(
    "/duty-centres/{uuid:uuid}/shifts", response={200: ShiftsOut, **ERRORS}, operation_id="listShifts", summary="值班表"
)
def list_shifts(request: HttpRequest, uuid: UUID, week: date | None = None) -> ShiftsOut:
    """The shifts that begin in a week: of the day `week`, or of today."""
    centre = queries.visible_centre(_actor(request), uuid)
    first = queries.monday_of(week or clock.today())
    shifts = queries.shifts_between(centre, first, first + timedelta(days=7))
    return ShiftsOut(items=[ShiftOut.of(each) for each in shifts])


@router.post(
    "/duty-centres/{uuid:uuid}/shifts",
    response={201: ShiftOut, **ERRORS},
    operation_id="enterShift",
    summary="登记值班",
)
def enter_shift(request: HttpRequest, uuid: UUID, payload: ShiftIn) -> HttpResponse:
    """Put a reader on duty; the first shift begins the roster. 409 when he is on duty then already."""
    by, at = _actor(request), clock.now()

    def enter() -> ShiftOut:
        centre = queries.visible_centre(by, uuid)
        reader = next((each for each in readers_of(centre, at=at).values() if _is_meant(each, payload, by)), None)
        if reader is None:
            raise InvalidInput(_("请选择本中心的诊断医生。"), fields={"reader": _("请选择本中心的诊断医生。")})
        duty = actions.Duty(
            reader.id, payload.starts_at, payload.ends_at, tuple(payload.modalities), tuple(payload.regions),
            payload.reviews,
        )  # fmt: skip
        return ShiftOut.of(actions.enter_shift(centre=centre, duty=duty, by=by, at=at))

    return write(request, enter, status=201)


@router.post(
    "/shifts/{uuid:uuid}/withdraw", response={200: ShiftOut, **ERRORS}, operation_id="withdrawShift", summary="撤销值班"
)
def withdraw_shift(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take a shift back."""
    by = _actor(request)

    def withdraw() -> ShiftOut:
        return ShiftOut.of(actions.withdraw_shift(shift=queries.visible_shift(by, uuid), by=by, at=clock.now()))

    return write(request, withdraw)


@router.get(
    "/duty-centres/{uuid:uuid}/figures", response={200: FiguresOut, **ERRORS}, operation_id="getCentreFigures",
    summary="中心运行",
)  # fmt: skip
def figures(request: HttpRequest, uuid: UUID, days: Annotated[int, Field(ge=1, le=366)] = 30) -> Any:
    """What the head of a centre answers for, over the last days."""
    by, at = _actor(request), clock.now()
    centre = queries.visible_centre(by, uuid)
    permissions.may_manage(by, centre).require()
    found = figures_of(centre, since=at - timedelta(days=days), until=at, at=at)
    audit.record(Look.FIGURES, by=by, at=at, kind="diagnostics.centre", key=str(uuid), place=centre.facility_id)
    whole = found.now.whole
    return FiguresOut(
        since=found.since, until=found.until, n_unread=found.waiting.n_unread, n_overdue=found.waiting.n_overdue,
        n_requests=whole.n_requests, n_reported=whole.n_reported, n_rejected=whole.n_rejected,
        share_in_time=whole.share_in_time, median_minutes=whole.median, share_positive=found.quality.share_positive,
        share_amended=found.quality.share_amended, share_second_agrees=found.quality.share_agrees,
        share_started=found.assigned.share_started,
    )  # fmt: skip
