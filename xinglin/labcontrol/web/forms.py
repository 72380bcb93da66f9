"""From a posted form to the arguments of one action: shape only."""

import unicodedata
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.web.request import Request


def number(text: str, field: str) -> Decimal | None:
    """A figure, full-width digits understood; None for nothing. :raises InvalidInput: it is none"""
    said = unicodedata.normalize("NFKC", text).strip()
    if not said:
        return None
    try:
        found = Decimal(said)
    except InvalidOperation as error:
        raise InvalidInput(_("有数字无法识别。"), fields={field: _("请填数字。")}) from error
    if not found.is_finite():
        raise InvalidInput(_("有数字无法识别。"), fields={field: _("请填数字。")})
    return found


def whole(post: QueryDict, field: str, default: int | None = None) -> int | None:
    """A whole number. :raises InvalidInput: it is none"""
    found = number(post.get(field, ""), field)
    if found is None:
        return default
    if found != found.to_integral_value() or abs(found) > 10_000:  # noqa: PLR2004
        raise InvalidInput(_("有数字无法识别。"), fields={field: _("请填整数。")})
    return int(found)


def moment(text: str, field: str) -> datetime:
    """A moment in the county's time. :raises InvalidInput: it is none"""
    try:
        found = datetime.fromisoformat(text.strip().replace("/", "-"))
    except ValueError as error:
        raise InvalidInput(_("时间格式不对。"), fields={field: _("时间写成2026-01-31 08:30。")}) from error
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def own_place(actor: Actor, permission: str) -> int:
    """The facility a new thing is for: where the actor works. :raises InvalidInput: he works nowhere"""
    places = actor.places_where(permission)
    if actor.place is not None and (places is None or actor.place in places):
        return actor.place
    if places and len(places) == 1:
        return next(iter(places))
    raise InvalidInput(_("您没有工作机构，不能登记。"), fields={"facility": _("没有工作机构。")})


def upload(request: Request, most: int) -> Any:
    """The uploaded file. :raises InvalidInput: none, or too large"""
    found = request.FILES.get("file")
    if found is None:
        raise InvalidInput(_("请选择文件。"), fields={"file": _("请选择文件。")})
    if found.size is None or found.size > most:
        raise InvalidInput(_("文件太大。"), fields={"file": _("文件太大。")})
    return found
