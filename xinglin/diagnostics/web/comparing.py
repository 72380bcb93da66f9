"""An examination beside an earlier one of the same person: traces to one scale, measurements with their difference,
reports, and the pictures of both."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from xinglin.accounts.api import signed_in
from xinglin.diagnostics import queries
from xinglin.diagnostics.banner import banner_of
from xinglin.diagnostics.ecg import LAYOUTS, MEASUREMENTS
from xinglin.diagnostics.events import Look
from xinglin.diagnostics.images import Images, images_of
from xinglin.diagnostics.kinds import Words, words_of
from xinglin.diagnostics.models import Recording, Report
from xinglin.diagnostics.models import Request as Examination
from xinglin.diagnostics.web.reading import computed_of
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.language import either
from xinglin.residents import api as residents
from xinglin.web.answers import page
from xinglin.web.request import Request


@dataclass(frozen=True)
class Side:
    """One of the two."""

    request: Examination
    title: str
    at: datetime
    report: Report | None
    recording: Recording | None
    trace_url: str
    computed: dict[str, Any] | None
    images: list[Images]
    url: str


@dataclass(frozen=True)
class Row:
    """One measurement of both devices."""

    name: str
    unit: str
    prior: float | None
    present: float | None

    @property
    def difference(self) -> float | None:
        """Present less prior; None unless both are there."""
        return None if self.prior is None or self.present is None else round(self.present - self.prior, 1)

    @property
    def texts(self) -> tuple[str, str]:
        """Both figures as they are read; empty where a device says nothing."""
        before, now = ("" if each is None else f"{round(each, 1):g}" for each in (self.prior, self.present))
        return before, now

    @property
    def signed(self) -> str:
        """The difference with its sign."""
        return "" if self.difference is None else f"{self.difference:+g}"


@dataclass(frozen=True)
class ComparePage:
    """Both, the measurements, and the other examinations that may be chosen."""

    request: Examination
    person: Any
    prior: Side
    present: Side
    rows: list[Row]
    others: list[dict[str, Any]]
    layouts: list[dict[str, Any]]
    viewer_url: str

    @property
    def sides(self) -> tuple[Side, Side]:
        """The earlier one first."""
        return self.prior, self.present

    @property
    def words(self) -> Words:
        """The words of this kind of examination."""
        return words_of(self.request.kind)


@require_GET
@signed_in
def compare(request: Request, uuid: UUID) -> HttpResponse:
    """The page. Both are looked at, and both looks are recorded."""
    actor, at = request.actor, clock.now()
    found = queries.visible_request(actor, uuid)
    built = build(actor, found, prior=request.GET.get("prior", ""), layout=request.GET.get("layout", ""), at=at)
    for each in built.sides:
        audit.look(
            Look.REQUEST, by=actor, at=at, subject=each.request.resident.uuid, kind="diagnostics.request",
            key=str(each.request.uuid),
        )  # fmt: skip
    return page(request, "diagnostics/compare.html", page=built)


def build(actor: Actor, request: Examination, *, prior: str, layout: str, at: datetime) -> ComparePage:
    """Build the page. :raises NotVisible: there is no such earlier examination that the actor may see"""
    person_ids = residents.ids_of_person(request.resident)
    earlier = queries.earlier_requests(actor, request, person_ids)
    chosen = next((each for each in earlier if str(each.uuid) == prior or not prior), None)
    if chosen is None:
        raise NotVisible("request", prior)
    layout = layout if layout in LAYOUTS else "6x2"
    images = images_of(actor, request, person_ids)
    before = _side(actor, chosen, _("上次"), layout, [each for each in images_of(actor, chosen, []) if each.is_own])
    now = _side(actor, request, _("本次"), layout, [each for each in images if each.is_own])
    return ComparePage(
        request=request,
        person=banner_of(actor, request, at=at),
        prior=before,
        present=now,
        rows=_rows(before.recording, now.recording),
        others=[
            {"at": each.requested_at, "url": f"?prior={each.uuid}&layout={layout}", "is_chosen": each is chosen}
            for each in earlier
        ],
        layouts=[
            {"label": each, "url": f"?prior={chosen.uuid}&layout={each}", "active": each == layout, "count": None}
            for each in LAYOUTS
        ],
        viewer_url=_both([*now.images[:1], *before.images[:1]]),
    )


def _side(actor: Actor, request: Examination, title: str, layout: str, images: list[Images]) -> Side:
    recording = request.recordings.order_by("-uploaded_at", "-id").first()
    trace = reverse("diagnostics:trace_svg", args=[request.uuid])
    return Side(
        request=request,
        title=title,
        at=(recording.recorded_at if recording else None) or request.performed_at or request.requested_at,
        report=request.reports.order_by("-version").first(),
        recording=recording,
        trace_url=f"{trace}?recording={recording.uuid}&layout={layout}" if recording else "",
        computed=computed_of(recording) if recording else None,
        images=images,
        url=reverse("diagnostics:detail", args=[request.uuid]),
    )


def _rows(prior: Recording | None, present: Recording | None) -> list[Row]:
    """What the devices measured, each with its difference. What was computed stands apart and is never mixed in."""
    before = prior.summary.get("measurements", {}) if prior else {}
    now = present.summary.get("measurements", {}) if present else {}
    return [
        Row(either(name_zh, name_en), unit, before.get(code), now.get(code))
        for code, (name_zh, name_en, unit) in MEASUREMENTS.items()
        if code in before or code in now
    ]


def _both(images: list[Images]) -> str:
    """One address that opens the studies of both in the viewer; empty unless both have images."""
    if len(images) < 2:  # noqa: PLR2004 - two sides
        return ""
    base, _equals, first = images[0].view_url.partition("StudyInstanceUIDs=")
    return f"{base}StudyInstanceUIDs={first},{images[1].view_url.partition('StudyInstanceUIDs=')[2]}"
