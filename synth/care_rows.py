"""Rows of referrals, ECG requests and follow-up tasks of one catchment."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from synth.care import DAY, HOUR, MINUTE, Care, Reading, ReferralCase, Step, Task
from synth.county import Catchment, Plan
from synth.network_rows import departments, table
from synth.people import EPOCH, People
from synth.resident_rows import Neighbourhood
from synth.rows import Block, people_numbers, rng_for, uuids
from synth.staff import Member, Staff
from synth.tables import table as data_table
from synth.visit_rows import VisitKeys
from synth.visits import Visits, reasons

#: Status records of one case at most; ids leave room for them.
STEPS_PER_CASE = 16
NOBODYS_TURN = frozenset({"RETURNED", "CLOSED", "REJECTED", "WITHDRAWN", "NO_SHOW"})
#: How long after a status something is due: (emergency, ordinary), a plain reading of the deadlines in definitions.
DUE_AFTER = {
    "DRAFT": (DAY, DAY), "SUBMITTED": (10 * MINUTE, DAY), "ACCEPTED": (DAY, 7 * DAY), "ARRIVED": (DAY, DAY),
    "IN_CARE": (14 * DAY, 14 * DAY), "DISCHARGED": (DAY, 2 * DAY), "RECEIVED_BACK": (14 * DAY, 14 * DAY),
}  # fmt: skip
STATUS_COLUMNS = "id subject_id was became changed_at changed_by changed_by_name place reason_code reason"
DEPARTMENT_OF = {
    "I": "NEIKE",
    "E": "NEIFENMI",
    "J": "HUXI",
    "K": "XIAOHUA",
    "M": "GUKE",
    "S": "GUKE",
    "T": "PUWAI",
    "N": "SHENBING",
}


def local(seconds: int) -> str | None:
    """A moment from local seconds, as COPY text; None for 0."""
    return f"{np.datetime64(seconds, 's')}+08" if seconds else None


class CareRows:
    """Turns the care of one catchment into rows."""

    def __init__(
        self, plan: Plan, catchment: Catchment, people: People, visits: Visits, keys: VisitKeys, staff: Staff,
        around: Neighbourhood, care: Care,
    ) -> None:  # fmt: skip
        self.plan, self.catchment, self.people, self.visits = plan, catchment, people, visits
        self.keys, self.staff, self.around, self.care = keys, staff, around, care
        desk, readers = staff.with_role("referral-desk"), staff.with_role("reading-doctor")
        self.desk: list[Member] = desk
        self.readers: list[Member] = readers
        self.specialists = staff.treating[around.county.id]
        self.departments = {code: i for i, unit, code, _, _ in departments(plan) if unit.id == around.county.id}

    def blocks(self) -> Iterator[Block]:
        """All rows, in the order their references ask for."""
        yield from self._referrals(self.care.referrals)
        yield from self._readings(self.care.readings)
        yield from self._tasks(self.care.tasks)

    def _keys_for(self, stream: str, seconds: list[int]) -> list[str]:
        return uuids(np.array(seconds, dtype=np.int64), rng_for(self.plan.seed, stream, self.catchment.index))

    def _numbers(self, prefix: str, seconds: list[int], values: list[int]) -> list[str]:
        start = 2 * self.plan.n_residents + 1
        return people_numbers(prefix, np.array(seconds, dtype=np.int64), start + np.array(values, dtype=np.int64))

    def _row(self, visit: int) -> tuple[int, int, int, str]:
        """Of a visit: its id, the resident's id, the clinician."""
        person = self.catchment.first + 1 + int(self.visits.person[visit])
        return int(self.keys.ids[visit]), person, int(self.keys.clinician[visit]), self.keys.clinician_name[visit]

    # Referrals -------------------------------------------------------------------------------------------------------
    def _referrals(self, cases: list[ReferralCase]) -> Iterator[Block]:
        cases = [c for c in cases if c.steps]
        first = [c.steps[0].at for c in cases]
        ids = [int(self.keys.ids[c.visit]) * 2 - 1 for c in cases]
        keys, consents = self._keys_for("referral-uuids", first), self._keys_for("consent-uuids", first)
        numbers = self._numbers("R", first, ids)
        yield table(
            "residents_consent",
            "id uuid resident_id kind agreed explained_by explained_by_name explained signer_name signer_relation signature_id "
            "object_uuid given_at withdrawn_at withdrawn_by",
            [self._consent(c, i, k, o) for c, i, k, o in zip(cases, ids, consents, keys, strict=True)],
        )
        ups = [self._up(*each) for each in zip(cases, ids, keys, numbers, strict=True)]
        downs = [(c, i + 1, i) for c, i in zip(cases, ids, strict=True) if c.down]
        down_first = [c.down[0].at for c, _, _ in downs]
        down_keys = self._keys_for("down-uuids", down_first)
        down_numbers = self._numbers("R", down_first, [i for _, i, _ in downs])
        ups += [self._down(*d, k, n) for d, k, n in zip(downs, down_keys, down_numbers, strict=True)]
        self._referral_uuid = {c.visit: k for (c, _, _), k in zip(downs, down_keys, strict=True)}
        yield table("referrals_referral", REFERRAL_COLUMNS, ups)
        changes = [r for c, i in zip(cases, ids, strict=True) for r in self._changes(i, c.steps, c)]
        changes += [r for c, i, _ in downs for r in self._changes(i, c.down, c, down=True)]
        yield table("referrals_referralstatuschange", STATUS_COLUMNS, changes)

    def _consent(self, case: ReferralCase, referral: int, key: str, referral_key: str) -> tuple[Any, ...]:
        _, resident, doctor, name = self._row(case.visit)
        signer, relation = self._signer(int(self.visits.person[case.visit]))
        return (
            referral, key, resident, "referral", True, doctor, name, "已说明转诊原因、风险和目的机构。", signer, relation, None,
            referral_key, local(case.steps[0].at + 2 * MINUTE), None, None,
        )  # fmt: skip

    def _signer(self, person: int) -> tuple[str, str]:
        who = self.people.persons[person]
        parent = who.mother if who.mother >= 0 else who.father
        if who.age < 18 and parent >= 0:
            return self.people.persons[parent].name, "母亲" if parent == who.mother else "父亲"
        return who.name, "本人"

    def _moments(self, steps: list[Step]) -> dict[str, int]:
        return {s.status: s.at for s in steps}

    def _due(self, steps: list[Step], *, emergency: bool) -> str | None:
        status = steps[-1].status
        return None if status in NOBODYS_TURN else local(steps[-1].at + DUE_AFTER[status][0 if emergency else 1])

    def _up(self, case: ReferralCase, referral: int, key: str, number: str) -> tuple[Any, ...]:
        visit, resident, doctor, name = self._row(case.visit)
        at = self._moments(case.steps)
        reason = reasons().rows[int(self.visits.reason[case.visit])]
        complaint = reason["complaints"][int(self.visits.complaint[case.visit]) % len(reason["complaints"])]
        desk = self._desk(case)
        answered = at.get("ACCEPTED") or at.get("REJECTED") or 0
        held = at.get("ACCEPTED", 0)
        department = self.departments[
            DEPARTMENT_OF.get(reason["code"][0], "JIZHEN") if not case.emergency else "JIZHEN"
        ]
        return (
            referral, key, number, resident, visit, None, "UP", "emergency" if case.emergency else "ordinary",
            int(self.keys.facility[case.visit]), self.around.county.id, department, case.steps[-1].status, local(case.steps[-1].at),
            self._due(case.steps, emergency=case.emergency), case.reason_code, "", [], reason["name"], reason["code"], complaint,
            "", "", "", "", None, False, [{"kind": "visit", "uuid": _hyphens(self.keys.uuids[case.visit])}], referral, "",
            local(at["DRAFT"]), *self._by(at.get("SUBMITTED", 0), doctor, name), *self._by(answered, desk.id, desk.name),
            "BED" if held else "", f"{1 + referral % 40}床" if held else "",
            local(held + DUE_AFTER["ACCEPTED"][0 if case.emergency else 1]) if held else None, local(at.get("ARRIVED", 0)),
            local(at.get("IN_CARE", 0)), local(at.get("DISCHARGED", 0)), reason["name"] if "DISCHARGED" in at else "",
            local(case.steps[-1].at) if case.steps[-1].status in FINAL else None,
        )  # fmt: skip

    def _down(self, case: ReferralCase, referral: int, origin: int, key: str, number: str) -> tuple[Any, ...]:
        visit, resident, _, _ = self._row(case.visit)
        at = self._moments(case.down)
        reason = reasons().rows[int(self.visits.reason[case.visit])]
        specialist, doctor = self._specialist(case), self._township_doctor(case)
        return (
            referral, key, number, resident, visit, origin, "DOWN", "down", self.around.county.id, self.around.township.id,
            None, case.down[-1].status, local(case.down[-1].at), self._due(case.down, emergency=False), "rehabilitation", "", [],
            reason["name"], reason["code"], "病情稳定，转回基层康复。", "", "住院期间已规范治疗。",
            "按时服药，每2周复查；如症状反复及时上转。", "主要检查结果见出院记录。", 14, True, [], None, "下转，住院期间已签署",
            local(at["DRAFT"]), *self._by(at.get("SUBMITTED", 0), specialist.id, specialist.name),
            *self._by(at.get("RECEIVED_BACK", 0), doctor.id, doctor.name), "", "", None, None, None, None, "",
            local(case.down[-1].at) if case.down[-1].status in FINAL else None,
        )  # fmt: skip

    def _by(self, at: int, who: int, name: str) -> tuple[Any, Any, str]:
        return (local(at), who, name) if at else (None, None, "")

    def _desk(self, case: ReferralCase) -> Member:
        return self.desk[case.visit % len(self.desk)]

    def _specialist(self, case: ReferralCase) -> Member:
        return self.specialists[case.visit % len(self.specialists)]

    def _township_doctor(self, case: ReferralCase) -> Member:
        doctors = self.staff.treating[self.around.township.id]
        return doctors[case.visit % len(doctors)]

    def _changes(
        self, referral: int, steps: list[Step], case: ReferralCase, *, down: bool = False
    ) -> Iterator[tuple[Any, ...]]:
        was = ""
        for k, step in enumerate(steps):
            who, name, place = self._mover(step.status, case, down=down)
            yield (
                referral * STEPS_PER_CASE + k,
                referral,
                was,
                step.status,
                local(step.at),
                who,
                name,
                place,
                step.reason_code,
                "",
            )
            was = step.status

    def _mover(self, status: str, case: ReferralCase, *, down: bool) -> tuple[int, str, int]:
        county, township = self.around.county.id, self.around.township.id
        if down:
            sending = status in {"DRAFT", "SUBMITTED"}
            member = self._specialist(case) if sending else self._township_doctor(case)
            return member.id, member.name, county if sending else township
        if status in {"DRAFT", "SUBMITTED", "WITHDRAWN"}:
            _, _, doctor, name = self._row(case.visit)
            return doctor, name, int(self.keys.facility[case.visit])
        if status == "RECEIVED_BACK" or (status == "CLOSED" and case.down):
            member = self._township_doctor(case)
            return member.id, member.name, township
        member = self._specialist(case) if status in {"IN_CARE", "DISCHARGED", "RETURNED"} else self._desk(case)
        return member.id, member.name, county

    # ECG -------------------------------------------------------------------------------------------------------------
    def _readings(self, readings: list[Reading]) -> Iterator[Block]:
        asked = [int(self.visits.at[r.visit]) + 8 * MINUTE for r in readings]
        ids = [int(self.keys.ids[r.visit]) for r in readings]
        keys, reports = self._keys_for("request-uuids", asked), self._keys_for("report-uuids", asked)
        numbers = self._numbers("E", asked, ids)
        all_of = list(zip(readings, ids, asked, strict=True))
        yield table(
            "diagnostics_request",
            REQUEST_COLUMNS,
            [self._request(*a, k, n) for a, k, n in zip(all_of, keys, numbers, strict=True)],
        )
        yield table(
            "diagnostics_report",
            REPORT_COLUMNS,
            [self._report(r, i, k) for (r, i, _), k in zip(all_of, reports, strict=True)],
        )
        yield table(
            "diagnostics_requeststatuschange", STATUS_COLUMNS, [c for a in all_of for c in self._request_changes(*a)]
        )
        critical = [(r, i) for r, i, _ in all_of if data_table("ecg")["conclusions"][r.conclusion].get("critical")]
        yield from self._criticals(critical)

    def _reader(self, reading: Reading) -> Member:
        return self.readers[reading.reader % len(self.readers)]

    def _request(self, reading: Reading, key: int, at: int, uuid: str, number: str) -> tuple[Any, ...]:
        _, resident, doctor, name = self._row(reading.visit)
        reader = self._reader(reading)
        return (
            key, uuid, number, "ECG", resident, key, int(self.keys.facility[reading.visit]), 1,
            "URGENT" if reading.urgent else "ROUTINE", 1 if reading.urgent else 2, "请阅图并出具心电图诊断。",
            self._clinical(reading.visit), "FINAL", local(reading.reported_at), local(at), doctor, name,
            local(at + (10 if reading.urgent else 30) * MINUTE), local(reading.claimed_at), reader.id, reader.name,
            local(reading.reported_at), None,
        )  # fmt: skip

    def _report(self, reading: Reading, key: int, uuid: str) -> tuple[Any, ...]:
        conclusion = data_table("ecg")["conclusions"][reading.conclusion]
        reader = self._reader(reading)
        return (
            key, uuid, key, 1, "FINAL", f"心率{reading.rate}次/分。", conclusion["text"],
            [{"code": conclusion["code"], "title": conclusion["title"]}], reading.conclusion > 0, "", reader.id, reader.name,
            local(reading.reported_at),
        )  # fmt: skip

    def _request_changes(self, reading: Reading, key: int, at: int) -> Iterator[tuple[Any, ...]]:
        _, _, doctor, name = self._row(reading.visit)
        reader, centre = self._reader(reading), self.around.ecg_centre.id
        for k, (was, became, then, who, whose, where) in enumerate((
            ("", "REQUESTED", at, doctor, name, int(self.keys.facility[reading.visit])),
            ("REQUESTED", "CLAIMED", reading.claimed_at, reader.id, reader.name, centre),
            ("CLAIMED", "FINAL", reading.reported_at, reader.id, reader.name, centre),
        )):  # fmt: skip
            yield key * STEPS_PER_CASE + k, key, was, became, local(then), who, whose, where, "", ""

    def _criticals(self, readings: list[tuple[Reading, int]]) -> Iterator[Block]:
        """Critical values: confirmed within minutes, handled, closed."""
        uuids_ = self._keys_for("critical-uuids", [r.reported_at for r, _ in readings])
        rows, changes = [], []
        for (r, key), uuid in zip(readings, uuids_, strict=True):
            conclusion = data_table("ecg")["conclusions"][r.conclusion]
            reader, centre = self._reader(r), self.around.ecg_centre.id
            _, _, doctor, name = self._row(r.visit)
            place = int(self.keys.facility[r.visit])
            told = r.reported_at
            confirmed, handled = told + (60 + r.reader % 420), told + 15 * MINUTE
            rows.append((
                key, uuid, key, key, conclusion["critical"], conclusion["critical_text"], CRITICAL_LIST, "CLOSED", local(handled + HOUR),
                local(told), reader.id, reader.name, local(told + 10 * MINUTE), 0, local(confirmed), doctor, name, conclusion["text"],
                local(handled), doctor, "已卧床、吸氧，联系上级医院急诊转诊。",
            ))  # fmt: skip
            for k, (was, became, at, who, whose, where) in enumerate((
                ("", "NOTIFIED", told, reader.id, reader.name, centre),
                ("NOTIFIED", "CONFIRMED", confirmed, doctor, name, place),
                ("CONFIRMED", "HANDLED", handled, doctor, name, place),
                ("HANDLED", "CLOSED", handled + HOUR, reader.id, reader.name, centre),
            )):  # fmt: skip
                changes.append((key * STEPS_PER_CASE + k, key, was, became, local(at), who, whose, where, "", ""))
        yield table("diagnostics_criticalvalue", CRITICAL_COLUMNS, rows)
        yield table("diagnostics_criticalvaluestatuschange", STATUS_COLUMNS, changes)

    def _clinical(self, visit: int) -> str:
        reason = reasons().rows[int(self.visits.reason[visit])]
        complaint = reason["complaints"][int(self.visits.complaint[visit]) % len(reason["complaints"])]
        pressure = (
            f"，血压{self.visits.systolic[visit]}/{self.visits.diastolic[visit]}mmHg"
            if self.visits.systolic[visit] > 0
            else ""
        )
        return f"{complaint}{pressure}"

    # Follow-up -------------------------------------------------------------------------------------------------------
    def _tasks(self, tasks: list[Task]) -> Iterator[Block]:
        tasks = [t for t in tasks if not t.referral or t.visit in self._referral_uuid]
        keys = self._keys_for("task-uuids", [t.created_at for t in tasks])
        doctors = self.staff.treating[self.catchment.clinic.id]
        rows, changes = [], []
        for t, key in zip(tasks, keys, strict=True):
            task = int(self.keys.ids[t.visit]) * 2 - (0 if t.referral else 1)
            resident = self.catchment.first + 1 + t.person
            doctor = doctors[t.person % len(doctors)]
            origin = self._referral_uuid[t.visit] if t.referral else self.keys.uuids[t.visit]
            done = self._by(t.done_at, doctor.id, doctor.name)
            status = "DONE" if t.done_at else "PLANNED"
            rows.append((
                task, key, resident, self.catchment.clinic.id, "AFTER_REFERRAL" if t.referral else "PLANNED",
                "referral" if t.referral else "visit", origin, np.datetime64(t.due_day, "D"),
                "下转后2周内面访：测血压，问症状和服药。" if t.referral else "慢性病随访：测血压、血糖，问症状和服药。", 2 if t.referral else 1,
                status, local(t.done_at or t.created_at), local(t.created_at), *done, self._outcome(t), "病情稳定。" if t.done_at else "", None,
            ))  # fmt: skip
            changes.append(
                (task * 4, task, "", "PLANNED", local(t.created_at), None, "合成数据", self.catchment.clinic.id, "", "")
            )
            if t.done_at:
                changes.append(
                    (
                        task * 4 + 1,
                        task,
                        "PLANNED",
                        "DONE",
                        local(t.done_at),
                        doctor.id,
                        doctor.name,
                        self.catchment.clinic.id,
                        "",
                        "",
                    )
                )
        yield table("followups_followuptask", TASK_COLUMNS, rows)
        yield table("followups_followupstatuschange", STATUS_COLUMNS, changes)

    def _outcome(self, task: Task) -> dict[str, Any]:
        """What a follow-up found, in the form of `xinglin.followups`."""
        if not task.done_at:
            return {}
        systolic, diastolic = int(self.visits.systolic[task.visit]), int(self.visits.diastolic[task.visit])
        measured = systolic > 0
        return {
            "channel": ("CLINIC", "HOME", "PHONE")[task.person % 3], "systolic": systolic if measured else None,
            "diastolic": diastolic if measured else None, "pulse": None, "glucose": None, "symptoms": [],
            "adherence": "REGULAR" if task.person % 7 else "SOMETIMES", "advice": "继续规律服药，定期复查。",
        }  # fmt: skip


