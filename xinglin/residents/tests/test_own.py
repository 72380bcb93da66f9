"""A resident's own view, and the log of who looked."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.county import NOW, County, later
from tests.factories.residents import a_resident, an_id_number
from xinglin.platform import audit
from xinglin.residents import actions
from xinglin.residents.events import Event
from xinglin.residents.models import Resident

BORN = date(1963, 4, 15)
NUMBER = an_id_number(BORN, sequence=51)


@pytest.fixture
def alma(county: County, client: Client) -> Client:
    assert county.alma
    return sign_in(client, county.users["alma"])


def _as(county: County, who: str) -> Client:
    assert getattr(county, who)
    return sign_in(Client(), county.users[who])


def _look(county: County, resident: Resident, *, times: int) -> None:
    for _ in range(times):
        audit.look(Event.VIEWED, by=county.alma, at=NOW, subject=resident.uuid)


def _own(county: County, resident: Resident) -> Client:
    user = county.user("own", "resident", None, name="王小麦", everywhere=True)
    user.resident_uuid = resident.uuid
    user.save()
    return sign_in(Client(), user)


def test_a_resident_sees_his_record_and_who_looked_and_nothing_else(county: County, alma: Client) -> None:
    resident, other = a_resident(county), a_resident(county, name="李大米", sex="2")
    alma.get(reverse("residents:detail", args=[resident.uuid]))
    own = _own(county, resident)

    record = own.get(reverse("residents:own")).content.decode()
    log = own.get(reverse("residents:own_lookups")).content.decode()

    assert "建立健康档案" in record
    assert str(resident.uuid) not in record  # no link to a page of the staff
    assert "阿尔玛" in log
    assert "东沟村卫生室" in log
    assert "打开了健康档案" in log
    assert own.get(reverse("residents:detail", args=[other.uuid])).status_code == 404
    assert own.get(reverse("residents:list")).status_code == 403
    assert alma.get(reverse("residents:own")).status_code == 403


def test_the_look_up_log_is_complete(county: County) -> None:
    resident = a_resident(county, id_number=NUMBER)
    for who in ("alma", "tang", "alma"):
        _as(county, who).get(reverse("residents:detail", args=[resident.uuid]))
    actions.note_arrival(name="王小麦", id_number=NUMBER, by=county.sun, at=NOW)
    _as(county, "sun").get(reverse("residents:detail", args=[resident.uuid]), {"tab": "basic"})

    body = _own(county, resident).get(reverse("residents:own_lookups")).content.decode()

    assert body.count("打开了健康档案") == 3
    assert body.count("当日 2 次") == 1  # 阿尔玛
    for words in ("阿尔玛", "唐", "孙", "县人民医院", "登记到诊，加入本机构名册", "建立了健康档案"):
        assert words in body


def test_the_log_of_a_merged_person_holds_both_registrations(county: County) -> None:
    kept, other = a_resident(county), a_resident(county, id_kind="NONE", phone="13900000003")
    _as(county, "tang").get(reverse("residents:detail", args=[other.uuid]))
    actions.merge_residents(kept=kept, merged=other, reason="同一人重复建档", by=county.tang, at=NOW)

    body = _own(county, kept).get(reverse("residents:own_lookups")).content.decode()

    assert "打开了健康档案" in body
    assert body.count("合并了重复档案") == 2


def test_the_log_takes_the_same_number_of_queries_for_few_and_many(county: County, alma: Client) -> None:
    resident = a_resident(county)
    address = reverse("residents:detail", args=[resident.uuid])
    counts = []
    for n in (1, 20):
        _look(county, resident, times=n)
        with CaptureQueriesContext(connection) as queries:
            alma.get(address, {"tab": "lookups"})
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_older_lookups_are_on_the_next_page(county: County, alma: Client) -> None:
    resident = a_resident(county)
    address = reverse("residents:detail", args=[resident.uuid])
    _look(county, resident, times=32)

    first = alma.get(address, {"tab": "lookups"}).content.decode()
    (older,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = alma.get(older.replace("&amp;", "&")).content.decode()

    assert "建立了健康档案" not in first
    assert "建立了健康档案" in second


def test_who_looked_several_times_in_a_day_is_one_line(county: County) -> None:
    resident = a_resident(county)
    _look(county, resident, times=4)
    audit.look(Event.VIEWED, by=county.alma, at=later(days=-2), subject=resident.uuid)

    body = _own(county, resident).get(reverse("residents:own_lookups")).content.decode()

    assert body.count("打开了健康档案") == 2
    assert body.count("当日 4 次") == 1
