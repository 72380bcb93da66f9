"""Rows of the rosters: who is managed where, and which other units have seen whom."""

import numpy as np

from synth.county import Catchment
from synth.resident_rows import Names, Neighbourhood
from synth.rows import Block, block, moments, numbers, pick, same
from synth.tables import Array
from synth.visits import COUNTY, MCH, TCM, TOWNSHIP, VILLAGE, Visits

#: Entries of one resident at most: clinic, township, three county units, another clinic, the ECG centre.
ROSTERS_PER_RESIDENT = 8
BASES = ("MANAGED", "VISIT", "REFERRAL", "REQUEST")
MANAGED, VISIT, REFERRAL, REQUEST = range(4)


class Rosters:
    """The rosters of one catchment in the making: who (position), where, why, since when, first treated when."""

    def __init__(self, catchment: Catchment, around: Neighbourhood, visits: Visits, registered: Array) -> None:
        self._catchment, self._visits, self._n = catchment, visits, len(registered)
        self._parts: list[tuple[Array, Array, Array, Array, Array]] = []
        everybody = np.arange(self._n)
        own = (visits.level == VILLAGE) & ~visits.elsewhere
        self._add(everybody, around.clinic.id, MANAGED, registered, self.first_visit(own))
        self._add(everybody, around.township.id, MANAGED, registered, self.first_visit(visits.level == TOWNSHIP))
        for unit, where in ((around.tcm, visits.level == TCM), (around.mch, visits.level == MCH)):
            self.add_visitors(unit.id, where)
        if around.other_clinic is not around.clinic:
            self.add_visitors(around.other_clinic.id, visits.elsewhere)

    def first_visit(self, where: Array) -> Array:
        """The first of some visits of each resident, 0 for none. Visits stand in order of person and time."""
        first = np.zeros(self._n, dtype=np.int64)
        who, at = np.unique(self._visits.person[where], return_index=True)
        first[who] = self._visits.at[where][at]
        return first

    def add_visitors(self, facility: int, where: Array) -> None:
        """Everybody with one of these visits."""
        first = self.first_visit(where)
        who = np.flatnonzero(first)
        self._add(who, facility, VISIT, first[who], first[who])

    def add_hospital(self, facility: int, sent: Array) -> None:
        """Visitors of the county hospital and residents referred to it, each once, from whichever came first."""
        came = self.first_visit(self._visits.level == COUNTY)
        who = np.flatnonzero(came | sent)
        referred = (sent[who] > 0) & ((came[who] == 0) | (sent[who] < came[who]))
        since = np.where(referred, sent[who], came[who])
        self._add(who, facility, np.where(referred, REFERRAL, VISIT), since, since)

    def add_readings(self, facility: int, read: Array) -> None:
        """Everybody whose electrocardiogram a centre has read."""
        who = np.flatnonzero(read)
        self._add(who, facility, REQUEST, read[who], read[who])

    def block(self, names: Names) -> Block:
        """The rows; ids leave room for `ROSTERS_PER_RESIDENT` of each resident."""
        who, facility, basis, since, served = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        positions = who.tolist()
        return block(
            "residents_rosterentry",
            {
                "id": numbers(self._catchment.first * ROSTERS_PER_RESIDENT + 1 + np.arange(len(who))),
                "facility_id": numbers(facility),
                "resident_id": numbers(self._catchment.first + 1 + who),
                "basis": pick(BASES, basis),
                "since": moments(since),
                "until": same(None, len(who)),
                "served_at": moments(served, served == 0),
                "name": [names.name[i] for i in positions],
                "initials": [names.initials[i] for i in positions],
                "pinyin": [names.pinyin[i] for i in positions],
            },
        )

    def _add(self, who: Array, facility: int, basis: Array | int, since: Array, served: Array) -> None:
        n = len(who)
        self._parts.append((who, np.full(n, facility), np.broadcast_to(np.asarray(basis), (n,)), since, served))


def roster_block(
    catchment: Catchment,
    around: Neighbourhood,
    names: Names,
    registered: Array,
    visits: Visits,
    sent: Array,
    read: Array,
) -> Block:
    """Rosters: the managing clinic, its township unit, other units visited, and where somebody was referred or read.

    `sent` and `read` hold, for each resident, the first referral to the county hospital and the first request to the
    ECG centre (local seconds, 0 for none).
    """
    rosters = Rosters(catchment, around, visits, registered)
    rosters.add_hospital(around.county.id, sent)
    rosters.add_readings(around.ecg_centre.id, read)
    return rosters.block(names)
