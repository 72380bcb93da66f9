"""Answers counted while facts are written, with NumPy and apart from any engine: by township and for the whole."""

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from synth.facts import MILLION, YEAR
from synth.facts_rows import (
    CODES,
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
_CIRCULATORY = [n for n, code in enumerate(CODES) if code.startswith("I")]


class Known:
    """Counts by township, and what is remembered of everybody: a few bytes each."""

    def __init__(self, layout: "Layout") -> None:
        self._layout = layout
        self._sums: dict[str, Numbers] = {}
        self._beyond: dict[str, float] = {}
        self._kept: dict[str, int] = {}
        n = layout.residents
        # seen at home or in the first township of the county, and with a pressure taken: those of 35 and more
        self._seen = {name: np.zeros(n, bool) for name in ("home", "town", "home-pressure", "town-pressure", "any")}
        self._first = np.full(n, np.iinfo(np.int64).max, np.int64)
        self._admitted = np.zeros(n, bool)
        in_programmes = n // 8
        self._direct = np.zeros(in_programmes, np.int8)
        self._controlled, self._yearly = np.zeros(in_programmes, bool), np.zeros(in_programmes, bool)
        self._born_by = days(date(YEAR - 35, 12, 31))

    def add(self, part: str, townships: Numbers, where: Numbers | None = None, weights: Numbers | None = None) -> None:
        """Count rows by township, or add up their weights: of those where a condition holds."""
        if where is not None:
            townships, weights = townships[where], None if weights is None else weights[where]
        # whole numbers below 2^53 come out of the floats of a weighted count as they went in
        counted = np.bincount(townships, weights, self._layout.townships)
        self._sums[part] = self._sums.get(part, 0) + counted

    def add_to_whole(self, part: str, n: int) -> None:
        """What counts in the whole and in no township."""
        self._beyond[part] = self._beyond.get(part, 0.0) + n

    def distinct_persons(self, part: str, townships: Numbers, person: Numbers, where: Numbers) -> None:
        """Count persons, each once in a township and once in the whole."""
        pairs = np.unique(np.stack([townships[where], person[where]]), axis=1)
        self.add(part, pairs[0])
        self.add_to_whole(part, np.unique(person[where]).size - pairs.shape[1])

    def remember(self, name: str, value: int) -> None:
        """Add to a number that answers are made of at the end."""
        self._kept[name] = self._kept.get(name, 0) + value

    def visits(  # noqa: PLR0913 - the columns of a block
        self, start: int, first: int, *, person: Numbers, facility: Numbers, minute: Numbers, late: Numbers, state: Numbers,
        is_tcm: Numbers, has_pressure: Numbers, coded: Numbers, n_medicines: Numbers, born: Numbers, tier: Numbers,
    ) -> None:  # fmt: skip
        """Count a block of visits."""
        at = township_of(self._layout, facility)
        kept, signed, grassroots = state != _VOIDED, state == _SIGNED, tier != COUNTY
        given = kept & (n_medicines > 0)
        self.add("visits-by-tier:n", at, kept)
        lives = township_of(self._layout, home_of(self._layout, person))
        self.add("grassroots-share:n", lives, kept & grassroots)
        self.add("grassroots-share:d", lives, kept)
        self.add("flow-circulatory:n", lives, kept & np.isin(person % len(CODES), _CIRCULATORY))
        self.add("m07-grassroots-visits:n", at, kept & grassroots)
        self.add("m12-tcm-share:n", at, kept & is_tcm)
        self.add("visits-signed:n", at, signed)
        self.add("diagnosis-coded:n", at, signed & coded)
        self.add("medicines-per-visit:n", at, given, n_medicines)
        self.add("medicines-per-visit:d", at, given)
        self.add("many-medicines:n", at, kept & (n_medicines >= _MANY))
        self.add("late-visit-entry:n", at, (minute + _EIGHT_HOURS) // _DAY < (minute + late + _EIGHT_HOURS) // _DAY)
        self.add("late-visit-entry:d", at)
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
        self.add("m08-in-county-fund:n", lives, here, fund)
        self.add("m08-in-county-fund:d", lives, None, fund)
        self.add("m09-grassroots-fund:n", at, here & (tier != COUNTY), fund)
        self.add("m10a-inpatient-cost:n", at, here & stay, total)
        self.add("m10a-inpatient-cost:d", at, here & stay)
        self.add("m11-in-county-admissions:d", lives, stay)
        self.add("flow-stays-outside:n", lives, outside & stay)
        self.add("v01-in-county-visits:n", lives, here)
        self.add("v01-in-county-visits:d", lives)
        self.add("v03-orderly:n", lives, outside & referred)
        self.add("mean-stay:n", at, here & stay, length)
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
        found[WHOLE] = {part: float(sums.sum()) + self._beyond.get(part, 0.0) for part, sums in self._sums.items()}
        found[WHOLE] |= self._of_persons_of_the_whole()
        for letter, who in (("n", "low"), ("d", "town")):
            found[WHOLE][f"m06-income-ratio:{letter}"] = (
                self._kept[f"income-total-{who}"] / self._kept[f"income-staff-{who}"]
            )
        return found

    def _of_people(self) -> None:
        for first in range(0, self._layout.residents, MILLION):
            person = np.arange(first, min(first + MILLION, self._layout.residents))
            home = township_of(self._layout, home_of(self._layout, person))
            town = home // self._layout.of_townships * self._layout.of_townships
            for part, name in (("first-pressure:d", ""), ("first-pressure:n", "-pressure")):
                self.add(part, home, self._seen[f"home{name}"][person])
                self.add(part, town, self._seen[f"town{name}"][person] & (home != town))
            of_age = born_of(person) <= days(date(YEAR - 65, 12, 31))
            signed = (person < self._layout.residents * 6 // 10) & (person % 10 > 0)
            born = born_of(person)
            middle = (born <= days(date(YEAR - 30, 12, 31))) & (born > days(date(YEAR - 70, 12, 31)))
            self.add("m14-early-death:d", home, middle)
            self.add("beds-per-thousand:d", home)
            self.add("p01-contract-coverage:d", home)
            self.add("p01-contract-coverage:n", home, signed)
            self.add("p03-elderly-coverage:d", home, of_age)
            self.add("p03-elderly-coverage:n", home, signed & of_age)
            self.add("insured-admission-rate:n", home, self._admitted[person])

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
            self.add(f"{standard}:d", home, here)
            self.add(f"{standard}:n", home, here & there & often)
            self.add(f"{control}:n", home, here & there & self._controlled)
        self.add("p16b-managed-persons:n", home)
        managed = programme < PROGRAMMES.index("mental-disorder")
        self.add("p18-yearly-assessment:d", home, managed)
        self.add("p18-yearly-assessment:n", home, managed & self._yearly)
        self.add("m13-managed-admitted:n", home, managed & self._admitted[person])
        self.add("programme-lost:n", home, ~there)

    def _of_clinics(self) -> None:
        ids = np.arange(1, self._layout.facilities + 1)
        clinic = tier_of(self._layout, ids) == 2  # noqa: PLR2004 - of a village
        at = township_of(self._layout, ids)
        self.add("m03b-clinics-connected:d", at, clinic)
        self.add("m03b-clinics-connected:n", at, clinic & (ids % 4 > 0))
        self.add("p101-integrated-clinics:n", at, clinic & (ids % 50 > 0))
        self.add("p68-insured-clinics:n", at, clinic & (ids % 10 > 0))
