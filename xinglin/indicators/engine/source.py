"""Where facts are read from: the files of one version through DuckDB, or tables in memory for worked examples."""

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import ibis
from django.conf import settings

from xinglin.indicators.definitions.language import Span
from xinglin.indicators.engine.compiling import OFFSET, held, is_moment
from xinglin.indicators.engine.periods import Period
from xinglin.indicators.facts.extraction import files_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xinglin.indicators.models import FactVersion


class Source(Protocol):
    """Facts an engine can read."""

    def open(self, table: str, span: Span, period: Period) -> Any | None:
        """All rows of a table in the months a span of a period needs; None where there is no file."""

    def has(self, table: str, span: Span, period: Period) -> bool:
        """Whether there is any row of it at all."""

    def keep(self, table: Any) -> Any:
        """A table that is read often, worked out once."""


class Files:
    """The files of a version."""

    def __init__(self, connection: Any, files: Callable[[str, str, str], list[str]]) -> None:
        self._connection, self._files = connection, files
        self._opened: dict[tuple[str, ...], Any] = {}
        self._n_kept = 0

    def open(self, table: str, span: Span, period: Period) -> Any | None:
        """As the protocol says."""
        found = self._named(table, span, period)
        if not found:
            return None
        key = tuple(found)
        if key not in self._opened:
            self._opened[key] = self._connection.read_parquet(found)
        return self._opened[key]

    def has(self, table: str, span: Span, period: Period) -> bool:
        """As the protocol says."""
        return bool(self._named(table, span, period))

    def keep(self, table: Any) -> Any:
        """As the protocol says: within the engine, which may put it onto the disk."""
        self._n_kept += 1
        return self._connection.create_table(f"kept_{self._n_kept}", table, temp=True)

    def _named(self, table: str, span: Span, period: Period) -> list[str]:
        first = period.first_month if span in {Span.PERIOD, Span.BEGAN} else ""
        return self._files(table, first, period.last_month)


class Tables:
    """Tables in memory; events are narrowed to the period, as the files of its months would."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        self._found = found

    def open(self, table: str, span: Span, period: Period) -> Any | None:
        """As the protocol says."""
        found = self._found.get(table)
        if found is None or span is not Span.PERIOD:
            return found
        day = (found["at"] + OFFSET).date() if is_moment(table, "at") else found["at"]
        return found.filter((day >= ibis.literal(period.first)) & (day <= ibis.literal(period.last)))

    def has(self, table: str, span: Span, period: Period) -> bool:
        """As the protocol says."""
        del span, period
        return table in self._found

    def keep(self, table: Any) -> Any:
        """As the protocol says."""
        return held(table)


def session(*, memory: str, spill: Path) -> Any:
    """DuckDB in bounded memory: beyond `memory` it writes to files below `spill`, which it removes itself."""
    return ibis.duckdb.connect(memory_limit=memory, temp_directory=str(spill), preserve_insertion_order=False)


@contextmanager
def facts_of(version: "FactVersion") -> "Iterator[Files]":
    """The facts of a version, through an engine of its own."""
    connection = session(memory=settings.FACTS_MEMORY, spill=settings.HOME / "spill")
    try:
        yield Files(connection, lambda table, first, last: files_of(version, table, first=first, last=last))
    finally:
        connection.disconnect()
