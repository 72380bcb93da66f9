"""Rows of referrals up and down, with consent and the trail of states."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from synth.care import DAY, MINUTE, ReferralCase, Step
from synth.context import STATUS_COLUMNS, Change, Context, local, one_of, status_rows
from synth.health import HISTORY_DAYS
from synth.network_rows import departments, table
from synth.rows import Block
from synth.staff import Member

#: How long after a status something is due: (emergency, ordinary), a plain reading of definitions/referral-deadlines.
DUE_AFTER = {
    "DRAFT": (DAY, DAY), "SUBMITTED": (10 * MINUTE, DAY), "ACCEPTED": (DAY, 7 * DAY), "ARRIVED": (DAY, DAY),
    "IN_CARE": (14 * DAY, 14 * DAY), "DISCHARGED": (DAY, 2 * DAY), "RECEIVED_BACK": (14 * DAY, 14 * DAY),
}  # fmt: skip
FINAL = frozenset({"CLOSED", "REJECTED", "WITHDRAWN", "NO_SHOW"})
BY_SENDER = frozenset({"DRAFT", "SUBMITTED", "WITHDRAWN"})
BY_WARD = frozenset({"IN_CARE", "DISCHARGED", "RETURNED"})
DEPARTMENT_OF = {
    "I": "NEIKE", "E": "NEIFENMI", "J": "HUXI", "K": "XIAOHUA", "M": "GUKE", "S": "GUKE", "T": "PUWAI", "N": "SHENBING",
}  # fmt: skip
COLUMNS = (
    "id uuid number resident_id visit_id origin_id direction channel from_facility_id to_facility_id to_department_id "
    "status status_changed_at due_at reason_code reason criteria impression impression_code summary past_history "
    "treatment plan results followup_days contact_phone_given attachments consent_id consent_waived drafted_at sent_at "
    "sent_by sent_by_name answered_at answered_by answered_by_name hold_kind hold_text hold_until arrived_at "
    "admitted_at discharged_at discharge_diagnosis closed_at urgency"
)
CONSENT_COLUMNS = (
    "id uuid resident_id kind agreed explained_by explained_by_name explained signer_name signer_relation signature_id "
    "object_uuid given_at withdrawn_at withdrawn_by"
)


@dataclass(frozen=True)
class _Made:
    """A referral with its identifiers."""

    case: ReferralCase
    id: int
    uuid: str
    number: str


class ReferralRows:
    """The referrals of one catchment."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._taken: set[int] = set()
        cases = [c for c in context.care.referrals if c.steps]
        self._ups = self._made(cases, [c.steps[0].at for c in cases], "referral-uuids", 0)
        down = [c for c in cases if c.down]
        self._downs = self._made(down, [c.down[0].at for c in down], "down-uuids", 1)

    @cached_property
    def down_uuids(self) -> dict[int, str]:
        """Of each visit that led to a referral and back: the identifier of the way back."""
        return {made.case.visit: made.uuid for made in self._downs}

    def blocks(self) -> Iterator[Block]:
        """Consents first: referrals refer to them."""
        starts = [m.case.steps[0].at for m in self._ups]
        consents = self.context.uuids("consent-uuids", starts)
        yield table(
            "residents_consent", CONSENT_COLUMNS,
            [self._consent(made, key) for made, key in zip(self._ups, consents, strict=True)],
        )  # fmt: skip
        origin = {m.case.visit: m.id for m in self._ups}
        rows = [self._up(m) for m in self._ups] + [self._down(m, origin[m.case.visit]) for m in self._downs]
        yield table("referrals_referral", COLUMNS, rows)
        changes = [r for m in self._ups for r in status_rows(m.id, self._changes(m.case, m.case.steps))]
        changes += [r for m in self._downs for r in status_rows(m.id, self._changes(m.case, m.case.down, down=True))]
        yield table("referrals_referralstatuschange", STATUS_COLUMNS, changes)

    def _made(self, cases: list[ReferralCase], starts: list[int], stream: str, kind: int) -> list[_Made]:
        keys = self.context.uuids(stream, starts)
        values = [2 * self.context.visit_id(c.visit) - 1 + kind for c in cases]
        numbers = self.context.numbers("R", starts, values)
        return [
            _Made(case, self._id(at, kind), key, number)
            for case, at, key, number in zip(cases, starts, keys, numbers, strict=True)
        ]

    def _id(self, at: int, kind: int) -> int:
        """An id that grows with time, as lists of referrals expect; catchments share out the numbers of each minute."""
        plan, catchment = self.context.plan, self.context.catchment
        minute = (at - self.context.end) // MINUTE + HISTORY_DAYS * 1440 + 1440
        while minute in self._taken:
            minute += 1
        self._taken.add(minute)
        return (minute * len(plan.catchments) + catchment.index) * 2 + 1 + kind

    def _consent(self, made: _Made, key: str) -> tuple[Any, ...]:
        context, visit = self.context, made.case.visit
        signer, relation = self._signer(int(context.visits.person[visit]))
        return (
            made.id, key, context.resident_id(visit), "referral", True, *context.clinician(visit),
            "纸质签署，原件留存转出机构。\n已说明转诊原因、风险和目的机构。", signer, relation, None, made.uuid,
            local(made.case.steps[0].at + 2 * MINUTE), None, None,
        )  # fmt: skip

    def _signer(self, person: int) -> tuple[str, str]:
        persons = self.context.people.persons
        who = persons[person]
        parent = who.mother if who.mother >= 0 else who.father
        if who.age < 18 and parent >= 0:
            return persons[parent].name, "母亲" if parent == who.mother else "父亲"
        return who.name, "本人"

    def _up(self, made: _Made) -> tuple[Any, ...]:
        context, case, visit = self.context, made.case, made.case.visit
        at, reason, desk = _moments(case.steps), context.reason(visit), self._desk(case)
        held = at.get("ACCEPTED", 0)
        return (
            made.id, made.uuid, made.number, context.resident_id(visit), context.visit_id(visit), None, "UP",
            "emergency" if case.emergency else "ordinary", context.facility_id(visit), context.around.county.id,
            self._department(case), case.steps[-1].status, local(case.steps[-1].at), _due(case.steps, case.emergency),
            case.reason_code, "", [], reason["name"], reason["code"], context.complaint(visit), "", "", "", "", None,
            False, [{"kind": "visit", "uuid": _hyphens(context.keys.uuids[visit])}], made.id, "", local(at["DRAFT"]),
            *_by(at.get("SUBMITTED", 0), *context.clinician(visit)),
            *_by(held or at.get("REJECTED", 0), desk.id, desk.name), "BED" if held else "",
            f"{1 + made.id % 40}床" if held else "", local(held and held + DUE_AFTER["ACCEPTED"][not case.emergency]),
            local(at.get("ARRIVED", 0)), local(at.get("IN_CARE", 0)), local(at.get("DISCHARGED", 0)),
            reason["name"] if "DISCHARGED" in at else "", _closed(case.steps), 0 if case.emergency else 1,
        )  # fmt: skip

    def _down(self, made: _Made, origin: int) -> tuple[Any, ...]:
        context, case, visit = self.context, made.case, made.case.visit
        at, reason = _moments(case.down), context.reason(visit)
        specialist, doctor = self._specialist(case), self._township_doctor(case)
        return (
            made.id, made.uuid, made.number, context.resident_id(visit), context.visit_id(visit), origin, "DOWN",
            "down", context.around.county.id, context.around.township.id, None, case.down[-1].status,
            local(case.down[-1].at),
            _due(case.down, emergency=False), "rehabilitation", "", [], reason["name"], reason["code"],
            "病情稳定，转回基层康复。", "", "住院期间已规范治疗。", "按时服药，每2周复查；如症状反复及时上转。",
            "主要检查结果见出院记录。", 14, True, [], None, "下转，住院期间已签署", local(at["DRAFT"]),
            *_by(at.get("SUBMITTED", 0), specialist.id, specialist.name),
            *_by(at.get("RECEIVED_BACK", 0), doctor.id, doctor.name), "", "", None, None, None, None, "",
            _closed(case.down), 1,
        )  # fmt: skip

    def _department(self, case: ReferralCase) -> int:
        code = "JIZHEN" if case.emergency else DEPARTMENT_OF.get(self.context.reason(case.visit)["code"][0], "JIZHEN")
        return self._departments[code]

    @cached_property
    def _departments(self) -> dict[str, int]:
        county = self.context.around.county.id
        return {code: i for i, unit, code, _, _ in departments(self.context.plan) if unit.id == county}

    def _desk(self, case: ReferralCase) -> Member:
        return one_of(self.context.staff.by_role["referral-desk"], case.visit)

    def _specialist(self, case: ReferralCase) -> Member:
        return one_of(self.context.staff.treating[self.context.around.county.id], case.visit)

    def _township_doctor(self, case: ReferralCase) -> Member:
        return one_of(self.context.staff.treating[self.context.around.township.id], case.visit)

    def _changes(self, case: ReferralCase, steps: list[Step], *, down: bool = False) -> list[Change]:
        return [Change(s.status, s.at, *self._mover(s.status, case, down=down), s.reason_code) for s in steps]

    def _mover(self, status: str, case: ReferralCase, *, down: bool) -> tuple[int, str, int]:
        """Who moved the case to a status, and where."""
        county, township = self.context.around.county.id, self.context.around.township.id
        if status in BY_SENDER and not down:
            return *self.context.clinician(case.visit), self.context.facility_id(case.visit)
        if (down and status not in BY_SENDER) or status == "RECEIVED_BACK" or (status == "CLOSED" and case.down):
            member, place = self._township_doctor(case), township
        elif down or status in BY_WARD:
            member, place = self._specialist(case), county
        else:
            member, place = self._desk(case), county
        return member.id, member.name, place


def _moments(steps: list[Step]) -> dict[str, int]:
    return {s.status: s.at for s in steps}


def _due(steps: list[Step], emergency: bool) -> str | None:
    after = DUE_AFTER.get(steps[-1].status)
    return local(steps[-1].at + after[not emergency]) if after else None


def _closed(steps: list[Step]) -> str | None:
    return local(steps[-1].at) if steps[-1].status in FINAL else None


def _by(at: int, who: int, name: str) -> tuple[Any, Any, str]:
    return (local(at), who, name) if at else (None, None, "")


def _hyphens(key: str) -> str:
    return f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"
