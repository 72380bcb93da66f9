"""What a contact leaves in the outbox of a telephone: nothing of a resident twice, and nothing of one who left."""

import json
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.factories.county import NOW

FOLDER = Path(__file__).parent


def an_entry(name: str, state: str, *, kind: str = "visit", resident: str = "mai", days: float = 0) -> dict[str, Any]:
    at = NOW - timedelta(days=days)
    change = {"client_id": name, "kind": kind, "resident": resident, "happened_at": at.isoformat(), "content": {}}
    return {"change": change, "state": state, "name": "王麦", "seen": {"uuid": resident, "visits": []}}


def left(*entries: dict[str, Any]) -> dict[str, Any]:
    """Mai is carried with the visit "held"; whoever else was, has left."""
    carried = [{"uuid": "mai", "visits": [{"id": "held"}]}]
    given = {"entries": entries, "residents": carried, "now": NOW.timestamp() * 1000}
    done = subprocess.run(
        ["/usr/bin/node", str(FOLDER / "outbox.mjs")], input=json.dumps(given), capture_output=True, text=True, check=True,
        timeout=60,
    )  # fmt: skip
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_the_copy_of_the_resident_goes_once_the_feed_holds_the_visit():
    found = left(an_entry("held", "done"), an_entry("coming", "done"), an_entry("waits", "waiting", days=40))

    assert found["ahead"] == ["coming", "waits"]
    ((shorter,), forgotten) = found["shorter"], found["forgotten"]
    assert (shorter["change"]["client_id"], "seen" in shorter, shorter["name"], forgotten) == (
        "held",
        False,
        "王麦",
        [],
    )


def test_what_is_reviewed_refused_or_no_visit_keeps_no_copy_and_stays_itself():
    found = left(an_entry("r", "review"), an_entry("f", "refused", days=90), an_entry("p", "done", kind="correction"))
    assert [each["change"]["client_id"] for each in found["shorter"]] == ["r", "f", "p"]
    assert found["forgotten"] == []


def test_what_is_recorded_is_forgotten_after_a_week_and_when_its_resident_leaves():
    found = left(
        an_entry("old", "done", days=8), an_entry("gone", "done", resident="zhao"), an_entry("young", "done", days=6),
        {**an_entry("late", "done", days=40), "at": NOW.timestamp() * 1000},
    )  # fmt: skip
    assert found["forgotten"] == ["old", "gone"]


def test_what_was_not_sent_of_one_who_left_is_sent_and_keeps_no_copy_of_him():
    found = left(an_entry("w", "waiting", resident="zhao"))
    assert (found["forgotten"], found["ahead"]) == ([], [])
    assert [each["state"] for each in found["shorter"]] == ["waiting"]
