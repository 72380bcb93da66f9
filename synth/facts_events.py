"""Events of persons beside visits and settlements, in plausible proportions: each table counted while it is drawn."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from synth.facts import YEAR
from synth.facts_draw import Columns, Draw, each_month, flags, moment, on, real, whole, words
from synth.facts_rows import PROGRAMMES, TIERS, _named, enrolled_in, home_of

if TYPE_CHECKING:
    from synth.facts import Layout
    from synth.facts_known import Known

KINDS = ("ECG", "IMAGING", "LAB", "PATHOLOGY")
ECG, IMAGING, LAB, PATHOLOGY = range(4)
FINAL, AMENDED, REQUESTED, REJECTED = range(4)
DAY = 1440


def prescriptions(d: Draw, known: "Known") -> Columns:
    """Lines of one visit in ten."""
    person, home = d.people()
    facility = np.where(d.chance(0.6), home, d.hospital(home))
    is_tcm, voided, tier = d.chance(0.15), d.chance(0.02), d.tier(facility)
    known.add("tcm-prescriptions:n", d.at(facility), ~voided & is_tcm)
    known.add("tcm-prescriptions:d", d.at(facility), ~voided)
    return {
        "uuid": d.uuid, "number": d.number("V"), "facility": facility, "person": person, "at": moment(d.minute()),
        "status": words(("SIGNED", "VOIDED"), voided.astype(np.int8)), "tier": words(TIERS, tier),
        "medicine": words(("amlodipine", "metformin", "amoxicillin", "liuwei-dihuang"), d.codes(30, 60, 85)),
        "days": d.between(1, 30), "is_tcm": is_tcm, "visit": d.uuid,
    }  # fmt: skip


def payments(d: Draw, known: "Known") -> Columns:
    """One for ten visits; one in fifty is given back."""
    person, home = d.people()
    facility = np.where(d.chance(0.6), home, np.where(d.chance(0.6), d.hospital(home), d.town(home)))
    at, kind, channel = d.at(facility), d.codes(80, 85, 97), d.codes(45, 80, 90)
    sign = np.where(d.chance(0.02), -1, 1)
    total = d.between(100, 40_000) * sign
    fund = total * 6 // 10
    waived = np.where((kind == 2) & d.chance(0.5), 200, 0)  # noqa: PLR2004 - registration
    outpatient = (kind == 0) & (sign > 0)
    known.add("p65-desk-payment:n", at, outpatient & (channel == 0))
    known.add("p65-desk-payment:d", at, outpatient)
    known.add("p66a-waived-visits:n", at, waived > 0)
    known.add("p66b-waived-yuan:n", at, None, waived)
    known.add("own-payment-share:n", at, None, total - fund)
    known.add("own-payment-share:d", at, None, total)
    return {
        "uuid": d.uuid, "number": d.number("P"), "facility": facility, "person": person, "home": home, "at": on(d.day()),
        "tier": words(TIERS, d.tier(facility)), "kind": words(("OUTPATIENT", "INPATIENT", "REGISTRATION", "SERVICE"), kind),
        "channel": words(("DESK", "WINDOW", "MACHINE", "PHONE"), channel), "total_fen": total, "fund_fen": fund,
        "own_fen": total - fund, "waived_fen": whole(waived), "settlement": words(("",), np.zeros(d.n, np.int8)),
    }  # fmt: skip


def requests(d: Draw, known: "Known") -> Columns:
    """One for a hundred visits: most from villages and townships; nine of ten are reported, most within a day."""
    person, home = d.people()
    facility = np.where(d.chance(0.5), home, np.where(d.chance(0.7), d.hospital(home), d.town(home)))
    at, tier, kind, status = d.at(facility), d.tier(facility), d.codes(35, 60, 97), d.codes(85, 90, 95)
    start, minutes = d.minute(), d.between(5, 1800)
    reported = status <= AMENDED
    low = tier > 0
    for part, where in (
        ("p60-remote-services:n", reported), ("p61-report-on-time:n", reported & (minutes <= DAY)),
        ("p61-report-on-time:d", status != REJECTED), ("m05a-imaging-volume:n", reported & low & (kind == IMAGING)),
        ("m05b-ecg-volume:n", reported & low & (kind == ECG)), ("ecg-requests:n", kind == ECG),
        ("reports-amended:n", status == AMENDED), ("reports-amended:d", reported), ("requests-rejected:n", status == REJECTED),
        ("requests-rejected:d", None), ("requests-from-villages:n", tier == 2),  # noqa: PLR2004 - of a village
        ("requests-from-villages:d", None),
    ):  # fmt: skip
        known.add(part, at, where)
    return {
        "uuid": d.uuid, "number": d.number("R"), "facility": facility, "centre_facility": d.town(home), "person": person,
        "tier": words(TIERS, tier), "kind": words(KINDS, kind), "priority": words(("ROUTINE", "URGENT"), d.codes(90)),
        "status": words(("FINAL", "AMENDED", "REQUESTED", "REJECTED"), status), "at": moment(start), "due_at": moment(start + DAY),
        "reported_at": moment(start + minutes, ~reported), "minutes": real(minutes, ~reported),
        "n_reports": whole(reported.astype(np.int64) + (status == AMENDED)), "is_abnormal": flags(d.chance(0.3), ~reported),
    }  # fmt: skip


def critical_values(d: Draw, known: "Known") -> Columns:
    """One for two thousand visits; nearly all are read back, most within half an hour."""
    person, home = d.people()
    facility, start, minutes = d.hospital(home), d.minute(), d.between(1, 40)
    is_open, old = d.chance(0.03), d.chance(0.02)
    at = d.at(facility)
    known.add("critical-in-time:n", at, ~old & ~is_open & (minutes <= 30))  # noqa: PLR2004 - due by then
    known.add("critical-in-time:d", at, ~old)
    state = np.where(old, 2, is_open).astype(np.int8)
    return {
        "uuid": d.uuid, "number": d.number("R"), "facility": facility, "person": person, "kind": words(KINDS, d.codes(40, 50, 99)),
        "code": words(("K", "GLU", "STEMI"), d.codes(40, 70)), "status": words(("CONFIRMED", "NOTIFIED", "SUPERSEDED"), state),
        "at": moment(start), "due_at": moment(start + 30), "confirmed_at": moment(start + minutes, is_open),
        "minutes": real(minutes, is_open), "escalation": whole(minutes // 20),
    }  # fmt: skip


def quality_marks(d: Draw, known: "Known") -> Columns:
    """One report in ten is judged."""
    _person, home = d.people()
    facility, grade, twice, agrees = d.hospital(home), d.codes(80, 95), d.chance(0.5), d.chance(0.95)
    at = d.at(facility)
    known.add("p85-image-grade:n", at, grade == 0)
    known.add("p85-image-grade:d", at)
    known.add("double-reading-agreement:n", at, twice & agrees)
    known.add("double-reading-agreement:d", at, twice)
    return {
        "uuid": d.uuid, "number": d.number("R"), "facility": facility, "kind": words(("IMAGING",), np.zeros(d.n, np.int8)),
        "status": words(("FINAL",), np.zeros(d.n, np.int8)), "stage": words(("IMAGE", "REPORT"), d.codes(50)),
        "grade": words(("A", "B", "C"), grade), "agrees": flags(agrees, ~twice), "at": moment(d.minute()),
    }  # fmt: skip


def recognitions(d: Draw, known: "Known") -> Columns:
    """One for two hundred visits: three of four results are recognised."""
    person, home = d.people()
    facility, status, fen = d.town(home), d.codes(70, 95), d.between(500, 30_000)
    at = d.at(facility)
    known.add("m03a-recognised:n", at, status == 0)
    known.add("recognition-share:n", at, status == 0)
    known.add("recognition-share:d", at, status <= 1)
    known.add("recognition-saved:n", at, status == 0, fen)
    return {
        "uuid": d.uuid, "number": d.number("R"), "facility": facility, "person": person, "kind": words(KINDS, d.codes(0, 40)),
        "item": words(("CT", "CBC"), d.codes(50)), "status": words(("RECOGNISED", "REPEATED", "SERIAL"), status),
        "reason": words(("", "changed"), (status > 0).astype(np.int8)), "at": moment(d.minute()), "fen": fen,
    }  # fmt: skip


def referrals(d: Draw, known: "Known") -> Columns:
    """One for five hundred visits: two of three up, the others down; nearly all are answered, most arrive and are closed."""
    person, home = d.people()
    down = d.chance(1 / 3)
    here, there = d.hospital(home), d.town(home)
    facility, to = np.where(down, there, here), np.where(down, here, there)
    at, sent, wait = d.at(facility), d.minute(), d.between(5, 600)
    answered, arrived, closed = d.chance(0.97), d.chance(0.85), d.chance(0.8)
    arrived &= answered
    closed &= arrived
    missed = answered & ~arrived
    state = np.select([closed, arrived, missed], [0, 1, 2], 3).astype(np.int8)
    for part, where in (
        ("v05-down-share:n", down), ("v05-down-share:d", None), ("v06-referrals-closed:n", closed),
        ("v06-referrals-closed:d", arrived), ("referrals-no-show:n", ~down & missed), ("referrals-no-show:d", ~down & answered),
        ("referrals-by-direction:n", None), ("referrals-by-state:n", None),
    ):  # fmt: skip
        known.add(part, at, where)
    never = np.ones(d.n, bool)
    return {
        "uuid": d.uuid, "number": d.number("Z"), "facility": facility, "to_facility": to, "person": person,
        "direction": words(("UP", "DOWN"), down.astype(np.int8)), "channel": words(("ordinary", "emergency"), d.codes(90)),
        "status": words(("CLOSED", "ARRIVED", "NO_SHOW", "SENT"), state), "reason": words(("beyond-scope", "recovered"), down.astype(np.int8)),
        "at": moment(sent), "sent_at": moment(sent), "answered_at": moment(sent + wait, ~answered), "due_at": moment(sent + 600),
        "arrived_at": moment(sent + wait + 300, ~arrived), "admitted_at": moment(sent, never), "discharged_at": moment(sent, never),
        "closed_at": moment(sent + wait + 9000, ~closed),
    }  # fmt: skip


def consultations(d: Draw, known: "Known") -> Columns:
    """One for five thousand visits."""
    person, home = d.people()
    facility, start, status = d.hospital(home), d.minute(), d.codes(90)
    known.add("consultations-by-state:n", d.at(facility))
    is_open = status == 1
    return {
        "uuid": d.uuid, "number": d.number("H"), "facility": facility, "to_facility": d.town(home), "person": person,
        "kind": words(("IMMEDIATE", "BOOKED"), d.codes(30)), "specialty": words(("cardiology", "neurology"), d.codes(50)),
        "status": words(("CLOSED", "REQUESTED"), status), "at": moment(start), "answered_at": moment(start + 20, is_open),
        "opinion_at": moment(start + 60, is_open), "closed_at": moment(start + 90, is_open),
    }  # fmt: skip


def promises(d: Draw, known: "Known") -> Columns:
    """One item a year for everybody who was signed: nine of ten done, most of them in time."""
    person = d.rng.integers(0, d.layout.residents * 6 // 10, d.n)
    home, due, late = home_of(d.layout, person), d.day(), d.between(-20, 10)
    dropped, is_open = d.chance(0.02), d.chance(0.1)
    done = ~dropped & ~is_open
    known.add("p05-fulfilment:n", d.at(home), done & (late <= 0))
    known.add("p05-fulfilment:d", d.at(home), ~dropped)
    state = np.select([dropped, is_open], [2, 0], 1).astype(np.int8)
    return {
        "uuid": d.uuid, "number": d.number("A"), "facility": home, "person": person, "team": home * 2 + person % 2,
        "item": words(("checkup", "followup", "advice"), d.codes(30, 80)), "status": words(("OPEN", "DONE", "DROPPED"), state),
        "at": on(due), "done_on": on(due + late, ~done), "is_dropped": dropped, "in_time": flags(late <= 0, ~done),
    }  # fmt: skip


def contract_ratings(d: Draw, known: "Known") -> Columns:
    """One in twenty of those who were signed says how content he is."""
    person = d.rng.integers(0, d.layout.residents * 6 // 10, d.n)
    home, score = home_of(d.layout, person), 1 + d.codes(2, 5, 15, 50).astype(np.int64)
    known.add("p07-satisfaction:n", d.at(home), score >= 4)  # noqa: PLR2004 - good, or very good
    known.add("p07-satisfaction:d", d.at(home))
    return {
        "uuid": d.uuid, "number": d.number("A"), "facility": home, "person": person, "score": score, "at": on(d.day()),
    }  # fmt: skip


def alerts(d: Draw, known: "Known") -> Columns:
    """One follow-up in twenty finds something."""
    person = d.rng.integers(0, d.layout.residents // 8, d.n)
    home, level, start = home_of(d.layout, person), 1 + d.codes(40, 70, 95).astype(np.int64), d.minute()
    is_open = d.chance(0.1)
    known.add("alerts-answered:n", d.at(home), (level >= 3) & ~is_open)  # noqa: PLR2004 - urgent
    known.add("alerts-answered:d", d.at(home), level >= 3)  # noqa: PLR2004
    return {
        "uuid": d.uuid, "facility": home, "person": person, "programme": words(PROGRAMMES, enrolled_in(person)),
        "code": words(("pressure-high", "glucose-high"), d.codes(60)), "level": level, "at": moment(start),
        "follow_by": on(start // DAY + 14), "answered_at": moment(start + 600, is_open),
    }  # fmt: skip


def candidates(d: Draw, known: "Known") -> Columns:
    """One in a hundred residents a year comes up; half of them are enrolled."""
    person, home = d.people()
    way, start, enrolled = d.codes(50, 70, 95), d.minute(), d.chance(0.5)
    at = d.at(home)
    known.add("candidates-by-way:n", at)
    known.add("screening-yield:n", at, (way == 2) & enrolled)  # noqa: PLR2004 - screening
    known.add("screening-yield:d", at, way == 2)  # noqa: PLR2004
    return {
        "uuid": d.uuid, "facility": home, "person": person, "programme": words(PROGRAMMES, d.codes(50, 80, 85, 90)),
        "at": moment(start), "found_by": words(("DIAGNOSIS", "READINGS", "SCREENING", "HAND"), way),
        "status": words(("OPEN", "ENROLLED"), enrolled.astype(np.int8)), "enrolled_on": on(start // DAY + 1, ~enrolled),
    }  # fmt: skip


def followups(d: Draw, known: "Known") -> Columns:
    """One for a hundred visits: most done by the day they were due."""
    person, home = d.people()
    due, late, cancelled, is_open = d.day(), d.between(-3, 2), d.chance(0.03), d.chance(0.05)
    done = ~cancelled & ~is_open
    known.add("followups-done:n", d.at(home), done & (late <= 0))
    known.add("followups-done:d", d.at(home), ~cancelled)
    state = np.select([cancelled, is_open], [2, 1], 0).astype(np.int8)
    return {
        "uuid": d.uuid, "facility": home, "person": person, "kind": words(("AFTER_DISCHARGE", "AFTER_REFERRAL", "PLANNED"), d.codes(40, 60)),
        "status": words(("DONE", "PLANNED", "CANCELLED"), state), "at": on(due), "created_at": moment((due - 7) * DAY),
        "done_on": on(due + late, ~done), "risk": whole(d.codes(70, 90)),
    }  # fmt: skip


def followup_calls(d: Draw, _known: "Known") -> Columns:
    """One for two hundred visits."""
    person, home = d.people()
    start, is_open, silent = d.minute(), d.chance(0.02), d.chance(0.4)
    return {
        "uuid": d.uuid, "facility": d.town(home), "person": person, "at": moment(start), "ended_at": moment(start + 8, is_open),
        "channel": words(("PHONE", "MESSAGE"), d.codes(90)), "outcome": words(("REACHED", "NOBODY", ""), np.where(is_open, 2, d.codes(80)).astype(np.int8)),
        "satisfaction": whole(d.between(1, 6), silent | is_open),
    }  # fmt: skip


def readings(d: Draw, _known: "Known") -> Columns:
    """One for fifty visits."""
    person, home = d.people()
    start, delay = d.minute(), d.between(0, 300)
    return {
        "uuid": d.uuid, "facility": home, "person": person, "kind": words(("PRESSURE", "GLUCOSE", "WEIGHT"), d.codes(60, 85)),
        "place": words(("CLINIC", "HOME"), d.codes(70)), "at": moment(start), "recorded_at": moment(start + delay),
        "is_late": delay > 240, "status": words(("KEPT", "SET_ASIDE"), d.codes(97)),  # noqa: PLR2004 - four hours
    }  # fmt: skip


def checkups(d: Draw, _known: "Known") -> Columns:
    """One in ten residents a year."""
    person, home = d.people()
    start, absent = d.minute(), d.chance(0.1)
    return {
        "uuid": d.uuid, "number": d.number("T"), "facility": d.hospital(home), "home": home, "person": person, "at": moment(start),
        "arrived_at": moment(start + 3 * DAY, absent), "package": words(("elderly", "staff"), d.codes(80)),
        "year": whole(np.full(d.n, YEAR)), "status": words(("DONE", "BOOKED"), absent.astype(np.int8)), "is_reported": ~absent,
    }  # fmt: skip


def points(d: Draw, _known: "Known") -> Columns:
    """Two for everybody in a year."""
    person, home = d.people()
    spent = d.chance(0.2)
    return {
        "uuid": d.uuid, "facility": home, "person": person, "at": on(d.day()), "kind": words(("EARNED", "SPENT"), spent.astype(np.int8)),
        "rule": words(("followup", "checkup", ""), np.where(spent, 2, d.codes(60)).astype(np.int8)),
        "points": d.between(1, 20) * np.where(spent, -1, 1),
    }  # fmt: skip


def deaths(d: Draw, known: "Known") -> Columns:
    """Seven of a thousand residents a year, mostly old ones; nine of ten of the four diseases."""
    person, home = d.people()
    age, is_four = np.minimum(d.between(30, 101), d.between(50, 101)), d.chance(0.88)
    is_maternal = (age < 45) & d.chance(0.002)  # noqa: PLR2004
    at, cause = d.at(home), np.where(is_four, d.codes(50, 80, 95), 4).astype(np.int8)
    known.add("crude-death-rate:n", at)
    known.add("m14-early-death:n", at, is_four & (age >= 30) & (age < 70))  # noqa: PLR2004 - of the definition
    known.add("p38-maternal-mortality:n", at, is_maternal)
    return {
        "uuid": d.uuid, "number": d.number("D"), "facility": home, "person": person, "home": home, "at": on(d.day()),
        "sex": words(("1", "2"), d.codes(53)), "age": whole(age), "cause": words(("I21", "C34", "J44", "E11", "W19"), cause),
        "is_four": is_four, "is_maternal": is_maternal,
    }  # fmt: skip


def births(d: Draw, known: "Known") -> Columns:
    """Eight of a thousand residents a year."""
    person, home = d.people()
    at, is_live = d.at(home), d.chance(0.995)
    own = {
        name: d.chance(of)
        for name, of in (("is_screened", 0.99), ("prenatal", 0.97), ("early_booked", 0.93), ("visited", 0.95))
    }
    for slug, column in (
        ("p37-newborn-screening", "is_screened"), ("p36-prenatal-screening", "prenatal"), ("p39-early-booking", "early_booked"),
        ("p40-postpartum-visit", "visited"),
    ):  # fmt: skip
        known.add(f"{slug}:n", at, is_live & own[column])
        known.add(f"{slug}:d", at, is_live)
    known.add("p38-maternal-mortality:d", at, is_live)
    known.add("p42-birth-certificates:n", at)
    return {
        "uuid": d.uuid, "number": d.number("B"), "facility": home, "person": person, "home": home, "at": on(d.day()), "is_live": is_live,
        **own, "certificate": _named(f"C{d.month}", d.rows),
    }  # fmt: skip


def complaints(d: Draw, known: "Known") -> Columns:
    """One a year for a thousand residents."""
    person, home = d.people()
    facility, due, late = d.hospital(home), d.day(), d.between(-10, 2)
    is_open, first, answered, content, resolved = (d.chance(of) for of in (0.01, 0.94, 0.8, 0.97, 0.99))
    at = d.at(facility)
    for part, where in (
        ("p120-on-time:n", ~is_open & (late <= 0)), ("p120-on-time:d", None), ("p121-first-time:n", ~is_open & first),
        ("p121-first-time:d", ~is_open), ("p122-satisfied:n", answered & content), ("p122-satisfied:d", answered),
        ("p123-resolved:n", resolved), ("p123-resolved:d", None),
    ):  # fmt: skip
        known.add(part, at, where)
    return {
        "uuid": d.uuid, "number": d.number("G"), "facility": facility, "person": person, "home": home, "at": on(due),
        "channel": words(("12345", "supervision code"), d.codes(80)), "closed_on": on(due + late, is_open), "first_time": first,
        "satisfied": flags(content, ~answered), "resolved": resolved,
    }  # fmt: skip


def _of_visits(part: int) -> Callable[["Layout"], int]:
    return lambda layout: max(1, layout.visits // len(layout.months) // part)


def _of_residents(part: int) -> Callable[["Layout"], int]:
    return lambda layout: max(1, layout.residents // len(layout.months) // part)


_TABLES: dict[str, tuple[Callable[["Layout"], int], Any]] = {
    "prescriptions": (_of_visits(10), prescriptions), "payments": (_of_visits(10), payments), "requests": (_of_visits(100), requests),
    "critical_values": (_of_visits(2_000), critical_values), "quality_marks": (_of_visits(1_000), quality_marks),
    "recognitions": (_of_visits(200), recognitions), "referrals": (_of_visits(500), referrals),
    "consultations": (_of_visits(5_000), consultations), "promises": (_of_residents(2), promises),
    "contract_ratings": (_of_residents(30), contract_ratings), "alerts": (_of_residents(40), alerts),
    "candidates": (_of_residents(100), candidates), "followups": (_of_visits(100), followups),
    "followup_calls": (_of_visits(200), followup_calls), "readings": (_of_visits(50), readings), "checkups": (_of_residents(10), checkups),
    "points": (_of_residents(1), points), "deaths": (_of_residents(143), deaths), "births": (_of_residents(125), births),
    "complaints": (_of_residents(1_000), complaints),
}  # fmt: skip
MONTHLY: dict[str, Callable[..., Iterator[Any]]] = {
    name: each_month(100 + n, how_many, make) for n, (name, (how_many, make)) in enumerate(_TABLES.items())
}
