"""Medicines suggested while one is typed, and the short lists that are tapped instead of typed. Data, no rule."""

from dataclasses import dataclass
from functools import lru_cache

from xinglin.platform import definitions
from xinglin.visits.pinyin import initials_of, pinyin_of


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine as it is usually written; every part may be changed by who prescribes."""

    name: str
    strength: str
    dose: str
    route: str
    frequency: str
    initials: str
    pinyin: str


def medicines() -> tuple[Medicine, ...]:
    """All suggestions, the commonest first."""
    definition = definitions.one("medicines", "common")
    return _medicines(tuple(tuple(row) for row in definition.content["medicines"]))


@lru_cache(maxsize=4)
def _medicines(rows: tuple[tuple[str, ...], ...]) -> tuple[Medicine, ...]:
    return tuple(_medicine(*row) for row in rows)


def _medicine(name: str, strength: str, dose: str, route: str, frequency: str) -> Medicine:
    return Medicine(name, strength, dose, route, frequency, initials=initials_of(name), pinyin=pinyin_of(name))


def search_medicines(query: str, *, limit: int = 8) -> list[Medicine]:
    """Suggestions by part of the name or of its pinyin or initials; names that begin with it first."""
    query = query.strip().lower()[:40]
    if not query:
        return list(medicines()[:limit])
    found = [
        each for each in medicines() if query in each.name.lower() or query in each.initials or query in each.pinyin
    ]
    found.sort(
        key=lambda each: (
            not (
                each.name.lower().startswith(query) or each.initials.startswith(query) or each.pinyin.startswith(query)
            )
        )
    )
    return found[:limit]


def medicine_named(name: str) -> Medicine | None:
    """The suggestion of that name, if there is one."""
    return next((each for each in medicines() if each.name == name), None)


def choices(name: str) -> list[str]:
    """A short list: ``routes``, ``frequencies``, ``complaints``, ``durations``, ``advice`` or ``orders``."""
    return list(definitions.one("medicines", "common").content[name])
