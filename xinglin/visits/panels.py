"""What capabilities above have to say on the pages of a visit: a reminder before it, a next step after it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xinglin.platform.actors import Actor
from xinglin.visits.models import Visit


@dataclass(frozen=True, slots=True)
class Panel:
    """A template of the capability's, and its `facts`, which it reads by that name."""

    template: str
    facts: Mapping[str, Any]


#: (who reads, the resident, the visit or None while it is being written, now) → a panel, None for nothing to say.
Provider = Callable[[Actor, Any, Visit | None, datetime], Panel | None]


@dataclass(frozen=True, slots=True)
class _Panels:
    before: list[Provider]
    after: list[Provider]


_PANELS = _Panels([], [])


def register(*, before: Provider, after: Provider) -> None:
    """Register who has something to say; called while applications load."""
    if before not in _PANELS.before:
        _PANELS.before.append(before)
        _PANELS.after.append(after)


def before(actor: Actor, resident: Any, *, at: datetime) -> list[Panel]:
    """What is said while a visit is written down."""
    return [panel for each in _PANELS.before if (panel := each(actor, resident, None, at))]


def after(actor: Actor, visit: Visit, *, at: datetime) -> list[Panel]:
    """What is said on the page of a visit."""
    return [panel for each in _PANELS.after if (panel := each(actor, visit.resident, visit, at))]
