"""The timeline by topic."""

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.county import NOW, County, later
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.platform.errors import InvalidInput
from xinglin.residents import timeline
from xinglin.residents.data import Topic
from xinglin.residents.queries import ids_of_person

pytestmark = pytest.mark.django_db


def test_a_topic_shows_its_entries_only(county: County):
    resident = a_resident(county)
    a_visit(resident=resident, by=county.alma, at=NOW)
    ids = ids_of_person(resident)

    kinds = {
        topic: {entry.kind for entry in timeline.entries(county.alma, ids, before=later(60), limit=20, topic=topic)}
        for topic in (None, Topic.VISITS, Topic.RECORD, Topic.FOLLOWUPS)
    }

    assert kinds[None] >= {"visit", "registration"}
    assert kinds[Topic.VISITS] == {"visit"}
    assert "visit" not in kinds[Topic.RECORD]
    assert kinds[Topic.FOLLOWUPS] == set()


def test_the_page_keeps_the_topic_when_it_is_turned(county: County, client: Client):
    resident = a_resident(county)
    for number in range(timeline.PAGE + 2):
        a_visit(resident=resident, by=county.alma, at=later(number))
    alma = sign_in(client, county.users["alma"])

    said = alma.get(f"/residents/{resident.uuid}/?topic=visits").content.decode()

    assert "topic=visits&amp;after=" in said
    assert f'href="/residents/{resident.uuid}/?topic=visits" aria-current="page"' in said


def test_an_unknown_topic_is_refused():
    with pytest.raises(InvalidInput):
        timeline.read_topic("gossip")
