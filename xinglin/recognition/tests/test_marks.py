"""The catalogue and the marks: paged, granted, withdrawn, brought in as a table, lapsed."""

import io
from datetime import date
from uuid import uuid4

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.recognition import a_mark
from xinglin.platform import clock
from xinglin.recognition import validity
from xinglin.recognition.models import Mark

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return clock.now()


@pytest.fixture
def tang(county) -> Client:
    assert county.tang
    return sign_in(Client(), county.users["tang"])


@pytest.fixture
def mei(county) -> Client:
    assert county.mei
    return sign_in(Client(), county.users["mei"])


def test_the_catalogue_is_paged_and_filtered(county, tang) -> None:
    url = reverse("recognition:catalogue")

    first = tang.get(url).content.decode()
    assert "after=20" in first
    assert "血常规" not in first or "胸部正位片" in first
    assert "糖化血红蛋白" in tang.get(url + "?kind=LAB").content.decode()
    found = tang.get(url + "?q=ct").content.decode()
    assert "头颅CT平扫" in found
    assert "腹部超声" not in found


def test_a_manager_grants_and_withdraws_a_mark(county, mei, now) -> None:
    data = {
        "facility": str(county.hospital.uuid), "what": "LAB:cbc", "level": "PROVINCE", "valid_from": "2026-01-01",
        "valid_until": "2027-06-01", "evidence": "室间质评证书 2026-01", "idempotency_key": str(uuid4()),
    }  # fmt: skip

    assert mei.post(reverse("recognition:marks"), data).status_code == 302
    mark = Mark.objects.get()
    again = mei.post(reverse("recognition:marks"), data | {"idempotency_key": str(uuid4())})
    wrong = mei.post(
        reverse("recognition:marks"), data | {"valid_until": "2025-01-01", "idempotency_key": str(uuid4())}
    )
    assert (again.status_code, wrong.status_code) == (409, 422)
    assert "省HR" in mei.get(reverse("recognition:marks")).content.decode()
    end = reverse("recognition:end_mark", args=[mark.uuid])
    assert mei.post(end, {"reason": "", "idempotency_key": str(uuid4())}).status_code == 422
    assert mei.post(end, {"reason": "室间质评不合格", "idempotency_key": str(uuid4())}).status_code == 302
    mark.refresh_from_db()
    assert mark.end_reason == "室间质评不合格"
    assert mei.post(end, {"reason": "再停", "idempotency_key": str(uuid4())}).status_code == 409


def test_who_manages_no_marks_sees_the_catalogue_and_grants_none(county, tang) -> None:
    assert tang.get(reverse("recognition:marks")).status_code == 403
    assert tang.get(reverse("recognition:catalogue")).status_code == 200


def a_sheet(*rows: list[str]) -> io.BytesIO:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["机构编码*", "类别", "项目代码", "互认级别", "起始日期", "截止日期", "依据"], *rows):
        sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    written.seek(0)
    written.name = "marks.xlsx"
    return written


def test_a_table_of_marks_comes_in_whole_or_not_at_all(county, mei) -> None:
    good = ["H01", "检验", "cbc", "本省HR", "2026-01-01", "2027-01-01", "证书1"]
    url = reverse("recognition:import_marks")

    bad = mei.post(
        url,
        {
            "file": a_sheet(good, ["X99", "检验", "", "超级", "2026-13-01", "2027-01-01", "证书2"], [*good[:5], "2020-01-01", ""]),
            "idempotency_key": str(uuid4()),
        },
    )  # fmt: skip
    assert bad.status_code == 422
    body = bad.content.decode()
    assert "第3行" in body
    assert "第4行" in body
    assert Mark.objects.count() == 0

    for _twice in range(2):
        done = mei.post(
            url,
            {"file": a_sheet(good, [*good[:2], "", *good[3:]]), "idempotency_key": str(uuid4())},
        )
        assert done.status_code == 302
    assert set(Mark.objects.values_list("item", flat=True)) == {"cbc", ""}
    template = mei.get(reverse("recognition:marks_template")).content
    assert openpyxl.load_workbook(io.BytesIO(template)).worksheets[0]["A1"].value == "机构编码"


def test_a_mark_lapses_by_its_day_and_by_what_others_know(county) -> None:
    mark = a_mark(county)
    key = (county.hospital.pk, "")
    assert validity.levels_of([county.hospital.pk], kind="LAB", on=date(2026, 12, 31)) == {key: "PROVINCE"}
    assert validity.levels_of([county.hospital.pk], kind="LAB", on=date(2027, 1, 1)) == {}
    validity.register_validity(lapsed)
    try:
        assert validity.levels_of([county.hospital.pk], kind="LAB", on=date(2026, 12, 31)) == {}
        assert validity.in_force([mark], on=date(2026, 12, 31)) == ([], {mark.pk: "室间质评不合格"})
    finally:
        validity._registered.remove(lapsed)


def lapsed(marks, on):
    return {each.pk: "室间质评不合格" for each in marks}
