"""Pages: one happy way and the refusals."""

import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.labcontrol import TARGETS, a_loss, a_material, a_round, a_run, a_scheme, an_assay, an_instrument
from xinglin.labcontrol.models import Assay, ControlMaterial, ControlRun, EqaRound, Instrument, OutOfControl, Target
from xinglin.labcontrol.states import Status
from xinglin.platform import clock
from xinglin.platform.ids import new_uuid

pytestmark = pytest.mark.django_db


@pytest.fixture
def lin(county: County, client: Client) -> Client:
    county.lin  # noqa: B018 - makes the account
    return sign_in(client, county.users["lin"])


@pytest.fixture
def he(county: County) -> Client:
    county.he  # noqa: B018 - makes the account
    return sign_in(Client(), county.users["he"])


def post(client: Client, url: str, **data: Any) -> Any:
    return client.post(url, {"idempotency_key": str(new_uuid()), **data})


def text(response: Any) -> str:
    return response.content.decode()


def ago(**span: float) -> Any:
    return clock.now() - timedelta(**span)


def table(
    *rows: tuple[Any, ...], heading: tuple[str, ...] = ("测定时间", "项目代码", "水平", "结果")
) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    for row in (heading, *rows):
        book.active.append(row)  # type: ignore[union-attr]
    content = io.BytesIO()
    book.save(content)
    return SimpleUploadedFile("runs.xlsx", content.getvalue())


# Board and chart ---------------------------------------------------------------------------------------------------------
def test_the_board_puts_what_is_lost_first_and_what_was_not_run_next(county: County, lin: Client) -> None:
    good, late = an_assay(county, analyte="na"), an_assay(county, analyte="cl")
    a_run(county, good, at=ago(hours=3))
    a_loss(county, at=ago(hours=2))

    page = text(lin.get("/control/"))

    assert page.index("钾") < page.index("氯") < page.index("钠")
    assert "3.4SD" in page
    assert "1-3s" in page
    assert str(late.uuid) in page


def test_the_board_makes_as_many_queries_for_many_assays_as_for_one(
    county: County, lin: Client, django_assert_max_num_queries: Any
) -> None:
    for number, code in enumerate(("k", "na", "cl", "glu", "alt", "ast")):
        a_run(county, an_assay(county, analyte=code), at=ago(minutes=60 - number))

    with django_assert_max_num_queries(30):
        lin.get("/control/")


def test_the_chart_names_the_broken_rule_in_text_and_shows_the_figures(county: County, lin: Client) -> None:
    loss = a_loss(county, at=ago(hours=2))

    page = text(lin.get(f"/control/assays/{loss.assay.uuid}/"))

    assert '<svg xmlns="http://www.w3.org/2000/svg" class="lj"' in page
    assert ">1-3s</text>" in page
    assert "<style" not in page.split("<svg", 1)[1].split("</svg>")[0]
    assert "暂停发布" in page or "不能发布" in page


def test_a_month_prints_with_chart_and_figures(county: County, lin: Client) -> None:
    loss = a_loss(county, at=ago(minutes=5))

    printed = lin.get(f"/control/assays/{loss.assay.uuid}/month.pdf")

    assert printed["Content-Type"] == "application/pdf"
    assert printed.content[:5] == b"%PDF-"
    assert lin.get(f"/control/assays/{loss.assay.uuid}/month.pdf?month=soon").status_code == 422


