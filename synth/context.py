"""Everything about one catchment that its rows are made from."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from synth.care import Care
from synth.county import Catchment, Plan
from synth.people import EPOCH, People
from synth.resident_rows import Neighbourhood
from synth.rows import people_numbers, rng_for, uuids
from synth.staff import Member, Staff
from synth.visit_rows import VisitKeys
from synth.visits import Visits, reasons

#: Status records of one object at most; ids leave room for them.
STEPS_PER_CASE = 16
STATUS_COLUMNS = "id subject_id was became changed_at changed_by changed_by_name place reason_code reason"


def local(seconds: int) -> str | None:
    """A moment from local seconds, as COPY text; None for 0."""
    return f"{np.datetime64(seconds, 's')}+08" if seconds else None


@dataclass(frozen=True, slots=True)
class Change:
    """A status reached: by whom, where, when (local seconds)."""

    became: str
    at: int
    who: int | None
    name: str
    place: int
    reason_code: str = ""


def status_rows(subject: int, changes: list[Change]) -> Iterator[tuple[Any, ...]]:
    """Status records of one object, from its first status on."""
    was = ""
    for k, c in enumerate(changes):
        key = subject * STEPS_PER_CASE + k
        yield key, subject, was, c.became, local(c.at), c.who, c.name, c.place, c.reason_code, ""
        was = c.became


@dataclass(frozen=True)
class Context:
    """One catchment with its streams drawn."""

    plan: Plan
    catchment: Catchment
    people: People
    visits: Visits
    keys: VisitKeys
    staff: Staff
    around: Neighbourhood
    care: Care

    @cached_property
    def end(self) -> int:
        """The end of the history in local seconds."""
        return (self.plan.until.toordinal() - EPOCH) * 86_400

    def uuids(self, stream: str, seconds: list[int]) -> list[str]:
        """Identifiers of a stream for things that came about at some moments."""
        return uuids(np.array(seconds, dtype=np.int64), rng_for(self.plan.seed, stream, self.catchment.index))

    def numbers(self, prefix: str, seconds: list[int], values: list[int]) -> list[str]:
        """Numbers for people; they run on from those of residents and households."""
        start = 2 * self.plan.n_residents + 1
        return people_numbers(prefix, np.array(seconds, dtype=np.int64), start + np.array(values, dtype=np.int64))

    def visit_id(self, visit: int) -> int:
        """The id of a visit."""
        return int(self.keys.ids[visit])

    def resident_id(self, visit: int) -> int:
        """The id of the resident who was seen."""
        return self.catchment.first + 1 + int(self.visits.person[visit])

    def facility_id(self, visit: int) -> int:
        """The id of the facility where."""
        return int(self.keys.facility[visit])

    def clinician(self, visit: int) -> tuple[int, str]:
        """Who saw the resident: account and name."""
        return int(self.keys.clinician[visit]), self.keys.clinician_name[visit]

    def reason(self, visit: int) -> dict[str, Any]:
        """The row of the table of reasons."""
        return reasons().rows[int(self.visits.reason[visit])]

    def complaint(self, visit: int) -> str:
        """The complaint as written at the visit."""
        complaints = self.reason(visit)["complaints"]
        return str(complaints[int(self.visits.complaint[visit]) % len(complaints)])

    def pressure(self, visit: int) -> tuple[int, int] | None:
        """Blood pressure at the visit, if it was taken."""
        systolic, diastolic = int(self.visits.systolic[visit]), int(self.visits.diastolic[visit])
        return (systolic, diastolic) if systolic > 0 else None


def one_of(members: list[Member], draw: int) -> Member:
    """One of some members, by a number."""
    return members[draw % len(members)]