def centre_block(plan: Plan) -> Block:
    """The ECG centre that reads for the county."""
    unit = next(u for u in plan.units if u.code.endswith("-ECG"))
    seconds = np.array([(plan.until.toordinal() - EPOCH) * DAY - 900 * DAY + 8 * HOUR])
    (key,) = uuids(seconds, rng_for(plan.seed, "centre"))
    return table(
        "diagnostics_centre",
        "id uuid code name kind facility_id serves_everyone minutes_routine minutes_urgent minutes_critical minutes_claim is_active",
        [(1, key, "ECG", unit.name, "ECG", unit.id, True, 30, 10, 10, 30, True)],
    )


def _hyphens(key: str) -> str:
    return f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"


FINAL = frozenset({"CLOSED", "REJECTED", "WITHDRAWN", "NO_SHOW"})
REFERRAL_COLUMNS = (
    "id uuid number resident_id visit_id origin_id direction channel from_facility_id to_facility_id to_department_id status "
    "status_changed_at due_at reason_code reason criteria impression impression_code summary past_history treatment plan results "
    "followup_days contact_phone_given attachments consent_id consent_waived drafted_at sent_at sent_by sent_by_name answered_at "
    "answered_by answered_by_name hold_kind hold_text hold_until arrived_at admitted_at discharged_at discharge_diagnosis closed_at"
)
REQUEST_COLUMNS = (
    "id uuid number kind resident_id visit_id from_facility_id centre_id priority priority_rank question clinical status "
    "status_changed_at requested_at requested_by requested_by_name due_at claimed_at claimed_by claimed_by_name reported_at repeats_id"
)
REPORT_COLUMNS = "id uuid request_id version stage findings conclusion codes is_abnormal amend_reason author_id author_name signed_at"
#: The version of the list of critical values that was in force (slug and day, as `xinglin.platform.definitions` writes it).
CRITICAL_LIST = "ecg-critical-values@2026-01-01"
CRITICAL_COLUMNS = (
    "id uuid request_id report_id code text list_version status status_changed_at notified_at notified_by notified_by_name due_at "
    "escalation confirmed_at confirmed_by confirmed_by_name read_back handled_at handled_by handling"
)
TASK_COLUMNS = (
    "id uuid resident_id facility_id kind origin_kind origin_uuid due_on plan risk status status_changed_at created_at done_at "
    "done_by done_by_name outcome note visit_id"
)
