"""Texts made from templates: no blank is left in them."""

import re

from django.utils.translation import gettext_lazy as _

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
