"""Write several new rows in one statement.

An action that makes an object with its parts, its status records, its audit record and its outbox row would go to the
database once for each. `insert_together` sends them as one statement of chained inserts; a row may refer to another of
the same call by a foreign key to an instance that has no id yet.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections, models, transaction
from django.db.models.expressions import DatabaseDefault
from psycopg.types.json import Jsonb

from xinglin.platform import hot

#: What needs no field to prepare it, and how PostgreSQL writes it.
_PLAIN: dict[type, Callable[[Any], str]] = {
    str: str,
    int: str,
    bool: lambda value: "t" if value else "f",
    datetime: datetime.isoformat,
    date: date.isoformat,
    UUID: str,
    Decimal: str,
}
_PREPARED = (models.JSONField, models.DecimalField, models.BinaryField)
_Key = tuple[type[models.Model], tuple[str, ...], tuple[int, ...], str]
Refusals = Mapping[str, Callable[[], Exception]]


@dataclass(frozen=True, slots=True)
class Upsert:
    """A row that may be there already: `clause` is its ``ON CONFLICT …``, written for the table's alias ``it``."""

    row: models.Model
    clause: str


@dataclass(slots=True)
class _Gathered:
    rows: list[models.Model | Upsert]
    refusals: dict[str, Callable[[], Exception]]


_gathered: ContextVar[_Gathered | None] = ContextVar("gathered", default=None)


def insert_together(rows: Sequence[models.Model | Upsert], *, refusals: Refusals | None = None) -> None:
    """Insert all rows, in order, and give each its id. Nothing is written if one fails.

    Columns with a database default are left to it unless the instance says otherwise. `save()` is not called, signals
    are not sent: there are none of ours. `refusals` names unique constraints, and makes the error each one means.
    """
    waiting = _gathered.get()
    if waiting is not None:
        waiting.rows += rows
        waiting.refusals.update(refusals or {})
    else:
        _insert(rows, refusals or {})


@contextmanager
def gathered() -> Iterator[Callable[[models.Model], None]]:
    """Hold what is inserted in this block back, and write it at its end in one statement, which needs no transaction
    around it. For an action that writes by one `insert_together` alone. Yields a function that puts a row before the
    others. Nothing is written when the block fails.

    :raises RuntimeError: the block holds another, or writes otherwise; nothing of it is written then
    """
    if _gathered.get() is not None:
        raise RuntimeError("what is gathered is written by the outer block")
    waiting = _Gathered([], {})
    token = _gathered.set(waiting)
    try:
        with connections[DEFAULT_DB_ALIAS].execute_wrapper(_only_reads):
            yield lambda row: waiting.rows.insert(0, row)
    finally:
        _gathered.reset(token)
    if not waiting.rows:
        return
    # Inside a caller's transaction a savepoint keeps it usable when a row is refused.
    with transaction.atomic() if connections[DEFAULT_DB_ALIAS].in_atomic_block else nullcontext():
        _insert(waiting.rows, waiting.refusals)


