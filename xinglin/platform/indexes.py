"""No index twice.

Django makes an index for every foreign key, and one more for every unique text (``…_like``, for prefixes in languages
with rules of sorting). Where a model's own index or constraint begins with that column, the second is read by nobody
and written at every change: nine indexes on a visit where five are enough. They are dropped when migrations have run.

A foreign key must still lead some index; ``platform/tests/test_indexes.py`` asks for both.
"""

from typing import Any

from django.db import connections
from psycopg import sql

#: Indexes of the application's tables whose columns begin another index of their table, in the same order; those with an
#: operator class for patterns beside an ordinary index; those of one column beside an index of its values without the
#: missing ones. Of two that are alike the later one.
SECOND = """
WITH indexes AS (
  SELECT x.indexrelid AS id, x.indrelid AS of_table, string_to_array(x.indkey::text, ' ') AS columns,
    string_to_array(x.indclass::text, ' ') AS classes, x.indisunique AS stays, x.indpred IS NULL AS whole,
    pg_get_expr(x.indpred, x.indrelid) = format('(%I IS NOT NULL)', a.attname) AS known,
    bool_or(o.opcname LIKE '%pattern_ops') AS pattern
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_am m ON m.oid = i.relam
    JOIN pg_opclass o ON o.oid = ANY (x.indclass)
    JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[0]
  WHERE i.relnamespace = current_schema()::regnamespace AND m.amname = 'btree' AND x.indexprs IS NULL
  GROUP BY x.indexrelid, a.attname
)
SELECT DISTINCT i.relname FROM indexes one JOIN pg_class i ON i.oid = one.id
  JOIN indexes other ON other.of_table = one.of_table AND other.id <> one.id
WHERE one.whole AND NOT one.stays AND NOT other.pattern AND other.columns[1:cardinality(one.columns)] = one.columns
  AND (one.pattern OR other.classes[1:cardinality(one.classes)] = one.classes)
  AND (other.whole OR other.known AND cardinality(one.columns) = 1)
  AND (cardinality(other.columns) > cardinality(one.columns) OR other.stays OR NOT other.whole OR one.pattern OR one.id > other.id)
ORDER BY 1
"""


def drop_second(sender: Any = None, *, using: str = "default", **others: Any) -> None:
    """Drop what `SECOND` finds. A receiver of ``post_migrate``."""
    with connections[using].cursor() as cursor:
        cursor.execute(SECOND)
        for (name,) in cursor.fetchall():
            cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
