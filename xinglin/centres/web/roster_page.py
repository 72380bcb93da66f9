"""What the page of the duty roster shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.centres import catalogue, choosing, permissions, queries
from xinglin.centres.actions.roster import readers_of
from xinglin.centres.models import Roster, Shift
from xinglin.centres.table import Row
from xinglin.centres.words import modality_word, region_word
from xinglin.diagnostics.api import skills_of
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import DomainError, NotPermitted
from xinglin.web.formats import listed_text


@dataclass(frozen=True)
class ShiftView:
    """One shift in the week."""

    shift: Shift
    period: str
    skills: str
    is_now: bool
    is_mine: bool
    withdraw: Decision


@dataclass(frozen=True)
class DayView:
    """One day of the week."""

    on: date
    is_today: bool
    shifts: Sequence[ShiftView]


@dataclass(frozen=True)
class OnDuty:
    """Who is on duty now, and how much he has in hand."""

    name: str
    until: datetime
    n_open: int
    n_urgent: int


@dataclass(frozen=True)
class RosterPage:
    """A week of a centre's roster."""

    centre: Any
    centres: list[tuple[str, str]]
    week: date
    days: Sequence[DayView]
    now: Sequence[OnDuty]
    roster: Roster | None
    edit: Decision
    readers: list[tuple[str, str]]
    shifts: list[tuple[str, str]]
    modalities: list[tuple[str, str]]
    regions: list[tuple[str, str]]
    data: dict[str, Any]
    error: DomainError | None = None
    rows: Sequence[Row] = ()

    @property
    def centre_tabs(self) -> list[dict[str, Any]]:
        """The reader's centres, to go from one to the other."""
        url = reverse("centres:roster")
        return [
            {"label": name, "url": f"{url}?centre={uuid}&week={self.week}", "active": uuid == str(self.centre.uuid)}
            for uuid, name in self.centres
        ]

    @property
    def fields(self) -> dict[str, Any]:
        """Reasons by field of the form that was refused."""
        return dict(getattr(self.error, "fields", {}))

    @property
    def url(self) -> str:
        """This week of this centre."""
        return f"{reverse('centres:roster')}?centre={self.centre.uuid}&week={self.week}"

    @property
    def before(self) -> str:
        """The week before."""
        return f"{reverse('centres:roster')}?centre={self.centre.uuid}&week={self.week - timedelta(days=7)}"

    @property
    def after(self) -> str:
        """The week after."""
        return f"{reverse('centres:roster')}?centre={self.centre.uuid}&week={self.week + timedelta(days=7)}"

    @property
    def last(self) -> date:
        """The Sunday."""
        return self.week + timedelta(days=6)

    @property
    def day_choices(self) -> list[tuple[str, str]]:
        """The days of the week, to be chosen."""
        words = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
        return [(str(n), f"{word} {self.week + timedelta(days=n):%m-%d}") for n, word in enumerate(words)]

    @property
    def is_empty(self) -> bool:
        """Whether nobody is on duty in this week."""
        return not any(day.shifts for day in self.days)

    @property
    def faulty(self) -> list[Row]:
        """Rows of a table that were refused."""
        return [row for row in self.rows if row.faults]


def build(
    actor: Actor,
    *,
    centre: str,
    week: date,
    at: datetime,
    data: dict[str, Any] | None = None,
    error: DomainError | None = None,
    rows: Sequence[Row] = (),
) -> RosterPage:
    """Build the page. :raises NotPermitted: the actor has to do with no centre"""
    centres = queries.centres_of(actor)
    if not centres:
        raise NotPermitted(_("您不是诊断中心的医生，或中心尚未开通。"), code="no-centre")
    chosen = next((each for each in centres if str(each.uuid) == centre), centres[0])
    edit = permissions.may_edit_roster(actor, chosen)
    readers = readers_of(chosen, at=at) if edit else {}
    shifts = queries.shifts_between(chosen, week, week + timedelta(days=7))
    modalities, regions = skills_of(chosen.kind, on=week)
    return RosterPage(
        centre=chosen,
        centres=[(str(each.uuid), each.name) for each in centres],
        week=week,
        days=[_day(actor, week + timedelta(days=n), shifts, at) for n in range(7)],
        now=_now(chosen.pk, at),
        roster=queries.roster_of(chosen),
        edit=edit,
        readers=[(str(each.id), f"{each.name}（{each.username}）") for each in readers.values()],
        shifts=[
            (each.code, f"{each.title} {each.start:%H:%M}–{each.end:%H:%M}")
            for each in catalogue.common_shifts(on=week)
        ],
        modalities=[(code, modality_word(code)) for code in modalities],
        regions=[(code, region_word(code)) for code in regions],
        data=data or {"days": [], "reviews": "on"},
        error=error,
        rows=rows,
    )


def _day(actor: Actor, on: date, shifts: Sequence[Shift], at: datetime) -> DayView:
    views = [_view(actor, each, at) for each in shifts if clock.today(each.starts_at) == on]
    return DayView(on, on == clock.today(at), views)


def _view(actor: Actor, shift: Shift, at: datetime) -> ShiftView:
    start, end = timezone.localtime(shift.starts_at), timezone.localtime(shift.ends_at)
    period = f"{start:%H:%M}–{end:%H:%M}"
    if end.date() > start.date():
        period = f"{period} {_('次日')}"
    skills = [*(modality_word(each) for each in shift.modalities), *(region_word(each) for each in shift.regions)]
    if not shift.reviews:
        skills.append(_("不审核"))
    return ShiftView(
        shift, period, listed_text(skills), shift.starts_at <= at < shift.ends_at, shift.reader_id == actor.user_id,
        permissions.may_withdraw_shift(actor, shift),
    )  # fmt: skip


def _now(centre_id: int, at: datetime) -> list[OnDuty]:
    shifts = choosing.on_duty(centre_id, at=at)
    loads = choosing.loads_of({each.reader_id for each in shifts}, at=at)
    found = [
        OnDuty(each.reader_name, each.ends_at, loads[each.reader_id].n_open, loads[each.reader_id].n_urgent)
        for each in shifts
    ]
    return sorted(found, key=lambda each: (each.n_open, each.name))


__all__ = ["RosterPage", "build"]
