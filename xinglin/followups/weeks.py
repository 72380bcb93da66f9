"""Who was spoken to this week and is not called again yet: asked for one person where a call is written down, and for a
whole list where calls are planned.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _

from xinglin.followups import purposes
from xinglin.followups.data import Contact
from xinglin.followups.models import Call
from xinglin.followups.rules import contacts as rules
from xinglin.followups.wording import exemptions_said
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.residents import api as residents


@dataclass(frozen=True, slots=True)
class QuietWeek:
    """A person was spoken to on a day, or somebody is calling him now. `until` is the first day on which he may be called
    again; `exemption` says why he may be called all the same, empty when he may not.
    """

    on: date
    facility: str
    by_name: str
    what: str
    until: date
    by_id: int | None
    exemption: str = ""
    is_open: bool = False

    @property
    def words(self) -> str:
        """What the next caller must know."""
        named = {"day": self.on.isoformat(), "who": f"{self.facility} {self.by_name}", "until": self.until.isoformat()}
        if self.is_open:
            return _("%(who)s正在联系，%(until)s 起可再联系") % named
        return _("%(day)s 已由%(who)s联系过，%(until)s 起可再联系") % named

    def is_same_talk(self, by: Actor, *, at: datetime) -> bool:
        """Whether the same account notes it on the same day: it belongs to one conversation."""
        return not self.is_open and self.by_id == by.user_id is not None and self.on == clock.today(at)


def take_turns(resident_ids: Collection[int]) -> None:
    """Let those who call a person, or write down that they did, come one after the other until the transaction ends: each
    reads what the one before has written.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('followups.contact'), hashint8(%s))", [min(resident_ids)])


def quiet_week(actor: Actor, resident_ids: Sequence[int], *, at: datetime) -> QuietWeek | None:
    """The week of one person; None: he may be called. The caller has seen the person."""
    return _weeks(actor, dict.fromkeys(resident_ids, 0), at=at).get(0)


def may_call(actor: Actor, resident_ids: Sequence[int], *, at: datetime) -> bool:
    """Whether a call to one person is to be offered now."""
    week = quiet_week(actor, resident_ids, at=at)
    return week is None or bool(week.exemption)


def quiet_weeks(actor: Actor, resident_ids: Collection[int], *, at: datetime) -> dict[int, QuietWeek]:
    """The weeks of many, by id, of those who have one. The number of queries does not grow with the residents."""
    return _weeks(actor, residents.persons_of(list(resident_ids)), at=at) if resident_ids else {}


def _weeks(actor: Actor, whose: dict[int, int], *, at: datetime) -> dict[int, QuietWeek]:
    found = _being_called(actor, whose, at=at)
    for contact in purposes.contacts_this_week(actor, list(whose), at=at):
        found.setdefault(whose[contact.resident_id], _of(contact))
    if not found:
        return {}
    exempt = _exemptions([pk for pk, person in whose.items() if person in found], whose, at=at)
    return {person: replace(each, exemption=exempt.get(person, "")) for person, each in found.items()}


def _of(contact: Contact) -> QuietWeek:
    day = clock.today(contact.at)
    until = day + timedelta(days=rules.window_days())
    return QuietWeek(day, contact.facility, contact.by_name, contact.what, until, contact.by_id)


def _being_called(actor: Actor, whose: dict[int, int], *, at: datetime) -> dict[int, QuietWeek]:
    """Whom somebody else has taken from the desk."""
    held = Call.objects.select_related("facility").filter(
        resident_id__in=list(whose), ended_at__isnull=True, opened_at__lte=at, held_until__gte=at
    )
    until = clock.today(at) + timedelta(days=rules.window_days())
    return {
        whose[each.resident_id]: QuietWeek(
            clock.today(each.opened_at),
            str(each.facility),
            each.opened_by_name,
            "",
            until,
            each.opened_by,
            is_open=True,
        )
        for each in held.exclude(opened_by=actor.user_id or 0)
    }


def _exemptions(resident_ids: Sequence[int], whose: dict[int, int], *, at: datetime) -> dict[int, str]:
    said: dict[int, dict[str, None]] = defaultdict(dict)
    for resident_id, exemption in purposes.exemptions_of(resident_ids, at=at):
        said[whose[resident_id]][exemption] = None
    return {person: exemptions_said(several) for person, several in said.items()}
