"""Texts made from templates: no blank is left in them."""

import re
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import catalogue
from xinglin.platform import clock
from xinglin.platform.errors import InvalidInput
from xinglin.platform.texts import clean

__all__ = ["clean", "require_filled"]

#: A place of a template that the reader has yet to fill.
BLANK = re.compile(r"_{2,}|＿+")


def require_filled(**texts: str) -> None:
    """Refuse texts in which a blank of a template is left. :raises InvalidInput: code ``unfilled-blanks``"""
    fields = {name: _not_filled(text, found) for name, text in texts.items() if (found := BLANK.search(text))}
    if fields:
        raise InvalidInput(_("模板中还有空白没有填写，不能签发。"), fields=fields, code="unfilled-blanks")


def _not_filled(text: str, blank: re.Match[str]) -> str:
    around = text[max(0, blank.start() - 8) : blank.end() + 6].replace("\n", " ").strip()
    return _("“%(around)s”处还有空白，请填写或删去。") % {"around": around}


def reasoned(kind: str, reason: str, remark: str, *, at: datetime) -> str:
    """The remark to a reason why an examination of a kind is sent back or its specimen refused, trimmed.

    :raises InvalidInput: the kind has no such reason (``definitions/reject-reasons``), or it wants a remark
    """
    chosen = {each.code: each for each in catalogue.reject_reasons(kind, on=clock.today(at))}.get(reason)
    if chosen is None:
        raise InvalidInput(_("请选择退回原因。"), fields={"reason": _("请选择退回原因。")})
    return clean(remark, "remark", most=500, least=2 if chosen.needs_remark else 0)
