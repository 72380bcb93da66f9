"""Facts are brought up to date every ten minutes, and the figures most looked at are computed at once."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from xinglin.indicators import reports
from xinglin.indicators.actions.reports import MAKE, make_report
from xinglin.indicators.definitions.reading import LEVELS, indicators
from xinglin.indicators.engine import board, periods
from xinglin.indicators.engine.series import carry_over
from xinglin.indicators.events import Event
from xinglin.indicators.facts.extraction import extract, latest_version
from xinglin.indicators.models import FactVersion, MonthlyReport
from xinglin.notifications import api as notifications
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.jobs import defer_once, periodic, task
from xinglin.platform.outbox import subscribe

TELL = "indicators.tell"
MAKER = system_actor("月报")
#: Months of the trend, and of the one a year before.
MONTHS = 25


@periodic("indicators.extract", "*/10 * * * *")
def extract_facts(timestamp: int) -> None:
    """Rewrite the months in which something changed; take over what stayed the same, and compute what pages open with.
    Two years of the county by month follow in a job of their own.
    """
    now = clock.now()
    before = latest_version()
    version = extract(at=now).version
    if version is None or (before is not None and before.pk == version.pk):
        return
    if before is not None:
        carry_over(before, version)
    warm(version, at=now, months=2)
    defer_once("indicators.warm", lock="indicators.warm", version=version.pk)


@task("indicators.warm")
def warm_version(*, version: int) -> None:
    """Compute the months of the trend for a version, unless a newer one came meanwhile; safe to run again."""
    found = FactVersion.objects.filter(pk=version).first()
    if found is not None:
        warm(found, at=clock.now(), months=MONTHS)


def warm(version: FactVersion, *, at: datetime, months: int) -> None:
    """Compute what pages open with, and keep it: so many months of the county, and this one at every level."""
    this = periods.parse(f"{clock.today(at):%Y-%m}")
    for level in LEVELS:
        board.figures(version, this, level=level, wanted=indicators(), at=at)
    for period in this.months_back(months)[::-1]:
        newest = latest_version()
        if newest is None or newest.pk != version.pk:
            return
        board.figures(version, period, level="county", wanted=indicators(), at=at)


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
