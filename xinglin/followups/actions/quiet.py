"""The week in which nobody is called a second time: asked wherever a call is planned, opened or written down."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from xinglin.followups import purposes
from xinglin.followups.data import Channel, Contact, Purpose
from xinglin.followups.rules import contacts as rules
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision, impossible

#: Ways of contact by which the resident is called at; who comes or is visited is not refused.
CALLS = (Channel.PHONE, Channel.MESSAGE)


def require_a_quiet_week(by: Actor, resident_ids: Sequence[int], *, at: datetime, same_talk: bool = False) -> None:
    """Refuse a call to somebody who was spoken to this week. `same_talk`: what the same account notes on the same day
    belongs to one conversation, and is not refused.

    :raises Conflict: ``called-this-week``, with the day, the caller and what it was about
    """
    quiet_week(by, resident_ids, at=at, same_talk=same_talk).require()


def may_be_called(
    by: Actor, resident_ids: Sequence[int], facility_id: int, due: Sequence[Purpose], *, at: datetime
) -> Decision:
    """Whether a facility may call somebody now about what is due: it has something itself, and something dangerous or a quiet week."""
    if not any(each.facility_id == facility_id for each in due):
        return impossible("nothing-due", _("本机构本周没有要联系的事项；别的机构的由他们联系。"))
    return ALLOWED if any(each.exemption for each in due) else quiet_week(by, resident_ids, at=at)


def quiet_week(by: Actor, resident_ids: Sequence[int], *, at: datetime, same_talk: bool = False) -> Decision:
    """Whether nobody has spoken to the resident this week."""
    contact = purposes.contact_this_week(by, resident_ids, at=at)
    if contact is None or (same_talk and _is_same_talk(contact, by, at)):
        return ALLOWED
    return impossible(
        "called-this-week",
        _("%(day)s 已由%(who)s联系过（%(what)s），%(days)d天内不再另行联系。请看那次的回答，并入或推迟。")
        % {
            "day": clock.today(contact.at).isoformat(), "who": f"{contact.facility} {contact.by_name}",
            "what": contact.what, "days": rules.window_days(),
        },
    )  # fmt: skip


def quiet_until(by: Actor, resident_ids: Sequence[int], *, at: datetime) -> date | None:
    """The first day on which the resident may be called again; None: at once."""
    contact = purposes.contact_this_week(by, resident_ids, at=at)
    return None if contact is None else clock.today(contact.at) + timedelta(days=rules.window_days())


def _is_same_talk(contact: Contact, by: Actor, at: datetime) -> bool:
    return contact.by_id == by.user_id is not None and clock.today(contact.at) == clock.today(at)