def _only_reads(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    if not str(sql).lstrip(" (").upper().startswith("SELECT"):
        raise RuntimeError("an action that only inserts wrote otherwise")
    return execute(sql, params, many, context)


ActionT = TypeVar("ActionT", bound=Callable[..., Any])


def one_statement(action: ActionT) -> ActionT:
    """Marks an action that needs no transaction around it: it writes by one `insert_together`."""
    return action


def _insert(given: Sequence[models.Model | Upsert], refusals: Refusals) -> None:
    rows = [each.row if isinstance(each, Upsert) else each for each in given]
    position = {id(row): number for number, row in enumerate(rows)}
    shape: list[_Key] = []
    values: list[Any] = []
    for each, row in zip(given, rows, strict=True):
        state = row.__dict__
        columns, references = [], []
        for name, attname, is_key, relation, prepared in _columns(type(row)):
            value = state.get(attname)
            kind = type(value)
            if kind is DatabaseDefault or value is None and is_key:
                continue
            columns.append(name)
            if value is None and relation:
                referred = row._state.fields_cache.get(relation)
                if referred is not None and referred.pk is None:
                    references.append(position[id(referred)])
                    continue
                value = None if referred is None else referred.pk
                kind = type(value)
            references.append(-1)
            if value is None or prepared is None and kind is str:
                values.append(value)
            elif prepared is None and kind in _PLAIN:
                values.append(_PLAIN[kind](value))
            else:
                values.append(_text(_prepared(row, attname, value, prepared)))
        shape.append((type(row), tuple(columns), tuple(references), each.clause if isinstance(each, Upsert) else ""))
    try:
        ids = hot.run(_statement(tuple(shape)), values)[1][0]
    except IntegrityError as error:
        constraint = str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", None))
        if constraint in refusals:
            raise refusals[constraint]() from error
        raise
    for row, pk in zip(rows, ids, strict=True):
        row.pk = pk
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    _follow_relations(rows)


def _follow_relations(rows: Sequence[models.Model]) -> None:
    """Give each foreign key the id its row has got."""
    for row in rows:
        state = row.__dict__
        for relation, attname in _relations(type(row)):
            if state.get(attname) is None:
                referred = row._state.fields_cache.get(relation)
                state[attname] = None if referred is None else referred.pk


def _text(value: Any) -> Any:
    """The value as PostgreSQL writes it. The type comes from the column, so that a statement is prepared once, and not
    anew for each pattern of values left out and of small and large numbers."""
    write = _PLAIN.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, bytes | memoryview):
        return "\\x" + bytes(value).hex()
    if isinstance(value, Jsonb):
        text = (value.dumps or json.dumps)(value.obj)
        return text.decode() if isinstance(text, bytes) else text
    return value


def _prepared(row: models.Model, attname: str, value: Any, field: Any) -> Any:
    """The value as its field prepares it."""
    if isinstance(value, Enum):
        value = value.value
        if type(value) in _PLAIN:
            return value
    if type(value) is Jsonb:
        return value
    field = field or row._meta.get_field(attname)
    return field.get_db_prep_save(value, connections[DEFAULT_DB_ALIAS])


#: Of a column: its name, the attribute, whether it is the key, the foreign key's name, and the field if that must prepare values.
_Column = tuple[str, str, bool, str, Any]


@lru_cache(maxsize=200)
def _columns(model: type[models.Model]) -> list[_Column]:
    return [
        (
            str(field.column), field.attname, field.primary_key, field.name if field.is_relation else "",
            field if isinstance(field, _PREPARED) or not type(field).__module__.startswith("django.") else None,
        )
        for field in model._meta.local_concrete_fields
    ]  # fmt: skip


@lru_cache(maxsize=200)
def _relations(model: type[models.Model]) -> list[tuple[str, str]]:
    return [(relation, attname) for _name, attname, _key, relation, _field in _columns(model) if relation]


@lru_cache(maxsize=500)
def _statement(shape: tuple[_Key, ...]) -> str:
    """The statement for rows of these models, columns and references (-1: a parameter)."""
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    parts = []
    running = 0
    for number, (model, columns, references, clause) in enumerate(shape):
        given = []
        for each in references:
            if each < 0:
                running += 1
                given.append(f"${running}")
            else:
                given.append(f"(SELECT pk FROM row_{each})")  # noqa: S608
        names = ", ".join(quote(column) for column in columns)
        pk = quote(str(model._meta.pk.column))
        table = quote(model._meta.db_table)
        # Names of our own models only; every value is a parameter.
        insert = f"INSERT INTO {table} AS it ({names}) VALUES ({', '.join(given)}) {clause} RETURNING {pk} AS pk"  # noqa: S608
        parts.append(f"row_{number} AS ({insert})")
    picked = ", ".join(f"(SELECT pk FROM row_{number}) AS pk_{number}" for number in range(len(shape)))  # noqa: S608
    return f"WITH {', '.join(parts)} SELECT {picked}"


__all__ = ["Upsert", "gathered", "insert_together", "one_statement"]
