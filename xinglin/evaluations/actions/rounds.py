"""A round is opened: the plan, the figures and the units are frozen, and every item that has a figure is scored at once."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.evaluations import permissions
from xinglin.evaluations.events import Event
from xinglin.evaluations.figures import Unit, frozen_cells, given_of, units_of
from xinglin.evaluations.models import ItemScore, Round, ScoreChange, Sheet
from xinglin.evaluations.rules.plans import RHYTHMS, TOPIC, Plan, kept, plan
from xinglin.evaluations.rules.scoring import Scored, score_units
from xinglin.indicators import api as indicators
from xinglin.indicators.data import PublishedFigures
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.definitions import load
from xinglin.platform.errors import Conflict, InvalidInput, NotVisible
from xinglin.platform.ids import next_number
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import note_status
from xinglin.web.formats import listed_text

MOST_DAYS = 120


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be opened. Without `figures` those of the period are frozen now; without `facilities` every unit of the
    plan's kinds is judged; without days the plan's own count.
    """

    plan: str
    period: str
    figures: UUID | None = None
    facilities: Collection[int] = ()
    self_check_until: date | None = None
    review_until: date | None = None


#: How the period of a plan is written, by its rhythm.
WRITTEN = {
    "quarter": _("这个方案每季度一次，统计期应写作 2026-Q4。"), "half-year": _("这个方案半年一次，统计期应写作 2026-06-YTD。"),
    "year": _("这个方案每年一次，统计期应写作 2026。"), "month": _("这个方案每月一次，统计期应写作 2026-11。"),
}  # fmt: skip


@transaction.atomic
def open_round(*, asked: Asked, by: Actor, at: datetime) -> Round:
    """Open a round from a plan and frozen figures.

    :raises NotPermitted: no right to run assessments. :raises NotVisible: no such plan or frozen figures
    :raises InvalidInput: a period the plan is not for or that has not begun, figures of another period, days in the past
    :raises Conflict: no unit to judge, one that was asked for is none of the plan's or beyond reach, or nothing was extracted to freeze
    """
    permissions.may_manage(by).require()
    chosen = _plan(asked.plan, clock.today(at))
    if not re.fullmatch(RHYTHMS[chosen.rhythm], asked.period):
        words = WRITTEN[chosen.rhythm]
        raise InvalidInput(words, fields={"period": words})
    if indicators.days_of(asked.period)[0] > clock.today(at):
        words = _("这个统计期还没有开始。")
        raise InvalidInput(words, fields={"period": words})
    ends = _deadlines(chosen, asked, at)
    figures = _figures(chosen, asked, by, at)
    units = _units(chosen, asked, by, at)
    opened = Round.objects.create(
        number=next_number("Q", at), slug=chosen.slug, version=chosen.version, plan=kept(chosen),
        period=asked.period, snapshot_id=figures.id, status_changed_at=at, opened_at=at, opened_by=by.user_id or 0,
        opened_by_name=by.name, self_check_until=ends[0], review_until=ends[1],
    )  # fmt: skip
    note_status(opened, by=by, at=at)
    _write_sheets(opened, chosen, units, by, at)
    announce(
        Event.OPENED, obj=opened, by=by, at=at, plan=chosen.version, period=asked.period, figures=str(figures.uuid),
        n_units=len(units),
    )  # fmt: skip
    return opened


def _plan(slug: str, today: date) -> Plan:
    valid = {each.slug for each in load(TOPIC) if each.is_valid_on(today)}
    if slug not in valid:
        raise NotVisible("evaluations.plan", slug)
    return plan(slug)


def _deadlines(chosen: Plan, asked: Asked, at: datetime) -> tuple[datetime, datetime]:
    """Ends of the days, in the county."""
    today = clock.today(at)
    check = asked.self_check_until or today + timedelta(days=chosen.days.self_check)
    review = asked.review_until or max(check, today) + timedelta(days=chosen.days.review)
    for name, day, least in (("self_check_until", check, today), ("review_until", review, check)):
        if not least <= day <= today + timedelta(days=MOST_DAYS):
            words = _("日期应在%(since)s之后，%(n)d天之内。") % {"since": least.isoformat(), "n": MOST_DAYS}
            raise InvalidInput(words, fields={name: words})
    return end_of(check), end_of(review)


def end_of(day: date) -> datetime:
    """The last moment of a day in the county."""
    return clock.start_of(day + timedelta(days=1)) - timedelta(seconds=1)


def _units(chosen: Plan, asked: Asked, by: Actor, at: datetime) -> list[Unit]:
    """Units within the reach of who opens the round."""
    on = min(indicators.days_of(asked.period)[1], clock.today(at))
    reach, wanted = permissions.managed_places(by), set(asked.facilities)
    units = [
        each
        for each in units_of(chosen, on=on)
        if (reach is None or each.facility_id in reach) and (not wanted or each.facility_id in wanted)
    ]
    if not units:
        raise Conflict(_("没有可考核的单位。"), code="no-units")
    if left_out := wanted - {each.facility_id for each in units}:
        names = listed_text(sorted(network.facility_names(left_out).values()))
        raise Conflict(
            _("%(units)s不能按这个方案考核，或不在您的管理范围内。") % {"units": names}, code="not-these-units"
        )
    return units


def _figures(chosen: Plan, asked: Asked, by: Actor, at: datetime) -> PublishedFigures:
    if asked.figures is None:
        moment = f"{timezone.localtime(at):%Y%m%d%H%M%S}"
        return indicators.freeze_figures(
            title=f"{chosen.title_zh} {moment}",
            title_en=f"{chosen.title_en} {moment}",
            period=asked.period,
            by=by,
            at=at,
        )
    found = indicators.frozen_figures_of(asked.figures)
    if found.period != asked.period:
        words = _("冻结的数据是%(period)s的，不是这一期的。") % {"period": found.period}
        raise InvalidInput(words, fields={"figures": words})
    return found


def _write_sheets(opened: Round, chosen: Plan, units: list[Unit], by: Actor, at: datetime) -> None:
    cells = frozen_cells(opened.snapshot_id, chosen)
    sheets = {str(each.facility_id): each for each in units}
    figures = {key: given_of(chosen, each, cells) for key, each in sheets.items()}
    scored = score_units(chosen, {key: each.kind for key, each in sheets.items()}, figures)
    for key, unit in sheets.items():
        sheet = Sheet.objects.create(
            round=opened, facility_id=unit.facility_id, kind=unit.kind, name=unit.name, units=dict(unit.keys),
            status_changed_at=at,
        )  # fmt: skip
        note_status(sheet, by=by, at=at, place=unit.facility_id)
        _write_items(sheet, chosen, unit, scored[key], by, at, cells=cells)


def _write_items(
    sheet: Sheet, chosen: Plan, unit: Unit, scored: dict[str, Scored], by: Actor, at: datetime, *, cells: object
) -> None:
    items = []
    for item in chosen.items:
        one = scored[item.code]
        figure = unit.figure(item, cells) if item.indicator else None  # type: ignore[arg-type]
        items.append(
            ItemScore(
                sheet=sheet, code=item.code, weight=item.weight, figure=figure, basis=one.basis, computed=one.points,
                points=one.points,
            )
        )  # fmt: skip
    made = ItemScore.objects.bulk_create(items)
    ScoreChange.objects.bulk_create(
        ScoreChange(
            item=each, was=None, became=each.points, basis=each.basis, changed_at=at, changed_by=by.user_id,
            changed_by_name=by.name,
        )
        for each in made
        if each.points is not None
    )  # fmt: skip
