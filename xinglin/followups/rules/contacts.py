"""When a resident may be contacted, and what follows from how a call went. ``definitions/followup-rules``."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from xinglin.platform import definitions
from xinglin.platform.language import Text


@dataclass(frozen=True, slots=True)
class Result:
    """What a call that reached nobody, or was refused, leads to."""

    again_days: int | None
    is_handed_on: bool
    is_ended: bool
    is_verified: bool


def _content() -> Any:
    return definitions.one("followup-rules", "contacts").content


def window_days() -> int:
    """For how many days one contact stands for all."""
    return int(_content()["week"]["window_days"])


def counted_channels() -> frozenset[str]:
    """Ways of contact that count as having bothered the resident."""
    return frozenset(_content()["week"]["channels"])


def desk(name: str) -> int:
    """One figure of the desk."""
    return int(_content()["desk"][name])


def figure(name: str) -> int:
    """One figure of the statistics."""
    return int(_content()["figures"][name])


def verify_days() -> int:
    """How many days the managing facility has to verify what was said on the telephone."""
    return int(_content()["verify"]["days"])


def exemption(origin: str, risk: int) -> str:
    """By which origin a reason may be called about at any time; empty when it waits like others."""
    exempt = any(each["origin"] == origin and risk >= each["risk"] for each in _content()["week"]["exempt"])
    return origin if exempt else ""


def exemption_said(origin: str) -> str:
    """An exemption in the reader's language; one that the rules no longer name, as it was kept."""
    known = {each["origin"]: Text.of(each) for each in _content()["week"]["exempt"]}
    return str(known.get(origin, origin))


def result_of(dialled: str) -> Result:
    """What the outcome of a dial leads to."""
    raw = _content()["outcomes"][dialled]
    return Result(raw.get("again_days"), raw.get("hand_on", False), raw.get("ends", False), raw.get("verify", False))


def next_level(level: str) -> str:
    """Which level takes over when this one does not reach the resident; empty when there is none."""
    return str(_content()["escalate"].get(level, ""))


def levels_with_a_next() -> tuple[str, ...]:
    """The levels whose tasks another takes over."""
    return tuple(level for level, following in _content()["escalate"].items() if following)


def script_for(kind: str) -> str:
    """The script of a task that names none."""
    return str(_content()["scripts"].get(kind, "general"))


def counts(day: date, channel: str, *, on: date) -> bool:
    """Whether somebody who was spoken to on a day, by a channel, is left in peace on another."""
    return on - timedelta(days=window_days()) < day and channel in counted_channels()
