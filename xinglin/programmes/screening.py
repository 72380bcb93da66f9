"""Opportunistic screening: one form for every programme that screens, and who is at high risk until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.paging import Page, page_of
from xinglin.programmes import answering, judging, queries, secrecy, titles
from xinglin.programmes.models import Enrolment, Screening, ScreeningResult
from xinglin.programmes.rules import assessing, catalogue
from xinglin.programmes.rules.items import Value
from xinglin.programmes.rules.shapes import Programme
from xinglin.programmes.states import ACTIVE
from xinglin.residents import api as residents
from xinglin.residents.data import Measurement, TimelineEntry
from xinglin.web.formats import listed_text, parted_text

KIND = "screening"


@dataclass(frozen=True, slots=True)
class Form:
    """The joint form: for which programmes, of whom, with which items, each once. Beside it the programmes that screen and not him: in
    which he is (`inside`), and which do not foresee him (`beyond`), e.g. for his age.
    """

    programmes: tuple[Programme, ...]
    person: assessing.Person
    items: tuple[assessing.ItemOnForm, ...]
    inside: tuple[Programme, ...] = ()
    beyond: tuple[Programme, ...] = ()

    @property
    def codes(self) -> frozenset[str]:
        """Items that are asked."""
        return frozenset(each.item.code for each in self.items)


def form_for(actor: Actor, resident: Any, *, at: datetime) -> Form:
    """What a resident is screened for today: every programme that screens, in which he is not, and that foresees him."""
    today = clock.today(at)
    person = judging.person_of(resident, on=today)
    inside = {each.programme for each in queries.enrolments_of(resident)}
    screens = [
        each
        for each in catalogue.programmes(today)
        if each.screening is not None and secrecy.may_know(actor, each.slug, resident.managed_by_id)
    ]
    outside = [each for each in screens if each.slug not in inside]
    chosen = tuple(each for each in outside if assessing.screen(each, person, {}, today).is_due)
    past = judging.joint_past(residents.ids_of_person(resident), on=today)
    return Form(
        chosen, person, tuple(assessing.joint_items(chosen, KIND, person, past, today)),
        inside=tuple(each for each in screens if each.slug in inside),
        beyond=tuple(each for each in outside if each not in chosen),
    )  # fmt: skip


def results(form: Form, values: dict[str, Value], *, on: date) -> list[tuple[Programme, assessing.Screening]]:
    """What the answers come to, by programme."""
    return [(each, assessing.screen(each, form.person, values, on)) for each in form.programmes]


def latest_results(actor: Actor, resident: Any) -> list[ScreeningResult]:
    """The latest of each programme, as far as the actor may know of it. The caller has seen the person."""
    ids = residents.ids_of_person(resident)
    rows = ScreeningResult.objects.select_related("screening__facility").filter(resident_id__in=ids, is_latest=True)
    return [
        each for each in rows.order_by("programme") if secrecy.may_know(actor, each.programme, resident.managed_by_id)
    ]


def high_risk(actor: Actor, *, programme: str = "", cursor: str = "") -> Page[ScreeningResult]:
    """One page of those at high risk who are in no such programme, at the facilities where the actor looks at programmes;
    who is to be screened again first stands in front.
    """
    rows = _high_risk_at(actor)
    if programme:
        rows = rows.filter(programme=programme)
    return page_of(rows.select_related("resident__managed_by", "screening"), by=("again_on", "id"), cursor=cursor)


def _high_risk_at(actor: Actor) -> QuerySet[ScreeningResult]:
    inside = Enrolment.objects.filter(
        resident_id=OuterRef("resident_id"), programme=OuterRef("programme"), status__in=ACTIVE
    )
    rows = ScreeningResult.objects.filter(
        ~Exists(inside), is_latest=True, is_high_risk=True, again_on__isnull=False, resident__status="ACTIVE"
    )
    if Permission.PROGRAMME_CONFIDENTIAL not in actor.permissions:
        rows = rows.exclude(programme__in=secrecy.secrets())
    places = actor.places_where(Permission.PROGRAMME_VIEW)
    return rows if places is None else rows.filter(resident__managed_by_id__in=places)


def measured(resident_ids: Sequence[int], codes: frozenset[str], since: datetime, limit: int) -> list[Measurement]:
    """What screenings measured, for everybody who asks for a person's values. One query."""
    wanted = {each.code: each for each in catalogue.items().values() if each.loinc in codes and each.kind == "number"}
    rows = Screening.objects.select_related("facility").filter(
        resident_id__in=list(resident_ids), screened_at__gte=since
    )
    found = []
    for row in rows.order_by("-screened_at")[:limit]:
        for code, value in answering.values_of(row.answers).items():
            if code in wanted and isinstance(value, Decimal):
                item = wanted[code]
                found.append(
                    Measurement(
                        item.loinc,
                        value,
                        item.unit.en,
                        row.screened_at,
                        f"{row.facility} {_('慢病筛查')}",
                        "",
                        row.resident_id,
                    )
                )
    return found[:limit]


def told(actor: Actor, resident_ids: Sequence[int], before: datetime, limit: int) -> list[TimelineEntry]:
    """Screenings on the timeline, with what was positive as far as the reader may know of it."""
    rows = Screening.objects.select_related("facility", "resident").prefetch_related("results").filter(
        resident_id__in=list(resident_ids), screened_at__lt=before
    )  # fmt: skip
    return [_entry(actor, row) for row in rows.order_by("-screened_at", "-id")[:limit]]


def _entry(actor: Actor, row: Screening) -> TimelineEntry:
    place = row.resident.managed_by_id
    positive = [secrecy.short(actor, each.programme, place) for each in row.results.all() if each.is_positive]
    risky = [
        secrecy.short(actor, each.programme, place)
        for each in row.results.all()
        if each.is_high_risk and not each.is_positive
    ]
    said = (
        _("阳性：%(names)s") % {"names": listed_text(positive)} if positive else "",
        _("高危：%(names)s") % {"names": listed_text(risky)} if risky else "",
    )
    opens = Permission.PROGRAMME_VIEW in actor.permissions
    return TimelineEntry(
        at=row.screened_at, kind=KIND, icon="search", title=_("慢病筛查"),
        detail=parted_text(each for each in said if each) or _("未见异常"),
        url=reverse("programmes:screening", args=[row.resident.uuid]) if opens else "",
        facility_name=str(row.facility), by_name=row.screened_by_name, tone="warning" if positive else "",
    )  # fmt: skip


def offered(actor: Actor, on: date) -> list[tuple[str, str]]:
    """Programmes that screen, for a choice."""
    found = [(each.slug, titles.short(each.slug)) for each in catalogue.programmes(on) if each.screening is not None]
    return secrecy.options(actor, found)
