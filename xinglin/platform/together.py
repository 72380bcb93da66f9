"""Write several new rows in one statement.

An action that makes an object with its parts, its status records, its audit record and its outbox row would go to the
database once for each. `insert_together` sends them as one statement of chained inserts; a row may refer to another of
the same call by a foreign key to an instance that has no id yet.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, models
from django.db.models.expressions import DatabaseDefault

_Key = tuple[type[models.Model], tuple[str, ...], tuple[int, ...]]


def insert_together(rows: Sequence[models.Model]) -> None:
    """Insert all rows, in order, and give each its id. Nothing is written if one fails.

    Columns with a database default are left to it unless the instance says otherwise. `save()` is not called, signals
    are not sent: there are none of ours.
    """
    position = {id(row): number for number, row in enumerate(rows)}
    shape: list[_Key] = []
    values: list[Any] = []
    for row in rows:
        columns, references = [], []
        for field in row._meta.local_concrete_fields:
            if field.primary_key and row.pk is None or isinstance(getattr(row, field.attname), DatabaseDefault):
                continue
            referred = row._state.fields_cache.get(field.name) if field.is_relation else None
            columns.append(field.column)
            if referred is not None and referred.pk is None:
                references.append(position[id(referred)])
                continue
            references.append(-1)
            values.append(field.get_db_prep_save(getattr(row, field.attname), connection))
        shape.append((type(row), tuple(columns), tuple(references)))
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(_statement(tuple(shape)), values, prepare=True)
        ids = cursor.fetchone()
    for row, pk in zip(rows, ids, strict=True):
        row.pk = pk
        row._state.adding, row._state.db = False, connection.alias
    for row in rows:
        for field in row._meta.local_concrete_fields:
            referred = row._state.fields_cache.get(field.name) if field.is_relation else None
            if referred is not None:
                setattr(row, field.attname, referred.pk)


@lru_cache(maxsize=500)
def _statement(shape: tuple[_Key, ...]) -> str:
    """The statement for rows of these models, columns and references (-1: a parameter)."""
    quote = connection.ops.quote_name
    parts = []
    for number, (model, columns, references) in enumerate(shape):
        given = ", ".join("%s" if each < 0 else f"(SELECT pk FROM row_{each})" for each in references)  # noqa: S608
        names = ", ".join(quote(column) for column in columns)
        pk = quote(model._meta.pk.column)
        table = quote(model._meta.db_table)
        # Names of our own models only; every value is a parameter.
        insert = f"INSERT INTO {table} ({names}) VALUES ({given}) RETURNING {pk} AS pk"  # noqa: S608
        parts.append(f"row_{number} AS ({insert})")
    picked = ", ".join(f"(SELECT pk FROM row_{number})" for number in range(len(shape)))  # noqa: S608
    return f"WITH {', '.join(parts)} SELECT {picked}"


__all__ = ["insert_together"]
