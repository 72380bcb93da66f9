"""A worker at hand: what a reader of figures waits for is computed at once, so that the next look finds it."""

from contextvars import Context
from typing import Any

import pytest
from django.test import Client

from xinglin.indicators import behind, jobs
from xinglin.indicators.engine import asking

#: A page of many figures waits for one after the other.
MOST_LOOKS = 60
DONE = {asking.KEEP: jobs.keep_asked, behind.FIND: jobs.find_records}


def worker_at_hand(patch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Run the real job with what was queued, for nobody who waits; gives what was asked of it."""
    asked: list[dict[str, Any]] = []

    def at_once(name: str, *, lock: str, **arguments: Any) -> bool:
        asked.append({"lock": lock, **arguments})
        Context().run(DONE[name], **arguments)
        return True

    for place in (asking, behind):
        patch.setattr(place, "defer_once", at_once)
    return asked


class PatientClient(Client):
    """Asks again for what the worker computes, as a browser does by itself and a program is told to.

    `n_looks`: how often the last address was asked for.
    """

    n_looks = 0

    def generic(self, *given: Any, **named: Any) -> Any:
        for self.n_looks in range(1, MOST_LOOKS + 1):
            answer = super().generic(*given, **named)
            if "Retry-After" not in answer or answer.status_code not in {202, 503}:
                return answer
        raise AssertionError(f"{given[:2]} is never computed")
