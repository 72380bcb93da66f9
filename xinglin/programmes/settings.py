"""The working rules of programmes that a county may change: ``definitions/programme-rules``."""

from collections.abc import Mapping
from typing import Any

from xinglin.platform import definitions


def rule(topic: str, name: str) -> int:
    """One figure of the rules in force."""
    table: Mapping[str, Any] = definitions.one("programme-rules", "reaching").content
    return int(table[topic][name])
