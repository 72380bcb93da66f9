"""The week in which nobody is called a second time: asked wherever a call is planned, opened or written down."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from xinglin.followups import purposes
from xinglin.followups.data import Channel, Contact
from xinglin.followups.rules import contacts as rules
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict

#: Ways of contact by which the resident is called at; who comes or is visited is not refused.
CALLS = (Channel.PHONE, Channel.MESSAGE)


def require_a_quiet_week(by: Actor, resident_ids: Sequence[int], *, at: datetime, same_talk: bool = False) -> None:
    """Refuse a call to somebody who was spoken to this week. `same_talk`: what the same person at the same unit notes on the
    same day belongs to one conversation, and is not refused.

    :raises Conflict: ``called-this-week``, with the day, the caller and what it was about
    """
    contact = purposes.contact_this_week(by, resident_ids, at=at)
    if contact is None or (same_talk and _is_same_talk(contact, by, at)):
        return
    raise Conflict(
        _("%(day)s 已由%(who)s联系过（%(what)s），%(days)d天内不再另行联系。请看那次的回答，并入或推迟。")
        % {
            "day": clock.today(contact.at).isoformat(), "who": f"{contact.facility} {contact.by_name}",
            "what": contact.what, "days": rules.window_days(),
        },
        code="called-this-week",
    )  # fmt: skip


def quiet_until(by: Actor, resident_ids: Sequence[int], *, at: datetime) -> date | None:
    """The first day on which the resident may be called again; None: at once."""
    contact = purposes.contact_this_week(by, resident_ids, at=at)
    return None if contact is None else clock.today(contact.at) + timedelta(days=rules.window_days())


def _is_same_talk(contact: Contact, by: Actor, at: datetime) -> bool:
    return contact.by_name == by.name[:40] and clock.today(contact.at) == clock.today(at)
