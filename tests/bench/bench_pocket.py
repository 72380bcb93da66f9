"""``make bench-pocket``: the first sync of a panel of 1,500 on a line of 1 Mbit/s with 300 ms delay, in a real chromium.

The line is chromium's own emulation (``Network.emulateNetworkConditions``): the delay is added to each request, the bytes are let
through at the rate. Residents are made of one who was registered, enrolled in two
programmes and seen four times through the actions, each with name, address, telephone and figures of his own.
"""

import json
import os
import random
import time
from copy import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page

from tests.browsing import PHONE, Pages
from tests.factories.county import County, later
from tests.factories.programmes import a_programme_visit, an_enrolment
from xinglin.platform.ids import new_uuid
from xinglin.pocket.models import PanelEntry
from xinglin.programmes.models import Enrolment, ManagedResident, ProgrammeVisit, VisitResult
from xinglin.residents.models import Resident

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]
RESIDENTS = int(os.environ.get("RESIDENTS", "1500"))
MOST_SECONDS, BITS, DELAY_MS = 60, 1_000_000, 300
CHANCE = random.Random(1500)
NAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"


@pytest.fixture
def page(open_page: Pages) -> Page:
    return open_page("alma", **PHONE)


def panel(county: County) -> None:
    """Copies of one resident who takes part in two programmes and was seen four times."""
    first = an_enrolment(
        county, at=later(days=-310), phone="13700001234", address="东沟村 12 组 34 号", allergies="青霉素"
    )
    an_enrolment(county, resident=first.resident, programme="diabetes", at=later(days=-310))
    for days in (-300, -210, -120, -30):
        a_programme_visit(county, first, {"glucose_fasting": "6.4", "weight": "71.5"}, at=later(days=days))
    person, line = Resident.objects.get(), ManagedResident.objects.get()
    enrolments, visits = list(Enrolment.objects.all()), list(ProgrammeVisit.objects.order_by("id"))
    results = list(VisitResult.objects.all())
    people = Resident.objects.bulk_create(
        fresh(
            person, name=f"{NAMES[n % 20]}{NAMES[n // 20 % 20]}{NAMES[n // 400 % 20]}", number=f"B{n:08d}",
            identity_index=n.to_bytes(8, "big"), phone=f"13{CHANCE.randrange(10**9):09d}", sex=CHANCE.choice("12"),
            address=f"{CHANCE.choice(NAMES)}家庄 {CHANCE.randrange(1, 400)} 号", allergies=CHANCE.choice(["", "无", "青霉素"]),
            born_on=date(1935 + CHANCE.randrange(45), CHANCE.randrange(1, 13), CHANCE.randrange(1, 29)),
        )
        for n in range(1, RESIDENTS)
    )  # fmt: skip
    ManagedResident.objects.bulk_create(fresh(line, resident=each) for each in people)
    for each in enrolments:
        copies = Enrolment.objects.bulk_create(fresh(each, resident=one) for one in people)
        each.copies = {one.resident_id: one for one in copies}  # type: ignore[attr-defined]
    by_pk = {each.pk: each for each in enrolments}
    for visit in visits:
        copies = ProgrammeVisit.objects.bulk_create(
            fresh(visit, resident=one, client_id=new_uuid(), visit=None, answers={**visit.answers, **measured()})
            for one in people
        )
        VisitResult.objects.bulk_create(
            fresh(result, uuid=None, visit=made, enrolment=by_pk[result.enrolment_id].copies[made.resident_id])  # type: ignore[attr-defined]
            for result in results if result.visit_id == visit.pk for made in copies
        )  # fmt: skip


def measured() -> dict[str, str]:
    """Figures as they differ from one to the next: a panel of equal people would pack better than a real one."""
    return {
        "systolic": str(CHANCE.randrange(104, 178)), "diastolic": str(CHANCE.randrange(60, 104)),
        "heart_rate": str(CHANCE.randrange(56, 98)), "weight": f"{CHANCE.uniform(45, 90):.1f}",
        "glucose_fasting": f"{CHANCE.uniform(4.4, 11):.1f}", "adherence": CHANCE.choice(["regular", "regular", "irregular"]),
    }  # fmt: skip


def fresh(row: Any, **changes: Any) -> Any:
    """A copy that is not saved yet."""
    made = copy(row)
    made._state = copy(row._state)
    made._state.fields_cache = {}
    made.pk, made._state.adding = None, True
    if changes.get("uuid", "") is not None:
        made.uuid = new_uuid()
    for name, value in changes.items():
        if value is not None or name != "uuid":
            setattr(made, name, value)
    return made


def test_the_first_sync_of_a_whole_panel_on_a_bad_line(page: Any, live_server: Any, county: County):
    panel(county)
    asked: list[tuple[str, int]] = []
    page.on(
        "requestfinished",
        lambda request: asked.append(
            (request.url, sum(request.sizes()[k] for k in ("responseBodySize", "responseHeadersSize")))
        ),
    )
    page.goto(f"{live_server.url}/pocket/")
    page.get_by_label("口令", exact=False).first.fill("274915")
    page.get_by_label("再输一次口令").fill("274915")
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": DELAY_MS, "downloadThroughput": BITS / 8, "uploadThroughput": BITS / 8},
    )

    asked.clear()
    began = time.monotonic()
    page.get_by_role("button", name="登记并下载").click()
    page.get_by_text(f"已同步，{RESIDENTS}").wait_for(timeout=MOST_SECONDS * 2000)
    seconds = time.monotonic() - began

    sent = sum(size for _url, size in asked)
    found = {
        "residents": PanelEntry.objects.count(), "bits_per_second": BITS, "delay_ms": DELAY_MS, "requests": len(asked), "bytes": sent,
        "seconds": round(seconds, 1), "seconds_of_the_line_alone": round(sent * 8 / BITS + len(asked) * DELAY_MS / 1000, 1),
        "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip
    folder = Path(settings.BASE_DIR) / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pocket.json").write_text(json.dumps(found, indent=1) + "\n")
    print(f"first sync: {found}")
    assert found["residents"] == RESIDENTS
    assert seconds < MOST_SECONDS
