"""S3: the API under generated input (Schemathesis) and under known attacks on every parameter, in the process.

Checks left out, each because our contract says otherwise:

- ``ignored_auth``, ``missing_required_header``: who may ask is proven cell by cell in S1.
- ``positive_data_acceptance``: what the shape allows the rules may refuse (an unknown resident is 404, a state 409).
- ``negative_data_rejection``: a query parameter nobody knows is not looked at.
- ``unsupported_method``: a stranger learns 401 before 405.
- ``use_after_free``, ``ensure_resource_availability``: nothing is ever deleted.
"""

import logging
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client, override_settings
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import Failure, FailureGroup

from tests.reliability.matrix import World, operations_cached, undone
from xinglin.project.wsgi import application

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.timeout(900)]
LEFT_OUT = {
    "ignored_auth", "missing_required_header", "positive_data_acceptance", "negative_data_rejection", "unsupported_method",
    "use_after_free", "ensure_resource_availability",
}  # fmt: skip
QUICK, SLOW = 4, int(os.environ.get("XINGLIN_FUZZ_CASES", "500"))
#: Parts of the long run, so that every core has its own.
SHARES = 8
#: Words of the database driver that must never be in an answer.
DRIVER = re.compile(
    r"psycopg|syntax error at|SELECT .* FROM |relation \"|Traceback \(most recent|django\.db|column \"", re.I
)
ROLES = ("township-doctor", "reading-doctor", "referral-desk", "security-administrator", "consortium-manager")

PAYLOADS = (
    "'", "''", '"', "';--", "' OR '1'='1", "' OR 1=1--", "'; DROP TABLE residents_resident;--", "1; SELECT pg_sleep(5)--",
    "') OR ('1'='1", "admin'--", "' UNION SELECT NULL,NULL,NULL--", "' UNION SELECT password FROM accounts_user--", "%27%20OR%201=1",
    "1' AND (SELECT 1 FROM pg_sleep(5))--", "$$;SELECT 1;$$", "\\'; SELECT 1;--", "${jndi:ldap://x}", "{{7*7}}", "%s%s%s%n", "%",
    "%%", "_", "\\", "\\x00", "\x00", "a\x00b", "\ufeff", "\u202e", "\u200b", "＇", "＇；", "😀", "𠮷", "﷽" * 20, "'" * 500, "A" * 2000,
    "../../etc/passwd", "..\\..\\", "/etc/passwd%00", "|id", "$(id)", "`id`", "\r\nX-Injected: 1", "<script>alert(1)</script>",
    "＜script＞", "null", "undefined", "true", "-1", "0", "99999999999999999999", "1e309", "NaN", "Infinity", "[]", "{}", "[1]",
    "id", "-id", "name;", "name desc", "name,(select 1)", "created_at", "__class__", "_sort", "fields=*", "filter[name]=x",
    "eyJhIjoxfQ", "WzFd", "W251bGxd", "WyInIE9SIDE9MSJd", "WzEsMl0", "W1tdLHt9XQ", "WyIyMDI2LTEzLTQ1IiwgMV0", "////", "====", "é" * 400,
)  # fmt: skip


def checks() -> list[Any]:
    load_all_checks()
    known = {check.__name__: check for check in CHECKS.get_all()}
    assert set(known) >= LEFT_OUT, f"unknown: {LEFT_OUT - set(known)}"
    return [check for name, check in known.items() if name not in LEFT_OUT]


