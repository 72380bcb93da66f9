"""Kinds of devices, units, rules: the worked examples of the definitions, and figures that are none."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories.county import NOW
from xinglin.platform.definitions import one
from xinglin.readings import rules, signing
from xinglin.readings.data import Given, GivenValue
from xinglin.readings.understanding import moment, understand


@pytest.mark.parametrize("example", one("reading-units", "units").examples, ids=str)
def test_units_convert_as_their_examples(example):
    kept = rules.quantities()[example["item"]].kept(Decimal(example["value"]), example["unit"])
    assert ("no unit" if kept is None else str(kept)) == example["gives"]


@pytest.mark.parametrize("example", one("reading-rules", "home").examples, ids=str)
def test_rules_hold_as_their_examples(example):
    past = [
        rules.Past(
            NOW + timedelta(days=each["day"]),
            {k: Decimal(str(v)) for k, v in each.items() if k != "day"},
            example.get("years"),
            example.get("pregnant", False),
        )
        for each in example["readings"]
    ]
    assert [each.slug for each in rules.raised(past[-1], past[:-1])] == example["raises"]


def test_every_kind_measures_known_items_with_codes():
    assert set(rules.kinds()) == {"blood-pressure-meter", "glucometer", "scale", "oximeter", "thermometer"}
    for kind in rules.kinds().values():
        for code in kind.items:
            quantity = rules.quantities()[code]
            assert quantity.loinc
            assert quantity.mdc
            assert quantity.low < quantity.high
            assert rules.item_of(quantity.loinc, kind) == quantity
        assert {each for group in kind.together for each in group} <= set(kind.items)


@pytest.mark.parametrize("text", ["", "NaN", "inf", "-Infinity", "1e9", "1e-30", "12O", "１２O", True, None, [1]])
def test_what_is_no_figure_is_none(text):
    assert rules.number(text) is None


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-11-20", "2026-11-20T08:30:00", "2026-13-40T00:00:00Z", "2026-11-20T08:30:00+23:59"]
)
def test_what_is_no_moment_is_none(text):
    assert moment(text) is None


def _pressure(systolic: object, diastolic: object = 80, unit: str = "mmHg", *more: GivenValue) -> Given:
    values = (GivenValue("systolic", systolic, unit), GivenValue("150022", diastolic, unit), *more)
    return Given("1", NOW.isoformat(), values)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (_pressure(1200), "implausible"), (_pressure("x"), "not-a-number"), (_pressure(120, 80, "psi"), "unknown-unit"),
        (_pressure(80, 90), "pressure-order"), (_pressure(120, 80, "mmHg", GivenValue("8480-6", 99, "mmHg")), "twice"),
        (_pressure(120, 80, "mmHg", GivenValue("weight", 60, "kg")), "not-of-kind"),
        (Given("1", NOW.isoformat(), ()), "no-values"),
        (Given("1", NOW.isoformat(), (GivenValue("systolic", 120, "mmHg"),)), "incomplete"),
        (Given("1", "?", ()), "bad-time"),
        (Given("1", (NOW + timedelta(minutes=3)).isoformat(), ()), "in-future"),
        (Given("1", (NOW - timedelta(days=500)).isoformat(), ()), "too-old"),
        (Given("1", NOW.isoformat(), (), "face", "x"), "unknown-who"),
        (Given("1", "0001-01-01T00:00:00+14:00", ()), "too-old"),
        (Given("1", "9999-12-31T23:59:59-14:00", ()), "in-future"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_reason(given, code):
    answer = understand(given, rules.kinds()["blood-pressure-meter"], at=NOW)
    assert (answer.outcome, answer.code) == ("refused", code)
    assert "%(" not in str(answer.message)


@pytest.mark.parametrize("algorithm", ["sm3", "sha256"])
def test_a_signature_holds_for_its_message_only(algorithm):
    key = signing.signing_key(signing.new_key())
    message = signing.text("POST", "/x", 1, b"{}")
    signature = signing.sign(key, message, algorithm)
    assert signing.holds(key, message, signature)
    assert not signing.holds(key, message + b" ", signature)
    assert not signing.holds(signing.signing_key("other"), message, signature)
    for broken in ("", "sha256", "md5=00", "sha256=zz", signature[:-1]):
        assert not signing.holds(key, message, broken)
