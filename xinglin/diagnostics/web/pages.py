"""What the lists, the request form and the statistics show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.diagnostics import catalogue, permissions, queries
from xinglin.diagnostics.actions.recordings import DOUBTFUL, OTHER_PERSON
from xinglin.diagnostics.duties import Duty, duties_of
from xinglin.diagnostics.kinds import Words, words_of
from xinglin.diagnostics.models import CriticalValue, Request
from xinglin.diagnostics.states import CriticalStatus, RequestStatus
from xinglin.diagnostics.web.forms import Whom
from xinglin.diagnostics.web.kept import Kept
from xinglin.diagnostics.web.pills import critical_pill, priority_pill, status_pill
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import InvalidInput, NotPermitted
from xinglin.residents import api as residents
from xinglin.visits import api as visits
from xinglin.web.formats import listed_text
from xinglin.web.pills import Pill

#: Periods of the statistics, in days.
PERIODS = (1, 7, 30, 90, 365)


@dataclass(frozen=True)
class Line:
    """One request in a list."""

    request: Request
    url: str
    status: Pill
    priority: Pill
    person: str
    sex: str
    born_on: object
    sender: str
    centre: str
    is_mine: bool = False
    claim: Decision | None = None
    claim_url: str = ""
    duty: Duty | None = None
    is_mine_to_start: bool = False

    @property
    def kind(self) -> str:
        """The kind of examination, in words."""
        return str(words_of(self.request.kind).title)

    @property
    def icon(self) -> str:
        """Its icon."""
        return words_of(self.request.kind).icon


def line_of(request: Request, actor: Actor, *, at: datetime, duty: Duty | None = None) -> Line:
    """A request as a line; no query."""
    resident = request.resident
    claim = permissions.may_claim(actor, request)
    if request.status == RequestStatus.CLAIMED and not claim:
        over = permissions.may_take_over(actor, request, at)
        claim = over if over else claim
    taking_over = bool(claim) and request.status == RequestStatus.CLAIMED
    return Line(
        request=request,
        url=reverse("diagnostics:detail", args=[request.uuid]),
        status=status_pill(request),
        priority=priority_pill(request),
        person=resident.name,
        sex=str(resident.get_sex_display()),
        born_on=resident.born_on,
        sender=str(request.from_facility),
        centre=request.centre.name,
        is_mine=request.claimed_by is not None and request.claimed_by == actor.user_id,
        claim=claim,
        claim_url=reverse("diagnostics:take_over" if taking_over else "diagnostics:claim", args=[request.uuid]),
        duty=duty,
        is_mine_to_start=duty is not None and duty.reader_id == actor.user_id,
    )


@dataclass(frozen=True)
class Worklist:
    """The work list of the reader's centres."""

    lines: Sequence[Line]
    show: str
    n_emergency: int
    n_overdue: int
    next_cursor: str
    is_full: bool
    centres: str
    kind: str

    @property
    def words(self) -> Words:
        """The words of what is read here."""
        return words_of(self.kind)

    @property
    def url(self) -> str:
        """Where the list stands."""
        return reverse("diagnostics:imaging_worklist" if self.kind == "IMAGING" else "diagnostics:worklist")

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """The views of the list."""
        words = (("all", _("待处理"), "inbox"), ("mine", _("我的"), "user"), ("done", _("已完成"), "check"))
        url = self.url
        return [
            {"label": label, "url": f"{url}?show={name}", "active": name == self.show, "icon": icon, "count": None}
            for name, label, icon in words
        ]


def worklist(actor: Actor, *, show: str, cursor: str, at: datetime, kind: str = "ECG") -> Worklist:
    """Build the work list. :raises NotPermitted: the actor reads at no centre"""
    centres = [each for each in queries.centres_read_by(actor) if each.kind == kind]
    if not centres:
        raise NotPermitted(_("您不是诊断中心的医生，或中心尚未开通。"), code="no-centre")
    show = show if show in {"all", "mine", "done"} else "all"
    next_cursor = ""
    if show == "done":
        found = queries.done_at_centre(actor, cursor=cursor, kind=kind)
        requests, next_cursor = list(found.rows), found.next_cursor
    else:
        requests = queries.worklist(actor, show=show, kind=kind, at=at)
    duties = duties_of(requests, at=at) if show != "done" else {}
    return Worklist(
        lines=[line_of(request, actor, at=at, duty=duties.get(request.pk)) for request in requests],
        show=show,
        n_emergency=sum(
            request.priority_rank == 0 for request in requests if request.status == RequestStatus.REQUESTED
        ),
        n_overdue=sum(request.due_at < at for request in requests if request.status in queries.OPEN),
        next_cursor=next_cursor,
        is_full=show != "done" and len(requests) == queries.WORKLIST_SIZE,
        centres=listed_text(centre.name for centre in centres),
        kind=kind,
    )


