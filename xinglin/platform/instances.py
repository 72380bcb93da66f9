"""Instances of models for the hot paths, made without what Django's constructor does for each field of each one.

The result is what ``Model(…)`` or a row read with ``only(…)`` would be; the signals of construction are not sent: there
are none of ours.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.base import ModelState

ModelT = TypeVar("ModelT", bound=models.Model)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What an instance begins with: constants, values made anew for each, and what a relation is kept under."""

    constants: dict[str, Any]
    made: tuple[tuple[str, Callable[[], Any]], ...]
    relations: dict[str, str]
    known: frozenset[str]


def new(model: type[ModelT], **values: Any) -> ModelT:
    """As ``model(**values)``: an instance that is not written yet.

    :raises TypeError: the model has no field of such a name
    """
    plan = _plan(model)
    row = model.__new__(model)
    row._state = ModelState()
    state = row.__dict__
    state.update(plan.constants)
    for attname, default in plan.made:
        if attname not in values:
            state[attname] = default()
    relations = plan.relations
    for name, value in values.items():
        if name in relations:
            row._state.fields_cache[name] = value
            state[relations[name]] = None if value is None else value.pk
        elif name in plan.known:
            state[name] = value
        else:
            raise TypeError(f"{model.__name__} has no field {name}")
    return row


def partial(model: type[ModelT], names: Sequence[str], values: Sequence[Any]) -> ModelT:
    """As a row read with ``only(*names)``: the other columns are read when asked for. JSON carries days and uuids as text."""
    row = model.__new__(model)
    row._state = ModelState()
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    state = row.__dict__
    for (attname, read), value in zip(_readers(model, tuple(names)), values, strict=True):
        state[attname] = read(value)
    return row


@lru_cache(maxsize=200)
def _readers(model: type[models.Model], names: tuple[str, ...]) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    return tuple((field.attname, _reader(field)) for field in fields)


def _reader(field: Any) -> Callable[[Any], Any]:
    """What reads a value of the database: sealed fields open it, others take JSON's words for days and uuids."""
    if hasattr(field, "from_db_value"):
        return lambda value: field.from_db_value(value, None, connections[DEFAULT_DB_ALIAS])
    return field.to_python  # type: ignore[no-any-return]


@lru_cache(maxsize=200)
def _plan(model: type[models.Model]) -> _Plan:
    if model.__init__ is not models.Model.__init__:
        raise TypeError(f"{model.__name__} has a constructor of its own")
    constants: dict[str, Any] = {}
    made: list[tuple[str, Callable[[], Any]]] = []
    relations: dict[str, str] = {}
    for field in model._meta.concrete_fields:
        if field.is_relation:
            relations[field.name] = field.attname
        if field.has_default() and callable(field.default) or field.has_db_default():
            made.append((field.attname, field.get_default))
        else:
            constants[field.attname] = field.get_default()
    known = frozenset(constants) | {attname for attname, _ in made}
    return _Plan(constants, tuple(made), relations, known)
