"""Files of items: refused with place and words before any programme uses them."""

import re
from datetime import date

import pytest
from django.conf import settings as django_settings
from django.utils.translation import override

from xinglin.platform import definitions
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.cases import Person
from xinglin.programmes.rules.checking_items import faults_of
from xinglin.programmes.rules.forms import joint_items
from xinglin.programmes.rules.reader import Broken

HEAD = """slug = "own"
title = { zh = "本县条目", en = "Own items" }
source = "test"
mark = "default"
author = "one"
checker = "two"
valid_from = 2026-01-01
next_review = 2030-01-01

"""
GOOD = """[[items]]
code = "grip"
zh = "握力"
en = "Grip"
kind = "number"
unit = "kg"
plausible = [0, 120]
decimals = 1

[[items]]
code = "grip_twice"
zh = "握力两倍"
en = "Grip, twice"
kind = "number"
plausible = [0, 240]
formula = { kind = "product", of = ["grip"], times = 2 }

[[items]]
code = "hand"
zh = "用手"
en = "Hand"
kind = "choice"
options = [{ code = "left", zh = "左", en = "Left" }, { code = "right", zh = "右", en = "Right" }]
"""


def faults(text):
    with override("en"):
        return [str(each) for each in faults_of([definitions.read_text(HEAD + text, "own.toml")])]


def test_good_items_have_no_fault():
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("before", "after", "place", "message"),
    [
        ('en = "Grip"\n', "", "items[grip]", "English text is missing"),
        ('kind = "number"\nunit', 'kind = "numbers"\nunit', "items[grip]", "Must be one of: number"),
        ("[0, 120]", "[120, 0]", "items[grip]", "plausible = [lowest, highest]"),
        ("[0, 120]", "[0]", "items[grip]", "plausible = [lowest, highest]"),
        ("decimals = 1", "decimals = 9", "items[grip]", "between 0 and 6"),
        ("decimals = 1", "decimal = 1", "items[grip]", "Nobody reads this: decimal"),
        ("decimals = 1", 'loinc = "8480"', "items[grip]", "no LOINC code"),
        ('code = "grip_twice"', 'code = "grip"', "items[grip]", "of no other item"),
        ('code = "hand"', 'code = "age"', "items[age]", "no reserved name"),
        ('of = ["grip"]', 'of = ["grib"]', "items[grip_twice].formula", 'no item "grib"'),
        ('of = ["grip"]', 'of = ["grip_twice"]', "items[grip_twice].formula", "uses itself"),
        ('kind = "product"', 'kind = "produce"', "items[grip_twice].formula", "needs a kind"),
        ('code = "right"', 'code = "left"', "items[hand]", "each with its own code"),
        (', en = "Right"', "", "items[hand]", "needs Chinese and English"),
    ],
)  # fmt: skip
def test_a_slip_is_said_with_its_place(before, after, place, message):
    assert before in GOOD
    found = faults(GOOD.replace(before, after, 1))

    assert any(each.startswith(f"own.toml: {place}: ") and message in each for each in found), found
    assert not any(re.search(r"[\u4e00-\u9fff]", each) for each in found)


def test_a_county_adds_items_and_a_broken_file_is_never_used(tmp_path, settings):
    settings.COUNTY_DEFINITIONS_DIR = tmp_path
    folder = tmp_path / "programme-items"
    folder.mkdir()
    (folder / "own.toml").write_text(HEAD + GOOD)
    assert str(catalogue.item("grip").label) == "握力"
    assert "systolic" in catalogue.items()

    settings.COUNTY_DEFINITIONS_DIR = tmp_path / "later"
    (tmp_path / "later" / "programme-items").mkdir(parents=True)
    (tmp_path / "later" / "programme-items" / "own.toml").write_text(HEAD + GOOD.replace("[0, 120]", "[0]"))
    with pytest.raises(Broken, match="own.toml"):
        catalogue.items()


def test_what_ships_has_no_fault():
    paths = sorted((django_settings.DEFINITIONS_DIR / "programme-items").glob("*.toml"))

    assert [str(each) for each in faults_of([definitions.read(path) for path in paths])] == []


def listed(*slugs: str) -> list[str]:
    programmes = [catalogue.programme(each, on=date(2026, 11, 1)) for each in slugs]
    form = joint_items(programmes, "routine", Person("1", date(1966, 1, 1)), [], date(2026, 11, 1))
    (signs,) = [each for each in form if each.item.code == "danger_signs"]
    return [each.code for each in signs.item.options]


def test_each_disease_lists_its_own_danger_signs_and_the_joint_visit_those_of_both_once() -> None:
    assert listed("hypertension") == ["none", "mind", "headache", "vomiting", "sight", "chest", "other"]
    assert "headache" not in listed("diabetes")
    assert {"acetone", "thirst"} <= set(listed("diabetes"))
    together = listed("hypertension", "diabetes")
    assert set(together) == {*listed("hypertension"), *listed("diabetes")}
    assert len(together) == len(set(together))
    assert together[0] == "none"
