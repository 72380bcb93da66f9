"""Finding residents: by every kind of text, within one's own rosters, quickly, and never without a trace."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.county import NOW, County
from tests.factories.residents import a_resident, an_id_number
from xinglin.platform import hot
from xinglin.platform.errors import InvalidInput, NotPermitted
from xinglin.platform.models import AuditRecord
from xinglin.residents import actions, names, searching
from xinglin.residents.models import Resident, RosterEntry

NUMBER = an_id_number(date(1963, 4, 15), sequence=21)


@pytest.fixture
def village(county: County) -> dict[str, Resident]:
    far = {
        "by": county.cai,
        "managed_by_id": county.other_clinic.pk,
        "division_code": county.other_village_division.code,
    }
    return {
        "mai": a_resident(county, name="王小麦", id_number=NUMBER, phone="13900000001", card="D12345678"),
        "mi": a_resident(county, name="李大米", sex="2", born_on=date(1970, 1, 2)),
        "dou": a_resident(county, name="单小豆", sex="2", born_on=date(1970, 1, 2)),
        "long": a_resident(
            county, name="阿布都热合曼·买买提", id_kind="PASSPORT", id_number="E12345678", born_on=date(1980, 2, 3)
        ),
        "far": a_resident(county, name="王小满", phone="13900000009", born_on=date(1963, 4, 15), **far),
    }


def _found(actor: Any, text: str, **options: Any) -> list[str]:
    return [row.name for row in searching.search(actor, text, at=NOW, **options).rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("王小麦", ["王小麦"]),
        ("王", ["王小麦"]),
        ("小麦", ["王小麦"]),
        ("王 小麦", ["王小麦"]),
        ("买买", ["阿布都热合曼·买买提"]),
        ("麦", []),
        ("wxm", ["王小麦"]),
        ("WXM", ["王小麦"]),
        ("wangxiao", ["王小麦"]),
        ("wang xiao mai", ["王小麦"]),
        ("sxd", ["单小豆"]),
        ("shan", ["单小豆"]),
        ("abdrhm", ["阿布都热合曼·买买提"]),
        (NUMBER, ["王小麦"]),
        (f" {NUMBER[:6]} {NUMBER[6:]} ", ["王小麦"]),
        (NUMBER[:17], []),
        ("13900000001", ["王小麦"]),
        ("139-0000-0001", ["王小麦"]),
        ("1390000000", []),
        ("D12345678", ["王小麦"]),
        ("E12345678", ["阿布都热合曼·买买提"]),
        ("19700102", ["李大米", "单小豆"]),
        ("1970-01-02", ["李大米", "单小豆"]),
        ("1970年1月2日", ["李大米", "单小豆"]),
        ("", []),
        ("   ", []),
        ("%", []),
        ("王%", []),
        ("_小", []),
        ("' OR 1=1 --", []),
        ("王小满", []),
        ("13900000009", []),
    ],
)
def test_the_kind_of_text_is_recognised_and_only_the_own_roster_answers(
    county: County, village: dict[str, Resident], text: str, expected: list[str]
) -> None:
    assert _found(county.alma, text) == expected


def test_a_record_number_finds_its_resident(county: County, village: dict[str, Resident]) -> None:
    assert _found(county.alma, village["mai"].number) == ["王小麦"]
    assert _found(county.alma, village["far"].number) == []


@pytest.mark.parametrize(
    ("by", "text"),
    [
        ("name", "王小麦"),
        ("pinyin", "wxm"),
        ("id", NUMBER),
        ("phone", "13900000001"),
        ("card", "D12345678"),
        ("born", "1963-04-15"),
    ],
)
def test_the_kind_may_be_said(county: County, village: dict[str, Resident], by: str, text: str) -> None:
    assert _found(county.alma, text, by=by) == ["王小麦"]


@pytest.mark.parametrize(
    ("text", "by"), [("x" * 61, "auto"), ("王\u202e", "auto"), ("王", "everything"), ("gestern", "born")]
)
def test_a_search_that_cannot_be_read_is_refused(county: County, text: str, by: str) -> None:
    with pytest.raises(InvalidInput):
        searching.search(county.alma, text, by=by, at=NOW)


def test_sibling_clinics_do_not_see_each_other_and_the_township_sees_both(
    county: County, village: dict[str, Resident]
) -> None:
    assert _found(county.sib, "王小麦") == []
    assert _found(county.sib, NUMBER) == []
    assert _found(county.tang, "王") == ["王小麦"]
    assert _found(county.cai, "王") == ["王小满"]


def test_who_may_not_search_is_refused(county: County) -> None:
    for actor in (county.bo, county.mei):
        with pytest.raises(NotPermitted):
            searching.search(actor, "王", at=NOW)


def test_every_search_is_written_down_without_its_text(county: County, village: dict[str, Resident]) -> None:
    before = AuditRecord.objects.latest("pk").pk

    for text in ("王小麦", NUMBER, "wxm"):
        searching.search(county.alma, text, at=NOW)

    rows = AuditRecord.objects.filter(pk__gt=before).order_by("pk")
    assert [(row.event, row.detail) for row in rows] == [
        ("resident.searched", {"by": way, "n": 1, "subjects": [str(village["mai"].uuid)]})
        for way in ("name", "id", "initials")
    ]
    assert all(row.subject_uuid is None and NUMBER not in str(row.detail) for row in rows)


def test_a_merged_registration_is_not_listed_and_its_number_finds_the_survivor(
    county: County, village: dict[str, Resident]
) -> None:
    double = a_resident(county, name="王小麦", id_kind="PASSPORT", id_number="E99999999")
    actions.merge_residents(kept=village["mai"], merged=double, reason="同一人重复建档", by=county.tang, at=NOW)

    assert _found(county.alma, "王小麦") == ["王小麦"]
    assert searching.search(county.alma, "E99999999", at=NOW).rows == [village["mai"]]


def test_an_ended_roster_entry_is_not_found(county: County, village: dict[str, Resident]) -> None:
    RosterEntry.objects.filter(resident=village["mai"]).update(until=NOW - timedelta(days=1))

    assert _found(county.alma, "王小麦") == []
    assert _found(county.alma, NUMBER) == []


def _many(county: County, n: int) -> None:
    """Rows by the thousand, on the rosters of two clinics and the township, in one statement each."""
    rng = random.Random(7)
    given = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文玉兰红建国志云海燕"
    surnames = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
    residents, entries = [], []
    for i in range(n):
        name = rng.choice(surnames) + rng.choice(given) + rng.choice(given)
        facility = county.clinic if i % 2 else county.sibling
        residents.append(
            Resident(
                number=f"N{i:06d}",
                name=name,
                pinyin=names.pinyin(name),
                initials=names.initials(name),
                sex="1",
                born_on=date(1950, 1, 1) + timedelta(days=i),
                id_kind="NONE",
                identity_index=i.to_bytes(32, "big"),
                division_code="370403101201",
                managed_by=facility,
                status_changed_at=NOW,
                registered_at=NOW,
            )
        )
    Resident.objects.bulk_create(residents, batch_size=1000)
    for resident in residents:
        for facility_id in (resident.managed_by_id, county.township.pk):
            entries.append(
                RosterEntry(
                    facility_id=facility_id,
                    resident=resident,
                    basis="MANAGED",
                    since=NOW,
                    name=resident.name,
                    initials=resident.initials,
                    pinyin=resident.pinyin,
                )
            )
    RosterEntry.objects.bulk_create(entries, batch_size=2000)


def test_pages_follow_each_other_without_gap_or_repetition(county: County) -> None:
    _many(county, 300)

    for actor, text in (
        (county.tang, "王"),
        (county.tang, "w"),
        (county.tang, "wang"),
        (county.alma, "李"),
        (county.tang, "建国"),
    ):
        seen: list[int] = []
        cursor = ""
        while True:
            page = searching.search(actor, text, cursor=cursor, at=NOW, size=7)
            seen += [row.pk for row in page.rows]
            cursor = page.next_cursor
            if not cursor:
                break
        visible = {
            entry.resident_id
            for entry in RosterEntry.objects.filter(facility_id__in=actor.places_where("resident:search"))
        }
        expected = {
            r.pk for r in Resident.objects.filter(pk__in=visible) if text in r.name or r.initials.startswith(text)
        }
        if text == "wang":
            expected = {r.pk for r in Resident.objects.filter(pk__in=visible) if r.pinyin.startswith(text)}
        if text in {"王", "李"}:
            expected = {r.pk for r in Resident.objects.filter(pk__in=visible) if r.name.startswith(text)}
        assert len(seen) == len(set(seen))
        assert set(seen) == expected


@pytest.mark.parametrize("cursor", ["x", "eyJhIjoxfQ", "WzEsMl0", "W10", "\x00"])
def test_a_cursor_that_is_not_ours_is_refused(county: County, cursor: str) -> None:
    a_resident(county)

    with pytest.raises(InvalidInput):
        searching.search(county.alma, "王", cursor=cursor, at=NOW)


def test_the_number_of_queries_does_not_grow_with_rows(county: County) -> None:
    actor, counts = county.tang, []
    for n in (40, 400):
        RosterEntry.objects.all().delete()
        Resident.objects.all().delete()
        _many(county, n)
        with CaptureQueriesContext(connection) as queries:
            assert searching.search(actor, "w", at=NOW).rows
        counts.append(len(queries))

    # The search itself is one statement beside these (`hot`), whatever it finds.
    assert counts[0] == counts[1] == 1


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("text", "index"), [("王", "roster_name"), ("wm", "roster_initials"), ("wangw", "roster_pinyin")]
)
def test_a_search_reads_an_index_of_the_roster(county: County, text: str, index: str) -> None:
    _many(county, 4000)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE; ANALYZE residents_resident, residents_rosterentry; SET ROLE xinglin_app")
    values = {
        **hot.audit_values("resident.searched", by=county.alma, at=NOW),
        "places": [county.clinic.pk],
        "by": index,
        "limit": 21,
        "is_last_try": True,
        "low": text,
        "high": text + "\U0010ffff",
        "after_key": "",
        "after_id": 0,
    }

    found = hot.rows("EXPLAIN " + searching.STATEMENTS[index.removeprefix("roster_"), False], values)

    plan = "\n".join(row["QUERY PLAN"] for row in found)
    assert index in plan
    assert "Seq Scan on residents_rosterentry" not in plan
