"""Texts and figures as people send them: trimmed, bounded, without what the database cannot keep."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import InvalidInput

#: Beyond this no measured value of a laboratory lies.
MOST_FIGURE = Decimal(10) ** 8
PLACES = Decimal("0.00001")


def clean(text: str, field: str, *, most: int, least: int = 0) -> str:
    """The text without space around it. :raises InvalidInput: too short, too long, or with a NUL character"""
    trimmed = text.replace("\r\n", "\n").strip()
    if "\x00" in trimmed:
        raise wrong(field, _("含有不能保存的字符。"))
    if len(trimmed) < least:
        raise wrong(field, _("请填写。"))
    if len(trimmed) > most:
        raise wrong(field, _("最多 %(most)d 个字。") % {"most": most})
    return trimmed


def figure(value: Decimal, field: str, *, above: Decimal | None = None) -> Decimal:
    """A figure with at most five decimals. :raises InvalidInput: none, too large, too fine, or not above `above`"""
    if not value.is_finite() or abs(value) >= MOST_FIGURE:
        raise wrong(field, _("请填数字。"))
    if value != value.quantize(PLACES):
        raise wrong(field, _("最多五位小数。"))
    if above is not None and value <= above:
        raise wrong(field, _("应大于%(n)s。") % {"n": above})
    return value


def wrong(field: str, reason: object) -> InvalidInput:
    """The refusal of one field."""
    return InvalidInput(_("有内容需要改正。"), fields={field: reason})
