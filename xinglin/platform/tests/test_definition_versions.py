"""Several versions of one definition, shipped and the county's own."""

from datetime import date

import pytest

from xinglin.platform import definitions

HEAD = """slug = "{slug}"
title = {{ zh = "甲", en = "A" }}
source = "test"
mark = "default"
author = "one"
checker = "two"
valid_from = {since}
next_review = 2030-01-01
"""


@pytest.fixture
def folders(tmp_path, settings):
    settings.DEFINITIONS_DIR = tmp_path / "shipped"
    settings.COUNTY_DEFINITIONS_DIR = tmp_path / "own"
    definitions._versions.cache_clear()
    yield tmp_path
    definitions._versions.cache_clear()


def write(folder, name, slug, since):
    (folder / "topic").mkdir(parents=True, exist_ok=True)
    (folder / "topic" / name).write_text(HEAD.format(slug=slug, since=since))


def in_force(on):
    found = [each for each in definitions.versions("topic") if each.is_valid_on(on)]
    return found[-1].version if found else ""


def test_each_version_is_found_and_the_newest_that_has_begun_is_in_force(folders):
    write(folders / "shipped", "a-2026.toml", "a", "2026-01-01")
    write(folders / "shipped", "a-2027.toml", "a", "2027-01-01")

    assert [each.version for each in definitions.versions("topic")] == ["a@2026-01-01", "a@2027-01-01"]
    assert in_force(date(2025, 12, 31)) == ""
    assert in_force(date(2026, 12, 31)) == "a@2026-01-01"
    assert in_force(date(2027, 1, 1)) == "a@2027-01-01"


def test_from_its_first_day_the_countys_own_holds_whatever_is_shipped_later(folders):
    write(folders / "shipped", "a-2026.toml", "a", "2026-01-01")
    write(folders / "own", "a.toml", "a", "2026-06-01")
    write(folders / "shipped", "a-2027.toml", "a", "2027-01-01")

    assert in_force(date(2026, 5, 31)) == "a@2026-01-01"
    assert in_force(date(2026, 6, 1)) == "a@2026-06-01"
    assert in_force(date(2028, 1, 1)) == "a@2026-06-01"
    assert "a@2027-01-01" in [each.version for each in definitions.versions("topic")]


def test_two_files_of_one_version_are_refused(folders):
    write(folders / "shipped", "a.toml", "a", "2026-01-01")
    write(folders / "shipped", "b.toml", "a", "2026-01-01")

    with pytest.raises(definitions.DefinitionError, match="b.toml"):
        definitions.versions("topic")
