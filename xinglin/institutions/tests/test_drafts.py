"""A prepared agreement is signed while its term may still begin."""

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.institutions import a_home, signed_sheet
from xinglin.institutions import actions
from xinglin.platform import clock
from xinglin.platform.errors import Conflict


def test_what_was_prepared_a_year_ago_is_prepared_anew(county: County) -> None:
    begun = later(days=-330)
    draft = actions.draft_agreement(
        institution=a_home(county, at=begun), facility_id=county.township.pk, package="elderly-home",
        starts_on=clock.today(begun), years=1, by=county.tang, at=begun,
    )  # fmt: skip

    with pytest.raises(Conflict) as refused:
        actions.sign_agreement(agreement=draft, signing=signed_sheet(), by=county.tang, at=NOW)

    assert refused.value.code == "prepare-anew"
    assert not draft.rounds.exists()
