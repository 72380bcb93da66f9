"""The 360° timeline: capabilities above register how to tell what they know of a resident."""

from collections.abc import Callable, Sequence
from datetime import datetime

from xinglin.platform.actors import Actor
from xinglin.residents.data import TimelineEntry

#: (actor, ids of the resident and what was merged into him, before this moment, at most so many) → newest first
Provider = Callable[[Actor, Sequence[int], datetime, int], list[TimelineEntry]]

_PROVIDERS: list[Provider] = []


def register(provider: Provider) -> None:
    """Add a source of the timeline; called while applications load. One query (or two) whatever the number of rows."""
    _PROVIDERS.append(provider)


def entries(actor: Actor, resident_ids: Sequence[int], *, before: datetime, limit: int) -> list[TimelineEntry]:
    """The newest entries before a moment, of all sources together."""
    found = [entry for provider in _PROVIDERS for entry in provider(actor, resident_ids, before, limit)]
    return sorted(found, key=lambda entry: entry.at, reverse=True)[:limit]
