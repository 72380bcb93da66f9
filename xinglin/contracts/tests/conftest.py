"""Who signs and who leads, each at his browser, at this moment."""

from datetime import datetime

import pytest
from django.test import Client

from tests.factories.accounts import browser_of
from tests.factories.county import County
from xinglin.platform import clock


@pytest.fixture
def alma(county: County) -> Client:
    """Alma's browser."""
    return browser_of(county, "alma")


@pytest.fixture
def tang(county: County) -> Client:
    """Tang's browser."""
    return browser_of(county, "tang")


@pytest.fixture
def now() -> datetime:
    """This moment: pages read the clock."""
    return clock.now()
