"""To whom a request was suggested, and where to go on from it: told by a capability above that runs the centres."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from xinglin.diagnostics.models import Request
from xinglin.platform.actors import Actor


@dataclass(frozen=True, slots=True)
class Duty:
    """A request is suggested to a reader until a moment; others see it, nobody is kept from it."""

    reader_id: int
    reader_name: str
    until: datetime


Provider = Callable[[list[int], datetime], dict[int, Duty]]
#: Ids of the requests that are suggested to a reader at a moment.
ReaderProvider = Callable[[int, datetime], list[int]]
_providers: list[Provider] = []
_reader_providers: list[ReaderProvider] = []


def provide(provider: Provider, of_reader: ReaderProvider) -> None:
    """Register who knows: ``(ids of requests, moment) → duties by id``, and what a reader has; while applications load."""
    if provider not in _providers:
        _providers.append(provider)
        _reader_providers.append(of_reader)


def suggested_to(reader_id: int, *, at: datetime) -> list[int]:
    """Ids of the requests that are suggested to a reader at a moment."""
    return [each for provider in _reader_providers for each in provider(reader_id, at)]


def duties_of(requests: Iterable[Request], *, at: datetime) -> dict[int, Duty]:
    """Suggestions that stand at a moment, by id of the request. One query for each provider."""
    ids = [each.pk for each in requests]
    found: dict[int, Duty] = {}
    for provider in _providers if ids else ():
        found |= provider(ids, at)
    return found


@dataclass(frozen=True, slots=True)
class Link:
    """Where a capability above goes on from the page of a request."""

    label: object
    url: str
    icon: str


LinkProvider = Callable[[Actor, Request], list[Link]]
_link_providers: list[LinkProvider] = []


def provide_links(provider: LinkProvider) -> None:
    """Register who goes on from a request: ``(actor, request) → links``; while applications load."""
    if provider not in _link_providers:
        _link_providers.append(provider)


def links_of(actor: Actor, request: Request) -> list[Link]:
    """What an actor may go on to from a visible request."""
    return [link for provider in _link_providers for link in provider(actor, request)]
