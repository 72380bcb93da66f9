"""Pinyin initials of units, for the search box."""

from functools import lru_cache

from pypinyin import Style, lazy_pinyin

MAX_LENGTH = 40


@lru_cache(maxsize=8192)
def initials_of(text: str) -> str:
    """First letters of the syllables, letters and digits as they are: ``东沟村卫生室`` → ``dgcwss``."""
    letters = "".join(lazy_pinyin(text, style=Style.FIRST_LETTER, errors=lambda other: other))
    return "".join(letter for letter in letters.lower() if letter.isascii() and letter.isalnum())[:MAX_LENGTH]
