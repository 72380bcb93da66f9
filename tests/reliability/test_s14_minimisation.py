"""S14: identity and telephone numbers are seen in full by who needs them, and stand in no log, error page or script."""

import json
import logging
import re
from pathlib import Path

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.reliability.matrix import WHOLE, World, operations_cached, undone
from xinglin.accounts.data import Permission
from xinglin.accounts.roles import ROLES
from xinglin.platform.logs import ScrubIdentifiers
from xinglin.platform.models import AuditRecord, OutboxEvent

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(900), pytest.mark.matrix]
ROOT = Path(__file__).resolve().parents[2]
IDENTITY = re.compile(r"(?<![0-9A-Za-z-])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z-])")
PHONE = re.compile(r"(?<![0-9A-Za-z-])1[3-9][0-9]{9}(?![0-9A-Za-z-])")
#: The quick run asks by a few; `make test-slow` by all.
ASKING = (
    list(ROLES)
    if WHOLE
    else ["village-doctor", "reading-doctor", "consortium-manager", "audit-administrator", "resident"]
)
REVEALING = {role for role, each in ROLES.items() if Permission.RESIDENT_REVEAL in each.permissions}


#: Scripts that keep something in the browser, and what.
STORAGE = {
    "xinglin/diagnostics/static/diagnostics/ecg-screen.js": "how many pixels of this screen are a millimetre",
    "xinglin/pocket/static/pocket/app.js": "which language the reader chose, the same cookie as on every page",
    "xinglin/pocket/static/pocket/store.js": "the doctor's own people, each record encrypted under the PIN",
    "xinglin/pocket/static/pocket/worker.js": "the pages of the app itself, nobody's data",
}


#: Telephones that are told because of what they are: not a resident's, and for those who call there.
CONTACTS = {"get_institution": "the home's own telephone, for the unit that serves it"}


def numbers(text: str) -> set[str]:
    return set(IDENTITY.findall(text)) | set(PHONE.findall(text))


def test_numbers_are_masked_in_api_answers_for_who_may_not_reveal(world: World) -> None:
    n_answers, leaks, seen_in_full = 0, [], set()
    for operation, (method, _, _) in operations_cached().items():
        for role in ASKING:
            if method != "GET" and role in REVEALING:
                continue
            answer = world.send(operation, world.secrets[role, "own"])
            if answer.status >= 300 or answer.content[:4] in {b"%PDF", b"PK\x03\x04"}:
                continue
            n_answers += 1
            found = numbers(answer.content.decode(errors="replace"))
            own = role == "resident" and operation == "getOwnRecord"
            if found and role not in REVEALING and operation not in CONTACTS and not own:
                leaks.append((operation, role, found))
            seen_in_full |= {(operation, role)} if found else set()
    print(
        f"S14: {n_answers} API answers, {len(leaks)} with a number that the role may not see; in full for {sorted({o for o, _ in seen_in_full})}"
    )
    assert leaks == []


#: Page → who opens it; `uuid` of the resident, the visit, the request or the referral.
PAGES = ("/", "/residents/", "/residents/?q=王小麦", "/residents/{resident}/", "/visits/{visit}/", "/diagnostics/", "/diagnostics/{ecg}/",
         "/referrals/", "/referrals/{referral}/", "/followups/", "/followups/{task}/", "/inbox/", "/board/")  # fmt: skip


def test_pages_show_masked_numbers_and_keep_nothing_in_the_browser(world: World) -> None:
    """In full a number stands on a page only where somebody who may asked for it; lists and banners are masked for all."""
    ids = {
        "resident": world.resident.uuid, "visit": world.visit.uuid, "ecg": world.ecg["FINAL"].uuid, "task": world.task.uuid,
        "referral": next(each.uuid for status, each in world.referral.items() if status == "SUBMITTED"),
    }  # fmt: skip
    n_pages, leaks, caching = 0, [], []
    for role in ASKING:
        client = sign_in(Client(raise_request_exception=False), world.users[role, "own"])
        for page in PAGES:
            with undone():
                answer = client.get(page.format(**ids), follow=False)
            if answer.status_code != 200:
                continue
            n_pages += 1
            found = numbers(answer.content.decode())
            if found and role not in REVEALING | {"resident"}:  # a resident sees nothing but the own record
                leaks.append((page, role, found))
            if "no-store" not in answer.headers.get("Cache-Control", ""):
                caching.append((page, role))
    print(f"S14: {n_pages} pages, {len(leaks)} with a number in full, {len(caching)} that a browser may keep")
    assert n_pages >= len(ASKING) * 4
    assert leaks == []
    assert caching == []


def test_no_script_keeps_anything_in_the_browser() -> None:
    found = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "xinglin").rglob("*.js")
        if re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie|caches\.open", path.read_text())
    ]
    print(f"S14: {len(found)} scripts use storage of the browser: {found}")
    assert set(found) == set(STORAGE)


def test_error_pages_and_logs_hold_no_number(world: World) -> None:
    """Numbers in addresses, queries and bodies that go wrong: the answer and every line of the log are clean."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Keep()
    handler.addFilter(ScrubIdentifiers())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    number, phone = world.resident.id_number, "13700001234"
    client = Client(
        headers={"Authorization": f"Bearer {world.secrets['village-doctor', 'own']}"}, raise_request_exception=False
    )
    answers = []
    try:
        with undone():
            for path in (
                f"/residents/{number}/",
                f"/api/v1/residents/{number}",
                f"/nowhere/{number}",
                f"/api/v1/nowhere?phone={phone}",
            ):
                answers.append(client.get(path))
            for body in ({"name": "王小麦", "id_number": number, "x": 1}, {"name": number, "id_number": phone}):
                answers.append(
                    client.post("/api/v1/residents/arrivals", json.dumps(body), content_type="application/json")
                )
            logging.getLogger("django.request").error("fault near %s and %s", number, phone)
            try:
                raise ValueError(f"key (id_number)=({number}) already exists")
            except ValueError:
                logging.getLogger("xinglin").exception("fault")
    finally:
        root.removeHandler(handler)
    in_answers = [numbers(each.content.decode()) for each in answers]
    in_lines = [line for line in lines if numbers(line)]
    print(
        f"S14: {len(answers)} error answers and {len(lines)} log lines, {sum(map(len, in_answers)) + len(in_lines)} numbers in them"
    )
    assert all(each.status_code >= 400 for each in answers), [each.status_code for each in answers]
    assert lines
    assert not any(in_answers)
    assert in_lines == []


def test_the_audit_trail_and_the_outbox_hold_no_number(world: World) -> None:
    fields = [str(row) for row in AuditRecord.objects.values_list("reason", "detail", "object_key")]
    fields += [str(row) for row in OutboxEvent.objects.values_list("detail")]
    found = [each for each in fields if numbers(each)]
    print(f"S14: {len(fields)} records of the audit trail and the outbox, {len(found)} with a number")
    assert len(fields) > 50
    assert found == []
