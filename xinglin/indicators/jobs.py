"""Facts are brought up to date every ten minutes, and the figures pages open with are computed; the others when somebody asks."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from xinglin.indicators import behind, flow_counts, reports
from xinglin.indicators.actions.reports import MAKE, make_report
from xinglin.indicators.definitions.reading import LEVELS, indicator, indicators
from xinglin.indicators.engine import board, periods
from xinglin.indicators.engine.asking import KEEP
from xinglin.indicators.engine.board import Spot
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.engine.series import carry_over
from xinglin.indicators.engine.source import held_open
from xinglin.indicators.events import Event
from xinglin.indicators.facts.extraction import extract, latest_version
from xinglin.indicators.models import Extraction, FactVersion, MonthlyReport, Reach
from xinglin.indicators.queries import latest_extraction
from xinglin.indicators.readiness import FLOW, spot_of, spots_of
from xinglin.notifications import api as notifications
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.jobs import defer_once, periodic, task
from xinglin.platform.outbox import subscribe

TELL = "indicators.tell"
MAKER = system_actor("月报")
#: Months of the trend, of the one a year before, and of the whole of its year, which says what of it may leave the house.
MONTHS = 36
#: Readers' places whose figures are kept beforehand: how long after they were read, and of how many.
REMEMBERED, MOST_REACHES = timedelta(days=14), 20


@periodic("indicators.extract", "*/10 * * * *")
def extract_facts(timestamp: int) -> None:
    """What `bring_up_to_date` does, every ten minutes."""
    bring_up_to_date(at=clock.now())


def bring_up_to_date(*, at: datetime, everything: bool = False) -> Extraction:
    """Rewrite the months in which something changed (or all); take over the figures that stayed the same. The others follow in
    a job of their own: until they are kept, pages show the version before.
    """
    formers = {each.pk: each for each in (latest_version(), _shown_version()) if each is not None}
    run = extract(at=at, everything=everything)
    version = run.version
    if version is None or (version.pk in formers and version.kept_at is not None):
        return run
    for former in formers.values():
        if former.pk != version.pk:
            carry_over(former, version)
    defer_once("indicators.warm", lock="indicators.warm")
    return run


@task("indicators.warm")
def warm_newest() -> None:
    """Keep what pages open with of the newest version, also of one that came meanwhile; safe to run again.

    It is asked for no version by name: a job that waits already when the next version comes is not queued twice.
    """
    found = latest_version()
    while found is not None and found.kept_at is None and not warm(found, at=clock.now()):
        found = latest_version()


def warm(version: FactVersion, *, at: datetime, months: int = MONTHS) -> bool:
    """Compute what pages open with, and keep it; then pages show this version. False: a newer one came meanwhile.

    This month and the one before, their quarters and years at every level, for the county and for each reader's places, and
    where residents are treated; so many months of the county for the trends; of this year the months of townships and
    facilities, too, which say what may leave the house.
    """
    this = periods.parse(f"{clock.today(at):%Y-%m}")
    first = min(each.first_month for each in [*opened_with(this), *this.months_back(months)])
    with held_open(version, first=first, last=this.last_month):
        if not _kept_beforehand(version, this, months, at=at):
            return False
    FactVersion.objects.filter(pk=version.pk).update(kept_at=at)
    return True


def _kept_beforehand(version: FactVersion, this: periods.Period, months: int, *, at: datetime) -> bool:
    levels = [Spot(level) for level in LEVELS]
    reaches = [Spot.at("county", each.facilities) for each in _reaches(at)]
    for period in opened_with(this):
        if _is_outdated(version):
            return False
        board.keep(version, period, spots=[*levels, *reaches], wanted=indicators(), at=at)
        for kind in flow_counts.KINDS:
            flow_counts.kept_flows(version, [period, *flow_counts.months_of_year(version, period)], kind, at=at)
    for period in this.months_back(months)[::-1]:
        if _is_outdated(version):
            return False
        is_this_year = period.first.year == this.first.year
        spots = [Spot(), *(Spot(each) for each in ("township", "facility") if is_this_year)]
        board.keep(version, period, spots=spots, wanted=indicators(), at=at)
    return True


def opened_with(this: periods.Period) -> list[periods.Period]:
    """Periods to which the board has a button, with what each is compared with; each once."""
    month = this.last_month
    quarter = periods.parse(f"{month[:4]}-Q{(int(month[-2:]) + 2) // 3}")
    year, to_date = periods.parse(month[:4]), periods.parse(f"{month}-YTD")
    found = [this, this.before, quarter, quarter.before, year, year.before, to_date, to_date.before]
    return list({each.text: each for each in found}.values())


def _reaches(at: datetime) -> list[Reach]:
    """Places of the latest readers."""
    return list(Reach.objects.filter(read_at__gte=at - REMEMBERED).order_by("-read_at", "-id")[:MOST_REACHES])


def _shown_version() -> FactVersion | None:
    """The version pages show."""
    found = latest_extraction()
    return found.version if found else None


def _is_outdated(version: FactVersion) -> bool:
    newest = latest_version()
    return newest is None or newest.pk != version.pk


@task(KEEP)
def keep_asked(*, version: int, spot: str, periods: list[str], slugs: list[str]) -> None:
    """Compute what a page waits for: some figures at some spots, or flows, period by period; safe to run again."""
    found, at = FactVersion.objects.filter(pk=version).first(), clock.now()
    spots = spots_of(spot)
    if found is None or not spots:
        return
    with held_open(found):
        _keep_asked(found, spots, periods, slugs, at=at)


def _keep_asked(version: FactVersion, spots: list[Spot], periods: list[str], slugs: list[str], *, at: datetime) -> None:
    for text in periods:
        if spots[0].level == FLOW:
            for kind in slugs:
                flow_counts.kept_flow(version, parse(text), kind, at=at)
        else:
            board.keep(version, parse(text), spots=spots, wanted=[indicator(each) for each in slugs], at=at)


@task(behind.FIND)
def find_records(*, version: int, slug: str, period: str, places: str, part: str, after: str) -> None:
    """Find the records behind a figure that a page waits for; safe to run again."""
    found = FactVersion.objects.filter(pk=version).first()
    spot = spot_of(f"county:{places}")
    if found is not None and spot is not None:
        sought = behind.Sought(found, indicator(slug), parse(period), spot.facilities, part, after)
        behind.find(sought, at=clock.now())


def connect() -> None:
    """Subscribe to what was made, and say how its message reads."""
    subscribe(Event.REPORT_MADE, TELL)
    notifications.describe(Event.REPORT_MADE, _("%(month)s 的指标月报已生成。"), "indicators:report")


@periodic("indicators.monthly-reports", "25 * * * *")
def make_due_reports(timestamp: int) -> None:
    """Have every report made that is due and was not: of today, and of days on which nothing ran."""
    for subscription, month in reports.due(today=clock.today(clock.now())):
        defer_once(MAKE, lock=f"{MAKE}-{subscription}-{month}", subscription=subscription, month=month)


@task(MAKE)
def make_one_report(*, subscription: int, month: str) -> None:
    """Make one report; safe to run again."""
    make_report(subscription_id=subscription, month=month, by=MAKER, at=clock.now())


@task(TELL)
def tell(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the subscriber that his report is there."""
    report = MonthlyReport.objects.select_related("subscription").get(uuid=object_uuid)
    notifications.tell(
        event_uuid=event_uuid, kind=Event.REPORT_MADE, urgency=0, at=clock.now(), user_id=report.subscription.user_id,
        object_kind="indicators.monthlyreport", object_uuid=object_uuid, facts={"month": report.month},
    )  # fmt: skip
