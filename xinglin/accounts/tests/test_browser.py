"""The list of accounts on a telephone."""

import pytest

from tests.browsing import PHONE, Pages, fits
from tests.factories.accounts import an_administrator
from xinglin.accounts.models import User
from xinglin.platform import clock

pytestmark = pytest.mark.browser

#: The room of a cell's label, and what its words need.
ROOM = """(cell) => {
  cell.dataset.label = "Denominator";
  const style = getComputedStyle(cell, "::before"), pen = document.createElement("canvas").getContext("2d");
  pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  return [parseFloat(style.width), pen.measureText("Denominator").width];
}"""


def test_filters_fill_the_line_and_a_long_english_label_stays_in_its_column(open_page: Pages) -> None:
    an_administrator("system", at=clock.now())

    page = open_page(User.objects.get(username="system"), "/administration/users/", **(PHONE | {"locale": "en-US"}))
    field = page.locator(".filter-bar .field", has=page.locator(".combobox")).bounding_box() or {}
    room, needed = page.locator("td[data-label]").first.evaluate(ROOM)

    assert field["width"] > 280
    assert room >= needed
    assert fits(page), page.url
