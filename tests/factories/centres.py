"""Rosters, assignments, second readings and teaching cases, made through the actions."""

from datetime import datetime, timedelta
from typing import Any

from tests.factories.county import NOW, START, County
from tests.factories.diagnostics import an_ecg_centre
from xinglin.centres import actions
from xinglin.centres.models import Shift
from xinglin.diagnostics.models import Centre
from xinglin.platform.actors import Actor, system_actor


def a_reader(county: County, username: str, name: str = "") -> Actor:
    """Another reading doctor at the county hospital."""
    return county.actor(county.user(username, "reading-doctor", county.hospital, name=name))


def a_shift(
    county: County,
    reader: Actor | None = None,
    *,
    centre: Centre | None = None,
    at: datetime = NOW,
    hours: float = 8,
    **fields: Any,
) -> Shift:
    """A reader (Bo) is on duty from an hour before `at`."""
    reader = reader or county.bo
    assert reader.user_id is not None
    duty = actions.Duty(reader.user_id, at - timedelta(hours=1), at + timedelta(hours=hours - 1), **fields)
    return actions.enter_shift(centre=centre or an_ecg_centre(county), duty=duty, by=system_actor("setup"), at=START)
