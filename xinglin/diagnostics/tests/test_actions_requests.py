"""Asking the centre: one test for each way out."""

import io

import pytest

from tests.factories.county import County, later
from tests.factories.diagnostics import CT_PATH, ECG_PATH, a_request, an_ecg_centre, an_ecg_file, recorded
from tests.factories.residents import a_resident
from xinglin.diagnostics import actions
from xinglin.diagnostics.actions.recordings import MISMATCH_WORDS
from xinglin.diagnostics.data import Asked
from xinglin.diagnostics.models import Recording, Request
from xinglin.diagnostics.states import RequestStatus
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible, TooLarge
from xinglin.platform.models import AuditRecord, OutboxEvent, StoredFile
from xinglin.residents.models import RosterEntry


def place(county: County, **fields):
    fields.setdefault("centre", an_ecg_centre(county))
    fields.setdefault("question", "胸闷")
    fields.setdefault("recordings", [an_ecg_file()])
    fields.setdefault("identity_confirmed", True)
    fields.setdefault("from_facility_id", county.clinic.pk)
    if "resident" not in fields:
        fields["resident"] = a_resident(county)
    by = fields.pop("by", county.alma)
    return actions.place_request(asked=Asked(**fields), by=by, at=later(0))


def signs_of(refusal: InvalidInput) -> list[str]:
    """What a refusal says that speaks against the person."""
    return [sign for sign, words in MISMATCH_WORDS.items() if str(words) in str(refusal.message)]


def test_place_request_starts_the_clock_and_tells_the_centre(county: County):
    request = place(county, priority="EMERGENCY")

    assert request.status == RequestStatus.REQUESTED
    assert request.number.startswith("E")
    assert request.due_at == later(request.centre.minutes_urgent)
    assert request.priority_rank == 0
    assert [change.became for change in request.status_changes.all()] == ["REQUESTED"]
    assert OutboxEvent.objects.filter(event="request.placed", object_uuid=request.uuid).count() == 1
    assert AuditRecord.objects.get(event="request.placed").subject_uuid == request.resident.uuid


def test_place_request_keeps_the_recording_and_what_was_read_from_it(county: County):
    recording = place(county).recordings.get()

    assert recording.format == "dicom-12lead"
    assert recording.summary["leads"][:3] == ["I", "II", "III"]
    assert recording.file.size == ECG_PATH.stat().st_size


def test_place_request_puts_the_resident_on_the_roster_of_the_centre(county: County):
    request = place(county)

    entry = RosterEntry.objects.get(facility=county.hospital, resident=request.resident)
    assert entry.basis == "REQUEST"


def test_place_request_for_a_stranger_is_not_visible(county: County):
    stranger = a_resident(county)

    with pytest.raises(NotVisible):
        place(county, resident=stranger, by=county.cai, from_facility_id=county.other_clinic.pk)


def test_place_request_for_another_clinic_is_refused(county: County):
    with pytest.raises(NotPermitted):
        place(county, from_facility_id=county.sibling.pk)


def test_place_request_by_a_reading_doctor_is_refused(county: County):
    with pytest.raises(NotPermitted):
        place(county, by=county.bo, from_facility_id=county.hospital.pk)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (CT_PATH.read_bytes(), "ecg-not-an-ecg"),
        (ECG_PATH.read_bytes()[:20_000], "ecg-truncated"),
        (b"", "ecg-empty-file"),
        (b"hello", "ecg-unknown-format"),
    ],
)
def test_place_request_with_a_bad_file_leaves_nothing(county: County, settings, content: bytes, code: str):
    resident = a_resident(county)

    with pytest.raises(InvalidInput) as refusal:
        place(county, resident=resident, recordings=[io.BytesIO(content)])

    assert refusal.value.code == code
    assert not Request.objects.exists()
    assert not StoredFile.objects.exists()
    assert not [path for path in settings.FILES_DIR.rglob("*") if path.is_file()]


def test_place_request_with_one_bad_file_of_two_leaves_no_row(county: County):
    with pytest.raises(InvalidInput):
        place(county, recordings=[an_ecg_file(), io.BytesIO(CT_PATH.read_bytes())])

    assert not Request.objects.exists()
    assert not Recording.objects.exists()
    assert not StoredFile.objects.exists()


def test_place_request_without_a_file_is_refused(county: County):
    with pytest.raises(InvalidInput) as refusal:
        place(county, recordings=[])

    assert "recordings" in refusal.value.fields


def test_place_request_with_the_same_file_twice_is_refused(county: County):
    with pytest.raises(InvalidInput) as refusal:
        place(county, recordings=[an_ecg_file(), an_ecg_file()])

    assert refusal.value.code == "same-file"


def test_a_declared_size_beyond_the_limit_is_refused_before_reading(county: County):
    class Huge(io.BytesIO):
        size = 2 * 1024**3

        def read(self, *args):
            raise AssertionError("nothing is read of what is too large")

    with pytest.raises(TooLarge):
        place(county, recordings=[Huge()])


def test_a_file_of_another_person_asks_for_confirmation(county: County):
    with pytest.raises(InvalidInput) as refusal:
        place(county, identity_confirmed=False)

    assert refusal.value.code == "other-person"
    assert {"other-birth-date", "other-sex"} <= set(signs_of(refusal.value))
    assert "1971-**-23" in str(refusal.value.message)
    assert not Request.objects.exists()


def test_a_confirmed_file_of_another_person_keeps_the_warning(county: County):
    recording = place(county).recordings.get()

    assert {"other-birth-date", "other-sex"} <= set(recording.warnings)


