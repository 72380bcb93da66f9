"""Who else answers for Observations: each category of HL7's ``observation-category`` has one source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from xinglin.platform.actors import Actor
from xinglin.platform.paging import Page

VITAL_SIGNS = "vital-signs"
Found = tuple[UUID, dict[str, Any]]  # whom it is about, and the resource


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. `resident_ids`: of one person whom the actor sees; None: of those managed at his facilities."""

    resident_ids: tuple[int, ...] | None
    during: Mapping[str, datetime]
    cursor: str
    size: int


@dataclass(frozen=True, slots=True)
class Source:
    """`permission`: what a person's record is opened by. `search` gives a page; `one` an Observation by its id, None: not its own,
    or out of sight. What the actor may see, the source decides; it writes no look.
    """

    permission: str
    search: Callable[[Actor, Asked], Page[Found]]
    one: Callable[[Actor, str], Found | None]


_sources: dict[str, Source] = {}


def register_observations(category: str, source: Source) -> None:
    """A capability answers for a category."""
    _sources[category] = source


def sources() -> Mapping[str, Source]:
    """Who answers, by category."""
    return _sources
