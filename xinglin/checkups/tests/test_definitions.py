"""Packages and explanations: every shipped file reads, and its worked examples come out."""

import pytest

from xinglin.checkups import rules
from xinglin.platform.clock import today
from xinglin.platform.definitions import DefinitionError, load, read_text


@pytest.mark.parametrize("slug", [each.slug for each in load("checkups")])
def test_a_package_is_for_whom_its_examples_say(slug):
    package = rules.package(slug)
    assert package.definition.examples
    for example in package.definition.examples:
        found = rules.packages_for(example["born_on"], example["conditions"], example["on"])
        assert (slug in {each.slug for each in found}) is example["is_for"], example


@pytest.mark.parametrize("file", load("checkup-items"), ids=lambda each: each.slug)
def test_a_value_means_what_its_examples_say(file):
    assert file.examples
    for example in file.examples:
        band = rules.judge(example["item"], example["value"], example.get("sex", "1"))
        assert band.level == example["level"], example
        assert band.source == file.source


def test_whatever_a_package_asks_is_known_and_most_of_it_is_explained():
    asked = {code for package in rules.packages(today()).values() for each in package.stations for code in each.items}
    explained = {each.item for each in rules.scales()}
    assert asked <= set(rules.items())
    silent = asked - explained
    assert silent == {
        "height",
        "weight",
        "drinking",
        "exercise_days",
        "body_findings",
        "mouth",
        "foot_pulse",
        "ecg_note",
        "urine_note",
    }  # fmt: skip - weight and height are told as body mass index


def test_every_programme_that_is_proposed_exists():
    known = {each.slug for each in load("programmes")}
    named = {band.programme for scale in rules.scales() for *_limit, band in scale.bands if band.programme}
    assert named <= known


@pytest.mark.parametrize(
    ("topic", "file", "change", "said"),
    [
        ("checkups", "elderly", ('"cognition"', '"made-up"'), "no item made-up"),
        ("checkups", "elderly", ('"mood"', '"cognition"'), "asked twice"),
    ],
)
def test_a_broken_package_says_what_is_wrong(settings, topic, file, change, said):
    text = (settings.DEFINITIONS_DIR / topic / f"{file}.toml").read_text()
    with pytest.raises(DefinitionError, match=said):
        rules._package(read_text(text.replace(*change), "broken.toml"))


def test_bands_that_overlap_are_refused(settings):
    text = (settings.DEFINITIONS_DIR / "checkup-items/pressure.toml").read_text()
    with pytest.raises(DefinitionError, match="bands rise"):
        rules._scales((read_text(text.replace("below = 140", "below = 110"), "broken.toml"),))


@pytest.mark.parametrize(
    ("item", "value", "said"),
    [("systolic", 1200, "可能的范围"), ("systolic", "高", "请填数字"), ("systolic", "NaN", "请填数字"), ("mood", "bad", "列表"),
     ("glucose_fasting", "-1", "可能的范围"), ("weight", "1e9", "请填数字")],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused(item, value, said):
    with pytest.raises(ValueError, match=said):
        rules.items()[item].understood(value)
