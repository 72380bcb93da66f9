"""Texts that people write: cleaned, bounded, required where they must be."""

from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import InvalidInput

MOST = 2000


def text(field: str, given: str, most: int = MOST) -> str:
    """A text without blanks around it. :raises InvalidInput: too long, or with characters that cannot be kept"""
    clean = given.strip()
    if len(clean) > most or "\x00" in clean:
        raise InvalidInput(
            _("填写的内容太长或含有无效字符。"), fields={field: _("最多%(most)d个字。") % {"most": most}}
        )
    return clean


def required(field: str, given: str, most: int = MOST) -> str:
    """The same, and something is said. :raises InvalidInput: nothing is"""
    clean = text(field, given, most)
    if not clean:
        raise InvalidInput(_("请写明理由或依据。"), fields={field: _("必填。")})
    return clean


def code(field: str, given: str, known: object) -> str:
    """A code of a list. :raises InvalidInput: it is not there"""
    if given not in known.values:  # type: ignore[attr-defined]
        raise InvalidInput(_("请从列表中选择。"), fields={field: _("请从列表中选择。")})
    return given
