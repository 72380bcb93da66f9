"""Results of other units that were taken over at a visit instead of examining again, told by a capability above."""

from collections.abc import Callable
from dataclasses import dataclass

from xinglin.visits.models import Visit
from xinglin.web.formats import parted_text


@dataclass(frozen=True, slots=True)
class TakenOver:
    """One result: what was examined, what it said, where and when; `url` leads to the record of taking it over."""

    title: str
    conclusion: str
    origin: str
    url: str


Provider = Callable[[Visit], list[TakenOver]]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Register who knows of results taken over at a visit; called while applications load."""
    if provider not in _providers:
        _providers.append(provider)


def taken_over_at(visit: Visit) -> list[TakenOver]:
    """The results taken over at a visit the caller has seen."""
    return [each for provider in _providers for each in provider(visit)]


def taken_over_text(visit: Visit) -> str:
    """The same in one line, for letters and prints."""
    return parted_text(f"{each.title}（{each.origin}）：{each.conclusion}" for each in taken_over_at(visit))
