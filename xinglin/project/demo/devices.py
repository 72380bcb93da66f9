"""Chapters of the demonstration: a meter in the self-check corner sends what it measures; lent meters have sent a month."""

import http.client
import json
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from xinglin.platform import clock
from xinglin.project.demo.client import API
from xinglin.project.demo.playing import Journey, require
from xinglin.project.demo.programmes import managed_here
from xinglin.readings import signing

PATH = f"{API}/device-readings"
#: Mean pressures of the residents who have a meter at home: well, above target.
HOMES = ((126, 78), (131, 82), (139, 86))
DAYS = 30
_later = count(1)


def register(journey: Journey, place: str) -> dict[str, Any]:
    """A blood-pressure meter of the village clinic, with its key."""
    serial = f"BP-{place}-{time.time_ns() % 10**9}"
    body = {"kind": "blood-pressure-meter", "serial_number": serial, "place": place}
    made: dict[str, Any] = journey["village-doctor"].post("/health-devices", body, want=201)
    return made


def send(journey: Journey, device: dict[str, Any], readings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the platform answers to a request signed by the device."""
    body = json.dumps({"readings": readings}).encode()
    milliseconds = int(time.time() * 1000) + next(_later)
    message = signing.text("POST", PATH, milliseconds, body)
    headers = {
        "Content-Type": "application/json", "X-Device": device["uuid"], "X-Device-Time": str(milliseconds),
        "X-Device-Signature": signing.sign(signing.signing_key(device["key"]), message, "sm3"),
    }  # fmt: skip
    connection = http.client.HTTPConnection("127.0.0.1", journey["village-doctor"].port, timeout=60)
    try:
        connection.request("POST", PATH, body, headers)
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    require(answer.status == 200, f"the device is answered {answer.status}: {content[:200]!r}")
    found: list[dict[str, Any]] = json.loads(content)["answers"]
    return found


def pressure(record_id: str, systolic: int, diastolic: int, *, minutes: float, number: str = "") -> dict[str, Any]:
    """A pressure as a meter writes it, so many minutes ago."""
    who = {"who": {"kind": "number", "value": number}} if number else {}
    values = [
        {"code": "8480-6", "value": systolic, "unit": "mm[Hg]"}, {"code": "8462-4", "value": diastolic, "unit": "mm[Hg]"}
    ]  # fmt: skip
    at = clock.now() - timedelta(minutes=minutes)
    return {"record_id": record_id, "measured_at": at.isoformat(), "values": values, **who}


def corner(journey: Journey) -> str:
    doctor, resident = journey["village-doctor"], journey.seen["resident"]
    number = doctor.get(f"/residents/{resident}")["number"]
    meter = register(journey, "CORNER")
    first = pressure("1", 184, 104, minutes=9, number=number)
    second = pressure("2", 181, 102, minutes=4, number=number)
    answers = send(journey, meter, [first, second, pressure("3", 1200, 80, minutes=1, number=number)])
    require([each["outcome"] for each in answers] == ["kept", "kept", "refused"], f"answered {answers}")
    again = send(journey, meter, [first])[0]
    require((again["outcome"], again["first"]) == ("known", "kept"), f"the replay is answered {again}")
    stands = len(doctor.get(f"/fhir/Observation?subject={resident}")["entry"])
    require(stands == 2, f"{stands} readings in the record instead of 2")
    tasks = [
        each for each in doctor.get("/followups")["items"]
        if each["resident"] == resident and each["origin_kind"] == "reading"
    ]  # fmt: skip
    require(len(tasks) == 1, f"{len(tasks)} tasks instead of one")
    return f"2 kept, 1 known, 1 refused ({answers[2]['message']}); one task: {tasks[0]['plan']}"


def homes(journey: Journey) -> str:
    doctor, n = journey["village-doctor"], 0
    for person, (systolic, diastolic) in zip(managed_here(journey, len(HOMES)), HOMES, strict=True):
        meter = register(journey, "LOAN")
        number = doctor.get(f"/residents/{person['uuid']}")["number"]
        month = [
            pressure(str(day), systolic + day * 7 % 11 - 5, diastolic + day * 5 % 7 - 3, minutes=1440 * day + 30, number=number)
            for day in range(DAYS, 0, -1)
        ]  # fmt: skip
        answers = send(journey, meter, month)
        require({each["outcome"] for each in answers} == {"kept"}, f"answered {answers}")
        doctor.post(f"/health-devices/{meter['uuid']}/lend", {"resident": person["uuid"]})
        journey.seen["measured"] = person["uuid"]
        n += len(answers)
    return f"{len(HOMES)} meters lent, {n} readings of a month"


def read_out(journey: Journey) -> str:
    doctor, person = journey["village-doctor"], journey.seen["measured"]
    n = {}
    for path in (
        "EpisodeOfCare?",
        "CarePlan?",
        "Goal?",
        "QuestionnaireResponse?",
        "Observation?category=survey&",
        "Observation?",
    ):
        bundle = doctor.get(f"/fhir/{path}patient={person}")
        n[path.strip("?&")] = len(bundle["entry"])
    require(n["EpisodeOfCare"] >= n["CarePlan"] >= 1 and n["Goal"] >= 1, f"plans and goals: {n}")
    require(n["Observation"] >= DAYS, f"readings: {n}")
    journey["neighbour"].get(f"/fhir/CarePlan?patient={person}", want=404)
    return ", ".join(f"{count} {name}" for name, count in n.items())


STEPS: dict[str, tuple[str, Callable[[Journey], str]]] = {
    "corner": ("a meter in the self-check corner sends readings, one twice, one of 1,200 mmHg", corner),
    "homes": ("meters lent to managed residents have sent a month", homes),
    "read_out": (
        "another program reads plans, grades, visits and readings as FHIR; another township's gets 404",
        read_out,
    ),
}
