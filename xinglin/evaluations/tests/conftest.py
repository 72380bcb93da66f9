"""What a page waits for is computed at once."""

from typing import Any

import pytest

from tests.factories import figures


@pytest.fixture(autouse=True)
def worker_at_hand(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was asked of the worker."""
    return figures.worker_at_hand(monkeypatch)
