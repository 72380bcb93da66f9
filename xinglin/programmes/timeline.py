"""Programmes as told on a resident's timeline, and what their visits measured."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.platform.actors import Actor
from xinglin.programmes import answering, queries, secrecy, titles
from xinglin.programmes.data import Channel
from xinglin.programmes.models import EnrolmentStatusChange, ProgrammeVisit
from xinglin.programmes.rules import catalogue
from xinglin.programmes.states import LOOKS, Status
from xinglin.residents.data import Measurement, TimelineEntry
from xinglin.web.formats import listed_text


def provide(actor: Actor, resident_ids: Sequence[int], before: datetime, limit: int) -> list[TimelineEntry]:
    """Steps of enrolments, and visits with what they came to. Three queries."""
    steps = [_step(actor, each) for each in queries.steps_of(resident_ids, before=before, limit=limit)]
    visits = [_visit(actor, each) for each in queries.visits_before(resident_ids, before=before, limit=limit)]
    return sorted([*steps, *visits], key=lambda each: each.at, reverse=True)[:limit]


def _step(actor: Actor, change: EnrolmentStatusChange) -> TimelineEntry:
    tone, icon = LOOKS[Status(change.became)]
    known = secrecy.knows(actor, change.subject)
    what = secrecy.short(actor, change.subject.programme, change.subject.facility_id)
    words = {"what": what, "status": Status(change.became).label}
    return TimelineEntry(
        at=change.changed_at, kind="programme", icon=icon, title=_("%(what)s管理：%(status)s") % words, detail=change.reason if known else "",
        facility_name=str(change.subject.facility), by_name=change.changed_by_name, tone=tone,
    )  # fmt: skip


def _visit(actor: Actor, visit: ProgrammeVisit) -> TimelineEntry:
    results = list(visit.results.all())
    known = [each for each in results if secrecy.knows(actor, each.enrolment)]
    is_whole = len(known) == len(results)
    shorts = (secrecy.short(actor, each.enrolment.programme, each.enrolment.facility_id) for each in results)
    names = listed_text(dict.fromkeys(shorts))
    values = listed_text(
        answering.said(code, visit.answers[code]) for code in ("systolic", "diastolic") if code in visit.answers
    )
    grades = [titles.grade(each.enrolment.programme, each.version, each.grade) for each in known]
    said = (
        str(Channel(visit.channel).label),
        values,
        *(each for each in grades if each),
        visit.advice if is_whole else "",
    )
    serious = max((each.severity for each in known), default=0)
    return TimelineEntry(
        at=visit.happened_at, kind="programme-visit", icon="clipboard", title=_("%(what)s随访") % {"what": names},
        detail=" · ".join(part for part in said if part), url=reverse("programmes:visit", args=[visit.uuid]) if is_whole else "",
        facility_name=str(visit.facility), by_name=visit.clinician_name,
        tone="critical" if serious >= 4 else "warning" if serious == 3 else "",
    )  # fmt: skip


def measured(resident_ids: Sequence[int], codes: frozenset[str], since: datetime, limit: int) -> list[Measurement]:
    """What programme visits measured that is not a visit of the clinic as well. One query."""
    wanted = {
        each.code: each for each in catalogue.items().values() if each.loinc in codes and each.kind == "number"
    }  # fmt: skip
    rows = ProgrammeVisit.objects.select_related("facility").filter(
        resident_id__in=resident_ids, replaced_by__isnull=True, happened_at__gte=since
    )
    found = []
    for visit in rows.order_by("-happened_at", "-id")[:limit] if wanted else ():
        source, url = f"{visit.facility} {_('慢病随访')}", reverse("programmes:visit", args=[visit.uuid])
        for code in wanted.keys() & visit.answers.keys():
            item = wanted[code]
            if visit.visit_id is None or item.loinc not in AT_CLINIC:
                value = Decimal(visit.answers[code])
                found.append(
                    Measurement(item.loinc, value, item.unit.en, visit.happened_at, source, url, visit.resident_id)
                )
    return found


#: What a visit of the clinic keeps itself.
AT_CLINIC = frozenset(
    {"8480-6", "8462-4", "8867-4", "8310-5", "2708-6", "29463-7", "8302-2", "14771-0", "14760-3", "14749-6"}
)
