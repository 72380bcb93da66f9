"""A server that answers as DHIS2 does."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.factories import figures
from tests.factories.county import NOW
from tests.factories.submissions import Dhis2, a_dhis2
from xinglin.submissions import actions


@pytest.fixture(autouse=True)
def worker_at_hand(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was asked of the worker."""
    return figures.worker_at_hand(monkeypatch)


@pytest.fixture
def dhis2(county: Any) -> Iterator[Dhis2]:
    """A server that is set up as the provincial platform."""
    engineer = county.actor(county.user("xi", "system-administrator", county.hospital, everywhere=True))
    with a_dhis2() as server:
        actions.set_destination(
            code="provincial-dhis2", title="省平台", address=server.address, username="xl", secret="geheim-7", by=engineer,
            at=NOW,
        )  # fmt: skip
        yield server
