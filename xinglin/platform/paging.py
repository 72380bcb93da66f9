"""Keyset paging: a page says where it ended, the next begins there. No totals, no offsets."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import InvalidInput, wrong

RowT = TypeVar("RowT")
ModelT = TypeVar("ModelT", bound=Model)
PAGE_SIZE = 20


@dataclass(frozen=True)
class Page(Generic[RowT]):
    """Rows of one page; `next_cursor` is empty on the last page, `is_first` on the first."""

    rows: Sequence[RowT]
    next_cursor: str = ""
    is_first: bool = True


def page_of(queryset: QuerySet[ModelT], *, by: Sequence[str], cursor: str = "", size: int = PAGE_SIZE) -> Page[ModelT]:
    """The page of `queryset` after `cursor`, ordered by the fields `by` (prefix ``-`` for descending).

    The last field must be unique. All fields must be plain columns that are not null.

    :raises InvalidInput: the cursor is not one of ours
    """
    ordered = queryset.order_by(*by)
    if cursor:
        try:
            ordered = ordered.filter(_after(by, decode_cursor(cursor, len(by))))
        except (ValidationError, ValueError, TypeError) as error:  # a moment that is none, a text for a number
            raise _invalid() from error
    rows = list(ordered[: size + 1])
    following = encode_cursor([_plain(rows[size - 1], field) for field in by]) if len(rows) > size else ""
    return Page(rows[:size], following, is_first=not cursor)


def part_of(rows: Sequence[RowT], *, key: Callable[[RowT], str], cursor: str = "", size: int = PAGE_SIZE) -> Page[RowT]:
    """The page after `cursor` of rows that are at hand, in their order; `key` tells them apart.

    :raises InvalidInput: the cursor is not one of ours, or no row has its key any more
    """
    start = 0
    if cursor:
        [last] = decode_cursor(cursor, 1)
        start = next((n for n, row in enumerate(rows, 1) if key(row) == last), 0)
        if not start:
            raise _invalid()
    shown = rows[start : start + size]
    return Page(shown, encode_cursor([key(shown[-1])]) if start + size < len(rows) else "", is_first=not cursor)


def _invalid() -> InvalidInput:
    return wrong("cursor", _("翻页位置无效，请从第一页重新开始。"))


def _after(by: Sequence[str], values: Sequence[Any]) -> Q:
    """(a, b) after (x, y) means: a after x, or a equal to x and b after y."""
    condition = Q()
    for depth in range(len(by)):
        step = Q()
        for field, value in zip(by[:depth], values[:depth], strict=True):
            step &= Q(**{field.lstrip("-"): value})
        field, value = by[depth], values[depth]
        step &= Q(**{f"{field.lstrip('-')}__{'lt' if field.startswith('-') else 'gt'}": value})
        condition |= step
    return condition


def _plain(row: Model, field: str) -> Any:
    value: Any = row
    for part in field.lstrip("-").split("__"):
        value = getattr(value, part)
    return value.isoformat() if hasattr(value, "isoformat") else value


def encode_cursor(values: Sequence[Any]) -> str:
    """Values as an opaque text for an address."""
    return base64.urlsafe_b64encode(json.dumps(list(values), ensure_ascii=False).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, length: int) -> list[Any]:
    """The values of a cursor. :raises InvalidInput: it is not one of ours"""
    try:
        values: Any = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:
        raise _invalid() from error
    plain = isinstance(values, list) and all(isinstance(value, str | int | float) for value in values)
    if not plain or len(values) != length or any("\x00" in value for value in values if isinstance(value, str)):
        raise _invalid()
    return list(values)
