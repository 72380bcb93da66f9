"""What may be read of recognition, always from an actor's point of view: decisions of his units, marks of all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from xinglin.accounts.data import Permission
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.finding import the_one
from xinglin.platform.paging import Page, page_of
from xinglin.recognition.models import Decision, Mark, Offer
from xinglin.residents import api as residents

_LOADED = ("resident", "facility", "unit", "source__centre", "report", "request", "visit")


def decisions_visible_to(actor: Actor) -> QuerySet[Decision]:
    """Decisions of units where the actor works with requests, or answers for figures. Whose they were is another
    question: see `names_for`.
    """
    every = Decision.objects.select_related(*_LOADED)
    places: set[int] = set()
    for permission in (Permission.REQUEST_VIEW, Permission.BOARD_VIEW):
        held = actor.places_where(permission)
        if held is None:
            return every
        places |= held
    return every.filter(facility__in=places)


def visible_decision(actor: Actor, uuid: UUID) -> Decision:
    """One decision: of a unit of the actor's, or about a person on a roster of his. :raises NotVisible: neither"""
    found = decisions_visible_to(actor).filter(uuid=uuid).first()
    if found is None and actor.may(Permission.REQUEST_VIEW) and actor.may(Permission.RESIDENT_VIEW):
        seen = residents.residents_visible_to(actor)
        found = Decision.objects.select_related(*_LOADED).filter(uuid=uuid, resident__in=seen).first()
    if found is None:
        raise NotVisible("recognition.decision", uuid)
    return found


def names_for(actor: Actor, decisions: Iterable[Decision]) -> dict[int, str]:
    """Names by id of the residents the actor may see; figures are read without names. One query, or none."""
    ids = {each.resident_id for each in decisions}
    if not ids or not actor.may(Permission.RESIDENT_VIEW):
        return {}
    return dict(residents.residents_visible_to(actor).filter(pk__in=ids).values_list("pk", "name"))


@dataclass(frozen=True, slots=True)
class Filters:
    """Which decisions: `since` and `until` days (half-open), the others empty for all."""

    since: date
    until: date
    outcome: str = ""
    item: str = ""
    reason: str = ""
    facility: int | None = None
    doctor: int | None = None
    unit: int | None = None


def within(decisions: QuerySet[Decision], wanted: Filters) -> QuerySet[Decision]:
    """Decisions of a period, by what is asked for."""
    decisions = decisions.filter(
        decided_at__gte=clock.start_of(wanted.since), decided_at__lt=clock.start_of(wanted.until)
    )
    named = {
        "outcome": wanted.outcome, "item": wanted.item, "reason_code": wanted.reason, "facility": wanted.facility,
        "decided_by": wanted.doctor, "unit": wanted.unit,
    }  # fmt: skip
    return decisions.filter(**{name: value for name, value in named.items() if value not in ("", None)})


def listed(actor: Actor, wanted: Filters, *, cursor: str = "") -> Page[Decision]:
    """One page of visible decisions, newest first."""
    return page_of(within(decisions_visible_to(actor), wanted), by=("-decided_at", "-id"), cursor=cursor)


def decisions_of(resident_ids: Iterable[int], *, before: datetime, limit: int) -> list[Decision]:
    """Decisions about a person before a moment, newest first. The caller has seen the person."""
    return list(
        Decision.objects.select_related("facility", "unit", "report", "source__centre")
        .filter(resident_id__in=list(resident_ids), decided_at__lt=before)
        .order_by("-decided_at", "-id")[:limit]
    )


def taken_over_at(visit_id: int) -> list[Decision]:
    """Results taken over at a visit, in the order they were."""
    return list(
        Decision.objects.select_related("source__centre", "report")
        .filter(visit=visit_id, outcome="RECOGNISED")
        .order_by("decided_at", "id")
    )


def own_decisions(actor: Actor, *, cursor: str = "") -> Page[Decision]:
    """What was decided about the actor himself, newest first. :raises NotPermitted: not a resident's account"""
    actor.may(Permission.OWN_RECORD).require()
    mine = Q(resident__uuid=actor.self_uuid) | Q(resident__merged_into__uuid=actor.self_uuid)
    rows = Decision.objects.select_related(*_LOADED).filter(mine)
    return page_of(rows, by=("-decided_at", "-id"), cursor=cursor)


@dataclass(frozen=True, slots=True)
class Shown:
    """A report somebody may read because it was shown to him before an order, or taken over."""

    source: object
    report: object


def shown_report(actor: Actor, report_uuid: UUID, *, at: datetime) -> Shown:
    """The version of a report that was shown to the actor before an order, or that a decision of his unit is about.

    What was shown is open for a day, and as long as the person is on a roster of the actor's.

    :raises NotVisible: neither
    """
    offers = Offer.objects.select_related("source__centre", "source__from_facility", "source__resident", "report")
    offers = offers.filter(report__uuid=report_uuid, shown_to=actor.user_id).exclude(shown_to=None)
    still = Q(shown_at__gt=at - timedelta(days=1)) | Q(resident__in=residents.residents_visible_to(actor))
    offer = offers.filter(still).first() if actor.may(Permission.REQUEST_PLACE) else None
    if offer is not None:
        return Shown(offer.source, offer.report)
    decision = _decision_about(actor, report_uuid)
    if decision is None:
        raise NotVisible("diagnostics.report", report_uuid)
    return Shown(decision.source, decision.report)


def _decision_about(actor: Actor, report_uuid: UUID) -> Decision | None:
    places = actor.places_where(Permission.REQUEST_VIEW)
    rows = Decision.objects.select_related("source__centre", "source__from_facility", "source__resident", "report")
    rows = rows.filter(report__uuid=report_uuid)
    return (rows if places is None else rows.filter(facility__in=places)).first()


# Marks ---------------------------------------------------------------------------------------------------------------
def marks(*, text: str = "", kind: str = "", level: str = "", cursor: str = "") -> Page[Mark]:
    """One page of marks, those that end last first; by name of the unit, code of the item, kind and level."""
    found = Mark.objects.select_related("facility")
    if text := text.strip().replace("\x00", "")[:40]:
        found = found.filter(
            Q(facility__name__contains=text) | Q(facility__short_name__contains=text) | Q(item__istartswith=text)
        )
    for name, value in (("kind", kind), ("level", level)):
        if value:
            found = found.filter(**{name: value})
    return page_of(found, by=("-valid_until", "-id"), cursor=cursor)


def mark_by_uuid(uuid: UUID) -> Mark:
    """One mark; marks are no secret to staff. :raises NotVisible: there is none"""
    return the_one(Mark.objects.select_related("facility"), uuid=uuid)


def marks_on(day: date, *, kind: str = "") -> list[Mark]:
    """Marks that hold by their own dates on a day."""
    found = Mark.objects.select_related("facility").filter(
        ended_at__isnull=True, valid_from__lte=day, valid_until__gt=day
    )
    return list(found.filter(kind=kind) if kind else found)
