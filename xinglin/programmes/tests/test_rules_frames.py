"""The 60 single diseases: each has a definition, and each frame is as right as a definition that is written by hand."""

from datetime import date

import pytest

from xinglin.platform import definitions
from xinglin.programmes.rules import catalogue, examples, framing
from xinglin.programmes.rules.checking import check_text

DAY = date(2026, 11, 22)
FRAMES = [each.version for each in framing.framed()]


def test_sixty_diseases_stand_under_seven_teams_once_each():
    teams = framing.teams()
    slugs = [slug for team in teams for slug in team.diseases]

    assert (len(teams), len(slugs), len(set(slugs))) == (7, 60, 60)
    in_force = {each.slug: each for each in catalogue.programmes(DAY)}
    assert set(slugs) <= set(in_force)
    assert {slug for slug in slugs if in_force[slug].is_frame} == {slug for team in teams for slug in team.frames}
    assert len(FRAMES) == 35


@pytest.mark.parametrize("version", FRAMES)
def test_a_frame_has_no_fault_and_its_examples_compute(version):
    report = check_text(framing.text_of(version), version)

    assert [str(each) for each in report.faults] == []
    assert report.programme is not None
    assert report.programme.version == version
    assert len(report.programme.examples) >= 10
    for example in report.programme.examples:
        assert examples.differences(report.programme, example) == []


def test_a_disease_belongs_to_one_definition_by_its_code():
    """Retinopathy is a complication: its codes lie inside those of diabetes, and somebody may be in both."""
    frames = [catalogue.programme(version.split("@")[0], version) for version in FRAMES]
    twice = {
        (each.slug, other.slug)
        for each in frames
        for other in catalogue.programmes(DAY)
        if other.slug != each.slug
        and not other.joins
        and any(code.startswith(tuple(other.diseases)) for code in each.diseases if other.diseases)
    }

    assert twice <= {("diabetic-eye", "diabetes"), ("diabetic-eye", "type-1-diabetes")}


def test_what_is_not_known_of_a_prevalence_is_not_given():
    given = [catalogue.programme(version.split("@")[0]).prevalence for version in FRAMES]

    assert 0 < sum(each is not None for each in given) < len(given)
    assert all(each.origin.mark == "default" and each.origin.source for each in given if each is not None)


def test_a_countys_own_file_takes_the_place_of_a_frame(tmp_path, settings):
    settings.COUNTY_DEFINITIONS_DIR = tmp_path
    (tmp_path / "programmes").mkdir()
    text = framing.text_of("glaucoma@2026-01-01").replace("frame = true\n", "").replace("2026-01-01", "2026-11-01")
    (tmp_path / "programmes" / "glaucoma.toml").write_text(text)

    assert catalogue.programme("glaucoma", on=DAY).version == "glaucoma@2026-11-01"
    assert not catalogue.programme("glaucoma", on=DAY).is_frame
    assert catalogue.programme("glaucoma", on=date(2026, 10, 31)).is_frame
    assert definitions.load(framing.TEAMS)
