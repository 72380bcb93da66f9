"""A browser becomes a wall screen, and stops being one."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.indicators import permissions
from xinglin.indicators.events import Event
from xinglin.indicators.models import Screen
from xinglin.indicators.screens import (
    LANGUAGES,
    MOVING,
    PAGES,
    chosen_pages,
    chosen_slugs,
    digest,
    period_at,
    screens_of,
)
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, NotPermitted, wrong
from xinglin.platform.finding import the_one
from xinglin.platform.outbox import announce
from xinglin.platform.texts import clean


@dataclass(frozen=True, slots=True)
class Opened:
    """A new screen with its key, which is kept nowhere."""

    screen: Screen
    key: str


@transaction.atomic
def register_screen(  # noqa: PLR0913 - what a wall shows
    *,
    label: str,
    slugs: Sequence[str],
    pages: Sequence[str] = PAGES,
    period: str = MOVING[0],
    language: str,
    by: Actor,
    at: datetime,
) -> Opened:
    """Make a browser a screen. :raises NotPermitted: no right to publish figures

    :raises InvalidInput: figures, pages, period or language
    """
    permissions.may_view_board(by).require()
    permissions.may_keep_figures(by).require()
    if by.user_id is None:
        raise NotPermitted(_("只有本人可以登记大屏。"), code="not-a-person")
    if language not in LANGUAGES:
        raise wrong("language", _("没有这种语言。"))
    period_at(period, at)
    key = secrets.token_urlsafe(32)
    screen = Screen.objects.create(
        label=clean(label, "label", most=60, least=1), user_id=by.user_id, slugs=chosen_slugs(slugs), pages=chosen_pages(pages),
        period=period, language=language,
        key_digest=digest(key), registered_at=at,
    )  # fmt: skip
    announce(Event.SCREEN_REGISTERED, obj=screen, by=by, at=at)
    return Opened(screen, key)


@transaction.atomic
def end_screen(*, uuid: UUID, by: Actor, at: datetime) -> Screen:
    """It is no screen any more. :raises NotVisible: there is none. :raises Conflict: it has ended"""
    permissions.may_keep_figures(by).require()
    screen = the_one(screens_of(by), uuid=uuid)
    if not Screen.objects.filter(pk=screen.pk, ended_at__isnull=True).update(ended_at=at):
        raise Conflict(_("这块大屏已经停用。"), code="ended")
    announce(Event.SCREEN_ENDED, obj=screen, by=by, at=at)
    return screen
