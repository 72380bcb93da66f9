"""Facts are brought up to date every ten minutes, and the figures most looked at are computed at once."""

from datetime import datetime

from xinglin.indicators.definitions.reading import LEVELS, indicators
from xinglin.indicators.engine import board, periods
from xinglin.indicators.engine.series import carry_over
from xinglin.indicators.facts.extraction import extract, latest_version
from xinglin.indicators.models import FactVersion
from xinglin.platform import clock
from xinglin.platform.jobs import defer_once, periodic, task

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
