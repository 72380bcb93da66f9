"""``xinglin setup``: make the database, its roles, tables and grants, the English catalogue and static files ready."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from xinglin.project import database
from xinglin.project.catalogues import compile_catalogues
from xinglin.visits.loading import load_starter_terms


class Command(BaseCommand):
    help = "Prepare the database (roles, migrations, grants), the English catalogue and static files. Safe to repeat."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        url = os.environ["DATABASE_URL"]
        make_roles(url)
        if _pending():
            _migrate()
        give_rights(url)
        load_starter_terms()
        compile_catalogues()
        collect_static_files()
        self.stdout.write("database, catalogues and static files are ready")


def _pending() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _migrate() -> None:
    """In a process that signs in as the owner: the application may not make tables."""
    owner_password = os.environ.get("XINGLIN_OWNER_PASSWORD", "")
    environment = {
        **os.environ, "XINGLIN_DATABASE_ROLE": database.OWNER_ROLE, "XINGLIN_APP_PASSWORD": owner_password
    }  # fmt: skip
    subprocess.run(
        [sys.executable, "-m", "xinglin", "migrate", "--verbosity", "0", "--skip-checks"], check=True, env=environment
    )


def make_roles(url: str) -> None:
    """Create the owner and the application role, and hand the schema to the owner. Two who do it at once take turns."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('xinglin.roles'))")
        for role, variable in (
            (database.OWNER_ROLE, "XINGLIN_OWNER_PASSWORD"),
            (database.APP_ROLE, "XINGLIN_APP_PASSWORD"),
        ):
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB").format(sql.Identifier(role))
                )
            if password := os.environ.get(variable):
                connection.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
                )
        connection.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(database.OWNER_ROLE)))
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")


#: Rows nobody may change once they are written.
APPEND_ONLY = ("platform_auditrecord", "platform_auditseal")


def give_rights(url: str) -> None:
    """The application role reads and writes rows, and only appends to the audit trail."""
    app = sql.Identifier(database.APP_ROLE)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(app))
        connection.execute(
            sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(app)
        )
        connection.execute(sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(app))
        connection.execute(sql.SQL("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {}").format(app))
        for table in APPEND_ONLY:
            connection.execute(
                sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(sql.Identifier(table), app)
            )


#: Maps for whoever mends a package, and a second reader of the interface's description.
NOT_SERVED = ["*.map", "redoc*"]


def collect_static_files() -> None:
    """Hash and compress what pages load, if any of it is not what it was the last time."""
    known = Path(settings.STATIC_ROOT, ".collected")
    now = _static_fingerprint()
    if known.exists() and known.read_text(encoding="ascii") == now:
        return
    call_command(
        "collectstatic", interactive=False, verbosity=0, skip_checks=True, clear=True, ignore_patterns=NOT_SERVED
    )
    known.write_text(now, encoding="ascii")


def _static_fingerprint() -> str:
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list(NOT_SERVED):
            state = Path(storage.path(path)).stat()
            digest.update(f"{storage.path(path)} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()
