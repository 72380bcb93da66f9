"""Figures to choose from, by topic: of a monthly report, of a wall screen."""

from collections.abc import Collection
from dataclasses import dataclass

from xinglin.indicators.definitions.reading import indicators
from xinglin.indicators.web import words


@dataclass(frozen=True, slots=True)
class Topic:
    """Figures of one topic: name, title and whether it is chosen."""

    title: str
    figures: list[tuple[str, str, bool]]

    @property
    def n_chosen(self) -> int:
        """How many of them are chosen."""
        return sum(is_chosen for _slug, _title, is_chosen in self.figures)


def topics(chosen: Collection[str]) -> list[Topic]:
    """All figures in the order of the board."""
    found: dict[str, list[tuple[str, str, bool]]] = {}
    for each in indicators():
        line = (each.slug, each.definition.title, each.slug in chosen)
        found.setdefault(str(each.content.get("group", "")), []).append(line)
    return [Topic(str(words.GROUPS.get(group, group)), figures) for group, figures in found.items()]
