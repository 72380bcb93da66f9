"""To whom a request was suggested, told by a capability above that keeps the duty roster; this one does not know it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from xinglin.diagnostics.models import Request


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
