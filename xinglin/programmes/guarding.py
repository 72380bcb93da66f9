"""Figures of places for who may not see the people behind them: small cells are left out, by the rule of the platform."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeVar

from xinglin.accounts.data import Permission
from xinglin.platform import small
from xinglin.platform.actors import Actor
from xinglin.programmes.population import Counts

#: Counts of people in a row. What is estimated by prevalence counts nobody.
CELLS = ("diagnosed", "candidates", "confirmed", "managed", "on_time", "measured", "controlled", "lost")
#: Parts of those who are managed: over a small base they are small, too.
PARTS = frozenset({"on_time", "measured", "controlled", "lost"})
KeyT = TypeVar("KeyT", bound=Hashable)


def sees_people(actor: Actor, places: frozenset[int] | None) -> bool:
    """Whether the actor may open the records of everybody whom these facilities manage; None means all facilities."""
    own = actor.places_where(Permission.PROGRAMME_VIEW)
    return own is None or (places is not None and places <= own)


def hidden_cells(rows: Sequence[Counts], is_open: Callable[[Counts], bool]) -> dict[int, frozenset[str]]:
    """Names of the cells to leave out, by place. `is_open`: the reader may see the people of that row."""
    closed = [each for each in rows if not is_open(each)]
    found: dict[int, set[str]] = {each.place: set() for each in rows}
    for name in CELLS:
        values = {each.place: getattr(each, name) for each in closed}
        bases = {each.place: each.managed if name in PARTS and each.managed else None for each in closed}
        is_small = {place: small.is_small(values[place], bases[place]) for place in values}
        for place in small.hidden(is_small, {place: n for place, n in values.items() if n}):
            found[place].add(name)
    return {place: frozenset(names) for place, names in found.items()}


def guarded(counts: Mapping[KeyT, int]) -> dict[KeyT, int | None]:
    """Counts of one table with the small ones left out as None."""
    gone = small.hidden(
        {key: small.is_small(n) for key, n in counts.items()}, {key: n for key, n in counts.items() if n}
    )
    return {key: None if key in gone else n for key, n in counts.items()}
