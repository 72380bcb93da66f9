"""Rows of a query as Arrow batches, through COPY: the database writes, Arrow reads, Python touches no row."""

import io
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.csv as pa_csv
from django.db import connection

from xinglin.indicators.facts.pseudonyms import pseudonyms
from xinglin.indicators.facts.schema import ARROW
from xinglin.platform.facts import FactTable, Kind

BLOCK = 4 * 1024 * 1024


class _Stream(io.RawIOBase):
    """What a COPY sends, as a file to read from."""

    def __init__(self, blocks: Iterator[memoryview]) -> None:
        self._blocks, self._rest = blocks, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        n = min(len(buffer), len(self._rest))
        buffer[:n] = self._rest[:n]
        self._rest = self._rest[n:]
        return n


def batches(table: FactTable, query: str) -> Iterator[pa.RecordBatch]:
    """The rows of `query`, whose columns are those of the table in order, in batches of some megabytes."""
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
        stream: io.BufferedReader[io.RawIOBase] = io.BufferedReader(_Stream(iter(copy)), BLOCK)
        if not stream.peek(1):
            return
        reader = pa_csv.open_csv(
            stream,
            read_options=pa_csv.ReadOptions(column_names=list(table.columns), block_size=BLOCK, use_threads=False),
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                column_types={name: ARROW[column.kind] for name, column in table.columns.items()},
                strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""], true_values=["t"],
                false_values=["f"],
            ),
        )  # fmt: skip
        for batch in reader:
            yield _finished(table, batch)


def _finished(table: FactTable, batch: pa.RecordBatch) -> pa.RecordBatch:
    """Persons get their pseudonym."""
    columns = [
        pseudonyms(values) if column.kind is Kind.PERSON else values
        for column, values in zip(table.columns.values(), batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, names=list(table.columns))
