"""Saying how far a long work has come: phase, rows, rows a second, time left."""

import sys
import time
from collections.abc import Callable


class Progress:
    """Prints one line every few seconds (rewritten in place on a terminal)."""

    def __init__(self, write: Callable[[str], object] | None = None, *, every: float = 5.0) -> None:
        self._terminal = sys.stderr.isatty() and write is None
        self._write = write or sys.stderr.write
        self._every = 0.3 if self._terminal else every
        self._started = time.monotonic()
        self.phases: dict[str, float] = {}
        self.begin("start", 0)

    def begin(self, phase: str, total: int) -> None:
        """A new phase of `total` pieces (rows, indexes)."""
        self._phase, self._total, self._done = phase, total, 0
        self._began = self._said = time.monotonic()
        self._rows = 0

    def add(self, done: int, rows: int = 0) -> None:
        """`done` more pieces, that were `rows` rows."""
        self._done += done
        self._rows += rows
        if time.monotonic() - self._said >= self._every:
            self._say()

    def end(self) -> None:
        """The phase is over; its time is kept in `phases`."""
        took = time.monotonic() - self._began
        self.phases[self._phase] = took
        rate = f", {self._rows:,} rows, {self._rows / max(took, 1e-6):,.0f} rows/s" if self._rows else ""
        self._line(f"{self._phase}: done in {took:.1f} s{rate}", last=True)

    def finish(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._started

    def _say(self) -> None:
        self._said = time.monotonic()
        took = self._said - self._began
        share = self._done / self._total if self._total else 0
        left = f", {took / share - took:.0f} s left" if share > 0.01 else ""
        rate = f", {self._rows:,} rows, {self._rows / took:,.0f} rows/s" if self._rows else ""
        self._line(f"{self._phase}: {share:.0%}{rate}{left}", last=False)

    def _line(self, text: str, *, last: bool) -> None:
        if self._terminal:
            self._write(f"\r\033[K{text}" + ("\n" if last else ""))
        else:
            self._write(text + "\n")
        sys.stderr.flush()
