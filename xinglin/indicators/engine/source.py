"""Where facts are read from: the files of one version through DuckDB, or tables in memory for worked examples."""

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import ibis
import pyarrow as pa
from django.conf import settings

from xinglin.indicators.definitions.language import Span
from xinglin.indicators.engine.compiling import OFFSET, held, is_moment
from xinglin.indicators.engine.duck import Answer, Columns, Duck
from xinglin.indicators.engine.months import Months
from xinglin.indicators.engine.periods import Period
from xinglin.indicators.engine.returned import lacking
from xinglin.indicators.facts.extraction import by_month, files_of
from xinglin.platform import clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xinglin.indicators.engine.spark import Spark
    from xinglin.indicators.models import FactVersion


_held_open: "ContextVar[tuple[int, Files] | None]" = ContextVar("facts_held_open", default=None)
#: Spans that need the months of the period only; the others need every month before, too.
FROM_FIRST = {Span.PERIOD, Span.BEGAN, Span.LATEST}
#: Files of a table up to this length together, some two million rows, are taken at the units of every level in one pass.
SMALL_BYTES = 64_000_000


class Source(Protocol):
    """Facts an engine can read."""

    #: What happened, counted by month for many periods; None: each period is counted by itself.
    months: Months | None

    def open(self, table: str, span: Span, period: Period) -> Any | None:
        """All rows of a table in the months a span of a period needs; None where there is no file."""

    def has(self, table: str, span: Span, period: Period) -> bool:
        """Whether there is any row of it at all."""

    def lacking(self, table: str, period: Period) -> tuple[str, ...]:
        """Months of a period whose return of this table was due and did not come."""

    def is_small(self, table: str, span: Span, period: Period) -> bool:
        """Whether the persons of all its rows at all units at once are few enough for one pass in memory."""

    def keep(self, table: Any) -> Any:
        """A table that is read often, worked out once."""

    def given(self, rows: pa.Table) -> Any:
        """Rows from here as a table."""

    def ask(self, table: Any) -> Answer:
        """What a table comes to; who calls the answer waits for it."""


class Files:
    """The files of a version, through DuckDB or Spark; `on`: the day as of which they are (None: everything was due by then)."""

    def __init__(
        self, engine: "Duck | Spark", files: Callable[[str, str, str], list[str]], *, on: date | None = None
    ) -> None:
        self._engine, self._files, self._on = engine, files, on
        self.months: Months | None = None
        self._opened: dict[tuple[str, ...], Any] = {}

    def open(self, table: str, span: Span, period: Period) -> Any | None:
        """As the protocol says."""
        found = self._named(table, span, period)
        if not found:
            return None
        key = tuple(found)
        if key not in self._opened:
            self._opened[key] = self._engine.read_parquet(found)
        return self._opened[key]

    def has(self, table: str, span: Span, period: Period) -> bool:
        """As the protocol says."""
        return bool(self._named(table, span, period))

    def lacking(self, table: str, period: Period) -> tuple[str, ...]:
        """As the protocol says: files begin with their month."""
        present = {Path(each).name[: len("2026-11")] for each in self._named(table, Span.PERIOD, period)}
        return lacking(table, present, period, on=self._on)

    def is_small(self, table: str, span: Span, period: Period) -> bool:
        """As the protocol says: by the length of its files."""
        return sum(Path(each).stat().st_size for each in set(self._named(table, span, period))) <= SMALL_BYTES

    def keep(self, table: Any) -> Any:
        """As the protocol says: within the engine, which may put it onto the disk."""
        return self._engine.keep(table)

    def given(self, rows: pa.Table) -> Any:
        """As the protocol says."""
        return self._engine.given(rows)

    def ask(self, table: Any) -> Answer:
        """As the protocol says."""
        return self._engine.ask(table)

    def read(self, paths: list[str]) -> Any:
        """Files as one table that says of each row which it is from."""
        return self._engine.read_parquet(paths, filename=True)

    def forget(self) -> None:
        """Drop what was worked out for one period."""
        self._engine.forget()

    def _named(self, table: str, span: Span, period: Period) -> list[str]:
        first = period.first_month if span in FROM_FIRST else ""
        return self._files(table, first, period.last_month)


class Tables:
    """Tables in memory; events are narrowed to the period, as the files of its months would."""

    months: Months | None = None

    def __init__(self, found: Mapping[str, Any]) -> None:
        self._found = found

    def open(self, table: str, span: Span, period: Period) -> Any | None:
        """As the protocol says."""
        found = self._found.get(table)
        if found is None or span not in {Span.PERIOD, Span.LATEST}:
            return found
        day = (found["at"] + OFFSET).date() if is_moment(table, "at") else found["at"]
        return found.filter((day >= ibis.literal(period.first)) & (day <= ibis.literal(period.last)))

    def has(self, table: str, span: Span, period: Period) -> bool:
        """As the protocol says."""
        del span, period
        return table in self._found

    def lacking(self, table: str, period: Period) -> tuple[str, ...]:
        """As the protocol says: tables in memory are whole."""
        del table, period
        return ()

    def is_small(self, table: str, span: Span, period: Period) -> bool:
        """As the protocol says."""
        del table, span, period
        return True

    def keep(self, table: Any) -> Any:
        """As the protocol says."""
        return held(table)

    def given(self, rows: pa.Table) -> Any:
        """As the protocol says."""
        return ibis.memtable(rows)

    def ask(self, table: Any) -> Answer:
        """As the protocol says."""
        found: Columns = table.to_pyarrow().to_pydict()
        return lambda: found


def session(*, memory: str, spill: Path) -> Duck:
    """DuckDB in bounded memory: beyond `memory` it writes to files below `spill`, which it removes itself."""
    return Duck(ibis.duckdb.connect(memory_limit=memory, temp_directory=str(spill), preserve_insertion_order=False))


@contextmanager
def facts_of(version: "FactVersion") -> "Iterator[Files]":
    """The facts of a version, through an engine of its own, or the one that is held open for it."""
    found = _held_open.get()
    if found is not None and found[0] == version.pk:
        try:
            yield found[1]
        finally:
            found[1].forget()
        return
    engine = session(memory=settings.FACTS_MEMORY, spill=settings.HOME / "spill")
    try:
        on = clock.today(version.made_at)
        yield Files(engine, lambda table, first, last: files_of(version, table, first=first, last=last), on=on)
    finally:
        engine.disconnect()


@contextmanager
def held_open(version: "FactVersion", *, first: str = "", last: str = "") -> "Iterator[None]":
    """One engine for all the periods computed meanwhile: files that several of them read are opened once. What happened in
    the months from `first` to `last`, if they are given, is counted in one pass for all of them.
    """
    with facts_of(version) as files:
        if first:
            files.months = Months(lambda table: by_month(version, table), files.read, first=first, last=last)
        token = _held_open.set((version.pk, files))
        try:
            yield
        finally:
            _held_open.reset(token)
