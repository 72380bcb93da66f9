"""Whether somebody who heard a critical value said it back, and not only that he heard. Pure: no database."""

import re
from collections.abc import Iterable

#: Words that say nothing of this person's finding.
_EMPTY_WORDS = re.compile(
    r"危急值|立即|处理|启动|心电图|改变|考虑|可能|提示|建议|结合|临床|诊断|报告|通知|确认|收到|知道|注意|患者|居民|检查"
)
_EMPTY_TERMS = frozenset(
    [
        "of",
        "or",
        "in",
        "to",
        "at",
        "by",
        "be",
        "an",
        "is",
        "it",
        "on",
        "no",
        "and",
        "the",
        "per",
        "for",
        "with",
        "more",
        "first",
        "signs",
        "ecg",
        "now",
        "act",
        "ok",
    ]
)
_CHINESE = re.compile(r"[㐀-鿿]{2,}")
_TERM = re.compile(r"[a-z]+\d*|\d+(?:\.\d+)?")


def repeats(said: str, *, name: str, pinyin: str = "", texts: Iterable[str]) -> bool:
    """Whether `said` names the person, or has two characters in a row, a lead or a number of one of `texts`."""
    plain = re.sub(r"\s", "", said).lower()
    if any(word and word in plain for word in (re.sub(r"\s", "", name).lower(), pinyin)):
        return True
    return any(_pairs(said) & _pairs(text) or _terms(said) & _terms(text) for text in texts)


def _pairs(text: str) -> set[str]:
    runs = _CHINESE.findall(_EMPTY_WORDS.sub(" ", text))
    return {run[at : at + 2] for run in runs for at in range(len(run) - 1)}


def _terms(text: str) -> set[str]:
    return {term for term in _TERM.findall(text.lower()) if len(term) > 1} - _EMPTY_TERMS
