"""S1, S2 and S13: every operation asked by every role from every place; identifiers of others; an audit record for each call.

The expected answers stand in ``tests/authorization.toml``, which is reviewed by hand.
"""

import json
import os
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from itertools import cycle, product
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, get_resolver

from tests.factories.accounts import sign_in
from tests.factories.diagnostics import an_ecg_file
from tests.factories.readings import post
from tests.factories.visits import a_visit
from tests.reliability.matrix import SCOPES, WHOLE, Answer, Call, World, operations_cached, undone
from tests.reliability.rows import TABLE, expected
from xinglin.accounts.roles import ROLES
from xinglin.diagnostics.actions import uploads
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1500), pytest.mark.matrix]
#: The quick run asks by one who may, at his own place and elsewhere, and by two who may not. `make test-slow` asks by all.
Cells = dict[tuple[str, str, str], Answer]


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text())


def asked(table: dict[str, Any], operation: str, number: int) -> Iterator[tuple[str, str]]:
    """(role, place) for which an operation is asked. The two who may not are others for each operation."""
    if WHOLE:
        yield from product(ROLES, SCOPES)
        return
    allowed = {role for role, scope, answer in expected(table, operation) if (scope, answer) == ("own", "ok")}
    yield from product(sorted(allowed)[:1], SCOPES)
    refused = [role for role in ROLES if role not in allowed]
    yield from ((refused[(number + step) % len(refused)], "own") for step in range(min(2, len(refused))))


@pytest.fixture(scope="module")
def cells(world: World, table: dict[str, Any]) -> Cells:
    """Every operation × role × place (see `asked`), and without a valid token."""
    found: Cells = {}
    dead = cycle(
        ROLES
    )  # whose a dead token was cannot matter: each operation meets one role's, each role many operations
    for number, operation in enumerate(operations_cached()):
        if operation not in world.calls:
            continue
        for role, scope in asked(table, operation, number):
            found[operation, role, scope] = world.send(operation, world.secrets[role, scope])
        role = next(dead)
        found[operation, role, "expired"] = world.send(operation, world.expired[role])
        found[operation, role, "revoked"] = world.send(operation, world.revoked[role])
        found[operation, "", "anonymous"] = world.send(operation)
        found[operation, "", "nonsense"] = world.send(operation, "xl_nonsense")
    if os.environ.get("XINGLIN_WRITE_AUTHORIZATION"):
        Path(os.environ["XINGLIN_WRITE_AUTHORIZATION"]).write_text(as_table(found))
    return found


def verdict(answer: Answer) -> str:
    return "ok" if 200 <= answer.status < 300 else str(answer.status)


def as_table(cells: Cells) -> str:
    """The rows as they are now, for a reviewer to compare."""
    letters = {role: letter for letter, role in tomllib.loads(TABLE.read_text())["roles"].items()}
    lines = []
    for operation in operations_cached():
        by_scope = {}
        for scope in SCOPES:
            grouped: dict[str, str] = defaultdict(str)
            for role in ROLES:
                if (operation, role, scope) in cells:
                    grouped[verdict(cells[operation, role, scope])] += letters[role]
            by_scope[scope] = (
                "{ " + ", ".join(f'{key} = "{grouped[key]}"' for key in sorted(grouped, reverse=True)) + " }"
            )
        if len(set(by_scope.values())) == 1:
            by_scope = {"all": by_scope["own"]}
        elif by_scope["sibling"] == by_scope["other"]:
            by_scope = {"own": by_scope["own"], "away": by_scope["other"]}
        lines.append(f"{operation} = {{ " + ", ".join(f"{scope} = {row}" for scope, row in by_scope.items()) + " }")
    return "\n".join(lines) + "\n"


# S1 ------------------------------------------------------------------------------------------------------------------
def test_every_operation_has_a_call(world: World) -> None:
    assert set(world.calls) == set(operations_cached())


def test_every_cell_of_the_matrix_is_as_reviewed(table: dict[str, Any], cells: Cells) -> None:
    n_cells, different = 0, []
    for operation in operations_cached():
        for role, scope, answer in expected(table, operation):
            if (operation, role, scope) not in cells:
                continue
            n_cells += 1
            found = cells[operation, role, scope]
            if verdict(found) != answer:
                different.append(
                    f"{operation} {role} {scope}: {found.status} instead of {answer} {found.content[:200]!r}"
                )
    for (operation, role, scope), found in cells.items():
        if scope not in SCOPES:
            n_cells += 1
            if found.status != 401:
                different.append(f"{operation} {role} {scope}: {found.status} instead of 401")

    print(
        f"S1: {n_cells} cells ({len(operations_cached())} operations, {len(ROLES)} roles), {len(different)} differences"
    )
    assert n_cells == len(cells)
    assert different == []


