"""The definitions: each worked example is computed, each code has its words; shares add up; a room is not guessed."""

import base64
import hashlib
import hmac
import json

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.consultations import a_case, an_expert, with_times
from tests.factories.county import NOW, later
from xinglin.consultations import catalogue, slots, video
from xinglin.consultations.models import Expert
from xinglin.platform import definitions
from xinglin.platform.errors import InvalidInput
from xinglin.platform.splitting import largest_remainder

DEADLINES = definitions.one("consultation-rules", "deadlines")
FEES = definitions.one("consultation-fees", "remote")


@pytest.mark.parametrize("example", DEADLINES.examples, ids=lambda each: f"{each['step']}-{each['kind']}")
def test_worked_examples_of_deadlines(example):
    assert catalogue.deadline(example["step"], example["kind"], since=example["since"]) == example["due"]


@pytest.mark.parametrize("example", FEES.examples, ids=lambda each: f"{each['kind']}-{each['title']}")
def test_worked_examples_of_fees(example):
    shares = catalogue.fee_of(example["kind"], example["title"])

    assert (shares.amount, shares.inviting, shares.expert, shares.platform) == tuple(
        example[each] for each in ("amount", "inviting", "expert", "platform")
    )


def test_every_kind_and_title_has_a_price():
    for kind in ("IMMEDIATE", "BOOKED"):
        for title in Expert.Title.values:
            assert catalogue.fee_of(kind, title).amount > 0


@given(st.integers(0, 10**9), st.lists(st.integers(0, 1000), min_size=1, max_size=6).filter(any))
def test_shares_add_up_and_each_is_within_a_fen(amount, weights):
    shares = largest_remainder(amount, weights)

    assert sum(shares) == amount
    assert all(
        abs(share * sum(weights) - amount * weight) < sum(weights)
        for share, weight in zip(shares, weights, strict=True)
    )


def test_what_is_left_goes_to_the_largest_remainder():
    assert largest_remainder(100, [1, 1, 1]) == [34, 33, 33]
    assert largest_remainder(1, [30, 60, 10]) == [0, 1, 0]


def test_a_timetable_is_cut_into_slots(county):
    expert = with_times(county, an_expert(county))

    found = slots.slots_of(expert, at=NOW, days=1)

    assert [f"{timezone.localtime(each.starts_at):%H:%M}" for each in found] == ["14:00", "14:30", "15:00", "15:30"]
    assert len(found) == 4
    assert all((each.ends_at - each.starts_at).seconds == 1800 for each in found)


def test_a_link_is_https_and_of_a_host():
    assert video.checked_link(" https://meet.example.cn/abc ") == "https://meet.example.cn/abc"
    for text in ("http://meet.example.cn", "javascript:alert(1)", "https://", "https://[bad", "x" * 400):
        with pytest.raises(InvalidInput):
            video.checked_link(text)


@pytest.fixture
def own_server(settings, tmp_path):
    settings.COUNTY_DEFINITIONS_DIR = tmp_path
    (tmp_path / "consultation-video").mkdir()
    shipped = (settings.DEFINITIONS_DIR / "consultation-video/provider.toml").read_text()
    text = shipped.replace('kind = "link"', 'kind = "jitsi"').replace(
        'base_url = ""', 'base_url = "https://meet.county.example"'
    )
    (tmp_path / "consultation-video/provider.toml").write_text(text)


def test_a_room_of_ones_own_server_is_random_and_its_token_is_signed(county, settings, own_server):
    case, other = a_case(county, pack=()), a_case(county, pack=())
    assert case.room != other.room
    assert len(case.room) > 40
    settings.VIDEO_SECRET = ""
    assert video.address_of(case, name="孙", at=later()) == f"https://meet.county.example/{case.room}"

    settings.VIDEO_SECRET = "a secret of the county's own"
    address, _, token = video.address_of(case, name="孙", at=later()).partition("?jwt=")

    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    assert (claims["room"], claims["context"]["user"]["name"]) == (case.room, "孙")
    assert claims["exp"] > later().timestamp()
    wanted = hmac.new(settings.VIDEO_SECRET.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "=") == wanted
    assert address == f"https://meet.county.example/{case.room}"


def test_the_token_is_that_of_the_standards_example():
    """RFC 7515, A.1: the key, and the signature over the header and payload given there."""
    key = base64.urlsafe_b64decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow=="
    )
    signed = (
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    )
    assert video.signature_of(signed, key) == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
