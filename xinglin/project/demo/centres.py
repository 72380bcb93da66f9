"""The chapter of the shared centre: its reading doctor goes on duty, and what waits is assigned to him."""

from datetime import datetime, timedelta
from typing import Any

from xinglin.platform import clock
from xinglin.project.demo.playing import Journey, require, wait_for


def _centre(journey: Journey) -> str:
    found = [each for each in journey["reading-doctor"].get("/duty-centres")["items"] if each["kind"] == "ECG"]
    require(found, "the reading doctor has no ECG centre")
    return str(found[0]["uuid"])


def go_on_duty(journey: Journey) -> str:
    """The roster of the ECG centre begins with its first shift; played again, he is on duty already."""
    doctor, now, address = journey["reading-doctor"], clock.now(), f"/duty-centres/{_centre(journey)}/shifts"
    for shift in doctor.get(address)["items"]:
        begins, ends = (datetime.fromisoformat(shift[name]) for name in ("starts_at", "ends_at"))
        if shift["reader"] == doctor.who and begins <= now < ends:
            return f"on duty until {ends:%H:%M} UTC already"
    times = {"starts_at": (now - timedelta(minutes=1)).isoformat(), "ends_at": (now + timedelta(hours=8)).isoformat()}
    made = doctor.post(address, times, want=201)
    return f"{made['reader']} is on duty until {datetime.fromisoformat(made['ends_at']):%H:%M} UTC"


def assigned(journey: Journey) -> str:
    """The worker has suggested the emergency to him, with its own clock."""
    doctor = journey["reading-doctor"]

    def line() -> dict[str, Any] | None:
        found = doctor.get("/ecg-requests?show=mine")["items"]
        return next((each for each in found if each["uuid"] == journey.seen["request"] and each["assigned_to"]), None)

    given = wait_for(line, "the request was not assigned to the doctor on duty")
    require(given["assigned_to"] == doctor.who, f"assigned to {given['assigned_to']}")
    return f"{given['number']} is suggested to {given['assigned_to']} until {given['assigned_until'][11:16]} UTC"


def look_at_the_figures(journey: Journey) -> str:
    """The head's figures have the report."""
    found = journey["reading-doctor"].get(f"/duty-centres/{_centre(journey)}/figures?days=1")
    require(found["n_reported"] >= 1 and found["share_in_time"] is not None, "the report is not in the figures")
    return f"{found['n_reported']} reported of {found['n_requests']} in a day, {found['n_unread']} waiting"
