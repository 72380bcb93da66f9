"""The interface of devices, and the pages."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.readings import a_device, post, pressure, send
from tests.factories.residents import a_resident
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord
from xinglin.readings.models import Device, Reading


def body(record_id="1", systolic=128, resident=None, **more):
    who = {"who": {"kind": "number", "value": resident.number}} if resident else {}
    values = [
        {"code": "8480-6", "value": systolic, "unit": "mm[Hg]"}, {"code": "150022", "value": 78, "unit": "mm[Hg]"}
    ]  # fmt: skip
    return {
        "readings": [{"record_id": record_id, "measured_at": clock.now().isoformat(), "values": values, **who, **more}]
    }


def now_ms():
    return int(clock.now().timestamp() * 1000)


# The device's own interface ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("algorithm", ["sm3", "sha256"])
def test_a_signed_batch_is_taken_and_a_replay_fails(county, algorithm):
    made, man, at = a_device(county), a_resident(county), now_ms()
    said = body(resident=man)
    answer = post(made.device, made.key, said, milliseconds=at, algorithm=algorithm)
    assert answer.status_code == 200, answer.content
    assert [each["outcome"] for each in answer.json()["answers"]] == ["kept"]
    replay = post(made.device, made.key, said, milliseconds=at, algorithm=algorithm)
    assert (replay.status_code, replay.json()["code"]) == (401, "signature-used")
    again = post(made.device, made.key, said, milliseconds=at + 1, algorithm=algorithm)
    assert [(each["outcome"], each["first"]) for each in again.json()["answers"]] == [("known", "kept")]


def test_a_wrong_key_body_or_clock_is_nobody(county):
    made, at = a_device(county), now_ms()
    device, key = made.device, made.key
    other = a_device(county)
    tries = [
        post(device, other.key, body(), milliseconds=at), post(other.device, key, body(), milliseconds=at),
        post(device, key, body(), milliseconds=at, tampered=b'{"readings": []}'),
    ]  # fmt: skip
    assert [(each.status_code, each.json()["code"]) for each in tries] == [(401, "device-unknown")] * 3
    late = post(device, key, body(), milliseconds=at - 600_000)
    assert (late.status_code, late.json()["code"]) == (401, "device-clock")
    assert Client().post("/api/v1/device-readings", b"{}", content_type="application/json").status_code == 401
    assert not Reading.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        {}, {"readings": []}, {"readings": [{}]}, {"readings": [1]}, [], {**body(), "more": 1}, body(more=1),
        body(record_id=""), body(record_id="a\x00"), body(record_id="\ud800"), {"readings": body()["readings"] * 201}, body(measured_at=5),
        body(values=[{"code": "systolic", "value": None, "unit": "mmHg"}]),
    ],
)  # fmt: skip
def test_a_body_of_another_shape_is_refused_as_a_whole(county, said):
    made = a_device(county)
    answer = post(made.device, made.key, said, milliseconds=now_ms())
    assert answer.status_code == 422, answer.content
    assert not Reading.objects.exists()


def test_a_figure_that_is_none_is_refused_alone(county):
    made, man = a_device(county), a_resident(county)
    answer = post(made.device, made.key, body(systolic=float("nan"), resident=man), milliseconds=now_ms())
    assert [each["code"] for each in answer.json()["answers"]] == ["not-a-number"]


# Pages ---------------------------------------------------------------------------------------------------------------
@pytest.fixture
def alma(county):
    county.alma  # noqa: B018 - makes the account
    return sign_in(Client(), county.users["alma"])


def test_a_device_is_registered_lent_and_lost_on_its_pages(county, alma):
    man = a_resident(county)
    given = {"kind": "scale", "serial_number": "SN-9", "place": "LOAN", "facility": county.clinic.uuid, "label": ""}
    answer = alma.post(reverse("readings:devices"), given)
    assert answer.status_code == 200
    assert "xd_" in answer.content.decode()
    assert alma.post(reverse("readings:devices"), given).status_code == 409
    assert alma.post(reverse("readings:devices"), {**given, "facility": "x"}).status_code == 422
    device = Device.objects.get()
    assert "xd_" not in alma.get(reverse("readings:device", args=[device.uuid])).content.decode()
    assert alma.post(reverse("readings:lend", args=[device.uuid]), {"number": "P0"}).status_code == 422
    assert alma.post(reverse("readings:lend", args=[device.uuid]), {"number": man.number}).status_code == 302
    assert man.number in alma.get(reverse("readings:device", args=[device.uuid])).content.decode()
    for verb, status in (
        ("return", 302),
        ("key", 200),
        ("lost", 302),
        ("key", 409),
        ("found", 302),
        ("retire", 302),
        ("x", 404),
    ):
        assert alma.post(reverse("readings:act", args=[device.uuid, verb])).status_code == status, verb
    assert "SN-9" in alma.get(reverse("readings:devices")).content.decode()


def test_a_waiting_reading_is_sorted_on_its_page(county, alma):
    man = a_resident(county)
    send(a_device(county).device, pressure("1", 128, 78), pressure("2", 138, 78))
    first, second = Reading.objects.order_by("pk")
    assert "128/78" in alma.get(reverse("readings:queue")).content.decode()
    assert alma.get(reverse("readings:reading", args=[first.uuid])).status_code == 200
    address = reverse("readings:sort", args=[first.uuid, "assign"])
    assert alma.post(address, {"number": "P000", "reason": "电话"}).status_code == 422
    assert alma.post(address, {"number": man.number, "reason": ""}).status_code == 422
    assert alma.post(address, {"number": man.number, "reason": "电话核实"}).status_code == 302
    assert alma.post(reverse("readings:sort", args=[second.uuid, "discard"]), {"reason": "试机"}).status_code == 302
    assert alma.post(reverse("readings:sort", args=[second.uuid, "eat"]), {"reason": "试机"}).status_code == 404
    page = alma.get(reverse("readings:resident", args=[man.uuid])).content.decode()
    assert "128/78" in page
    assert "138/78" not in page


def test_a_resident_sees_his_own_and_nobody_elses(county):
    man, at = a_resident(county), clock.now()
    device = a_device(county).device
    send(device, *(pressure(str(n), 120 + n, 78, resident=man, at=at) for n in range(2)), at=at)
    user = county.user("self", "resident", None, everywhere=True)
    user.resident_uuid = man.uuid
    user.save()
    client = sign_in(Client(), user)
    page = client.get(reverse("readings:own")).content.decode()
    assert "121/78" in page
    assert "SN" in page
    assert "静坐5分钟" not in page
    send(device, pressure("high", 186, 98, resident=man, at=at + timedelta(seconds=1)), at=at)
    assert "静坐5分钟" in client.get(reverse("readings:own")).content.decode()
    assert client.get(reverse("readings:resident", args=[man.uuid])).status_code == 403
    assert AuditRecord.objects.filter(event="reading.viewed", subject_uuid=man.uuid).exists()


@pytest.mark.parametrize("name", ["devices", "queue"])
def test_who_has_no_part_in_it_is_refused(county, name):
    county.mei  # noqa: B018 - makes the account
    assert sign_in(Client(), county.users["mei"]).get(reverse(f"readings:{name}")).status_code == 403
