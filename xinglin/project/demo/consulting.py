"""The chapter of a remote consultation: a village doctor asks two experts at once, one of them from outside the county.

They read the ECG because the case lends it to them, and no longer when the case has closed.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from xinglin.accounts.models import User
from xinglin.consultations.actions import register_expert
from xinglin.consultations.models import Expert
from xinglin.platform.actors import system_actor
from xinglin.project.demo import people
from xinglin.project.demo.client import Client
from xinglin.project.demo.playing import Journey, require, signature, wait_for

SAID = {
    "findings": "已阅心电图：V1–V4导联ST段抬高，结合胸闷2小时、血压186/112mmHg。", "diagnosis": "急性前壁ST段抬高型心肌梗死，Killip I级；高血压3级",
    "advice": "立即启动胸痛绿色通道转县医院；阿司匹林300mg、替格瑞洛180mg；途中心电监护，备除颤。",
}  # fmt: skip
AT_ONCE = 2  # how urgent a message is that does not wait


def prepare(*, at: datetime) -> None:
    """The specialist and the expert from outside stand in the directory of the county hospital, once."""
    by, sign_ins = system_actor("demonstration"), people.load()
    desk = User.objects.filter(username=sign_ins["consultation-desk"].username).first()
    if desk is None or desk.facility_id is None:
        return
    for role, title, outside in (("specialist", "CHIEF", ""), ("consulting-expert", "CHIEF", "省立医院")):
        user = User.objects.get(username=sign_ins[role].username)
        if not Expert.objects.filter(user=user).exists():
            register_expert(
                username=user.username, managed_by_id=desk.facility_id, title=title, specialty="cardiology",
                field="冠心病、胸痛", outside_hospital=outside, by=by, at=at,
            )  # fmt: skip


def ask(journey: Journey) -> str:
    doctor = journey["village-doctor"]
    experts = doctor.get("/consultation-experts?specialty=cardiology")["items"]
    require(len(experts) >= 2, "the directory has no two cardiologists")  # noqa: PLR2004
    body = {
        "resident": journey.seen["resident"], "visit": journey.seen["visit"], "to_facility": journey.seen["hospital"],
        "kind": "IMMEDIATE", "reason": "胸闷2小时，心电图危急值", "aim": "是否急性心梗，转运前如何处理", "specialty": "cardiology",
        "summary": "胸闷2小时伴头晕，血压186/112mmHg，远程心电提示前壁ST段抬高。", "title_wanted": "CHIEF",
        "experts": [each["uuid"] for each in experts],
        "pack": [
            {"kind": "REQUEST", "uuid": journey.seen["request"]}, {"kind": "VISIT", "uuid": journey.seen["visit"]},
            {"kind": "RECORD"},
        ],
    }  # fmt: skip
    doctor.post("/consultations", body, want=422)
    consent = {"consent_agreed": True, "consent_signer": journey.seen["name"], "consent_signature": signature()}
    asked = doctor.post("/consultations", body | consent, want=201)
    journey.seen.update(case=asked["uuid"], experts={each["name"]: each["uuid"] for each in experts})
    journey.seen["parts"] = {each["kind"]: each["uuid"] for each in asked["pack"]}
    return f"{asked['number']}: refused without consent, sent with it; {len(experts)} experts asked, {len(asked['pack'])} items in the pack"


def _part(journey: Journey, kind: str) -> str:
    return f"/consultations/{journey.seen['case']}/pack/{journey.seen['parts'][kind]}"


def _urgent_messages(expert: Client) -> list[dict[str, Any]]:
    return [each for each in expert.get("/messages?unread=true")["items"] if each["urgency"] == AT_ONCE]


def accept(journey: Journey) -> str:
    case = journey.seen["case"]
    for role in ("specialist", "consulting-expert"):
        expert = journey[role]
        wait_for(partial(_urgent_messages, expert), "an expert was not told")
        before = expert.get(f"/consultations/{case}")
        require(not before["resident_name"] and not before["pack"], "the expert reads before he has said yes")
        expert.get(_part(journey, "REQUEST"), want=404)
        expert.post(f"/consultations/{case}/accept", {})
    return "both told by the worker; the pack was not found (404) until they said yes"


def read(journey: Journey) -> str:
    outside = journey["consulting-expert"]
    outside.get(f"/residents/{journey.seen['resident']}", want=404)
    opened = outside.get(_part(journey, "REQUEST"))
    trace = outside.get(f"/ecg-requests/{journey.seen['request']}/trace.json")
    require(len(trace["leads"]) == 12, "the trace is not lent")  # noqa: PLR2004
    journey["consultation-desk"].get(_part(journey, "REQUEST"), want=404)
    return f"the outside expert reads '{opened['conclusion']}' and 12 leads; the desk does not (404)"


def opine(journey: Journey) -> str:
    case = journey.seen["case"]
    written = journey["specialist"].post(f"/consultations/{case}/opinions", {**SAID, "is_joint": True})
    require(written["status"] == "ACCEPTED", "a joint opinion stands with one signature")
    opinion = written["opinions"][0]["uuid"]
    journey["consulting-expert"].post(f"/consultation-opinions/{opinion}/sign")
    after = journey["village-doctor"].get(f"/consultations/{case}")
    require(after["status"] == "OPINION_GIVEN", f"the case is {after['status']}")
    printed = journey["village-doctor"].get(f"/consultations/{case}/opinion.pdf")
    require(printed[:5] == b"%PDF-", "the opinion is no PDF")
    return f"joint opinion, {len(after['opinions'][0]['signatures'])} signatures, printed ({len(printed) // 1024} KB)"


def rate(journey: Journey) -> str:
    case = journey.seen["case"]
    for name, uuid in journey.seen["experts"].items():
        rating = {"expert": uuid, "side": "INVITER", "score": 5, "remark": "及时明确"}
        require(name, "an expert has no name")
        journey["village-doctor"].post(f"/consultations/{case}/ratings", rating)
    return f"{len(journey.seen['experts'])} experts rated 5 of 5"


def settle(journey: Journey) -> str:
    desk = journey["consultation-desk"]
    fees = [each for each in desk.get("/consultation-fees")["items"] if each["case"] == journey.seen["case"]]
    require(len(fees) == len(journey.seen["experts"]), "a fee is missing")
    for each in fees:
        shares = each["inviting_fen"] + each["expert_fen"] + each["platform_fen"]
        require(shares == each["amount_fen"], "the shares do not add up")
    desk.post(f"/consultation-fees/{fees[0]['uuid']}/settle", {"reference": "HZ-0001"})
    desk.post(f"/consultation-fees/{fees[1]['uuid']}/waive", {"reason": "协议支援，不收费"})
    desk.post(f"/consultation-fees/{fees[1]['uuid']}/settle", {"reference": "HZ-0002"}, want=409)
    return f"{fees[0]['amount_fen'] / 100:.2f} yuan settled in three shares, one fee waived with its reason"


def close(journey: Journey) -> str:
    decided = {"outcome": "按意见给药，走急诊绿色通道转县医院", "end_reading": True}
    journey["village-doctor"].post(f"/consultations/{journey.seen['case']}/close", decided)
    for role in ("specialist", "consulting-expert"):
        journey[role].get(_part(journey, "REQUEST"), want=404)
    journey["consulting-expert"].get(f"/ecg-requests/{journey.seen['request']}/trace.json", want=404)
    looks = journey["resident"].get("/me/lookups?cursor=")["items"]
    outside = journey.clients["consulting-expert"].who
    require(any(each["who"] == outside for each in looks), "the resident does not see who read his pack")
    return f"decided by the inviting doctor; pack and trace are gone for the experts (404); the resident sees that {outside} looked"


STEPS: dict[str, tuple[str, Callable[[Journey], str]]] = {
    "ask-experts": ("village doctor asks two cardiologists at once", ask),
    "experts-accept": ("both experts accept", accept),
    "experts-read": ("the expert from outside reads the pack", read),
    "joint-opinion": ("both sign one opinion", opine),
    "rate-experts": ("village doctor rates it", rate),
    "settle-fees": ("the desk settles one fee and waives the other", settle),
    "close-pack": ("the case ends and the pack closes", close),
}
