"""What was measured of a resident, over all sources: capabilities above register how to tell what they know."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from xinglin.residents.data import Measurement

#: (ids of the resident and what was merged into him, LOINC codes wanted, not before this moment, at most so many) →
#: newest first. One query.
Provider = Callable[[Sequence[int], frozenset[str], datetime, int], list[Measurement]]

MOST = 200
_PROVIDERS: list[Provider] = []


def register(provider: Provider) -> None:
    """Add a source; called while applications load."""
    if provider not in _PROVIDERS:
        _PROVIDERS.append(provider)


def measurements_of(
    resident_ids: Sequence[int],
    codes: Iterable[str],
    *,
    since: datetime,
    limit: int = MOST,
    without: Provider | None = None,
) -> list[Measurement]:
    """Values of some kinds since a moment, newest first, at most `limit` of each source. The caller has seen the person.

    `without`: a source that is left out, because the caller knows its values himself.
    """
    wanted, asked = frozenset(codes), [each for each in _PROVIDERS if each is not without]
    found = [each for provider in asked for each in provider(resident_ids, wanted, since, limit)]
    return sorted(found, key=lambda each: each.at, reverse=True)