def test_every_operation_succeeds_for_somebody(table: dict[str, Any], cells: Cells, world: World) -> None:
    """Otherwise a row of refusals would prove nothing."""
    never = {op for op in operations_cached() if not any(verdict(a) == "ok" for (o, *_), a in cells.items() if o == op)}
    assert never == set(table["by_session_only"]) | set(table["by_device_only"])
    for operation, path in table["by_device_only"].items():
        with undone():
            own, now = world.readings, int(clock.now().timestamp() * 1000)
            answer = post(own.device, own.key, world.calls[operation].body, milliseconds=now, path=path)
            assert 200 <= answer.status_code < 300, (operation, answer.content)
    for operation in table["by_session_only"]:
        method, path, _ = operations_cached()[operation]
        with undone():
            client = sign_in(Client(), world.users["village-doctor", "own"])
            body = json.dumps(world.calls[operation].body, default=str)
            assert client.generic(method, path, body, content_type="application/json").status_code == 201, operation


# S2 ------------------------------------------------------------------------------------------------------------------
def test_an_identifier_of_another_facility_is_as_good_as_none(
    table: dict[str, Any], cells: Cells, world: World
) -> None:
    """In the path: 404, word for word the answer for what does not exist; nothing leaks; the try is in the audit trail."""
    secrets = [world.resident.name, world.resident.number, world.resident.id_number, "13700001234"]
    n_tries, n_compared = 0, 0
    for operation, (_, path, _) in operations_cached().items():
        if "{uuid}" not in path:
            continue
        call, compared = world.calls[operation], set()
        for role, scope, answer in expected(table, operation):
            if answer != "404" or (operation, role, scope) not in cells:
                continue
            n_tries += 1
            found = cells[operation, role, scope]
            if scope not in compared:
                compared.add(scope)
                n_compared += 1
                unknown = world.send(
                    operation, world.secrets[role, scope], Call(uuid4(), call.body, call.query, call.form, call.path)
                )
                assert (unknown.status, unknown.content) == (found.status, found.content), (operation, role, scope)
            text = found.content.decode()
            assert not any(each in text for each in secrets), (operation, role)
            assert any(outcome == "missing" for _, outcome, _ in found.audited), (operation, role, found.audited)
    print(
        f"S2: {n_tries} identifiers of others in paths, 0 leaked; {n_compared} answers compared with those for what does not exist"
    )
    assert n_tries > (500 if WHOLE else 300)


def foreign(world: World) -> dict[str, Any]:
    """For each name of a field: the object of another township that could stand there."""
    county, at = world.county, world.at
    visit = a_visit(resident=world.stranger, by=county.cai, at=at)
    file = SimpleUploadedFile("ecg.dcm", an_ecg_file().read())
    upload, _ecg = uploads.keep_upload(file=file, by=county.cai, at=at)
    return {
        "resident": world.stranger.uuid, "merged": world.stranger.uuid, "visit": visit.uuid, "uuid": visit.uuid,
        "recordings": [upload.uuid], "repeats": uuid4(),
    }  # fmt: skip


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def test_an_identifier_of_another_facility_in_a_body_is_refused(world: World) -> None:
    others, n_tries, wrong = foreign(world), 0, []
    bodies = {
        "placeEcgRequest": Call(
            body={"resident": world.resident.uuid, "question": "胸闷", "facility": world.county.clinic.uuid}
        ),
    }
    roles = {"mergeResidents": "township-doctor"}
    tries = [
        (op, name)
        for op in ("recordVisit", "plan_followup", "send_referral", "mergeResidents")
        for name in ("resident", "merged", "visit", "uuid")
    ]
    tries += [("placeEcgRequest", name) for name in ("resident", "visit", "recordings", "repeats")]
    for operation, name in tries:
        call = bodies.get(operation) or world.calls[operation]
        body = json.loads(json.dumps(call.body, default=str))
        if name == "uuid" and "attachments" in body:
            body["attachments"] = [{"kind": "visit", "uuid": str(others["uuid"])}]
        elif name in body or operation == "placeEcgRequest":
            body[name] = others[name]
            if name == "visit":
                body.pop("facility", None)
        else:
            continue
        n_tries += 1
        role = roles.get(operation, "village-doctor")
        found = world.send(operation, world.secrets[role, "own"], Call(call.uuid, body))
        unknown = str(uuid4())
        untold = json.loads(json.dumps(body, default=str).replace(str(_first(others[name])), unknown))
        same = world.send(operation, world.secrets[role, "own"], Call(call.uuid, untold))
        told_apart = same.content.decode().replace(unknown, "") != found.content.decode().replace(
            str(_first(others[name])), ""
        )
        is_hidden = found.status == 404 and any(outcome == "missing" for _, outcome, _ in found.audited)
        if told_apart or not (is_hidden or found.status == 422):
            wrong.append((operation, name, found.status, found.content[:200].decode(), found.audited))
        assert world.stranger.name not in found.content.decode()
    print(f"S2: {n_tries} identifiers of others in bodies, {len(wrong)} accepted or told apart")
    assert wrong == []


