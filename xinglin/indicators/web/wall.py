"""The wall: what it shows, and setting a browser up as one.

The page rotates by itself. Every minute it asks for what it shows anew; while nobody answers it keeps what it has and says as
of when. A screen asks with its own key; who is signed in sees the same once, without it asking again, so that no session is
kept alive by a wall.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import for_staff
from xinglin.indicators import figure as figures
from xinglin.indicators import flows, permissions, queries, readiness, screens
from xinglin.indicators.actions import screens as actions
from xinglin.indicators.definitions.reading import indicators
from xinglin.indicators.engine.board import digest
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.events import Event
from xinglin.indicators.figure import TREND
from xinglin.indicators.models import Screen
from xinglin.indicators.web import charts, maps, words
from xinglin.indicators.web.choosing import topics
from xinglin.indicators.web.flow import chart_of
from xinglin.indicators.web.pages import Bar, bars_of
from xinglin.indicators.web.waiting import waiting
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import DomainError, InvalidInput, NotPermitted
from xinglin.platform.language import is_english
from xinglin.web.answers import done, page
from xinglin.web.request import Request

COOKIE, DAYS = "xinglin-screen", 400
#: What a screen shows that nobody chose anything for, and a look at it by somebody signed in.
USUAL = ("grassroots-share", "p01-contract-coverage", "p10-hypertension-managed", "referrals-by-direction")
FLOWS: dict[str, Promise] = {"outpatient": gettext_lazy("门诊流向"), "inpatient": gettext_lazy("住院流向")}
PERIODS: dict[str, Promise] = {
    "this-month": gettext_lazy("本月"), "last-month": gettext_lazy("上月"), "this-quarter": gettext_lazy("本季"),
    "to-date": gettext_lazy("本年累计"), "this-year": gettext_lazy("本年"),
}  # fmt: skip
#: Seconds a page of the wall stays, and after which it asks for news.
STAYS, ASKS = 15, 60
#: Walls kept drawn in this process, each of an extraction.
MOST_DRAWN = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """What a wall is to show: figures by slug, pages beside them, and the period they are of."""

    slugs: tuple[str, ...]
    pages: tuple[str, ...]
    period: str


#: Extraction, what was asked, places, language.
_Key = tuple[int, Asked, str, str]
_Drawn = dict[_Key, tuple[datetime | None, str]]
#: Apart, so that looks do not push out what screens go on showing.
_on_screens: _Drawn = {}
_looks: _Drawn = {}


@dataclass(frozen=True, slots=True)
class Panel:
    """One page of the wall: a figure with its trend, and its units on the map, or beside each other where there is none."""

    title: str
    why: str
    value: str
    unit: str
    reason: str
    before: str
    target: str
    trend: SafeString
    units: SafeString


@dataclass(frozen=True, slots=True)
class Count:
    """Work of the month by state. `is_withheld`: a state has so few that no states are shown."""

    title: str
    value: str
    unit: str
    bars: list[Bar]
    is_withheld: bool


@dataclass(frozen=True, slots=True)
class Wall:
    """Everything a wall shows."""

    period: str
    extracted_at: datetime | None
    panels: list[Panel]
    flows: list[tuple[str, SafeString]]
    counts: list[Count] | None


def wall_for(actor: Actor, asked: Asked, *, at: datetime) -> Wall:
    """What a wall shows of a period; from computed figures only, small cells left out."""
    period, known = asked.period, {each.slug for each in indicators()}
    board = queries.board_for(actor, period=period, group=queries.DAILY, at=at)
    panels = [
        _panel(figures.published(figures.open_figure(actor, slug=slug, period=period, at=at), at=at))
        for slug in asked.slugs
        if slug in known
    ]
    drawn = [
        (str(FLOWS[each]), charts.for_both(partial(chart_of, flows.flows_for(actor, _flow(period, each), at=at))))
        for each in asked.pages
        if each in FLOWS
    ]
    return Wall(
        period, board.extracted_at, panels, [each for each in drawn if each[1]], _counts(board, period, at=at) if "work" in asked.pages else None
    )  # fmt: skip


def _counts(board: queries.Board, period: str, *, at: datetime) -> list[Count]:
    """Counts of the daily board by state, as they may leave the house."""
    plain = [each for each in board.figures if each.indicator.denominator is None]
    told = [replace(each, now=queries.for_publication(board, each, at=at)[0]) for each in plain]
    return [
        Count(
            each.indicator.definition.title, words.number(each.now.value, each.indicator),
            str(words.UNITS.get(each.indicator.unit, each.indicator.unit)), bars_of(each, period),
            bool(each.indicator.group_by and each.now.value and not each.now.groups),
        )
        for each in told
        if each.now.value is not None
    ]  # fmt: skip


def needs_of(actor: Actor, asked: Asked) -> list[readiness.Need]:
    """What has to be kept before a wall is drawn."""
    period, known = asked.period, {each.slug for each in indicators()}
    return [
        *readiness.needs_of_board(actor, period=period, group=queries.DAILY),
        *(
            need
            for slug in asked.slugs
            if slug in known
            for need in readiness.needs_of_publication(actor, slug=slug, period=period)
        ),
        *(
            need
            for each in asked.pages
            if each in FLOWS
            for need in readiness.needs_of_flow(actor, _flow(period, each))
        ),
    ]


def _flow(period: str, name: str) -> flows.Asked:
    """A flow as it is seen by whoever walks by."""
    return flows.Asked(period, name.upper(), leaves=True)


def _panel(opened: figures.Opened) -> Panel:
    indicator, now = opened.indicator, opened.now
    target, on_map = indicator.content.get("target"), maps.map_chart(opened, links=False)
    units = on_map or charts.for_both(partial(charts.ranking_chart, opened, links=False))
    return Panel(
        title=indicator.definition.title, why=words.why_of(indicator), value=words.number(now.value, indicator),
        unit=charts.unit_of(opened), reason=words.reason(now),
        before=words.number(opened.before.value, indicator) or words.reason(opened.before),
        target="" if target is None else words.number(float(target), indicator),
        trend=charts.for_both(partial(charts.trend_chart, opened)), units=units,
    )  # fmt: skip


def _screen(request: Request) -> Screen | None:
    return screens.screen_of(request.COOKIES.get(COOKIE, ""))


@require_safe
def show(request: Request) -> HttpResponseBase:
    """The wall: of a screen, or a look at it by who may put one up."""
    screen = _screen(request)
    if screen is None:
        return _look(request)
    return _whole(request, screen)


@for_staff
def _look(request: Request) -> HttpResponse:
    actor, at = request.actor, clock.now()
    permissions.may_view_board(actor).require()
    asked = Asked(
        tuple(screens.chosen_slugs(chosen) if (chosen := request.GET.getlist("figure")) else USUAL),
        tuple(screens.chosen_pages(request.GET.getlist("page") or screens.PAGES)),
        screens.period_at(request.GET.get("period") or screens.MOVING[0], at),
    )
    key = _key(actor, asked)
    if key not in _looks and (soon := waiting(request, needs_of(actor, asked), at=at)):
        return soon
    extracted_at, shown = _shown(_looks, actor, asked, key, at=at)
    audit.record(
        Event.OPENED, by=actor, at=at, kind="indicators.wall", key=asked.period, detail={"figures": asked.slugs}
    )
    return page(
        request, "indicators/wall.html", extracted_at=extracted_at, content=shown, label=_("大屏预览"), stays=STAYS, asks=0,
        asked="",
    )  # fmt: skip


@require_safe
def content(request: Request) -> HttpResponse:
    """What the wall shows, for the wall itself. :raises NotPermitted: another browser asks"""
    screen = _screen(request)
    if screen is None:
        raise NotPermitted(_("这台设备不是登记的大屏。"), code="no-screen")
    at = clock.now()
    actor = screens.screen_actor(screen, at=at)
    with translation.override(screen.language):
        _extracted_at, shown = _on_screen(screen, actor, request.GET.get("period", ""), at=at)
    response = HttpResponse(shown)
    response["Cache-Control"] = "no-store"
    return response


def _whole(request: Request, screen: Screen) -> HttpResponse:
    at = clock.now()
    actor = request.actor = screens.screen_actor(screen, at=at)
    with translation.override(screen.language):
        asked = request.GET.get("period", "")
        extracted_at, shown = _on_screen(screen, actor, asked, at=at)
        return page(
            request, "indicators/wall.html", extracted_at=extracted_at, content=shown, label=screen.label, stays=STAYS, asks=ASKS,
            asked=urlencode({"period": asked}) if asked else "",
        )  # fmt: skip


def _on_screen(screen: Screen, actor: Actor, period: str, *, at: datetime) -> tuple[datetime | None, str]:
    """What a screen shows; while the worker computes, what it had of the period. `period`: that of its address; empty: the one it
    was set up with.
    """
    asked = Asked(tuple(screen.slugs), tuple(screen.pages), screens.period_at(period or screen.period, at))
    key = _key(actor, asked)
    if key not in _on_screens:
        progress = readiness.waiting_for(actor, needs_of(actor, asked), at=at)
        if progress is not None:
            former = [found for known, found in list(_on_screens.items()) if known[1:] == key[1:]]
            waits = {"progress": progress}
            return former[-1] if former else (None, render_to_string("indicators/_wall_waiting.html", waits))
    return _shown(_on_screens, actor, asked, key, at=at)


def _shown(drawn: _Drawn, actor: Actor, asked: Asked, key: _Key, *, at: datetime) -> tuple[datetime | None, str]:
    """As of when, and what a wall shows: drawn once for each extraction, places and language, however often it is asked for."""
    found = drawn.get(key)  # several threads look; what one has drawn another may drop
    if found is None:
        wall = wall_for(actor, asked, at=at)
        found = (wall.extracted_at, render_to_string("indicators/_wall.html", {"wall": wall}))
        for oldest in list(drawn)[: max(len(drawn) + 1 - MOST_DRAWN, 0)]:
            drawn.pop(oldest, None)
        drawn[key] = found
    return found


def _key(actor: Actor, asked: Asked) -> _Key:
    extraction = queries.latest_extraction()
    places = digest(permissions.board_places(actor))
    return (extraction.pk if extraction else 0, asked, places, translation.get_language())


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def setup(request: Request) -> HttpResponse:
    """Screens; and making this browser one, which signs the member of staff out of it."""
    actor, error = request.actor, None
    permissions.may_keep_figures(actor).require()
    if request.method == "POST":
        try:
            opened = actions.register_screen(
                label=request.POST.get("label", ""), slugs=request.POST.getlist("slugs"),
                pages=request.POST.getlist("pages"), period=request.POST.get("period", ""), language=request.POST.get("language", ""), by=actor, at=clock.now(),
            )  # fmt: skip
        except InvalidInput as refused:
            error = refused
        else:
            logout(request)
            answer = HttpResponseRedirect(reverse("indicators:wall"))
            answer.set_cookie(
                COOKIE, f"{opened.screen.uuid}.{opened.key}", max_age=DAYS * 86_400, path=reverse("indicators:wall"),
                httponly=True, samesite="Strict", secure=settings.SESSION_COOKIE_SECURE,
            )  # fmt: skip
            return answer
    built = _built(request, error, at=clock.now())
    return page(request, "indicators/screens.html", status=error.status if error else 200, page=built)


def _built(request: Request, error: DomainError | None, *, at: datetime) -> dict[str, Any]:
    rows = [(each, str(PERIODS.get(each.period, each.period))) for each in screens.screens_of(request.actor)[:50]]
    months = [each.text for each in parse(queries.current_period(at)).months_back(TREND)][::-1]
    year = int(months[0][:4])
    fixed = [*months, *(f"{year}-Q{each}" for each in (4, 3, 2, 1)), str(year), str(year - 1)]
    return {
        "periods": [*((name, str(PERIODS[name])) for name in screens.MOVING), *((each, each) for each in fixed)],
        "pages": [("work", str(_("工作量"))), *((name, str(title)) for name, title in FLOWS.items())],
        "rows": rows, "error": str(error.message) if error else "",
        "choices": topics(request.POST.getlist("slugs") or USUAL), "typed": request.POST,
        "language": "en" if is_english() else "zh-hans",
        "languages": [("zh-hans", "中文"), ("en", "English")], "most": screens.MOST,
    }  # fmt: skip


@require_POST
@for_staff
def end(request: Request, uuid: UUID) -> HttpResponse:
    """It is no screen any more."""
    actions.end_screen(uuid=uuid, by=request.actor, at=clock.now())
    return done(request, reverse("indicators:screens"), _("大屏已停用。"))
