"""How the columns of fact tables are kept: in Parquet, in a COPY, and as what they mean to a person."""

import pyarrow as pa

from xinglin.platform.facts import Column, FactTable, Kind

#: As the file keeps it. A pseudonym is a number: eight bytes of a keyed digest. A moment is in UTC and has no zone, since
#: engines disagree on what a zone does.
ARROW: dict[Kind, pa.DataType] = {
    Kind.TEXT: pa.string(), Kind.INT: pa.int64(), Kind.REAL: pa.float64(), Kind.BOOL: pa.bool_(),
    Kind.DAY: pa.date32(), Kind.MOMENT: pa.timestamp("us"), Kind.PERSON: pa.int64(),
}  # fmt: skip


def schema_of(table: FactTable) -> pa.Schema:
    """The schema of a table's files."""
    return pa.schema([(name, ARROW[column.kind]) for name, column in table.columns.items()])


def copied(column: Column) -> str:
    """The SQL expression of a column as a COPY writes it: moments in UTC without zone."""
    return f"(({column.sql}) AT TIME ZONE 'UTC')" if column.kind is Kind.MOMENT else f"({column.sql})"