def test_a_month_is_exported_value_by_value(county: County, lin: Client) -> None:
    a_loss(county, at=ago(minutes=5))

    book = openpyxl.load_workbook(io.BytesIO(lin.get("/control/month.xlsx").content))

    rows = list(book.active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert rows[0][:3] == ("仪器", "项目代码", "项目")
    assert ("失控", "1-2s、1-3s") in {row[11:13] for row in rows[1:]}


# Entering ----------------------------------------------------------------------------------------------------------------
def test_a_run_is_entered_from_the_page_and_its_verdict_shown(county: County, lin: Client) -> None:
    assay = an_assay(county)
    low, high = assay.targets.order_by("material__level")
    url = f"/control/instruments/{assay.instrument.uuid}/run/"
    assert f'name="v-{low.pk}"' in text(lin.get(url))

    answer = post(
        lin, url, run_at=f"{timezone.localtime():%Y-%m-%dT%H:%M}", **{f"v-{low.pk}": "４.01", f"v-{high.pk}": "6.50"}
    )

    run = ControlRun.objects.get()
    assert answer.url == f"/control/runs/{run.uuid}/"
    page = text(lin.get(answer.url))
    assert "失控" in page
    assert "1-3s" in page


def test_a_value_that_is_no_number_keeps_what_was_typed(county: County, lin: Client) -> None:
    assay = an_assay(county)
    low, high = assay.targets.order_by("material__level")

    answer = post(
        lin, f"/control/instruments/{assay.instrument.uuid}/run/", run_at="2026-11-20T08:00",
        **{f"v-{low.pk}": "4.o1", f"v-{high.pk}": "6.02"},
    )  # fmt: skip

    assert answer.status_code == 422
    assert 'value="6.02"' in text(answer)
    assert f'href="#id_v-{low.pk}"' in text(answer)
    assert not ControlRun.objects.exists()


def test_what_is_elsewhere_is_not_there(county: County) -> None:
    assay, loss = an_assay(county, analyte="na"), a_loss(county, at=ago(hours=2))
    scheme = a_scheme(county)
    county.user("elsewhere", "laboratory-doctor", county.tcm)
    stranger = sign_in(Client(), county.users["elsewhere"])

    for path in (
        f"assays/{assay.uuid}/", f"assays/{assay.uuid}/month.pdf", f"assays/{assay.uuid}/targets/",
        f"instruments/{assay.instrument.uuid}/", f"instruments/{assay.instrument.uuid}/run/", f"losses/{loss.uuid}/",
        f"eqa/{scheme.uuid}/",
    ):  # fmt: skip
        assert stranger.get(f"/control/{path}").status_code == 404, path
    assert "钠" not in text(stranger.get("/control/"))


def test_who_has_nothing_to_do_with_it_does_not_come_in(county: County) -> None:
    county.alma  # noqa: B018 - makes the account
    assert sign_in(Client(), county.users["alma"]).get("/control/").status_code == 403


# Tables ------------------------------------------------------------------------------------------------------------------
def test_a_table_of_runs_is_kept_run_by_run(county: County, lin: Client) -> None:
    assay = an_assay(county)
    file = table(
        ("2026-11-18 08:00", "k", "1", 4.02),
        ("2026-11-18 08:00", "k", "水平2", 6.01),
        ("2026/11/17 08:00", "k", 1, 4.0),
    )

    answer = post(lin, f"/control/instruments/{assay.instrument.uuid}/table/", file=file)

    assert answer.status_code == 302
    assert [run.results.get().values.count() for run in ControlRun.objects.order_by("run_at")] == [1, 2]


def test_a_table_with_a_bad_row_is_refused_whole_and_says_which(county: County, lin: Client) -> None:
    assay = an_assay(county)
    url = f"/control/instruments/{assay.instrument.uuid}/table/"

    shape = post(lin, url, file=table(("2026-11-18 08:00", "k", "1", 4.02), ("gestern", "k", "9", "viel")))
    sense = post(lin, url, file=table(("2026-11-18 08:00", "k", "1", 4.02), ("2026-11-18 08:00", "na", "1", 140)))
    heading = post(lin, url, file=table(heading=("时间", "项目代码", "水平", "结果")))

    assert [each.status_code for each in (shape, sense, heading)] == [422, 422, 422]
    assert "测定时间" in text(shape)
    assert '<td class="num" data-head>3</td>' in text(sense)
    assert "na" in text(sense)
    assert "缺少必需的列：测定时间" in text(heading)
    assert not ControlRun.objects.exists()


def test_the_template_reads_back(county: County, lin: Client) -> None:
    assay = an_assay(county)

    content = lin.get(f"/control/instruments/{assay.instrument.uuid}/table/?template=1").content

    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert [row[1:3] for row in rows] == [("项目代码*", "水平*"), ("k", "1"), ("k", "2")]


# Losses of control -------------------------------------------------------------------------------------------------------
def test_a_loss_goes_its_way_over_the_pages(county: County, lin: Client, he: Client) -> None:
    loss = a_loss(county, at=ago(hours=2))
    url = f"/control/losses/{loss.uuid}/"
    assert "第一步" in text(lin.get(url))

    assert post(lin, f"{url}cause/", code="REAGENT", text="").status_code == 422
    post(lin, f"{url}cause/", code="REAGENT", text="试剂开瓶过久")
    assert "第二步" in text(lin.get(url))
    post(lin, f"{url}act/", code="NEW_REAGENT", text="换试剂", patients="复查6份")
    assert "第三步" in text(lin.get(url))
    a_run(county, loss.assay, at=clock.now() + timedelta(seconds=5))
    assert "第四步" not in text(lin.get(url))
    assert "第四步" in text(he.get(url))
    post(he, f"{url}close/", review="同意")

    loss.refresh_from_db()
    assert loss.status == Status.CLOSED
    assert str(loss.uuid) in text(he.get("/control/losses/?box=closed"))
    assert post(lin, f"{url}cause/", code="REAGENT", text="x").status_code == 409


def test_a_reviewer_sends_back(county: County, he: Client) -> None:
    loss = a_loss(county, status=Status.RETESTED, at=ago(hours=2))

    post(he, f"/control/losses/{loss.uuid}/send-back/", reason="未追查患者结果")

    assert OutOfControl.objects.get().status == Status.OPEN


def test_a_loss_waits_on_the_workbench_of_who_handles_it(county: County, lin: Client) -> None:
    loss = a_loss(county, at=ago(hours=2))

    assert f"/control/losses/{loss.uuid}/" in text(lin.get("/"))


# Setting up --------------------------------------------------------------------------------------------------------------
def test_a_laboratory_is_set_up_from_the_pages(county: County, lin: Client, he: Client) -> None:
    made = post(he, "/control/instruments/", name="血球仪", rules="westgard-3-levels", only_warns="on")
    instrument = Instrument.objects.get()
    assert made.url == f"/control/instruments/{instrument.uuid}/"
    post(he, f"{made.url}assays/", analyte="wbc", decimals="2", interval_hours="12")
    assay = Assay.objects.get()
    assert (assay.title, assay.unit) == ("白细胞计数", "×10⁹/L")
    post(
        lin,
        "/control/materials/",
        name="血球质控",
        maker="希森美康",
        lot="W1",
        level="1",
        expires_on="2099-01-01",
        open_days="14",
    )
    material = ControlMaterial.objects.get()
    post(lin, f"/control/materials/{material.uuid}/open/")
    post(he, f"/control/assays/{assay.uuid}/targets/set/", material=material.uuid, mean="3.2", sd="0.1", begins="now")
    post(he, made.url, rules="westgard-basic", is_active="on")

    instrument.refresh_from_db()
    material.refresh_from_db()
    assert (instrument.rules, instrument.only_warns) == ("westgard-basic", False)
    assert material.opened_on is not None
    assert Target.objects.get().begun_at is not None
    assert "3.2" in text(he.get(f"/control/assays/{assay.uuid}/targets/"))
    for path in ("instruments/", "materials/", "losses/", "eqa/", f"instruments/{instrument.uuid}/"):
        assert lin.get(f"/control/{path}").status_code == 200, path


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("instruments/", {"name": ""}),
        ("materials/", {"name": "x", "maker": "x", "lot": "x", "level": "9", "expires_on": "2099-01-01"}),
        ("materials/", {"name": "x", "maker": "x", "lot": "x", "level": "1", "expires_on": "tomorrow"}),
        ("eqa/", {"organiser": "NATIONAL", "year": "MMXXVI"}),
    ],
)
def test_a_faulty_form_is_shown_again(county: County, he: Client, path: str, data: dict[str, str]) -> None:
    assert post(he, f"/control/{path}", **data).status_code == 422


