"""The pages and the interface of the workshop, as its people use them; and what two do at one moment."""

import threading
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from tests.factories.accounts import sign_in
from tests.factories.county import NOW, County
from tests.factories.programmes import an_enrolment, shipped
from xinglin.platform import clock
from xinglin.platform.errors import DomainError
from xinglin.programmes import actions
from xinglin.programmes.models import Edition, Enrolment
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.checking import check_text
from xinglin.programmes.states import EditionStatus

FRAME = (settings.DEFINITIONS_DIR.parent / "docs" / "how-to" / "programme-frame.toml").read_text()
FAULTY = FRAME.replace("at_least = 160", "at_least = 155", 1)


@pytest.fixture
def sun(client: Client, county: County) -> Client:
    return sign_in(client, county.users[county.sun and "sun"])


def ren(county: County) -> Any:
    return county.actor(county.user("ren", "specialist", county.hospital, name="任"), at=clock.now())


@pytest.mark.django_db
def test_a_text_with_faults_comes_back_with_their_lines(county: County, sun: Client) -> None:
    answer = sun.post(reverse("programmes:edition-new"), {"text": FAULTY, "op": "keep"})

    shown = answer.content.decode()
    faults = check_text(FAULTY).faults
    assert answer.status_code == 422
    assert faults
    assert escape(faults[0].message) in shown
    assert Edition.objects.count() == 0
    assert "at_least = 155" in shown


@pytest.mark.django_db
def test_a_good_text_is_previewed_and_kept(county: County, sun: Client) -> None:
    looked = sun.post(reverse("programmes:edition-new"), {"text": FRAME, "op": "check"})
    kept = sun.post(reverse("programmes:edition-new"), {"text": FRAME, "op": "keep"})

    shown = looked.content.decode()
    assert looked.status_code == 200
    for part in ("已诊断示例病", "纳入条件", "一年的日期", "全部算对"):
        assert part in shown
    assert kept.status_code == 302
    page = sun.get(kept["Location"]).content.decode()
    assert "示例病种管理" in page
    assert reverse("programmes:edition-step", args=[Edition.objects.get().uuid, "submit"]) in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"slug = [[[[" * 50, b"[" * 20_000, b"x = 1\x00", b"slug = 1", b"", b"a = " + b"[" * 9_000 + b"]" * 9_000]
)  # fmt: skip
def test_what_is_no_definition_is_refused_in_words(county: County, sun: Client, content: bytes) -> None:
    file = SimpleUploadedFile("x.toml", content)

    answer = sun.post(reverse("programmes:edition-new"), {"file": file, "text": "", "op": "keep"})

    assert answer.status_code == 422
    assert Edition.objects.count() == 0


@pytest.mark.django_db
def test_the_way_of_a_definition_over_the_pages(county: County, sun: Client, client: Client) -> None:
    sun.post(reverse("programmes:edition-new"), {"text": FRAME, "op": "keep"})
    row = Edition.objects.get()

    def step(who: Client, verb: str, **said: str) -> int:
        return who.post(
            reverse("programmes:edition-step", args=[row.uuid, verb]), {"checksum": row.checksum, **said}
        ).status_code

    assert step(sun, "submit") == 302
    assert step(sun, "approve") == 403
    other = sign_in(Client(), county.users[ren(county) and "ren"])
    assert step(other, "return") == 422
    assert step(other, "approve") == 302
    assert step(sun, "date", valid_from="2020-01-01") == 422
    assert step(sun, "date", valid_from=clock.today().isoformat()) == 302
    assert Edition.objects.get().status == EditionStatus.DATED
    assert "生效" in sun.get(reverse("programmes:edition", args=[row.uuid])).content.decode()


@pytest.mark.django_db
def test_who_neither_writes_nor_reviews_finds_nothing(county: County, client: Client) -> None:
    edition = actions.keep_edition(text=FRAME, by=county.sun, at=NOW)
    alma = sign_in(client, county.users[county.alma and "alma"])

    assert alma.get(reverse("programmes:workshop")).status_code == 403
    assert alma.get(reverse("programmes:edition-new")).status_code == 403
    assert alma.get(reverse("programmes:edition", args=[edition.uuid])).status_code == 404


