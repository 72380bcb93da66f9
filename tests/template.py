"""The migrated database that test databases are copied from: made once for a set of migrations, a second to copy."""

import fcntl
import hashlib
import os
from pathlib import Path

import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from psycopg import sql

PREFIX = "template_xinglin_"


def ensure_template() -> str:
    """The name of a database with all migrations applied; made by whoever comes first, the others wait for it."""
    name = PREFIX + _fingerprint()
    with Path(os.environ["XINGLIN_HOME"], "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
            found = {row[0] for row in server.execute("SELECT datname FROM pg_database")}
            if name not in found:
                for old in (each for each in found if each.startswith(PREFIX)):
                    server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(old)))
                _make(server, name)
    return name


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for config in sorted(apps.get_app_configs(), key=lambda each: each.label):
        for file in sorted(Path(config.path, "migrations").glob("*.py")):
            digest.update(f"{config.label}/{file.name}".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _make(server: psycopg.Connection, name: str) -> None:
    """Under a passing name until all is in it: what is killed half-way is never taken for whole."""
    draft = sql.Identifier(f"{PREFIX}draft")
    server.execute(sql.SQL("CREATE DATABASE {}").format(draft))
    usual = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = f"{PREFIX}draft"
    try:
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
    server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(draft, sql.Identifier(name)))
