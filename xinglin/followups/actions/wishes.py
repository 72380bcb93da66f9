"""How a resident wants to be reached."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.followups import permissions
from xinglin.followups.actions.texts import text
from xinglin.followups.data import Channel
from xinglin.followups.events import Event
from xinglin.followups.models import ContactWish
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce


@transaction.atomic
def note_wish(
    *, resident: Any, facility_id: int, channel: str, is_agreed: bool, words: str = "", by: Actor, at: datetime
) -> ContactWish:
    """Write down that a resident agrees to, or does not want, a way of being reached.

    :raises NotPermitted: the actor contacts nobody for the facility
    :raises InvalidInput: no such way
    """
    permissions.may_call(by, facility_id).require()
    if channel not in Channel.values or channel == Channel.CLINIC:
        raise InvalidInput(_("请选择联系方式。"), fields={"channel": _("请从列表中选择。")})
    wish = ContactWish.objects.create(
        resident=resident, channel=channel, is_agreed=is_agreed, words=text("words", words, 200), noted_at=at,
        noted_by=by.user_id, noted_by_name=by.name[:40], facility_id=facility_id,
    )  # fmt: skip
    announce(
        Event.WISHED, obj=wish, subject=resident.uuid, by=by, at=at, place=facility_id, channel=channel,
        agreed=is_agreed,
    )  # fmt: skip
    return wish
