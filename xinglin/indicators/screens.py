"""Figures on a wall: a browser is made a screen once, and from then on shows what the one who set it up may see.

No session is kept alive by it and nobody is signed in at it: it holds a key of its own, which opens nothing but this one
page. What it shows is published to whoever walks by: small cells are left out, and nobody is named.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.api import actor_of_user
from xinglin.accounts.data import Permission
from xinglin.indicators import permissions
from xinglin.indicators.engine import periods
from xinglin.indicators.models import Screen
from xinglin.indicators.queries import current_period, indicator_of, period_of
from xinglin.platform.actors import Actor, HeldGrant
from xinglin.platform.errors import wrong

LANGUAGES = ("zh-hans", "en")
#: Pages beside the figures: work by state, and who is treated where.
PAGES = ("work", "outpatient", "inpatient")
#: Periods that move with the days.
MOVING = ("this-month", "last-month", "this-quarter", "to-date", "this-year")
#: Figures of one screen.
MOST = 12


def chosen_slugs(slugs: Sequence[str], *, most: int = MOST) -> list[str]:
    """The figures chosen, each once. :raises InvalidInput: none, or too many. :raises NotVisible: one does not exist"""
    found = list(dict.fromkeys(each for each in slugs if each))
    if not 1 <= len(found) <= most:
        raise wrong("slugs", _("请选择1到%(most)d项指标。") % {"most": most})
    return [indicator_of(each).slug for each in found]


def chosen_pages(pages: Sequence[str]) -> list[str]:
    """The pages beside the figures, in their order. :raises InvalidInput: there is no such page"""
    if set(pages) - set(PAGES):
        raise wrong("pages", _("没有这种页面。"))
    return [each for each in PAGES if each in pages]


def period_at(text: str, at: datetime) -> str:
    """The period a wall shows at a moment: one that moves with the days, or one that stays.

    :raises InvalidInput: it is neither
    """
    month = periods.parse(current_period(at))
    match text:
        case "this-month":
            return month.text
        case "last-month":
            return month.before.text
        case "this-quarter":
            return f"{month.text[:4]}-Q{(month.last.month + 2) // 3}"
        case "to-date":
            return f"{month.text}-YTD"
        case "this-year":
            return month.text[:4]
    return period_of(text).text


def screens_of(actor: Actor) -> QuerySet[Screen]:
    """Screens the actor set up; of one who keeps the whole county's figures, all."""
    permissions.may_keep_figures(actor).require()
    found = Screen.objects.select_related("user").order_by("-registered_at", "-id")
    return found if permissions.board_places(actor) is None else found.filter(user=actor.user_id)


def screen_of(text: str) -> Screen | None:
    """The screen a browser shows the key of; None for another browser."""
    name, _dot, key = text.partition(".")
    try:
        uuid = UUID(name)
    except ValueError:
        return None
    found = Screen.objects.select_related("user").filter(uuid=uuid, ended_at__isnull=True).first()
    return found if found is not None and hmac.compare_digest(bytes(found.key_digest), digest(key)) else None


def screen_actor(screen: Screen, *, at: datetime) -> Actor:
    """Who reads for a screen: it sees the figures its owner may see and publish at this moment, and can do nothing.

    :raises NotPermitted: the owner may no more, or his account is closed
    """
    owner = actor_of_user(screen.user, at=at) if screen.user.is_active else Actor(kind="user")
    permissions.may_view_board(owner).require()
    permissions.may_keep_figures(owner).require()
    grant = HeldGrant("screen", frozenset({Permission.BOARD_VIEW}), permissions.board_places(owner))
    return Actor(kind="screen", name=screen.label, grants=(grant,), place=owner.place)


def digest(key: str) -> bytes:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).digest()
