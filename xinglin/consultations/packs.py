"""Opening one part of a pack: read for who may, and always written down as a look at the resident.

The rights of the case decide (`queries.readable_item`); what it shows is then read as the system. The traces and images
themselves are lent to the expert (`queries.lent_to`), so that the viewers open them under his own name.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.consultations.events import Look
from xinglin.consultations.models import Case, PackItem
from xinglin.diagnostics import api as diagnostics
from xinglin.imaging import api as imaging
from xinglin.platform import audit
from xinglin.platform.actors import Actor, system_actor
from xinglin.platform.errors import NotVisible
from xinglin.residents import api as residents
from xinglin.visits import api as visits

K = PackItem.Kind
READER = system_actor("会诊资料")
ICONS = {K.VISIT: "stethoscope", K.REQUEST: "pulse", K.STUDY: "image", K.RECORD: "user", K.NOTE: "file-text"}


@dataclass(frozen=True, slots=True)
class Opened:
    """What one part shows. Empty where a kind has none of it."""

    title: str
    icon: str
    text: str = ""
    facts: Sequence[tuple[str, str]] = ()
    reports: Sequence[Any] = ()
    criticals: Sequence[str] = ()
    trace_url: str = ""
    report_url: str = ""
    studies: Sequence[imaging.StudySummary] = ()
    file_url: str = ""
    is_picture: bool = False
    vitals: Any = None
    entries: Sequence[residents.TimelineEntry] = field(default=())
    person: residents.PersonBanner | None = None


def open_item(actor: Actor, item: PackItem, *, at: datetime) -> Opened:
    """Show a part the actor may read (see `queries.readable_item`), and record the look."""
    case = item.case
    audit.look(
        Look.ITEM, by=actor, at=at, subject=case.resident.uuid, kind="consultations.packitem", key=str(item.uuid),
        number=case.number, part=item.kind,
    )  # fmt: skip
    shown = Opened(title=title_of(item), icon=ICONS[K(item.kind)])
    if item.kind == K.VISIT and item.object_uuid:
        visit = visits.visible_visit(READER, item.object_uuid, at=at)
        return replace(shown, text=visits.visit_summary(visit))
    if item.kind == K.REQUEST:
        return _request(actor, item, shown)
    if item.kind == K.STUDY and item.object_uuid:
        return replace(shown, studies=[imaging.study_summary(imaging.visible_study(READER, item.object_uuid))])
    if item.kind == K.RECORD:
        return _record(actor, case, shown, at=at)
    return _note(item, shown)


def title_of(item: PackItem) -> str:
    """A part in the reader's language: what it is, and by which number it is known."""
    if item.kind == K.NOTE:
        return item.title
    return " ".join([str(K(item.kind).label), item.title]).strip()


def _request(actor: Actor, item: PackItem, shown: Opened) -> Opened:
    if item.object_uuid is None:
        raise NotVisible("consultations.packitem", item.uuid)
    request = diagnostics.visible_request(READER, item.object_uuid)
    summary = diagnostics.request_summary(request)
    reports = sorted(request.reports.all(), key=lambda each: -each.version)
    trace = reverse("diagnostics:trace_json", args=[request.uuid]) if request.recordings.exists() else ""
    return replace(
        shown, text=request.question, reports=reports, criticals=summary.critical, trace_url=trace,
        report_url=reverse("diagnostics:report_pdf", args=[request.uuid]) if reports else "",
        studies=imaging.studies_of_request(actor, request),
        facts=[
            (_("申请单位"), f"{request.from_facility} {request.requested_by_name}"), (_("诊断中心"), summary.centre_name),
            (_("状态"), summary.status_label),
        ],
    )  # fmt: skip


def _record(actor: Actor, case: Case, shown: Opened, *, at: datetime) -> Opened:
    ids = residents.ids_of_person(case.resident)
    return replace(
        shown, person=banner_of(actor, case), vitals=visits.latest_vitals(ids),
        entries=residents.timeline_of(READER, ids, before=at).entries,
    )  # fmt: skip


def _note(item: PackItem, shown: Opened) -> Opened:
    if item.file is None:
        return replace(shown, text=item.text)
    address = reverse("consultations:item_file", args=[item.case.uuid, item.uuid])
    return replace(
        shown, text=item.text, file_url=address, is_picture=item.file.media_type.startswith("image/")
    )  # fmt: skip


def banner_of(actor: Actor, case: Case) -> residents.PersonBanner:
    """Who it is about: in full for who sees the resident anyway, else what an opinion needs."""
    full = residents.person_of(case.resident, actor)
    if residents.residents_visible_to(actor).filter(pk=case.resident_id).exists():
        return full
    return replace(full, url="", phone_masked="", identity_masked="", note=_("仅限本次会诊"))
