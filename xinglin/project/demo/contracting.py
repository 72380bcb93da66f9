"""Chapters of the demonstration in which the resident gets a family-doctor team, and the team keeps its word."""

from datetime import date, datetime
from typing import Any

from xinglin.accounts.api import actor_by_username
from xinglin.contracts.actions import count_coverage, enter_population
from xinglin.contracts.models import PopulationBase
from xinglin.contracts.statistics import overview
from xinglin.platform import clock
from xinglin.project.demo.people import load
from xinglin.project.demo.playing import Journey, require, signature, wait_for

TEAM = "家庭医生一队"


#: Of a hundred residents on record so many live there, by turns of the units: some left for work, others came.
LIVING = (96, 103, 91, 99, 107, 94)
SOURCE = "合成数据，按在册居民推算，仅供演示"


def prepare(*, at: datetime) -> None:
    """Coverage is counted once, as each night; the manager enters how many people live in the area of each unit, once."""
    count_coverage(at=at)
    if PopulationBase.objects.exists():
        return
    manager = actor_by_username(load()["consortium-manager"].username, at=at)
    last_year = date(clock.today(at).year - 1, 12, 31)
    for n, line in enumerate(overview(manager).lines):
        share = LIVING[n % len(LIVING)]
        if line.facility_id is not None:
            enter_population(
                facility_id=line.facility_id, as_of=last_year, n_people=line.counts["n_people"] * share // 100,
                n_elderly=line.counts["n_elderly"] * share // 100, source=SOURCE, by=manager, at=at,
            )  # fmt: skip


def form_team(journey: Journey) -> str:
    doctor = journey["township-doctor"]
    team = next((each for each in doctor.get("/contract-teams")["items"] if each["name"] == TEAM), None)
    if team is None:
        team = doctor.post("/contract-teams", {"name": TEAM, "facility": journey.seen["township"]}, want=201)
        accounts = load()
        members = (("general-practitioner", "township-doctor", True), ("village-doctor", "village-doctor", False))
        for profession, role, leads in members:
            member = {"profession": profession, "username": accounts[role].username, "is_leader": leads}
            doctor.post(f"/contract-teams/{team['uuid']}/members", member)
        team = doctor.post(f"/contract-teams/{team['uuid']}/places", {"facility": journey.seen["clinic"]})
    journey.seen["team"] = team["uuid"]
    return f"'{team['name']}' with {len(team['members'])} members serves the village"


def distribute(journey: Journey) -> str:
    """Residents without a team: shown by a rule, one claimed by the village doctor, refused to the next who tries."""
    doctor, township = journey["village-doctor"], journey["township-doctor"]
    plan = township.post("/distributions", {"facility": journey.seen["clinic"], "keep": "household"})
    free = doctor.get("/unassigned-residents")["items"]
    require(bool(free), "everybody has a team already")
    address, body = f"/contract-teams/{journey.seen['team']}/residents", {"residents": [free[0]["uuid"]]}
    given = doctor.post(address, body | {"claim": True})
    require(len(given["given"]) == 1, f"not claimed: {given}")
    again = township.post(address, body)
    told = again["refused"][0]
    require(
        told["code"] == "already-assigned" and TEAM in told["reason"], f"the refusal does not say who has him: {told}"
    )
    mine = given["given"][0]
    require(mine["signed_until"] is None, "assigned was taken for signed")
    doctor.post(f"/assignments/{mine['uuid']}/release", {"reason": "演示后退回"})
    township.get(f"/contract-teams/{journey.seen['team']}/residents")
    return f"{plan['n_asked']} without a team in the village, {len(plan['teams'])} teams serve it; one claimed, refused to the next, given back"


def sign(journey: Journey) -> str:
    doctor = journey["village-doctor"]
    for standing in journey["resident"].get("/me/agreements"):
        if standing["status"] in ("ACTIVE", "SIGNED"):
            doctor.post(f"/agreements/{standing['uuid']}/end", {"reason_code": "request"})
    body = {
        "resident": journey.seen["resident"], "team": journey.seen["team"], "packages": ["basic"],
        "signer_name": journey.seen["name"], "signature": signature(),
    }  # fmt: skip
    signed = doctor.post("/agreements", body, want=201)
    refused = doctor.post("/agreements", body, want=409)
    require(refused["code"] == "already-signed", f"signed twice: {refused}")
    require(TEAM in refused["message"], "the refusal does not name the team")
    journey.seen["agreement"] = signed["uuid"]
    return (
        f"{signed['number']} until {signed['ends_on']}, {len(signed['promises'])} items promised; a second is refused"
    )


def kept(journey: Journey) -> str:
    address = f"/agreements/{journey.seen['agreement']}"

    def proved() -> list[dict[str, Any]]:
        promises = journey["village-doctor"].get(address)["promises"]
        return [each for each in promises if each["proof_kind"] == "visits.visit"]

    done = wait_for(proved, "the visit has proved nothing")
    require(all(each["in_time"] for each in done), "done, but not in time")
    journey["resident"].post(f"{address}/rate", {"score": 5, "promise": done[0]["uuid"]})
    journey["resident"].post(f"{address}/rate", {"score": 1, "promise": done[0]["uuid"]}, want=409)
    return f"the visit proves {len(done)} promised items; the resident is content, and says so once"
