"""What the pages of check-ups show. Templates only print."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.checkups import permissions, queries, rules
from xinglin.checkups.actions.reporting import findings_now
from xinglin.checkups.data import ECG_ITEM, STEP_WORDS, WHY_NOT, DayFigures, Step
from xinglin.checkups.models import Checkup, CheckupReport, Session, StationVisit
from xinglin.checkups.states import LOOKS, STATION_LOOKS, StationStatus, Status
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import DomainError
from xinglin.platform.language import is_english
from xinglin.platform.paging import Page
from xinglin.programmes import api as programmes
from xinglin.residents import api as residents
from xinglin.web.answers import fields_of, message_of
from xinglin.web.formats import age_text, aside_text, listed_text
from xinglin.web.pills import Pill

LEVEL_LOOKS = {
    "urgent": ("critical", "alert-octagon"), "abnormal": ("warning", "alert-triangle"), "watch": ("info", "info"),
    "normal": ("ok", "check-circle"), "": ("neutral", "circle"),
}  # fmt: skip


def status_view(checkup: Checkup) -> Pill:
    """The pill of a check-up."""
    return Pill(str(checkup.get_status_display()), *LOOKS[Status(checkup.status)])


def station_view(visit: StationVisit) -> Pill:
    """The pill of a station."""
    return Pill(str(visit.get_status_display()), *STATION_LOOKS[StationStatus(visit.status)])


def package_title(slug: str) -> str:
    """A package in the reader's language; its slug when its file is gone."""
    found = rules.package(slug)
    return found.title if found else slug


def level_words(level: str) -> str:
    """A level in one word."""
    words = {"urgent": _("尽快就诊"), "abnormal": _("异常"), "watch": _("留意"), "normal": _("正常"), "": _("记录")}
    return words[level]


# Lists ---------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ListPage:
    """The day's check-ups, its figures, and the sessions to come."""

    tabs: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    paging: Page[Any]
    when_empty: str
    figures: DayFigures
    station_rows: list[dict[str, Any]]
    sessions: list[Session]
    may_open: bool
    halves: list[tuple[str, str]]
    places: list[tuple[str, str]]
    place: str
    today: date
    values: Mapping[str, Any]
    error: str
    fields: Mapping[str, object]

    @classmethod
    def build(
        cls, actor: Actor, *, box: str, cursor: str, at: datetime, error: DomainError | None = None,
        given: QueryDict | None = None,
    ) -> "ListPage":  # fmt: skip
        """One page of a tab."""
        today = clock.today(at)
        paging = queries.checkup_list(actor, box=box, on=today, cursor=cursor)
        figures, known = queries.day_figures(actor, today), rules.stations(today)
        labels = {"today": _("今天"), "unfinished": _("往日未完"), "open": _("进行中"), "done": _("已结束")}
        left = queries.unfinished_here(actor, on=today).count() or None
        url, may_open = reverse("checkups:list"), permissions.may_open(actor, None).allowed
        return cls(
            tabs=[
                {"label": label, "url": f"{url}?box={name}", "active": name == box, "count": left if name == "unfinished" else None}
                for name, label in labels.items()
            ],
            rows=[row_of(each) | ({"left": _left_of(each)} if box == "unfinished" else {}) for each in paging.rows],
            paging=paging, figures=figures, when_empty=_("没做完就离开的人，会出现在这里。") if box == "unfinished" else _("在服务台预约后，会出现在这里。"),
            station_rows=[
                {"title": known[code].title if code in known else code, "done": n[0], "left_out": n[1], "waiting": n[2]}
                for code, n in figures.stations.items()
            ],
            sessions=queries.sessions_for(actor, since=today), may_open=may_open,
            halves=[(str(value), str(label)) for value, label in Session.Half.choices],
            places=network.choices_of(actor, Permission.CHECKUP_MANAGE) if may_open else [], place=network.own_place(actor), today=today,
            values=given or {}, error=message_of(error), fields=fields_of(error),
        )  # fmt: skip


