"""What grew out of visits: referrals up and down, ECG readings, follow-up tasks. Chains of dated steps, cut at the end.

A chain is what happened step by step; what lies after the last day has not happened yet, so the newest cases stand in
every state in which real ones would.
"""

from dataclasses import dataclass, field

import numpy as np

from synth.county import Catchment, Plan
from synth.health import Health, condition_slugs
from synth.people import EPOCH
from synth.rows import rng_for
from synth.tables import Array
from synth.tables import table as data_table
from synth.visits import TOWNSHIP, Visits, reasons

MINUTE, HOUR, DAY = 60, 3600, 86_400
EMERGENCIES = {"I20.000": "suspected-acs", "I63.900": "danger-to-life"}
ORDINARY_REASONS = ("beyond-capability", "diagnosis-unclear", "needs-admission", "needs-admission")
#: Long-term conditions that are followed up by plan.
FOLLOWED = ("hypertension", "diabetes", "coronary-disease", "stroke", "copd")
FOLLOWUP_DAYS = 90
#: In small counties the newest days hold more referrals, so that every work list has something on it.
RECENT_DAYS, RECENT_BOOST, BOOST_BELOW = 12, 6, 20_000


@dataclass(slots=True)
class Step:
    """A status reached at a moment (local seconds)."""

    status: str
    at: int
    reason_code: str = ""


@dataclass(slots=True)
class ReferralCase:
    """A referral up from a visit; `down` the steps of the referral back, where there was one."""

    visit: int  # position among the catchment's visits
    emergency: bool
    reason_code: str
    steps: list[Step]
    down: list[Step] = field(default_factory=list)


@dataclass(slots=True)
class Reading:
    """An ECG request with its report."""

    visit: int
    urgent: bool
    claimed_at: int
    reported_at: int
    conclusion: int
    reader: int
    rate: int  # beats a minute


@dataclass(slots=True)
class Task:
    """A follow-up task of a person, arisen from a visit (or from a referral: `referral`)."""

    person: int
    visit: int
    due_day: int
    created_at: int
    done_at: int = 0
    referral: bool = False


@dataclass(slots=True)
class Care:
    """Everything that grew out of the visits of a catchment."""

    referrals: list[ReferralCase]
    readings: list[Reading]
    tasks: list[Task]

    def first_of(self, cases: "list[ReferralCase] | list[Reading]", visits: Visits, n: int) -> Array:
        """For each resident the moment of the first of `cases`, 0 for none."""
        first = np.zeros(n, dtype=np.int64)
        for case in cases:
            person, at = int(visits.person[case.visit]), int(visits.at[case.visit]) + 10 * MINUTE
            first[person] = min(first[person], at) if first[person] else at
        return first


def draw_care(plan: Plan, catchment: Catchment, health: Health, visits: Visits) -> Care:
    """Generate referrals, ECG readings and follow-up tasks of a catchment."""
    rng = rng_for(plan.seed, "care", catchment.index)
    end = (plan.until.toordinal() - EPOCH) * DAY
    boost = RECENT_BOOST if plan.n_residents < BOOST_BELOW else 1
    referrals = _referrals(rng, visits, health, end, boost)
    readings = _readings(rng, visits)
    tasks = _tasks(rng, health, visits, end)
    tasks += [task for case in referrals if (task := _after(case, visits, rng))]
    return Care(referrals, readings, tasks)


def _referrals(rng: np.random.Generator, visits: Visits, health: Health, end: int, boost: int) -> list[ReferralCase]:
    """At most one referral per resident: its way is never open twice."""
    table = reasons()
    low = visits.level <= TOWNSHIP
    stays = (health.until[visits.person] * DAY > visits.at + 40 * DAY) | ~(health.deceased | health.moved)[
        visits.person
    ]
    chance = table.refer[visits.reason] * np.where(visits.at > end - RECENT_DAYS * DAY, boost, 1)
    chosen = np.flatnonzero(low & stays & ~visits.elsewhere & (rng.random(len(low)) < chance))
    # The last of each resident; visits stand in order of time.
    _, last = np.unique(visits.person[chosen][::-1], return_index=True)
    cases = []
    for i in chosen[::-1][last].tolist():
        code = table.rows[int(visits.reason[i])]["code"]
        emergency = code in EMERGENCIES or (code == "R07.400" and rng.random() < 0.4)
        reason = EMERGENCIES.get(code, "suspected-acs" if emergency else ORDINARY_REASONS[int(rng.integers(0, 4))])
        steps, down = _way(rng, int(visits.at[i]), emergency)
        steps = [s for s in steps if s.at < end]
        cases.append(ReferralCase(i, emergency, reason, steps, [s for s in down if s.at < end]))
    return cases


