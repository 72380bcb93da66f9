"""Small cells: nobody is to be recognised in a figure of a few people.

A count of people between 1 and 4, or anything over a base of fewer than 5, is left out for whoever may not see the people
themselves. Where exactly one cell of a table was left out, the total would give it away: the smallest of the others goes with it.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from django.utils.translation import gettext as _

LEAST = 5
QUARTER = 3  # months
KeyT = TypeVar("KeyT", bound=Hashable)


def is_small(count: float | None, base: float | None = None) -> bool:
    """Whether a cell tells of a few people only; none at all is no secret unless the base is small. Unknown is not small."""
    if base is not None and base < LEAST:
        return True
    return count is not None and 0 < count < LEAST


def hidden(small: Mapping[KeyT, bool], sizes: Mapping[KeyT, float]) -> set[KeyT]:
    """Keys of the cells to leave out: the small ones, and of the others (with `sizes`) the smallest where only one is small."""
    gone = {key for key, is_one in small.items() if is_one}
    others = [key for key in sizes if key not in gone]
    if len(gone) == 1 and others:
        gone.add(min(others, key=lambda key: (sizes[key], str(key))))
    return gone


def together(sizes: Mapping[KeyT, float]) -> frozenset[KeyT]:
    """Keys of the parts of a told sum that are told as one sum only: the small ones, and as many of the next larger ones as
    keep each of them unknown. Every part left out may hold somebody, so the sum less one for each other part is still 5.
    Parts that hold nobody go along only where nothing else is left.
    """
    gone = [key for key, size in sizes.items() if is_small(size)]
    if not gone:
        return frozenset()
    others = (key for key in sizes if not is_small(sizes[key]))
    for key in sorted(others, key=lambda key: (not sizes[key], sizes[key], str(key))):
        if is_unknown([sizes[each] for each in gone]):
            break
        gone.append(key)
    return frozenset(gone)


def is_unknown(sizes: Sequence[float]) -> bool:
    """Whether none of several parts can be told from their sum, even by who knows that there is somebody in each other part."""
    known = 0 if 0 in sizes else len(sizes) - 1
    return len(sizes) > 1 and sum(sizes) - known >= LEAST


def shown_count(count: int) -> str:
    """A count in words for who may not see the people: a small one only as being small."""
    return _("不足%(least)d") % {"least": LEAST} if is_small(count) else f"{count:,}"