# S13 -----------------------------------------------------------------------------------------------------------------
def test_every_call_leaves_its_audit_record(cells: Cells) -> None:
    without = [key for key, answer in cells.items() if not answer.audited]
    mixed = [key for key, answer in cells.items() if len(answer.request_ids) > 1]
    ids = [request_id for answer in cells.values() for request_id in answer.request_ids]
    print(
        f"S13: {len(cells)} calls, {len(set(ids))} request ids in the audit trail, {len(without)} calls without a record"
    )
    assert without == []
    assert mixed == []
    assert len(ids) == len(set(ids)) == len(cells)


def test_a_refusal_is_written_as_a_refusal(cells: Cells) -> None:
    outcome_of = {401: "refused", 403: "refused", 404: "missing"}
    wrong = [
        (key, answer.status, answer.audited) for key, answer in cells.items()
        if answer.status in outcome_of and outcome_of[answer.status] not in {outcome for _, outcome, _ in answer.audited}
    ]  # fmt: skip
    assert wrong == []


# Pages ---------------------------------------------------------------------------------------------------------------
#: What anybody may open: alive, the signing-in itself, the language, static words for scripts.
OPEN = {
    "healthz", "language/", "sign-in/", "api/v1/openapi.json", "api/v1/docs", "jsi18n/", "sign-in/second-factor/",
    "pocket/worker.js", "pocket/manifest.webmanifest",  # the app's own program and icon, without data
}  # fmt: skip
#: The gallery of components, with invented samples; and the vendor's static files.
OPEN_FOLDERS = ("ui/", "static/")


def routes() -> Iterator[tuple[str, URLPattern]]:
    def walk(patterns: Any, prefix: str) -> Iterator[tuple[str, URLPattern]]:
        for each in patterns:
            route = prefix + str(each.pattern)
            if isinstance(each, URLPattern):
                yield route, each
            else:
                yield from walk(each.url_patterns, route)

    return walk(get_resolver().url_patterns, "")


def address_of(route: str) -> str:
    import re

    route = re.sub(r"<uuid:\w+>", lambda _: str(uuid4()), route)
    route = re.sub(r"<int:\w+>", "1", route)
    return "/" + re.sub(r"<(?:\w+:)?\w+>", "x", route).lstrip("^").removesuffix("$")


def _leads_to_sign_in(client: Client, answer: Any) -> bool:
    """At once, or by way of a page that itself asks for sign-in."""
    target = answer.headers.get("Location", "")
    if answer.status_code not in {301, 302} or not target.startswith("/"):
        return False
    return "/sign-in" in target or "/sign-in" in client.get(target).headers.get("Location", "")


def test_every_address_refuses_an_anonymous(db: None) -> None:
    n_tries, wrong = 0, []
    client = Client(raise_request_exception=False)
    for route, _pattern in routes():
        if route in OPEN or route.startswith(OPEN_FOLDERS):
            continue
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            n_tries += 1
            answer = client.generic(method, address_of(route))
            to_sign_in = _leads_to_sign_in(client, answer)
            if answer.status_code not in {401, 403, 404, 405} and not to_sign_in:
                wrong.append((method, route, answer.status_code, answer.headers.get("Location", "")))
    print(f"S1, pages: {n_tries} addresses × methods without sign-in, {len(wrong)} open {wrong}")
    assert n_tries > 300
    assert wrong == []


def test_the_try_of_an_anonymous_is_in_the_audit_trail(client: Client) -> None:
    client.get("/residents/")

    assert AuditRecord.objects.filter(actor_kind="anonymous").values_list("outcome", flat=True)[:1][0] == "refused"
