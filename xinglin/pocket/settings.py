"""The limits of telephones that work without a connection: ``definitions/pocket``."""

from typing import Any

from xinglin.platform import definitions


def rule(topic: str, name: str) -> int:
    """One figure of the rules in force."""
    return int(rules(topic)[name])


def rules(topic: str) -> dict[str, Any]:
    """All figures of a topic."""
    return dict(definitions.one("pocket", "offline").content[topic])