@dataclass(frozen=True)
class Sent:
    """What the actor's units have sent."""

    lines: Sequence[Line]
    show: str
    next_cursor: str

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """The views of the list."""
        words = (
            ("", _("全部"), ""),
            ("open", _("诊断中"), "clock"),
            ("done", _("已报告"), "check"),
            ("rejected", _("被退回"), "refresh"),
        )
        url = reverse("diagnostics:sent")
        return [
            {
                "label": label,
                "url": f"{url}?show={name}" if name else url,
                "active": name == self.show,
                "icon": icon,
                "count": None,
            }
            for name, label, icon in words
        ]


def sent(actor: Actor, *, show: str, cursor: str, at: datetime) -> Sent:
    """Build the list of what was sent."""
    show = show if show in {"open", "done", "rejected"} else ""
    found = queries.sent_by(actor, status=show, cursor=cursor)
    return Sent([line_of(request, actor, at=at) for request in found.rows], show, found.next_cursor)


@dataclass(frozen=True)
class CriticalLine:
    """One critical value in the register."""

    critical: CriticalValue
    url: str
    status: Pill
    text: str
    person: str
    sender: str
    is_open: bool


@dataclass(frozen=True)
class Register:
    """The register of critical values."""

    lines: Sequence[CriticalLine]
    show: str
    next_cursor: str

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """The views of the register."""
        url = reverse("diagnostics:criticals")
        words = (("", _("全部"), ""), ("open", _("未处置"), "alert-octagon"))
        return [
            {
                "label": label,
                "url": f"{url}?show={name}" if name else url,
                "active": name == self.show,
                "icon": icon,
                "count": None,
            }
            for name, label, icon in words
        ]


def register(actor: Actor, *, show: str, cursor: str) -> Register:
    """Build the register."""
    show = "open" if show == "open" else ""
    found = queries.critical_register(actor, show=show, cursor=cursor)
    return Register([_critical_line(critical) for critical in found.rows], show, found.next_cursor)


def _critical_line(critical: CriticalValue) -> CriticalLine:
    request = critical.request
    return CriticalLine(
        critical=critical,
        url=reverse("diagnostics:critical", args=[critical.uuid]),
        status=critical_pill(critical),
        text=catalogue.critical_text(request.kind, critical.code, critical.text),
        person=request.resident.name,
        sender=str(request.from_facility),
        is_open=critical.status == CriticalStatus.NOTIFIED,
    )


@dataclass(frozen=True)
class RequestForm:
    """The form with which a village doctor asks."""

    person: Any
    centres: list[tuple[str, str]]
    centre: str
    priorities: list[tuple[str, str]]
    data: dict[str, Any]
    error: InvalidInput | None
    repeats: Request | None
    place: Decision
    url: str
    kept: Sequence[Kept]

    @property
    def fields(self) -> dict[str, Any]:
        """Reasons by field."""
        return dict(self.error.fields) if self.error else {}

    @property
    def doubt(self) -> str:
        """Why the form asks for confirmation: ``other-person``, ``doubtful-recording``, or not at all."""
        return doubt_of(self.error)


def request_form(
    actor: Actor,
    whom: Whom,
    *,
    data: dict[str, Any] | None = None,
    error: InvalidInput | None = None,
    repeats: Request | None = None,
    kept: Sequence[Kept] = (),
) -> RequestForm:
    """Build the form for a person and visit, or with what was typed and why it was refused."""
    visit = whom.visit
    centres = list(queries.centres_for(whom.facility_id))
    typed = data or {
        "question": repeats.question if repeats else visit.complaint[:500] if visit else "",
        "clinical": _clinical(visits.vitals_of(visit)) if visit else repeats.clinical if repeats else "",
        "priority": repeats.priority if repeats else _priority(visit),
        "centre": str(centres[0].uuid) if centres else "",
    }
    return RequestForm(
        person=residents.person_of(whom.resident, actor),
        centres=[(str(centre.uuid), centre.name) for centre in centres],
        centre=centres[0].name if len(centres) == 1 else "",
        priorities=[(value, str(label)) for value, label in Request.Priority.choices],
        data=typed,
        error=error,
        repeats=repeats,
        place=permissions.may_place(actor, whom.facility_id),
        url=reverse("diagnostics:request", args=[visit.uuid])
        if visit
        else reverse("diagnostics:request_resident", args=[whom.resident.uuid]),
        kept=kept,
    )


def doubt_of(error: InvalidInput | None) -> str:
    """The code of a refusal that the sender may confirm; empty for any other."""
    return error.code if error is not None and error.code in {OTHER_PERSON, DOUBTFUL} else ""


def _priority(visit: Any) -> str:
    """What a form begins with: an emergency when the visit itself warns of danger."""
    return Request.Priority.EMERGENCY if visit and visits.is_dangerous(visit) else Request.Priority.ROUTINE


def _clinical(vitals: Any) -> str:
    parts = []
    if vitals.pressure:
        parts.append(_("血压%(pressure)s mmHg") % {"pressure": vitals.pressure})
    if vitals.pulse:
        parts.append(_("脉搏%(pulse)d次/分") % {"pulse": vitals.pulse})
    if vitals.spo2:
        parts.append(_("血氧%(spo2)d%%") % {"spo2": vitals.spo2})
    return _("，").join(parts)
