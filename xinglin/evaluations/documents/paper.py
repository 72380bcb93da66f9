"""What a paper says, whatever its form."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Cells are texts, or numbers that stand to the right with two decimals; None is an empty cell. `widths` are
    shares of the width; the last row is in bold with `is_summed`.
    """

    headings: Sequence[str]
    widths: Sequence[int]
    rows: Sequence[Sequence[str | Decimal | int | None]]
    caption: str = ""
    is_summed: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper: who issues it (`office`, on top in red if `is_issued`), number, title, whom it is for, text, tables, place
    for signatures, date.
    """

    name: str
    title: str
    office: str = ""
    number: str = ""
    to: str = ""
    text: Sequence[str] = ()
    tables: Sequence[Table] = ()
    after: Sequence[str] = ()
    signing: Sequence[str] = ()
    date: str = ""
    is_issued: bool = False
    is_wide: bool = False
    remarks: Sequence[str] = field(default_factory=tuple)


def signed(words: str) -> str:
    """A place for a signature: its words with the colon after which it stands."""
    return words if "：" in words else f"{words}："
