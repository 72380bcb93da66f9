"""Texts as people send them: trimmed, bounded, without characters the database cannot keep."""

from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import InvalidInput


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
