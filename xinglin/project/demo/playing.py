"""What every chapter of the demonstration uses: the people, what they hand on, and waiting for the worker."""

import base64
import io
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageDraw

from xinglin.project.demo.client import Client

#: What the worker does must be done within so many seconds.
PATIENCE = 90


class StepFailed(Exception):
    """A step had another outcome than it must have."""


@dataclass
class Journey:
    """The people, and what they hand on."""

    clients: dict[str, Client]
    seen: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, role: str) -> Client:
        return self.clients[role]


def require(condition: object, message: str) -> None:
    """:raises StepFailed: the condition does not hold"""
    if not condition:
        raise StepFailed(message)


def the_one(rows: Iterable[Any], is_it: Callable[[Any], object], message: str) -> Any:
    """The first of which it holds. :raises StepFailed: there is none"""
    for row in rows:
        if is_it(row):
            return row
    raise StepFailed(message)


def wait_for(read: Callable[[], Any], message: str, *, seconds: float = PATIENCE) -> Any:
    """Read again and again until there is something: the worker is at it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := read():
            return found
        time.sleep(0.3)
    raise StepFailed(message)


def signature() -> str:
    """A drawn signature as base64 PNG."""
    picture = Image.new("RGB", (320, 120), "white")
    ImageDraw.Draw(picture).line(
        [(20, 90), (60, 30), (110, 95), (170, 40), (230, 85), (300, 50)], fill="black", width=4
    )
    out = io.BytesIO()
    picture.save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()
