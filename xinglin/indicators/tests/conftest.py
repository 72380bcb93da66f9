"""A worker at hand: what a page waits for is computed at once, so that the next look finds it."""

from typing import Any

import pytest

from xinglin.indicators import jobs, readiness


@pytest.fixture(autouse=True)
def worker_at_hand(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Runs the real job with what was queued, and tells what was asked of it."""
    asked: list[dict[str, Any]] = []

    def at_once(name: str, *, lock: str, **arguments: Any) -> bool:
        assert name == readiness.KEEP
        asked.append({"lock": lock, **arguments})
        jobs.keep_asked(**arguments)
        return True

    monkeypatch.setattr(readiness, "defer_once", at_once)
    return asked
