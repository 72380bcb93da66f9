"""Chapters of the demonstration in which the township hospital signs with an elderly home and does its round."""

import base64
from collections.abc import Callable
from datetime import timedelta

from xinglin.platform import clock
from xinglin.project.demo.playing import Journey, require

HOME = "夕阳红养老院"
SHEET = base64.b64encode(b"%PDF-1.4 signed sheet of the demonstration").decode()


def sign(journey: Journey) -> str:
    """A home is written down and signed with on paper, from three weeks ago on; a second agreement is refused."""
    doctor = journey["township-doctor"]
    found = doctor.get("/institutions")["items"]
    home = next((each for each in found if each["name"] == HOME), None)
    if home is not None:  # of an earlier demonstration
        journey["consortium-manager"].post(f"/institutions/{home['uuid']}/close", {"reason": "演示重新开始"})
    facts = {
        "name": HOME, "kind": "ELDERLY", "address": "镇政府街18号", "responsible": "孙桂英", "phone": "13700001111",
        "beds": 40, "opened_on": "2016-05-01", "facility": journey.seen["township"],
    }  # fmt: skip
    home = doctor.post("/institutions", facts, want=201)
    body = {
        "package": "elderly-home", "starts_on": (clock.today() - timedelta(days=20)).isoformat(),
        "facility": journey.seen["township"], "signer_name": "孙桂英", "signer_title": "院长", "scan": SHEET,
    }  # fmt: skip
    signed = doctor.post(f"/institutions/{home['uuid']}/agreements", body, want=201)
    refused = doctor.post(f"/institutions/{home['uuid']}/agreements", body, want=409)
    require(refused["code"] == "already-signed", f"signed twice: {refused}")
    journey.seen["home"], journey.seen["home-agreement"] = home["uuid"], signed["uuid"]
    return (
        f"{signed['number']} until {signed['ends_on']}, {len(signed['rounds'])} services planned; a second is refused"
    )


def go_round(journey: Journey) -> str:
    """The resident lives there and is seen at a round, signed for by the home; the manager sees the missed one."""
    doctor, manager = journey["township-doctor"], journey["consortium-manager"]
    stay = doctor.post(
        f"/institutions/{journey.seen['home']}/stays",
        {"resident": journey.seen["resident"], "since": clock.today().isoformat(), "room": "201"}, want=201,
    )  # fmt: skip
    rounds = doctor.get(f"/institution-agreements/{journey.seen['home-agreement']}")["rounds"]
    today = clock.today().isoformat()
    due = next(each for each in rounds if each["item"] == "round" and each["opens_on"] <= today <= each["due_on"])
    done = doctor.post(
        f"/institution-rounds/{due['uuid']}/record",
        {"came": ["汤医生", "护士小林"], "findings": "血压平稳，床单元整洁，药品在有效期内", "signer_name": "孙桂英",
         "scan": SHEET, "seen": [{"stay": stay["uuid"], "words": "神志清，血压平稳"}]},
    )  # fmt: skip
    require(done["status"] == "DONE", f"the round is not done: {done['status']}")
    missed = manager.get("/institution-rounds?box=missed")["items"]
    require(any(each["institution"] == HOME for each in missed), "the manager does not see the missed round")
    doctor.post(f"/stays/{stay['uuid']}/end", {"until": today})
    return f"{len(done['seen'])} seen, signed for by {done['signer_name']}; {len(missed)} missed shown to the manager"


STEPS: dict[str, tuple[str, Callable[[Journey], str]]] = {
    "home": ("township doctor signs with an elderly home, on paper", sign),
    "round": ("a round at the home is written down, the manager sees what was missed", go_round),
}
