"""Facts are brought up to date every ten minutes."""

from xinglin.indicators.facts import extract
from xinglin.platform import clock
from xinglin.platform.jobs import periodic


@periodic("indicators.extract", "*/10 * * * *")
def extract_facts(timestamp: int) -> None:
    """Rewrite the months in which something changed."""
    extract(at=clock.now())
