"""S19: what is safe without anybody having set it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client, override_settings

from tests.factories.county import County
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.platform import clock
from xinglin.project import database
from xinglin.project.management.commands.serve import web_command

ROOT = Path(__file__).resolve().parents[2]
GUARDED = ("residents_resident", "residents_rosterentry", "visits_visit")


def _check(*more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in {"XINGLIN_TLS", "XINGLIN_DEBUG", "DJANGO_ALLOW_ASYNC_UNSAFE"}
    }
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "xinglin", "check", "--deploy", "--fail-level", "WARNING", *more],
        cwd=ROOT, env={**kept, "XINGLIN_LOG": "ERROR", **environment}, text=True, capture_output=True, check=False, timeout=120,
    )  # fmt: skip


def test_the_deployment_check_is_clean_with_the_defaults() -> None:
    answer = _check()

    print(f"S19: check --deploy: {answer.stdout.strip().splitlines()[-1:]}")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "no issues" in answer.stdout


def test_plain_http_is_refused_for_any_address_but_loopback() -> None:
    answer = _check("--database", "default", XINGLIN_TLS="off", XINGLIN_HOSTS="xinglin.example.org")

    assert answer.returncode != 0
    assert "xinglin.E005" in answer.stderr


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)", "DROP TABLE residents_resident", "ALTER TABLE residents_resident ADD COLUMN x int",
        "ALTER TABLE residents_resident DISABLE ROW LEVEL SECURITY", "DROP POLICY county ON residents_resident",
        "TRUNCATE platform_auditrecord", "UPDATE platform_auditrecord SET event = 'x'", "DELETE FROM platform_auditrecord",
        "UPDATE platform_auditseal SET algorithm = 'x'", "CREATE ROLE other", "CREATE SCHEMA other",
        "COPY residents_resident TO PROGRAM 'cat'", "SELECT pg_read_file('/etc/passwd')",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
)  # fmt: skip
def test_the_role_of_the_service_can_change_rows_and_nothing_else(statement: str) -> None:
    refused = r"must be owner|permission denied|must be superuser"
    with pytest.raises(ProgrammingError, match=refused), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def stored(county: County) -> County:
    resident = a_resident(county, at=clock.now())
    a_visit(resident=resident, by=county.alma, at=clock.now())
    return county


@pytest.mark.parametrize("tenant", ["", "another-county"])
def test_a_connection_that_does_not_name_the_tenant_sees_nobody(stored: County, tenant: str) -> None:
    seen = {}
    with connection.cursor() as cursor:
        for table in GUARDED:
            cursor.execute(f"SELECT count(*) FROM {table}")
            before = cursor.fetchone()[0]
            cursor.execute("SELECT set_config('xinglin.tenant', %s, true)", [tenant])
            cursor.execute(f"SELECT count(*) FROM {table}")
            seen[table] = (before, cursor.fetchone()[0])
            cursor.execute("SELECT set_config('xinglin.tenant', %s, true)", [settings.TENANT])

    print(f"S19: rows as the application role, with and without its tenant ({tenant or 'none'}): {seen}")
    assert all(before > 0 and after == 0 for before, after in seen.values())


def test_row_security_is_forced_on_the_three_tables(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, relrowsecurity FROM pg_class WHERE relname = ANY(%s)", [list(GUARDED)])
        found = dict(cursor.fetchall())
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = %s",
            [database.APP_ROLE],
        )
        assert cursor.fetchone() == (False, False, False, False)

    assert found == dict.fromkeys(GUARDED, True)


def test_the_server_binds_to_loopback_unless_told() -> None:
    from xinglin.project.management.commands.serve import Command

    chosen = Command().create_parser("xinglin", "serve").parse_args([])

    assert chosen.host == "127.0.0.1"
    assert web_command(host=chosen.host, port=1, workers=1, threads=1)[6] == "127.0.0.1"
    assert settings.DEBUG is False
    assert set(settings.ALLOWED_HOSTS) <= {"127.0.0.1", "localhost", "[::1]", "testserver"}


def test_there_is_no_default_password_or_key(db: None) -> None:
    """No account exists before one is made; secrets are made on the first start, readable by their owner only."""
    from xinglin.accounts.models import User

    keys = [path for path in Path(settings.KEYS_DIR).rglob("*") if path.is_file()]
    literal = re.compile(r"""(?:password|secret|token)\w*\s*=\s*["'][^"'{}%]{6,}["']""", re.I)
    allowed = re.compile(r"noqa: S10[567]|Bearer |django-secret|PASSWORD_HASHERS|^\s*#")

    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / "xinglin").rglob("*.py") if "tests" not in path.parts and "demo" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if literal.search(line) and not allowed.search(line)
    ]  # fmt: skip
    assert User.objects.count() == 0
    assert len(settings.SECRET_KEY) >= 64
    assert keys
    assert {oct(path.stat().st_mode & 0o077) for path in keys} == {"0o0"}
    assert found == []


@pytest.fixture
def with_tls() -> Iterator[Client]:
    with override_settings(SECURE_HSTS_SECONDS=31_536_000, SECURE_HSTS_INCLUDE_SUBDOMAINS=True):
        yield Client()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/sign-in/", "/residents/", "/api/v1/me", "/nowhere", "/healthz"])
def test_every_answer_carries_the_headers(with_tls: Client, path: str) -> None:
    answer = with_tls.get(path, secure=True)

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000; includeSubDomains")
