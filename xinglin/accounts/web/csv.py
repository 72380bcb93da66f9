"""CSV that a spreadsheet opens without running anything."""

import csv
from collections.abc import Iterable, Iterator, Sequence

#: A cell that begins so may be taken for a formula; full-width forms are turned into these by some programs.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _Line:
    """A file that gives each line back."""

    def write(self, text: str) -> str:
        return text


def safe_cell(value: object) -> str:
    """The text of a cell; a dangerous beginning gets an apostrophe before it, and so does an apostrophe before one."""
    text = "" if value is None else str(value)
    return "'" + text if text.lstrip("'").startswith(_DANGEROUS) else text


def original_cell(text: str) -> str:
    """What `safe_cell` was given."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_DANGEROUS) else text


def lines(head: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """A CSV file in UTF-8 with the mark that spreadsheets need, line by line."""
    writer = csv.writer(_Line())
    yield b"\xef\xbb\xbf"
    yield writer.writerow([safe_cell(cell) for cell in head]).encode()
    for row in rows:
        yield writer.writerow([safe_cell(cell) for cell in row]).encode()
