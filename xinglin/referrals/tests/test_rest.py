"""The REST operations: the whole way by tokens, repetition, refusals, strict input."""

import base64
import io
import json

import pytest
from django.test import Client
from PIL import Image, ImageDraw

from tests.factories.accounts import a_token
from tests.factories.referrals import a_referral
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.accounts.roles import ROLES
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord
from xinglin.referrals.models import Referral
from xinglin.referrals.states import Status


@pytest.fixture
def call(county):
    """Call an operation as one of the cast; answers (status, body)."""
    secrets = {}

    def run(name, method, path, body=None, *, key=""):
        actor = getattr(county, name, None) or county.actor(county.users[name])
        user = next(user for user in county.users.values() if user.pk == actor.user_id)
        if name not in secrets:
            permitted = frozenset().union(*(ROLES[grant.role].permissions for grant in actor.grants))
            secrets[name] = a_token(user, *permitted, at=clock.now()).secret
        headers = {"Authorization": f"Bearer {secrets[name]}"} | ({"Idempotency-Key": key} if key else {})
        data = json.dumps(body) if body is not None else ""
        answer = Client(headers=headers).generic(method, f"/api/v1{path}", data, content_type="application/json")
        is_json = answer.headers["Content-Type"].startswith("application/json")
        return answer.status_code, json.loads(answer.content) if is_json else answer.content

    return run


@pytest.fixture
def body(county):
    """A referral as a program sends it."""
    resident = a_resident(county)
    visit = a_visit(resident=resident, by=county.alma, at=clock.now())
    picture = Image.new("RGB", (300, 120), "white")
    ImageDraw.Draw(picture).line([(20, 90), (270, 100)], fill="black", width=4)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return {
        "resident": str(resident.uuid),
        "visit": str(visit.uuid),
        "to_facility": str(county.hospital.uuid),
        "to_department": "CARD",
        "channel": "emergency",
        "reason_code": "bp-very-high",
        "criteria": ["bp-high-chest"],
        "impression": "高血压3级",
        "summary": "胸闷1天",
        "attachments": [{"kind": "visit", "uuid": str(visit.uuid)}],
        "consent_agreed": True,
        "consent_signer": "王小麦",
        "consent_signature": "data:image/png;base64," + base64.b64encode(out.getvalue()).decode(),
    }


def test_the_whole_way_by_tokens(county, call, body):
    status, sent = call("alma", "POST", "/referrals", body, key="k1")
    assert (status, sent["status"], sent["emergency"], sent["department"]) == (201, "SUBMITTED", True, "心血管内科")
    here = f"/referrals/{sent['uuid']}"
    assert call("du", "GET", "/referrals?box=desk&status=SUBMITTED")[1]["items"][0]["uuid"] == sent["uuid"]
    for who, verb, given, became in (
        ("du", "accept", {"hold_kind": "BED", "hold_text": "12床"}, "ACCEPTED"),
        ("du", "arrive", None, "ARRIVED"),
        ("sun", "admit", {"department": "心血管内科", "bed": "12床"}, "IN_CARE"),
        ("sun", "discharge", {"diagnosis": "高血压3级", "results": "平稳"}, "DISCHARGED"),
    ):
        status, answer = call(who, "POST", f"{here}/{verb}", given)
        assert (status, answer["status"]) == (200, became), answer
    plan = {"to_facility": str(county.township.uuid), "to_department": "REHA", "reason_code": "rehabilitation",
            "impression": "高血压3级", "plan": "规律服药", "followup_days": 14}  # fmt: skip
    status, down = call("sun", "POST", f"{here}/return", plan)
    assert (status, down["direction"], down["origin"]) == (201, "DOWN", sent["uuid"])
    status, answer = call("tang", "POST", f"/referrals/{down['uuid']}/receive-back", {"note": "已到康复科"})
    assert (status, answer["status"]) == (200, "RECEIVED_BACK")

    status, story = call("alma", "GET", here)
    assert story["status"] == "CLOSED"
    assert [each["uuid"] for each in story["chain"]] == [down["uuid"]]
    status, due = call("alma", "GET", "/followups?box=later")
    assert [(each["kind"], each["origin"]) for each in due["items"]] == [("AFTER_REFERRAL", down["uuid"])]
    status, done = call(
        "alma",
        "POST",
        f"/followups/{due['items'][0]['uuid']}/complete",
        {"channel": "PHONE", "systolic": 132, "diastolic": 82},
    )
    assert (status, done["status"]) == (200, "DONE")
    status, pdf = call("tang", "GET", f"/referrals/{down['uuid']}/slip.pdf")
    assert (status, pdf[:5]) == (200, b"%PDF-")


def test_the_same_key_sends_once(call, body):
    first = call("alma", "POST", "/referrals", body, key="once")
    again = call("alma", "POST", "/referrals", body, key="once")

    assert first == again
    assert Referral.objects.count() == 1


