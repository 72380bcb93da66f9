"""S17: nobody is recognised in who is treated where, by home, level of care, facility, chapter and period at once."""

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.reliability.differencing import LEAST, Attacker, Cell, periods
from xinglin.indicators.engine.crossing import Plan, Table, plan_of, plan_within

MONTHS = 12
#: Few people attacked for each county: two linear programmes each.
MOST = 25
#: Facilities of each level of care; of treatment outside nobody tells one.
FACILITIES = {"V": ("v1", "v2"), "T": ("t1",), "O": ("o1", "o2"), "C": ("c1", "c2", "c3"), "X": ("",)}
CHAPTERS = ("II", "IX", "X")
Way = tuple[str, str, str, str]  # township, level, facility, chapter


class County:
    """Synthetic ways of people: some are taken by many, some by few, in each month."""

    def __init__(self, seed: int, *, n_townships: int = 4, scale: float = 1.0) -> None:
        dice = random.Random(seed)
        self.townships = [f"T{n}" for n in range(n_townships)]
        self.units = {"A": set(self.townships[:2]), "B": set(self.townships[2:])}
        self.counts: dict[tuple[Way, int], int] = {}
        for township in self.townships:
            for level, facilities in FACILITIES.items():
                for facility in facilities:
                    for chapter in CHAPTERS:
                        mean = dice.choice((0.05, 0.3, 1, 4, 15)) * scale
                        for month in range(MONTHS):
                            self.counts[(township, level, facility, chapter), month] = _poisson(dice, mean)

    def table(self, month: int, row: int, column: int, *, level: str = "") -> Table:
        found: dict[str, Counter[str]] = {}
        for (way, at), n in self.counts.items():
            if at == month and (not level or way[1] == level):
                found.setdefault(way[row], Counter())[way[column]] += n
        return found

    def tables(self, column: int, level: str) -> list[Table]:
        return [self.table(month, 0, column, level=level) for month in range(MONTHS)]

    def plans(self) -> tuple[Plan, dict[str, Plan], dict[str, Plan]]:
        """What is told by level; and of each level by facility, and by chapter."""
        units = [frozenset(each) for each in self.units.values()]
        whole = plan_of([self.table(month, 0, 1) for month in range(MONTHS)], units)
        within = [
            {
                level: plan_within(self.tables(column, level), whole, level, units, by_row=column == 2)
                for level in FACILITIES
            }
            for column in (2, 3)
        ]
        return whole, within[0], within[1]

    def cells(self) -> Iterator[tuple[bool, Cell, int]]:
        """Every figure there is: whether it is told, what it is a sum of, and its true count."""
        whole, facilities, chapters = self.plans()
        origins: dict[str, set[str] | None] = {"": None, **{each: {each} for each in self.townships}, **self.units}
        for months in periods(MONTHS).values():
            for rows in origins.values():
                yield self._cell(whole.tells(rows, None, months), rows, months)
                for level, inside in FACILITIES.items():
                    yield self._cell(whole.tells(rows, {level}, months), rows, months, level=level)
                    for facility in inside:
                        told = facilities[level].tells(rows, {facility}, months)
                        yield self._cell(told, rows, months, level=level, facility=facility)
                    for chapter in CHAPTERS:
                        told = chapters[level].tells(rows, {chapter}, months)
                        yield self._cell(told, rows, months, level=level, chapter=chapter)
                for chapter in CHAPTERS:
                    told = all(each.tells(rows, {chapter}, months) for each in chapters.values())
                    yield self._cell(told, rows, months, chapter=chapter)

    def _cell(
        self, told: bool, rows: set[str] | None, months: range, *, level: str = "", facility: str = "", chapter: str = ""
    ) -> tuple[bool, Cell, int]:  # fmt: skip
        atoms = [
            ("/".join(way), month)
            for way, month in self.counts
            if month in months and (rows is None or way[0] in rows) and (not level or way[1] == level)
            and (not facility or way[2] == facility) and (not chapter or way[3] == chapter)
        ]  # fmt: skip
        return told, frozenset(atoms), sum(self.counts[_way(name), month] for name, month in atoms)


def _way(name: str) -> Way:
    township, level, facility, chapter = name.split("/")
    return township, level, facility, chapter


def _poisson(dice: random.Random, mean: float) -> int:
    n, left = 0, dice.expovariate(1)
    while left < mean:
        n, left = n + 1, left + dice.expovariate(1)
    return n


def _attacked(county: County) -> tuple[Attacker, list[tuple[Cell, int]], int]:
    attacker, small, n_hidden = Attacker(), [], 0
    for told, cell, count in county.cells():
        if told:
            attacker.learn(cell, count)
        else:
            n_hidden += 1
        if 0 < count < LEAST:
            small.append((cell, count))
    return attacker, small, n_hidden


@pytest.mark.parametrize(
    ("seed", "scale"),
    [(0, 1.0), *(pytest.param(n, scale, marks=pytest.mark.slow) for n in range(1, 9) for scale in (0.3, 1.0, 3.0))],
)
def test_no_few_people_follow_from_all_that_is_told_of_ways(seed: int, scale: float) -> None:
    county = County(seed, scale=scale)
    attacker, small, n_hidden = _attacked(county)
    told = set(attacker.told)
    chosen = random.Random(seed).sample(small, min(len(small), MOST))

    assert not [cell for cell, _count in small if cell in told]
    known = attacker.known([cell for cell, _count in chosen])

    print(f"seed {seed} x{scale}: {len(told)} told, {n_hidden} hidden, {len(small)} small, {len(chosen)} attacked")
    assert known == {}
    assert len(told) > 30  # what is left is of use
