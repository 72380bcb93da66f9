"""Who a page is about, masked as the reader's role asks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.api import Permission
from xinglin.platform.actors import Actor
from xinglin.residents import identity, permissions
from xinglin.residents.data import Flag, PersonBanner
from xinglin.residents.fields import CONDITIONS, allergies_of
from xinglin.residents.models import Resident
from xinglin.web.formats import masked

#: What capabilities above say beside a name: (actor, resident, at=…) → flags. Filled while applications load.
FLAGS: list[Callable[..., tuple[Flag, ...]]] = []


def register_flags(provide: Callable[..., tuple[Flag, ...]]) -> None:
    """Have `provide` say something beside the name on a resident's own page; it may make one query."""
    FLAGS.append(provide)


def with_flags(person: PersonBanner, resident: Resident, actor: Actor, *, at: datetime) -> PersonBanner:
    """The banner with what capabilities above say, too: for a page about one resident."""
    more = tuple(flag for provide in FLAGS for flag in provide(actor, resident, at=at))
    return replace(person, flags=person.flags + more)


#: Conditions that only some may know: functions that name them. Filled while applications load.
SECRETS: list[Callable[[], frozenset[str]]] = []


def register_secret_conditions(provide: Callable[[], frozenset[str]]) -> None:
    """Have the conditions that `provide` names shown only to who holds `PROGRAMME_CONFIDENTIAL` where he is managed."""
    SECRETS.append(provide)


def secret_conditions() -> frozenset[str]:
    """Slugs of the conditions that are secret."""
    return frozenset().union(*(provide() for provide in SECRETS))


#: Beginnings of ICD-10 codes that tell a secret condition: functions that name them. Filled while applications load.
CODES: list[Callable[[], frozenset[str]]] = []


def register_secret_codes(provide: Callable[[], frozenset[str]]) -> None:
    """Have diagnoses with these beginnings of codes told only to who may know of the conditions."""
    CODES.append(provide)


def hidden_codes(resident: Resident, actor: Actor) -> tuple[str, ...]:
    """Beginnings of the codes that the actor may not know of this resident; nothing for who may, and for himself."""
    if actor.self_uuid == resident.uuid or actor.may(Permission.PROGRAMME_CONFIDENTIAL, at=resident.managed_by_id):
        return ()
    return tuple(sorted(frozenset().union(*(provide() for provide in CODES))))


def known_conditions(resident: Resident, actor: Actor) -> list[str]:
    """Slugs of the conditions the actor may know of."""
    hidden = secret_conditions() & set(resident.conditions)
    if not hidden or actor.may(Permission.PROGRAMME_CONFIDENTIAL, at=resident.managed_by_id):
        return list(resident.conditions)
    return [slug for slug in resident.conditions if slug not in hidden]


def condition_words(resident: Resident, actor: Actor) -> list[str]:
    """The long-term conditions in words; of those the actor may not know of only that somebody looks after him."""
    known = known_conditions(resident, actor)
    words = [str(CONDITIONS[slug]) for slug in known if slug in CONDITIONS]
    return [*words, str(_("重点管理"))] if len(known) < len(resident.conditions) else words


def person_of(resident: Resident, actor: Actor) -> PersonBanner:
    """The banner of a resident. Needs no query when `managed_by` is loaded."""
    reveal = bool(permissions.may_reveal(actor)) or actor.self_uuid == resident.uuid
    return PersonBanner(
        name=resident.name,
        sex=str(Resident.Sex(resident.sex).label),
        born_on=resident.born_on,
        number=resident.number,
        identity_masked=_shown(resident.id_number, reveal, identity.masked),
        phone_masked=_shown(resident.phone, reveal, masked),
        url=_address(resident) if actor.may(Permission.RESIDENT_VIEW) else "",
        allergies=allergies_of(resident),
        flags=flags_of(resident, actor),
        deceased_on=resident.died_on,
        note=str(resident.managed_by),
    )


def flags_of(resident: Resident, actor: Actor) -> tuple[Flag, ...]:
    """Long-term conditions and states of the registration, as pills."""
    flags = [Flag(words, "info", "heart") for words in condition_words(resident, actor)]
    if resident.status == Resident.Status.MOVED:
        flags.append(Flag(str(_("已迁出")), "neutral", "arrow-right"))
    if resident.id_kind == Resident.IdKind.NONE:
        flags.append(Flag(str(_("无证件")), "warning", "id-card"))
    return tuple(flags)


def _shown(value: str | None, reveal: bool, cover: Callable[[str], str]) -> str:
    text = value or ""
    return text if reveal else cover(text)


def _address(resident: Resident) -> str:
    try:
        return reverse("residents:detail", args=[resident.uuid])
    except NoReverseMatch:
        return ""
