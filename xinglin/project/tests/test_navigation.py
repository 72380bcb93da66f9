"""What waits beside the entries of the navigation: counted at once, for each as far as he may see."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.county import County
from tests.factories.readings import a_device, pressure, send
from xinglin.accounts.roles import ROLES
from xinglin.platform.actors import Actor
from xinglin.platform.counting import counts
from xinglin.web import context

QUEUE = reverse("readings:queue")
pytestmark = pytest.mark.django_db


def badges(actor: Actor) -> dict[str, int]:
    groups = context._navigation(actor, "/")
    return {item["url"]: item["badge"] for group in groups for item in group["items"]}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_one_query_counts_what_waits_for_every_role_as_each_source_does_alone(county: County, role: str):
    send(a_device(county, place="BAG").device, pressure("1", 130, 80))
    actors = [
        county.actor(county.user(f"u{n}", role, place)) for n, place in enumerate((county.clinic, county.hospital))
    ]
    sources = [each.badge for each in context.CHROME.entries if each.badge]

    for actor in actors:
        counts(actor, sources)
        with CaptureQueriesContext(connection) as asked:
            found = counts(actor, sources)
        assert len(asked) <= 1
        assert found == [rows(actor).count() for rows in sources]


def test_a_count_follows_the_rows_and_is_each_ones_own(county: County):
    assert badges(county.alma)[QUEUE] == 0

    send(a_device(county, place="BAG").device, pressure("1", 130, 80))

    assert (badges(county.alma)[QUEUE], badges(county.sib)[QUEUE]) == (1, 0)


def test_who_loses_a_right_is_counted_nothing_more(county: County):
    send(a_device(county, place="BAG").device, pressure("1", 130, 80))
    sources: Any = [each.badge for each in context.CHROME.entries if each.url_name == "readings:queue"]

    assert counts(county.alma, sources) == [1]
    assert counts(Actor(kind="user", user_id=county.alma.user_id, name=county.alma.name), sources) == [0]
    assert counts(county.alma, []) == []
