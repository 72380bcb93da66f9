"""Taking secondary indexes and references off the large tables for a load, and putting them back as they were."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, cast

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from synth.progress import Progress

Connection = psycopg.Connection[tuple[object, ...]]
#: How sessions of a load are known to the server; those of a broken one are ended.
SESSION_NAME = "xinglin-synth"
#: Small tables that name accounts: they go before them.
NAME_ACCOUNTS = ("contracts_teamplace", "contracts_teammember", "contracts_team")
#: What a load fills besides residents and what belongs to them; later ones refer to earlier ones, so they go first.
SMALL_TABLES = (
    "diagnostics_centre", "network_title", "network_bedcount", "network_equipment", "network_service",
    "network_department", "network_area_facilities", "network_area", "network_membership", "network_consortium",
    "network_facilitystatuschange", "network_facility", "network_division",
)  # fmt: skip
_INDEXES = """
SELECT c.relname, con.conname, i.relname, pg_get_indexdef(i.oid), pg_get_constraintdef(con.oid)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
LEFT JOIN pg_constraint con ON con.conindid = i.oid AND con.contype IN ('u', 'x', 'p')
WHERE c.relname = ANY(%s) AND c.relnamespace = 'public'::regnamespace AND NOT x.indisprimary
ORDER BY c.relname, i.relname
"""
_REFERENCES = """
SELECT c.relname, con.conname, pg_get_constraintdef(con.oid)
FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid
WHERE con.contype = 'f' AND c.relname = ANY(%s) AND c.relnamespace = 'public'::regnamespace
ORDER BY c.relname, con.conname
"""


class Rebuild:
    """What was taken off and has to be put back.

    Until it is, the statements stand in the table ``synth_rebuild``: stage 1 unique constraints and indexes, stage 2
    references.
    """

    def __init__(self, statements: list[tuple[int, str]]) -> None:
        self._statements = statements

    @classmethod
    def begin(cls, connection: Connection, tables: Iterable[str], *, first_user: int) -> "Rebuild":
        """Take indexes and references off, remembering them and the first account of the load. Commits."""
        names = list(tables)
        statements: list[tuple[int, str]] = []
        drops: list[sql.Composed] = []
        for table, constraint, index, index_definition, constraint_definition in connection.execute(_INDEXES, [names]):
            if constraint:
                statements.append((1, _add(table, constraint, constraint_definition)))
                drops.append(_drop_constraint(table, constraint))
            else:
                statements.append((1, str(index_definition)))
                drops.append(sql.SQL("DROP INDEX {}").format(sql.Identifier(str(index))))
        for table, constraint, definition in connection.execute(_REFERENCES, [names]):
            statements.append((2, _add(table, constraint, definition)))
            drops.insert(0, _drop_constraint(table, constraint))
        connection.execute(
            "CREATE TABLE synth_rebuild (stage int NOT NULL, statement text NOT NULL, done bool NOT NULL DEFAULT 'f')"
        )
        connection.execute(
            "CREATE TABLE synth_rebuild_scope AS SELECT %s::text[] AS tables, %s::bigint AS first_user",
            [names, first_user],
        )
        connection.cursor().executemany("INSERT INTO synth_rebuild (stage, statement) VALUES (%s, %s)", statements)
        for drop in drops:
            connection.execute(drop)
        connection.commit()
        return cls(statements)

    def finish(self, url: str, progress: "Progress") -> None:
        """Put everything back, two at a time: indexes and unique constraints, then references."""
        for stage, name in ((1, "indexes"), (2, "references")):
            todo = [statement for s, statement in self._statements if s == stage]
            progress.begin(name, len(todo))
            with ThreadPoolExecutor(2) as pool:
                for _ in pool.map(lambda statement: _run(url, statement), todo):
                    progress.add(1)
            progress.end()
        with psycopg.connect(url) as connection:
            connection.execute("DROP TABLE synth_rebuild, synth_rebuild_scope")

    @classmethod
    def clear_interrupted(cls, connection: Connection, progress: "Progress") -> None:
        """Clear away a load that broke off: its rows go, its indexes and references come back. Commits."""
        if not connection.execute("SELECT to_regclass('synth_rebuild')").fetchone()[0]:  # type: ignore[index]
            return
        progress.begin("clearing away a load that broke off", 1)
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = %s AND pid <> pg_backend_pid()",
            [SESSION_NAME],
        )
        (scope,) = connection.execute("SELECT tables, first_user FROM synth_rebuild_scope").fetchall()
        tables, first_user = cast(tuple[list[str], int], scope)
        # Everything that refers to these tables hangs on residents of the load: there were none before it.
        connection.execute(
            sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(sql.SQL(", ").join(map(sql.Identifier, tables)))
        )
        for name in NAME_ACCOUNTS:
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
        connection.execute("DELETE FROM accounts_grant WHERE user_id >= %s", [first_user])
        connection.execute("DELETE FROM accounts_user WHERE id >= %s", [first_user])
        for name in SMALL_TABLES:
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
        undone = connection.execute("SELECT statement FROM synth_rebuild WHERE NOT done ORDER BY stage").fetchall()
        for (statement,) in undone:
            connection.execute(str(statement).encode())
        connection.execute("DROP TABLE synth_rebuild, synth_rebuild_scope")
        connection.commit()
        progress.end()


def _run(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute("SET synchronous_commit = off")
        connection.execute(statement.encode())
        connection.execute("UPDATE synth_rebuild SET done = true WHERE statement = %s", [statement])


def _add(table: object, constraint: object, definition: object) -> str:
    return f'ALTER TABLE "{table}" ADD CONSTRAINT "{constraint}" {definition}'


def _drop_constraint(table: object, constraint: object) -> sql.Composed:
    return sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(
        sql.Identifier(str(table)), sql.Identifier(str(constraint))
    )