def test_a_technician_manages_nothing(county: County, lin: Client) -> None:
    an_instrument(county)

    assert post(lin, "/control/instruments/", name="x").status_code == 403
    assert Instrument.objects.count() == 1


def test_targets_offer_what_stands_out_and_compute_without_it(county: County, he: Client) -> None:
    assay, material = an_assay(county, levels="1"), a_material(county)
    mean, _sd = TARGETS["1"]
    for day in range(21):
        at = ago(days=30 - day)
        value = Decimal("4.5") if day == 4 else mean + Decimal(day % 5) / 100
        from xinglin.labcontrol import actions
        from xinglin.labcontrol.data import GivenValue

        actions.record_run(
            instrument=assay.instrument, run_at=at, values=[GivenValue("k", "1", value)], by=county.lin, at=clock.now()
        )
    url = f"/control/assays/{assay.uuid}/targets/"

    page = text(he.get(f"{url}?material={material.uuid}"))
    odd = next(row.pk for row in actions.own_values(assay, material) if row.value > Decimal("4.4"))
    assert f'value="{odd}" checked' in page
    post(he, f"{url}compute/", material=material.uuid, left_out=[str(odd)])

    target = Target.objects.get(ended_at__isnull=True)
    assert (target.n_values, target.left_out) == (20, ["4.5"])


# External assessment -----------------------------------------------------------------------------------------------------
EQA = ("项目代码", "样本号", "本室结果", "靶值", "允许下限", "允许上限", "组内标准差")


def test_a_round_is_imported_scored_and_drawn(county: County, he: Client) -> None:
    scheme = a_scheme(county, at=clock.now())
    rows = [("glu", f"S{n}", 5.5 + n / 10, 5.5, 5.1, 5.9, 0.15) for n in range(5)]

    answer = post(
        he, f"/control/eqa/{scheme.uuid}/", number="1", assessed_on="2026-06-01", file=table(*rows, heading=EQA)
    )

    round_ = EqaRound.objects.get()
    assert answer.url == f"/control/eqa/rounds/{round_.uuid}/"
    page = text(he.get(answer.url))
    assert "100%" in page
    assert "<svg" in page
    assert "合格" in text(he.get(f"/control/eqa/{scheme.uuid}/"))


def test_a_round_with_a_bad_row_says_which(county: County, he: Client) -> None:
    scheme = a_scheme(county, at=clock.now())
    rows = [("glu", "S1", 5.5, 5.5, 5.1, 5.9, 0.15), ("hs-tnt", "S1", 9, 9, None, None, None)]

    answer = post(
        he, f"/control/eqa/{scheme.uuid}/", number="1", assessed_on="2026-06-01", file=table(*rows, heading=EQA)
    )

    assert answer.status_code == 422
    assert '<td class="num" data-head>3</td>' in text(answer)


def test_a_certificate_comes_back_as_it_was(county: County, he: Client) -> None:
    scheme = a_round(county).scheme
    url = f"/control/eqa/{scheme.uuid}/certificate/"
    assert he.get(f"{url}file").status_code == 404

    post(he, url, file=SimpleUploadedFile("证书.pdf", b"%PDF-1.7 certificate"))

    assert b"".join(he.get(f"{url}file")) == b"%PDF-1.7 certificate"  # type: ignore[arg-type]
