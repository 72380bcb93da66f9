"""Rows of family-doctor contracts: a team at every township hospital, and agreements in one catchment of four."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np

from synth.context import STATUS_COLUMNS, Change, Context, local, one_of, status_rows
from synth.county import Plan, Unit
from synth.health import Health, condition_slugs
from synth.network_rows import moment, table
from synth.people import EPOCH
from synth.referral_rows import CONSENT_COLUMNS
from synth.rows import Block, rng_for, uuids
from synth.staff import Member, Staff
from xinglin.contracts.rules.groups import Facts, groups_of
from xinglin.contracts.rules.packages import BEARERS, Package, dues, items_of, packages
from xinglin.contracts.rules.promising import end_of_term

FORMED = date(2024, 3, 1)
#: Ids of consents begin above those of referrals.
FIRST_CONSENT = 10**10
#: Of four catchments one has agreements, and in it six residents of ten.
EVERY_CATCHMENT, OF_TEN = 4, 6
#: Terms began so many days before the end of the history, at most and at least.
BEGAN_MOST, BEGAN_LEAST = 350, 20
AGREEMENT_COLUMNS = (
    "id uuid number resident_id team_id facility_id packages groups fees starts_on ends_on status status_changed_at "
    "consent_id scan_id signed_at signed_by signed_by_name created_at created_by renews_id ended_on end_reason "
    "renewal_told_at"
)
PROMISE_COLUMNS = (
    "id uuid agreement_id team_id package item n opens_on due_on booked_on done_on proof proof_kind proof_uuid proof_text "
    "proof_file_id noted_at noted_by_name dropped_on"
)
PROMISES_PER_AGREEMENT = 64


def team_blocks(plan: Plan, staff: Staff) -> Iterator[Block]:
    """A team at home at each township unit that serves its clinics; its id is that of the unit."""
    units = plan.of_kind("TOWNSHIP_HOSPITAL", "COMMUNITY_CENTRE")
    keys = _keys(plan, "team-uuids", len(units))
    yield table(
        "contracts_team", "id uuid kind name facility_id disease phone formed_on ended_on created_at",
        [
            (unit.id, key, "FAMILY", f"{(unit.short_name or unit.name)[:40]}家庭医生团队", unit.id, "", "", FORMED, None, moment(FORMED))
            for unit, key in zip(units, keys, strict=True)
        ],
    )  # fmt: skip
    members = [row for unit in units for row in _members(plan, staff, unit)]
    keys = _keys(plan, "team-member-uuids", len(members))
    yield table(
        "contracts_teammember", "id uuid team_id user_id name profession is_leader since until",
        [(n, key, *row) for n, (row, key) in enumerate(zip(members, keys, strict=True), 1)],
    )  # fmt: skip
    places = [(unit.id, served) for unit in units for served in [unit.id, *(c.id for c in _clinics(plan, unit))]]
    keys = _keys(plan, "team-place-uuids", len(places))
    yield table(
        "contracts_teamplace", "id uuid team_id facility_id division_code since until",
        [(n, key, team, place, "", FORMED, None) for n, ((team, place), key) in enumerate(zip(places, keys, strict=True), 1)],
    )  # fmt: skip


def _members(plan: Plan, staff: Staff, unit: Unit) -> Iterator[tuple[Any, ...]]:
    for n, doctor in enumerate(staff.treating[unit.id][:2]):
        yield unit.id, doctor.id, doctor.name, "general-practitioner", n == 0, FORMED, None
    for clinic in _clinics(plan, unit):
        for doctor in staff.treating[clinic.id]:
            yield unit.id, doctor.id, doctor.name, "village-doctor", False, FORMED, None


def _clinics(plan: Plan, unit: Unit) -> list[Unit]:
    return [each.clinic for each in plan.catchments if each.township.id == unit.id]


def _keys(plan: Plan, stream: str, n: int) -> list[str]:
    return uuids(np.full(n, (FORMED.toordinal() - EPOCH) * 86_400 + 8 * 3600), rng_for(plan.seed, stream))


@lru_cache(maxsize=1)
def _offered() -> tuple[Package, ...]:
    return tuple(packages(FORMED))


class ContractRows:
    """The agreements of one catchment, with what they promise."""

    def __init__(self, context: Context, health: Health) -> None:
        self.context, self.health = context, health
        self._slugs = condition_slugs()

    def blocks(self) -> Iterator[Block]:
        """Consents, agreements, their trail, and what is promised; nothing in three catchments of four."""
        catchment = self.context.catchment
        signed = (
            [] if catchment.index % EVERY_CATCHMENT else [p for p in range(catchment.n_residents) if self._signs(p)]
        )
        began = [self._began(p) for p in signed]
        seconds = [day * 86_400 + 9 * 3600 for day in began]
        keys = self.context.uuids("agreement-uuids", seconds)
        values = [2 * self.context.plan.n_visits + catchment.first + 1 + p for p in signed]
        numbers = self.context.numbers("A", seconds, values)
        consents = self.context.uuids("agreement-consent-uuids", seconds)
        rows = list(zip(signed, began, keys, numbers, consents, strict=True))
        yield table(
            "residents_consent", CONSENT_COLUMNS, [self._consent(p, day, key, own) for p, day, key, _n, own in rows]
        )
        yield table("contracts_agreement", AGREEMENT_COLUMNS, [self._agreement(p, d, k, n) for p, d, k, n, _c in rows])
        changes = [row for p, day, *_rest in rows for row in status_rows(self._id(p), self._changes(p, day))]
        yield table("contracts_agreementstatuschange", STATUS_COLUMNS, changes)
        promises = [row for p, day, *_rest in rows for row in self._promises(p, day)]
        keys = self.context.uuids("promise-uuids", [self.context.end] * len(promises))
        yield table(
            "contracts_promise",
            PROMISE_COLUMNS,
            [(row[0], key, *row[1:]) for row, key in zip(promises, keys, strict=True)],
        )

    def _signs(self, p: int) -> bool:
        alive = not self.health.deceased[p] and not self.health.moved[p]
        return bool(alive and p * 7 % 10 < OF_TEN and self.health.born[p] < self._began(p))

    def _began(self, p: int) -> int:
        return self.context.end // 86_400 - BEGAN_LEAST - p * 37 % (BEGAN_MOST - BEGAN_LEAST)

    def _id(self, p: int) -> int:
        return self.context.catchment.first + 1 + p

    def _doctor(self, p: int) -> Member:
        return one_of(self.context.staff.treating[self.context.catchment.clinic.id], p)

    def _groups(self, p: int, on: date) -> tuple[str, ...]:
        person = self.context.people.persons[p]
        named = frozenset(slug for slug, has in zip(self._slugs, self.health.conditions[p], strict=True) if has)
        return groups_of(Facts("1" if person.male else "2", _day(person.born), named), on)

    def _chosen(self, p: int, on: date) -> list[Package]:
        groups = self._groups(p, on)
        return [each for each in _offered() if not each.group or each.group in groups]

    def _consent(self, p: int, began: int, agreement: str, key: str) -> tuple[Any, ...]:
        doctor, person = self._doctor(p), self.context.people.persons[p]
        return (
            FIRST_CONSENT + self._id(p), key, self._id(p), "family-doctor", True, doctor.id, doctor.name,
            "纸质签署，原件留存村卫生室。\n已说明服务内容、费用和解约办法。", person.name, "本人", None, agreement,
            local(began * 86_400 + 9 * 3600), None, None,
        )  # fmt: skip

    def _agreement(self, p: int, began: int, key: str, number: str) -> tuple[Any, ...]:
        catchment, doctor, starts = self.context.catchment, self._doctor(p), _day(began)
        chosen, at = self._chosen(p, starts), local(began * 86_400 + 9 * 3600)
        fees = {who: sum(dict(each.fees)[who] for each in chosen) for who in BEARERS}
        return (
            self._id(p), key, number, self._id(p), catchment.township.id, catchment.clinic.id,
            [each.version for each in chosen], list(self._groups(p, starts)), fees, starts, end_of_term(starts, 1), "ACTIVE",
            at, FIRST_CONSENT + self._id(p), None, at, doctor.id, doctor.name, at, doctor.id, None, None, "", None,
        )  # fmt: skip

    def _changes(self, p: int, began: int) -> list[Change]:
        doctor, place, at = self._doctor(p), self.context.catchment.clinic.id, began * 86_400 + 9 * 3600
        return [Change("DRAFT", at, doctor.id, doctor.name, place), Change("ACTIVE", at, doctor.id, doctor.name, place)]

    def _promises(self, p: int, began: int) -> Iterator[tuple[Any, ...]]:
        starts, today, doctor = _day(began), _day(self.context.end // 86_400), self._doctor(p)
        born, found = _day(self.context.people.persons[p].born), items_of(self._chosen(p, starts))
        number = self._id(p) * PROMISES_PER_AGREEMENT
        for package, item in found:
            for due in dues(item, starts_on=starts, ends_on=end_of_term(starts, 1), born_on=born):
                number += 1
                done = max(due.opens_on, starts, due.due_on - timedelta(days=(p + due.n) % 20))
                kept = due.due_on < today and (p + due.n) % 6 != 0
                proof = (done, "manual", "", None, "随访登记", None, moment(done, 10), doctor.name)
                yield (
                    number, self._id(p), self.context.catchment.township.id, package.version, item.code, due.n, due.opens_on,
                    due.due_on, None, *(proof if kept else (None, "", "", None, "", None, None, "")), None,
                )  # fmt: skip


def _day(number: int) -> date:
    return date.fromordinal(int(number) + EPOCH)
