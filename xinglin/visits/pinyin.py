"""Pinyin of clinical terms: initials, and whole syllables as people type them."""

import re
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

MAX_LENGTH = 60
MAX_TYPED = 30
#: Of a text that can be cut in more ways than this, the first are looked up.
MOST_WAYS = 24
_SYLLABLE = re.compile(
    r"(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|van|[ae]i|[aeiuv]n|[io]u|ao|er|i[ae]|u[aeio]|ve|[aoeiuv]))"
)


@lru_cache(maxsize=4096)
def initials_of(text: str) -> str:
    """First letters of the syllables, letters and digits as they are: ``2型糖尿病`` → ``2xtnb``."""
    return _plain(lazy_pinyin(text, style=Style.FIRST_LETTER, errors=lambda other: other))[:MAX_LENGTH]


@lru_cache(maxsize=4096)
def pinyin_of(text: str) -> str:
    """The syllables in one, letters and digits as they are: ``2型糖尿病`` → ``2xingtangniaobing``."""
    return _plain(lazy_pinyin(text, errors=lambda other: other))


def initials_typed(query: str) -> list[str]:
    """Initials of the syllables a text can be cut into, the last of which may be begun: ``gaoxuey`` → ``gxy``.

    A table that holds initials is narrowed by them; `pinyin_of` then tells which names are meant.
    """
    if not re.fullmatch(r"[a-z]+", query) or not 3 <= len(query) <= MAX_TYPED:
        return []
    ways: list[str] = []
    _cut(query, "", ways)
    return ways


def _cut(rest: str, found: str, ways: list[str]) -> None:
    if len(ways) >= MOST_WAYS:
        return
    if not rest:
        if found not in ways:
            ways.append(found)
        return
    for length in range(min(6, len(rest)), 0, -1):
        if _SYLLABLE.fullmatch(rest[:length]):
            _cut(rest[length:], found + rest[0], ways)
    if len(rest) < 6 and found and found + rest[0] not in ways:
        ways.append(found + rest[0])  # a syllable that is only begun


def _plain(parts: list[str]) -> str:
    return "".join(letter for letter in "".join(parts).lower() if letter.isascii() and letter.isalnum())
