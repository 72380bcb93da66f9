"""Households from people: couples, their children, their elders. Works on positions in one catchment."""

import random
from bisect import bisect_left
from typing import TYPE_CHECKING

import numpy as np

from synth.tables import pyramid

if TYPE_CHECKING:
    from synth.people import Person

#: Relation to the head of the household (GB/T 4761, two digits).
HEAD, SPOUSE, SON, DAUGHTER, GRANDCHILD, FATHER, MOTHER, OTHER = "02", "10", "20", "30", "40", "51", "52", "99"
MOTHER_MIN, MOTHER_MAX, FATHER_MIN = 18.5, 44.0, 19.0
ADULT_CHILD_UNTIL = 30.0
_WINDOW = 12


class _Home:
    """A household in the making."""

    __slots__ = ("children", "elders", "husband", "want", "wife")

    def __init__(self, husband: int, wife: int, want: int) -> None:
        self.husband, self.wife, self.want = husband, wife, want
        self.children: list[int] = []
        self.elders: list[int] = []


def form_households(persons: "list[Person]", stream: np.random.Generator, rng: random.Random) -> list[list[int]]:
    """Put everybody into exactly one household; sets `household`, `relation`, `father`, `mother` and `spouse`.

    Returns the positions of each household's members, the head first.
    """
    couples = _couples(persons, stream)
    homes = [_Home(h, w, rng.choices((1, 2, 3), (35, 48, 17))[0]) for h, w in couples]
    for home in homes:
        persons[home.husband].spouse, persons[home.wife].spouse = home.wife, home.husband
    paired = {p for couple in couples for p in couple}
    singles = [i for i in range(len(persons)) if i not in paired]
    left = _place_children(persons, homes, singles, rng)
    left = _place_elders(persons, homes, left, rng)
    groups = [_members(persons, home) for home in homes if home.husband >= 0]
    groups += _place_rest(persons, groups, left, rng)
    for number, members in enumerate(groups):
        for member in members:
            persons[member].household = number
    return groups


def _couples(persons: "list[Person]", stream: np.random.Generator) -> list[tuple[int, int]]:
    """Marry people of about the same age: rank both sides by age with some noise and pair the ranks."""
    ages = np.array([p.age for p in persons])
    men = np.array([p.male for p in persons])
    share = np.where(men, pyramid().by_age("married", ages, 1), pyramid().by_age("married", ages, 2))
    married = stream.random(len(ages)) < share
    husbands, wives = np.flatnonzero(married & men), np.flatnonzero(married & ~men)
    n = min(len(husbands), len(wives))
    husbands, wives = (np.sort(stream.permutation(side)[:n]) for side in (husbands, wives))
    husbands = husbands[np.argsort(ages[husbands] + stream.normal(0, 1.2, n), kind="stable")]
    wives = wives[np.argsort(ages[wives] + stream.normal(0, 1.2, n), kind="stable")]
    close = np.abs(ages[husbands] - ages[wives]) <= 12
    return [(int(h), int(w)) for h, w in zip(husbands[close], wives[close], strict=True)]


def _place_children(persons: "list[Person]", homes: list[_Home], singles: list[int], rng: random.Random) -> list[int]:
    """Give minors and unmarried young adults parents of a fitting age; returns who found none."""
    homes.sort(key=lambda home: persons[home.wife].age)
    ages = [persons[home.wife].age for home in homes]
    left = []
    for i in singles:
        child = persons[i]
        home = _parents(persons, homes, ages, child, rng) if child.age < ADULT_CHILD_UNTIL else None
        if home is None:
            left.append(i)
            continue
        home.children.append(i)
        child.father, child.mother = home.husband, home.wife
        child.relation = SON if child.male else DAUGHTER
    return left


