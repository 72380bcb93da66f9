"""Chapters of the demonstration: the plan at discharge, one call a week, screening, and residents who go over to another unit."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from xinglin.platform import clock
from xinglin.project.demo.morning import SURNAMES, own_people
from xinglin.project.demo.playing import Journey, require

SAID: dict[str, Any] = {
    "answers_himself": "self", "recovery": "same", "danger_signs": [], "swelling": "yes", "weight_gain": 2.5, "systolic": 132, "medicines": "regular",
    "satisfaction": 5,
}  # fmt: skip
#: Who else went home: diagnosis, how, and how many days ago.
SENT_HOME = [
    ("I50.9", "心力衰竭", "ORDERED", 8), ("I63.9", "脑梗死", "ORDERED", 8), ("J18.9", "肺炎", "ORDERED", 9),
    ("K80.2", "胆囊结石", "AGAINST_ADVICE", 7),
]  # fmt: skip
BORDER = {"systolic": 134, "diastolic": 84, "height": 168, "weight": 76}


def plan_at_discharge(journey: Journey) -> str:
    body = {
        "resident": journey.seen["resident"], "discharge": "ORDERED", "diagnosis_code": "I21.0",
        "diagnosis_name": "急性前壁心肌梗死", "ward": "心血管内科", "advice": "双抗不可自行停用。",
        "discharged_on": (clock.today(clock.now()) - timedelta(days=2)).isoformat(),
    }  # fmt: skip
    plan = journey["specialist"].post("/followup-discharges", body, want=201)
    journey["specialist"].post("/followup-discharges", body, want=409)
    levels = {each["level"] for each in plan["tasks"]}
    require(levels == {"COUNTY", "TOWNSHIP", "VILLAGE"}, f"the plan has only {levels}")
    return f"{plan['version']}: {len(plan['tasks'])} follow-ups at three levels; a second plan is refused"


def one_call(journey: Journey) -> str:
    caller, doctor, whom = journey["followup-caller"], journey["village-doctor"], journey.seen["resident"]
    lines = [each for each in caller.get("/followup-desk")["items"] if each["resident"] == whom]
    require(len(lines) == 1, "he does not stand on the desk once")
    caller.get(f"/residents/{whom}", want=404)
    call = caller.post("/followup-calls", {"resident": whom}, want=201)
    require(call["phone"], "the caller sees no number")
    busy = doctor.post("/followup-calls", {"resident": whom}, want=409)
    require(busy["code"] == "call-open", f"two people at one telephone: {busy}")
    caller.post(f"/followup-calls/{call['uuid']}/end", {"dialled": "ANSWERED", "answers": {}}, want=422)
    ended = caller.post(f"/followup-calls/{call['uuid']}/end", {"dialled": "ANSWERED", "answers": SAID})
    alerts = {code for each in ended["results"] for code in each["alerts"]}
    require(alerts == {"fluid"}, f"swelling was passed over, or more was heard: {alerts}")
    require(not ended["phone"], "the number stays after the call")
    again = doctor.post("/followup-calls", {"resident": whom}, want=409)
    require(again["code"] == "called-this-week", f"called twice in a week: {again}")
    seen = doctor.get(f"/followup-contacts/{whom}")["contacts"][0]
    require(
        ["Are the legs swollen?", "Yes"] in seen["answers"],
        "the village doctor does not see the answers in her language",
    )
    return f"{len(call['purposes'])} purposes in one call, {len(call['scripts'])} scripts; the second caller reads the answers"


def leave_calls(journey: Journey) -> str:
    """Others who went home: they wait at the caller's desk, one of them after a busy line."""
    specialist, caller = journey["specialist"], journey["followup-caller"]
    known = [
        each for surname in SURNAMES[:4] for each in specialist.get(f"/residents?q={quote(surname)}&by=name&cursor=")["items"]
        if each["uuid"] != journey.seen["resident"] and each["status"] == "ACTIVE" and each["born_on"] < "1966"
    ]  # fmt: skip
    people = list({each["uuid"]: each for each in known}.values())[: len(SENT_HOME)]
    require(len(people) == len(SENT_HOME), f"the hospital knows only {len(people)} people")
    for person, (code, name, way, days) in zip(people, SENT_HOME, strict=True):
        left_on = (clock.today(clock.now()) - timedelta(days=days)).isoformat()
        body = {
            "resident": person["uuid"], "discharge": way, "diagnosis_code": code, "diagnosis_name": name, "discharged_on": left_on,
        }  # fmt: skip
        specialist.post("/followup-discharges", body, want=201)
    call = caller.post("/followup-calls", {"resident": people[0]["uuid"]}, want=201)
    caller.post(f"/followup-calls/{call['uuid']}/end", {"dialled": "BUSY", "answers": {}})
    lines = caller.get("/followup-desk")["items"]
    require({each["uuid"] for each in people} <= {each["resident"] for each in lines}, "somebody is not on the desk")
    return f"{len(lines)} people on the caller's desk; a busy line may be dialled again today"


def screen(journey: Journey) -> str:
    doctor, person = journey["village-doctor"], own_people(journey, 12)[-1]
    form = doctor.get(f"/residents/{person['uuid']}/programme-screenings")
    answers = {code: value for code, value in BORDER.items() if code in form["items"]}
    found = doctor.post(f"/residents/{person['uuid']}/programme-screenings", {"answers": answers}, want=201)["items"]
    risky = [each["programme"] for each in found if each["is_high_risk"]]
    listed = doctor.get("/programme-high-risk")["items"]
    require(risky and person["uuid"] in {each["resident"] for each in listed}, "nobody is at high risk")
    return f"one form for {', '.join(form['programmes'])}; at high risk: {', '.join(risky)}"


def hand_over(journey: Journey) -> str:
    doctor, village = journey["township-doctor"], journey["village-doctor"]
    home = village.get(f"/residents/{journey.seen['resident']}")["managed_by"]
    person = next(
        each for each in own_people(journey, 12) if village.get(f"/residents/{each['uuid']}")["managed_by"] == home
    )
    body = {
        "former": journey.seen["clinic"], "facility": journey.seen["township"], "why": "MOVED", "only": [person["uuid"]],
    }  # fmt: skip
    moved = doctor.post("/population-transfers", body, want=201)
    require(doctor.get(f"/residents/{person['uuid']}")["managed_by"] != home, "he did not go over")
    doctor.post(f"/population-transfers/{moved['uuid']}/undo")
    doctor.post(f"/population-transfers/{moved['uuid']}/undo", want=409)
    require(doctor.get(f"/residents/{person['uuid']}")["managed_by"] == home, "he did not come back")
    return f"{moved['residents']} resident to {moved['facility']} and back; undone once"


STEPS: dict[str, tuple[str, Callable[[Journey], str]]] = {
    "discharge-plan": ("specialist plans follow-up at three levels", plan_at_discharge),
    "one-call": ("the follow-up centre calls once for everything of the week", one_call),
    "call-desk": ("others who went home wait at the caller's desk", leave_calls),
    "screening": ("village doctor screens a resident for several diseases at once", screen),
    "hand-over": ("township doctor hands a resident over to another unit, and back", hand_over),
}
