"""Names of people: surnames by frequency and village, given names by cohort and sex."""

import random
from bisect import bisect
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from synth.tables import table


@dataclass(frozen=True)
class _Cohort:
    until: int
    single: float
    pools: dict[bool, tuple[tuple[str, ...], tuple[str, ...]]]


@lru_cache(maxsize=1)
def surname_table() -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Surnames and their running weights."""
    data = table("names")
    parts = data["surnames"].split()
    weights = dict(zip(parts[::2], map(float, parts[1::2]), strict=True))
    for key in ("rare", "compound"):
        names = [n for n in dict.fromkeys(data[key].split()) if n not in weights]
        weights |= {name: data[f"{key}_per_mille"] / len(names) for name in names}
    return tuple(weights), tuple(accumulate(weights.values()))


@lru_cache(maxsize=1)
def _cohorts() -> tuple[_Cohort, ...]:
    return tuple(
        _Cohort(
            c["until"],
            c["single"],
            {
                True: (tuple(c["men_first"].split()), tuple(c["men_second"].split())),
                False: (tuple(c["women_first"].split()), tuple(c["women_second"].split())),
            },
        )
        for c in table("names")["cohorts"]
    )


def draw_surname(rng: random.Random) -> str:
    """A surname by its frequency in the country."""
    names, running = surname_table()
    return names[bisect(running, rng.random() * running[-1])]


class VillageNames:
    """Surnames of one village: a few old families, and everybody else."""

    def __init__(self, rng: random.Random) -> None:
        data = table("names")
        self._rng = rng
        self._share = data["village_share"]
        self._old = [draw_surname(rng) for _ in range(data["village_names"])]

    def surname(self) -> str:
        """The surname of a family of the village."""
        if self._rng.random() < self._share:
            return self._old[min(int(self._rng.random() * 1.6 * len(self._old)) % len(self._old), len(self._old) - 1)]
        return draw_surname(self._rng)


def given_name(rng: random.Random, *, male: bool, born_year: int, first: str = "") -> str:
    """A given name as parents chose in that year; `first` is the character that siblings share, where they do."""
    cohort = next(c for c in _cohorts() if born_year <= c.until)
    firsts, seconds = cohort.pools[male]
    second = seconds[int(rng.random() * len(seconds))]
    if not first and rng.random() < cohort.single:
        return second
    first = first or firsts[int(rng.random() * len(firsts))]
    return first + (second if second != first else firsts[0])


def minority_name(rng: random.Random) -> tuple[str, str]:
    """A name with a middle dot, and the people (GB/T 3304 code)."""
    data = table("names")["minority"]
    given, father = data["given"].split(), data["father"].split()
    code = PEOPLES[data["peoples"][int(rng.random() * len(data["peoples"]))]]
    return f"{given[int(rng.random() * len(given))]}·{father[int(rng.random() * len(father))]}", code


#: GB/T 3304 codes of the peoples that occur.
PEOPLES = {"汉族": "01", "蒙古族": "02", "回族": "03", "藏族": "04", "维吾尔族": "05", "哈萨克族": "17"}
