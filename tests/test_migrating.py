"""The quicker `migrate` makes the same database as Django's own, to the last line of its catalogue."""

import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings

CATALOGUE = (
    "SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length, is_identity, "
    "generation_expression FROM information_schema.columns WHERE table_schema = 'public'",
    "SELECT conrelid::regclass::text, conname, contype::text, pg_get_constraintdef(oid), condeferrable, condeferred "
    "FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
    "AND prokind IN ('f', 'p')",
    "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT tablename, policyname, cmd, qual, with_check, roles::text FROM pg_policies",
    "SELECT relname, relrowsecurity, relforcerowsecurity, reloptions::text FROM pg_class "
    "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'p')",
    "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
    "SELECT app, name FROM django_migrations",
)


USUAL = (
    "import django; django.setup(); from django.core.management import call_command; "
    "from django.core.management.commands.migrate import Command; call_command(Command(), verbosity=0, skip_checks=True)"
)


@pytest.mark.timeout(900)  # two databases from nothing
def test_no_table_differs(django_db_modify_db_settings: None) -> None:
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS migrated_as_usual WITH (FORCE)")
        server.execute("CREATE DATABASE migrated_as_usual")
        try:
            environment = {
                "DJANGO_SETTINGS_MODULE": "xinglin.project.settings",
                "DATABASE_URL": _address(url, "migrated_as_usual"),
                "XINGLIN_DATABASE_ROLE": "postgres",
            }
            subprocess.run([sys.executable, "-c", USUAL], check=True, env=os.environ | environment)
            usual = _catalogue(_address(url, "migrated_as_usual"))
            ours = _catalogue(_address(url, settings.DATABASES["default"]["TEST"]["TEMPLATE"]))
        finally:
            server.execute("DROP DATABASE IF EXISTS migrated_as_usual WITH (FORCE)")
    assert len(usual) > 5000
    assert ours == usual


def _address(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _catalogue(url: str) -> list[str]:
    with psycopg.connect(url) as database:
        return sorted(f"{number} {row}" for number, each in enumerate(CATALOGUE) for row in database.execute(each))
