"""What the pages of the population show: figures by place, the lists behind them, three levels, a disease."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.network import api as network
from xinglin.platform import clock, small
from xinglin.platform.actors import Actor
from xinglin.platform.paging import Page
from xinglin.programmes import evidence, guarding, judging, leading, population, secrecy, titles
from xinglin.programmes.data import CHECK_TONES, CheckResult
from xinglin.programmes.models import Enrolment, QualityCheck
from xinglin.programmes.population import LISTS, Behind, Counts
from xinglin.programmes.rules.lacking import lacking
from xinglin.programmes.rules.shapes import Programme
from xinglin.programmes.web.resident_page import status_view
from xinglin.web.formats import age_text, due_day_text
from xinglin.web.pills import Pill


@dataclass(frozen=True, slots=True)
class Total:
    """A figure over all places shown."""

    label: str
    value: int | float | None
    note: str
    url: str
    percent: bool = False


@dataclass(frozen=True, slots=True)
class PopulationPage:
    """A programme by facility; by township unit for who sees figures only."""

    programme: Programme
    tabs: list[dict[str, Any]]
    totals: list[Total]
    rows: list[tuple[Counts, str, frozenset[str]]]
    least: int
    leaves_out: bool
    may_open: bool
    n_undiscovered: int
    may_find: bool
    disease_url: str
    counted_at: datetime | None
    lacks: list[str]  # of a frame

    @classmethod
    def build(cls, actor: Actor, *, slug: str, at: datetime) -> "PopulationPage":
        """The figures of a programme (the first in which somebody is managed when none is named) at the actor's places."""
        today = clock.today(at)
        slugs = [each for each, _name in titles.main_options(today)]
        programme = judging.programme_of(slug or population.first_shown(actor, slugs), on=today)
        rows = population.counts(population.places_counted(actor), programme, on=today)
        own = actor.places_where(Permission.PROGRAMME_VIEW)
        may_open = Permission.PROGRAMME_VIEW in actor.permissions
        if not may_open:  # of single villages nearly all would have to be left out
            rows = _by_unit(rows)
        hidden = guarding.hidden_cells(rows, lambda each: own is None or each.place in own)
        may_find = Permission.PROGRAMME_DO in actor.permissions
        may_find = may_find and programme.slug in dict(secrecy.options(actor, titles.options(today)))
        missing = (
            population.undiscovered(actor.places_where(Permission.PROGRAMME_DO), programme, limit=500)
            if may_find
            else []
        )
        return cls(
            lacks=lacking(programme) if programme.is_frame else [],
            counted_at=population.diagnosed_at(frozenset(), programme)[1],
            programme=programme, tabs=_tabs("programmes:population", programme.slug, today),
            totals=_totals(rows, programme.slug, opens=may_open),
            rows=[
                (each, _people(Behind("managed", programme.slug, facility=each.place)) if own is None or each.place in own else "", hidden[each.place])
                for each in rows
            ],
            least=small.LEAST, leaves_out=any(hidden.values()),
            may_open=may_open, n_undiscovered=len(missing), may_find=may_find,
            disease_url=reverse("programmes:disease", args=[programme.slug]) if Permission.PROGRAMME_LEAD in actor.permissions else "",
        )  # fmt: skip


def _by_unit(rows: Sequence[Counts]) -> list[Counts]:
    units = leading.by_unit(rows, network.units_of(each.place for each in rows))
    return sorted(units, key=lambda each: (-each.managed, each.name))


def _tabs(name: str, slug: str, today: date) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": f"{reverse(name)}?programme={code}", "active": code == slug}
        for code, label in titles.main_options(today, slug)
    ]


def _people(behind: Behind) -> str:
    said = {
        "programme": behind.programme, "of": behind.of, "place": behind.facility, "unit": behind.unit, "grade": behind.grade,
    }  # fmt: skip
    return (
        f"{reverse('programmes:people')}?{urlencode({name: each for name, each in said.items() if each is not None})}"
    )


def behind_of(asked: Mapping[str, str]) -> Behind:
    """Which list an address asks for."""
    return Behind(
        asked.get("of", "managed"), asked.get("programme", ""), _number(asked.get("place", "")),
        _number(asked.get("unit", "")), asked.get("grade"),
    )  # fmt: skip


