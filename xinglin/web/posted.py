"""What a form posted, read field by field: shape only. What cannot be read is refused under the field's name."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import InvalidInput

Post = Mapping[str, str]
MOST = 10**9


def day(post: Post, name: str) -> date:
    """A day. :raises InvalidInput: it is none"""
    try:
        return date.fromisoformat(post.get(name, ""))
    except ValueError as error:
        raise InvalidInput(_("日期格式不对。"), fields={name: _("请选择日期。")}) from error


def day_or_none(post: Post, name: str) -> date | None:
    """A day, or None when nothing was given. :raises InvalidInput: it is none"""
    return day(post, name) if post.get(name, "").strip() else None


def whole(post: Post, name: str, *, most: int = MOST) -> int:
    """A whole number from nought to `most`. :raises InvalidInput: it is none"""
    text = post.get(name, "").strip()
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(most)) or int(text) > most:
        raise InvalidInput(_("有数字无法识别。"), fields={name: _("请填整数。")})
    return int(text)


def whole_or_none(post: Post, name: str, *, most: int = MOST) -> int | None:
    """A whole number, or None when nothing was given. :raises InvalidInput: it is none"""
    return whole(post, name, most=most) if post.get(name, "").strip() else None


def uuid(post: Post, name: str) -> UUID:
    """An identifier chosen from a list. :raises InvalidInput: it is none"""
    try:
        return UUID(post.get(name, ""))
    except ValueError as error:
        raise InvalidInput(_("请从列表中选择。"), fields={name: _("请从列表中选择。")}) from error


def uuid_or_none(post: Post, name: str) -> UUID | None:
    """An identifier, or None when nothing was chosen. :raises InvalidInput: it is none"""
    return uuid(post, name) if post.get(name, "").strip() else None
