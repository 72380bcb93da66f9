"""Monthly reports: whose they are, which are due, and what stands in them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from xinglin.indicators import permissions
from xinglin.indicators.definitions.reading import Indicator, indicators
from xinglin.indicators.engine import board as kept
from xinglin.indicators.engine.computing import WHOLE
from xinglin.indicators.engine.periods import Period, parse
from xinglin.indicators.engine.series import series
from xinglin.indicators.engine.suppression import publishable
from xinglin.indicators.engine.values import NO_DATA, Value
from xinglin.indicators.events import Event
from xinglin.indicators.figure import TREND, whole_for_publication
from xinglin.indicators.models import MonthlyReport, Snapshot, Subscription
from xinglin.indicators.units import unit_names, units_hidden_from
from xinglin.platform import audit, clock, files
from xinglin.platform.actors import Actor
from xinglin.platform.finding import the_one

#: Months that are made up when nobody made them.
MADE_UP = 12


@dataclass(frozen=True, slots=True)
class Part:
    """One figure of a report: with its trend, and the units of the level as they may be told."""

    indicator: Indicator
    now: Value
    before: Value
    year_before: Value
    trend: list[tuple[str, Value, Value]]
    units: list[tuple[str, Value]]


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything of one report, from one snapshot and for one reader."""

    period: Period
    level: str
    reader: str
    is_whole_county: bool
    snapshot: Snapshot
    parts: list[Part]
    made_at: datetime


def subscriptions_of(actor: Actor) -> QuerySet[Subscription]:
    """One's own subscriptions, running and ended."""
    return Subscription.objects.filter(user_id=actor.user_id or 0).order_by("-started_at", "-id")


def reports_of(actor: Actor) -> QuerySet[MonthlyReport]:
    """One's own reports, the newest first. :raises NotPermitted: no right to the board any more"""
    permissions.may_view_board(actor).require()
    own = MonthlyReport.objects.filter(subscription__user_id=actor.user_id or 0).select_related("subscription", "file")
    return own.order_by("-month", "-id")


def read_report(actor: Actor, uuid: UUID, *, at: datetime) -> tuple[MonthlyReport, bytes]:
    """One's own report as PDF. :raises NotVisible: not one of his"""
    found = the_one(reports_of(actor), uuid=uuid)
    audit.record(Event.REPORT_VIEWED, by=actor, at=at, kind="indicators.monthlyreport", key=str(uuid))
    with files.open_file(found.file) as file:
        return found, file.read()


def due_months(subscription: Subscription, *, today: date) -> list[str]:
    """Months whose report is due, the oldest first: a month is due on the subscription's day of the month after."""
    first = clock.today(subscription.started_at)
    months = parse(f"{today:%Y-%m}").months_back(MADE_UP + 1)[:-1]
    return [
        each.text for each in months if first <= (each.last + timedelta(days=1)).replace(day=subscription.day) <= today
    ]


def due(*, today: date) -> list[tuple[int, str]]:
    """Every report that is due and was not made: subscription and month. Two queries."""
    running = list(Subscription.objects.filter(ended_at__isnull=True).order_by("id"))
    made = set(MonthlyReport.objects.filter(subscription__in=running).values_list("subscription_id", "month"))
    wanted = [(each.pk, month) for each in running for month in due_months(each, today=today)]
    return [each for each in wanted if each not in made]


def contents(subscription: Subscription, snapshot: Snapshot, owner: Actor, *, at: datetime) -> Contents:
    """What stands in a report: figures of the snapshot's facts at the owner's places, as of the making."""
    period = parse(snapshot.period)
    chosen = [each for each in indicators() if each.slug in subscription.slugs]
    places = permissions.board_places(owner)
    return Contents(
        period, subscription.level, owner.name, places is None, snapshot,
        [_part(each, snapshot, period, subscription.level, places, at=at) for each in chosen], at,
    )  # fmt: skip


def _part(
    indicator: Indicator, snapshot: Snapshot, period: Period, level: str, places: frozenset[int] | None, *, at: datetime
) -> Part:
    version, back = snapshot.version, period.months_back(TREND)
    asked = [*back, *(each.year_before for each in back)]
    guarded = version if places is None else None
    found = {
        text: whole_for_publication(guarded, indicator, parse(text), value, at=at)
        for text, value in series(version, indicator, asked, facilities=places, at=at).items()
    }
    units: list[tuple[str, Value]] = []
    if level in indicator.levels and level != "county":
        values = kept.figures(version, period, level=level, wanted=[indicator], at=at)[indicator.slug]
        on = min(kept.reference(version), period.last)
        hidden = set() if places is None else units_hidden_from(version, level, on, places)
        seen = {key: value for key, value in values.items() if key not in hidden and key != WHOLE}
        told = publishable(version, indicator, period, level, seen, at=at)
        names = unit_names(level, told)
        better = -1 if indicator.content.get("direction") == "up" else 1
        units = sorted(
            ((names.get(key, key), value) for key, value in told.items() if value.value is not None or value.numerator),
            key=lambda each: (each[1].value is None, better * (each[1].value or 0), each[0]),
        )
    return Part(
        indicator, found.get(period.text, NO_DATA), found.get(period.before.text, NO_DATA),
        found.get(period.year_before.text, NO_DATA),
        [(each.text, found.get(each.text, NO_DATA), found.get(each.year_before.text, NO_DATA)) for each in back], units,
    )  # fmt: skip