def schema() -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.fixture(autouse=True)
def _without_a_line_for_each_refusal() -> Iterator[None]:
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def _files_of_the_world(_own_files: None, world: World) -> Iterator[None]:
    """Figures are read from the facts that the world wrote, not from the empty folder of each test."""
    with override_settings(**world.settings):
        yield


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """A request must not close the connection in whose transaction the world stands (as Django's own test client does)."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def fuzz(world: World, *, examples: int, share: int = 0, of: int = 1) -> None:
    """`examples` cases for each operation of a share, divided among roles that differ; every fault is collected."""
    faults: dict[str, str] = {}
    counts: dict[str, int] = {}
    chosen = checks()
    described = [result.ok() for result in schema().get_all_operations()]
    assert len(described) == len(operations_cached())
    for operation in described[share::of]:
        counts[operation.label] = 0

        def one(case: Any) -> None:
            label = case.operation.label
            counts[label] += 1
            secret = world.secrets[ROLES[counts[label] % len(ROLES)], "own"]
            with undone():
                response = case.call(headers={"Authorization": f"Bearer {secret}"})
                text = response.content.decode(errors="replace")
                if DRIVER.search(text):
                    faults[f"{label}: words of the driver"] = text[:300]
                if response.status_code >= 500:
                    faults[f"{label}: {response.status_code}"] = f"{case.as_curl_command()} → {text[:300]}"
                    return
                try:
                    case.validate_response(response, checks=chosen)
                except (FailureGroup, Failure) as error:
                    for each in getattr(error, "exceptions", [error]):
                        what = " ".join(str(each).split())[:300]
                        faults.setdefault(f"{label}: {type(each).__name__}", f"{case.as_curl_command()} → {what}")

        run = settings(
            max_examples=examples, database=None, deadline=None, derandomize=True, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(given(case=operation.as_strategy())(one))  # fmt: skip
        run()
    print(f"S3: {sum(counts.values())} generated cases on {len(counts)} operations, {len(faults)} kinds of fault")
    for label, what in sorted(faults.items()):
        print(f"  {label}: {what}")
    assert sorted(faults) == []


def test_generated_input_breaks_no_operation(world: World) -> None:
    fuzz(world, examples=QUICK)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("share", range(SHARES))
def test_five_hundred_generated_cases_break_no_operation(world: World, share: int) -> None:
    fuzz(world, examples=SLOW, share=share, of=SHARES)


def _parameters() -> Iterator[tuple[str, str, str]]:
    """(operation, path, parameter) of everything that may stand after the ``?``; and some that no operation knows."""
    for operation, (method, path, described) in operations_cached().items():
        if method != "GET":
            continue
        for parameter in described.get("parameters", []):
            if parameter["in"] == "query":
                yield operation, path, parameter["name"]
    for path in ("/api/v1/residents", "/api/v1/referrals", "/api/v1/visits"):
        for name in ("_sort", "order_by", "fields", "filter", "limit"):
            yield "unknown", path, name


def test_payloads_in_every_parameter_break_nothing(world: World) -> None:
    n_calls, faults = 0, []
    clients = {
        role: Client(headers={"Authorization": f"Bearer {world.secrets[role, 'own']}"}, raise_request_exception=False)
        for role in ("township-doctor", "audit-administrator", "system-administrator")
    }  # fmt: skip
    for operation, path, parameter in _parameters():
        role = {"read_audit": "audit-administrator", "list_users": "system-administrator"}.get(
            operation, "township-doctor"
        )
        call = world.calls.get(operation)
        address = path.replace("{uuid}", str(call.uuid if call else ""))
        for payload in PAYLOADS:
            n_calls += 1
            with undone():
                answer = clients[role].get(address, {parameter: payload})
                text = answer.content.decode(errors="replace")
            if answer.status_code >= 500 or DRIVER.search(text) or "X-Injected" in answer.headers:
                faults.append(f"{address}?{parameter}={payload!r}: {answer.status_code} {text[:160]}")
    print(f"S3, S8: {n_calls} payloads in query parameters, {len(faults)} faults")
    assert n_calls > 1000
    assert faults == []


def test_payloads_in_every_page_parameter_break_nothing(world: World) -> None:
    from tests.factories.accounts import sign_in

    pages = {
        "/residents/": ("q", "by", "cursor"), "/referrals/": ("cursor", "status", "box"), "/diagnostics/": ("cursor", "show"),
        "/followups/": ("cursor", "box"), "/network/": ("q", "kind", "cursor", "area"), "/inbox/": ("cursor",),
    }  # fmt: skip
    client, n_calls, faults = (
        sign_in(Client(raise_request_exception=False), world.users["township-doctor", "own"]),
        0,
        [],
    )
    for path, names in pages.items():
        for name in names:
            for payload in PAYLOADS[::3]:
                n_calls += 1
                with undone():
                    answer = client.get(path, {name: payload})
                    text = answer.content.decode(errors="replace")
                if answer.status_code >= 500 or "<script>alert(1)" in text or "psycopg" in text:
                    faults.append(f"{path}?{name}={payload!r}: {answer.status_code}")
    print(f"S3, S8: {n_calls} payloads in page parameters, {len(faults)} faults")
    assert faults == []
