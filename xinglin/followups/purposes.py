"""For what a resident is to be contacted, and when he was: capabilities above register what they know.

The rule that nobody is called twice in one week asks here, so that it holds over all of them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from xinglin.followups.data import Channel, Contact, Dialled, Purpose
from xinglin.followups.models import Call, CallPurpose, FollowUpTask
from xinglin.followups.rules import contacts as rules
from xinglin.followups.states import OPEN, Status
from xinglin.followups.wording import answers_said
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.web.formats import listed_text

#: (who asks, ids of the person, until which day) → what is due. It keeps secret from the actor what he may not know.
PurposeProvider = Callable[[Actor, Sequence[int], date], list[Purpose]]
#: (who asks, ids of the person, since) → contacts that took place.
ContactProvider = Callable[[Actor, Sequence[int], datetime], list[Contact]]
#: (who reads, keys of purposes) → each in his language, as far as he may know; of what is gone nothing.
TitleProvider = Callable[[Actor, Sequence[UUID]], dict[UUID, str]]

_PURPOSES: list[PurposeProvider] = []
_TITLES: dict[str, TitleProvider] = {}
_CONTACTS: list[ContactProvider] = []
OWN = "followups"
#: Of these somebody was spoken to, and does not want to be spoken to again this week.
SPOKEN_TO = (Dialled.ANSWERED, Dialled.REFUSED, Dialled.MOVED, Dialled.DIED)


def register_purposes(source: str, provide: PurposeProvider, say: TitleProvider) -> None:
    """Add what a capability above contacts residents for, and how it is said later; called while applications load."""
    if provide not in _PURPOSES:
        _PURPOSES.append(provide)
    _TITLES[source] = say


def register_contacts(provide: ContactProvider) -> None:
    """Add contacts that a capability above keeps; called while applications load."""
    if provide not in _CONTACTS:
        _CONTACTS.append(provide)


def due_for(actor: Actor, resident_ids: Sequence[int], *, at: datetime) -> list[Purpose]:
    """Everything a person is to be contacted about until the end of the window, dangerous reasons first, then by day."""
    until = _until(at)
    found = _own_purposes(resident_ids, until)
    for provide in _PURPOSES:
        others = provide(actor, resident_ids, until)
        if any(each.exemption for each in others):
            raise RuntimeError("only tasks of follow-up exempt from the quiet week")
        found += others
    return sorted(found, key=lambda each: (not each.exemption, each.due_on, each.title))


def exemptions_of(resident_ids: Sequence[int], *, at: datetime) -> list[tuple[int, str]]:
    """Who is to be called although he was this week, and by which origin: what `due_for` says of it, without the words.

    Only tasks of follow-up exempt anybody. One query.
    """
    rows = _own_open(resident_ids, _until(at)).values_list("resident_id", "origin_kind", "risk")
    said = ((resident_id, rules.exemption(origin, risk)) for resident_id, origin, risk in rows)
    return [(resident_id, exemption) for resident_id, exemption in said if exemption]


def titles_of(actor: Actor, rows: Iterable[CallPurpose]) -> dict[tuple[str, UUID], str]:
    """What calls were made for, in the reader's language and as far as he may know. One query for each source."""
    keys: dict[str, list[UUID]] = defaultdict(list)
    for row in rows:
        keys[row.source].append(row.key)
    said = {source: _TITLES[source](actor, several) if source in _TITLES else {} for source, several in keys.items()}
    return {
        (source, key): said[source].get(key) or _("其他事项") for source, several in keys.items() for key in several
    }


def _own_titles(_actor: Actor, keys: Sequence[UUID]) -> dict[UUID, str]:
    return {task.uuid: str(task.get_kind_display()) for task in FollowUpTask.objects.filter(uuid__in=keys)}


_TITLES[OWN] = _own_titles


def contacts_of(actor: Actor, resident_ids: Sequence[int], *, since: datetime) -> list[Contact]:
    """Contacts of a person since a moment, over all capabilities, newest first. The caller has seen the person."""
    found = _own_contacts(actor, resident_ids, since)
    for provide in _CONTACTS:
        found += provide(actor, resident_ids, since)
    return sorted(found, key=lambda each: each.at, reverse=True)


def contacts_this_week(actor: Actor, resident_ids: Sequence[int], *, at: datetime) -> list[Contact]:
    """Contacts by which people were spoken to and for which they are left in peace, newest first."""
    today = clock.today(at)
    since = clock.start_of(today - timedelta(days=rules.window_days() - 1))
    return [
        each
        for each in contacts_of(actor, resident_ids, since=since)
        if each.was_reached and each.at <= at and rules.counts(clock.today(each.at), each.channel, on=today)
    ]


def contact_this_week(actor: Actor, resident_ids: Sequence[int], *, at: datetime) -> Contact | None:
    """The contact that stands for this week: the newest by which the person was spoken to."""
    return next(iter(contacts_this_week(actor, resident_ids, at=at)), None)


def _until(at: datetime) -> date:
    return clock.today(at) + timedelta(days=rules.window_days())


def _own_open(resident_ids: Sequence[int], until: date) -> QuerySet[FollowUpTask]:
    rows = FollowUpTask.objects.filter(resident_id__in=list(resident_ids), status__in=OPEN, due_on__lte=until)
    return rows.order_by("due_on", "id")


def _own_purposes(resident_ids: Sequence[int], until: date) -> list[Purpose]:
    return [
        Purpose(
            source=OWN, key=task.uuid, title=str(task.get_kind_display()), facility_id=task.facility_id,
            facility=str(task.facility), due_on=task.due_on, detail=task.plan_said, url="followups:detail",
            exemption=rules.exemption(task.origin_kind, task.risk), resident_id=task.resident_id,
        )
        for task in _own_open(resident_ids, until).select_related("facility")
    ]  # fmt: skip


def _own_contacts(actor: Actor, resident_ids: Sequence[int], since: datetime) -> list[Contact]:
    ids = list(resident_ids)
    calls = Call.objects.select_related("facility").filter(resident_id__in=ids, opened_at__gte=since)
    made = list(calls.exclude(Q(dialled=Dialled.RELEASED) | Q(ended_at__isnull=True)).prefetch_related("purposes"))
    titles = titles_of(actor, [row for call in made for row in call.purposes.all()])
    found = [
        Contact(
            at=call.opened_at, channel=call.channel, by_id=call.opened_by, by_name=call.opened_by_name, facility=str(call.facility),
            what=listed_text(dict.fromkeys(titles[each.source, each.key] for each in call.purposes.all())),
            was_reached=call.dialled in SPOKEN_TO, url=f"followups:call {call.uuid}",
            answers=tuple(answers_said(call.scripts, call.answers)), resident_id=call.resident_id,
        )
        for call in made
    ]  # fmt: skip
    done = FollowUpTask.objects.select_related("facility").filter(
        ~Q(outcome__has_key="call"), resident_id__in=ids, status=Status.DONE, done_at__gte=since
    )
    return found + [
        Contact(
            at=task.done_at or task.status_changed_at, channel=task.outcome.get("channel", Channel.CLINIC),
            by_id=task.done_by, by_name=task.done_by_name, facility=str(task.facility), what=str(task.get_kind_display()),
            was_reached=True, url=f"followups:detail {task.uuid}",
            answers=tuple(("", each) for each in (task.outcome.get("advice", ""),) if each),
            resident_id=task.resident_id,
        )
        for task in done
    ]  # fmt: skip
