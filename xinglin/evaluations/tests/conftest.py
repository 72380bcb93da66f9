"""What a page waits for is computed at once."""

from typing import Any

import pytest

from tests.factories import figures
from tests.factories.county import NOW, County
from tests.factories.evaluations import Assessment
from xinglin.platform import clock


@pytest.fixture(autouse=True)
def worker_at_hand(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was asked of the worker."""
    return figures.worker_at_hand(monkeypatch)


@pytest.fixture
def then(monkeypatch: pytest.MonkeyPatch) -> None:
    """The moment at which the assessments of these tests are."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def assessment(county: County) -> Assessment:
    """A round of the county, step by step."""
    return Assessment(county)
