"""What the page of one programme visit shows."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.programmes import answering, judging, leading, permissions, titles
from xinglin.programmes.data import CHECK_TONES, AlertAnswer, AlertLevel, CheckResult, VisitKind
from xinglin.programmes.models import ProgrammeVisit
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.words import AND
from xinglin.programmes.web.form_page import TONES
from xinglin.residents import api as residents


@dataclass(frozen=True, slots=True)
class DetailPage:
    """One visit: who, what was answered, what it came to, what follows."""

    visit: ProgrammeVisit
    person: residents.PersonBanner
    title: str
    answers: list[tuple[str, str]]
    results: list[dict[str, Any]]
    alerts: list[dict[str, Any]]
    checks: list[dict[str, Any]]
    replaced_by: ProgrammeVisit | None
    may_amend: Decision
    refer_url: str
    resident_url: str

    @classmethod
    def build(cls, actor: Actor, visit: ProgrammeVisit) -> "DetailPage":
        """The page of a visible visit, for an actor."""
        results = list(visit.results.all())
        names = str(AND).join(titles.short(each.enrolment.programme) for each in results)
        alerts = sorted(visit.alerts.all(), key=lambda each: -each.level)
        replaced = ProgrammeVisit.objects.filter(replaces=visit).first()
        return cls(
            visit=visit, person=residents.person_of(visit.resident, actor), title=_("%(what)s随访") % {"what": names},
            answers=answers_of(visit), results=[_result(each) for each in results],
            alerts=[
                {"tone": TONES[AlertLevel(each.level)], "text": each.text, "because": answering.values_said(each.values), "level": each.get_level_display(),
                 "follow_by": each.follow_by, "answer": each.answered_at}
                for each in alerts
            ],
            checks=[
                {"tone": CHECK_TONES[CheckResult(each.result)], "title": _("回访核查：%(result)s") % {"result": each.get_result_display()},
                 "note": each.note, "by": each.checked_by_name, "at": each.checked_at, "asks_amending": each.result != CheckResult.TRUE}
                for each in leading.told_checks(actor, visit)
            ],
            replaced_by=replaced, may_amend=permissions.may_amend(actor, visit),
            refer_url=reverse("referrals:send", args=[visit.visit.uuid])
            if visit.visit and visit.alert_answer == AlertAnswer.REFER else "",
            resident_url=reverse("programmes:resident", args=[visit.resident.uuid]),
        )  # fmt: skip


def answers_of(visit: ProgrammeVisit, programme: str = "") -> list[tuple[str, str]]:
    """What was answered, in the order of the definitions; only what a programme asks, where one is named."""
    known = catalogue.items()
    asked = {
        code
        for each in visit.results.all()
        if each.enrolment.programme == programme
        for kind in VisitKind.values
        for code in catalogue.programme(programme, each.version).codes(kind)
    }
    said = [
        (str(known[code].label), answering.said(code, visit.answers[code]))
        for code in known
        if code in visit.answers and (not programme or code in asked)
    ]
    return [each for each in said if each[1]]


def _result(result: Any) -> dict[str, Any]:
    known = catalogue.items()
    return {
        "title": titles.short(result.enrolment.programme),
        "grade": titles.grade(result.enrolment.programme, result.version, result.grade) or _("未分级"),
        "controlled": judging.yes_no(result.is_controlled),
        "controlled_tone": _tone(result.is_controlled),
        "on_target": judging.yes_no(result.on_target),
        "target_tone": _tone(result.on_target),
        "next_due": result.next_due_on,
        "version": result.version,
        "advice": result.advice_said,
        "changes": [(each.changed_at, each.get_because_display()) for each in result.changes.order_by("-id")],
        "missing": [str(known[code].label) for code in result.missing if code in known],
    }


def _tone(value: bool | None) -> str:
    return "neutral" if value is None else "ok" if value else "warning"