def test_the_same_key_accepts_once(county, call):
    referral = a_referral(county, at=clock.now())

    first = call("du", "POST", f"/referrals/{referral.uuid}/accept", {"hold_text": "12床"}, key="accept")
    again = call("du", "POST", f"/referrals/{referral.uuid}/accept", {"hold_text": "12床"}, key="accept")
    other = call("du", "POST", f"/referrals/{referral.uuid}/accept", {"hold_text": "12床"}, key="another")

    assert first == again
    assert (other[0], other[1]["code"]) == (409, "not-now")
    assert "已接收" in other[1]["message"]


def test_a_second_referral_of_a_visit_is_acknowledged(county, call, body):
    call("alma", "POST", "/referrals", body)
    again = body | {"to_facility": str(county.tcm.uuid), "to_department": ""}

    refused = call("alma", "POST", "/referrals", again)
    sent = call("alma", "POST", "/referrals", again | {"acknowledged_open": True})

    assert (refused[0], refused[1]["code"], sent[0]) == (409, "referral-open", 201)


def test_a_sheet_takes_the_place_of_the_signature(call, body):
    on_paper = body | {"consent_signature": "", "consent_on_paper": True}

    assert call("alma", "POST", "/referrals", on_paper)[0] == 201


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"impression": "x" * 201}, 422),
        ({"impression": "a\x00b"}, 422),
        ({"unknown": 1}, 422),
        ({"channel": "teleport"}, 422),
        ({"to_department": "NONE"}, 422),
        ({"consent_signature": "!!"}, 422),
        ({"consent_signature": ""}, 422),
        ({"consent_agreed": None}, 422),
        ({"resident": "01990000-0000-7000-8000-000000000000"}, 404),
        ({"to_facility": "01990000-0000-7000-8000-000000000000"}, 404),
        ({"from_facility": "01990000-0000-7000-8000-000000000000"}, 404),
        ({"visit": "not-a-uuid"}, 422),
        ({"followup_days": 366}, 422),
    ],
)
def test_bad_input_is_refused_with_its_reason(call, body, change, status):
    answer = call("alma", "POST", "/referrals", body | change)

    assert answer[0] == status, answer
    assert answer[1]["message"]
    assert not Referral.objects.exists()


def test_a_doctor_of_another_township_cannot_refer_this_resident(call, body):
    assert call("cai", "POST", "/referrals", body)[0] == 404


def test_referring_from_a_unit_that_is_not_ones_own_is_refused(county, call, body):
    assert call("alma", "POST", "/referrals", body | {"from_facility": str(county.sibling.uuid)})[0] == 403


def test_an_unrelated_hospital_gets_404_for_every_verb(county, call):
    referral = a_referral(county, at=clock.now())
    county.user("stranger", "referral-desk", county.tcm)
    bodies = {
        "accept": {},
        "decline": {"reason_code": "no-bed"},
        "send-back": {"reason_code": "summary-missing"},
        "redirect": {"reason_code": "no-bed", "to_facility": str(county.tcm.uuid)},
        "withdraw": {"reason_code": "improved"},
        "arrive": None,
        "admit": {"department": "内科"},
        "discharge": {"diagnosis": "x"},
        "close": {"reason_code": "recovered"},
        "receive-back": {},
        "no-show": {"reason_code": "unreachable"},
    }

    assert call("stranger", "GET", f"/referrals/{referral.uuid}")[0] == 404
    assert call("stranger", "GET", f"/referrals/{referral.uuid}/slip.pdf")[0] == 404
    for verb, given in bodies.items():
        assert call("stranger", "POST", f"/referrals/{referral.uuid}/{verb}", given)[0] == 404, verb
    assert call("stranger", "GET", "/referrals?box=desk")[1]["items"] == []


def test_a_village_doctor_gets_403_for_the_desks_verbs(county, call):
    referral = a_referral(county, at=clock.now())

    for verb, given in (
        ("accept", {}),
        ("arrive", None),
        ("admit", {"department": "内科"}),
        ("close", {"reason_code": "recovered"}),
    ):
        assert call("alma", "POST", f"/referrals/{referral.uuid}/{verb}", given)[0] == 403, verb


def test_reading_leaves_a_look(county, call):
    referral = a_referral(county, at=clock.now())

    status, story = call("du", "GET", f"/referrals/{referral.uuid}")

    assert story["may"]["accept"] is True
    assert story["may"]["withdraw"] is False
    assert (
        AuditRecord.objects.filter(
            event="referral.viewed", subject_uuid=referral.resident.uuid, actor_id=county.du.user_id
        ).count()
        == 1
    )


def test_figures(county, call):
    a_referral(county, status=Status.ARRIVED, at=clock.now())
    today = clock.today()

    status, figures = call("mei", "GET", f"/referral-counts?since={today}&until={today.replace(year=today.year + 1)}")

    assert status == 200
    assert [(row["from_facility"], row["to_facility"], row["n_sent"], row["n_arrived"]) for row in figures["rows"]] == [
        ("东沟村卫生室", "县人民医院", 1, 1)
    ]