def row_of(checkup: Checkup) -> dict[str, Any]:
    """One check-up in a list."""
    resident, session = checkup.resident, checkup.session
    return {
        "url": reverse("checkups:detail", args=[checkup.uuid]),
        "title": f"{resident.name} {resident.get_sex_display()} {age_text(resident.born_on, session.held_on)}",
        "meta": f"{checkup.number} · {package_title(checkup.package)} · {session.held_on.isoformat()} {session.get_half_display()} · {checkup.facility}",
        "status": status_view(checkup),
    }  # fmt: skip


def _left_of(checkup: Checkup) -> str:
    """The stations at which he still waits."""
    titles, visits = station_titles(checkup), sorted(checkup.stations.all(), key=lambda each: each.position)
    names = (titles.get(each.station, each.station) for each in visits if each.status == StationStatus.WAITING)
    return _("还差：%(stations)s") % {"stations": listed_text(names)}


def station_titles(checkup: Checkup) -> dict[str, str]:
    """Stations of its package in the reader's language, by code."""
    package = rules.package(checkup.package)
    return {each.code: each.title for each in package.stations} if package else {}


# Stations ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class QueuePage:
    """Who waits at a station."""

    tabs: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    title: str

    @classmethod
    def build(cls, actor: Actor, *, station: str, at: datetime) -> "QueuePage":
        """The queue of a station; of the first when none is named."""
        today = clock.today(at)
        known, counts = rules.stations(today), queries.queue_counts(actor, on=today)
        chosen = station if station in known else next(iter(known))
        tabs = [
            {
                "label": each.title, "url": f"{reverse('checkups:stations')}?station={each.code}", "active": each.code == chosen,
                "count": counts.get(each.code, 0),
            }
            for each in known.values()
        ]  # fmt: skip
        rows = [
            {
                "uuid": each.uuid, "resident": each.checkup.resident.uuid, "url": reverse("checkups:station", args=[each.uuid]),
                "title": f"{number}. {each.checkup.resident.name} {each.checkup.resident.get_sex_display()} {age_text(each.checkup.resident.born_on, today)}",
                "meta": f"{each.checkup.number} · {package_title(each.checkup.package)}",
                "skipped": _("过号%(n)d次") % {"n": each.n_skipped} if each.n_skipped else "", "since": each.queued_at,
            }
            for number, each in enumerate(queries.queue_of(actor, chosen, on=today), 1)
        ]  # fmt: skip
        return cls(tabs, rows, known[chosen].title)


@dataclass(frozen=True)
class StationPage:
    """One station's form."""

    visit: StationVisit
    person: residents.PersonBanner
    title: str
    status: Pill
    items: list[dict[str, Any]]
    may: Decision
    whys: list[tuple[str, str]]
    may_ask: bool
    is_asked: bool
    has_analytes: bool
    back: str
    error: str
    fields: Mapping[str, object]
    read: Any  # the ECG that the centre reads

    @classmethod
    def build(
        cls, actor: Actor, visit: StationVisit, *, error: DomainError | None = None, given: QueryDict | None = None
    ) -> "StationPage":
        """The form of a visible station."""
        checkup = visit.checkup
        package, known, values, fields = (
            rules.package(checkup.package),
            rules.items(),
            queries.values_of(checkup),
            fields_of(error),
        )
        past = queries.past_reports(residents.ids_of_person(checkup.resident), before=checkup, limit=1)
        last = {each["item"]: each["text"] for each in past[0].findings} if past else {}
        read = queries.ecg_request_of(checkup) if ECG_ITEM in visit.items else None
        items = [
            _asked(
                known[code],
                given.getlist(code) if given else values.get(code, "").split(","),
                fields,
                last.get(code, ""),
            )
            for code in visit.items
            if read is None or (code != ECG_ITEM and _of(code) != ECG_ITEM)
        ]
        station = next((each for each in package.stations if each.code == visit.station), None) if package else None
        has_analytes = any(rules.analyte_of(code) for code in visit.items)
        return cls(
            visit, residents.person_of(checkup.resident, actor), station.title if station else visit.station,
            station_view(visit), items, permissions.may_examine(actor, visit),
            whys(),
            has_analytes and bool(package and package.panels) and Permission.REQUEST_PLACE in actor.permissions
            and checkup.laboratory is None, checkup.laboratory is not None, has_analytes,
            f"{reverse('checkups:stations')}?station={visit.station}", message_of(error), fields, read,
        )  # fmt: skip


