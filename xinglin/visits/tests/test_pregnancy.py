"""Who is known to be expecting, and on which days."""

from datetime import date, timedelta
from typing import Any

from tests.factories.county import NOW, County, later
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.platform import clock
from xinglin.residents import api as residents
from xinglin.visits import api as visits
from xinglin.visits.data import DiagnosisIn

TODAY = clock.today(NOW)
SUPERVISED = DiagnosisIn("Z34.900", "正常妊娠监督")


def known(resident: Any, on: date) -> bool | None:
    whose = dict.fromkeys(residents.ids_of_person(resident), resident.pk)
    return visits.pregnancies([resident], whose)[resident.pk].on(on)


def test_a_registration_that_says_so_is_believed(county: County) -> None:
    woman = a_resident(county, name="李秀英", sex="2", born_on=date(1990, 4, 15), conditions=["pregnant"])
    other = a_resident(county, name="王小花", sex="2", born_on=date(1990, 4, 16))

    assert known(woman, TODAY) is True
    assert known(other, TODAY) is None


def test_a_visit_of_the_last_months_that_supervises_a_pregnancy_tells_it(county: County) -> None:
    woman = a_resident(county, name="李秀英", sex="2", born_on=date(1990, 4, 15))
    a_visit(resident=woman, by=county.alma, diagnoses=[SUPERVISED], at=later(days=-10))
    first = TODAY - timedelta(days=10)

    assert known(woman, first - timedelta(days=1)) is None
    assert known(woman, first) is known(woman, first + timedelta(days=299)) is True
    assert known(woman, first + timedelta(days=300)) is None


def test_of_a_man_nothing_is_asked(county: County, django_assert_num_queries: Any) -> None:
    man = a_resident(county, conditions=["pregnant"])

    with django_assert_num_queries(0):
        assert visits.pregnancies([man], {man.pk: man.pk})[man.pk].on(TODAY) is None
