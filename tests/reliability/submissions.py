"""Submissions of the matrix at each of their states, and one well-formed call of each operation on them."""

from datetime import datetime
from typing import Any

from tests.factories.county import County
from tests.factories.submissions import a_submission
from xinglin.indicators.facts.extraction import extract
from xinglin.submissions import actions
from xinglin.submissions.states import Status

QUARTERS = {Status.DUE: "2025-Q4", Status.MADE: "2026-Q1", Status.CHECKED: "2026-Q2", Status.CONFIRMED: "2026-Q3"}


class Submissions:
    """One form of several quarters, each at a state; a month that was sent; a server at which nobody answers."""

    def __init__(self, county: County, *, at: datetime) -> None:
        extract(at=at)
        engineer = county.actor(county.user("xi", "system-administrator", county.hospital, everywhere=True))
        actions.set_destination(
            code="provincial-dhis2",
            title="省平台",
            address="http://127.0.0.1:9",
            username="",
            secret="",
            by=engineer,
            at=at,
        )
        self.of = {
            status: a_submission(county, form="provincial-dhis2-quarter", period=period, status=status, at=at)
            for status, period in QUARTERS.items()
        }
        self.sent = a_submission(county, period="2025-12", status=Status.SENT, at=at)

    def calls(self) -> dict[str, tuple[Any, ...]]:
        """Operation → what stands in its path, its body."""
        due, made, checked, confirmed = (self.of[status].uuid for status in QUARTERS)
        words = {"words": "网页上传"}
        return {
            "list_submission_forms": (),
            "list_submissions": (),
            "open_submission": (None, {"form": "grassroots-month", "period": "2025-11"}),
            "get_submission": (checked,),
            "download_submission": (checked,),
            "make_submission": (due, {}),
            "check_submission": (made, {}),
            "confirm_submission": (checked, {}),
            "turn_back_submission": (checked, words),
            "send_submission": (confirmed, {}),
            "note_submission_sent": (confirmed, words),
            "note_submission_answer": (self.sent.uuid, {"accepted": True, "words": "回执"}),
            "correct_submission": (self.sent.uuid, words),
            "cancel_submission": (due, words),
            "list_submission_destinations": (),
            "set_submission_destination": (None, {"code": "other", "title": "另一平台", "address": "https://x.example.org"}),
            "search_fhir_measures": (),
        }  # fmt: skip
