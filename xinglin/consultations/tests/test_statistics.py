"""Whose consultations somebody counts."""

from datetime import date

from tests.factories.consultations import a_case
from xinglin.consultations.statistics import figures


def test_figures_are_of_the_reader_s_places_and_of_the_whole_county_for_its_officers(county):
    a_case(county)
    other = county.user("wei", "township-doctor", county.other_township, name="卫", subordinates=True)
    officer = county.user("gao", "bureau-officer", county.bureau, name="高", everywhere=True)
    readers = {
        "own": county.tang,
        "other": county.actor(other),
        "officer": county.actor(officer),
        "manager": county.mei,
    }

    seen = {
        name: figures(actor, since=date(2026, 11, 1), until=date(2026, 12, 1)).total.n_asked
        for name, actor in readers.items()
    }

    assert seen == {"own": 1, "other": 0, "officer": 1, "manager": 1}
