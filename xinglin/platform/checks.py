"""Start-up checks: what must hold before the first request is taken."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from xinglin.platform.definitions import DefinitionError

MIN_POSTGRES = 150000


@register(Tags.database)
def database_keeps_promises(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """`synchronous_commit` and `fsync` are on, the version is known, and the role cannot change tables."""
    problems: list[CheckMessage] = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('synchronous_commit'), current_setting('fsync'), "
            "current_setting('server_version_num')::int, r.rolsuper OR r.rolbypassrls, "
            "has_schema_privilege(current_user, 'public', 'CREATE') "
            "FROM pg_roles r WHERE r.rolname = current_user"
        )
        commit, fsync, version, unbound, may_create = cursor.fetchone()
    if commit not in {"on", "remote_apply", "remote_write"}:
        problems.append(Error(f"synchronous_commit is {commit}: acknowledged writes could be lost", id="xinglin.E001"))
    if fsync != "on":
        problems.append(Error("fsync is off: acknowledged writes could be lost", id="xinglin.E002"))
    if version < MIN_POSTGRES:
        problems.append(Error("PostgreSQL 15 or newer is needed", id="xinglin.E003"))
    if unbound or may_create:
        problems.append(
            Error("the application's database role can change tables or pass row security", id="xinglin.E004")
        )
    if not settings.TLS and not set(settings.ALLOWED_HOSTS) <= {"127.0.0.1", "localhost", "[::1]", "testserver"}:
        problems.append(Error("XINGLIN_TLS=off is for loopback only", id="xinglin.E005"))
    return problems


def unreadable(reads: Iterable[Callable[[], object]], *, hint: str | None = None) -> list[CheckMessage]:
    """Definitions that cannot be read, a county's own among them, each with its place: told before the service starts, not
    page by page. `reads` read them; `hint`: how to check one file.
    """
    problems: list[CheckMessage] = []
    for read in reads:
        try:
            read()
        except (DefinitionError, KeyError) as error:
            problems.append(Error(str(error), hint=hint, id="xinglin.E007"))
    return problems
