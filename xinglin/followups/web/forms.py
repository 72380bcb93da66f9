"""From a posted form to the arguments of one action: shape only."""

from decimal import Decimal, InvalidOperation

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from xinglin.followups.data import Outcome
from xinglin.platform.errors import InvalidInput


def outcome_of(post: QueryDict) -> Outcome:
    """What a follow-up found. :raises InvalidInput: a figure cannot be read"""
    return Outcome(
        channel=post.get("channel", ""), systolic=_whole(post, "systolic"), diastolic=_whole(post, "diastolic"),
        pulse=_whole(post, "pulse"), glucose=_decimal(post, "glucose"), symptoms=tuple(post.getlist("symptoms")),
        adherence=post.get("adherence", ""), advice=post.get("advice", ""),
        confirmed_unusual=post.get("confirmed_unusual") == "on", not_measured=post.get("not_measured", ""),
        critical_note=post.get("critical_note", ""),
    )  # fmt: skip


def _whole(post: QueryDict, name: str) -> int | None:
    value = _decimal(post, name)
    if value is None:
        return None
    if value != value.to_integral_value():
        raise InvalidInput(_("有数字无法识别。"), fields={name: _("请填整数。")})
    return int(value)


def _decimal(post: QueryDict, name: str) -> Decimal | None:
    text = post.get(name, "").strip()
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise InvalidInput(_("有数字无法识别。"), fields={name: _("请填数字。")}) from error
    if not value.is_finite() or abs(value) > 10_000:
        raise InvalidInput(_("有数字无法识别。"), fields={name: _("请填数字。")})
    return value
