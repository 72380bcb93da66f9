"""What the day list shows: one line for each resident, the most urgent first."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from xinglin.accounts.data import Permission
from xinglin.followups.api import QuietWeek, quiet_weeks
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.paging import Page
from xinglin.programmes import queries, secrecy, titles
from xinglin.programmes.data import AlertLevel
from xinglin.programmes.models import ManagedResident
from xinglin.programmes.queries import Filters
from xinglin.web.formats import age_text, due_day_text


@dataclass(frozen=True, slots=True)
class Row:
    """One resident of the list."""

    url: str
    call_url: str
    title: str
    meta: str
    due: str
    tone: str
    severity: str
    severity_tone: str
    tries: str
    quiet: str


@dataclass(frozen=True, slots=True)
class DayPage:
    """The day list with its boxes and filters."""

    tabs: list[dict[str, Any]]
    rows: list[Row]
    paging: Page[ManagedResident]
    programmes: list[tuple[str, str]]
    programme: str
    places: list[tuple[str, str]]
    place: str
    team: str
    reset: str
    box: str

    @classmethod
    def build(
        cls, actor: Actor, *, box: str, programme: str, place: str, team: UUID | None = None, cursor: str, at: datetime
    ) -> "DayPage":  # fmt: skip
        """One page of a box, for an actor. The number of queries does not grow with the rows."""
        filters = Filters(
            int(place) if place.isascii() and place.isdecimal() and len(place) < 19 else None, programme, team
        )
        paging = queries.day_list(actor, box=box, filters=filters, at=at, cursor=cursor)
        weeks = quiet_weeks(actor, [each.resident_id for each in paging.rows], at=at)
        counts, today = queries.box_counts(actor, filters=filters, at=at), clock.today(at)
        labels = {"due": _("到期与逾期"), "soon": _("即将到期"), "lost": _("失访"), "all": _("全部在管")}
        kept = {name: value for name, value in (("programme", programme), ("place", place), ("team", team)) if value}
        tabs = [
            {"label": label, "url": f"{reverse('programmes:day')}?{urlencode({'box': name, **kept})}",
             "active": name == box, "count": counts[name]}
            for name, label in labels.items()
        ]  # fmt: skip
        may_call = Permission.RESIDENT_REVEAL in actor.permissions
        return cls(
            tabs=tabs, rows=[_row(actor, each, weeks.get(each.resident_id), today, may_call=may_call) for each in paging.rows],
            paging=paging,
            programmes=secrecy.options(actor, titles.options(today)), programme=programme, places=_places(actor), place=place, team=str(team or ""),
            reset=f"{reverse('programmes:day')}?box={box}" if kept else "", box=box,
        )  # fmt: skip


def _places(actor: Actor) -> list[tuple[str, str]]:
    """The actor's facilities, where there are several."""
    places = actor.places_where(Permission.PROGRAMME_VIEW)
    names = network.facility_names(places or ())
    return sorted(((str(pk), name) for pk, name in names.items()), key=lambda each: each[1]) if len(names) > 1 else []


def _row(actor: Actor, line: ManagedResident, week: QuietWeek | None, today: date, *, may_call: bool) -> Row:
    resident = line.resident
    said = [
        *dict.fromkeys(secrecy.short(actor, each, line.facility_id) for each in line.programmes),
        str(line.facility),
        resident.address,
    ]
    severity, may_now = AlertLevel(line.severity), week is None or bool(week.exemption)
    return Row(
        url=reverse("programmes:form", args=[resident.uuid]),
        call_url=reverse("programmes:call", args=[resident.uuid]) if may_call and resident.phone and may_now else "",
        title=f"{resident.name} {resident.get_sex_display()} {age_text(resident.born_on, today)}",
        meta=" · ".join(part for part in said if part),
        due=due_day_text(line.next_due_on, today=today), tone="critical" if line.next_due_on < today else "",
        severity=_severity(line),
        severity_tone="critical" if severity == AlertLevel.EMERGENCY else "warning",
        tries=ngettext("未联系上%(n)d次", "未联系上%(n)d次", line.n_attempts) % {"n": line.n_attempts} if line.n_attempts else "",
        quiet=week.words if week else "",
    )  # fmt: skip


def _severity(line: ManagedResident) -> str:
    if line.urgent_reading_at is not None:
        return _("设备测量危急")
    return str(AlertLevel(line.severity).label) if line.severity >= AlertLevel.ADJUST else ""
