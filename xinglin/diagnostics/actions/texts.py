"""Texts as people send them: trimmed, bounded, without characters the database cannot keep."""

import re

from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import InvalidInput

#: A place of a template that the reader has yet to fill.
BLANK = re.compile(r"_{2,}|＿+")


def clean(text: str, field: str, *, most: int, least: int = 0) -> str:
    """The text without space around it. :raises InvalidInput: too short, too long, or with a NUL character"""
    trimmed = text.replace("\r\n", "\n").strip()
    if "\x00" in trimmed:
        raise InvalidInput(_("含有不能保存的字符。"), fields={field: _("含有不能保存的字符。")})
    if len(trimmed) < least:
        reason = _("请填写。") if least == 1 else _("至少 %(least)d 个字。") % {"least": least}
        raise InvalidInput(_("有内容没有填写完整。"), fields={field: reason})
    if len(trimmed) > most:
        reason = _("最多 %(most)d 个字。") % {"most": most}
        raise InvalidInput(_("内容太长。"), fields={field: reason})
    return trimmed


def require_filled(**texts: str) -> None:
    """Refuse texts in which a blank of a template is left. :raises InvalidInput: code ``unfilled-blanks``"""
    fields = {name: _not_filled(text, found) for name, text in texts.items() if (found := BLANK.search(text))}
    if fields:
        raise InvalidInput(_("模板中还有空白没有填写，不能签发。"), fields=fields, code="unfilled-blanks")


def _not_filled(text: str, blank: re.Match[str]) -> str:
    around = text[max(0, blank.start() - 8) : blank.end() + 6].replace("\n", " ").strip()
    return _("“%(around)s”处还有空白，请填写或删去。") % {"around": around}
