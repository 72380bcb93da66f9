"""Where the listener is, and whether it answers: told by the file it writes when it starts."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Listening:
    """The listener as it was last heard of."""

    ae_title: str
    host: str
    port: int
    is_up: bool


def _path() -> Path:
    return Path(settings.HOME) / "dicom-listener.json"


def announce(*, ae_title: str, host: str, port: int) -> None:
    """Write down where this process listens."""
    body = {"ae_title": ae_title, "host": host, "port": port, "pid": os.getpid()}
    draft = _path().with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(body))
    draft.replace(_path())


def withdraw() -> None:
    """This process listens no more."""
    _path().unlink(missing_ok=True)


def status() -> Listening | None:
    """The listener on this machine; None when none was ever started."""
    try:
        said = json.loads(_path().read_text())
        os.kill(said["pid"], 0)
    except (OSError, ValueError, KeyError) as fault:
        gone = isinstance(fault, ProcessLookupError)
        return Listening(said["ae_title"], said["host"], said["port"], is_up=False) if gone else None
    return Listening(said["ae_title"], said["host"], said["port"], is_up=True)
