"""Diagnoses and medicines are found by whole pinyin, too."""

import pytest

from tests.factories.county import NOW
from tests.factories.visits import a_term
from xinglin.visits import medicines, queries
from xinglin.visits.pinyin import initials_of, initials_typed, pinyin_of


@pytest.mark.parametrize(
    ("typed", "initials"),
    [("gaoxueya", "gxy"), ("xuanyun", "xy"), ("gaoxuey", "gxy"), ("tangniao", "tn"), ("xian", "xa")],
)
def test_what_is_typed_is_cut_into_syllables(typed: str, initials: str) -> None:
    assert initials in initials_typed(typed)


@pytest.mark.parametrize("typed", ["gx", "高血压", "zzz1", "g" * 31, ""])
def test_what_is_no_pinyin_is_not_cut(typed: str) -> None:
    assert initials_typed(typed) == []


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["gaoxueya", "GaoXueYa", "gaoxuey", "xueya", "xuanyun", "xuan yun"])
def test_a_diagnosis_is_found_by_its_pinyin(typed: str) -> None:
    wanted = "眩晕" if "xuan" in typed else "高血压"
    for code, name in (("I10.x00", "高血压"), ("R42.x00", "眩晕"), ("E11.900", "2型糖尿病")):
        a_term(code, name, initials=initials_of(name))

    assert [term.name for term in queries.search_terms(typed, on=NOW.date())] == [wanted]


def test_a_medicine_is_found_by_its_pinyin() -> None:
    name = medicines.medicines()[0].name

    assert name in [each.name for each in medicines.search_medicines(pinyin_of(name)[:12])]
