"""A definition that is wrong is refused with its place, in words, and with the values that show it."""

import re
from datetime import date
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.utils.translation import override

from xinglin.programmes.rules import catalogue, searching
from xinglin.programmes.rules.checking import check_text
from xinglin.programmes.rules.computing import completed
from xinglin.programmes.rules.previewing import preview
from xinglin.programmes.rules.reader import Broken

TEXT = (django_settings.DEFINITIONS_DIR / "programmes" / "hypertension.toml").read_text()
GRADE_2 = 'when = [{ condition = "at-160" }, { none = [{ condition = "at-180" }] }]'


def changed(before, after, text=TEXT):
    assert before in text
    return text.replace(before, after, 1)


def faults(text, language="zh-hans"):
    with override(language):
        return [str(fault) for fault in check_text(text, "x.toml").faults]


def test_overlapping_grades_are_refused_with_values_that_fall_into_both():
    text = changed(GRADE_2, 'when = { condition = "at-160" }')
    report = check_text(text, "x.toml")
    said = faults(text, "en")
    programme = report.programme
    assert programme is not None
    values = searching.find([(programme.grades[2].when, True), (programme.grades[3].when, True)], catalogue.items())

    assert values is not None
    assert [grade.slug for grade in programme.grades if grade.when.truth(values)] == ["grade-2", "grade-3"]
    overlap = next(each for each in said if "Overlaps" in each)
    assert overlap.startswith('x.toml: grades[grade-2]: Overlaps with "Grade 3 (≥ 180/≥ 110)", for example: ')
    numbers = dict(
        zip(("systolic", "diastolic"), map(float, re.findall(r"(?:Systolic|Diastolic) (\d+)", overlap)), strict=True)
    )
    assert [grade.slug for grade in programme.grades if grade.when.truth(numbers)] == ["grade-2", "grade-3"]


def test_a_gap_is_shown_by_values_that_fall_into_no_grade():
    text = changed('when = [{ condition = "at-140" }, { none', 'when = [{ field = "systolic", at_least = 140 }, { none')
    report = check_text(text, "x.toml")
    gap = next(fault for fault in report.faults if fault.place == "grades")

    numbers = dict(
        zip(("systolic", "diastolic"), map(float, re.findall(r"(?:收缩压|舒张压) (\d+)", gap.message)), strict=True)
    )
    assert report.programme is not None
    assert [grade.slug for grade in report.programme.grades if grade.when.truth(numbers)] == []


def test_an_overlap_in_one_corner_of_many_conditions_is_found():
    path = django_settings.DEFINITIONS_DIR / "programmes" / "three-highs.toml"
    text = changed('{ none = [{ condition = "has-vascular" }, { condition = "high" }, { condition = "middle" }] }',
                   '{ none = [{ condition = "has-vascular" }, { condition = "high" }, { all = [{ condition = "middle" }, { field = "ldl", below = 3.35 }] }] }',
                   path.read_text())  # fmt: skip
    report = check_text(text, "x.toml")
    assert report.programme is not None
    low, middle = report.programme.grades[:2]
    values = searching.find([(low.when, True), (middle.when, True)], catalogue.items())

    assert values is not None
    assert low.when.truth(values) is middle.when.truth(values) is True
    assert any("重叠" in fault.message for fault in report.faults)


