"""A worker at hand: what a reader of figures waits for is computed at once, so that the next look finds it."""

from typing import Any

import pytest

from xinglin.indicators import jobs, readiness


def worker_at_hand(patch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Run the real job with what was queued; gives what was asked of it."""
    asked: list[dict[str, Any]] = []

    def at_once(name: str, *, lock: str, **arguments: Any) -> bool:
        assert name == readiness.KEEP
        asked.append({"lock": lock, **arguments})
        jobs.keep_asked(**arguments)
        return True

    patch.setattr(readiness, "defer_once", at_once)
    return asked
