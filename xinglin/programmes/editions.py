"""What may be read of definitions made in the county, and what is asked before one is kept or dated."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from xinglin.platform import definitions
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput, NotVisible
from xinglin.programmes import permissions
from xinglin.programmes.models import Edition, EditionEffect, EditionStatusChange, Enrolment
from xinglin.programmes.rules import catalogue, checking, framing
from xinglin.programmes.rules.reader import Fault
from xinglin.programmes.rules.shapes import Programme
from xinglin.programmes.states import MANAGED, EditionStatus, Status

#: Enrolments that somebody may move to another version.
MOVABLE = (*MANAGED, Status.PAUSED)


def checksum_of(text: str) -> str:
    """What a text is known by."""
    return hashlib.sha256(text.encode()).hexdigest()


def faults_of(text: str, *, valid_from: date | None = None) -> tuple[Programme | None, tuple[Fault, ...]]:
    """The programme a text describes and what is wrong with it. `valid_from`: the day it is to begin instead of its own."""
    return _faults_of(text, valid_from, get_language() or "")


@lru_cache(maxsize=16)  # a text is looked at several times on its way: typed, kept, dated
def _faults_of(text: str, valid_from: date | None, _language: str) -> tuple[Programme | None, tuple[Fault, ...]]:
    report = checking.check_text(text, "programme.toml")
    if report.faults:
        return report.programme, report.faults
    if report.programme is None:
        return None, (Fault("programme.toml", "", _("这里只收病种方案，不收条目文件。")),)
    if valid_from is None or valid_from == report.programme.valid_from:
        return report.programme, ()
    definition = replace(definitions.read_text(text, "programme.toml"), valid_from=valid_from)
    dated = checking.check(definition, "programme.toml")
    return dated.programme, dated.faults


def require_good(text: str, *, valid_from: date | None = None) -> Programme:
    """The programme of a text without faults. :raises InvalidInput: it has some; `fields` say them by line and place"""
    programme, faults = faults_of(text, valid_from=valid_from)
    if faults or programme is None:
        said = {f"{n}": spoken(each) for n, each in enumerate(faults[:20], 1)}
        raise InvalidInput(
            ngettext("方案有%(n)d处错误，未保存。", "方案有%(n)d处错误，未保存。", len(faults)) % {"n": len(faults)},
            fields={"text": said["1"], **said}, code="faulty-definition"
        )  # fmt: skip
    return programme


def spoken(fault: Fault) -> str:
    """A fault in one line: where, and what."""
    line = _("第%(line)d行") % {"line": fault.line} if fault.line else ""
    return " · ".join(part for part in (line, fault.place, fault.message) if part)


def editions_visible_to(actor: Actor) -> QuerySet[Edition]:
    """All of them for who writes or reviews; they name nobody. :raises NotPermitted: the actor does neither"""
    permissions.may_read_editions(actor).require()
    return Edition.objects.order_by("-status_changed_at", "-id")


def visible_edition(actor: Actor, uuid: UUID) -> Edition:
    """One of them. :raises NotVisible: there is none, or the actor neither writes nor reviews"""
    found = Edition.objects.filter(uuid=uuid).first() if permissions.may_read_editions(actor) else None
    if found is None:
        raise NotVisible("programmes.edition", uuid)
    return found


def steps_of(edition: Edition) -> list[EditionStatusChange]:
    """What became of it, oldest first."""
    return list(edition.status_changes.order_by("changed_at", "id"))


def latest_effect(edition: Edition) -> EditionEffect | None:
    """The newest count of what it would do; of an older text it says so by its checksum."""
    return EditionEffect.objects.filter(edition=edition).order_by("-id").first()


def under_way() -> QuerySet[Edition]:
    """Editions that are still on their way."""
    return Edition.objects.exclude(status__in=[EditionStatus.WITHDRAWN, EditionStatus.DISCARDED, EditionStatus.DATED])


def text_of(version: str) -> str:
    """The text of a version: kept here, of a file, or a frame written out. :raises KeyError: there is none"""
    kept = Edition.objects.filter(version=version, status=EditionStatus.DATED).first()
    if kept is not None:
        return kept.text
    try:
        return definitions.text_of(catalogue.PROGRAMMES, version)
    except KeyError:
        return framing.text_of(version)


@dataclass(frozen=True, slots=True)
class Running:
    """How many enrolments of a programme run by a version at a facility."""

    facility_id: int
    version: str
    n: int


def running(slug: str, places: frozenset[int] | None) -> list[Running]:
    """Enrolments of a programme by facility and version; None means everywhere. One query."""
    rows = Enrolment.objects.filter(programme=slug, status__in=MOVABLE)
    if places is not None:
        rows = rows.filter(facility_id__in=places)
    counted = rows.order_by("facility_id", "version").values_list("facility_id", "version").annotate(n=Count("id"))
    return [Running(place, version, n) for place, version, n in counted]


def not_yet(slug: str, facility_id: int, version: str) -> QuerySet[Enrolment]:
    """Enrolments of a programme at a facility that run by another version, oldest first."""
    rows = Enrolment.objects.select_related("resident__managed_by", "facility")
    return (
        rows.filter(programme=slug, facility_id=facility_id, status__in=MOVABLE).exclude(version=version).order_by("id")
    )


def begun(versions: Sequence[Programme], on: date) -> list[Programme]:
    """Of these the ones that are or were in force, the newest first."""
    return sorted((each for each in versions if each.valid_from <= on), key=lambda each: each.valid_from, reverse=True)
