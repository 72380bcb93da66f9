"""Instances made the short way are those Django makes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.db.models.expressions import DatabaseDefault

from xinglin.platform.instances import new
from xinglin.platform.models import AuditRecord, OutboxEvent

OURS = [
    model
    for model in apps.get_models()
    if model.__module__.startswith("xinglin.") and model.__init__ is models.Model.__init__
]


def comparable(row: models.Model) -> dict[str, Any]:
    """Its columns; what is made anew for each (a uuid, a moment) by its type."""
    fresh = {field.attname for field in row._meta.concrete_fields if field.has_default() and callable(field.default)}
    return {
        name: type(value) if name in fresh or isinstance(value, DatabaseDefault) else value
        for name, value in row.__dict__.items()
        if name != "_state"
    }


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_an_empty_instance_is_djangos(model: type[models.Model]):
    ours, djangos = new(model), model()
    assert comparable(ours) == comparable(djangos)
    assert (ours._state.adding, ours._state.db) == (djangos._state.adding, djangos._state.db)


def test_a_mutable_default_is_not_shared():
    assert new(OutboxEvent).detail is not new(OutboxEvent).detail


def test_an_unknown_name_is_refused():
    with pytest.raises(TypeError, match="no field colour"):
        new(AuditRecord, colour="red")


def test_a_moment_stays_a_moment():
    at = datetime(2026, 1, 2, tzinfo=UTC)
    assert new(OutboxEvent, happened_at=at).happened_at is at
