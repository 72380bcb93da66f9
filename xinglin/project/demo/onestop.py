"""Chapters of the demonstration at the one-stop health management centre: record, contract, check-up, report, points."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from xinglin.accounts.models import User
from xinglin.checkups import actions as checkups
from xinglin.checkups import queries, rules
from xinglin.checkups.models import Checkup
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.project.demo import people
from xinglin.project.demo.playing import Journey, require, signature, wait_for
from xinglin.residents import api as residents

NAME = "赵福来"
#: What the stations find: pressure and glucose are not as they should be.
VALUES: dict[str, Any] = {
    "self_rated_health": "good", "smoking": "never", "drinking": "none", "exercise_days": 4, "height": 166, "weight": "71.5",
    "waist": 92, "systolic": 162, "diastolic": 94, "heart_rate": 76, "cognition": "negative", "mood": "negative",
    "sight": "poor", "hearing": "normal", "body_findings": "none", "mouth": "normal", "glucose_fasting": "7.6",
    "haemoglobin": 141, "white_cells": "6.3", "platelets": 204, "alt": 24, "creatinine": 81, "uric_acid": 366,
    "total_cholesterol": "4.88", "triglycerides": "1.42", "ldl": "2.95", "hdl": "1.28", "urine_protein": "negative",
    "urine_glucose": "negative", "urine_ketones": "negative", "urine_blood": "negative", "urine_note": "", "ecg_findings": "",
    "ecg_note": "",
    "ecg_result": "normal", "abdomen_ultrasound": "normal",
}  # fmt: skip
WEIGHTS, LETTERS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"


#: What was found a year ago of who has the resident's sign-in, by the package of her age: nothing was out of the ordinary.
PACKAGES, LAST_YEAR, THIS_YEAR = (
    ("adult-basic", "elderly"),
    VALUES | {"height": 158, "weight": "61.0", "waist": 79, "systolic": 126, "diastolic": 78, "glucose_fasting": "5.6"},
    VALUES | {"height": 158, "weight": "64.5", "waist": 84, "systolic": 146, "diastolic": 88, "glucose_fasting": "6.3"},
)


def prepare(*, at: datetime) -> None:
    """The check-up the resident had a year ago, once: at the township hospital, signed by its doctor."""
    accounts = people.load()
    person = User.objects.filter(username=accounts["resident"].username).first()
    doctor = User.objects.filter(username=accounts["township-doctor"].username).first()
    resident = residents.registration(person.resident_uuid) if person and person.resident_uuid else None
    if (
        resident is None
        or doctor is None
        or doctor.facility_id is None
        or Checkup.objects.filter(resident=resident).exists()
    ):
        return
    then, by = at - timedelta(days=370), system_actor(doctor.name)
    fitting = [each.slug for each in rules.packages_for(resident.born_on, resident.conditions, clock.today(then))]
    package = next(each for each in PACKAGES if each in fitting)
    session = checkups.open_session(
        facility_id=doctor.facility_id, held_on=clock.today(then), half="AM", capacity=40, by=by, at=then
    )
    checkup = checkups.book(resident=resident, session=session, package=package, by=by, at=then)
    checkups.arrive(checkup=checkup, by=by, at=then)
    for visit in queries.stations_of(checkup):
        checkups.save_station(visit=visit, values={code: LAST_YEAR[code] for code in visit.items}, by=by, at=then)
    checkup.refresh_from_db()
    plan = rules.plan(rules.findings(queries.values_of(checkup), resident.sex), clock.today(then))
    checkups.sign_report(checkup=checkup, conclusion="未见明显异常，明年按时体检。", plan=plan, by=by, at=then)


def _identity_number() -> str:
    """Of a man born in April 1953, another one each time the chapter is played."""
    body = f"37040319530415{time.time_ns() // 10**6 % 500 * 2 + 1:03d}"
    return body + LETTERS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def arrive(journey: Journey) -> str:
    """The assistant does what the desk page does: record, contract, check-up."""
    assistant, doctor = journey["doctor-assistant"], journey["township-doctor"]
    today = clock.today().isoformat()
    session = doctor.post(
        "/checkups/sessions",
        {"held_on": today, "half": "AM", "capacity": 40, "facility": journey.seen["township"]},
        want=201,
    )
    person = {
        "name": NAME, "sex": "1", "born_on": "1953-04-15", "id_number": _identity_number(), "managed_by": journey.seen["clinic"],
    }  # fmt: skip
    resident = assistant.post("/residents", person, want=201)
    body = {
        "resident": resident["uuid"], "team": journey.seen["team"], "packages": ["basic", "elderly"], "signer_name": NAME,
        "signature": signature(), "facility": journey.seen["clinic"],
    }  # fmt: skip
    agreement = assistant.post("/agreements", body, want=201)
    booked = {"resident": resident["uuid"], "session": session["uuid"], "package": "elderly"}
    checkup = assistant.post("/checkups", booked, want=201)
    assistant.post("/checkups", booked, want=409)
    begun = assistant.post(f"/checkups/{checkup['uuid']}/arrive")
    require(begun["values"] is None, "the assistant sees values")
    journey.seen |= {"examined": resident["uuid"], "checkup": checkup["uuid"], "stations": begun["stations"]}
    journey.seen["elder-agreement"] = agreement["uuid"]
    return f"{resident['number']}, {agreement['number']}, {checkup['number']}: {len(begun['stations'])} stations wait"


def examine(journey: Journey) -> str:
    """Stations save all or nothing; a machine's rows are answered one by one."""
    doctor = journey["township-doctor"]
    number = doctor.get(f"/checkups/{journey.seen['checkup']}")["number"]
    rows = [
        {"number": number, "item": "haemoglobin", "value": VALUES["haemoglobin"]}, {"number": number, "item": "alt", "value": -3},
        {"number": "K-none", "item": "alt", "value": 20},
    ]  # fmt: skip
    said = [each["outcome"] for each in doctor.post("/checkups/rows", {"rows": rows})["answers"]]
    require(said == ["taken", "refused", "refused"], f"the machine is answered {said}")
    for station in journey.seen["stations"]:
        address = f"/checkups/stations/{station['uuid']}"
        values = {code: VALUES[code] for code in station["items"]}
        if station["station"] == "vitals":
            doctor.post(f"{address}/values", {"values": values | {"systolic": 1200}}, want=422)
            doctor.post(f"{address}/skip", {})
        doctor.post(f"{address}/values", {"values": values})
    status = doctor.get(f"/checkups/{journey.seen['checkup']}")["status"]
    require(status == "EXAMINED", f"all stations are done, and the check-up is {status}")
    return f"{len(journey.seen['stations'])} stations done; 1,200 mmHg refused, a machine's rows: {', '.join(said)}"


