"""Pictures: what a file is, tiles of scanned slides, and what cannot be opened."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from tests.factories.accounts import sign_in
from tests.factories.county import County, later
from tests.factories.pathology import a_case, a_dicom_slide, a_photograph, a_pyramid, pan
from xinglin.pathology import actions, pictures
from xinglin.pathology.models import Picture
from xinglin.platform.errors import InvalidInput, NotVisible
from xinglin.platform.models import AuditRecord

APERIO = "Aperio Image Library v12.0.15\r\n2048x2048 [0,0 2048x2048] (256x256) |AppMag = 20|MPP = 0.4990"


def kept(folder: Path, content: Any) -> Path:
    path = folder / "file"
    path.write_bytes(content.read())
    return path


def taken_in(county: County, content: Any, **fields: Any) -> Picture:
    case = fields.pop("case", None) or a_case(county, status="SLIDED")
    return actions.add_picture(
        case=case, file=content, view="MICRO", slide=f"{case.number}-A1-1", by=pan(county), at=later(30), **fields
    )


def test_a_photograph_says_how_large_it_is(tmp_path: Path):
    facts = pictures.facts_of(kept(tmp_path, a_photograph()))
    assert (facts.format, facts.width, facts.height, facts.is_tiled) == ("jpeg", 512, 512, False)


@pytest.mark.parametrize(("description", "maker", "microns"), [(None, "generic-tiff", None), (APERIO, "aperio", 0.499)])
def test_a_scanned_slide_is_opened_by_its_content(
    tmp_path: Path, description: str | None, maker: str, microns: float | None
):
    path = kept(tmp_path, a_pyramid(description=description))
    facts = pictures.facts_of(path)
    assert (facts.format, facts.width, facts.levels, facts.microns_per_pixel) == (maker, 2048, 2, microns)
    assert facts.is_tiled


def test_a_dicom_whole_slide_of_one_file_is_opened_and_drawn_true(tmp_path: Path):
    path = kept(tmp_path, a_dicom_slide())
    facts = pictures.facts_of(path)
    with Image.open(a_photograph()) as image:
        original = np.asarray(image.convert("RGB")).astype(int)

    tile = np.asarray(Image.open(io.BytesIO(pictures.tile_of(path, 10, 0, 0)))).astype(int)

    assert (facts.format, facts.width, facts.microns_per_pixel) == ("dicom", 1024, 0.5)
    assert np.abs(tile - original[:255, :255]).mean() < 8


def test_a_tile_shows_the_tissue_of_its_place(tmp_path: Path):
    path = kept(tmp_path, a_pyramid())
    with Image.open(a_photograph()) as image:
        original = np.asarray(image.convert("RGB")).astype(int)

    tile = np.asarray(Image.open(io.BytesIO(pictures.tile_of(path, 11, 0, 0)))).astype(int)

    assert tile.shape == (255, 255, 3)
    assert np.abs(tile - original[:255, :255]).mean() < 6
    for level, column, row in ((11, 99, 0), (12, 0, 0), (-1, 0, 0), (11, -1, 0)):
        with pytest.raises(NotVisible):
            pictures.tile_of(path, level, column, row)


def a_tiff_with_giant_tiles() -> io.BytesIO:
    out = io.BytesIO()
    with tifffile.TiffWriter(out) as writer:
        writer.write(np.zeros((64, 64, 3), np.uint8), photometric="rgb", tile=(8192, 8192), compression="zlib")
    out.seek(0)
    return out


@pytest.mark.parametrize(
    "content",
    [
        lambda: io.BytesIO(b""),
        lambda: io.BytesIO(b"%PDF-1.7 no picture"),
        lambda: io.BytesIO(a_photograph().read()[:4000]),
        lambda: io.BytesIO(a_pyramid().read()[:2000]),
        a_tiff_with_giant_tiles,
    ],
    ids=["empty", "pdf", "cut photograph", "cut slide", "giant tiles"],
)
def test_what_cannot_be_opened_is_refused_and_nothing_is_kept(county: County, settings: Any, content: Any):
    with pytest.raises(InvalidInput) as caught:
        taken_in(county, content())

    assert caught.value.code == "picture-unknown"
    assert Picture.objects.count() == 0
    assert [path for path in settings.FILES_DIR.rglob("*") if path.is_file()] == []


def test_the_same_picture_twice_and_a_slide_of_another_case_are_refused(county: County):
    picture = taken_in(county, a_photograph())
    with pytest.raises(InvalidInput) as caught:
        taken_in(county, a_photograph(), case=picture.case)
    assert caught.value.code == "same-file"
    other = a_case(county, status="SLIDED")
    with pytest.raises(InvalidInput):
        actions.add_picture(
            case=other,
            file=a_photograph(),
            view="MICRO",
            slide=f"{picture.case.number}-A1-1",
            by=pan(county),
            at=later(31),
        )


def test_tiles_are_served_to_who_sees_the_case_and_are_one_look(county: County, client: Any):
    picture = taken_in(county, a_pyramid(description=APERIO))
    sender = sign_in(client, county.users["tang"])

    page = sender.get(f"/pathology/pictures/{picture.uuid}/")
    tiles = [sender.get(f"/pathology/pictures/{picture.uuid}/tiles/11/{n}_0.jpg") for n in range(3)]
    missing = sender.get(f"/pathology/pictures/{picture.uuid}/tiles/40/0_0.jpg")

    assert page.status_code == 200
    assert [tile.status_code for tile in tiles] == [200, 200, 200]
    assert all(tile.content[:3] == b"\xff\xd8\xff" for tile in tiles)
    assert missing.status_code == 404
    assert AuditRecord.objects.filter(event="pathology.picture-viewed").count() == 1


def test_a_stranger_gets_no_tile(county: County, client: Any):
    picture = taken_in(county, a_pyramid())
    county.cai  # noqa: B018 - makes the account
    stranger = sign_in(client, county.users["cai"])
    assert stranger.get(f"/pathology/pictures/{picture.uuid}/tiles/11/0_0.jpg").status_code == 404
