"""Answers counted while facts are written, with NumPy and apart from any engine: by township and for the whole."""

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from synth.facts import MILLION, YEAR
from synth.facts_rows import (
    COUNTY,
    PROGRAMMES,
    Numbers,
    born_of,
    days,
    enrolled_for,
    enrolled_in,
    home_of,
    is_lost,
    tier_of,
    township_codes,
    township_of,
)

if TYPE_CHECKING:
    from synth.facts import Layout

WHOLE = "all"
_SIGNED, _VOIDED = 0, 2
_EIGHT_HOURS, _DAY = 480, 1440
_ROW_BITS = 36  # rows of a month fit into them
_OFTEN = ((90, 0), (180, 1), (270, 2), (360, 3))
_FOUR, _MANY = 4, 5


class Known:
    """Counts by township, and what is remembered of everybody: a few bytes each."""

    def __init__(self, layout: "Layout") -> None:
        self._layout = layout
        self._sums: dict[str, Numbers] = {}
        n = layout.residents
        # seen at home or in the first township of the county, and with a pressure taken: those of 35 and more
        self._seen = {name: np.zeros(n, bool) for name in ("home", "town", "home-pressure", "town-pressure", "any")}
        self._first = np.full(n, np.iinfo(np.int64).max, np.int64)
        self._admitted = np.zeros(n, bool)
        in_programmes = n // 8
        self._direct = np.zeros(in_programmes, np.int8)
        self._controlled, self._yearly = np.zeros(in_programmes, bool), np.zeros(in_programmes, bool)
        self._born_by = days(date(YEAR - 35, 12, 31))

    def _add(self, part: str, townships: Numbers, where: Numbers | None = None, weights: Numbers | None = None) -> None:
        if where is not None:
            townships, weights = townships[where], None if weights is None else weights[where]
        # whole numbers below 2^53 come out of the floats of a weighted count as they went in
        counted = np.bincount(townships, weights, self._layout.townships)
        self._sums[part] = self._sums.get(part, 0) + counted

    def visits(  # noqa: PLR0913 - the columns of a block
        self, start: int, first: int, *, person: Numbers, facility: Numbers, minute: Numbers, late: Numbers, state: Numbers,
        is_tcm: Numbers, has_pressure: Numbers, coded: Numbers, n_medicines: Numbers, born: Numbers, tier: Numbers,
    ) -> None:  # fmt: skip
        """Count a block of visits."""
        at = township_of(self._layout, facility)
        kept, signed, grassroots = state != _VOIDED, state == _SIGNED, tier != COUNTY
        given = kept & (n_medicines > 0)
        self._add("visits-by-tier:n", at, kept)
        lives = township_of(self._layout, home_of(self._layout, person))
        self._add("grassroots-share:n", lives, kept & grassroots)
        self._add("grassroots-share:d", lives, kept)
        self._add("m07-grassroots-visits:n", at, kept & grassroots)
        self._add("m12-tcm-share:n", at, kept & is_tcm)
        self._add("visits-signed:n", at, signed)
        self._add("diagnosis-coded:n", at, signed & coded)
        self._add("medicines-per-visit:n", at, given, n_medicines)
        self._add("medicines-per-visit:d", at, given)
        self._add("many-medicines:n", at, kept & (n_medicines >= _MANY))
        self._add("late-visit-entry:n", at, (minute + _EIGHT_HOURS) // _DAY < (minute + late + _EIGHT_HOURS) // _DAY)
        self._add("late-visit-entry:d", at)
        self._remember_visits(start + minute, first, person, at, kept, has_pressure, born, grassroots)

    def _remember_visits(  # noqa: PLR0913 - the same
        self, minute: Numbers, first: int, person: Numbers, at: Numbers, kept: Numbers, has_pressure: Numbers, born: Numbers,
        grassroots: Numbers,
    ) -> None:  # fmt: skip
        of_age = kept & (born <= self._born_by)
        at_home = at == township_of(self._layout, home_of(self._layout, person))
        for name, there in (("home", at_home), ("town", ~at_home)):
            self._seen[name][person[of_age & there]] = True
            self._seen[f"{name}-pressure"][person[of_age & there & has_pressure]] = True
        self._seen["any"][person[kept]] = True
        # by time, then by uuid, which stands in the order of rows within a month; the last bit is the answer
        key = (minute << _ROW_BITS) | ((first + np.arange(person.size)) << 1) | grassroots
        np.minimum.at(self._first, person[kept], key[kept])

    def settlements(  # noqa: PLR0913 - the columns of a block
        self, *, person: Numbers, facility: Numbers, outside: Numbers, stay: Numbers, referred: Numbers, total: Numbers,
        fund: Numbers, tier: Numbers, length: Numbers,
    ) -> None:  # fmt: skip
        """Count a block of settlements."""
        at, here = township_of(self._layout, facility), ~outside
        lives = township_of(self._layout, home_of(self._layout, person))
        self._add("m08-in-county-fund:n", lives, here, fund)
        self._add("m08-in-county-fund:d", lives, None, fund)
        self._add("m09-grassroots-fund:n", at, here & (tier != COUNTY), fund)
        self._add("m10a-inpatient-cost:n", at, here & stay, total)
        self._add("m10a-inpatient-cost:d", at, here & stay)
        self._add("m11-in-county-admissions:d", lives, stay)
        self._add("v01-in-county-visits:n", lives, here)
        self._add("v01-in-county-visits:d", lives)
        self._add("v03-orderly:n", lives, outside & referred)
        self._add("mean-stay:n", at, here & stay, length)
        self._admitted[person[stay]] = True

    def programme_visits(
        self, *, person: Numbers, programme: Numbers, controlled: Numbers, direct: Numbers, yearly: Numbers
    ) -> None:
        """Remember a block of follow-ups: a later one comes in a later month."""
        del programme
        self._direct[person[direct]] += 1
        self._controlled[person] = controlled
        self._yearly[person] |= yearly

    def answers(self) -> dict[str, dict[str, float]]:
        """Everything by unit: its code, or ``all``."""
        self._of_people()
        self._of_programmes()
        self._of_clinics()
        codes = township_codes(self._layout)
        found = {code: {part: float(sums[n]) for part, sums in self._sums.items()} for n, code in enumerate(codes)}
        found[WHOLE] = {part: float(sums.sum()) for part, sums in self._sums.items()} | self._of_persons_of_the_whole()
        return found

    def _of_people(self) -> None:
        for first in range(0, self._layout.residents, MILLION):
            person = np.arange(first, min(first + MILLION, self._layout.residents))
            home = township_of(self._layout, home_of(self._layout, person))
            town = home // self._layout.of_townships * self._layout.of_townships
            for part, name in (("first-pressure:d", ""), ("first-pressure:n", "-pressure")):
                self._add(part, home, self._seen[f"home{name}"][person])
                self._add(part, town, self._seen[f"town{name}"][person] & (home != town))
            of_age = born_of(person) <= days(date(YEAR - 65, 12, 31))
            signed = (person < self._layout.residents * 6 // 10) & (person % 10 > 0)
            self._add("p01-contract-coverage:d", home)
            self._add("p01-contract-coverage:n", home, signed)
            self._add("p03-elderly-coverage:d", home, of_age)
            self._add("p03-elderly-coverage:n", home, signed & of_age)
            self._add("insured-admission-rate:n", home, self._admitted[person])

    def _of_persons_of_the_whole(self) -> dict[str, float]:
        seen = self._seen["any"]
        return {
            "first-pressure:d": float((self._seen["home"] | self._seen["town"]).sum()),
            "first-pressure:n": float((self._seen["home-pressure"] | self._seen["town-pressure"]).sum()),
            "v04-first-visit:d": float(seen.sum()), "v04-first-visit:n": float((self._first[seen] & 1).sum()),
        }  # fmt: skip

    def _of_programmes(self) -> None:
        person = np.arange(self._layout.residents // 8)
        home = township_of(self._layout, home_of(self._layout, person))
        programme, since, there = enrolled_in(person), enrolled_for(person), ~is_lost(person)
        often = np.zeros(person.size, bool)
        for limit, n in _OFTEN:
            often |= (since < limit) & (self._direct >= n)
        often |= self._direct >= _FOUR
        for name, standard, control in (
            ("hypertension", "p11-hypertension-standard", "p12-hypertension-control"),
            ("diabetes", "p13-diabetes-standard", "p14-diabetes-control"),
        ):
            here = programme == PROGRAMMES.index(name)
            self._add(f"{standard}:d", home, here)
            self._add(f"{standard}:n", home, here & there & often)
            self._add(f"{control}:n", home, here & there & self._controlled)
        self._add("p16b-managed-persons:n", home)
        managed = programme < PROGRAMMES.index("mental-disorder")
        self._add("p18-yearly-assessment:d", home, managed)
        self._add("p18-yearly-assessment:n", home, managed & self._yearly)
        self._add("m13-managed-admitted:n", home, managed & self._admitted[person])
        self._add("programme-lost:n", home, ~there)

    def _of_clinics(self) -> None:
        ids = np.arange(1, self._layout.facilities + 1)
        clinic = tier_of(self._layout, ids) == 2  # noqa: PLR2004 - of a village
        at = township_of(self._layout, ids)
        self._add("m03b-clinics-connected:d", at, clinic)
        self._add("m03b-clinics-connected:n", at, clinic & (ids % 4 > 0))
