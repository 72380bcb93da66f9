"""DuckDB for a computation: it works at one statement while the next is being written.

Ibis takes as long to write a statement as DuckDB takes to read a small table. Nothing here needs the database to write one:
which columns files have stands in the first of them, and which a kept table has is known from its expression. One thread
hands the statements to DuckDB in the order in which they were written.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from time import sleep
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

#: Seconds after which what goes on is told to stop once more.
AGAIN = 0.05
#: What a statement came to: its columns by name.
Columns = Mapping[str, Sequence[Any]]
#: Waits for what a statement came to.
Answer = Callable[[], Columns]


def rows_of(columns: Columns) -> list[dict[str, Any]]:
    """The same by rows."""
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


class Duck:
    """One connection, and the line of statements for it. Only the thread of the line talks to DuckDB."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._line = ThreadPoolExecutor(1, thread_name_prefix="duckdb")
        self._under_way: list[Future[Any]] = []
        self._opened: list[Future[Any]] = []
        self._made: list[Future[Any]] = []
        self._drops: list[Callable[[], Any]] = []
        self._n = 0

    def read_parquet(self, paths: Sequence[str], *, filename: bool = False) -> Any:
        """Files as one table; `filename`: which says of each row which it is from."""
        schema = ibis.Schema.from_pyarrow(pq.read_schema(paths[0]))
        listed = ", ".join("'" + each.replace("'", "''") + "'" for each in paths)
        name = self._name("facts")
        view = f"CREATE TEMP VIEW {name} AS SELECT * FROM read_parquet([{listed}], filename = {filename})"  # noqa: S608 - names of our own files
        self._opened.append(self._submit(self._run, view))
        return ibis.table({**schema, "filename": "string"} if filename else schema, name=name)

    def given(self, rows: pa.Table) -> Any:
        """Rows from here as a table, until `forget`."""
        name = self._name("given")
        self._made.append(self._submit(self._connection.con.register, name, rows))
        self._drops.append(partial(self._connection.con.unregister, name))
        return ibis.table(ibis.Schema.from_pyarrow(rows.schema), name=name)

    def keep(self, table: Any) -> Any:
        """A table worked out once, until `forget`; DuckDB may put it onto the disk."""
        name = self._name("kept")
        statement = f"CREATE TEMP TABLE {name} AS {self._connection.compile(table)}"
        self._made.append(self._submit(self._run, statement))
        self._drops.append(partial(self._run, f"DROP TABLE IF EXISTS {name}"))
        return ibis.table(table.schema(), name=name)

    def ask(self, table: Any) -> Answer:
        """What a table comes to, as soon as DuckDB is there."""
        needed = [*self._opened, *self._made]
        asked = self._submit(self._columns, self._connection.compile(table), table.columns)

        def answer() -> Columns:
            for each in needed:  # what went wrong there is why this went wrong
                each.result()
            found: Columns = asked.result()
            return found

        return answer

    def forget(self) -> None:
        """Drop what was given and kept."""
        for drop in self._drops:
            self._submit(drop)
        self._drops.clear()
        self._made.clear()

    def disconnect(self) -> None:
        """Break off what is still in the line, and close."""
        self._line.shutdown(wait=False, cancel_futures=True)
        while not all(each.done() for each in self._under_way):  # it may not have begun when it is told to stop
            self._connection.con.interrupt()
            sleep(AGAIN)
        self._line.shutdown()
        self._connection.disconnect()

    def _submit(self, work: Callable[..., Any], *given: Any) -> Future[Any]:
        self._under_way = [each for each in self._under_way if not each.done()]
        self._under_way.append(self._line.submit(work, *given))
        return self._under_way[-1]

    def _name(self, kind: str) -> str:
        self._n += 1
        return f"{kind}_{self._n}"

    def _run(self, statement: str) -> None:
        self._connection.con.execute(statement)

    def _columns(self, statement: str, names: Sequence[str]) -> Columns:
        rows = self._connection.con.execute(statement).fetchall()
        return dict(zip(names, zip(*rows, strict=True) if rows else ((),) * len(names), strict=True))
