"""Images in an outside archive: sent, compared, brought back; and what happens when it fails."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from pydicom import dcmread

from tests.factories.accounts import a_token, sign_in
from tests.factories.archive import Archive
from tests.factories.county import NOW, County
from tests.factories.diagnostics import a_request
from tests.factories.imaging import LISTENER, a_file, a_study, an_imaging_request, from_device, images_of
from xinglin.diagnostics.models import Recording
from xinglin.imaging import actions, archive, evidence, jobs, outside
from xinglin.imaging.actions import Outcome
from xinglin.imaging.data import Trouble
from xinglin.imaging.models import ArchiveFault, Instance, Study
from xinglin.platform import clock, files
from xinglin.platform.errors import NotPermitted, Unavailable
from xinglin.platform.models import AuditRecord


@pytest.fixture
def there(settings: Any) -> Iterator[Archive]:
    """An archive, and the settings that name it. Bytes go from our disk at once."""
    found = Archive()
    settings.DICOMWEB_ARCHIVE, settings.DICOMWEB_KEEP_DAYS = found.address, 0
    archive._silent_until.clear()
    yield found
    found.close()


def on_disk(instance: Instance) -> bool:
    return files.path_of(instance.file.sha256).exists()


def the_instance() -> Instance:
    return Instance.objects.select_related("series__study", "file").get()


@contextmanager
def later(minutes: float) -> Iterator[None]:
    """The job runs so many minutes from now."""
    then = clock.now() + timedelta(minutes=minutes)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "now", lambda: then)
        yield


def with_another_head(body: bytes) -> bytes:
    """An answer of the archive with the head of its file written anew, the dataset untouched."""
    start = body.index(b"\r\n\r\n") + 4
    dataset = dcmread(io.BytesIO(body[start : body.rindex(b"\r\n--AbC--")]))
    dataset.file_meta.ImplementationVersionName = "ANOTHER"
    written = io.BytesIO()
    dataset.save_as(written)
    return body[:start] + written.getvalue() + b"\r\n--AbC--\r\n"


def test_without_the_setting_images_stay_on_disk(county: County, settings: Any):
    settings.DICOMWEB_KEEP_DAYS = 0
    a_study(county)

    jobs.archive_waiting()

    assert on_disk(the_instance())
    assert the_instance().archived_at is None


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small_bigendian.dcm", "examples_ybr_color.dcm"])
def test_an_image_goes_there_and_is_read_from_there(county: County, there: Archive, name: str):
    a_study(county, name)
    original = files.path_of(the_instance().file.sha256).read_bytes()

    jobs.archive_waiting()

    instance = the_instance()
    assert instance.archived_at is not None
    assert instance.removed_at is not None
    assert not on_disk(instance)
    with archive.open_instance(instance) as file:
        assert file.read() == original
    events = AuditRecord.objects.filter(object_key=instance.sop_uid).order_by("id").values_list("event", flat=True)
    assert list(events) == ["study.instance-stored", "study.instance-archived", "study.instance-bytes-removed"]


def test_once_there_it_is_not_sent_again(county: County, there: Archive):
    a_study(county)

    for _ in range(3):
        jobs.archive_waiting()

    assert there.n_stored == 1


def test_bytes_stay_here_for_the_days_of_the_setting(county: County, there: Archive, settings: Any):
    settings.DICOMWEB_KEEP_DAYS = 30
    a_study(county)

    jobs.archive_waiting()
    kept = on_disk(the_instance())
    with later(31 * 24 * 60):
        jobs.archive_waiting()

    assert kept
    assert not on_disk(the_instance())


def test_the_head_of_the_file_may_be_written_anew_but_not_the_content(county: County, there: Archive):
    a_study(county)
    (instance,) = Instance.objects.all()

    there.changed = with_another_head
    jobs.archive_waiting()

    assert the_instance().removed_at
    assert dcmread(archive.path_to(the_instance())).file_meta.ImplementationVersionName == "ANOTHER"
    assert dcmread(archive.path_to(the_instance())).SOPInstanceUID == instance.sop_uid


@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        (lambda body: body.replace(b"CompressedSamples^CT1", b"CompressedSamples^CT2"), Trouble.DIFFERS),
        (lambda body: body[:2000], Trouble.CUT),
        (lambda body: body.replace(b"DICM", b"MCID"), Trouble.DIFFERS),
        (lambda body: b"--AbC--\r\n", Trouble.NOT_THERE),
    ],
)
def test_what_comes_back_otherwise_keeps_the_original_here(county: County, there: Archive, change: Any, trouble: str):
    a_study(county)
    there.changed = change

    jobs.archive_waiting()

    assert on_disk(the_instance())
    assert the_instance().archived_at is None
    assert ArchiveFault.objects.get().code == trouble
    there.changed = lambda body: body
    with later(2):
        jobs.archive_waiting()
    assert the_instance().removed_at
    assert not ArchiveFault.objects.exists()


@pytest.mark.parametrize(
    ("status", "trouble"),
    [(401, Trouble.DENIED), (409, Trouble.NOT_TAKEN), (500, Trouble.UNREACHABLE), (302, Trouble.NOT_TAKEN)],
)
def test_a_refusal_is_noted_and_tried_again_after_a_while(county: County, there: Archive, status: int, trouble: str):
    a_study(county)
    there.refusal = status

    jobs.archive_waiting()
    jobs.archive_waiting()
    with later(2):
        jobs.archive_waiting()

    fault = ArchiveFault.objects.get()
    assert (fault.code, fault.detail, fault.n_tries) == (trouble, str(status), 2)
    assert fault.next_try_at - fault.noted_at == timedelta(minutes=2)
    assert on_disk(the_instance())


@pytest.mark.parametrize("harm", ["rotten", "gone"])
def test_what_is_damaged_here_is_not_sent(county: County, there: Archive, harm: str):
    a_study(county)
    path = files.path_of(the_instance().file.sha256)
    content = bytearray(path.read_bytes())
    content[-200] ^= 1
    path.unlink() if harm == "gone" else path.write_bytes(content)

    jobs.archive_waiting()

    assert ArchiveFault.objects.get().code == Trouble.LOCAL
    assert there.n_stored == 0


def test_a_silence_stops_the_round_and_taking_in_goes_on(county: County, there: Archive):
    a_study(county)
    a_study(county)
    there.close()

    jobs.archive_waiting()
    again = actions.take_in_instance(content=a_file(), source=from_device(county), by=LISTENER, at=NOW)

    assert ArchiveFault.objects.get().code == Trouble.UNREACHABLE
    assert again.outcome == Outcome.STORED
    assert Instance.objects.filter(archived_at=None).count() == 3


def test_an_image_lost_there_is_sent_again_before_ours_would_go(county: County, there: Archive, settings: Any):
    settings.DICOMWEB_KEEP_DAYS = 30
    a_study(county)
    jobs.archive_waiting()
    there.kept.clear()

    with later(31 * 24 * 60):
        jobs.archive_waiting()
        lost = the_instance()
    with later(31 * 24 * 60 + 2):
        jobs.archive_waiting()

    assert lost.archived_at is None
    assert on_disk(lost)
    assert the_instance().archived_at
    assert there.n_stored == 2


def test_bytes_that_belong_to_something_else_stay(county: County, there: Archive):
    a_study(county)
    a_request(county)
    Recording.objects.update(file=the_instance().file)

    jobs.archive_waiting()
    removed = actions.remove_bytes(instance=the_instance(), by=jobs.KEEPER, at=NOW)

    assert the_instance().archived_at
    assert not removed
    assert on_disk(the_instance())


def test_pages_and_programs_are_told_when_the_archive_is_silent(county: County, there: Archive):
    request = an_imaging_request(county)
    study = images_of(county, request)
    jobs.archive_waiting()
    there.refusal = 503
    scopes = county.bo.permissions
    token = a_token(county.users["bo"], *scopes, at=clock.now())
    bo = Client(headers={"Authorization": f"Bearer {token.secret}", "Accept-Language": "en"})

    answers = [bo.get(f"/dicom-web/studies/{study.study_uid}{path}") for path in ("", "/metadata", "/thumbnail")]
    found = bo.get(f"/dicom-web/studies/{study.study_uid}/series")

    assert [each.status_code for each in answers] == [503, 503, 503]
    assert answers[0].json()["code"] == "archive-unavailable"
    assert "outside archive" in answers[0].json()["message"]
    assert found.status_code == 200
    assert evidence.key_images(request) == []
    there.refusal = 0
    archive._silent_until.clear()
    assert len(evidence.key_images(request)) == 1


def test_readers_do_not_each_wait_for_a_silent_archive(county: County, there: Archive):
    a_study(county)
    jobs.archive_waiting()
    there.refusal = 503
    n_asked = len(there.heads)

    for _ in range(3):
        with pytest.raises(Unavailable):
            archive.path_to(the_instance())

    assert len(there.heads) == n_asked + 1


def test_the_room_for_what_was_brought_back_is_bounded(county: County, there: Archive, settings: Any):
    settings.DICOMWEB_CACHE_MB = 1
    for _ in range(30):  # 39 KB each
        a_study(county)
    jobs.archive_waiting()
    instances = list(Instance.objects.select_related("series__study", "file").order_by("id"))

    first, *rest = [archive.path_to(each) for each in instances]
    n_shown = there.n_shown

    assert sum(path.stat().st_size for path in [*rest] if path.exists()) <= 1_048_576
    assert not first.exists()
    archive.path_to(instances[-1])
    assert there.n_shown == n_shown
    assert archive.path_to(instances[0]).exists()
    assert there.n_shown == n_shown + 1


def test_an_image_that_was_archived_is_known_when_it_comes_again(county: County, there: Archive):
    content = a_file().read()
    for _ in range(2):
        taken = actions.take_in_instance(content=io.BytesIO(content), source=from_device(county), by=LISTENER, at=NOW)
        jobs.archive_waiting()

    assert taken.outcome == Outcome.REPEATED
    assert Study.objects.get().n_instances == 1


def test_the_account_is_sent_and_never_shown(county: County, there: Archive, settings: Any):
    settings.DICOMWEB_USER, settings.DICOMWEB_PASSWORD = "xinglin", "secret-word"
    a_study(county)

    jobs.archive_waiting()

    assert set(there.heads) == {"Basic eGluZ2xpbjpzZWNyZXQtd29yZA=="}
    assert "eGlu" not in repr(outside.target())
    settings.DICOMWEB_ARCHIVE = "http://me:secret-word@127.0.0.1:8042/dicom-web"
    with pytest.raises(ImproperlyConfigured) as told:
        outside.target()
    assert "secret-word" not in str(told.value)
    assert [each.id for each in outside.address_is_usable(None)] == ["xinglin.E020"]


def test_what_waits_is_looked_for_and_queued_once(county: County, there: Archive, settings: Any):
    queued = ProcrastinateJob.objects.filter(task_name=jobs.ARCHIVE)
    settings.DICOMWEB_ARCHIVE = ""
    jobs.look_after_archive(timestamp=0)
    without = queued.count()
    settings.DICOMWEB_ARCHIVE = there.address

    for _ in range(2):
        jobs.look_after_archive(timestamp=0)

    assert (without, queued.count()) == (0, 1)


def test_only_the_job_writes_down_what_became_of_it(county: County):
    a_study(county)

    for write in (actions.note_archived, actions.remove_bytes):
        with pytest.raises(NotPermitted):
            write(instance=the_instance(), by=county.bo, at=NOW)


def test_the_page_and_the_command_tell_how_it_stands(county: County, there: Archive):
    a_study(county)
    there.refusal = 409
    jobs.archive_waiting()
    said = io.StringIO()

    there.refusal = 0
    call_command("archive", stdout=said)

    assert "waiting 1, archived 0" in said.getvalue()
    assert "did not take it 409" in said.getvalue()
    assert said.getvalue().endswith("answers\n")
    admin = county.user("admin", "system-administrator", county.hospital, everywhere=True)
    page = sign_in(Client(), admin).get("/imaging/devices/").content.decode()
    assert "1幅待存入" in page
    assert "外部影像存档没有收下" in page
    there.refusal = 401
    with pytest.raises(CommandError, match="denied 401"):
        call_command("archive", stdout=said)


def test_images_are_brought_back_to_disk_and_stay_readable_without_the_archive(
    county: County, there: Archive, settings: Any
):
    first, _second = a_study(county), a_study(county, "MR_small.dcm")
    originals = {each.pk: files.path_of(each.file.sha256).read_bytes() for each in Instance.objects.all()}
    jobs.archive_waiting()
    assert not any(on_disk(each) for each in Instance.objects.all())
    said = io.StringIO()

    call_command("archive", "fetch", study=first.study_uid, stdout=said)
    assert said.getvalue() == "brought back 1\n"
    assert Instance.objects.filter(removed_at__isnull=True).count() == 1
    call_command("archive", "fetch", stdout=said)
    call_command("archive", "fetch", stdout=said)
    assert said.getvalue() == "brought back 1\nbrought back 1\nbrought back 0\n"

    settings.DICOMWEB_ARCHIVE = ""
    for each in Instance.objects.select_related("series__study", "file"):
        with archive.open_instance(each) as file:
            assert file.read() == originals[each.pk]
        assert files.check(each.file)
    assert AuditRecord.objects.filter(event="study.instance-brought-back").count() == 2


def test_what_the_archive_shows_otherwise_is_not_brought_back(county: County, there: Archive):
    a_study(county)
    jobs.archive_waiting()
    there.changed = lambda content: content.replace(b"CompressedSamples^CT1", b"CompressedSamples^CT2")
    with pytest.raises(CommandError, match="1 stay only there"):
        call_command("archive", "fetch", stdout=io.StringIO(), stderr=io.StringIO())
    assert the_instance().removed_at is not None

    there.refusal = 503
    with pytest.raises(CommandError, match="brought back 0; stopped: unreachable 503"):
        call_command("archive", "fetch", stdout=io.StringIO())


def test_a_head_written_anew_is_brought_back_as_the_file_it_is_now(county: County, there: Archive):
    a_study(county)
    jobs.archive_waiting()

    there.changed = with_another_head
    call_command("archive", "fetch", stdout=io.StringIO())

    kept = the_instance()
    assert kept.removed_at is None
    assert files.check(kept.file)
