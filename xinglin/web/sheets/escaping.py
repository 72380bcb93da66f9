"""Cells that a spreadsheet would run as a formula are written with an apostrophe before them, and read back without it.

Escaping is one to one: a text that itself begins with apostrophes before such a character gets one more.
"""

DANGEROUS = frozenset("=+-@\t\r＝＋－＠")


def escape(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    first = text.lstrip("'")[:1]
    return f"'{text}" if first and first in DANGEROUS else text


def unescape(text: str) -> str:
    """The text that was escaped; any other text as it is."""
    return text[1:] if text.startswith("'") and text.lstrip("'")[:1] in DANGEROUS else text
