"""Examined in the village, readable wherever the person is treated; nowhere else."""

from typing import Any

import pytest

from tests.factories.county import NOW
from tests.factories.diagnostics import a_request
from xinglin.diagnostics.queries import requests_visible_to, visible_request
from xinglin.platform.errors import NotVisible
from xinglin.residents.api import note_on_roster


def test_who_receives_the_person_reads_what_was_examined_before(county: Any) -> None:
    request = a_request(county)
    stranger = county.actor(county.user("tcm", "specialist", county.tcm))
    with pytest.raises(NotVisible):
        visible_request(stranger, request.uuid)

    note_on_roster(resident=request.resident, facility_id=county.tcm.pk, basis="REFERRAL", at=NOW)

    assert visible_request(stranger, request.uuid) == request
    assert request not in requests_visible_to(stranger)  # not their work


def test_the_neighbouring_clinic_still_reads_nothing(county: Any) -> None:
    request = a_request(county)

    with pytest.raises(NotVisible):
        visible_request(county.sib, request.uuid)
