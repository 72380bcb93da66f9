"""S17: nobody is recognised in published figures, nor in their differences over levels and periods."""

import random
from collections.abc import Iterator

import pytest

from tests.reliability.differencing import LEAST, Attacker, Cell, periods
from xinglin.indicators.engine.telling import Telling, telling
from xinglin.platform.small import hidden, is_small

#: Mean number of people of a facility in a month: from a rare service to a common one.
MEANS = (0.15, 0.6, 1.5, 4, 12, 60)


class Place:
    """A synthetic county: 4 townships of a hospital and clinics, 2 county hospitals, 2 consortia, an area across townships."""

    def __init__(self, seed: int) -> None:
        dice = random.Random(seed)
        self.inside = {f"T{n}": frozenset({f"{n}{k}" for k in range(dice.randint(1, 5))}) for n in range(4)}
        self.inside |= {"-H0": frozenset({"H0"}), "-H1": frozenset({"H1"})}
        everyone = sorted(set().union(*self.inside.values()))
        mean = {each: dice.choice(MEANS) for each in everyone}
        self.counts = {each: [_poisson(dice, mean[each]) for _month in range(12)] for each in everyone}
        self.units: dict[str, frozenset[str] | None] = {"county": None}
        self.units |= {f"facility {each}": frozenset({each}) for each in everyone}
        self.units |= {f"township {each}": own for each, own in self.inside.items() if each.startswith("T")}
        self.units["consortium A"] = self.inside["T0"] | self.inside["T1"] | {"H0"}
        self.units["consortium B"] = self.inside["T2"] | self.inside["T3"] | {"H1"}
        self.units["area"] = frozenset(dice.sample(everyone, len(everyone) // 2))

    @property
    def everyone(self) -> frozenset[str]:
        return frozenset(self.counts)

    def telling(self) -> Telling:
        total = [sum(of[n] for of in self.counts.values()) for n in range(12)]
        units = [members for members in self.units.values() if members is not None]
        return telling(self.counts, self.inside, total, adds_up=True, units=units)

    def cells(self) -> Iterator[tuple[frozenset[str] | None, range, Cell, int]]:
        """Every figure there is: unit, months, what it is a sum of, and its true count."""
        for members in self.units.values():
            for months in periods().values():
                cell = frozenset((each, n) for each in members or self.everyone for n in months)
                yield members, months, cell, self.count(cell)

    def count(self, cell: Cell) -> int:
        return sum(self.counts[facility][n] for facility, n in cell)


def _poisson(dice: random.Random, mean: float) -> int:
    n, left = 0, dice.expovariate(1)
    while left < mean:
        n, left = n + 1, left + dice.expovariate(1)
    return n


def _targets(place: Place) -> set[Cell]:
    """Every figure of 1 to 4 people, published as one or not."""
    return {cell for _members, _months, cell, count in place.cells() if 0 < count < LEAST}


def _is_told_alone(count: int) -> bool:
    return not 0 < count < LEAST


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 40))])
def test_no_small_count_follows_from_all_that_is_published(seed: int) -> None:
    place = Place(seed)
    plan, attacker, n_hidden = place.telling(), Attacker(), 0
    for members, months, cell, count in place.cells():
        if plan.tells(members, months):
            assert _is_told_alone(count)
            attacker.learn(cell, count)
        else:
            n_hidden += 1
    targets = _targets(place)

    known = attacker.known(targets)

    print(
        f"seed {seed}: {len(attacker.told)} published, {n_hidden} hidden, {len(targets)} attacked, {len(known)} known"
    )
    assert known == {}
    assert len(attacker.told) > 30  # what is left is of use


def test_the_attack_finds_people_where_only_small_cells_themselves_are_hidden() -> None:
    place = Place(1)
    attacker = Attacker()
    for _members, _months, cell, count in place.cells():
        if _is_told_alone(count):
            attacker.learn(cell, count)

    known = attacker.known(_targets(place))

    assert len(known) > 20
    assert all(place.count(cell) == count for cell, count in known.items())


def test_the_attack_finds_people_where_each_table_hides_one_more_for_itself() -> None:
    """What was done before: in each table by itself the smallest of the others goes with a single small cell."""
    place = Place(1)
    attacker = Attacker()
    _learn_tables(place, attacker)

    known = attacker.known(_targets(place))

    assert known
    assert all(place.count(cell) == count for cell, count in known.items())


def _learn_tables(place: Place, attacker: Attacker) -> None:
    tables: dict[tuple[str, range], dict[Cell, int]] = {}
    for (name, _members), found in zip(
        [(name, members) for name, members in place.units.items() for _period in periods()], place.cells(), strict=True
    ):
        _own, months, cell, count = found
        tables.setdefault((name.split()[0], months), {})[cell] = count
    for cells in tables.values():
        gone = hidden({cell: is_small(n) for cell, n in cells.items()}, {cell: n for cell, n in cells.items() if n})
        for cell, count in cells.items():
            if cell not in gone:
                attacker.learn(cell, count)
