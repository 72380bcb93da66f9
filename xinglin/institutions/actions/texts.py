"""Texts given to actions: trimmed, bounded, required where they must be."""

from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import wrong


def text(field: str, given: str, most: int, *, required: bool = False) -> str:
    """A text without blanks around it. :raises InvalidInput: too long, missing, or with characters that cannot be kept"""
    clean = given.strip()
    if len(clean) > most or "\x00" in clean:
        raise wrong(field, _("最多%(most)d个字。") % {"most": most})
    if required and not clean:
        raise wrong(field, _("必填。"))
    return clean