def whys() -> list[tuple[str, str]]:
    """Why a station was left out, to choose from."""
    return [(code, str(words)) for code, words in WHY_NOT.items()]


def _of(code: str) -> str:
    """The item of which this one says more; empty when it stands by itself."""
    found = rules.details().get(code)
    return found.of if found else ""


def _asked(item: rules.Item, given: list[str], fields: Mapping[str, object], last: str) -> dict[str, Any]:
    english = is_english()
    options = [(code, words[1] if english else words[0]) for code, words in item.options.items()]
    if item.kind == "yes-no":
        options = [("yes", _("是")), ("no", _("否"))]
    return {
        "code": item.code, "title": item.title, "kind": "number" if item.kind == "number" else "choice" if options else "text",
        "many": item.kind == "choices", "unit": item.unit, "decimals": item.decimals,
        "low": f"{item.low:f}" if item.low is not None else "", "high": f"{item.high:f}" if item.high is not None else "",
        "options": options, "value": given[0] if given else "", "values": given, "error": fields.get(item.code, ""),
        "help": _("上次 %(value)s") % {"value": last} if last and item.kind == "number" else "",
    }  # fmt: skip


# One check-up --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class DetailPage:
    """One check-up: its stations, its values, and the doctor's form when all is done."""

    checkup: Checkup
    person: residents.PersonBanner
    title: str
    status: Pill
    stations: list[dict[str, Any]]
    sees_values: bool
    findings: list[dict[str, Any]]
    proposed: list[dict[str, Any]]
    may_arrive: Decision
    may_take_up: Decision
    may_cancel: bool
    may_report: Decision
    may_withdraw: Decision
    report: CheckupReport | None
    is_booked: bool
    whys: list[tuple[str, str]]
    today: date
    values: Mapping[str, Any]
    error: str
    fields: Mapping[str, object]

    @classmethod
    def build(
        cls, actor: Actor, checkup: Checkup, *, at: datetime, error: DomainError | None = None,
        given: QueryDict | None = None,
    ) -> "DetailPage":  # fmt: skip
        """The page of a visible check-up."""
        today, titles = clock.today(at), station_titles(checkup)
        sees, examines = permissions.may_see_values(actor), Permission.CHECKUP_EXAMINE in actor.permissions
        may_report = permissions.may_report(actor, checkup)
        found = findings_now(checkup) if sees and checkup.status == Status.EXAMINED else []
        return cls(
            checkup=checkup, person=residents.person_of(checkup.resident, actor), title=package_title(checkup.package),
            status=status_view(checkup),
            stations=[
                {
                    "title": titles.get(each.station, each.station), "status": station_view(each),
                    "url": reverse("checkups:station", args=[each.uuid]) if examines else "",
                    "uuid": each.uuid, "can_again": each.status == StationStatus.NOT_DONE and examines and checkup.status in (Status.ARRIVED, Status.EXAMINED),
                }
                for each in queries.stations_of(checkup)
            ],
            sees_values=sees, findings=[finding_row(each) for each in found],
            proposed=[
                {
                    "index": index, "step": each.step, "label": step_label(each.step, each.programme), "on": each.on, "words": each.words,
                    "programme": each.programme, "items": " ".join(each.items),
                }
                for index, each in enumerate(queries.proposed_plan(checkup, on=today))
            ] if may_report.allowed and found else [],
            may_arrive=permissions.may_arrive(actor, checkup, on=today),
            may_take_up=permissions.may_take_up(actor, checkup, on=today), may_cancel=permissions.may_cancel(actor, checkup).allowed,
            whys=whys(), may_report=may_report, may_withdraw=permissions.may_withdraw(actor, checkup), report=queries.report_of(checkup),
            is_booked=checkup.status == Status.BOOKED, today=today, values=given or {}, error=message_of(error),
            fields=fields_of(error),
        )  # fmt: skip


