"""Texts people write."""

from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import InvalidInput

MAX_TEXT = 2000


def text(field: str, value: str, most: int = MAX_TEXT) -> str:
    """A text without blanks around it. :raises InvalidInput: too long, or with characters that cannot be kept"""
    value = value.strip()
    if len(value) > most or "\x00" in value:
        raise InvalidInput(
            _("填写的内容太长或含有无效字符。"), fields={field: _("最多%(most)d个字。") % {"most": most}}
        )
    return value
