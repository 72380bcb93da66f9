"""What belongs to a request beside its recordings, told by a capability above that this one does not know."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from xinglin.diagnostics.models import Request
from xinglin.platform.actors import Actor


@dataclass(frozen=True, slots=True)
class Images:
    """One study beside a request: where it opens, and a small picture of it."""

    title: str
    detail: str
    taken_at: datetime | None
    view_url: str
    thumbnail_url: str
    is_own: bool  # of this request; else an earlier one of the same person


Provider = Callable[[Actor, Request, list[int]], list[Images]]
#: Pictures for the print, as JPEG: the few that stand for a study.
KeyImages = Callable[[Request], list[bytes]]
_providers: list[Provider] = []
_key_images: list[KeyImages] = []


def provide(provider: Provider, key_images: KeyImages) -> None:
    """Register who knows the images of a request: ``(actor, request, ids of the person)``; while applications load."""
    if provider not in _providers:
        _providers.append(provider)
        _key_images.append(key_images)


def images_of(actor: Actor, request: Request, resident_ids: list[int]) -> list[Images]:
    """Images of a visible request, then earlier ones of the person that the actor may see."""
    return [each for provider in _providers for each in provider(actor, request, resident_ids)]


def key_images_of(request: Request) -> list[bytes]:
    """The pictures printed with the report."""
    return [each for key_images in _key_images for each in key_images(request)]
