"""What a resident takes home from a visit of his programmes: one page of A5 in plain words, in the reader's language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from xinglin.platform import audit
from xinglin.platform.actors import Actor
from xinglin.platform.language import language_code
from xinglin.programmes import answering, judging, records
from xinglin.programmes.events import Event
from xinglin.programmes.models import Enrolment, ProgrammeVisit
from xinglin.programmes.rules import catalogue, plain
from xinglin.programmes.rules.assessing import Outcome
from xinglin.programmes.rules.computing import OF_PERSON, about
from xinglin.programmes.rules.shapes import Programme
from xinglin.programmes.rules.words import AND, SEMICOLON, Text
from xinglin.residents import api as residents
from xinglin.visits import api as visits
from xinglin.web.documents import Form, pdf_response, render, source_of
from xinglin.web.formats import age_text

TEMPLATE = "programmes/advice.typ"
#: So many points fit on the page, and in a head.
MOST_POINTS = 6
MOST_SIGNS = 14


def hand_out(visit: ProgrammeVisit, *, by: Actor, at: datetime) -> HttpResponse:
    """The page as an answer, and the look at the record written down."""
    content = advice_pdf(visit, at=at)
    audit.look(
        Event.PRINTED, by=by, at=at, subject=visit.resident.uuid, kind="programmes.programmevisit", key=str(visit.uuid)
    )
    return pdf_response(content, f"{timezone.localdate(visit.happened_at):%Y%m%d}-{str(visit.uuid)[-6:]}")


def advice_pdf(visit: ProgrammeVisit, *, at: datetime, form: Form = "pdf") -> bytes:
    """The page, for a visit the actor may see."""
    return render(source_of(TEMPLATE), advice_data(visit, at=at), form=form)


def advice_data(visit: ProgrammeVisit, *, at: datetime) -> dict[str, Any]:
    """What the page says, as plain data. It names no disease: it lies on a table at home."""
    judged = _judged(visit)
    resident, on = visit.resident, timezone.localdate(visit.happened_at)
    urgent = _urgent(judged)
    return {
        "language": language_code(),
        "title": _("随访建议"),
        "facility": str(visit.facility),
        "name": resident.name,
        "age": age_text(resident.born_on, on),
        "on": _("随访日期 %(day)s") % {"day": date_format(on)},
        "values_title": _("今天的数值和您的目标"),
        "values_head": [_("项目"), _("今天"), _("目标")],
        "values": _values(visit, judged),
        "changes_title": _("请您这样做"),
        "changes": _changes(visit, judged),
        "medicines_title": _("用药"),
        "medicines": _medicines(visit),
        "next_title": _("下次随访"),
        "next_on": date_format(min(each.next_due_on for each in visit.results.all())),
        "next_where": " ".join(part for part in (str(visit.facility), visit.facility.phone) if part),
        "urgent_title": _("有下列情况，马上来就诊；危急时拨打120"),
        "urgent": urgent or [_("突然加重，或出现新的不舒服")],
        "semicolon": str(SEMICOLON),
        "foot": _("%(who)s · 打印时间 %(time)s · 由杏林平台生成") % {
            "who": visit.clinician_name, "time": f"{timezone.localtime(at):%Y-%m-%d %H:%M}",
        },
    }  # fmt: skip


def _judged(visit: ProgrammeVisit) -> dict[Enrolment, tuple[Programme, Outcome]]:
    """What the visit comes to by the versions it was judged by, in the order of the definitions."""
    results = visit.results.select_related("enrolment")
    runs = {each.enrolment: catalogue.programme(each.enrolment.programme, each.version) for each in results}
    found = records.record_of(visit.resident).judged(visit, runs)
    return {each: (runs[each], found[each]) for each in sorted(runs, key=lambda each: runs[each].order)}


def _values(visit: ProgrammeVisit, judged: Mapping[Enrolment, tuple[Programme, Outcome]]) -> list[list[str]]:
    """What was measured beside what is aimed at: a row for each target, of programmes that say the same one."""
    on = timezone.localdate(visit.happened_at)
    person = judging.person_of(visit.resident, on=on, enrolments=list(judged))
    facts = {**answering.values_of(visit.answers), **about(person, on)}
    rows: dict[tuple[str, ...], list[str]] = {}
    for programme, outcome in judged.values():
        found = plain.aim(programme, facts | dict(outcome.computed))
        if found is None or set(found[0]) & set(OF_PERSON):
            continue
        given = {code: visit.answers.get(code, outcome.computed.get(code)) for code in found[0]}
        label, value = _said({code: raw for code, raw in given.items() if raw is not None})
        if value:
            rows.setdefault((value,), [label, value, str(found[1])])
    return list(rows.values())


def _said(given: Mapping[str, Any]) -> tuple[str, str]:
    """Labels and values of a row; the two pressures as one."""
    items, labels, values = catalogue.items(), [], []
    for code, raw in given.items():
        if code == "diastolic" and "systolic" in given:
            continue
        if code == "systolic" and "diastolic" in given:
            labels.append(_("血压"))
            values.append(f"{raw}/{given['diastolic']} {items[code].unit}")
        elif code in items and (value := answering.said(code, raw)):
            labels.append(str(items[code].label))
            values.append(value)
    return str(AND).join(labels), str(AND).join(values)


def _changes(visit: ProgrammeVisit, judged: Mapping[Enrolment, tuple[Programme, Outcome]]) -> list[str]:
    """What the doctor wrote, then points of education: those with a reason in this person first, each once."""
    reasons: list[str] = []
    general: list[str] = []
    for programme, outcome in judged.values():
        texts = {each.point: str(each.text) for each in outcome.education}
        first, others, _emergency = plain.advised(programme, texts)
        reasons += [texts[each] for each in first]
        general += [texts[each] for each in others]
    own = [visit.advice] if visit.advice else []
    return [*own, *dict.fromkeys([*reasons, *general])][:MOST_POINTS]


def _medicines(visit: ProgrammeVisit) -> list[str]:
    found = visits.medicines_of(residents.ids_of_person(visit.resident))
    return list(dict.fromkeys(line for several in found.values() for line in several))


def _urgent(judged: Mapping[Enrolment, tuple[Programme, Outcome]]) -> list[str]:
    signs: dict[str, Text] = {}
    for programme, _outcome in judged.values():
        signs |= {each.zh: each for each in plain.urgent_signs(programme, catalogue.items())}
    return [str(each) for each in signs.values()][:MOST_SIGNS]
