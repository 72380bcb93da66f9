"""What the pages of one resident show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.accounts.api import Permission
from xinglin.network.api import facility_names
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.paging import Page
from xinglin.residents import identity, lookups, permissions, queries, timeline
from xinglin.residents.actions.consents import KINDS
from xinglin.residents.actions.families import RELATIONS
from xinglin.residents.banner import condition_words, person_of, with_flags
from xinglin.residents.data import PersonBanner, TimelineEntry, Topic
from xinglin.residents.events import Event
from xinglin.residents.models import Consent, Contact, Household, Merge, Resident
from xinglin.residents.own_tabs import own_tabs
from xinglin.residents.web.pages import ETHNICITIES, link
from xinglin.web.formats import masked

#: Tab → what is written down when it is opened.
#: What one needs who records, or takes specimens, without a visit.
RECORDING = (Permission.REQUEST_PLACE, Permission.RECORDING_UPLOAD)
TAKING = (Permission.REQUEST_PLACE, Permission.SPECIMEN_COLLECT)
_LOOKS = {
    "timeline": Event.VIEWED,
    "basic": Event.VIEWED,
    "family": Event.VIEWED,
    "consents": Event.CONSENTS_VIEWED,
    "lookups": Event.LOOKUPS_VIEWED,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a record is asked for: a tab, where its page begins, and a topic of the timeline."""

    tab: str = ""
    after: str = ""
    topic: Topic | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """From the query of an address. :raises InvalidInput: there is no such topic"""
        return cls(query.get("tab", ""), query.get("after", "")[:400], timeline.read_topic(query.get("topic", "")))


@dataclass(frozen=True, slots=True)
class Day:
    """Entries of one day."""

    on: date
    entries: Sequence[TimelineEntry]


