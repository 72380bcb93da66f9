"""Screening: one form for several programmes, who is at high risk, what becomes a candidate."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from tests.factories.accounts import sign_in
from tests.factories.county import NOW
from tests.factories.programmes import an_enrolment
from tests.factories.residents import a_resident
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.programmes import actions, finding, screening
from xinglin.programmes.data import FoundBy
from xinglin.programmes.models import Enrolment, ScreeningResult
from xinglin.residents import api as residents

TODAY = clock.today(NOW)
BORDER = {"systolic": "134", "diastolic": "84", "height": "170", "weight": "78"}


def screened(county, resident, answers, *, at=NOW):
    return actions.record_screening(
        resident=resident, facility_id=county.clinic.pk, answers=answers, by=county.alma, at=at
    )


def test_one_form_serves_every_programme_that_foresees_the_resident(county):
    form = screening.form_for(county.alma, a_resident(county), at=NOW)

    codes = [each.item.code for each in form.items]
    assert len(codes) == len(set(codes))
    assert {"hypertension", "diabetes"} <= {each.slug for each in form.programmes}
    assert {"systolic", "weight"} <= set(codes)


def test_a_resident_is_not_screened_for_what_he_is_managed_for(county):
    resident = an_enrolment(county).resident

    form = screening.form_for(county.alma, resident, at=NOW)

    assert "hypertension" not in {each.slug for each in form.programmes}


def test_a_positive_screening_makes_a_candidate_with_its_reasons(county):
    resident = a_resident(county)

    screened(county, resident, {"systolic": "152", "diastolic": "96"})

    candidate = Enrolment.objects.get(resident=resident, programme="hypertension")
    assert (candidate.status, candidate.found_by) == ("CANDIDATE", FoundBy.SCREENING)
    assert {"fact": "systolic", "value": "152", "asks": "≥ 140"} in candidate.evidence
    assert {"step": "screening", "version": candidate.version} in candidate.evidence


def test_why_he_was_found_is_kept_in_no_language_whoever_asks(county):
    resident = a_resident(county)

    with override("en"):
        screened(county, resident, {"systolic": "152", "diastolic": "96", "height": "170", "weight": "90"})

    kept = [each for row in Enrolment.objects.filter(resident=resident) for each in row.evidence]
    kept += [each for row in ScreeningResult.objects.filter(is_positive=True) for each in row.reasons]
    assert kept
    assert [each for each in kept if not isinstance(each, dict)] == []


def test_high_risk_is_listed_with_its_day_until_he_is_managed(county):
    resident = a_resident(county)

    screened(county, resident, BORDER)

    page = screening.high_risk(county.alma, programme="hypertension")
    assert [each.resident for each in page.rows] == [resident]
    assert page.rows[0].again_on > TODAY
    assert not screening.high_risk(county.cai, programme="hypertension").rows
    actions.enrol_resident(resident=resident, programme="hypertension", basis="确诊", by=county.alma, at=NOW)
    assert not screening.high_risk(county.alma, programme="hypertension").rows


def test_who_is_at_high_risk_is_listed_with_what_makes_him_so(county):
    resident = a_resident(county)
    row = screened(county, resident, {"systolic": "132", "diastolic": "80"})
    found = row.results.get(programme="hypertension")
    assert (found.is_positive, found.is_high_risk) == (False, True)
    assert {"fact": "systolic", "value": "132", "asks": "≥ 130 < 140"} in found.reasons


def test_the_latest_screening_stands_for_each_programme(county):
    resident = a_resident(county)
    screened(county, resident, BORDER)

    screened(county, resident, {"systolic": "118", "diastolic": "76"}, at=NOW + timedelta(days=1))

    rows = ScreeningResult.objects.filter(resident=resident, programme="hypertension")
    assert rows.count() == 2
    assert rows.get(is_latest=True).is_positive is False


def test_what_was_not_measured_is_not_negative(county):
    resident = a_resident(county)

    screened(county, resident, {"systolic": "118", "diastolic": "76"})

    diabetes = ScreeningResult.objects.get(resident=resident, programme="diabetes")
    assert diabetes.is_positive is None
    assert diabetes.missing


def test_the_pressure_of_a_screening_is_the_first_of_the_year_and_in_the_record(county):
    resident = a_resident(county)
    assert not finding.pressure_asked_this_year(resident, on=TODAY)

    screened(county, resident, BORDER)

    assert finding.pressure_asked_this_year(resident, on=TODAY)
    (entry,) = screening.told(county.alma, [resident.pk], NOW + timedelta(seconds=1), 5)
    assert entry.title == "慢病筛查"
    assert residents.measurements_of([resident.pk], ("29463-7",), since=NOW - timedelta(days=1))


@pytest.mark.parametrize(
    "answers", [{}, {"systolic": "1200", "diastolic": "80"}, {"systolic": "120"}, {"made_up": "1"}]
)
def test_a_screening_with_a_fault_is_refused(county, answers):
    with pytest.raises(InvalidInput):
        screened(county, a_resident(county), answers)
    assert not ScreeningResult.objects.exists()


def test_a_child_is_not_screened_and_a_stranger_screens_nobody(county):
    child = a_resident(county, born_on=date(2022, 1, 1))

    with pytest.raises(Conflict):
        screened(county, child, BORDER)
    with pytest.raises(NotPermitted):
        actions.record_screening(
            resident=a_resident(county), facility_id=county.clinic.pk, answers=BORDER, by=county.cai, at=NOW
        )


def test_the_page_says_what_it_comes_to_and_keeps_it(county):
    resident = a_resident(county)
    county.alma  # noqa: B018 - makes the account
    alma = sign_in(Client(), county.users["alma"])
    address = reverse("programmes:screening", args=[resident.uuid])
    given = {"a-systolic": "152", "a-diastolic": "96"}

    looked = alma.post(f"{address}?op=look", given, headers={"HX-Request": "true"}).content.decode()
    saved = alma.post(address, given)
    refused = alma.post(address, {"a-systolic": "9999", "a-diastolic": "80"})

    assert "阳性" in looked
    assert saved.url == address
    assert "阳性" in alma.get(address).content.decode()
    assert refused.status_code == 422


def test_the_high_risk_page_lists_him(county):
    resident = a_resident(county)
    screened(county, resident, BORDER, at=clock.now())
    county.alma  # noqa: B018 - makes the account
    alma = sign_in(Client(), county.users["alma"])

    text = alma.get(reverse("programmes:high-risk")).content.decode()

    assert resident.name in text
    county.bo  # noqa: B018 - makes the account
    assert sign_in(Client(), county.users["bo"]).get(reverse("programmes:high-risk")).status_code == 403


def test_a_child_is_told_that_nothing_foresees_her_and_not_that_she_is_managed(county, client):
    child = a_resident(county, name="小宝", born_on=date(2016, 5, 5))

    shown = sign_in(client, county.users[county.alma and "alma"]).get(
        reverse("programmes:screening", args=[child.uuid])
    )

    said = " ".join(shown.context["page"].not_screened)
    assert "不是筛查对象：" in said
    assert "高血压（年龄 ≥35）" in said
    assert "已在管" not in shown.content.decode()