def test_a_file_that_fits_the_person_needs_no_confirmation(county: County):
    from datetime import date

    woman = a_resident(county, name="李秀英", sex="2", born_on=date(1971, 1, 23))
    fresh = an_ecg_file(AcquisitionDateTime=recorded(later(-5)))

    recording = place(county, resident=woman, recordings=[fresh], identity_confirmed=False).recordings.get()

    assert recording.recorded_at == later(-5)
    assert not [code for code in recording.warnings if code.startswith("other-")]


def test_a_file_that_was_sent_for_somebody_else_asks_for_confirmation(county: County):
    from datetime import date

    content = an_ecg_file(AcquisitionDateTime=recorded(later(-5))).read()
    place(county, recordings=[io.BytesIO(content)])
    woman = a_resident(county, name="李秀英", sex="2", born_on=date(1971, 1, 23))

    with pytest.raises(InvalidInput) as refusal:
        place(county, resident=woman, recordings=[io.BytesIO(content)], identity_confirmed=False)

    assert signs_of(refusal.value) == ["used-for-another"]


@pytest.mark.parametrize(
    ("minutes", "signs"),
    [(-5, []), (5, []), (6, ["recorded-ahead"]), (-24 * 60, []), (-24 * 60 - 1, ["recorded-long-before"])],
)
def test_a_recording_of_an_odd_time_asks_for_confirmation(county: County, minutes: int, signs: list[str]):
    file = an_ecg_file(
        PatientBirthDate="19630415", PatientSex="M", AcquisitionDateTime=recorded(later(minutes)), PatientName="王小麦"
    )
    content = file.read()
    if not signs:
        assert not place(county, recordings=[io.BytesIO(content)], identity_confirmed=False).recordings.get().warnings
        return

    with pytest.raises(InvalidInput) as refusal:
        place(county, recordings=[io.BytesIO(content)], identity_confirmed=False)

    assert (refusal.value.code, signs_of(refusal.value)) == ("doubtful-recording", signs)
    kept = place(county, recordings=[io.BytesIO(content)]).recordings.get()
    assert signs[0] in kept.warnings


def test_a_file_sent_before_for_the_same_person_says_where(county: County):
    content = an_ecg_file(
        PatientBirthDate="19630415", PatientSex="M", AcquisitionDateTime=recorded(later(-5)), PatientName="王小麦"
    ).read()
    resident = a_resident(county)
    first = place(county, resident=resident, recordings=[io.BytesIO(content)], identity_confirmed=False)

    with pytest.raises(InvalidInput, match=first.number) as refusal:
        place(county, resident=resident, recordings=[io.BytesIO(content)], identity_confirmed=False)

    assert signs_of(refusal.value) == ["used-before"]
    actions.cancel_request(request=first, by=county.alma, at=later(1))
    assert place(county, resident=resident, recordings=[io.BytesIO(content)], identity_confirmed=False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("question", " "),
        ("question", "长" * 501),
        ("question", "\x00"),
        ("clinical", "长" * 501),
        ("priority", "SOMEDAY"),
    ],
)
def test_place_request_says_which_field_is_wrong(county: County, field: str, value: str):
    with pytest.raises(InvalidInput) as refusal:
        place(county, **{field: value})

    assert field in refusal.value.fields


def test_place_request_at_a_closed_centre_is_a_conflict(county: County):
    centre = an_ecg_centre(county)
    centre.is_active = False

    with pytest.raises(Conflict):
        place(county, centre=centre)


def test_a_repeat_is_linked_to_the_rejected_request(county: County):
    rejected = a_request(county, status=RequestStatus.REJECTED)

    request = place(county, resident=rejected.resident, repeats=rejected)

    assert request.repeats == rejected


def test_only_a_rejected_request_is_repeated(county: County):
    claimed = a_request(county, status=RequestStatus.CLAIMED)

    with pytest.raises(Conflict):
        place(county, resident=claimed.resident, repeats=claimed)


def test_a_repeat_for_another_person_is_refused(county: County):
    rejected = a_request(county, status=RequestStatus.REJECTED)

    with pytest.raises(InvalidInput):
        place(county, repeats=rejected)


def test_cancel_request_by_the_sender(county: County):
    request = a_request(county)

    cancelled = actions.cancel_request(request=request, reason="重复申请", by=county.alma, at=later(1))

    assert cancelled.status == RequestStatus.CANCELLED
    assert cancelled.status_changes.last().reason == "重复申请"


def test_cancel_request_that_is_being_read_is_a_conflict(county: County):
    request = a_request(county, status=RequestStatus.CLAIMED)

    with pytest.raises(Conflict):
        actions.cancel_request(request=request, by=county.alma, at=later(5))


def test_cancel_request_by_the_reader_is_refused(county: County):
    request = a_request(county)

    with pytest.raises(NotPermitted):
        actions.cancel_request(request=request, by=county.bo, at=later(1))


def test_add_recording_until_the_report(county: County):
    request = a_request(county, status=RequestStatus.CLAIMED)
    other = an_ecg_file(InstanceNumber="2")

    with pytest.raises(InvalidInput):
        actions.add_recording(
            request=request, recording=an_ecg_file(), identity_confirmed=True, by=county.alma, at=later(5)
        )
    with pytest.raises(NotPermitted):
        actions.add_recording(
            request=request, recording=an_ecg_file(), identity_confirmed=True, by=county.bo, at=later(5)
        )
    actions.add_recording(request=request, recording=other, identity_confirmed=True, by=county.alma, at=later(5))

    assert request.recordings.count() == 2
    assert AuditRecord.objects.filter(event="request.recording-added").count() == 1


def test_add_recording_to_a_reported_request_is_a_conflict(county: County):
    request = a_request(county, status=RequestStatus.FINAL)

    with pytest.raises(Conflict):
        actions.add_recording(request=request, recording=an_ecg_file(), by=county.alma, at=later(5))
