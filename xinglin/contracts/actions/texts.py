"""Texts given to actions: trimmed, bounded, without characters nobody sees."""

import unicodedata

from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import InvalidInput, wrong


def line(field: str, value: str, most: int, *, required: bool = False) -> str:
    """A text on one line. :raises InvalidInput: too long, missing, or with control characters"""
    text = " ".join(value.split())
    if len(text) > most or any(unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs"} for char in text):
        message = _("最多%(most)d个字，不含控制字符。") % {"most": most}
        raise InvalidInput(message, fields={field: message})
    if required and not text:
        raise wrong(field, _("必填。"))
    return text
