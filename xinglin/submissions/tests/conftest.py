"""A server that answers as DHIS2 does."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.factories.county import NOW
from tests.factories.submissions import Dhis2, a_dhis2
from xinglin.submissions import actions


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
