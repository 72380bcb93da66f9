"""Rows of disease programmes: who of a catchment is managed, how a year of visits went, and who is due. Grades, control, findings and next
days are those of the rules in force, computed as the service computes them.
"""

import random
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from synth.context import STATUS_COLUMNS, Change, Context, local, one_of, status_rows
from synth.health import Health, condition_slugs, recorded_conditions
from synth.network_rows import table
from synth.people import EPOCH
from synth.rows import Block, rng_for
from xinglin.programmes import answering
from xinglin.programmes.actions.agenda import grade_rank
from xinglin.programmes.actions.alerting import FOLLOW_WITHIN_DAYS, ORIGIN
from xinglin.programmes.data import LEVELS, AlertLevel
from xinglin.programmes.models import Enrolment, ProgrammeVisit, VisitResult
from xinglin.programmes.records import Record, facts_of
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.assessing import Outcome, Past
from xinglin.programmes.rules.shapes import Programme

#: Rongcheng manages 130,000 of a million residents for long-term diseases.
MANAGED_SHARE = 0.13
#: The condition a resident has, and the programme he is managed in for it.
MANAGED_FOR = {
    "hypertension": "hypertension", "diabetes": "diabetes", "coronary-disease": "coronary", "stroke": "stroke", "copd": "copd",
    "dyslipidaemia": "dyslipidaemia", "severe-mental-disorder": "mental-disorder",
}  # fmt: skip
YOUNGEST = 35
#: Ids leave room: programmes of a resident, visits of a resident, results of a visit.
PER_RESIDENT, VISITS_EACH, RESULTS_EACH = 8, 64, 8
#: Ids of follow-up tasks of findings begin above all others.
FIRST_TASK = 10**12
COUNTY_TIME = ZoneInfo("Asia/Shanghai")
DAY = 86_400

ENROLMENT = (
    "id uuid resident_id facility_id programme version status status_changed_at found_by evidence basis grade is_controlled "
    "on_target severity n_uncontrolled created_at enrolled_on last_visit_on yearly_on next_due_on ended_on end_reason"
)
LINE = (
    "id uuid resident_id facility_id programmes is_lost severity next_due_on grade_rank last_visit_on n_attempts "
    "try_again_on urgent_reading_at"
)
VISIT = (
    "id uuid client_id fingerprint resident_id facility_id kind channel happened_at recorded_at clinician_id clinician_name "
    "answers advice note alert_answer alert_note visit_id replaces_id amend_reason"
)
RESULT = "id visit_id enrolment_id version grade is_controlled on_target is_complete missing severity advice next_due_on findings"
ALERT = (
    "id uuid visit_id enrolment_id code level version values old_text channel criterion raised_at follow_by answered_at answer "
    "referral_uuid"
)
TASK = (
    "id uuid resident_id facility_id kind origin_kind origin_uuid due_on plan risk status status_changed_at created_at "
    "done_at done_by done_by_name outcome note visit_id"
)


@lru_cache(maxsize=64)
def _definition(slug: str, day: date) -> Programme:
    return catalogue.programme(slug, on=day)


