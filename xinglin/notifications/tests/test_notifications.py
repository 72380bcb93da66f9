"""Who is told what, once; and what the inbox shows."""

from typing import Any
from uuid import uuid4

import pytest

from tests.factories.county import NOW, later
from tests.factories.residents import a_resident
from xinglin.accounts.actions import open_break_glass
from xinglin.notifications import actions, api, jobs, queries
from xinglin.notifications.models import Message
from xinglin.notifications.web import pages
from xinglin.platform.errors import NotVisible
from xinglin.platform.models import OutboxEvent


def test_an_event_tells_the_same_reader_once(county: Any) -> None:
    event = uuid4()
    for _time in range(2):
        api.tell(
            event_uuid=event, kind="test", urgency=1, at=NOW, facility_id=county.clinic.id, permission="visit:view"
        )

    assert Message.objects.count() == 1


def test_a_message_names_its_resident_to_those_who_may_see_him(county: Any) -> None:
    resident, event = a_resident(county), uuid4()
    OutboxEvent.objects.create(
        uuid=event, event="followup.fell-due", object_uuid=uuid4(), subject_uuid=resident.uuid, happened_at=NOW
    )
    for facility in (county.clinic, county.sibling):
        api.tell(
            event_uuid=event, kind="test", urgency=1, at=NOW, facility_id=facility.id, permission="visit:view"
        )  # fmt: skip

    assert [line.name for line in pages.inbox(county.alma).rows] == [resident.name]
    assert [line.name for line in pages.inbox(county.sib).rows] == [""]


def test_a_message_to_a_facility_reaches_who_holds_the_right_and_works_there(county: Any) -> None:
    api.tell(
        event_uuid=uuid4(),
        kind="test",
        urgency=1,
        at=NOW,
        facility_id=county.clinic.id,
        permission="critical:acknowledge",
    )

    assert queries.n_unread(county.alma) == 1
    assert queries.n_unread(county.sib) == 0
    assert queries.n_unread(county.bo) == 0
    assert queries.n_unread(county.tang) == 0


def test_reading_a_message_is_noted_once_and_only_by_its_reader(county: Any) -> None:
    api.tell(event_uuid=uuid4(), kind="test", urgency=0, at=NOW, user_id=county.alma.user_id)
    uuid = Message.objects.get().uuid

    with pytest.raises(NotVisible):
        actions.mark_read(uuid=uuid, by=county.sib, at=NOW)
    actions.mark_read(uuid=uuid, by=county.alma, at=NOW)
    again = actions.mark_read(uuid=uuid, by=county.alma, at=later(5))

    assert again.read_at == NOW
    assert queries.n_unread(county.alma) == 0


def test_a_sentence_without_its_facts_shows_a_dash(county: Any) -> None:
    api.describe("test.sentence", "%(who)s 来了", "")
    api.tell(event_uuid=uuid4(), kind="test.sentence", urgency=0, at=NOW, user_id=county.alma.user_id)

    assert [line.text for line in pages.inbox(county.alma).rows] == ["— 来了"]


def test_breaking_the_glass_tells_the_security_administrator(county: Any) -> None:
    reviewer = county.user("sec", "security-administrator", county.bureau, everywhere=True)
    open_break_glass(subject_uuid=uuid4(), reason="患者昏迷，急需既往用药史", by=county.alma, at=NOW)
    event = OutboxEvent.objects.get(event="emergency.opened")

    jobs.tell_of_emergency(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))

    (line,) = pages.inbox(county.actor(reviewer)).rows
    assert "阿尔玛" in line.text


def test_the_number_of_queries_does_not_grow_with_messages(county: Any, django_assert_num_queries: Any) -> None:
    for n_messages in (3, 15):
        for _message in range(n_messages):
            api.tell(event_uuid=uuid4(), kind="test", urgency=0, at=NOW, user_id=county.alma.user_id)
        with django_assert_num_queries(1):
            pages.inbox(county.alma)
