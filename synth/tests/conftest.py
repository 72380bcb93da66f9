"""A plan to test with, and the way into the test database that a loader takes."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.db import connection

from synth.county import Plan, make_plan
from synth.divisions import City, package_folder, read_city

UNTIL = date(2026, 11, 20)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def city() -> City:
    """The city of 薛城区, from the installed package."""
    return read_city(package_folder(ROOT), "370403")


@pytest.fixture(scope="session")
def plan_of(city: City) -> Callable[..., Plan]:
    """Plans of any size and seed."""

    def make(n_residents: int, *, seed: int = 1, visits: int = 5, until: date = UNTIL) -> Plan:
        return make_plan(
            city, county_code="370403", n_residents=n_residents, visits_per_resident=visits, seed=seed, until=until
        )

    return make


@pytest.fixture
def loader_url(transactional_db: None) -> str:
    """The test database as its superuser."""
    settings = connection.settings_dict
    base = os.environ["DATABASE_URL"]
    if settings["HOST"].startswith("/"):
        return f"postgresql://postgres@/{settings['NAME']}?host={settings['HOST']}"
    return base.rpartition("/")[0] + f"/{settings['NAME']}"
