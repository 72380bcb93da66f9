"""Facts are brought up to date every ten minutes, and the figures most looked at are computed at once."""

from xinglin.indicators.definitions.reading import indicators
from xinglin.indicators.engine import board, periods
from xinglin.indicators.facts.extraction import extract, latest_version
from xinglin.platform import clock
from xinglin.platform.jobs import periodic


@periodic("indicators.extract", "*/10 * * * *")
def extract_facts(timestamp: int) -> None:
    """Rewrite the months in which something changed; compute this month, the one before, and the townships of this one."""
    now = clock.now()
    before = latest_version()
    version = extract(at=now).version
    if version is None or (before is not None and before.pk == version.pk):
        return
    this = periods.parse(f"{clock.today(now):%Y-%m}")
    for period, level in ((this, "county"), (this.before, "county"), (this, "township")):
        board.figures(version, period, level=level, wanted=indicators(), at=now)
