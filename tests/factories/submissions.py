"""A form of a period with figures behind it, walked to a state through the actions; and a server that answers as DHIS2 does."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.factories.county import NOW, County
from tests.factories.residents import a_resident
from xinglin.indicators.facts.extraction import extract
from xinglin.platform.actors import Actor
from xinglin.submissions import actions
from xinglin.submissions.models import Submission
from xinglin.submissions.states import Status
from xinglin.visits.models import Prescription, Visit

OCTOBER = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
QUARTER, MONTH = "2026-Q3", "2026-10"


def second_person(county: County) -> Actor:
    """Somebody else who keeps the figures."""
    return county.actor(county.user("ou", "bureau-officer", county.bureau, name="欧", everywhere=True))


def a_visit_of(
    county: County, *, at: datetime, facility: Any = None, is_tcm: bool = False, resident: Any = None
) -> Visit:
    """A visit as it stands in the table; `is_tcm`: with a herbal prescription."""
    facility = facility or county.clinic
    visit = Visit.objects.create(
        resident=resident or a_resident(county), facility=facility, tier=facility.tier, started_at=at, recorded_at=at,
        number=f"V{Visit.objects.count()}-{at:%m%d}", status="SIGNED", status_changed_at=at,
    )  # fmt: skip
    if is_tcm:
        Prescription.objects.create(visit=visit, medicine="小柴胡汤", dose="1剂", frequency="bid", days=3, is_tcm=True)
    return visit


def some_figures(county: County, *, n: int = 12, at: datetime = NOW) -> None:
    """Visits of October and of the third quarter in both townships, and an extraction."""
    person = a_resident(county)
    for facility in (county.clinic, county.other_clinic):
        for each in range(n):
            a_visit_of(
                county, at=OCTOBER + timedelta(hours=each), facility=facility, is_tcm=each % 2 == 0, resident=person
            )
            a_visit_of(
                county, at=OCTOBER - timedelta(days=40) + timedelta(hours=each), facility=facility, resident=person
            )
    extract(at=at)


def a_submission(
    county: County, *, form: str = "grassroots-month", period: str = MONTH, status: str = Status.DUE, at: datetime = NOW
) -> Submission:
    """One at a state."""
    it = actions.open_submission(form=form, period=period, by=county.mei, at=at)
    steps = {
        Status.MADE: lambda: actions.make_submission(submission=it, by=county.mei, at=at),
        Status.CHECKED: lambda: actions.check_submission(submission=it, by=county.mei, at=at),
        Status.CONFIRMED: lambda: actions.confirm_submission(submission=it, by=second_person(county), at=at),
        Status.SENT: lambda: actions.note_sent(submission=it, words="网页上传", by=county.mei, at=at),
    }
    for step, deed in steps.items():
        if it.status != status:
            deed()
            assert it.status == step
    if status == Status.RECEIVED:
        actions.note_answer(submission=it, accepted=True, words="回执 1", by=county.mei, at=at)
    return it


class Dhis2:
    """What a server was sent, and what it will say; values it does not know are refused row by row, as a real one does."""

    def __init__(self) -> None:
        self.sets: list[dict[str, Any]] = []
        self.heads: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.kept: dict[tuple[str, ...], str] = {}
        self.unknown_units: set[str] = set()
        self.status = 0  # answer with this instead
        self.body: bytes = b""
        self.address = ""

    def answer(self, content: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Import a set."""
        counts = {"imported": 0, "updated": 0, "ignored": 0, "deleted": 0}
        conflicts = []
        for index, value in enumerate(content["dataValues"]):
            if value["orgUnit"] in self.unknown_units:
                counts["ignored"] += 1
                words = f"Organisation unit not found or not accessible: `{value['orgUnit']}`"
                conflicts.append({"object": value["orgUnit"], "value": words, "errorCode": "E7610", "indexes": [index]})
                continue
            key = tuple(value.get(part, "") for part in ("dataElement", "period", "orgUnit", "categoryOptionCombo"))
            if value.get("deleted"):
                counts["ignored" if self.kept.pop(key, None) is None else "deleted"] += 1
                continue
            counts["updated" if key in self.kept else "imported"] += 1
            self.kept[key] = value["value"]
        status = "WARNING" if conflicts else "SUCCESS"
        summary = {
            "responseType": "ImportSummary", "status": status, "importCount": counts, "conflicts": conflicts,
            "description": "Import process completed successfully", "dataSetComplete": "false",
        }  # fmt: skip
        code = 409 if conflicts else 200
        return code, {"httpStatus": "OK", "httpStatusCode": code, "status": status, "response": summary}


@contextmanager
def a_dhis2() -> Iterator[Dhis2]:
    """A server on loopback."""
    state = Dhis2()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            state.paths.append(self.path)
            state.heads.append(dict(self.headers))
            code, body = state.status, state.body
            if not code:
                state.sets.append(json.loads(content))
                code, said = state.answer(state.sets[-1])
                body = json.dumps(said).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.address = f"http://127.0.0.1:{server.server_port}/dhis"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