def by_day(entries: Sequence[TimelineEntry]) -> list[Day]:
    """Entries, newest first, under their local days."""
    return [Day(on, list(group)) for on, group in groupby(entries, key=lambda entry: timezone.localdate(entry.at))]


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A consent with what may be done with it."""

    consent: Consent
    kind: str
    can_withdraw: bool


@dataclass(frozen=True)
class ResidentDetail:
    """One resident, one tab of him."""

    resident: Resident
    person: PersonBanner
    tab: str
    tabs: Sequence[dict[str, Any]]
    event: Event
    visit_url: str
    ecg_url: str
    laboratory_url: str
    consult_url: str
    sign_url: str
    can_edit: Decision
    can_merge: bool
    can_consent: Decision
    days: Sequence[Day] = ()
    topics: Sequence[dict[str, Any]] = ()
    older_url: str = ""
    facts: Sequence[tuple[str, str]] = ()
    contacts: Sequence[Contact] = ()
    members: Sequence[tuple[Resident, str]] = ()
    merges: Sequence[Merge] = ()
    consents: Sequence[ConsentRow] = ()
    looks: Page[lookups.Lookup] | None = None
    is_emergency: bool = False
    condition_words: Sequence[str] = field(default_factory=list)

    @property
    def readings_url(self) -> str:
        """What devices measured of him."""
        return link("readings:resident", self.resident.uuid)

    @classmethod
    def build(cls, actor: Actor, resident: Resident, *, asked: Asked, at: datetime) -> "ResidentDetail":
        """The tab asked for, by default the timeline."""
        tab = asked.tab if asked.tab in _LOOKS else "timeline"
        address = reverse("residents:detail", args=[resident.uuid])
        content = _TABS[tab](actor, resident, address, asked, at)
        is_emergency = not queries.residents_visible_to(actor).filter(pk=resident.pk).exists()
        is_current = resident.status == Resident.Status.ACTIVE and not is_emergency
        may_visit = is_current and bool(actor.may(Permission.VISIT_RECORD))
        may_consult = may_visit and _may_begin_here(actor, Permission.CONSULTATION_REQUEST)
        # Who treats asks from a visit, with its findings; who only records, a technician, has no visits.
        may_ask = is_current and not may_visit and _may_begin_here(actor, *RECORDING)
        return cls(
            resident=resident,
            person=with_flags(person_of(resident, actor), resident, actor, at=at),
            tab=tab,
            tabs=_tabs(address, tab),
            event=_LOOKS[tab],
            visit_url=link("visits:record", resident.uuid) if may_visit else "",
            ecg_url=link("diagnostics:request_resident", resident.uuid) if may_ask else "",
            laboratory_url=link("laboratory:order_resident", resident.uuid)
            if is_current and _may_begin_here(actor, *TAKING)
            else "",
            consult_url=link("consultations:request_resident", resident.uuid) if may_consult else "",
            sign_url=_sign_url(actor, resident) if not is_emergency else "",
            can_edit=permissions.may_edit(actor, resident),
            can_merge=bool(actor.may(Permission.RESIDENT_MERGE)),
            can_consent=permissions.may_take_consent(actor, resident),
            is_emergency=is_emergency,
            **content,
        )


def _sign_url(actor: Actor, resident: Resident) -> str:
    """Where the family-doctor agreement is signed or looked at, for who signs at the managing facility or works here."""
    places = (actor.place, resident.managed_by_id)
    may = any(place is not None and actor.may(Permission.CONTRACT_SIGN, at=place) for place in places)
    return link("contracts:sign", resident.uuid) if may and resident.status == Resident.Status.ACTIVE else ""


def _may_begin_here(actor: Actor, *all_of: Permission) -> bool:
    """Whether the actor may begin at his place what asks for all of these permissions."""
    return actor.place is not None and all(actor.may_begin(each, at=actor.place) for each in all_of)


def _tabs(address: str, active: str) -> list[dict[str, Any]]:
    words = {
        "timeline": (_("时间轴"), "history"),
        "basic": (_("基本信息"), "user"),
        "family": (_("家庭"), "users"),
        "consents": (_("知情同意"), "signature"),
        "lookups": (_("谁看过"), "eye"),
    }
    return [
        {
            "label": label,
            "icon": icon,
            "url": address if name == "timeline" else f"{address}?tab={name}",
            "active": name == active,
        }
        for name, (label, icon) in words.items()
    ]


def _timeline(actor: Actor, resident: Resident, address: str, asked: Asked, at: datetime) -> dict[str, Any]:
    return _slice(actor, resident, address, asked, at, linked=True)


def _slice(
    actor: Actor, resident: Resident, address: str, asked: Asked, at: datetime, *, linked: bool
) -> dict[str, Any]:
    """Days of the timeline, the topics to choose from, and the address of what is older."""
    before = timeline.read_moment(asked.after, now=at)
    found = timeline.slice_of(actor, queries.ids_of_person(resident), before=before, topic=asked.topic)
    found = found if linked else timeline.without_links(found)
    kept = {"topic": asked.topic.value} if asked.topic else {}
    older = f"{address}?{urlencode(kept | {'after': found.next_before})}" if found.next_before else ""
    return {"days": by_day(found.entries), "older_url": older, "topics": _topics(address, asked.topic)}


def _topics(address: str, chosen: Topic | None) -> list[dict[str, Any]]:
    return [
        {"label": _("全部"), "url": address, "active": chosen is None},
        *(
            {"label": str(topic.label), "url": f"{address}?topic={topic.value}", "active": topic == chosen}
            for topic in Topic
        ),
    ]


def _basic(actor: Actor, resident: Resident, address: str, asked: Asked, at: datetime) -> dict[str, Any]:
    return {
        "facts": facts_of(resident, reveal=bool(permissions.may_reveal(actor))),
        "merges": list(queries.merged_into(resident)),
        "condition_words": condition_words(resident, actor),
    }


def facts_of(resident: Resident, *, reveal: bool) -> list[tuple[str, str]]:
    """The registration in words; identity and telephone number in full only for who may see them."""
    number, phone = resident.id_number or "", resident.phone or ""
    ethnicity = ETHNICITIES.get(int(resident.ethnicity), "") if resident.ethnicity.isdecimal() else ""
    registered = facility_names([resident.registered_at_facility_id]).get(resident.registered_at_facility_id or 0, "")
    return [
        (_("姓名"), resident.name),
        (_("性别"), str(Resident.Sex(resident.sex).label)),
        (_("出生日期"), resident.born_on.isoformat()),
        (_("证件类型"), str(Resident.IdKind(resident.id_kind).label)),
        (_("证件号码"), number if reveal else identity.masked(number)),
        (_("电话"), phone if reveal else masked(phone)),
        (_("民族"), ethnicity),
        (_("国籍"), resident.nationality),
        (_("住址"), resident.address),
        (_("行政区划"), resident.division_code),
        (_("管理机构"), str(resident.managed_by)),
        (_("医保"), str(Resident.Insurance(resident.insurance).label)),
        (_("过敏史"), resident.allergies),
        (_("档案状态"), str(Resident.Status(resident.status).label)),
        (_("建档时间"), timezone.localtime(resident.registered_at).strftime("%Y-%m-%d")),
        (_("建档机构"), registered),
    ]


def _family(actor: Actor, resident: Resident, address: str, asked: Asked, at: datetime) -> dict[str, Any]:
    members = queries.members_of(resident.household, actor) if resident.household else []
    return {"contacts": list(queries.contacts_of(resident)), "members": with_relation(members)}


def with_relation(members: Any) -> list[tuple[Resident, str]]:
    """Members of a household with their relation in words."""
    return [(member, str(RELATIONS.get(member.relation_to_head, ""))) for member in members]


def _consents(actor: Actor, resident: Resident, address: str, asked: Asked, at: datetime) -> dict[str, Any]:
    return {
        "consents": [
            ConsentRow(row, str(KINDS.get(row.kind, row.kind)), row.agreed and row.withdrawn_at is None)
            for row in queries.consents_of(resident)[:100]
        ]
    }


def _lookups(actor: Actor, resident: Resident, address: str, asked: Asked, at: datetime) -> dict[str, Any]:
    found = lookups.lookups_of(queries.uuids_of_person(resident), cursor=asked.after)
    return {
        "looks": lookups.by_day(found),
        "older_url": f"{address}?tab=lookups&after={found.next_cursor}" if found.next_cursor else "",
    }


_TABS = {"timeline": _timeline, "basic": _basic, "family": _family, "consents": _consents, "lookups": _lookups}


@dataclass(frozen=True)
class OwnRecord:
    """A resident's view of his own record."""

    person: PersonBanner
    tabs: Sequence[dict[str, Any]]
    days: Sequence[Day] = ()
    topics: Sequence[dict[str, Any]] = ()
    looks: Page[lookups.Lookup] | None = None
    older_url: str = ""

    @classmethod
    def build(cls, actor: Actor, resident: Resident, *, tab: str, asked: Asked, at: datetime) -> "OwnRecord":
        """What happened, or who looked."""
        here, looked = reverse("residents:own"), reverse("residents:own_lookups")
        tabs = [
            {"label": _("我的时间轴"), "icon": "history", "url": here, "active": tab == "timeline"},
            {"label": _("谁看过我的档案"), "icon": "eye", "url": looked, "active": tab == "lookups"},
            *own_tabs(),
        ]
        person = person_of(resident, actor)
        if tab == "lookups":
            found = lookups.lookups_of(queries.uuids_of_person(resident), by_others=True, cursor=asked.after)
            older = f"{looked}?after={found.next_cursor}" if found.next_cursor else ""
            return cls(person, tabs, looks=lookups.by_day(found), older_url=older)
        return cls(person, tabs, **_slice(actor, resident, here, asked, at, linked=False))


@dataclass(frozen=True)
class HouseholdPage:
    """A family."""

    household: Household
    members: Sequence[tuple[Resident, str]]
    subjects: Sequence[UUID]
    relations: Sequence[tuple[str, str]]
    can_edit: bool
    back_url: str
    sign_url: str
    message: object = ""

    @classmethod
    def build(cls, actor: Actor, household: Household, *, message: object = "") -> "HouseholdPage":
        """The members one sees, and who could join."""
        members = list(queries.members_of(household, actor))
        back = (
            reverse("residents:detail", args=[members[0].uuid]) + "?tab=family"
            if members
            else reverse("residents:list")
        )
        return cls(
            household=household,
            members=with_relation(members),
            subjects=[member.uuid for member in members],
            relations=[(code, str(word)) for code, word in RELATIONS.items()],
            can_edit=bool(actor.may(Permission.RESIDENT_EDIT)),
            back_url=back,
            sign_url=link("contracts:household", household.uuid) if actor.may(Permission.CONTRACT_SIGN) else "",
            message=message,
        )
