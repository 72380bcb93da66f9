"""One resident's journey: village clinic → county hospital → township hospital → village clinic, with nothing lost.

Every step goes through the REST interface as the person who does it there, or is the work of the job worker.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.utils import timezone
from pypinyin import Style, lazy_pinyin

from xinglin.platform import clock
from xinglin.project.demo import (
    assessing,
    centres,
    consulting,
    contacting,
    contracting,
    devices,
    ecg,
    edges,
    handing,
    homes,
    laboratory,
    morning,
    onestop,
    pocket,
    programmes,
    recognising,
    returns,
    specimens,
    workshop,
)
from xinglin.project.demo import figures as national
from xinglin.project.demo.client import Client
from xinglin.project.demo.people import CHIEF, NEIGHBOUR
from xinglin.project.demo.playing import Journey, require, signature, wait_for

ROLES = [
    "village-doctor", "township-doctor", "reading-doctor", "referral-desk", "specialist", "consortium-manager", "resident",
    "system-administrator", "laboratory-technician", "laboratory-doctor", "pathology-technician", "pathologist",
    "consultation-desk", "consulting-expert", "followup-caller", "doctor-assistant", "bureau-officer", NEIGHBOUR, CHIEF,
]  # fmt: skip


#: Seconds; the former figures are shown until all the new ones are kept.
KEPT_WITHIN = 180


def extract() -> None:
    """Bring the facts up to date, as the worker does every hour."""
    subprocess.run([sys.executable, "-m", "xinglin", "facts"], check=True, stdout=subprocess.DEVNULL)


def figures(journey: Journey) -> dict[str, float]:
    """The county board, as the manager sees it."""
    board = journey["consortium-manager"].get("/board")
    return {each["slug"]: each["value"] or 0 for each in board["figures"]}


def look_at_the_board(journey: Journey) -> str:
    extract()
    journey.seen["board"] = figures(journey)
    return ", ".join(f"{slug} {value:g}" for slug, value in journey.seen["board"].items())


def find_by_initials(journey: Journey) -> str:
    own = journey["resident"].get("/me/record?before=")
    name = own["resident"]["name"]
    initials = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))
    found = journey["village-doctor"].get(f"/residents?q={initials}&by=auto&cursor=")["items"]
    person = next((each for each in found if each["uuid"] == own["resident"]["uuid"]), None)
    require(person, f"{initials} does not find the resident")
    journey.seen.update(resident=own["resident"]["uuid"], name=name)
    return f"'{initials}' finds {len(found)}, among them record {own['resident']['number']}"


def record_visit(journey: Journey) -> str:
    body = {
        "resident": journey.seen["resident"], "systolic": 186, "diastolic": 112, "pulse": 96, "complaint": "胸闷2小时，伴头晕",
        "history": "既往高血压，近1周自行停药。", "diagnoses": [{"code": "I10.x00"}], "advice": "立即行心电图检查。",
        "confirmed_unusual": True,
    }  # fmt: skip
    first = journey["village-doctor"].post("/visits", body, want=201, key="demo-visit-" + journey.seen["resident"])
    again = journey["village-doctor"].post("/visits", body, want=201, key="demo-visit-" + journey.seen["resident"])
    require(first["uuid"] == again["uuid"], "sending the visit twice made two")
    journey.seen["visit"] = first["uuid"]
    return f"visit {first['number']}, 186/112 mmHg; sent twice, kept once"


def request_ecg(journey: Journey) -> str:
    person = journey["village-doctor"].get(f"/residents/{journey.seen['resident']}")
    with tempfile.TemporaryDirectory() as folder:
        written = ecg.write(
            Path(folder) / "ecg.dcm", name=person["name"], born_on=person["born_on"], sex=person["sex"],
            at=timezone.localtime(clock.now()),
        )  # fmt: skip
        file = journey["village-doctor"].upload("/ecg-files", written)
    placed = journey["village-doctor"].post(
        "/ecg-requests",
        {
            "visit": journey.seen["visit"], "priority": "EMERGENCY", "question": "胸闷2小时，血压186/112，排除急性冠脉综合征",
            "recordings": [file["uuid"]],
        },
        want=201,
    )  # fmt: skip
    journey.seen["request"] = placed["uuid"]
    return f"request {placed['number']} with a 12-lead DICOM recording ({file['size'] // 1024} KB)"


def claim_ecg(journey: Journey) -> str:
    reader = journey["reading-doctor"]
    told = wait_for(
        lambda: [m for m in reader.get("/messages?unread=true")["items"] if m["urgency"]], "the centre was not told"
    )
    waiting = reader.get("/ecg-requests")["items"]
    require(any(each["uuid"] == journey.seen["request"] for each in waiting), "the request is not on the work list")
    reader.post(f"/ecg-requests/{journey.seen['request']}/claim")
    return f"told by the worker ({len(told)} messages), {len(waiting)} on the work list, claimed"


def see_trace(journey: Journey) -> str:
    trace = journey["reading-doctor"].get(f"/ecg-requests/{journey.seen['request']}/trace.json")
    require(len(trace["leads"]) == 12, "the trace has not twelve leads")
    return f"{len(trace['leads'])} leads at {trace['sampling_hz']:g} Hz"


def report_critical(journey: Journey) -> str:
    report = journey["reading-doctor"].post(
        f"/ecg-requests/{journey.seen['request']}/final",
        {
            "findings": "窦性心律，V1–V4导联ST段抬高0.15–0.35mV，Ⅱ、Ⅲ、aVF导联ST段轻度压低。", "conclusion": "急性前壁ST段抬高，请结合临床立即处理。",
            "codes": ["st-elevation-anterior"], "is_abnormal": True, "criticals": [journey.seen["critical_code"]],
        },
    )  # fmt: skip
    open_values = journey["village-doctor"].get("/critical-values")["items"]
    mine = [each for each in open_values if each["request"] == journey.seen["request"]]
    require(mine, "the sender does not see the critical value")
    journey.seen["critical"] = mine[0]["uuid"]
    return f"{report['number']}: final report, critical value, to be acknowledged by {timezone.localtime(datetime.fromisoformat(mine[0]['due_at'])):%H:%M}"


def acknowledge(journey: Journey) -> str:
    doctor = journey["village-doctor"]
    wait_for(
        lambda: [m for m in doctor.get("/messages?unread=true")["items"] if m["urgency"] == 2],
        "the sender was not told",
    )
    doctor.post(
        f"/critical-values/{journey.seen['critical']}/acknowledge", {"read_back": "复述：急性前壁ST段抬高，立即转诊。"}
    )
    after = doctor.post(
        f"/critical-values/{journey.seen['critical']}/handle",
        {"handling": "已嚼服阿司匹林300mg，吸氧，走急诊绿色通道上转。"},
    )
    require(after["in_time"], "not acknowledged in time")
    return "read back in time, and what was done written down"


def refer_up(journey: Journey) -> str:
    doctor = journey["village-doctor"]
    sent = doctor.post(
        "/referrals",
        {
            "resident": journey.seen["resident"], "visit": journey.seen["visit"], "to_facility": journey.seen["hospital"],
            "channel": "emergency", "reason_code": journey.seen["up_reason"], "impression": "急性冠脉综合征？高血压3级",
            "impression_code": "I20.000", "summary": "胸闷2小时，血压186/112mmHg，远程心电提示前壁ST段抬高。",
            "treatment": "阿司匹林300mg嚼服，吸氧。", "consent_agreed": True, "consent_signer": journey.seen["name"],
            "consent_signature": signature(), "consent_explained": "病情危重，须立即转县医院。", "contact_phone_given": True,
            "attachments": [{"kind": "request", "uuid": journey.seen["request"]}, {"kind": "visit", "uuid": journey.seen["visit"]}],
        },
        want=201,
    )  # fmt: skip
    slip = doctor.get(f"/referrals/{sent['uuid']}/slip.pdf")
    require(slip[:5] == b"%PDF-", "the slip is no PDF")
    journey.seen["up"] = sent["uuid"]
    return f"{sent['number']} by the emergency channel, consent signed, slip printed ({len(slip) // 1024} KB)"


def accept(journey: Journey) -> str:
    desk = journey["referral-desk"]
    box = desk.get("/referrals?box=desk")["items"]
    require(any(each["uuid"] == journey.seen["up"] for each in box), "the referral is not on the desk")
    desk.post(f"/referrals/{journey.seen['up']}/accept", {"hold_kind": "BED", "hold_text": "心内科 12床"})
    desk.post(f"/referrals/{journey.seen['up']}/accept", {"hold_kind": "BED"}, want=409)
    return "accepted, bed held; a second acceptance is refused (409)"


def state_seen_by_sender(journey: Journey, want: str) -> None:
    state = journey["village-doctor"].get(f"/referrals/{journey.seen['up']}")["status"]
    require(state == want, f"the sending clinic sees {state}, not {want}")


def arrive(journey: Journey) -> str:
    journey["referral-desk"].post(f"/referrals/{journey.seen['up']}/arrive")
    state_seen_by_sender(journey, "ARRIVED")
    return "arrived; the sending clinic sees it"


def admit(journey: Journey) -> str:
    journey["specialist"].post(f"/referrals/{journey.seen['up']}/admit", {"department": "心内科", "bed": "12"})
    state_seen_by_sender(journey, "IN_CARE")
    return "admitted to the ward; the sending clinic sees it"


def discharge(journey: Journey) -> str:
    journey["specialist"].post(
        f"/referrals/{journey.seen['up']}/discharge",
        {"diagnosis": "急性前壁心肌梗死，PCI术后；高血压3级（极高危）", "results": "前降支植入支架1枚，EF 52%。"},
    )
    state_seen_by_sender(journey, "DISCHARGED")
    return "discharged with diagnosis and results; the sending clinic sees it"


def refer_down(journey: Journey) -> str:
    back = journey["specialist"].post(
        f"/referrals/{journey.seen['up']}/return",
        {
            "to_facility": journey.seen["township"], "reason_code": "rehabilitation", "impression": "急性前壁心肌梗死PCI术后",
            "summary": "病情平稳，适合基层康复。", "results": "支架1枚，EF 52%。", "treatment": "双抗、他汀、β受体阻滞剂、ACEI。",
            "plan": "每周测血压2次；双抗至少12个月；心脏康复每周3次；1月后县医院复查。", "followup_days": journey.seen["followup_days"],
        },
        want=201,
    )  # fmt: skip
    journey.seen["down"] = back["uuid"]
    state_seen_by_sender(journey, "RETURNED")
    return f"{back['number']} to the township hospital with a rehabilitation plan"


def receive_back(journey: Journey) -> str:
    journey["township-doctor"].post(f"/referrals/{journey.seen['down']}/receive-back", {"note": "已接回，康复科随诊。"})
    state_seen_by_sender(journey, "CLOSED")
    return "the township hospital has the patient; the first referral is closed"


def follow_up(journey: Journey) -> str:
    doctor = journey["village-doctor"]
    tasks = wait_for(
        lambda: [t for t in doctor.get("/followups")["items"] if t["resident"] == journey.seen["resident"]],
        "no follow-up falls due for the village doctor",
    )
    doctor.post(
        f"/followups/{tasks[0]['uuid']}/complete",
        {
            "channel": "HOME",
            "systolic": 128,
            "diastolic": 78,
            "pulse": 68,
            "symptoms": [],
            "adherence": "REGULAR",
            "advice": "继续服药，规律康复。",
        },
    )
    left = [t["uuid"] for t in doctor.get("/followups")["items"]]
    require(tasks[0]["uuid"] not in left, "the task is still open")
    return f"due {tasks[0]['due_on']}, done at home: 128/78 mmHg"


def all_of(client: Client, address: str, following: str) -> list[dict[str, Any]]:
    """What all pages of a list hold; `following` names the place of the next one."""
    found, place = [], ""
    while True:
        page = client.get(address + quote(place))
        found += page["items"]
        place = page[following]
        if not place:
            return found


def whole_timeline(journey: Journey) -> str:
    address = f"/residents/{journey.seen['resident']}/timeline?before="
    entries = all_of(journey["village-doctor"], address, "next_before")
    kinds = {each["kind"].split(".")[0] for each in entries}
    for kind in ("visit", "request", "critical", "referral", "followup", "programme", "reading"):
        require(any(kind in each for each in kinds), f"no {kind} on the timeline: {sorted(kinds)}")
    return f"{len(entries)} entries: {', '.join(sorted(kinds))}"


def who_looked(journey: Journey) -> str:
    looks = all_of(journey["resident"], "/me/lookups?cursor=", "next_cursor")
    names = {each["who"] for each in looks}
    for role in ("village-doctor", "reading-doctor", "specialist"):
        require(
            journey.clients[role].who in names,
            f"{journey.clients[role].who} is not in the look-up log: {sorted(names)}",
        )
    return f"{len(looks)} looks by {', '.join(sorted(names))}"


def board_moved(journey: Journey) -> str:
    before, moving = journey.seen["board"], ("visits-by-tier", "referrals-by-direction", "ecg-requests")

    def moved() -> dict[str, float]:
        now = figures(journey)
        return now if all(now[slug] > before[slug] for slug in moving) else {}

    extract()
    after = wait_for(moved, f"{', '.join(moving)} have not all moved: {before}", seconds=KEPT_WITHIN)
    return ", ".join(f"{slug} {before[slug]:g} → {after[slug]:g}" for slug in after if after[slug] != before[slug])


def strangers_see_nothing(journey: Journey) -> str:
    journey["reading-doctor"].get(f"/residents/{journey.seen['resident']}", want=404)
    return "the reading doctor, who is on no roster, gets 404 for the record itself"


def chain_is_whole(journey: Journey) -> str:
    time.sleep(2.5)  # the sealer closes what is settled every two seconds
    done = subprocess.run([sys.executable, "-m", "xinglin", "audit", "verify"], capture_output=True, text=True)
    require(done.returncode == 0 and "audit chain: whole" in done.stdout, done.stdout + done.stderr)
    return done.stdout.splitlines()[0]


STEPS: dict[str, tuple[str, Callable[[Journey], str]]] = {
    "board": ("manager looks at the county board", look_at_the_board),
    "find": ("village doctor finds the resident by pinyin initials", find_by_initials),
    "contract-team": ("township doctor forms a family-doctor team", contracting.form_team),
    "distribute": (
        "residents without a team are given to teams, one wins and the other is told",
        contracting.distribute,
    ),
    "contract": ("village doctor signs the resident with it, on the screen", contracting.sign),
    "his": ("a hospital's HIS tells of the resident by HL7 v2", edges.his_sends),
    "mended": ("a faulty message waits, its mapping is mended, it is replayed", edges.his_is_mended),
    "visit": ("village doctor records the visit", record_visit),
    "duty": ("reading doctor goes on duty at the ECG centre", centres.go_on_duty),
    "ecg": ("village doctor uploads the ECG and asks the centre", request_ecg),
    "assigned": ("the request is assigned to who is on duty", centres.assigned),
    "claim": ("reading doctor claims it from the work list", claim_ecg),
    "trace": ("reading doctor sees the trace", see_trace),
    "report": ("reading doctor reports a critical value", report_critical),
    "figures": ("the head of the centre looks at its figures", centres.look_at_the_figures),
    "acknowledge": ("village doctor acknowledges it", acknowledge),
    "ordered": ("a hospital's HIS orders tests by HL7 v2, and cancels them", edges.his_orders),
    "images": ("village doctor asks for a head CT", edges.request_images),
    "device": ("the device picks him from its work list and sends the images", edges.take_images),
    "read": ("reading doctor reports the images", edges.report_images),
    **laboratory.STEPS,
    "biopsy": ("township doctor sends a gastroscopic biopsy", specimens.send),
    "hold": ("the pathology desk holds it and asks, the sender answers and corrects", specimens.hold_and_answer),
    "receive-specimen": ("it is received, grossed into two blocks, embedded and cut", specimens.prepare_slides),
    "pathology": ("the pathologist signs a report with a picture", specimens.report),
    "opinion": ("an outside opinion, a special stain, a supplementary report", specimens.supplement),
    "loan": ("a slide is lent from the archive and comes back", specimens.lend),
    **consulting.STEPS,
    "recognised": ("township doctor orders the same CT and takes the result over", recognising.take_over),
    "repeated": ("township doctor has it done again, with a coded reason", recognising.examine_again),
    "saved": ("manager sees what was saved, the resident what was decided", recognising.money_saved),
    "refer": ("village doctor refers the resident up", refer_up),
    "accept": ("referral desk accepts and holds a bed", accept),
    "arrive": ("arrival", arrive),
    "admit": ("admission", admit),
    "discharge": ("discharge", discharge),
    "down": ("specialist refers down with a plan", refer_down),
    "receive": ("township hospital receives the patient back", receive_back),
    **contacting.STEPS,
    "followup": ("village doctor completes the follow-up that fell due", follow_up),
    **programmes.STEPS,
    **workshop.STEPS,
    "contract-kept": ("what was done proves what was promised, the resident rates it", contracting.kept),
    **homes.STEPS,
    **pocket.STEPS,
    **devices.STEPS,
    **onestop.STEPS,
    "timeline": ("everything stands on the timeline", whole_timeline),
    "lookups": ("the resident sees who looked", who_looked),
    "stranger": ("who has no business there sees nothing", strangers_see_nothing),
    "returns": ("officer sends in what the county does not produce itself", returns.sent_in),
    "moved": ("the board has moved", board_moved),
    **national.STEPS,
    **assessing.STEPS,
    **handing.STEPS,
    "morning": ("a morning's work waits at every desk", morning.leave_work),
    "audit": ("the audit chain is whole", chain_is_whole),
}


def prepared(clients: dict[str, Client], facts: dict[str, Any]) -> Journey:
    """A journey with the uuids and codes that a page would offer to choose from."""
    return Journey(clients, dict(facts, started=clock.now() - timedelta(seconds=1)))


def steps_of(journey: Journey) -> Iterator[tuple[str, Callable[[], str]]]:
    """Title and deed of each step, in order."""
    for title, deed in STEPS.values():
        yield title, partial(deed, journey)