@pytest.mark.django_db
def test_the_page_of_versions_counts_and_moves(county: County, client: Client) -> None:
    several = [an_enrolment(county, at=clock.now(), name=f"韩{n}") for n in "甲乙"]
    text = (settings.DEFINITIONS_DIR / "programmes" / "hypertension.toml").read_text()
    now = clock.now()
    sun, other = county.actor(county.user("sun", "specialist", county.hospital), at=now), ren(county)
    edition = actions.keep_edition(text=text, by=sun, at=now)
    actions.submit_edition(edition=edition, checksum=edition.checksum, by=sun, at=now)
    actions.approve_edition(edition=edition, checksum=edition.checksum, by=other, at=now)
    actions.date_edition(edition=edition, checksum=edition.checksum, valid_from=clock.today(now), by=sun, at=now)
    alma, address = sign_in(client, county.users["alma"]), reverse("programmes:versions")

    shown = alma.get(address + "?programme=hypertension").content.decode()
    assert edition.version in shown
    assert 'name="counted" value="2"' in shown
    said = {"programme": "hypertension", "version": edition.version, "facility": str(county.clinic.uuid)}
    assert alma.post(address, {**said, "counted": "3"}).status_code == 409
    assert alma.post(address, {**said, "counted": "2"}).status_code == 302

    assert set(Enrolment.objects.values_list("version", flat=True)) == {edition.version}
    assert "2 / 2" in alma.get(address + "?programme=hypertension").content.decode()
    assert len(several) == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_one_moment_one_decides(county: County) -> None:
    edition = actions.keep_edition(text=FRAME, by=county.sun, at=NOW)
    actions.submit_edition(edition=edition, checksum=edition.checksum, by=county.sun, at=NOW)
    outcomes, start = [], threading.Barrier(2)
    said: dict[str, Any] = {"edition": edition, "checksum": edition.checksum, "at": NOW}
    wu = county.actor(county.user("wu", "specialist", county.hospital, name="吴"))
    other = ren(county)
    reviewers = [
        lambda: actions.approve_edition(by=other, **said),
        lambda: actions.return_edition(by=wu, reason="来源不全", **said),
    ]

    def review(decide: Any) -> None:
        start.wait()
        try:
            decide()
            outcomes.append("decided")
        except DomainError:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=review, args=(each,)) for each in reviewers]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(outcomes) == ["decided", "told"]
    assert Edition.objects.get().status_changes.count() == 3


@pytest.mark.django_db
def test_a_check_says_the_line_what_stands_there_and_what_was_perhaps_meant(county: County, sun: Client) -> None:
    text = shipped("copd").replace('field = "cat_score"', 'field = "cat_scor"', 1)
    said = unescape(sun.post(reverse("programmes:edition-new"), {"op": "check", "text": text}).content.decode())
    assert "是不是“cat_score”（CAT总分）？" in said
    assert 'muted">[[grades]] slug = "low"</p>' in said
    assert "可以用的条目和代码" in said


@pytest.mark.django_db
def test_nothing_to_check_is_said(county: County, sun: Client) -> None:
    said = sun.post(reverse("programmes:edition-new"), {"op": "check", "text": "  "}).content.decode()
    assert "请粘贴方案文本，或选择文件。" in said


@pytest.mark.django_db
def test_every_item_that_can_be_asked_is_listed_with_its_code(county: County, sun: Client) -> None:
    said = sun.get(reverse("programmes:edition-new"), headers={"Accept-Language": "en"}).content.decode()
    assert all(f">{code}<" in said for code in catalogue.items())
    assert "Computed from other items" in said


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ('slug = "middle"', 'slug = "middle"\nrisk_x = 1', "risk_x = 1"),
        ('level = "adjust"', 'level = "adjusted"', 'level = "adjusted"'),
        ("share = 0.05", "share = 5.0", "share = 5.0"),
        ("next_review = 2027-06-30", "next_review = 2020-06-30", "next_review = 2020-06-30"),
    ],
)  # fmt: skip
def test_a_fault_names_the_line_where_it_stands(before: str, after: str, found: str) -> None:
    text = FRAME.replace(before, after, 1)
    assert text != FRAME
    line = 1 + next(n for n, each in enumerate(text.splitlines()) if found in each)

    assert line in {each.line for each in check_text(text).faults}


@pytest.mark.django_db
def test_an_english_reader_reads_the_sources_in_english(county: County, sun: Client) -> None:
    given = {"op": "check", "text": shipped("hypertension")}
    said = unescape(
        sun.post(reverse("programmes:edition-new"), given, headers={"Accept-Language": "en"}).content.decode()
    )
    preview = said.split("Preview")[1]
    assert "third edition, hypertension (second-hand" in preview
    assert "国家基本公共卫生服务规范" not in preview
