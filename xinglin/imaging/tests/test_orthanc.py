"""The outside archive as a county runs it: a real Orthanc, with its account, stopped and lost in between."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.factories.archive import an_orthanc
from tests.factories.county import County
from tests.factories.imaging import a_study
from xinglin.imaging import archive, jobs, outside
from xinglin.imaging.models import ArchiveFault, Instance
from xinglin.platform import files
from xinglin.platform.errors import Unavailable

pytestmark = pytest.mark.slow

#: Uncompressed in each order of bytes, colour, a cine loop in JPEG, JPEG 2000, RLE.
NAMES = (
    "CT_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "examples_rgb_color.dcm",
    "examples_ybr_color.dcm", "examples_jpeg2k.dcm", "MR_small_RLE.dcm", "JPEG2000.dcm",
)  # fmt: skip


def instances() -> list[Instance]:
    return list(Instance.objects.select_related("series__study", "file").order_by("id"))


def test_images_of_every_encoding_go_to_orthanc_and_come_back_as_they_were(
    county: County, settings: Any, tmp_path: Path
):
    settings.DICOMWEB_USER, settings.DICOMWEB_PASSWORD, settings.DICOMWEB_KEEP_DAYS = "xinglin", "a-word", 0
    for name in NAMES:
        a_study(county, name)
    originals = {each.pk: files.path_of(each.file.sha256).read_bytes() for each in instances()}
    archive._silent_until.clear()

    with an_orthanc(tmp_path, user="xinglin", password="a-word") as address:
        settings.DICOMWEB_ARCHIVE = address
        jobs.archive_waiting()

        assert not ArchiveFault.objects.exists()
        assert all(each.removed_at for each in instances())
        assert not any(files.path_of(each.file.sha256).exists() for each in instances())
        for each in instances()[1:]:
            assert archive.path_to(each).read_bytes() == originals[each.pk]

    with pytest.raises(Unavailable):  # Orthanc is stopped
        archive.path_to(instances()[0])
    assert archive.path_to(instances()[1]).exists()  # brought back before
    a_study(county)
    jobs.archive_waiting()
    assert ArchiveFault.objects.get().code == "unreachable"

    with an_orthanc(tmp_path, user="xinglin", password="a-word") as address:  # started again, on another port
        settings.DICOMWEB_ARCHIVE = address
        assert archive.path_to(instances()[0]).read_bytes() == originals[instances()[0].pk]
        call_command("archive", "fetch", stdout=io.StringIO())
        kept = [each for each in instances() if each.pk in originals]
        assert [files.path_of(each.file.sha256).read_bytes() for each in kept] == list(originals.values())

        settings.DICOMWEB_PASSWORD = "another-word"
        ArchiveFault.objects.all().delete()
        jobs.archive_waiting()
        assert ArchiveFault.objects.get().code == "denied"


def test_an_image_orthanc_kept_otherwise_before_stays_with_us(county: County, settings: Any, tmp_path: Path):
    """Orthanc keeps what it has under an identifier, and answers success to whoever sends something else."""
    settings.DICOMWEB_USER, settings.DICOMWEB_PASSWORD, settings.DICOMWEB_KEEP_DAYS = "xinglin", "a-word", 0
    a_study(county)
    (instance,) = instances()
    original = files.path_of(instance.file.sha256)
    content = original.read_bytes()
    other = content.replace(b"CompressedSamples^CT1", b"CompressedSamples^CT2")
    assert other != content

    with an_orthanc(tmp_path, user="xinglin", password="a-word") as address:
        settings.DICOMWEB_ARCHIVE = address
        # Another system sent it first, with other content.
        outside.send(outside.target(), io.BytesIO(other), size=len(other))
        jobs.archive_waiting()

    assert ArchiveFault.objects.get().code == "differs"
    assert original.read_bytes() == content
    assert instances()[0].archived_at is None