@lru_cache(maxsize=256)
def _asked(versions: tuple[str, ...], kind: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for version in versions:
        programme = catalogue.programme(version.split("@")[0], version)
        for each in (kind, "routine"):
            found |= dict.fromkeys(programme.codes(each))
    return tuple(found)


class ProgrammeRows:
    """The managed residents of one catchment. `diagnosed`: the days on which codes were first written down, by resident."""

    def __init__(self, context: Context, health: Health, diagnoses: Block) -> None:
        self.context, self.health = context, health
        self.catchment, self.clinic = context.catchment, context.catchment.clinic.id
        self.dice = random.Random(f"{context.plan.seed} programmes {context.catchment.index}")
        self.last = context.end // DAY - 1
        self.people = self._chosen()
        self.diagnosed = self._diagnosed(diagnoses)
        self.rows: dict[str, list[tuple[Any, ...]]] = {
            name: [] for name in ("enrolment", "step", "line", "visit", "result", "alert", "task", "task_step")
        }

    def blocks(self) -> Iterator[Block]:
        """Enrolments with their trail, the day list, visits with results, findings that are open, and their tasks."""
        for p in self.people:
            self._resident(p)
        rows = self.rows
        yield table("programmes_enrolment", ENROLMENT, rows["enrolment"])
        yield table("programmes_enrolmentstatuschange", STATUS_COLUMNS, rows["step"])
        yield table("programmes_managedresident", LINE, rows["line"])
        yield table("programmes_programmevisit", VISIT, rows["visit"])
        yield table("programmes_visitresult", RESULT, rows["result"])
        yield table("programmes_alert", ALERT, rows["alert"])
        yield table("followups_followuptask", TASK, rows["task"])
        yield table("followups_followupstatuschange", STATUS_COLUMNS, rows["task_step"])

    # Who ----------------------------------------------------------------------------------------------------------------
    def _chosen(self) -> list[int]:
        """So many that the whole county has its share, of those who have a disease that is managed."""
        first, n = self.catchment.first, self.catchment.n_residents
        wanted = round((first + n) * MANAGED_SHARE) - round(first * MANAGED_SHARE)
        columns = [condition_slugs().index(each) for each in MANAGED_FOR]
        here = ~self.health.deceased & ~self.health.moved & (self.health.ages >= YOUNGEST)
        sick = np.flatnonzero(here & self.health.conditions[:, columns].any(axis=1))
        order = rng_for(self.context.plan.seed, "managed", self.catchment.index).permutation(sick)
        return [int(p) for p in sorted(order[:wanted].tolist())]

    def _programmes(self, p: int) -> list[str]:
        held = self.health.conditions[p]
        return sorted(slug for c, slug in MANAGED_FOR.items() if held[condition_slugs().index(c)])

    def _diagnosed(self, diagnoses: Block) -> dict[int, dict[str, date]]:
        """As `xinglin.visits` answers it: of each code the day of the first visit that says so."""
        managed, visits = set(self.people), self.context.visits
        position = {
            int(pk): n for n, pk in enumerate(self.context.keys.ids.tolist()) if int(visits.person[n]) in managed
        }
        columns = dict(zip(diagnoses.columns, diagnoses.values, strict=True))
        found: dict[int, dict[str, date]] = {p: {} for p in self.people}
        for visit, system, code in zip(columns["visit_id"], columns["system"], columns["code"], strict=True):
            n = position.get(int(visit))
            if n is not None and system == "ICD-10":
                codes = found[int(visits.person[n])]
                day = _day(int(visits.at[n]) // DAY)
                codes[code] = min(day, codes.get(code, day))
        return found

    # One resident -------------------------------------------------------------------------------------------------------
    def _resident(self, p: int) -> None:
        pk, slugs = self.catchment.first + 1 + p, self._programmes(p)
        # The doctor of the village leads all visits; nobody has been managed for longer than a year and two months.
        began = self.last - self.dice.randint(30, 420)
        definitions = {slug: _definition(slug, self.context.plan.until) for slug in slugs}
        enrolments = [
            Enrolment(
                id=pk * PER_RESIDENT + k, uuid=self._uuid(began * DAY), resident_id=pk, facility_id=self.clinic,
                programme=slug, version=definitions[slug].version, enrolled_on=_day(began), status="ENROLLED",
            )
            for k, slug in enumerate(slugs)
        ]  # fmt: skip
        person = self.context.people.persons[p]
        resident = SimpleNamespace(
            pk=pk, sex="1" if person.male else "2", born_on=_day(person.born),
            conditions=[slug for k, slug in recorded_conditions().items() if self.health.conditions[p][k]],
        )  # fmt: skip
        record = Record(resident, enrolments, {each.pk: [] for each in enrolments}, self.diagnosed[p])
        outcomes = self._year(p, record, definitions, began)
        for each in enrolments:
            self._enrolment(p, record, each, began)
        self._line(pk, record, enrolments)
        if outcomes:
            self._alerts(p, record, outcomes)

    def _year(
        self, p: int, record: Record, definitions: Mapping[str, Programme], began: int
    ) -> dict[Enrolment, Outcome]:
        """Visits from the day of enrolment on, each about when the one before said; some people stop coming."""
        day, relief, outcomes = began + self.dice.randint(0, 9), 0, {}
        runs = {each: definitions[each.programme] for each in record.enrolments}
        for n in range(VISITS_EACH):
            if day > self.last or self.dice.random() < 0.03:
                break
            visit = self._visit(p, record, n, day, relief)
            outcomes = record.outcomes(runs, record.values(visit), on=_day(day), kind=visit.kind)
            self._keep(p, record, visit, outcomes)
            relief += any(each.controlled is False for each in outcomes.values()) and self.dice.random() < 0.7
            day = _number(min(each.next_due for each in outcomes.values())) + self.dice.choice(
                (-5, -2, 0, 0, 1, 3, 7, 14)
            )
        return outcomes

    def _visit(self, p: int, record: Record, n: int, day: int, relief: int) -> ProgrammeVisit:
        seconds = day * DAY + 8 * 3600 + self.dice.randrange(9 * 3600)
        kind = "yearly" if n == 3 else "routine"
        doctor = one_of(self.context.staff.treating[self.clinic], p)
        return ProgrammeVisit(
            id=record.resident.pk * VISITS_EACH + n, uuid=self._uuid(seconds), client_id=self._uuid(seconds),
            resident_id=record.resident.pk, facility_id=self.clinic, kind=kind,
            channel=self.dice.choice(("CLINIC", "CLINIC", "HOME", "PHONE")), happened_at=_moment(seconds),
            recorded_at=_moment(seconds + 300), clinician_id=doctor.id, clinician_name=doctor.name,
            answers=self._answers(p, tuple(each.version for each in record.enrolments), kind, n, relief),
        )  # fmt: skip

    def _answers(self, p: int, versions: tuple[str, ...], kind: str, n: int, relief: int) -> dict[str, Any]:
        """What the joint form asked and was answered: the body as it usually measures, better with each change of treatment."""
        dice, health = self.dice, self.health
        eased = min(relief, 4)
        upper = round(float(health.systolic[p]) - 5 * eased + dice.gauss(0, 9))
        lower = round(float(health.diastolic[p]) - 3 * eased + dice.gauss(0, 6))
        values: dict[str, Any] = {
            "systolic": str(max(84, upper)), "diastolic": str(max(46, min(lower, upper - 20))),
            "glucose_fasting": _tenths(max(3.0, float(health.glucose[p]) / 10 - 0.5 * eased + dice.gauss(0, 0.5))),
            "heart_rate": str(round(float(health.pulse[p]))), "weight": _tenths(float(health.weight[p]) / 10),
            "height": _tenths(float(health.height[p]) / 10), "danger_signs": ["none"], "side_effect": _seldom(dice, "none", "mild"),
            "new_complication": dice.random() < 0.01, "adherence": _seldom(dice, "regular", "intermittent"),
            "low_glucose_reaction": _seldom(dice, "none", "seldom"), "foot_pulse": _seldom(dice, "felt", "weak"),
            "smoking": "current" if p % 4 == 0 else "never", "drinking": "none" if p % 3 else "light",
            "angina_per_week": str(int(dice.random() < 0.08)), "chest_pain_lasting": False, "heart_failure_signs": ["none"],
            "bleeding": ["none"], "mrs": str(p % 3), "stroke_signs": ["none"], "swallowing": False, "falls": dice.random() < 0.03,
            "copd_danger": ["none"], "flares_since": str(int(dice.random() < 0.06)), "flares_year": str(p % 2),
            "admissions_year": "0", "spo2": str(dice.randint(93, 98)), "inhaler_use": _seldom(dice, "right", "wrong"),
            **{f"cat_{name}": str((p + k) % 3) for k, name in enumerate(_COUGH)}, "danger_level": str(int(dice.random() < 0.03)),
            "psychotic_symptoms": dice.random() < 0.05, "insight": "full", "severe_illness": False, "sleep": "good",
            "social_function": "good", "locked_up": "none", "ascvd_risk": ("low", "middle", "high")[p % 3],
        }  # fmt: skip
        if n % 2 == 0:  # the laboratory of the base, twice a year
            values |= {
                "total_cholesterol": _hundredths(dice.gauss(4.7, 0.8)), "triglycerides": _hundredths(abs(dice.gauss(1.5, 0.5)) + 0.3),
                "ldl": _hundredths(max(0.8, dice.gauss(2.7, 0.7))), "hdl": _hundredths(max(0.6, dice.gauss(1.3, 0.2))),
                "hba1c": _tenths(max(4.5, 3.2 + float(health.glucose[p]) / 22 - 0.2 * eased)),
            }  # fmt: skip
        return {code: values[code] for code in _asked(versions, kind) if code in values}

    # Rows ---------------------------------------------------------------------------------------------------------------
    def _keep(self, p: int, record: Record, visit: ProgrammeVisit, outcomes: Mapping[Enrolment, Outcome]) -> None:
        wants = any(_wants_referral(each) for each in outcomes.values())
        visit.alert_answer = "REFERRED" if wants else ""
        happened, recorded = (local(_seconds(each)) for each in (visit.happened_at, visit.recorded_at))
        self.rows["visit"].append((
            visit.pk, visit.uuid, visit.client_id, "\\x" + visit.client_id.hex * 2, visit.resident_id, visit.facility_id,
            visit.kind, visit.channel, happened, recorded, visit.clinician_id, visit.clinician_name, visit.answers, "", "",
            visit.alert_answer, "已在上级机构就诊。" if wants else "", None, None, "",
        ))  # fmt: skip
        lasting = {code: value for code, value in record.values(visit).items() if code in catalogue.lasting()}
        if lasting:
            on = visit.happened_at.astimezone(COUNTY_TIME).date()
            record.elsewhere.insert(0, (visit.pk, Past(on, lasting, None, "")))
        for k, (enrolment, outcome) in enumerate(outcomes.items()):
            facts = facts_of(outcome)
            result = VisitResult(
                id=visit.pk * RESULTS_EACH + k, visit=visit, enrolment=enrolment, version=enrolment.version, **facts
            )
            record.results[enrolment.pk].append(result)
            enrolment.n_uncontrolled = outcome.in_a_row
            self.rows["result"].append((result.pk, visit.pk, enrolment.pk, enrolment.version, *facts.values()))

    def _enrolment(self, p: int, record: Record, row: Enrolment, began: int) -> None:
        at, results = began * DAY + 9 * 3600, record.results[row.pk]
        doctor = one_of(self.context.staff.treating[self.clinic], p)
        row.next_due_on = row.enrolled_on
        if results:
            latest = results[-1]
            row.grade, row.is_controlled, row.on_target = latest.grade, latest.is_controlled, latest.on_target
            row.severity, row.next_due_on = latest.severity, latest.next_due_on
            row.last_visit_on = latest.visit.happened_at.astimezone(COUNTY_TIME).date()
        yearly = [
            each.visit.happened_at.astimezone(COUNTY_TIME).date() for each in results if each.visit.kind == "yearly"
        ]
        self.rows["enrolment"].append((
            row.pk, row.uuid, row.resident_id, self.clinic, row.programme, row.version, "ENROLLED", local(at), "DIAGNOSIS",
            ["诊断记录"], "既往诊断", row.grade, row.is_controlled, row.on_target, row.severity, row.n_uncontrolled, local(at),
            row.enrolled_on, row.last_visit_on, max(yearly, default=None), row.next_due_on, None, "",
        ))  # fmt: skip
        steps = [
            Change(each, at, doctor.id, doctor.name, self.clinic) for each in ("CANDIDATE", "CONFIRMED", "ENROLLED")
        ]
        self.rows["step"].extend(status_rows(row.pk, steps))

    def _line(self, pk: int, record: Record, rows: list[Enrolment]) -> None:
        seen = [each.last_visit_on for each in rows if each.last_visit_on is not None]
        slugs = "{" + ",".join(sorted(each.programme for each in rows)) + "}"
        self.rows["line"].append((
            pk, self._uuid(self.last * DAY), pk, self.clinic, slugs, False, max(each.severity for each in rows),
            min(each.next_due_on for each in rows if each.next_due_on), max(grade_rank(each) for each in rows),
            max(seen, default=None), 0, None, None,
        ))  # fmt: skip

    def _alerts(self, p: int, record: Record, outcomes: Mapping[Enrolment, Outcome]) -> None:
        """Findings of the latest visit that want a referral are open, each with its task."""
        for enrolment, outcome in outcomes.items():
            visit = record.results[enrolment.pk][-1].visit
            codes: set[str] = set()
            for found in outcome.alerts:
                if LEVELS[found.level] >= AlertLevel.REFER and found.code not in codes:
                    codes.add(found.code)
                    self._alert(enrolment, visit, found, len(self.rows["alert"]))

    def _alert(self, enrolment: Enrolment, visit: ProgrammeVisit, found: Any, n: int) -> None:
        seconds = _seconds(visit.recorded_at)
        on = visit.happened_at.astimezone(COUNTY_TIME).date()
        by = on + timedelta(days=found.follow_within_days or FOLLOW_WITHIN_DAYS)
        pk, key = self.catchment.first * RESULTS_EACH + n + 1, self._uuid(seconds)
        self.rows["alert"].append((
            pk, key, visit.pk, enrolment.pk, found.code, int(LEVELS[found.level]), enrolment.version,
            answering.kept(found.values), "", found.channel, found.criterion, local(seconds), by, None, "", None,
        ))  # fmt: skip
        secret = _definition(enrolment.programme, self.context.plan.until).is_confidential
        self.rows["task"].append((
            FIRST_TASK + pk, self._uuid(seconds), visit.resident_id, self.clinic, "PLANNED", ORIGIN, key, by,
            "重点管理：请打开疾病管理查看" if secret else found.text.zh, 2 if found.level == "emergency" else 1, "PLANNED",
            local(seconds), local(seconds), None, None, "", {}, "", None,
        ))  # fmt: skip
        step = Change("PLANNED", seconds, visit.clinician_id, visit.clinician_name, self.clinic)
        self.rows["task_step"].extend(status_rows(FIRST_TASK + pk, [step]))

    def _uuid(self, seconds: int) -> UUID:
        """An identifier of version 7 of a moment, from this catchment's dice."""
        head = (seconds - 8 * 3600) * 1000 << 80
        return UUID(int=head | 7 << 76 | self.dice.getrandbits(12) << 64 | 2 << 62 | self.dice.getrandbits(62))


_COUGH = ("cough", "phlegm", "chest", "stairs", "home", "outing", "sleep", "energy")


def _wants_referral(outcome: Outcome) -> bool:
    return any(LEVELS[each.level] >= AlertLevel.REFER for each in outcome.alerts)


def _seldom(dice: random.Random, mostly: str, other: str) -> str:
    return mostly if dice.random() < 0.93 else other


def _tenths(value: float) -> str:
    return str(Decimal(value).quantize(Decimal("0.1")))


def _hundredths(value: float) -> str:
    return str(Decimal(value).quantize(Decimal("0.01")))


def _day(number: int) -> date:
    return date.fromordinal(int(number) + EPOCH)


def _number(day: date) -> int:
    return day.toordinal() - EPOCH


def _moment(seconds: int) -> datetime:
    """A moment from local seconds since 1970."""
    return datetime.fromtimestamp(seconds - 8 * 3600, tz=COUNTY_TIME)


def _seconds(at: datetime) -> int:
    return int(at.timestamp()) + 8 * 3600
