"""Second readings: what waits, one of them blind, then beside the report; and the draw."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from xinglin.accounts.api import signed_in
from xinglin.centres import actions, permissions, policies, queries
from xinglin.centres.events import Look
from xinglin.centres.models import SecondReading
from xinglin.centres.states import SecondStatus
from xinglin.diagnostics.api import (
    Images,
    QualityMark,
    Report,
    centres_managed_by,
    images_of,
    item_titles,
    recordings_of,
    words_of,
)
from xinglin.platform import audit, clock
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import Conflict, DomainError, InvalidInput, NotPermitted
from xinglin.web.answers import fields_of, page, write_once
from xinglin.web.request import Request


@dataclass(frozen=True)
class SecondPage:
    """One second reading; `report` is None until the blind opinion is written."""

    reading: SecondReading
    words: Any
    grade: Decision
    compare: Decision
    report: Report | None
    traces: list[str]
    images: list[Images]
    items: list[str]
    data: dict[str, Any]
    error: DomainError | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """Reasons by field of the form that was refused."""
        return dict(getattr(self.error, "fields", {}))

    @property
    def grades(self) -> list[tuple[str, str]]:
        """Grades of a picture or trace."""
        return [(value, str(label)) for value, label in QualityMark.Grade.choices]

    @property
    def grade_label(self) -> str:
        """The grade given, in words."""
        return str(dict(QualityMark.Grade.choices).get(self.reading.grade, ""))

    @property
    def agreements(self) -> list[tuple[str, str]]:
        """Degrees of agreement."""
        return [(value, str(label)) for value, label in SecondReading.Agreement.choices]


def _last_month(today: date) -> tuple[date, date]:
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


@require_GET
@signed_in
def listing(request: Request) -> HttpResponse:
    """What waits for the reader; for a head also the draw and what came of it. No conclusion stands here."""
    return _listing(request)


def _listing(request: Request, error: DomainError | None = None) -> HttpResponse:
    at = clock.now()
    if not queries.centres_of(request.actor):
        raise NotPermitted(_("您不是诊断中心的医生，或中心尚未开通。"), code="no-centre")
    mine = queries.my_seconds(request.actor)
    managed = [(str(each.uuid), each.name) for each in centres_managed_by(request.actor)]
    rows = queries.all_seconds(request.actor, cursor=request.GET.get("cursor", ""))
    audit.record(Look.SECONDS, by=request.actor, at=at, detail={"rows": len(mine) + len(rows.rows)})
    since, until = _last_month(clock.today(at))
    return page(
        request, "centres/seconds.html", status=error.status if error else 200, mine=mine, managed=managed, rows=rows,
        since=since, until=until, error=error, fields=dict(fields_of(error)),
        draw_url=reverse("centres:draw_seconds", args=[managed[0][0]]) if managed else "",
    )  # fmt: skip


def _built(request: Request, uuid: UUID, error: DomainError | None = None) -> SecondPage:
    found = queries.visible_second(request.actor, uuid)
    read = permissions.may_read_second(request.actor, found)
    examination = found.request
    audit.look(
        Look.SECOND, by=request.actor, at=clock.now(), subject=examination.resident.uuid, kind="centres.secondreading",
        key=str(uuid),
    )  # fmt: skip
    is_open = found.status != SecondStatus.DRAWN
    return SecondPage(
        reading=found,
        words=words_of(examination.kind),
        grade=read if not read else policies.can_be_graded(found),
        compare=read if not read else policies.can_be_compared(found),
        report=examination.reports.order_by("-version").first() if is_open else None,
        traces=[
            f"{reverse('diagnostics:trace_json', args=[examination.uuid])}?recording={each.uuid}"
            for each in recordings_of(examination)
        ],
        images=[each for each in images_of(request.actor, examination, [examination.resident_id]) if each.is_own],
        items=item_titles(examination),
        data={name: request.POST.get(name, "") for name in ("grade", "opinion", "is_abnormal", "agreement", "remark")},
        error=error,
    )


@require_GET
@signed_in
def reading(request: Request, uuid: UUID) -> HttpResponse:
    """The examination without its report, then with it."""
    return page(request, "centres/second.html", page=_built(request, uuid))


def _step(request: Request, uuid: UUID, act: Callable[[SecondReading], object], message: object) -> HttpResponse:
    found = queries.visible_second(request.actor, uuid)

    def write() -> str:
        act(found)
        return reverse("centres:second", args=[uuid])

    try:
        return write_once(request, write, message)
    except InvalidInput as error:
        return page(request, "centres/second.html", status=error.status, page=_built(request, uuid, error))


@require_POST
@signed_in
def grade(request: Request, uuid: UUID) -> HttpResponse:
    """Write the blind opinion."""
    post = request.POST
    return _step(
        request, uuid,
        lambda found: actions.grade_second(
            reading=found, grade=post.get("grade", ""), is_abnormal=post.get("is_abnormal") == "on",
            opinion=post.get("opinion", ""), by=request.actor, at=clock.now(),
        ),
        _("已记下您的评价，现在可以与原报告比较。"),
    )  # fmt: skip


@require_POST
@signed_in
def compare(request: Request, uuid: UUID) -> HttpResponse:
    """Say how far both agree."""
    post = request.POST
    return _step(
        request, uuid,
        lambda found: actions.compare_second(
            reading=found, agreement=post.get("agreement", ""), remark=post.get("remark", ""), by=request.actor,
            at=clock.now(),
        ),
        _("复阅结果已登记。"),
    )  # fmt: skip


@require_POST
@signed_in
def draw(request: Request, uuid: UUID) -> HttpResponse:
    """Draw for a period."""
    chosen = request.POST.get("centre", "") or uuid
    centre = queries.visible_centre(request.actor, chosen)

    def write() -> str:
        try:
            since, until = (date.fromisoformat(request.POST.get(name, "")) for name in ("since", "until"))
        except ValueError as fault:
            raise InvalidInput(_("日期写成2026-01-31。"), fields={"since": _("请检查日期。")}) from fault
        actions.draw_seconds(centre=centre, since=since, until=until, by=request.actor, at=clock.now())
        return reverse("centres:seconds")

    try:
        return write_once(request, write, _("已按5%抽取并分配复阅。"))
    except (InvalidInput, Conflict) as error:
        return _listing(request, error)
