"""Each column that is looked up by leads an index, and none leads two for the same purpose."""

import pytest
from django.db import connection

from xinglin.platform.indexes import SECOND, drop_second

#: Columns that refer to another table and lead no index of their own.
UNINDEXED = """
SELECT k.conrelid::regclass::text || '.' || a.attname FROM pg_constraint k
  JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace
  AND NOT EXISTS (SELECT 1 FROM pg_index x WHERE x.indrelid = k.conrelid AND x.indkey[0] = k.conkey[1])
"""
pytestmark = pytest.mark.django_db


def _found(statement: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [name for (name,) in cursor.fetchall()]


def test_no_column_is_indexed_twice() -> None:
    assert _found(SECOND) == []


def test_each_foreign_key_leads_an_index() -> None:
    assert _found(UNINDEXED) == []


@pytest.mark.parametrize(
    ("made", "second"),
    [
        (("a",), False),
        (("a", "a, b"), True),
        (("b", "a, b"), False),
        (("a, b", "a, b"), True),
        (("a", "b) WHERE (b > 1"), False),
        (("a", "a) WHERE (a IS NOT NULL"), True),
        (("a", "a) WHERE (b IS NOT NULL"), False),
        (("t text_pattern_ops", "t"), True),
        (("t", "t text_pattern_ops"), True),
        (("t text_pattern_ops",), False),
        (("a", "(a + b)"), False),
    ],
)
def test_what_counts_as_second(made: tuple[str, ...], second: bool) -> None:
    """Of a table made for this: the columns of its indexes, and whether one of them is another's second."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = pg_temp")
        cursor.execute("CREATE TABLE pg_temp.twice (a int, b int, t text)")
        for number, columns in enumerate(made):
            cursor.execute(f"CREATE INDEX at_{number} ON pg_temp.twice ({columns})")
    temporary = SECOND.replace("current_schema()::regnamespace", "pg_my_temp_schema()")
    found = _found(temporary)
    assert len(found) == second


def test_they_are_dropped_after_migrations() -> None:
    """As `migrate` does it at its end; the template of this database was made so. A repetition finds nothing."""
    drop_second()
    assert _found(SECOND) == []
