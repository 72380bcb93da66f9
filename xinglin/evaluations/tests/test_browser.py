"""A quarterly check in a real browser: opened, checked with proof, reviewed by another, appealed, told, paid to the fen."""

import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from docx import Document
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browsing import DESKTOP, PHONE, Pages, downloaded, fits, press, sending
from tests.factories.county import NOW, County
from tests.factories.evaluations import PDF, PERIOD, Assessment, frozen
from xinglin.evaluations import actions
from xinglin.evaluations.models import Distribution, Round
from xinglin.evaluations.states import FundStatus, RoundStatus
from xinglin.indicators.models import Snapshot, SnapshotFigure
from xinglin.platform import clock

pytestmark = pytest.mark.browser
ENGLISH = {"locale": "en-GB"}
NUMBER, OFFICE = "薛卫健〔2026〕31号", "薛城区医共体管理办公室"
#: One million yuan and one fen over two units.
AMOUNT = Decimal("1000000.01")


@pytest.fixture
def county(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> County:
    """A county the live server sees, too, on the day of its tests."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    made = County()
    assert made.mei
    assert made.tang
    return made


def opened(page: Page, name: str) -> None:
    """A dialog is opened by its button."""
    page.locator(f"[data-opens='{name}']").first.click()
    expect(page.locator(f"dialog#{name}")).to_be_visible()


def kept(page: Page, form: str) -> bytes:
    """A file from the menu of downloads."""
    if not page.locator("details[data-menu][open]").count():
        page.locator("details[data-menu] > summary", has=page.locator("text=/下载|Download/")).click()
    return downloaded(page, f"a[href*='.{form}']")


def text_of_pdf(content: bytes) -> str:
    return (
        "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace("\n", "").replace(" ", "")
    )


def text_of_word(content: bytes) -> str:
    file = Document(io.BytesIO(content))
    cells = [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in file.paragraphs), *cells])


def rows_of(content: bytes) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(content)).worksheets[0].values)


class Players:
    """Pages of the manager, the unit and the officer, and the round they play."""

    def __init__(self, county: County, open_page: Pages, device: dict[str, Any]) -> None:
        self.county = county
        county.user("ying", "township-doctor", county.other_township, name="周", subordinates=True)
        county.user("gao", "bureau-officer", county.bureau, name="高", everywhere=True)
        self.mei, self.tang, self.gao = (open_page(name, **device) for name in ("mei", "tang", "gao"))
        for page in (self.mei, self.tang, self.gao):
            page.set_default_timeout(15_000)

    def open_round(self) -> "Players":
        """The manager opens a round over frozen figures."""
        figures = frozen_with_contracts()
        self.mei.goto("/evaluations/")
        opened(self.mei, "open")
        self.mei.select_option("[name=plan]", "quarterly-check")
        self.mei.fill("[name=period]", PERIOD)
        self.mei.select_option("[name=figures]", str(figures.uuid))
        press(self.mei, sending("open"))
        expect(self.mei.locator("main")).to_contain_text("沙沟镇卫生院")
        self.others = Assessment.__new__(Assessment)  # the other unit plays through actions
        self.others.county, self.others.at, self.others.round = self.county, NOW, Round.objects.get()
        return self

    @property
    def sheet(self) -> str:
        """The unit's own sheet."""
        return f"/evaluations/sheets/{self.others.sheet(self.county.township).uuid}/"

    @property
    def round(self) -> str:
        """The page of the round."""
        return f"/evaluations/rounds/{self.others.round.uuid}/"

    def check(self) -> "Players":
        """The unit claims points line by line, gives its proof, and sends its check in."""
        self.tang.goto("/evaluations/own/")
        press(self.tang, "main a[href*='/evaluations/sheets/']")
        for code, claims in (("D1", ("4", "2.5", "3")), ("D2", ("5", "4"))):
            opened(self.tang, f"claim-{code}")
            for n, points in enumerate(claims):
                self.tang.fill(f"dialog#claim-{code} [name=claim_{n}]", points)
            press(self.tang, f"dialog#claim-{code} form[action$='/claim/'] .toolbar button")
        opened(self.tang, "claim-D1")
        file = {"name": "督导记录.pdf", "mimeType": "application/pdf", "buffer": PDF}
        self.tang.set_input_files("dialog#claim-D1 input[type=file]", file)
        press(self.tang, "dialog#claim-D1 form[action$='/evidence/'] .toolbar button")
        expect(self.tang.locator("#item-D1")).to_contain_text("督导记录.pdf")
        press(self.tang, sending("submit"))
        self.others.check(self.county.other_township, self.others.zhou, share=0.8)
        return self

    def review(self) -> "Players":
        """The manager reviews each open item of the unit, one below what it claimed, and tells the results."""
        self.mei.goto(self.round)
        press(self.mei, sending("begin-review"))
        self.mei.goto(self.sheet)
        for code, points, reason in (("D1", "8.5", "公示缺一个月"), ("D2", "9", "")):
            opened(self.mei, f"review-{code}")
            self.mei.fill(f"dialog#review-{code} [name=points]", points)
            self.mei.fill(f"dialog#review-{code} [name=reason]", reason)
            press(self.mei, f"dialog#review-{code} .toolbar button")
        press(self.mei, sending("finish"))
        self.others.review(self.county.other_township, self.county.mei)
        self.mei.goto(self.round)
        opened(self.mei, "tell")
        press(self.mei, "dialog#tell .toolbar button")
        return self

    def appeal(self) -> "Players":
        """The unit appeals against a figure; somebody who did not review it decides."""
        self.tang.goto(self.sheet)
        opened(self.tang, "appeal-A1")
        self.tang.fill("dialog#appeal-A1 [name=wanted]", "9")
        self.tang.fill("dialog#appeal-A1 [name=reason]", "十二项服务漏计")
        press(self.tang, "dialog#appeal-A1 .toolbar button")
        self.gao.goto("/evaluations/review/")
        press(self.gao, "a[href*='#item-A1']")
        opened(self.gao, "decide-A1")
        self.gao.fill("dialog#decide-A1 [name=answer]", "核对属实，补计")
        press(self.gao, "dialog#decide-A1 button[value=uphold]")
        self.tang.reload()
        press(self.tang, sending("confirm"))
        actions.confirm_sheet(sheet=self.others.sheet(self.county.other_township), by=self.others.zhou, at=NOW)
        return self

    def publish(self) -> "Players":
        """The manager publishes the ranking under the number of a document."""
        self.mei.goto(self.round)
        opened(self.mei, "publish")
        self.mei.fill("dialog#publish [name=document_number]", NUMBER)
        self.mei.fill("dialog#publish [name=issued_by]", OFFICE)
        press(self.mei, "dialog#publish .toolbar button")
        self.mei.goto(f"{self.round}ranking/")
        return self


def frozen_with_contracts() -> Snapshot:
    """Frozen figures, contracts included: money is shared by them."""
    figures = frozen()
    cells = {"370403101": {"v": 50.0, "n": 15_000, "d": 30_000}, "370403102": {"v": 50.0, "n": 9_000, "d": 18_000}}
    SnapshotFigure.objects.create(snapshot=figures, slug="p01-contract-coverage", level="township", cells=cells)
    return figures


@pytest.mark.parametrize("device", [DESKTOP, PHONE | ENGLISH], ids=["desktop-zh", "phone-en"])
def test_a_quarter_is_checked_reviewed_appealed_told_and_paid(
    county: County, open_page: Pages, device: dict[str, Any]
) -> None:
    players = Players(county, open_page, device).open_round().check().review().appeal().publish()
    mei, tang, gao = players.mei, players.tang, players.gao

    # the appeal counts: nine points of twelve in place of six
    assert players.others.item(county.township, "A1").points == 900
    expect(mei.locator("main")).to_contain_text(NUMBER)
    lines = mei.locator("main table tbody tr")
    expect(lines.nth(0)).to_contain_text("沙沟镇卫生院")
    expect(lines.nth(1)).to_contain_text("周营镇卫生院")
    points = f"{players.others.sheet(county.township).points / 100:.2f}"
    expect(lines.nth(0)).to_contain_text(points)

    word, pdf, sheet = (kept(mei, form) for form in ("docx", "pdf", "xlsx"))
    for wanted in (NUMBER, OFFICE, "沙沟镇卫生院", "周营镇卫生院", points):
        assert wanted in text_of_word(word)
        assert wanted in text_of_pdf(pdf)
    assert [row[:3] for row in rows_of(sheet) if str(row[0]) in "12"] == [
        ("1", "沙沟镇卫生院", float(points)), ("2", "周营镇卫生院", players.others.sheet(county.other_township).points / 100),
    ]  # fmt: skip

    # the unit reads its own paper, with who decided what
    tang.goto(players.sheet)
    own = text_of_word(kept(tang, "docx"))
    assert "核对属实，补计" in own
    assert "公示缺一个月" in own
    assert "周营镇卫生院" not in own

    # money: to the fen, by one and approved by another; each unit sees its own
    actions.close_round(of_round=players.others.now(), by=county.mei, at=NOW + timedelta(days=6))
    mei.goto("/evaluations/funds/")
    opened(mei, "draft")
    mei.select_option("dialog#draft [name=fund]", "public-health")
    mei.select_option("dialog#draft [name=round]", str(players.others.round.uuid))
    mei.fill("dialog#draft [name=amount]", str(AMOUNT))
    press(mei, "dialog#draft .toolbar button")
    press(mei, sending("submit"))
    fund = mei.url
    gao.goto(fund)
    press(gao, sending("approve"))
    mei.goto(fund)
    opened(mei, "publish")
    mei.fill("dialog#publish [name=document_number]", "薛财社〔2026〕12号")
    mei.fill("dialog#publish [name=issued_by]", "薛城区财政局")
    press(mei, "dialog#publish .toolbar button")
    assert Distribution.objects.get().status == FundStatus.PUBLISHED
    rows = rows_of(kept(mei, "xlsx"))
    shares = [
        Decimal(str(row[4])).quantize(Decimal("0.01")) for row in rows if row[1] in {"沙沟镇卫生院", "周营镇卫生院"}
    ]
    assert len(shares) == 2
    assert sum(shares) == AMOUNT
    assert "壹佰万元零壹分" in text_of_word(kept(mei, "docx"))
    assert "薛财社〔2026〕12号" in text_of_pdf(kept(mei, "pdf"))
    tang.goto(fund)
    expect(tang.locator("main")).to_contain_text("沙沟镇卫生院")
    expect(tang.locator("main")).not_to_contain_text("周营镇卫生院")
    assert players.others.now().status == RoundStatus.CLOSED
    connection.close()


@pytest.mark.parametrize(
    "device",
    [DESKTOP, DESKTOP | ENGLISH, PHONE, PHONE | ENGLISH],
    ids=["desktop-zh", "desktop-en", "phone-zh", "phone-en"],
)
def test_every_page_fits_and_is_in_one_language(county: County, open_page: Pages, device: dict[str, Any]) -> None:
    open_page("mei", "/evaluations/", **device)  # no round yet: the empty states
    made = Assessment(county).published()
    page = open_page("mei", **device)
    sheet = made.sheet(county.township).uuid

    for path, chinese, english in (
        ("", "考核", "Assessments"), ("plans/", "考核方案", "Assessment plans"), ("plans/quarterly-check/", "怎样评分", "How it is judged"),
        ("review/", "复核与申诉", "Reviews and appeals"), ("funds/", "资金分配", "Distribution of funds"),
        (f"rounds/{made.round.uuid}/", "得分分布", "How scores spread"), (f"rounds/{made.round.uuid}/ranking/", "占满分", "Share of the full mark"),
        (f"sheets/{sheet}/", "评分依据", "Basis of the score"),
    ):  # fmt: skip
        page.goto(f"/evaluations/{path}")
        assert fits(page), path
        expect(page.locator("main")).to_contain_text(english if "locale" in device else chinese)
        heading = page.locator("main h1").inner_text()
        if "locale" in device and not path.startswith("sheets/"):
            assert not any("\u4e00" <= each <= "\u9fff" for each in heading.replace(NUMBER, "")), heading
    connection.close()
