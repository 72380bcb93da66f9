"""Rows of the visits of one catchment: visits, diagnoses, prescriptions."""

import csv
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from synth.county import Catchment, Plan
from synth.health import Health
from synth.resident_rows import Neighbourhood
from synth.rows import Block, block, flags, moments, numbers, people_numbers, pick, rng_for, same, tenths, texts, uuids
from synth.staff import Staff
from synth.tables import FOLDER, Array
from synth.visits import VILLAGE, Visits, reasons

DIAGNOSES_PER_VISIT, MEDICINES_PER_VISIT = 3, 2
PRESCRIBED_SHARE = 0.7
SECOND_MEDICINE_SHARE = 0.3
HOME_SHARE = 0.03
#: Advice by what was measured for; long-term conditions and everything else have their own.
ADVICE = {
    "fever": ("注意休息，多饮水，清淡饮食，不适随诊。", "体温超过38.5℃时服退热药，3天不退复诊。"),
    "chronic": ("低盐低脂饮食，规律服药，定期监测，2～4周复诊。", "规律服药，适量运动，戒烟限酒，下月复查。"),
    "belly": ("清淡饮食，少量多餐，注意补液，不适随诊。", "按时服药，腹痛加重及时就诊。"),
    "pregnant": ("按时产检，注意胎动，如有腹痛、出血立即就诊。", "均衡营养，补充叶酸和铁剂，4周后复查。"),
    "growth": ("合理喂养，按时接种疫苗，3个月后复查。", "坚持户外活动，补充维生素D。"),
    "": ("避免劳累和受凉，症状加重及时就诊。", "按时服药，观察3天，如无好转转上级医院进一步检查。"),
}


@lru_cache(maxsize=1)
def _texts() -> tuple[list[list[str]], list[list[tuple[str, ...]]]]:
    """Complaints and medicines of each reason, escaped."""
    rows = reasons().rows
    return [texts(r["complaints"]) for r in rows], [[tuple(texts(m)) for m in r.get("medicines", [])] for r in rows]


@lru_cache(maxsize=1)
def _advice() -> tuple[list[str], Array]:
    """All advice, and for each reason the position of the first of its two."""
    kinds = list(ADVICE)
    of_reason = [
        "chronic" if r.get("condition") and r["vitals"] not in ADVICE else r["vitals"] if r["vitals"] in ADVICE else ""
        for r in reasons().rows
    ]
    return texts(text for two in ADVICE.values() for text in two), np.array(
        [2 * kinds.index(kind) for kind in of_reason]
    )


@lru_cache(maxsize=1)
def tcm_codes() -> dict[str, str]:
    """Codes of the TCM diagnoses in the table a county begins with, by name."""
    path = FOLDER.parent / "diagnoses" / "tcm.csv"
    with path.open(encoding="utf-8") as file:
        return {row["name"]: row["code"] for row in csv.DictReader(file)}


@dataclass(frozen=True)
class VisitKeys:
    """What other rows need of the visits of a catchment: ids, uuids, facility and clinician of each."""

    ids: Array
    uuids: list[str]
    facility: Array
    clinician: Array
    clinician_name: list[str]


def visit_keys(plan: Plan, catchment: Catchment, visits: Visits, around: Neighbourhood, staff: Staff) -> VisitKeys:
    """Number the visits and say who saw whom where."""
    n = len(visits.person)
    units = [u.id for u in around.of_levels()]
    place = np.where(visits.elsewhere, len(units) - 1, visits.level)
    clinician = np.empty(n, dtype=np.int64)
    names: Array = np.empty(n, dtype=object)
    for p, unit in enumerate(units):
        here = np.flatnonzero(place == p)
        doctors = staff.treating[unit]
        who = (visits.draw[here] * 9973).astype(np.int64) % len(doctors)
        clinician[here] = np.array([m.id for m in doctors])[who]
        names[here] = np.array([m.name for m in doctors], dtype=object)[who]
    ids = catchment.first * plan.visits_per_resident + 1 + np.arange(n)
    keys = uuids(visits.at, rng_for(plan.seed, "visit-uuids", catchment.index))
    return VisitKeys(ids, keys, np.array(units)[place], clinician, names.tolist())


def visit_block(plan: Plan, catchment: Catchment, visits: Visits, keys: VisitKeys) -> Block:
    """Signed visits with their vitals."""
    n = len(keys.ids)
    complaints, _ = _texts()
    advice, advice_of = _advice()
    draw = (visits.draw * 1000).astype(np.int64)
    home = (visits.level == VILLAGE) & (draw % 100 < HOME_SHARE * 100)
    # Numbers run on from those of residents and households.
    number = 2 * plan.n_residents + 1 + keys.ids
    return block(
        "visits_visit",
        {
            "id": numbers(keys.ids),
            "uuid": keys.uuids,
            "number": people_numbers("V", visits.at, number),
            "resident_id": numbers(catchment.first + 1 + visits.person),
            "facility_id": numbers(keys.facility),
            "tier": pick(("VILLAGE", "TOWNSHIP", "COUNTY", "COUNTY", "COUNTY"), visits.level),
            "kind": pick(("OUTPATIENT", "HOME"), home.astype(int)),
            "status": same("SIGNED", n),
            "status_changed_at": moments(visits.at + 60 * (6 + draw % 15)),
            "started_at": moments(visits.at),
            "recorded_at": moments(visits.at + 60),
            "clinician_id": numbers(keys.clinician),
            "clinician_name": keys.clinician_name,
            "complaint": [
                complaints[r][c % len(complaints[r])]
                for r, c in zip(visits.reason.tolist(), visits.complaint.tolist(), strict=True)
            ],
            "history": same("", n),
            "examination": same("", n),
            "advice": [advice[k] for k in (advice_of[visits.reason] + draw % 2).tolist()],
            "replaces_id": same(None, n),
        }
        | _vitals(visits, draw),
    )


