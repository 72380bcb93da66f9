"""Each test has the county's own definitions in a folder of its own."""

from pathlib import Path
from typing import Any

import pytest

from tests.factories.exchange import a_connection
from xinglin.exchange.connections import Connection


@pytest.fixture(autouse=True)
def _own_definitions(settings: Any, tmp_path: Path) -> None:
    settings.COUNTY_DEFINITIONS_DIR = tmp_path / "definitions"


@pytest.fixture
def his(_own_definitions: None) -> Connection:
    """The county hospital's HIS."""
    return a_connection()
