"""A word with its tone and icon, as pages show how something stands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pill:
    """What ``<c-status-pill>`` and ``<c-pill>`` draw; without an icon, that of the tone."""

    label: str
    tone: str
    icon: str = ""
