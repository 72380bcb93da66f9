"""A second return of a month: what would go is said first, and only what was named goes."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.county import NOW
from tests.factories.residents import a_resident
from xinglin.indicators import keeping
from xinglin.indicators.actions import take_return
from xinglin.indicators.models import ReturnBatch, ReturnRow
from xinglin.indicators.tests.test_returns import HEAD, a_line, settlements, taken, value
from xinglin.platform.errors import InvalidInput
from xinglin.residents.models import Resident


def test_a_second_return_of_a_month_says_what_would_go_and_replaces_only_what_was_named(county: Any) -> None:
    first = taken(county, settlements(a_line("A1"), a_line("A2"), a_line("A3")))

    def again(replaces: str) -> ReturnBatch:
        return take_return(
            kind="settlements", month="2026-10", content=settlements(a_line("A1"), a_line("B1")), file_name="new.csv",
            replaces=replaces, by=county.mei, at=NOW,
        )  # fmt: skip

    for said in ("", "018f2b5e-0000-7000-8000-000000000000"):
        with pytest.raises(InvalidInput) as refused:
            again(said)
        assert refused.value.code == "would-replace"
        assert str(first.uuid) in str(refused.value.fields["replaces"])
        assert "3行" in str(refused.value)
        assert "其中1行编号与原来相同；原来的另外2行将不再计入" in str(refused.value)
        assert ReturnRow.objects.count() == 3
    second = again(str(first.uuid))
    with pytest.raises(InvalidInput, match="3行|2行"):
        again(str(first.uuid))

    assert [(each.n_rows, [former.n_rows for former in each.replaces.all()]) for each in keeping.sent_for("2026-10")] == [
        (2, [3]), (3, []),
    ]  # fmt: skip
    assert second.replaces.get() == first


def test_the_page_asks_before_a_return_replaces_another_and_lists_both(county: Any) -> None:
    assert county.mei
    client = sign_in(Client(), county.users["mei"])

    def send(*lines: str, **said: str) -> Any:
        file = SimpleUploadedFile("r.csv", settlements(*lines))
        return client.post("/board/returns/send/", {"kind": "settlements", "month": "2026-10", "file": file, **said})

    send(a_line("A1"), a_line("A2"))
    asked = send(a_line("A1"))
    stands = ReturnBatch.objects.get()
    done = send(a_line("A1"), replaces=str(stands.uuid))
    shown = client.get("/board/returns/?month=2026-10").content.decode()

    assert asked.status_code == 422
    assert "2026-10的上报记录" in asked.content.decode()
    assert "原来的另外1行将不再计入" in asked.content.decode()
    assert f'name="replaces" value="{stands.uuid}"' in asked.content.decode()
    assert done.status_code == 302
    assert "替换了“r.csv”的2行" in shown
    assert "已被替换，不再计入" in shown


CORRECTING = HEAD + ",更正"


def corrected(*lines: str) -> bytes:
    """A return whose lines all correct."""
    return settlements(*(f"{each},是" for each in lines), head=CORRECTING)


def test_what_a_correction_said_before_counts_again_when_its_return_is_replaced_without_it(county: Any) -> None:
    number = str(a_resident(county).id_number)
    taken(county, settlements(a_line("A1").replace(",,", f",{number},"), a_line("A2")))
    taken(county, corrected(a_line("A1", fund="20")), month="2026-11")
    before = ReturnRow.objects.get(key="A1")

    with pytest.raises(InvalidInput, match="原来的另外1行将不再计入，其中1行是更正，恢复为更正前的内容"):
        take_return(
            kind="settlements", month="2026-11", content=settlements(), file_name="n.csv", by=county.mei, at=NOW
        )
    taken(county, settlements(), month="2026-11")
    row = ReturnRow.objects.get(key="A1")

    assert before.content["fund_fen"] == 2000
    assert (row.batch.month, row.content["fund_fen"], row.former, row.line) == ("2026-10", 6000, None, 2)
    assert (row.batch.replaced_by, row.resident, row.facility) == (None, Resident.objects.get(), county.hospital)
    assert value("m09-grassroots-fund").denominator == 12000


def test_what_a_correction_said_stands_in_the_return_that_took_the_place_of_its_own(county: Any) -> None:
    taken(county, settlements(a_line("A1"), a_line("A2")))
    taken(county, corrected(a_line("A1", fund="20")), month="2026-11")
    taken(county, settlements(a_line("A2"), a_line("A3")))
    taken(county, settlements(), month="2026-11")

    row = ReturnRow.objects.get(key="A1")

    assert row.batch == keeping.standing("settlements", "2026-10")
    assert sorted(row.batch.rows.values_list("key", flat=True)) == ["A1", "A2", "A3"]


def test_a_line_that_its_own_month_told_no_more_does_not_come_back_from_a_correction_of_it(county: Any) -> None:
    taken(county, settlements(a_line("A1")))
    taken(county, corrected(a_line("A1", fund="20")), month="2026-11")
    taken(county, corrected(a_line("A1", fund="30")))
    taken(county, settlements())
    again = ReturnRow.objects.get()
    taken(county, settlements(), month="2026-11")

    assert (again.batch.month, again.content["fund_fen"], again.former) == ("2026-11", 2000, None)
    assert not ReturnRow.objects.exists()
