"""From a posted form to the arguments of one action: shape only."""

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import InvalidInput

MOST = 10**14


def points(post: QueryDict, name: str) -> int:
    """Points with at most two decimals, in hundredths. :raises InvalidInput: they are none"""
    return _hundredths(post, name, _("请填得分，最多两位小数。"))


def points_or_none(post: QueryDict, name: str) -> int | None:
    """Points, or None when nothing was given."""
    return points(post, name) if post.get(name, "").strip() else None


def fen(post: QueryDict, name: str) -> int:
    """An amount in yuan with at most two decimals, in fen. :raises InvalidInput: it is none"""
    return _hundredths(post, name, _("请填金额，最多两位小数。"))


def _hundredths(post: QueryDict, name: str, words: object) -> int:
    try:
        value = Decimal(post.get(name, "").strip().replace(",", "")) * 100
    except InvalidOperation as error:
        raise InvalidInput(_("有数字无法识别。"), fields={name: words}) from error
    if not value.is_finite() or value != value.to_integral_value() or not 0 <= value <= MOST:
        raise InvalidInput(_("有数字无法识别。"), fields={name: words})
    return int(value)


def percent_or_none(given: QueryDict, name: str) -> Fraction | None:
    """A percentage, or None when nothing was given. :raises InvalidInput: it is none"""
    return Fraction(_hundredths(given, name, _("请填0到100的数字。")), 100) if given.get(name, "").strip() else None


def chosen_person(post: QueryDict, name: str) -> tuple[UUID, int]:
    """A facility and an account, as ``uuid:id``. :raises InvalidInput: it is not so"""
    place, _sep, account = post.get(name, "").partition(":")
    try:
        return UUID(place), int(account)
    except ValueError as error:
        raise InvalidInput(_("请从列表中选择。"), fields={name: _("请从列表中选择。")}) from error
