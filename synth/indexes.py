"""Taking secondary indexes and references off the large tables for a load, and putting them back exactly as they were."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from synth.progress import Progress

Connection = psycopg.Connection[tuple[object, ...]]
#: Statements of an unfinished load, in the order they have to run: 1 unique constraints and indexes, 2 references.
_TABLE = "synth_rebuild"
_INDEXES = """
SELECT c.relname, con.conname, i.relname, pg_get_indexdef(i.oid), pg_get_constraintdef(con.oid)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
LEFT JOIN pg_constraint con ON con.conindid = i.oid AND con.contype IN ('u', 'x', 'p')
WHERE c.relname = ANY(%s) AND c.relnamespace = 'public'::regnamespace AND NOT x.indisprimary ORDER BY c.relname, i.relname
"""
_REFERENCES = """
SELECT c.relname, con.conname, pg_get_constraintdef(con.oid) FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid
WHERE con.contype = 'f' AND c.relname = ANY(%s) AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname, con.conname
"""


class Rebuild:
    """What was taken off and has to be put back."""

    def __init__(self, statements: list[tuple[int, str]]) -> None:
        self._statements = statements

    @classmethod
    def begin(cls, connection: Connection, tables: Iterable[str]) -> "Rebuild":
        """Take indexes and references off, remembering them in the database. Commits."""
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
            f"CREATE TABLE {_TABLE} (stage int NOT NULL, statement text NOT NULL, done boolean NOT NULL DEFAULT false)"
        )
        connection.execute(f"CREATE TABLE {_TABLE}_tables AS SELECT unnest(%s::text[]) AS name", [names])
        connection.cursor().executemany(f"INSERT INTO {_TABLE} (stage, statement) VALUES (%s, %s)", statements)  # noqa: S608
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
            connection.execute(f"DROP TABLE {_TABLE}, {_TABLE}_tables")

    @classmethod
    def clear_interrupted(cls, connection: Connection, progress: "Progress") -> None:
        """Clear away a load that was killed: its rows go, its indexes come back. Commits."""
        if not connection.execute("SELECT to_regclass(%s)", [_TABLE]).fetchone()[0]:  # type: ignore[index]
            return
        progress.begin("clearing an interrupted load", 1)
        names = [str(name) for (name,) in connection.execute(f"SELECT name FROM {_TABLE}_tables")]  # noqa: S608
        connection.execute(
            sql.SQL("TRUNCATE {} CASCADE").format(
                sql.SQL(", ").join(sql.Identifier(n) for n in [*names, *_small_tables(connection)])
            )
        )
        for (statement,) in connection.execute(
            f"SELECT statement FROM {_TABLE} WHERE NOT done ORDER BY stage"
        ).fetchall():  # noqa: S608
            connection.execute(str(statement).encode())
        connection.execute(f"DROP TABLE {_TABLE}, {_TABLE}_tables")
        connection.commit()
        progress.end()


def _small_tables(connection: Connection) -> list[str]:
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'network\\_%'"
    )
    return [str(name) for (name,) in rows] + ["diagnostics_centre"]


def _run(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute("SET synchronous_commit = off")
        connection.execute(statement.encode())
        connection.execute(f"UPDATE {_TABLE} SET done = true WHERE statement = %s", [statement])  # noqa: S608


def _add(table: object, constraint: object, definition: object) -> str:
    return f'ALTER TABLE "{table}" ADD CONSTRAINT "{constraint}" {definition}'


def _drop_constraint(table: object, constraint: object) -> sql.Composed:
    return sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(
        sql.Identifier(str(table)), sql.Identifier(str(constraint))
    )
