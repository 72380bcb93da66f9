"""Files and archives uploaded on the page: each has its line, a bomb does nothing."""

import io
import time
import tracemalloc
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.imaging import a_file
from xinglin.imaging.models import Instance
from xinglin.imaging.unpacking import pieces_of
from xinglin.platform.errors import InvalidInput


def a_zip(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return written.getvalue()


def page(county: County, *files: tuple[str, bytes], who: str = "tang") -> str:
    getattr(county, who)
    browser = sign_in(Client(), county.users[who])
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    response = browser.post("/imaging/upload/", {"files": sent})
    return response.content.decode()


def pieces(content: bytes) -> list[Any]:
    return list(pieces_of(SimpleUploadedFile("上传.zip", content)))


def test_an_archive_is_taken_in_member_by_member_and_each_has_its_line(county: County):
    content = a_zip(
        ("CT/一.dcm", a_file().read()), ("CT/二.dcm", a_file().read()), ("说明.txt", b"hello"), ("里.zip", a_zip(("x", b"y"))),
        ("../../etc/passwd", a_file().read()),
    )  # fmt: skip

    shown = page(county, ("影像.zip", content), ("单张.dcm", a_file().read()))

    assert Instance.objects.count() == 4
    assert "接收 4 份，拒绝 2 份" in shown
    assert "不是 DICOM 文件" in shown
    assert "压缩包里还有压缩包" in shown
    assert "etc/passwd" not in shown


def test_a_bomb_is_refused_at_once_without_the_memory_it_asks_for():
    content = a_zip(*((f"{number}.dcm", bytes(40_000_000)) for number in range(3)))
    tracemalloc.start()
    began = time.perf_counter()

    with pytest.raises(InvalidInput) as caught:
        pieces(content)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.code == "zip-bomb"
    assert time.perf_counter() - began < 1
    assert peak < 20_000_000


def test_an_archive_of_too_many_files_is_refused():
    with pytest.raises(InvalidInput) as caught:
        pieces(a_zip(*((str(number), b"") for number in range(5_001)), method=zipfile.ZIP_STORED))

    assert caught.value.code == "zip-too-many"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_cut_archive_is_refused(share: float):
    whole = a_zip(("一.dcm", a_file().read()))

    with pytest.raises(InvalidInput) as caught:
        pieces(whole[: int(len(whole) * share)])

    assert caught.value.code == "zip-damaged"


def test_names_that_turn_the_direction_of_writing_are_shown_without_it():
    found = pieces(a_zip(("影像\u202emcd.exe", b"x")))

    assert found[0].name == "影像mcd.exe"


def test_a_damaged_member_does_not_stop_the_others(county: County):
    content = bytearray(a_zip(("一.dcm", a_file().read()), ("二.dcm", a_file().read()), method=zipfile.ZIP_STORED))
    content[5_000] ^= 0xFF

    shown = page(county, ("影像.zip", bytes(content)))

    assert "已拒绝" in shown


def test_only_who_takes_images_may_upload(county: County):
    county.bo  # noqa: B018
    browser = sign_in(Client(), county.users["bo"])

    assert browser.get("/imaging/upload/").status_code == 403
