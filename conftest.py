"""The suite runs on a real PostgreSQL, as the application role: what the service may not do, a test cannot either."""

import gc
import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck, given, is_hypothesis_test, settings
from hypothesis import strategies as st
from psycopg import sql

from tests.browsing import browser, browser_arguments, open_page  # noqa: F401 - fixtures
from tests.template import ensure_template
from xinglin.project import database
from xinglin.project.management.commands import setup as set_up

#: Files and folders that ask one thing of every page, every operation, every state or a whole county, or that wait for
#: real passwords, processes and devices: right, and too long for each small change.
THOROUGH = (
    "/test_web.py",
    "/test_pages.py",
    "/test_migrating.py",
    "/synth/tests/",
    "/project/docs/tests/",
    "/reliability/test_s15_offline.py",
    "/reliability/test_s17_small_cells.py",
    "/reliability/test_s19_defaults.py",
    "/accounts/tests/test_reliability_s9.py",
    "/accounts/tests/test_reliability_s10.py",
    "/accounts/tests/test_actions_users.py",
    "/accounts/tests/test_actions_rights.py",
    "/diagnostics/tests/test_matrix.py",
    "/imaging/tests/test_listener.py",
    "/indicators/tests/test_maps.py",
    "/indicators/tests/test_readiness.py",
    "/indicators/tests/test_reports.py",
    "/indicators/tests/test_wall.py",
    "/submissions/tests/test_delivering.py",
)


def pytest_collection() -> None:
    """Files that ask the catalogue while they are read have no database to ask: nothing is dated yet."""
    from xinglin.programmes import kept  # noqa: PLC0415

    kept._seen = (float("inf"), ())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by its file what `make test` leaves to `make test-thorough`."""
    for item in items:
        path = item.path.as_posix()
        if any(each in path for each in THOROUGH) or item.get_closest_marker("matrix"):
            item.add_marker(pytest.mark.thorough)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before the first test of drawn examples, draw some that nobody times.

    Hypothesis reads every module of ours, once, when it first wants a number out of them: some seconds that the health check of
    whichever test came first took for a slow strategy.
    """
    if is_hypothesis_test(getattr(item, "obj", None)):
        _read_by_hypothesis()


@cache
def _read_by_hypothesis() -> None:
    drawing = settings(max_examples=5, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    drawing(given(st.lists(st.integers(), min_size=150, max_size=150))(lambda _numbers: None))()


def pytest_collection_finish() -> None:
    """What is loaded now stays to the end; the collector need not walk it again and again (a tenth of the time)."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Or what was frozen stays at the end, and DuckDB says so at length."""
    gc.unfreeze()
    gc.collect()


def _as_application(**kwargs: Any) -> None:
    with kwargs["connection"].connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {database.APP_ROLE}")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_blocker: Any) -> None:
    """The superuser makes the test database from the template; see `django_db_setup`."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415

    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    configs = (settings.DATABASES["default"], connections["default"].settings_dict)
    for config in configs:
        config["USER"] = "postgres"
    with django_db_blocker.unblock():
        template = ensure_template()
    for config in configs:
        config.setdefault("TEST", {}).update(NAME=f"test_{worker}", TEMPLATE=template, MIGRATE=False)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Hand the test database to the owner's successor: from here on every connection is the application role."""
    with django_db_blocker.unblock():
        set_up.make_roles(os.environ["DATABASE_URL"])
        settings_dict = connection.settings_dict
        url = f"postgresql://postgres@/{settings_dict['NAME']}?host={settings_dict['HOST']}"
        set_up.give_rights(url)
        connection_created.connect(_as_application, dispatch_uid="as-application")
        connection.close()
    yield
    connection_created.disconnect(dispatch_uid="as-application")
    with django_db_blocker.unblock():
        connection.close()


def _wipe(self: Any) -> None:
    """Empty what a test that committed filled; only the superuser can, the audit trail being append-only.

    Few tables hold a row after a test; TRUNCATE makes new files for all that refer to one of them, filled or not.
    """
    connection.rollback() if not connection.get_autocommit() else None
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE; SET row_security = off; SET session_replication_role = replica")
        cursor.execute(
            "SELECT tablename FROM pg_tables "
            "WHERE schemaname = 'public' AND tablename NOT IN ('django_migrations', 'django_content_type')"
        )
        tables = [row[0] for row in cursor.fetchall()]
        filled = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
        asked = (filled.format(sql.Literal(each), sql.Identifier(each)) for each in tables)
        cursor.execute(sql.SQL(" UNION ALL ").join(asked))
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL")
        for (sequence,) in cursor.fetchall():
            cursor.execute(sql.SQL("ALTER SEQUENCE {} RESTART").format(sql.Identifier(sequence)))
        cursor.execute(f"SET session_replication_role = DEFAULT; RESET row_security; SET ROLE {database.APP_ROLE}")
    connection.close()


TransactionTestCase._fixture_teardown = _wipe  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _own_files(settings: Any) -> Iterator[None]:
    """Each test has its own files, anchors and facts."""
    with tempfile.TemporaryDirectory() as folder:
        settings.FACTS_DIR = Path(folder) / "facts"
        settings.FILES_DIR = Path(folder) / "files"
        settings.ANCHORS_DIR = Path(folder) / "anchors"
        yield


@pytest.fixture(autouse=True)
def _in_chinese() -> None:
    """A page asked for in English leaves its thread in English; the next test begins in the county's language."""
    translation.activate("zh-hans")


@pytest.fixture(autouse=True)
def _no_dated_definitions(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test begins with what another one dated, and none asks the database for it before it dates something itself."""
    from xinglin.programmes import kept  # noqa: PLC0415

    monkeypatch.setattr(kept, "_seen", (float("inf"), ()))


@pytest.fixture
def county(db: None) -> Any:
    """A small county with its cast."""
    from tests.factories.county import County  # noqa: PLC0415

    return County()
