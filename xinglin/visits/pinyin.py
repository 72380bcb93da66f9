"""Pinyin initials of clinical terms."""

from functools import lru_cache

from pypinyin import Style, lazy_pinyin

MAX_LENGTH = 60


@lru_cache(maxsize=4096)
def initials_of(text: str) -> str:
    """First letters of the syllables, letters and digits as they are: ``2型糖尿病`` → ``2xtnb``."""
    letters = "".join(lazy_pinyin(text, style=Style.FIRST_LETTER, errors=lambda other: other))
    return "".join(letter for letter in letters.lower() if letter.isascii() and letter.isalnum())[:MAX_LENGTH]
