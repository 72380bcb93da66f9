"""Processes of ours that are kept running: started, started again when they end by themselves, stopped together."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from types import FrameType

from django.core.management.base import CommandError

STOP_SECONDS = 10
MOST_FAILED_STARTS = 5
SETTLED_SECONDS = 5.0
LONGEST_PAUSE = 5.0


def environment() -> dict[str, str]:
    """The environment of our processes: they find the database that was found for us."""
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "xinglin.project.settings"}


@dataclass
class Kept:
    """A process that is started again when it ends by itself, after a pause that doubles while it does not settle."""

    command: list[str]
    process: subprocess.Popen[bytes] = field(init=False)
    started: float = field(init=False)
    failed_starts: int = 0
    start_at: float | None = None

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Start it."""
        self.process = subprocess.Popen(self.command, env=environment())
        self.started, self.start_at = time.monotonic(), None

    def look(self) -> None:
        """Start it again when it has ended. A kill from outside is no failed start: it says nothing about the process.

        :raises CommandError: it failed within `SETTLED_SECONDS` of its start, `MOST_FAILED_STARTS` times in a row
        """
        now = time.monotonic()
        if self.start_at is not None:
            if now >= self.start_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        if now - self.started >= SETTLED_SECONDS:
            self.failed_starts = 0
        elif code >= 0:
            self.failed_starts += 1
        if self.failed_starts >= MOST_FAILED_STARTS:
            raise CommandError(f"{' '.join(self.command[1:4])} does not stay up")
        self.start_at = now + (min(LONGEST_PAUSE, 0.2 * 2**self.failed_starts) if self.failed_starts else 0.0)


def supervise(kept: list[Kept]) -> None:
    """Start again what ends by itself. Gives up when something does not come up at all: that fault is no passing one.

    :raises CommandError: as `Kept.look`
    """
    while True:
        time.sleep(0.2)
        for each in kept:
            each.look()


def end_on_termination() -> None:
    """Have SIGTERM end this process as Ctrl-C does, so that what it started is stopped too."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)


def stop_all(kept: list[Kept]) -> None:
    """Ask to stop, wait, then insist."""
    for each in kept:
        if each.process.poll() is None:
            each.process.send_signal(signal.SIGINT if "granian" in each.command else signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for each in kept:
        try:
            each.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            each.process.kill()
            each.process.wait()
