"""REST: what an instrument's middleware and the laboratory's own system ask for. Who may do what stands in the matrix."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import a_token
from tests.factories.county import County
from tests.factories.labcontrol import a_loss, a_round, an_assay
from xinglin.accounts.roles import ROLES
from xinglin.labcontrol.jobs import tell
from xinglin.labcontrol.models import ControlRun
from xinglin.labcontrol.states import Status
from xinglin.notifications.models import Message
from xinglin.platform import clock
from xinglin.platform.models import OutboxEvent

pytestmark = pytest.mark.django_db
API = "/api/v1/control"


def client(county: County, who: str, role: str) -> Client:
    getattr(county, who)
    secret = a_token(county.users[who], *ROLES[role].permissions, at=clock.now()).secret
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def lin(county: County) -> Client:
    return client(county, "lin", "laboratory-technician")


def send(of: Client, path: str, body: dict[str, Any], key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return of.post(f"{API}{path}", body, content_type="application/json", headers=headers)


def values(low: str, high: str) -> list[dict[str, str]]:
    return [{"analyte": "k", "level": "1", "value": low}, {"analyte": "k", "level": "2", "value": high}]


def test_a_run_sent_twice_is_kept_once_and_answered_with_its_verdict(county: County, lin: Client) -> None:
    assay = an_assay(county)
    body = {
        "instrument": str(assay.instrument.uuid),
        "run_at": clock.now().isoformat(),
        "values": values("4.35", "6.0"),
    }

    first, again = send(lin, "/runs", body, "k1"), send(lin, "/runs", body, "k1")

    assert (first.status_code, first.json()) == (201, again.json())
    assert ControlRun.objects.count() == 1
    result = first.json()["results"][0]
    assert (result["verdict"], result["rules"]) == ("OUT", ["1-2s", "1-3s"])
    assert result["values"][0] == {"level": "1", "lot": "Q2601", "value": "4.35", "z": "3.500", "counts": True}
    found = lin.get(f"{API}/release?facility={county.hospital.uuid}&analyte=k").json()
    assert (found["blocks"], found["code"], found["loss"]) == (True, "out-of-control", result["loss"])


def test_a_value_without_a_place_is_named(county: County, lin: Client) -> None:
    assay = an_assay(county)
    body = {"instrument": str(assay.instrument.uuid), "run_at": clock.now().isoformat(), "values": values("4", "6")}
    body["values"][1]["level"] = "3"  # type: ignore[index]

    answer = send(lin, "/runs", body)

    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["values.1"])


def test_a_loss_is_handled_and_reviewed(county: County, lin: Client) -> None:
    loss = a_loss(county, at=clock.now() - timedelta(hours=1))
    path, he = f"/losses/{loss.uuid}", client(county, "he", "laboratory-doctor")
    assert [each["uuid"] for each in lin.get(f"{API}/losses").json()["items"]] == [str(loss.uuid)]

    assert send(lin, f"{path}/action", {"code": "REPAIR", "text": "x", "patients": "x"}).status_code == 409
    send(lin, f"{path}/cause", {"code": "REAGENT", "text": "失效"})
    send(lin, f"{path}/action", {"code": "NEW_REAGENT", "text": "换试剂", "patients": "复查3份"})
    body = {
        "instrument": str(loss.assay.instrument.uuid), "values": values("4.01", "6.01"),
        "run_at": (clock.now() + timedelta(seconds=2)).isoformat(),
    }  # fmt: skip
    send(lin, "/runs", body)
    closed = send(he, f"{path}/close", {"review": "同意"})

    assert closed.json()["status"] == Status.CLOSED
    board = lin.get(f"{API}/board").json()["items"]
    assert [(each["analyte"], each["code"]) for each in board] == [("k", "in-control")]


def test_external_assessment_is_told(county: County, lin: Client) -> None:
    a_round(county, at=clock.now())

    found = lin.get(f"{API}/eqa?facility={county.hospital.uuid}&analyte=k").json()

    assert (found["code"], found["organiser"], found["until"]) == ("valid", "PROVINCIAL", "2027-03-01")


def test_who_handles_control_is_told_once_of_a_loss(county: County) -> None:
    loss = a_loss(county, at=clock.now())
    event = OutboxEvent.objects.get(event="control.lost")

    for _again in range(2):
        tell(event_uuid=str(event.uuid), object_uuid=str(loss.uuid))

    assert set(Message.objects.values_list("kind", flat=True)) == {"control.lost"}
    assert Message.objects.count() == len(set(Message.objects.values_list("user_id", "facility_id")))
