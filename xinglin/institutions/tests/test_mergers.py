"""A unit is merged: its homes and the agreements it served go to its successor."""

from typing import Any

import pytest

from tests.factories.institutions import a_care_agreement, a_home, a_stay
from tests.factories.network import merge
from xinglin.institutions import jobs
from xinglin.institutions.models import Institution, Round
from xinglin.institutions.queries import institutions_visible_to
from xinglin.institutions.states import RoundStatus
from xinglin.platform.errors import NotVisible
from xinglin.platform.models import AuditRecord
from xinglin.residents.api import residents_visible_to


def test_the_successor_keeps_the_home_and_serves_its_agreement(county: Any) -> None:
    home = a_home(county, by=county.alma)
    stay = a_stay(county, home, by=county.alma)
    agreement = a_care_agreement(county, home, by=county.alma)
    planned = Round.objects.filter(agreement=agreement, status=RoundStatus.PLANNED).count()

    merge(county.clinic, county.sibling, jobs.units_merged, times=2)

    home.refresh_from_db()
    agreement.refresh_from_db()
    assert (home.keeper_id, agreement.facility_id) == (county.sibling.pk, county.sibling.pk)
    assert home in institutions_visible_to(county.sib)
    assert stay.resident in residents_visible_to(county.sib)
    assert Round.objects.filter(agreement=agreement, status=RoundStatus.PLANNED).count() == planned
    assert AuditRecord.objects.filter(event="institution.handed-over").count() == 1
    assert AuditRecord.objects.filter(event="institution.served-by-successor").count() == 1


def test_of_two_homes_of_one_name_the_one_that_comes_says_where_it_was_kept(county: Any) -> None:
    a_home(county, "幸福院", by=county.sib)
    coming = a_home(county, "幸福院", by=county.alma)

    merge(county.clinic, county.sibling, jobs.units_merged)

    coming.refresh_from_db()
    assert coming.keeper_id == county.sibling.pk
    assert coming.name == f"幸福院（{county.clinic}）"
    assert Institution.objects.filter(keeper=county.sibling).count() == 2


def test_a_unit_that_was_not_merged_hands_over_nothing(county: Any) -> None:
    with pytest.raises(NotVisible):
        jobs.units_merged(event_uuid="", object_uuid=str(county.clinic.uuid))