def report(journey: Journey) -> str:
    """Signed, printed, and what follows is set going."""
    doctor, address = journey["township-doctor"], f"/checkups/{journey.seen['checkup']}"
    body = {"conclusion": "血压、空腹血糖偏高，请按时复查确认；其余未见明显异常。"}
    made = doctor.post(f"{address}/report", body, want=201)
    abnormal = [each["item"] for each in made["findings"] if each["level"] in ("abnormal", "urgent")]
    require({"systolic", "diastolic", "glucose_fasting"} <= set(abnormal), f"found abnormal: {abnormal}")
    require(doctor.get(f"{address}/report.pdf")[:5] == b"%PDF-", "the report is no PDF")
    tasks = [
        each for box in ("due", "week", "later") for each in journey["village-doctor"].get(f"/followups?box={box}")["items"]
        if each["origin"] == made["uuid"]
    ]  # fmt: skip
    require(len(tasks) == 1, f"{len(tasks)} tasks instead of one")
    agreement = journey["doctor-assistant"].get(f"/agreements/{journey.seen['elder-agreement']}")
    proved = [each for each in agreement["promises"] if each["proof_kind"] == "checkups.checkupreport"]
    require(proved, "the contract's check-up is not proved")
    day = doctor.get("/checkups/day")
    require(day["reported"], "the day has no report")
    return f"{len(made['findings'])} findings explained, {len(abnormal)} abnormal; one task, {len(proved)} items of the contract proved"


def compare(journey: Journey) -> str:
    """Who was examined last year is examined again, and reads the two beside each other."""
    assistant, doctor, person = journey["doctor-assistant"], journey["township-doctor"], journey["resident"]
    today = clock.today().isoformat()
    before = person.get("/checkups/own")["items"][0]
    package = doctor.get(f"/checkups/{before['checkup']}")["package"]
    session = next(each for each in assistant.get("/checkups/sessions")["items"] if each["held_on"] == today)
    booked = {"resident": journey.seen["resident"], "session": session["uuid"], "package": package}
    checkup = assistant.post("/checkups", booked, want=201)
    for station in assistant.post(f"/checkups/{checkup['uuid']}/arrive")["stations"]:
        values = {code: THIS_YEAR[code] for code in station["items"]}
        doctor.post(f"/checkups/stations/{station['uuid']}/values", {"values": values})
    signed = {"conclusion": "血压、空腹血糖较去年升高，体重增加3.5公斤：少盐、控制体重，按时复查。"}
    doctor.post(f"/checkups/{checkup['uuid']}/report", signed, want=201)
    own = person.get("/checkups/own")["items"]
    require(len(own) == 2, f"the resident reads {len(own)} reports of her own")
    pressure = next(each for each in own[0]["findings"] if each["item"] == "systolic")
    require((pressure["text"], pressure["last"]) == ("146", "126"), f"pressure beside last year's: {pressure}")
    return f"{checkup['number']} beside last year's: systolic {pressure['last']} → {pressure['text']}"


def exchange(journey: Journey) -> str:
    """Points earned by contract and check-up, and what they buy."""
    doctor, assistant, person = journey["township-doctor"], journey["doctor-assistant"], journey.seen["examined"]

    def earned() -> Any:
        points = assistant.get(f"/points/residents/{person}")
        return points if points["balance"] >= 30 else None

    points = wait_for(earned, "contract and check-up have earned nothing")
    goods = {"good": "oil-pot", "n": 2, "words": "演示采购单", "facility": journey.seen["township"]}
    stock = doctor.post("/points/stock", goods, want=201)
    wanted = {"resident": person, "stock": stock["uuid"], "n": 1}
    kept = assistant.post("/points/exchanges", wanted, want=201)
    assistant.post("/points/exchanges", wanted, want=409)
    done = assistant.post(f"/points/exchanges/{kept['uuid']}/hand-over", {"receiver": NAME, "signature": signature()})
    left = assistant.get(f"/points/residents/{person}")
    require(
        (done["status"], left["balance"]) == ("HANDED_OVER", points["balance"] - kept["points"]), "the points are wrong"
    )
    return (
        f"{points['balance']} points earned, '{kept['title']}' handed over for {kept['points']}, {left['balance']} left"
    )


STEPS: dict[str, tuple[str, Callable[[Journey], str]]] = {
    "one-stop": ("the doctor's assistant opens the record, signs the contract and books the free check-up", arrive),
    "stations": ("the stations examine him", examine),
    "check-up": ("the doctor signs the report in plain words", report),
    "year-on-year": ("the resident is examined again and reads both years", compare),
    "points": ("points are earned and exchanged for an oil pot", exchange),
}
