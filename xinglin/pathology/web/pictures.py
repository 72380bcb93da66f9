"""Pictures: the page of the viewer, whole photographs, and tiles of scanned slides. Rights are checked on each."""

from uuid import UUID

from csp.decorators import csp_update
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from xinglin.accounts.api import signed_in
from xinglin.pathology import actions, queries
from xinglin.pathology.models import Picture
from xinglin.pathology.pictures import OVERLAP, TILE, shrunk, tile_of
from xinglin.pathology.web.case_page import banner_of
from xinglin.platform import clock, files
from xinglin.web.answers import page
from xinglin.web.request import Request

THUMBNAIL_SIDE = 320


def _opened(request: Request, uuid: UUID) -> Picture:
    """The picture, and the look at it recorded once for its opening."""
    picture = queries.visible_picture(request.actor, uuid)
    actions.open_picture(picture=picture, by=request.actor, at=clock.now())
    return picture


#: The one style element that OpenSeadragon adds, by its content.
VIEWER_STYLE = "'sha256-9xTiqzfwFaL2SGb1rmr8gysEwVVjIvqWAgmZgqFqpEE='"


@require_GET
@csp_update({"style-src": [VIEWER_STYLE]})  # type: ignore[arg-type] # its types know only views without arguments
@signed_in
def picture(request: Request, uuid: UUID) -> HttpResponse:
    """The viewer with one picture."""
    found = _opened(request, uuid)
    is_tiled = found.format not in {"jpeg", "png"}
    facts = {
        "width": found.width, "height": found.height, "tile": TILE, "overlap": OVERLAP, "tiled": is_tiled,
        "microns": found.microns_per_pixel, "image": reverse("pathology:picture_image", args=[uuid]),
        "tiles": reverse("pathology:picture_tile", args=[uuid, 0, 0, 0]).removesuffix("0/0_0.jpg"),
    }  # fmt: skip
    return page(
        request, "pathology/picture.html", picture=found, facts=facts, person=banner_of(request.actor, found.case),
        is_tiled=is_tiled,
    )  # fmt: skip


@require_GET
@signed_in
def image(request: Request, uuid: UUID) -> HttpResponse:
    """A photograph as it is kept; of a scanned slide a small picture of the whole."""
    found = _opened(request, uuid)
    if found.format not in {"jpeg", "png"}:
        return _jpeg(shrunk(files.path_of(found.file.sha256), found.format, side=1200))
    with files.open_file(found.file) as file:
        return _private(HttpResponse(file.read(), content_type=f"image/{found.format}"))


@require_GET
@signed_in
def thumb(request: Request, uuid: UUID) -> HttpResponse:
    """A small picture for a list."""
    found = _opened(request, uuid)
    return _jpeg(shrunk(files.path_of(found.file.sha256), found.format, side=THUMBNAIL_SIDE))


@require_GET
@signed_in
def tile(request: Request, uuid: UUID, level: int, column: int, row: int) -> HttpResponse:
    """One tile of a scanned slide."""
    found = _opened(request, uuid)
    return _jpeg(tile_of(files.path_of(found.file.sha256), level, column, row))


def _jpeg(content: bytes) -> HttpResponse:
    return _private(HttpResponse(content, content_type="image/jpeg"))


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response
