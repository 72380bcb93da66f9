"""Chapters of the demonstration: a clinician adds a disease by a file, a second person reviews it, and running enrolments keep theirs."""

from collections.abc import Callable
from typing import Any

from xinglin.platform import clock
from xinglin.programmes.rules import framing
from xinglin.project.demo.playing import Journey, require, the_one, wait_for
from xinglin.project.demo.programmes import managed_here

#: Frames that not everybody grown up may be in.
NARROW = {"polycystic-ovary", "knee-osteoarthritis"}


def _disease(journey: Journey) -> dict[str, Any]:
    """A disease of which there is only a frame, for the county's team to complete."""
    if "disease" not in journey.seen:
        rows = journey["village-doctor"].get("/single-diseases")
        require(len(rows) == 60, f"{len(rows)} single diseases")
        journey.seen["disease"] = next(each for each in rows if each["is_frame"] and each["slug"] not in NARROW)
    found: dict[str, Any] = journey.seen["disease"]
    return found


def _mended(version: str) -> str:
    """The frame completed: who is well is seen every 120 days."""
    text = framing.text_of(version).replace("frame = true\n", "")
    for days in (180, 365):
        text = text.replace(f"every_days = {days}", "every_days = 120").replace(
            f"due_in_days = {days}", "due_in_days = 120"
        )
    return text


def _faulty(version: str) -> str:
    """The same with two grades that overlap: the middle one no longer leaves out who is worse."""
    grade = '{ none = [{ condition = "worse" }] }, { field = "daily_life", is = "some" }'
    return _mended(version).replace(f"when = [{grade}]", 'when = { field = "daily_life", is = "some" }')


def refused(journey: Journey) -> str:
    writer, version = journey["specialist"], _disease(journey)["version"]
    checked = writer.post("/programme-definitions/check", {"text": _faulty(version)})
    unsaid = "an overlap is not said with its line"
    overlap = the_one(checked["faults"], lambda each: each["place"].startswith("grades[") and each["line"], unsaid)
    writer.post("/programme-editions", {"text": _faulty(version)}, want=422)
    require(
        not writer.post("/programme-definitions/check", {"text": _mended(version)})["faults"],
        "the mended file has faults",
    )
    return f"line {overlap['line']}: {overlap['message']}"


def kept(journey: Journey) -> str:
    writer = journey["specialist"]
    row = writer.post("/programme-editions", {"text": _mended(_disease(journey)["version"])}, want=201)
    journey.seen["edition"] = row
    writer.post(f"/programme-editions/{row['uuid']}/effect", {}, want=201)
    effect = wait_for(lambda: _counted(journey, row["uuid"]), "what the file would do is not counted")
    require(effect["looked"] == effect["residents"] and not effect["fault"], "not everybody was looked at")
    counts = effect["counts"]
    return (
        f"{effect['looked']:,} residents looked at: {counts['eligible']} eligible, {counts.get('enrolled', 0)} enrolled"
    )


def _counted(journey: Journey, uuid: str) -> Any:
    effect = journey["specialist"].get(f"/programme-editions/{uuid}")["effect"]
    return effect if effect and effect["ended_at"] else None


def reviewed(journey: Journey) -> str:
    writer, reviewer = journey["specialist"], journey["consortium-manager"]
    row, disease = journey.seen["edition"], _disease(journey)
    address, seen = f"/programme-editions/{row['uuid']}/step", {"checksum": row["checksum"]}
    writer.post(address, {**seen, "step": "SUBMIT"})
    writer.post(address, {**seen, "step": "APPROVE"}, want=403)
    approved = reviewer.post(address, {**seen, "step": "APPROVE", "reason": "已与县内专业组核对"})
    require(approved["reviewed_by"] != approved["written_by"], "who wrote it reviewed it")
    doctor = journey["village-doctor"]
    before, after = managed_here(journey, 2)
    enrolled = doctor.post(
        "/enrolments", {"resident": before["uuid"], "programme": disease["slug"], "basis": "县医院诊断"}, want=201
    )
    writer.post(address, {**seen, "step": "DATE", "valid_from": "2020-01-01"}, want=422)
    dated = writer.post(address, {**seen, "step": "DATE", "valid_from": clock.today().isoformat()})
    newly = doctor.post(
        "/enrolments", {"resident": after["uuid"], "programme": disease["slug"], "basis": "县医院诊断"}, want=201
    )
    require(
        (enrolled["version"], newly["version"]) == (disease["version"], dated["version"]),
        "an enrolment has the wrong version",
    )
    return f"{dated['version']} holds; who was enrolled keeps {enrolled['version']}"


def moved(journey: Journey) -> str:
    doctor, row = journey["village-doctor"], journey.seen["edition"]
    version = journey["specialist"].get(f"/programme-editions/{row['uuid']}")["version"]
    rows = doctor.get(f"/programme-versions?programme={row['slug']}")["items"]
    left = next(each for each in rows if each["version"] != version)
    body = {
        "programme": row["slug"],
        "facility": left["facility_id"],
        "version": version,
        "counted": left["enrolments"],
    }
    doctor.post("/programme-moves", {**body, "counted": left["enrolments"] + 1}, want=409)
    done = doctor.post("/programme-moves", body, want=201)
    require(done["moved"] == left["enrolments"], "not as many went over as were counted")
    frames = sum(each["is_frame"] for each in doctor.get("/single-diseases"))
    return (
        f"{done['moved']} went over as counted; {60 - frames} of 60 single diseases are complete, {frames} are frames"
    )


STEPS: dict[str, tuple[str, Callable[[Journey], str]]] = {
    "definition-refused": ("specialist sends a disease's file with overlapping grades, and mends it", refused),
    "definition-kept": ("the draft is kept, and what it would do is counted on the county's records", kept),
    "definition-reviewed": ("a second person reviews it; it is dated, and running enrolments keep theirs", reviewed),
    "definition-moved": ("the village's enrolments are counted and moved to the new version", moved),
}
