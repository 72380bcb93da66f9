"""Results wait while quality control is lost."""

import pytest

from tests.factories.county import County, later
from tests.factories.labcontrol import a_loss, a_run, an_assay, an_instrument
from tests.factories.laboratory import luo, received
from xinglin.labcontrol.states import Status
from xinglin.laboratory import actions
from xinglin.laboratory.tests.test_releasing import ELECTROLYTES, by_lis
from xinglin.platform.errors import Conflict

pytestmark = pytest.mark.django_db


def test_a_lost_control_holds_the_results_of_its_item_whoever_releases(county: County):
    order = received(county)
    a_loss(county, status=Status.OPEN, assay=an_assay(county, analyte="k", instrument=an_instrument(county)))

    by_lis(order, ELECTROLYTES)

    order.refresh_from_db()
    assert order.status == "PERFORMED"
    with pytest.raises(Conflict, match="失控") as refused:
        actions.release_results(request=order, by=luo(county), at=later(130))
    assert refused.value.code == "release-blocked"


def test_a_standing_control_holds_nothing(county: County):
    order = received(county)
    a_run(county, an_assay(county, analyte="k", instrument=an_instrument(county)))

    by_lis(order, ELECTROLYTES)

    order.refresh_from_db()
    assert order.status == "FINAL"