def _parents(
    persons: "list[Person]", homes: list[_Home], ages: list[float], child: "Person", rng: random.Random
) -> _Home | None:
    wanted = child.age + min(max(rng.gauss(26.5, 4.0), MOTHER_MIN + 0.5), MOTHER_MAX - 2)
    middle = bisect_left(ages, wanted)
    window = range(max(0, middle - _WINDOW), min(len(homes), middle + _WINDOW))
    fitting = [
        homes[k]
        for k in window
        if MOTHER_MIN <= ages[k] - child.age <= MOTHER_MAX
        and persons[homes[k].husband].age - child.age >= FATHER_MIN
        and _spaced(persons, homes[k], child.age)
    ]
    wanting = [home for home in fitting if len(home.children) < home.want]
    if wanting:
        return wanting[int(rng.random() * len(wanting))]
    return min(fitting, key=lambda home: len(home.children)) if fitting else None


def _spaced(persons: "list[Person]", home: _Home, age: float) -> bool:
    """Siblings are at least eleven months apart."""
    return len(home.children) < 5 and all(abs(persons[c].age - age) > 0.92 for c in home.children)


def _place_elders(persons: "list[Person]", homes: list[_Home], left: list[int], rng: random.Random) -> list[int]:
    """Some elders, couples or widowed, live with a married son."""
    homes.sort(key=lambda home: persons[home.husband].age)
    ages = [persons[home.husband].age for home in homes]
    for home in homes:
        if persons[home.husband].age >= 58 and not home.children and not home.elders and rng.random() < 0.36:
            host = _host(persons, homes, ages, home.husband, home.wife)
            if host is not None:
                host.elders += [home.husband, home.wife]
                persons[host.husband].father, persons[host.husband].mother = home.husband, home.wife
                home.husband = -1  # dissolved: both live with their son now
    still = []
    for i in left:
        elder = persons[i]
        host = None
        if elder.age >= 62 and rng.random() < 0.55:
            host = _host(persons, homes, ages, i if elder.male else -1, -1 if elder.male else i)
        if host is None:
            still.append(i)
            continue
        host.elders.append(i)
        if elder.male:
            persons[host.husband].father = i
        else:
            persons[host.husband].mother = i
    return still


def _host(persons: "list[Person]", homes: list[_Home], ages: list[float], father: int, mother: int) -> _Home | None:
    oldest = min(persons[p].age for p in (father, mother) if p >= 0)
    lowest = max(persons[p].age for p in (father, mother) if p >= 0) - MOTHER_MAX
    middle = bisect_left(ages, oldest - 26)
    for k in range(min(middle + _WINDOW, len(homes)) - 1, max(0, middle - _WINDOW) - 1, -1):
        home = homes[k]
        if home.husband < 0 or home.elders or persons[home.husband].father >= 0 or persons[home.husband].mother >= 0:
            continue
        if lowest <= ages[k] <= oldest - FATHER_MIN:
            return home
    return None


def _members(persons: "list[Person]", home: _Home) -> list[int]:
    persons[home.husband].relation, persons[home.wife].relation = HEAD, SPOUSE
    for elder in home.elders:
        persons[elder].relation = FATHER if persons[elder].male else MOTHER
    return [home.husband, home.wife, *home.children, *home.elders]


def _place_rest(
    persons: "list[Person]", groups: list[list[int]], left: list[int], rng: random.Random
) -> list[list[int]]:
    """Children without parents here live with grandparents; other single people mostly alone."""
    elders = [g for g in groups if len(g) == 2 and persons[g[0]].age > 48]
    alone: list[list[int]] = []
    for i in left:
        person = persons[i]
        if person.age < 18 and (elders or groups):
            fitting = [g for g in elders if min(persons[g[0]].age, persons[g[1]].age) - person.age > 37]
            home = fitting[int(rng.random() * len(fitting))] if fitting else groups[int(rng.random() * len(groups))]
            person.relation = GRANDCHILD if fitting else OTHER
            home.append(i)
        else:
            person.relation = HEAD
            alone.append([i])
    # A child whose catchment has no couple at all (tiny sizes) stays with the first adult.
    return alone
