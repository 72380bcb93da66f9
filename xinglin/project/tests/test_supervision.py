"""What is started again, and when it is given up."""

import sys
import time
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from xinglin.project.supervision import MOST_FAILED_STARTS, Kept, stop_all


def look_until(kept: Kept, true: object) -> None:
    """Look as the supervisor does, until `true()`."""
    deadline = time.monotonic() + 20
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        kept.look()
        time.sleep(0.01)


def test_what_was_killed_is_started_again_however_often():
    kept = Kept([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        for _ in range(2 * MOST_FAILED_STARTS):
            former = kept.process.pid
            kept.process.kill()
            look_until(kept, lambda former=former: kept.process.pid != former)
        assert kept.process.poll() is None
    finally:
        stop_all([kept])
    assert kept.process.poll() is not None


def test_what_never_comes_up_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("xinglin.project.supervision.LONGEST_PAUSE", 0.05)
    starts = tmp_path / "starts"
    kept = Kept([sys.executable, "-S", "-c", f"open({str(starts)!r}, 'a').write('x'); raise SystemExit(3)"])
    with pytest.raises(CommandError, match="does not stay up"):
        look_until(kept, lambda: False)
    assert len(starts.read_text()) == MOST_FAILED_STARTS
