"""Names: what is a name, and how it is found."""

import pytest

from xinglin.platform.errors import InvalidInput
from xinglin.residents import names


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("王小麦", "王小麦"),
        ("  王 小麦 ", "王小麦"),
        ("阿布都热合曼•买买提", "阿布都热合曼·买买提"),
        ("阿布都热合曼・买买提", "阿布都热合曼·买买提"),
        ("阿布都热合曼‧买买提", "阿布都热合曼·买买提"),
        ("阿布都热合曼 · 买买提", "阿布都热合曼·买买提"),
        ("ＪＯＨＮ　ＳＭＩＴＨ", "JOHN SMITH"),
        ("Mary-Ann O’Neill", "Mary-Ann O'Neill"),
        ("José García", "José García"),
        ("𠮷田", "𠮷田"),
        ("王" * 40, "王" * 40),
    ],
)
def test_a_name_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert names.normalise(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "王" * 41,
        "<b>王</b>",
        "王😀",
        "王\u202e小",
        "王\u200b小",
        "王\x00小",
        "王\ue000",
        "王小麦1",
        "·王",
        "王·",
        "-王",
        "=cmd|' /C calc'!A0",
        "王;DROP TABLE",
    ],
)
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        names.normalise(typed)

    assert "name" in refusal.value.fields


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("王小麦", "wangxiaomai", "wxm"),
        ("单雄信", "shanxiongxin", "sxx"),
        ("曾国强", "zengguoqiang", "zgq"),
        ("仇英", "qiuying", "qy"),
        ("解晓东", "xiexiaodong", "xxd"),
        ("区志航", "ouzhihang", "ozh"),
        ("查良镛", "zhaliangyong", "zly"),
        ("任长霞", "renchangxia", "rcx"),
        ("盖明远", "gemingyuan", "gmy"),
        ("万俟明", "moqiming", "mqm"),
        ("尉迟敬德", "yuchijingde", "ycjd"),
        ("令狐冲", "linghuchong", "lhc"),
        ("单于敏", "chanyumin", "cym"),
        ("长孙无忌", "zhangsunwuji", "zswj"),
        ("吕布", "lvbu", "lb"),
        ("欧阳娜娜", "ouyangnana", "oynn"),
        ("阿布都热合曼·买买提", "abudourehemanmaimaiti", "abdrhmmmt"),
        ("John Smith", "johnsmith", "js"),
        ("José García", "josegarcia", "jg"),
    ],
)
def test_pinyin_and_initials(name: str, pinyin: str, initials: str) -> None:
    assert (names.pinyin(name), names.initials(name)) == (pinyin, initials)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("王小麦", "王小麦", True),
        ("王小麦", "王晓麦", True),
        ("张伟", "章伟", True),
        ("王小麦", "王小", True),
        ("王小麦", "李大米", False),
        ("王芳", "李芳", False),
        ("王芳", "王强", False),
    ],
)
def test_similar_names(one: str, other: str, expected: bool) -> None:
    assert names.similar(one, other) is expected


@pytest.mark.parametrize(
    ("name", "shown"), [("王麦", "王*"), ("王小麦", "王*麦"), ("欧阳娜娜", "欧**娜"), ("王", "王*")]
)
def test_a_masked_name_keeps_its_ends(name: str, shown: str) -> None:
    assert names.masked(name) == shown