def _way(rng: np.random.Generator, at: int, emergency: bool) -> tuple[list[Step], list[Step]]:
    """One way through the states, as far as it would go."""
    draw = rng.random(6)
    now = at + int(10 * MINUTE)
    steps = [Step("DRAFT", at + 6 * MINUTE), Step("SUBMITTED", now)]

    def then(status: str, after: float, reason: str = "") -> None:
        nonlocal now
        now += int(after)
        if after >= DAY:  # what takes days happens in working hours
            now = now // DAY * DAY + 8 * HOUR + 1800 + now % (8 * HOUR)
        steps.append(Step(status, now, reason))

    if draw[0] < 0.02 and not emergency:
        then("WITHDRAWN", (1 + draw[1]) * HOUR, "improved")
        return steps, []
    if draw[0] < 0.05 and not emergency:
        then("REJECTED", (1 + 5 * draw[1]) * HOUR, "no-bed")
        return steps, []
    then("ACCEPTED", (2 + 7 * draw[1]) * MINUTE if emergency else (0.4 + 3 * draw[1]) * HOUR)
    if draw[2] < 0.04 and not emergency:
        then("NO_SHOW", 7 * DAY, "hold-ended")
        return steps, []
    then("ARRIVED", (0.7 + draw[1]) * HOUR if emergency else DAY * (1 + int(3 * draw[1])))
    if draw[3] < 0.35 and not emergency:
        then("CLOSED", (2 + 3 * draw[4]) * HOUR, "outpatient-done")
        return steps, []
    then("IN_CARE", (0.3 + draw[4]) * HOUR)
    then("DISCHARGED", (4 + 8 * draw[5]) * DAY)
    if draw[3] > 0.75:
        then("CLOSED", 2 * HOUR, "returned-home")
        return steps, []
    then("RETURNED", 2 * HOUR)
    sent = now
    then("RECEIVED_BACK", DAY)
    steps.append(Step("CLOSED", now, "received-back"))
    down = [Step("DRAFT", sent - 15 * MINUTE), Step("SUBMITTED", sent), Step("RECEIVED_BACK", now)]
    return steps, [*down, Step("CLOSED", now + 14 * DAY, "followed-up")]


def _readings(rng: np.random.Generator, visits: Visits) -> list[Reading]:
    table = reasons()
    n = len(visits.person)
    chosen = np.flatnonzero((visits.level <= TOWNSHIP) & ~visits.elsewhere & (rng.random(n) < table.ecg[visits.reason]))
    draws = rng.random((len(chosen), 6))
    conclusions = data_table("ecg")["conclusions"]
    running = np.cumsum([c["share"] for c in conclusions])
    readings = []
    for i, draw in zip(chosen.tolist(), draws.tolist(), strict=True):
        urgent = draw[0] < 0.15
        claimed = int(visits.at[i]) + 10 * MINUTE + int((1 + (4 if urgent else 14) * draw[1]) * MINUTE)
        reported = claimed + int((1.5 + 8 * draw[2]) * MINUTE)
        conclusion = int(np.searchsorted(running, draw[3] * running[-1], side="right"))
        low, high = conclusions[conclusion]["rate"]
        rate = low + int(draw[5] * (high - low + 1))
        readings.append(Reading(i, urgent, claimed, reported, conclusion, int(draw[4] * 997), rate))
    return readings


def _tasks(rng: np.random.Generator, health: Health, visits: Visits, end: int) -> list[Task]:
    """People with followed conditions: the last follow-up done, the next one due around the end of the history."""
    columns = [condition_slugs().index(slug) for slug in FOLLOWED]
    followed = health.conditions[:, columns].any(axis=1) & ~health.deceased & ~health.moved
    last_visit = np.full(len(followed), -1)
    last_visit[visits.person] = np.arange(len(visits.person))  # visits stand in order: the last one wins
    draws = rng.random((len(followed), 3))
    tasks = []
    for person in np.flatnonzero(followed & (last_visit >= 0)).tolist():
        last = int(last_visit[person])
        due = end // DAY + int(-12 + 85 * draws[person, 0])
        tasks.append(Task(person, last, due, int(visits.at[last]) + 20 * MINUTE))
        if last > 0 and visits.person[last - 1] == person and draws[person, 1] < 0.8:
            earlier = last - 1
            created = int(visits.at[earlier]) + 20 * MINUTE
            planned = int(visits.at[earlier]) // DAY + FOLLOWUP_DAYS // 3
            done = (planned + int(6 * draws[person, 2]) - 3) * DAY + 10 * HOUR
            if created < done < end:
                tasks.append(Task(person, earlier, planned, created, done))
    return tasks


def _after(case: ReferralCase, visits: Visits, rng: np.random.Generator) -> Task | None:
    """The follow-up by the village doctor after a resident came back."""
    back = next((s.at for s in case.down if s.status == "RECEIVED_BACK"), 0)
    if not back:
        return None
    due = back // DAY + 14
    closed = next((s.at for s in case.down if s.status == "CLOSED"), 0)
    done = closed - int(rng.integers(1, 30)) * MINUTE if closed else 0
    return Task(int(visits.person[case.visit]), case.visit, due, back, done, referral=True)
