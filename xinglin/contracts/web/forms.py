"""From a posted form to the arguments of one action: shape only."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.contracts.data import Wanted
from xinglin.network import api as network
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.web import posted


def fen(post: QueryDict, name: str) -> int:
    """An amount in yuan with at most two decimals, in fen. :raises InvalidInput: it is none"""
    try:
        value = Decimal(post.get(name, "").strip()) * 100
    except InvalidOperation as error:
        raise InvalidInput(_("有数字无法识别。"), fields={name: _("请填金额。")}) from error
    if not value.is_finite() or value != value.to_integral_value() or not 0 <= value <= 10**14:
        raise InvalidInput(_("有数字无法识别。"), fields={name: _("最多两位小数。")})
    return int(value)


def wanted(post: QueryDict) -> Wanted:
    """What is agreed on. :raises InvalidInput: a day or the years cannot be read"""
    return Wanted(
        tuple(post.getlist("packages")), posted.day(post, "starts_on"), posted.whole(post, "years", most=9),
        posted.day_or_none(post, "check_up_on"),
    )  # fmt: skip


def facility(post: QueryDict, name: str, offered: Iterable[network.FacilityChoice]) -> int:
    """One of those offered. :raises InvalidInput: it is none of them"""
    wanted = posted.uuid(post, name)
    for each in offered:
        if each.uuid == wanted:
            return each.id
    raise InvalidInput(_("没有这个机构。"), fields={name: _("请从列表中选择。")})


def managed_facility(post: QueryDict, actor: Actor) -> int:
    """One of those whose teams the actor manages. :raises InvalidInput: it is none of them"""
    return facility(post, "facility", network.open_facilities_of(actor, Permission.CONTRACT_MANAGE))


def uuids(post: QueryDict, name: str) -> list[UUID]:
    """Identifiers chosen from a list. :raises InvalidInput: one is none"""
    try:
        return [UUID(each) for each in post.getlist(name)]
    except ValueError as error:
        raise InvalidInput(_("请从列表中选择。"), fields={name: _("请从列表中选择。")}) from error