def _vitals(visits: Visits, draw: Array) -> dict[str, list[str]]:
    measured = visits.glucose >= 0
    whole = {name: getattr(visits, name) for name in ("systolic", "diastolic", "pulse", "respiration", "spo2")}
    parts = {name: getattr(visits, name) for name in ("temperature", "glucose", "weight", "height")}
    return (
        {name: numbers(values, values < 0) for name, values in whole.items()}
        | {name: tenths(values, values < 0) for name, values in parts.items()}
        | {"glucose_when": pick(("", "FASTING", "RANDOM"), np.where(measured, 1 + (draw % 5 == 0), 0))}
    )


def diagnosis_block(health: Health, visits: Visits, keys: VisitKeys) -> Block:
    """The reason as primary diagnosis; a known condition beside it at some visits; a TCM diagnosis at others."""
    table = reasons()
    n = len(keys.ids)
    draw = (visits.draw * 100_000).astype(np.int64)
    slot = keys.ids * DIAGNOSES_PER_VISIT - DIAGNOSES_PER_VISIT
    held = health.conditions[visits.person].copy()
    column = {reason: c for c, reason in enumerate(table.by_condition.tolist())}
    own = np.array([column.get(r, -1) for r in range(len(table.rows))])[visits.reason]
    rows = np.flatnonzero(own >= 0)
    held[rows, own[rows]] = False
    second = np.flatnonzero(held.any(axis=1) & (draw % 10 < 4))
    # The leading condition in the order of the table: pressure and sugar are what a doctor writes down first.
    beside = table.by_condition[held[second].argmax(axis=1)]
    is_tcm = np.array([bool(r.get("tcm")) for r in table.rows])
    tcm = np.flatnonzero(is_tcm[visits.reason] & (draw // 10 % 10 < 3))
    code = np.concatenate([visits.reason, beside, visits.reason[tcm]])
    which = np.concatenate([np.zeros(n), np.ones(len(second)), np.full(len(tcm), 2)]).astype(np.int64)
    visit = np.concatenate([np.arange(n), second, tcm])
    names = [[r["name"] for r in table.rows], [r["name"] for r in table.rows], [r.get("tcm", "") for r in table.rows]]
    codes = [
        [r["code"] for r in table.rows],
        [r["code"] for r in table.rows],
        [tcm_codes().get(r.get("tcm", ""), "") for r in table.rows],
    ]
    pairs = list(zip(which.tolist(), code.tolist(), strict=True))
    return block(
        "visits_diagnosis",
        {
            "id": numbers(slot[visit] + 1 + which),
            "visit_id": numbers(keys.ids[visit]),
            "system": pick(("ICD-10", "ICD-10", "TCM"), which),
            "code": [codes[w][c] for w, c in pairs],
            "name": [names[w][c] for w, c in pairs],
            "is_primary": flags(which == 0),
        },
    )


def prescription_block(plan: Plan, catchment: Catchment, visits: Visits, keys: VisitKeys) -> Block:
    """One or two medicines that fit the reason."""
    _, medicines = _texts()
    draw = (visits.draw * 1_000_003).astype(np.int64)
    number = np.array([len(m) for m in medicines])[visits.reason]
    share = draw % 100
    first = np.flatnonzero((number > 0) & (share < PRESCRIBED_SHARE * 100))
    second = np.flatnonzero((number > 1) & (share < SECOND_MEDICINE_SHARE * 100))
    visit = np.concatenate([first, second])
    which = np.concatenate([draw[first] // 100 % number[first], (draw[second] // 100 + 1) % number[second]])
    chosen = [medicines[r][w] for r, w in zip(visits.reason[visit].tolist(), which.tolist(), strict=True)]
    place = np.concatenate([np.zeros(len(first)), np.ones(len(second))]).astype(np.int64)
    n = len(visit)
    return block(
        "visits_prescription",
        {
            "id": numbers((keys.ids[visit] - 1) * MEDICINES_PER_VISIT + 1 + place),
            "uuid": uuids(visits.at[visit], rng_for(plan.seed, "prescription-uuids", catchment.index)),
            "visit_id": numbers(keys.ids[visit]),
            "medicine": [m[0] for m in chosen],
            "strength": [m[1] for m in chosen],
            "dose": [m[2] for m in chosen],
            "route": [m[3] for m in chosen],
            "frequency": [m[4] for m in chosen],
            "days": [m[5] for m in chosen],
            "quantity": same("", n),
            "is_tcm": same("f", n),
        },
    )