def step_label(step: str, programme: str) -> str:
    """What comes next, with the disease where that is a programme."""
    words = str(STEP_WORDS[Step(step)])
    return _("%(step)s：%(what)s") % {"step": words, "what": programmes.short(programme)} if programme else words


def finding_row(found: Mapping[str, Any]) -> dict[str, Any]:
    """One finding in the reader's language, beside last time's."""
    english = is_english()
    item = rules.items().get(found["item"])
    tone, icon = LEVEL_LOOKS[found["level"]]

    def said(text: str) -> str:
        words = item.words(text) if item else text
        return f"{words} {found['unit_en'] if english else found['unit_zh']}".strip()

    return {
        "item": found["item"], "title": item.title if item else found["item"], "value": said(found["text"]),
        "last": aside_text(said(found["last"]), _change(item, found)) if found["last"] else "", "words": found["en"] if english else found["zh"],
        "tone": tone, "icon": icon, "level": level_words(found["level"]), "rank": found["level"], "source": found["source"],
        "mark": found["mark"], "number": found["text"] if item and item.kind == "number" else "",
    }  # fmt: skip


def _change(item: rules.Item | None, found: Mapping[str, Any]) -> str:
    """How much more or less a figure is than last time; nothing where it is the same or no figure."""
    if item is None or item.kind != "number":
        return ""
    try:
        change = Decimal(found["text"]) - Decimal(found["last"])
    except InvalidOperation:
        return ""
    return f"{change:+f}" if change else ""


# The report ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ReportPage:
    """A signed report in plain words, with its course over the years."""

    report: CheckupReport
    checkup: Checkup
    person: residents.PersonBanner | None
    title: str
    notable: list[dict[str, Any]]
    ordinary: list[dict[str, Any]]
    plan: list[dict[str, Any]]
    last_on: date | None
    sources: list[tuple[str, str]]
    earlier: list[dict[str, Any]]
    is_own: bool

    @classmethod
    def build(cls, report: CheckupReport, *, actor: Actor | None, is_own: bool = False) -> "ReportPage":
        """A report the caller may see; `actor` None leaves out who it is."""
        checkup = report.checkup
        past = queries.past_reports(residents.ids_of_person(checkup.resident), before=checkup)
        rows = [finding_row(each) | {"trend": trend_of(each["item"], [report, *past])} for each in report.findings]
        sources = dict.fromkeys((each["source"], each["mark"]) for each in rows if each["source"])
        return cls(
            report=report, checkup=checkup, person=residents.person_of(checkup.resident, actor) if actor else None,
            title=package_title(checkup.package), notable=[each for each in rows if each["rank"] in ("urgent", "abnormal", "watch")],
            ordinary=[each for each in rows if each["rank"] not in ("urgent", "abnormal", "watch")],
            plan=[
                {"label": step_label(each["step"], each.get("programme", "")),
                 "on": date.fromisoformat(each["on"]), "words": rules.step_words(each, report.findings)}
                for each in report.plan
            ],
            last_on=past[0].checkup.session.held_on if past else None, sources=list(sources),
            earlier=[
                {
                    "url": reverse("checkups:report", args=[each.checkup.uuid]),
                    "on": each.checkup.session.held_on,
                    "title": package_title(each.checkup.package),
                }
                for each in past
            ],
            is_own=is_own,
        )  # fmt: skip


def trend_of(item: str, reports: list[CheckupReport]) -> list[float]:
    """The figures of an item over the years, the oldest first; empty when there is one only."""
    known = rules.items().get(item)
    if known is None or known.kind != "number":
        return []
    figures = [float(each["text"]) for report in reversed(reports) for each in report.findings if each["item"] == item]
    return figures if len(figures) > 1 else []
