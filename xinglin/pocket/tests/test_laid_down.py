"""A telephone laid down on the computer, one whose owner's account is closed, and one whose owner was given or lost a right."""

import json
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.county import NOW, START, County, later
from tests.factories.pocket import a_device, a_visit_noted, sent
from tests.factories.programmes import an_enrolment
from xinglin.accounts import actions as accounts
from xinglin.accounts.models import Grant
from xinglin.platform import clock
from xinglin.platform.errors import Conflict
from xinglin.platform.models import OutboxEvent
from xinglin.pocket import actions, jobs, permissions
from xinglin.pocket.models import Device
from xinglin.pocket.states import ChangeStatus, Status

pytestmark = pytest.mark.django_db


def test_what_a_telephone_laid_down_had_not_sent_is_still_taken_and_it_is_given_nothing(county: County):
    device, enrolment = a_device(county), an_enrolment(county)
    actions.repair_panel(panel=jobs.queries.Panel.objects.get())
    actions.end_device(device=device, by=county.alma, at=NOW)

    change = sent(device, a_visit_noted(enrolment.resident, at=NOW), by=county.alma, at=later(5), sent_at=later(5))

    assert change.status == ChangeStatus.DONE
    assert permissions.may_carry(county.alma, device).code == "device-ended"


def test_what_a_telephone_that_is_to_be_erased_sends_is_not_taken(county: County):
    device, enrolment = a_device(county), an_enrolment(county)
    actions.order_wipe(device=device, reason="手机丢失", by=county.alma, at=NOW)
    with pytest.raises(Conflict):
        sent(device, a_visit_noted(enrolment.resident, at=NOW), by=county.alma)


@pytest.mark.parametrize("by_night", [False, True])
def test_the_telephones_of_a_closed_account_are_to_erase_themselves(county: County, by_night: bool):
    closed, laid_down, others = a_device(county), a_device(county, name="旧手机"), a_device(county, by=county.sib)
    actions.end_device(device=laid_down, by=county.alma, at=NOW)
    admin = county.actor(county.user("root", "system-administrator", None, everywhere=True))
    accounts.close_user(user=county.users["alma"], by=admin, at=NOW)

    if by_night:
        jobs.repair.func(timestamp=0)
    else:
        event = OutboxEvent.objects.get(event="account.closed")
        for _twice in range(2):
            jobs.account_closed.func(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))

    found = dict(Device.objects.values_list("pk", "status"))
    assert found == {closed.pk: Status.WIPING, laid_down.pk: Status.ENDED, others.pk: Status.ACTIVE}


def test_a_right_given_or_taken_away_makes_the_telephone_begin_anew(county: County, client: Client):
    enrolment = an_enrolment(county, name="王麦")
    an_enrolment(county, resident=enrolment.resident, programme="mental-disorder")
    dora = county.user("dora", "specialist", county.clinic)
    device = a_device(county, by=county.actor(dora))
    sign_in(client, dora)

    def pulled(after: int) -> dict[str, Any]:
        return json.loads(client.get(f"/api/v1/pocket/panel?device={device.uuid}&after={after}").content)

    def told() -> list[str]:
        ((_revision, resident),) = pulled(0)["entries"]
        return [each["slug"] for each in resident["programmes"]]

    assert told() == ["hypertension"]
    upto = pulled(0)["upto"]
    assert (pulled(upto)["restart"], pulled(upto)["entries"]) == (False, [])

    given = Grant.objects.create(
        user=dora, role="village-doctor", facility=county.clinic, valid_from=START, granted_at=START
    )
    assert [pulled(upto)[key] for key in ("restart", "entries", "upto")] == [True, [], 0]
    assert pulled(upto)["restart"]  # the answer was lost, and it asks again
    assert told() == ["hypertension", "mental-disorder"]
    assert not pulled(upto)["restart"]

    given.revoked_at, given.revoked_by = clock.now(), 0
    given.save()
    assert pulled(upto)["restart"]
    assert told() == ["hypertension"]
