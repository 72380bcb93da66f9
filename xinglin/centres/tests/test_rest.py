"""The interface for programs: going on duty, whose a request is, and the figures."""

import json
from datetime import timedelta

from django.test import Client

from tests.factories.accounts import a_token
from tests.factories.county import County
from tests.factories.diagnostics import a_request, an_ecg_centre
from xinglin.accounts.roles import ROLES
from xinglin.centres import actions, jobs
from xinglin.centres.models import Shift
from xinglin.platform import clock


def program(county: County, who: str, role: str) -> Client:
    getattr(county, who)
    secret = a_token(county.users[who], *ROLES[role].permissions, at=clock.now()).secret
    return Client(headers={"Authorization": f"Bearer {secret}"})


def post(client: Client, path: str, body: object = None):
    return client.post(f"/api/v1{path}", json.dumps(body, default=str), content_type="application/json")


def test_a_doctor_goes_on_duty_and_sees_what_is_assigned_to_him(county: County):
    now, centre = clock.now(), an_ecg_centre(county)
    bo = program(county, "bo", "reading-doctor")
    times = {"starts_at": now - timedelta(minutes=1), "ends_at": now + timedelta(hours=8)}

    assert post(bo, f"/duty-centres/{centre.uuid}/shifts", times).status_code == 201
    assert post(bo, f"/duty-centres/{centre.uuid}/shifts", times).status_code == 409
    assert post(bo, f"/duty-centres/{centre.uuid}/shifts", times | {"reader": "alma"}).status_code == 422
    request = a_request(county, at=now)
    actions.assign_request(request=request, by=jobs.CLOCK, at=now)

    (line,) = bo.get("/api/v1/ecg-requests?show=mine").json()["items"]
    assert (line["number"], line["assigned_to"]) == (request.number, "薄")
    assert bo.get("/api/v1/duty-centres").json()["items"][0]["assigns"] is True
    assert len(bo.get(f"/api/v1/duty-centres/{centre.uuid}/shifts").json()["items"]) == 1
    shift = Shift.objects.get()
    assert post(bo, f"/shifts/{shift.uuid}/withdraw").status_code == 200
    figures = bo.get(f"/api/v1/duty-centres/{centre.uuid}/figures?days=1").json()
    assert (figures["n_requests"], figures["n_unread"], figures["share_in_time"]) == (1, 1, None)
