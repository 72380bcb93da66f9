"""Examined in the village, readable wherever the person is treated; nowhere else."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from tests.factories.county import NOW, later
from tests.factories.diagnostics import a_request
from xinglin.accounts.api import Permission
from xinglin.diagnostics.queries import requests_visible_to, visible_request
from xinglin.diagnostics.timeline import requests_of_resident
from xinglin.platform.actors import Actor, HeldGrant
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


def test_the_person_sees_his_own_examinations_and_final_reports_only(county: Any) -> None:
    request = a_request(county, status="PRELIMINARY")
    self_grant = HeldGrant("resident", frozenset({Permission.OWN_RECORD}), frozenset())
    person = Actor(kind="user", user_id=1, grants=(self_grant,), self_uuid=request.resident.uuid)
    other = replace(person, self_uuid=uuid4())

    def kinds(actor: Actor) -> list[str]:
        return [each.kind for each in requests_of_resident(actor, [request.resident_id], later(600), 50)]

    assert kinds(person) == ["request"]
    assert kinds(other) == []
    assert "report" in kinds(county.bo)
