"""The 360° timeline: capabilities above register how to tell what they know of a resident."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _

from xinglin.network.api import facility_names
from xinglin.platform.actors import Actor
from xinglin.platform.errors import wrong
from xinglin.residents.actions.consents import KINDS
from xinglin.residents.data import TimelineEntry, Topic
from xinglin.residents.models import Consent, Resident, ResidentStatusChange

#: (actor, ids of the resident and what was merged into him, before this moment, at most so many) → newest first
Provider = Callable[[Actor, Sequence[int], datetime, int], list[TimelineEntry]]

PAGE = 30
_PROVIDERS: list[tuple[Topic, Provider]] = []


@dataclass(frozen=True, slots=True)
class TimelineSlice:
    """Some entries, newest first; `next_before` (ISO, empty at the end) fetches the following ones."""

    entries: Sequence[TimelineEntry]
    next_before: str


def register(provider: Provider, *, topic: Topic) -> None:
    """Add a source of the timeline; called while applications load. One query (or two) whatever the number of rows."""
    _PROVIDERS.append((topic, provider))


def read_topic(text: str) -> Topic | None:
    """The topic asked for; nothing said means all. :raises InvalidInput: there is none of this name"""
    if not text:
        return None
    if text not in Topic.values:
        raise wrong("topic", _("时间轴没有这一类内容。"))
    return Topic(text)


def entries(
    actor: Actor, resident_ids: Sequence[int], *, before: datetime, limit: int, topic: Topic | None = None
) -> list[TimelineEntry]:
    """The newest entries before a moment, of all sources together or of those of a topic."""
    providers = [provider for its_topic, provider in _PROVIDERS if topic in (None, its_topic)]
    found = [entry for provider in providers for entry in provider(actor, resident_ids, before, limit)]
    return sorted(found, key=lambda entry: entry.at, reverse=True)[:limit]


def slice_of(
    actor: Actor, resident_ids: Sequence[int], *, before: datetime, topic: Topic | None = None, size: int = PAGE
) -> TimelineSlice:
    """A page of the timeline. Entries of one moment are never torn apart, so none is lost between pages."""
    found = entries(actor, resident_ids, before=before, limit=size + 1, topic=topic)
    if len(found) <= size:
        return TimelineSlice(found, "")
    whole = [entry for entry in found if entry.at > found[-1].at] or found
    return TimelineSlice(whole, whole[-1].at.isoformat())


def read_moment(text: str, *, now: datetime) -> datetime:
    """The moment a page begins before; nothing said means now. :raises InvalidInput: it cannot be read"""
    if not text:
        return now
    try:
        moment = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or not is_aware(moment):
        raise wrong("before", _("翻页位置无效，请从第一页重新开始。"))
    return moment


def told_to_others(actor: Actor, resident_ids: Sequence[int], *, before: datetime, size: int = PAGE) -> TimelineSlice:
    """The newest entries for somebody who sees this person for a while only: he opens none of the pages behind them."""
    return without_links(slice_of(actor, resident_ids, before=before, size=size))


def without_links(found: TimelineSlice) -> TimelineSlice:
    """For the resident himself, who opens no staff page."""
    return replace(found, entries=[replace(entry, url="") for entry in found.entries])


def registration_entries(
    actor: Actor, resident_ids: Sequence[int], before: datetime, limit: int
) -> list[TimelineEntry]:
    """Registered, merged, moved, died."""
    rows = list(
        ResidentStatusChange.objects.filter(subject_id__in=resident_ids, changed_at__lt=before).order_by("-changed_at")[
            :limit
        ]
    )
    names = facility_names({row.place for row in rows if row.place is not None})
    words = {
        Resident.Status.ACTIVE: (_("恢复在册"), "user", "ok"),
        Resident.Status.MERGED: (_("重复档案已合并"), "copy", "neutral"),
        Resident.Status.MOVED: (_("迁出"), "arrow-right", "neutral"),
        Resident.Status.DECEASED: (_("登记死亡"), "minus", "neutral"),
    }
    found = []
    for row in rows:
        title, icon, tone = words[Resident.Status(row.became)] if row.was else (_("建立健康档案"), "user-plus", "ok")
        found.append(
            TimelineEntry(
                at=row.changed_at,
                kind="registration",
                icon=icon,
                title=title,
                detail=row.reason,
                facility_name=names.get(row.place or 0, ""),
                by_name=row.changed_by_name,
                tone=tone,
            )
        )
    return found


def consent_entries(actor: Actor, resident_ids: Sequence[int], before: datetime, limit: int) -> list[TimelineEntry]:
    """What was agreed to or refused."""
    rows = Consent.objects.filter(resident_id__in=resident_ids, given_at__lt=before).order_by("-given_at")[:limit]
    return [
        TimelineEntry(
            at=row.given_at,
            kind="consent",
            icon="signature",
            title=_("知情同意：%(kind)s") % {"kind": KINDS.get(row.kind, row.kind)}
            if row.agreed
            else _("不同意：%(kind)s") % {"kind": KINDS.get(row.kind, row.kind)},
            detail=_("签署人：%(name)s（%(relation)s）") % {"name": row.signer_name, "relation": row.signer_relation},
            by_name=row.explained_by_name,
            tone="ok" if row.agreed and not row.withdrawn_at else "neutral",
        )
        for row in rows
    ]