@pytest.mark.parametrize(
    ("before", "after", "place", "message"),
    [
        ('"systolic", "diastolic",\n  { item', '"sistolic", "diastolic",\n  { item', "visits.routine", 'no item "sistolic"'),
        ('{ grade = "grade-2", every_days = 14, level = "township", mark = "default" },', "", "plan.intervals", "has no interval"),
        ('{ grade = "grade-2", every_days = 14,', '{ grade = "grade-2", every_days = 0,', "plan.intervals[grade-2].every_days", "positive whole number"),
        ("below = 130 }", "below = 155 }", "targets.clinical", "wider than the reporting threshold: Age 60, Systolic 1"),
        ('en = "Grade 2 (160–179/100–109)"\n', "", "grades[grade-2].en", "English text is missing"),
        ("next_review = 2027-06-30", "next_review = 2026-01-01", "next_review", "must be after 2026-01-01"),
        ('diseases = ["I10",', 'diseases = ["10", "I1", ', "diseases", "no prefix of an ICD-10 code"),
        ('diseases = ["I10",', 'diseases = ["J44", "I10",', "diseases", '"J44" is not eligible for this programme (diagnosed)'),
        ('diseases = ["I10",', 'diseases = ["I15", "I10",', "diseases", '"I15" is not eligible for this programme (diagnosed)'),
        ('diseases = ["I10", "I11", "I12", "I13"]', 'diseases = ["I10", "I11", "I12"]', "eligibility[diagnosed]", '"I13" is not among the diseases'),
        ('criterion = "medicine-reaction"', 'criterion = "medicine-raction"', "alerts[side-effect-hard]", "no referral criterion"),
        ('channel = "emergency"', 'channel = "helicopter"', "alerts[danger-signs]", "no referral channel"),
        ('has_any = ["mind",', 'has_any = ["mindd",', "alerts[danger-signs]", 'has no option "mindd"'),
        ('{ field = "systolic", at_least = 180 }', '{ field = "systolic", at_least = 1800 }', "grades[grade-2]", "lies outside of what"),
        ('{ condition = "at-180" }, { field = "age", below = 40 }', '{ condition = "at-180" }, { none = [{ condition = "at-140" }] }',
         "alerts[young-grade-3]", "No values raise this alert"),
        ('when = { field = "on_target", is = true }', 'when = { field = "on_traget", is = true }', "advice[keep]", "There is no item"),
        ('grade = "below-140", controlled', 'grade = "grade-1", controlled', "examples[1].grade", "Says grade-1, computed is below-140"),
        ("at_least = 160 }", "at_leats = 160 }", "conditions.at-160.any.1", "nobody reads: at_leats"),
        ('value = 65', 'valeu = 65', "parameters.elderly_age", "needs a value"),
        ('point = "less-salt"', 'point = "more-salt"', "education[1]", "no point of education"),
        ('reason = "died"', 'reason = "dyed"', "graduation[1]", "no reason of graduation"),
        ('code = "adjust"', 'code = "danger-signs"', "alerts", "stands here twice"),
        ('code = "adjust"', 'code = "bp-emergency"', "alerts[bp-emergency]", "Milder than the emergency of that code"),
        ('order = 10', 'order = 10\nindicators = ["no-such"]', "indicators", "no indicator"),
        ('order = 10', 'order = 10\njoins = ["hypertension"]', "joins", "no programme"),
        ('order = 10', 'order = 10\ncolour = "red"', "colour", "Nobody reads this"),
        ("systolic = 160, diastolic = 95", "systolic = 161, diastolic = 95", "examples", "No example lies exactly on the limit: Systolic 160"),
    ],
)  # fmt: skip
def test_a_fault_is_said_with_its_place_in_both_languages(before, after, place, message):
    text = changed(before, after)

    english = [fault for fault in faults(text, "en") if fault.startswith(f"x.toml: {place}: ") and message in fault]
    assert english, faults(text, "en")
    assert any(fault.startswith(f"x.toml: {place}: ") for fault in faults(text))
    assert not any(re.search(r"[\u4e00-\u9fff]", fault) for fault in english)


@pytest.mark.parametrize(
    "text",
    [
        "", "slug = ", "grades = 3", TEXT[:900], TEXT.replace("[visits.routine]", "[visits.dance]"), TEXT.replace("[[grades]]", "[[gradez]]"),
        re.sub(r"rules = \[", "rule = [", TEXT), TEXT.replace("[plan]", "plan = 3\n[plam]"),
    ],
)  # fmt: skip
def test_what_is_no_definition_at_all_is_a_fault_and_no_error(text):
    assert check_text(text, "x.toml").faults


def test_the_frame_in_the_documents_is_right_as_it_stands():
    path = django_settings.BASE_DIR / "docs/how-to/programme-frame.toml"

    assert faults(path.read_text()) == []


