"""Marks of definitions are words of the reader's language; a refused shape is said in it, too."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import override

from tests.factories.accounts import a_token
from xinglin.platform import clock, definitions
from xinglin.web.formats import listed_text, parted_text
from xinglin.web.marks import KINDS, mark_named, source_said
from xinglin.web.templatetags.xinglin import bracketed


def test_a_mark_is_said_with_its_places_in_the_readers_language() -> None:
    with override("zh-hans"):
        assert mark_named("local: Weihai, Rongcheng") == "本地 · 威海, 荣成"
        assert mark_named("national, second-hand") == "国家文件（转引）"
    with override("en"):
        assert mark_named("local: Xuecheng") == "local · Xuecheng"
        assert mark_named("local: 某镇") == "local · 某镇"  # a county's own place is said as it is written


def test_there_are_words_for_every_mark_a_definition_may_have() -> None:
    assert set(KINDS) == definitions.MARKS


#: Topics whose sources are shown to readers of pages.
TOPICS = ("programmes", "programme-*", "service-packages", "contract-*", "followup-*", "institution-packages")
SOURCE = re.compile(r'\bsource = "([^"]*)"')


@pytest.mark.parametrize("topic", TOPICS)
def test_every_source_of_care_and_contracts_has_its_english(topic: str) -> None:
    found = {
        each for path in settings.DEFINITIONS_DIR.glob(f"{topic}/*.toml") for each in SOURCE.findall(path.read_text())
    }
    assert found
    with override("en"):
        assert {each for each in found if re.search("[\u4e00-\u9fff]", source_said(each))} == set()
    with override("zh-hans"):
        assert {source_said(each) for each in found} == found


def test_a_source_that_nobody_translated_is_said_as_it_is_written() -> None:
    with override("en"):
        assert source_said("某县专业组讨论") == "某县专业组讨论"


def test_what_has_not_the_right_shape_is_refused_in_the_language_asked_for(county) -> None:
    assert county.alma
    token = a_token(county.users["alma"], "programme:do", at=clock.now()).secret
    given = {"data": {}, "content_type": "application/json", "headers": {"Authorization": f"Bearer {token}"}}

    said = [
        Client().post("/api/v1/enrolments", **{**given, "headers": {**given["headers"], "Accept-Language": each}}).json()["message"]
        for each in ("en", "zh-hans")
    ]  # fmt: skip

    assert said == ["The input is not as required.", "输入不符合要求。"]


def test_lists_are_joined_as_the_reader_writes_them() -> None:
    with override("zh-hans"):
        assert (listed_text(["钾", "钠"]), parted_text(["钾、钠", "氯"])) == ("钾、钠", "钾、钠；氯")
    with override("en"):
        assert (listed_text(["K", "Na"]), parted_text(["K, Na", "Cl"])) == ("K, Na", "K, Na; Cl")


def test_what_stands_behind_in_brackets_has_those_of_the_reader() -> None:
    with override("zh-hans"):
        assert bracketed("9.00") == "（9.00）"
    with override("en"):
        assert (bracketed("9.00"), bracketed("")) == (" (9.00)", "")


def test_no_page_joins_with_a_mark_of_one_language() -> None:
    """Lists of pages are joined by the filters ``listed`` and ``parted``; records, written in one language, by themselves."""
    pages = [
        path for path in (settings.BASE_DIR / "xinglin").glob("*/templates/**/*.html")
        if re.search(r'join:"[、；，]"|forloop.last %\}[、；，]\{%', path.read_text())
    ]  # fmt: skip
    assert {path.parent.name for path in pages} <= {"indicators"}
