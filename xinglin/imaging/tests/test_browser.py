"""The viewer in a real browser: a CT of the pydicom wheel is drawn, and nothing leaves the origin."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browsing import Pages
from tests.factories.archive import Archive
from tests.factories.county import County
from tests.factories.imaging import an_imaging_request, images_of
from xinglin.imaging import jobs
from xinglin.imaging.models import Instance
from xinglin.platform import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser_arguments() -> tuple[str, ...]:
    """Graphics without a card."""
    return ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")


GREYS = """() => {
  const canvas = document.querySelector('canvas.cornerstone-canvas');
  if (!canvas || !canvas.width) return 0;
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const context = copy.getContext('2d');
  context.drawImage(canvas, 0, 0);
  return new Set(context.getImageData(0, 0, copy.width, copy.height).data.filter((_, i) => i % 4 === 0)).size;
}"""


def wait_until_drawn(page: Any, seconds: int = 120) -> None:
    """Until the picture has many greys; the page's policy forbids the library's own way of waiting."""
    for _ in range(seconds * 2):
        if page.evaluate(GREYS) > 30:
            return
        page.wait_for_timeout(500)
    raise AssertionError("nothing was drawn")


def test_a_ct_is_drawn_and_no_request_leaves_the_origin(county: County, open_page: Pages, live_server: Any):
    study = images_of(county, an_imaging_request(county, at=clock.now()), at=clock.now())
    page = open_page("bo")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"/viewer/viewer?StudyInstanceUIDs={study.study_uid}")
    wait_until_drawn(page)

    outside = [
        url
        for url in asked
        if urlsplit(url).scheme in {"http", "https", "ws", "wss"} and not url.startswith(live_server.url)
    ]
    assert outside == []
    assert any("/frames/1" in url for url in asked)


def test_a_study_that_lies_only_in_the_outside_archive_is_drawn(
    county: County, open_page: Pages, live_server: Any, settings: Any
):
    study = images_of(county, an_imaging_request(county, at=clock.now()), at=clock.now())
    there = Archive()
    settings.DICOMWEB_ARCHIVE, settings.DICOMWEB_KEEP_DAYS = there.address, 0
    jobs.archive_waiting()
    assert Instance.objects.filter(series__study=study, removed_at__isnull=False).count() == study.n_instances
    page = open_page("bo")

    try:
        page.goto(f"/viewer/viewer?StudyInstanceUIDs={study.study_uid}")
        wait_until_drawn(page)
    finally:
        there.close()
    assert there.n_shown >= study.n_instances