@pytest.mark.django_db  # a name that no file knows is looked for among what the county keeps
def test_old_versions_stay_to_be_found(tmp_path, settings):
    settings.COUNTY_DEFINITIONS_DIR = tmp_path
    (tmp_path / "programmes").mkdir()
    later = TEXT.replace("valid_from = 2026-01-01", "valid_from = 2026-12-01").replace(
        "every_days = 90", "every_days = 60"
    )
    later = later.replace("due_in_days = 90", "due_in_days = 60")
    (tmp_path / "programmes" / "hypertension-2026-12.toml").write_text(later)

    def days(programme):
        return programme.plan.intervals["below-140"].every_days

    assert days(catalogue.programme("hypertension", on=date(2026, 11, 30))) == 90
    assert days(catalogue.programme("hypertension", on=date(2026, 12, 1))) == 60
    assert days(catalogue.programme("hypertension", "hypertension@2026-01-01")) == 90
    assert days(catalogue.programme("hypertension")) == 60
    with pytest.raises(KeyError):
        catalogue.programme("hypertension", "hypertension@2020-01-01")
    with pytest.raises(KeyError):
        catalogue.programme("hypertension", on=date(2020, 1, 1))


def test_a_countys_own_definition_with_overlapping_grades_is_never_computed_with(tmp_path, settings):
    settings.COUNTY_DEFINITIONS_DIR = tmp_path
    (tmp_path / "programmes").mkdir()
    bad = changed(GRADE_2, 'when = { condition = "at-160" }').replace(
        "valid_from = 2026-01-01", "valid_from = 2026-12-01"
    )
    (tmp_path / "programmes" / "hypertension.toml").write_text(bad)

    with pytest.raises(Broken, match="grade-2.*重叠.*收缩压"):
        catalogue.programmes(date(2026, 11, 30))


def test_a_preview_shows_forms_grades_a_year_and_examples():
    seen = preview(catalogue.programme("hypertension"))

    assert [line.item.code for line in seen.forms["confirmation"]] == ["systolic", "diastolic"]
    assert seen.grades[1].condition == "（收缩压 ≥140或舒张压 ≥90）且不符合（收缩压 ≥160或舒张压 ≥100）"
    assert seen.timetables[0].controlled == (
        date(2026, 1, 1),
        date(2026, 4, 1),
        date(2026, 6, 30),
        date(2026, 9, 28),
        date(2026, 12, 27),
    )
    assert seen.timetables[0].not_controlled_first[:3] == (date(2026, 1, 1), date(2026, 1, 15), date(2026, 4, 15))
    assert all(not line.differences for line in seen.examples)


@pytest.mark.parametrize("programme", catalogue.all_versions(), ids=lambda each: each.slug)
def test_every_programme_can_be_previewed_in_english(programme):
    with override("en"):
        seen = preview(programme)
        shown = [line.condition for line in (*seen.grades, *seen.alerts)] + [
            str(line.item.label) for lines in seen.forms.values() for line in lines
        ]

    assert not [each for each in shown if re.search(r"[\u4e00-\u9fff]", each)]
    assert len(seen.timetables) == len(programme.grades)


def test_the_command_checks_and_previews(tmp_path):
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(TEXT)
    bad.write_text(changed(GRADE_2, 'when = { condition = "at-160" }'))
    out, err = StringIO(), StringIO()

    call_command("programmes", "preview", str(good), "--language", "en", stdout=out)
    with pytest.raises(CommandError):
        call_command("programmes", "check", str(bad), stdout=out, stderr=err)

    assert "Grade 3 (≥ 180/≥ 110)" in out.getvalue()
    assert "重叠" in err.getvalue()


def test_a_computed_value_needs_all_its_parts():
    programme, items = catalogue.programme("copd"), catalogue.items()
    facts = completed(
        programme,
        {f"cat_{part}": 2 for part in ("cough", "phlegm", "chest", "stairs", "home", "outing", "sleep")},
        items,
    )

    assert facts["cat_score"] is None
    assert completed(programme, {**facts, "cat_energy": 0}, items)["cat_score"] == 14


def test_a_choice_that_a_condition_asks_for_and_the_form_does_not_list_is_refused():
    said = faults(changed('"vomiting", "sight", "chest", "other"] },', '"vomiting", "sight", "wings", "other"] },'))

    assert any("visits.routine" in each and "没有选项“wings”" in each for each in said)
    assert any("没有列出选项“chest”" in each for each in said)
