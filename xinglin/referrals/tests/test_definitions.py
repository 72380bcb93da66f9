"""The definitions: each worked example is computed, each code has its words, a county overrides a file."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from xinglin.platform import definitions
from xinglin.referrals import catalogue, criteria

CRITERIA = definitions.load("referral-criteria")
DEADLINES = definitions.one("referral-deadlines", "deadlines")


@pytest.mark.parametrize(
    ("definition", "example"), [(each, example) for each in CRITERIA for example in each.examples],
    ids=lambda value: getattr(value, "slug", ""),
)  # fmt: skip
def test_worked_examples_of_criteria(definition, example):
    assert [each.slug for each in criteria.criteria_of(definition, example["facts"]) if each.is_met] == example["met"]


def test_every_file_with_a_rule_has_an_example():
    for definition in CRITERIA:
        with_rule = [row["slug"] for row in definition.content["criteria"] if "rule" in row]
        exampled = {slug for example in definition.examples for slug in example["met"]}
        missing = set(with_rule) - exampled - {"suspected-acs"}
        assert not missing, f"{definition.slug}: no example meets {missing}"


@pytest.mark.parametrize("example", DEADLINES.examples, ids=lambda each: f"{each['step']}-{each['since']:%m-%d}")
def test_worked_examples_of_deadlines(example):
    emergency = example["channel"] == "emergency"

    assert catalogue.deadline(example["step"], emergency=emergency, since=example["since"]) == example["due"]


def test_a_county_has_its_own_holidays(settings, tmp_path):
    settings.COUNTY_DEFINITIONS_DIR = tmp_path
    (tmp_path / "referral-deadlines").mkdir()
    shipped = (settings.DEFINITIONS_DIR / "referral-deadlines" / "working-days.toml").read_text()
    own = shipped.replace("holidays = [", "holidays = [\n  2026-11-23,")
    (tmp_path / "referral-deadlines" / "working-days.toml").write_text(own)

    friday = datetime(2026, 11, 20, 16, 30, tzinfo=ZoneInfo("Asia/Shanghai"))

    assert catalogue.deadline("answer", emergency=False, since=friday).date() == date(2026, 11, 24)


def test_every_coded_reason_of_a_criterion_and_of_the_code_is_defined():
    up, down = dict(catalogue.reasons("up")), dict(catalogue.reasons("down"))
    for definition in CRITERIA:
        known = down if definition.content["direction"] == "DOWN" else up
        assert {row["reason"] for row in definition.content["criteria"]} <= set(known), definition.slug
        assert definition.content["channel"] in {each.slug for each in catalogue.channels()}
    assert "patient-refused" in dict(catalogue.reasons("withdraw"))
    assert {"hold-ended", "slot-missed"} <= set(dict(catalogue.reasons("no-show")))
    assert {"received-back", "followed-up"} <= set(dict(catalogue.reasons("close")))


def test_slugs_of_criteria_are_unique_within_a_direction():
    for direction in ("UP", "DOWN"):
        slugs = [
            row["slug"]
            for each in CRITERIA
            if each.content["direction"] == direction
            for row in each.content["criteria"]
        ]
        assert len(slugs) == len(set(slugs))


@pytest.mark.parametrize("topic", ["referral-channels", "referral-criteria", "referral-reasons", "referral-deadlines"])
def test_no_definition_is_past_its_review(topic):
    for definition in definitions.load(topic):
        assert definition.next_review > date(2026, 11, 22), definition.slug
