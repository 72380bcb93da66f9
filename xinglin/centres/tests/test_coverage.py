"""M05: village clinics that can send an ECG, of all; reports for grassroots units."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.county import County, later
from tests.factories.diagnostics import a_request, an_ecg_centre
from xinglin.centres.coverage import coverage, made_of
from xinglin.network.api import UnitEquipment
from xinglin.network.models import Equipment


def test_the_worked_example():
    units = [
        UnitEquipment(n, f"卫生室{n}", "甲镇" if n < 3 else "乙镇", n_in_use, 1)
        for n, n_in_use in enumerate((1, 0, 0, 2))
    ]

    found = made_of(units, {1: 5, 3: 1}, {"ECG": 6})

    assert (found.whole.n_clinics, found.whole.n_covered, found.whole.share) == (4, 3, 0.75)
    assert [(each.name, each.n_covered, each.share) for each in found.townships] == [
        ("乙镇", 1, 1.0),
        ("甲镇", 2, pytest.approx(2 / 3)),
    ]
    assert [each.name for each in found.missing] == ["卫生室2"]


def test_a_device_counts_while_in_use_and_remote_reading_counts(county: County):
    for clinic, state in ((county.clinic, "RETIRED"), (county.sibling, "IN_USE")):
        Equipment.objects.create(facility=clinic, code="E1", kind="ECG", name="心电图机", state=state)
    Equipment.objects.create(facility=county.other_clinic, code="D1", kind="DR", name="DR")

    before = coverage(since=later(-60), until=later(60))
    a_request(county, status="AMENDED")  # of Alma's clinic, whose device is retired
    a_request(county)
    after = coverage(since=later(-60), until=later(60))

    assert (before.whole.n_clinics, before.whole.n_with_device, before.whole.n_covered) == (3, 1, 1)
    assert (after.whole.n_covered, after.whole.n_read, dict(after.reports)) == (2, 1, {"ECG": 1})
    assert [each.name for each in after.missing] == [county.other_clinic.name]


def test_the_page_and_its_workbook_are_for_who_answers_for_a_centre(county: County):
    an_ecg_centre(county)
    for who, status in (("bo", 200), ("alma", 403)):
        getattr(county, who)
        browser = sign_in(Client(), county.users[who])
        assert browser.get(reverse("centres:coverage")).status_code == status
        assert browser.get(reverse("centres:export_coverage")).status_code == status
