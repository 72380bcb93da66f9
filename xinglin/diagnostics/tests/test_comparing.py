"""An examination beside the one before: to one scale, with what changed; computed figures apart from the device's."""

import pytest
from django.test import Client
from django.urls import reverse
from pydicom import Sequence

from tests.factories.accounts import sign_in
from tests.factories.county import County, later
from tests.factories.diagnostics import INFARCTION, a_request, an_ecg_file
from tests.factories.imaging import an_imaging_request, images_of
from tests.factories.residents import a_resident
from xinglin.diagnostics import actions
from xinglin.platform.models import AuditRecord


@pytest.fixture
def bo(county: County):
    """Bo's browser."""
    county.bo  # noqa: B018 - makes the account
    return sign_in(Client(), county.users["bo"])


def bare():
    """The same trace from a device that measures nothing."""
    return an_ecg_file(WaveformAnnotationSequence=Sequence([]))


def test_both_traces_stand_to_one_scale_with_what_changed(county: County, bo):
    resident = a_resident(county)
    first = a_request(county, status="FINAL", resident=resident, report=INFARCTION)
    second = a_request(county, resident=resident, at=later(60))

    text = bo.get(reverse("diagnostics:compare", args=[second.uuid])).content.decode()

    assert INFARCTION["conclusion"] in text
    assert text.count("layout=6x2") >= 2
    for each in (first, second):
        assert f"{reverse('diagnostics:trace_svg', args=[each.uuid])}?recording={each.recordings.get().uuid}" in text
    assert "+0" in text  # one trace, twice: nothing changed
    looks = AuditRecord.objects.filter(event="request.viewed").values_list("object_key", flat=True)
    assert set(looks) == {str(first.uuid), str(second.uuid)}
    detail = bo.get(reverse("diagnostics:detail", args=[second.uuid])).content.decode()
    assert f"?prior={first.uuid}" in detail


def test_what_was_computed_is_never_the_devices(county: County, bo):
    resident = a_resident(county)
    a_request(county, status="FINAL", resident=resident)
    second = a_request(county, resident=resident, at=later(60), recordings=[bare()])

    summary = second.recordings.get().summary
    page = bo.get(reverse("diagnostics:compare", args=[second.uuid])).context["page"]
    text = bo.get(reverse("diagnostics:detail", args=[second.uuid])).content.decode()

    assert summary["measurements"] == {}
    assert summary["computed"]["heart-rate"] == pytest.approx(61, abs=0.5)
    assert "设备未提供测值，以下由 sleepecg" in text
    assert all(row.present is None and row.difference is None for row in page.rows)
    assert "computed" not in page.prior.recording.summary


def test_images_of_both_open_in_one_click(county: County, bo):
    resident = a_resident(county)
    first, second = (
        an_imaging_request(county, resident=resident, at=later(n)) for n in (0, 60)
    )  # fmt: skip
    studies = [images_of(county, first), images_of(county, second, at=later(61))]
    actions.claim_request(request=first, by=county.bo, at=later(1))
    actions.write_final(
        request=first, findings="脑实质未见异常密度影", conclusion="头颅CT平扫未见明显异常", by=county.bo, at=later(2)
    )

    page = bo.get(reverse("diagnostics:compare", args=[second.uuid])).context["page"]

    assert page.viewer_url.endswith(f"StudyInstanceUIDs={studies[1].study_uid},{studies[0].study_uid}")
    assert page.prior.report.conclusion == "头颅CT平扫未见明显异常"


def test_an_earlier_one_of_somebody_else_is_not_found(county: County, bo):
    other = a_request(county, status="FINAL", resident=a_resident(county))
    request = a_request(county, resident=a_resident(county), at=later(60))

    assert bo.get(reverse("diagnostics:compare", args=[request.uuid])).status_code == 404
    assert bo.get(reverse("diagnostics:compare", args=[request.uuid]) + f"?prior={other.uuid}").status_code == 404