def _totals(rows: Sequence[Counts], slug: str, *, opens: bool) -> list[Total]:
    def sum_of(name: str) -> int:
        return sum(getattr(each, name) or 0 for each in rows)

    managed, known = sum_of("managed"), [each.expected for each in rows if each.expected is not None]

    def url(of: str) -> str:
        return _people(Behind(of, slug)) if opens else ""

    rate = sum_of("controlled") / managed if managed else None
    on_time = sum_of("on_time") / managed if managed else None
    shares = {"a": sum_of("controlled"), "t": sum_of("on_time")}
    return [
        Total(_("估计患病"), sum(known) if known else None, _("按患病率估计，不是计数"), ""),
        Total(_("档案中已诊断"), sum_of("diagnosed"), "", ""),
        Total(_("待核实"), sum_of("candidates"), "", url("candidates")),
        Total(_("在管"), managed, "", url("managed")),
        Total(_("按时"), on_time, f"{shares['t']} / {managed}", url("overdue"), percent=True),
        Total(_("控制"), rate, f"{shares['a']} / {managed}", url("uncontrolled"), percent=True),
        Total(_("失访"), sum_of("lost"), "", url("lost")),
    ]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One enrolment in a list."""

    resident: UUID
    url: str
    title: str
    meta: str
    status: Pill
    end: str
    tone: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """The list behind a figure."""

    title: str
    tabs: list[dict[str, Any]]
    rows: list[PersonRow]
    paging: Page[Enrolment]

    @classmethod
    def build(cls, actor: Actor, behind: Behind, *, cursor: str, at: datetime) -> "PeoplePage":
        """One page of a list, for an actor."""
        today = clock.today(at)
        paging = population.people(actor, behind, on=today, cursor=cursor)
        tabs = [
            {"label": str(label), "url": _people(replace(behind, of=name)), "active": name == behind.of}
            for name, label in LISTS.items()
        ]
        title = titles.short(behind.programme) if behind.programme else _("疾病管理")
        place = behind.facility or behind.unit
        if behind.programme and behind.grade is not None:
            title = f"{title} · {_grade_name(behind.programme, behind.grade, today)}"
        elif place:
            title = " · ".join([title, *network.facility_names([place]).values()])
        names = evidence.names_in(piece for each in paging.rows for piece in each.evidence[:1])
        return cls(title, tabs, [person_row(each, today, names) for each in paging.rows], paging)


def _number(said: str) -> int | None:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 19 else None


def _grade_name(programme: str, grade: str, today: date) -> str:
    found = judging.programme_of(programme, on=today).grade(grade)
    return str(found.title) if found else _("未分级")


def person_row(row: Enrolment, today: date, names: Mapping[str, str] | None = None) -> PersonRow:
    """One enrolment as a line."""
    resident = row.resident
    said = [titles.short(row.programme), titles.grade(row.programme, row.version, row.grade), str(row.facility)]
    is_due = row.next_due_on is not None and row.status == "ENROLLED"
    return PersonRow(
        resident=resident.uuid, url=reverse("programmes:resident", args=[resident.uuid]),
        title=f"{resident.name} {resident.get_sex_display()} {age_text(resident.born_on, today)}",
        meta=" · ".join(part for part in (*said, *(evidence.said(row.evidence[:1], names) if row.status == "CANDIDATE" else ())) if part),
        status=status_view(row), end=due_day_text(row.next_due_on, today=today) if is_due and row.next_due_on else "",
        tone="critical" if row.severity >= 4 else "warning" if row.severity == 3 else "",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LevelsPage:
    """What the reader's level must do now: home, base or centre of the three highs."""

    title: str
    duties: str
    cards: list[dict[str, Any]]
    reaches_all: bool  # of the county's centre: whether the post reaches the county's residents

    @classmethod
    def build(cls, actor: Actor, *, at: datetime) -> "LevelsPage":
        """By the tier of the facility where the actor works."""
        today = clock.today(at)
        tier = network.facility_by_id(actor.place).tier if actor.place else "COUNTY"
        level = leading.LEVELS[tier]
        counts = population.list_counts(actor, on=today)
        cards = []
        for of, says in level.lists:
            rows = population.people(actor, Behind(of), on=today).rows[:5]
            cards.append(
                {"title": str(says), "count": counts[of], "url": _people(Behind(of)),
                 "rows": [person_row(each, today) for each in rows]}
            )  # fmt: skip
        reaches_all = tier != "COUNTY" or leading.sees_all(actor, permission=Permission.PROGRAMME_VIEW)
        return cls(str(level.title), str(level.duties), cards, reaches_all)


@dataclass(frozen=True, slots=True)
class DiseasePage:
    """A disease as its chief physician's team sees it."""

    programme: Programme
    tabs: list[dict[str, Any]]
    townships: list[tuple[Counts, frozenset[str], dict[str, str]]]  # with the lists that open, by figure
    grades: list[tuple[str, int | None, str]]
    cases: list[PersonRow]
    checks: list[tuple[QualityCheck, str]]  # with its tone
    truth: dict[str, int]
    may_draw: bool
    sees_county: bool
    smallest: int
    least: int
    leaves_out: bool

    @classmethod
    def build(cls, actor: Actor, *, slug: str, at: datetime) -> "DiseasePage":
        """The cohort of a programme: figures of the whole county name nobody; cases are those in the actor's sight."""
        today = clock.today(at)
        programme = judging.programme_of(slug, on=today)
        cases = population.people(actor, Behind("difficult", slug), on=today).rows
        tabs = [
            {"label": label, "url": reverse("programmes:disease", args=[code]), "active": code == slug}
            for code, label in titles.main_options(today, slug)
        ]
        checks = leading.checks_of(actor, slug)
        townships, grades = leading.by_township(actor, programme, on=today), leading.grades(actor, programme)
        own, sees_all = actor.places_where(Permission.PROGRAMME_VIEW), leading.sees_all(actor, slug)
        return cls(
            programme=programme, tabs=tabs,
            townships=[
                (row, cells, _lists(slug, row.place) if own is None or row.place in own else {}) for row, cells in townships
            ],
            grades=[
                (title, n, _people(Behind("managed", slug, grade=grade)) if sees_all and grade is not None else "")
                for title, n, grade in grades
            ],
            leaves_out=any(cells for _row, cells in townships) or any(n is None for _title, n, _grade in grades),
            cases=[person_row(each, today) for each in cases],
            checks=[(each, CHECK_TONES.get(CheckResult(each.result), "") if each.result else "") for each in checks],
            truth=leading.truth(actor, slug), may_draw=Permission.PROGRAMME_LEAD in actor.permissions,
            sees_county=sees_all,
            smallest=leading.smallest_group(), least=small.LEAST,
        )  # fmt: skip


def _lists(slug: str, unit: int) -> dict[str, str]:
    """The lists behind the figures of a township unit and the clinics below it."""
    of = {"managed": "managed", "on_time": "on-time", "controlled": "controlled", "lost": "lost"}
    return {figure: _people(Behind(name, slug, unit=unit)) for figure, name in of.items()}
