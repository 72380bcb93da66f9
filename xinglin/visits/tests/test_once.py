"""A visit sent twice, whatever came between: one visit, one answer."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.county import NOW, County
from tests.factories.residents import a_resident
from tests.factories.visits import a_term
from xinglin.platform.errors import Conflict
from xinglin.platform.idempotency import once
from xinglin.platform.ids import new_uuid
from xinglin.platform.models import AuditRecord, IdempotencyKey, OutboxEvent
from xinglin.residents.models import RosterEntry
from xinglin.visits.events import Event
from xinglin.visits.models import Visit
from xinglin.visits.tests.test_rest import body, post


def test_what_is_refused_leaves_no_key(county: County, client: Client) -> None:
    alma = sign_in(client, county.users[county.alma and "alma"])
    resident, _ = a_resident(county), a_term()

    refused = post(alma, "/visits", body(resident, systolic=999), key="a")
    done = post(alma, "/visits", body(resident), key="a")

    assert (refused.status_code, done.status_code) == (422, 201)
    assert IdempotencyKey.objects.get(key="a").answer["uuid"] == done.json()["uuid"]


def test_a_second_try_is_answered_though_it_would_be_refused_now(county: County, client: Client) -> None:
    alma = sign_in(client, county.users[county.alma and "alma"])
    resident, _ = a_resident(county), a_term()
    first = post(alma, "/visits", body(resident), key="a")

    RosterEntry.objects.all().delete()  # he is out of her sight since
    second = post(alma, "/visits", body(resident), key="a")
    new = post(alma, "/visits", body(resident), key="b")

    assert (second.status_code, second.json()) == (201, first.json())
    assert new.status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_key_make_one_visit() -> None:
    county = County()
    sign_in(Client(), county.users[county.alma and "alma"])
    resident, _ = a_resident(county), a_term()
    clients = [sign_in(Client(), county.users["alma"]) for _ in range(4)]
    barrier, answers = threading.Barrier(len(clients)), []

    def send(client: Client) -> None:
        barrier.wait(timeout=10)
        try:
            answers.append(post(client, "/visits", body(resident), key="at-once"))
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(each,)) for each in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    said: list[Any] = [each.json() for each in answers]
    assert [each.status_code for each in answers] == [201] * 4
    assert said == [said[0]] * 4
    assert Visit.objects.count() == 1
    assert AuditRecord.objects.filter(event=Event.RECORDED).count() == 1
    assert OutboxEvent.objects.filter(event=Event.RECORDED).count() == 1


def test_a_repeated_write_leaves_a_record_of_its_own(county: County, client: Client) -> None:
    alma = sign_in(client, county.users[county.alma and "alma"])
    resident, _ = a_resident(county), a_term()
    post(alma, "/visits", body(resident), key="a")
    before = AuditRecord.objects.count()

    post(alma, "/visits", body(resident), key="a")

    assert AuditRecord.objects.count() == before + 1


def test_an_action_that_only_inserts_may_not_write_otherwise(county: County) -> None:
    def write() -> tuple[int, bytes]:
        OutboxEvent.objects.create(event="x.y", object_uuid=new_uuid(), happened_at=NOW)
        raise Conflict("no")

    with pytest.raises(RuntimeError, match="wrote otherwise"), transaction.atomic():
        once(key="k", by=county.alma, content=b"", write=write, only_inserts=True)

    assert not OutboxEvent.objects.filter(event="x.y").exists()


def test_visits_of_every_shape_share_their_prepared_statements(county: County, client: Client) -> None:
    alma = sign_in(client, county.users[county.alma and "alma"])
    resident, _ = a_resident(county), a_term()
    for _ in range(2):  # the first puts him on the roster; the second prepares what all others run
        post(alma, "/visits", body(resident))

    def prepared() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'WITH row_0 AS%%visits_visit%%'"
            )
            return int(cursor.fetchone()[0])

    before = prepared()
    for fields in ({"pulse": 70}, {"temperature": None}, {"weight": 61.5, "height": 160}, {"spo2": 98, "pulse": 200}):
        assert post(alma, "/visits", body(resident, confirmed_unusual=True, **fields)).status_code == 201

    assert prepared() == before
