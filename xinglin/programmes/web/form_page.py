"""What the form of a joint visit shows: the questions, what they come to while they are answered, the trends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.followups.api import QuietWeek, quiet_week
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import DomainError, InvalidInput
from xinglin.platform.ids import new_uuid
from xinglin.programmes import answering, judging, queries, secrecy, titles
from xinglin.programmes.data import LEVELS, AlertAnswer, AlertLevel, Channel, VisitKind, WhyUnreached
from xinglin.programmes.models import Alert, Enrolment, ProgrammeVisit
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.assessing import Outcome
from xinglin.programmes.rules.lacking import lacking
from xinglin.programmes.states import MANAGED, Status
from xinglin.programmes.web import forms
from xinglin.programmes.web.fields import Questions
from xinglin.residents import api as residents
from xinglin.web.answers import fields_of, message_of
from xinglin.web.marks import mark_named, source_said

#: Tone of a notice for each level of an alert.
TONES = {
    AlertLevel.EMERGENCY: "critical",
    AlertLevel.REFER: "warning",
    AlertLevel.ADJUST: "warning",
    AlertLevel.NOTE: "info",
}


@dataclass(frozen=True, slots=True)
class AlertView:
    """One finding, in the tone of its level, with where the rule comes from."""

    tone: str
    level: str
    text: str
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """What the visit comes to in one programme."""

    title: str
    grade: str
    risk: str
    controlled: str
    controlled_tone: str
    on_target: str
    target_tone: str
    next_due: date
    advice: list[str]
    education: list[str]
    missing: list[str]
    tests_due: list[str]


@dataclass(frozen=True, slots=True)
class Advice:
    """Everything said while the form is filled in."""

    outcomes: list[OutcomeView]
    alerts: list[AlertView]
    refused: list[str]
    wants_answer: bool
    next_due: date | None


NO_ADVICE = Advice([], [], [], wants_answer=False, next_due=None)


@dataclass(frozen=True, slots=True)
class FormPage:
    """The joint form of a resident."""

    resident: Any
    person: residents.PersonBanner
    programmes: list[str]
    frames: list[tuple[str, list[str]]]  # of those only framed: name and what is lacking
    is_managed: bool
    title: str
    questions: Questions
    advice: Advice
    standing: list[Alert]  # what earlier visits found and nobody has acted on
    channels: list[tuple[str, str]]
    kinds: list[tuple[str, str]]  # of the form; none where the yearly one asks nothing more
    yearly_said: str
    alert_answers: list[tuple[str, str]]
    unreached_on: date
    whys: list[tuple[str, str]]
    values: Mapping[str, Any]
    last: ProgrammeVisit | None
    last_said: str
    client_id: str
    error: str
    fields: Mapping[str, object]
    asks_confirmation: bool
    amends: ProgrammeVisit | None
    phone: bool
    quiet: QuietWeek | None

    @property
    def offers_kinds(self) -> bool:
        """Whether there is more than one form to choose from."""
        return len(self.kinds) > 1

    @property
    def may_call(self) -> bool:
        """Whether the call is offered: nobody spoke to the resident this week, or it cannot wait."""
        return self.quiet is None or bool(self.quiet.exemption)

    @property
    def asks_reason(self) -> bool:
        """Whether a visit by telephone needs a reason; who was asked for one, of another moment, too."""
        return not self.may_call or bool({"call_reason"} & set(self.fields)) or bool(self.values.get("call_reason"))

    @property
    def rest_open(self) -> bool:
        """Whether the folded part must be seen."""
        return bool({"happened_at", "note", "call_reason"} & set(self.fields)) or self.questions.asks_more


def form_page(
    actor: Actor, resident: Any, *, at: datetime, given: QueryDict | None = None, error: DomainError | None = None,
    amends: ProgrammeVisit | None = None, same: bool = False, looks: bool = False,
) -> FormPage:  # fmt: skip
    """The page as it stands: new, typed into (`given`), filled as last time (`same`), or refused (`error`)."""
    ids, today = residents.ids_of_person(resident), clock.today(at)
    enrolments = _enrolments(actor, resident, amends)
    past = queries.standing_visits(ids, limit=1)
    last = past[0] if past else None
    kind = (given.get("kind") if given else None) or (amends.kind if amends else VisitKind.ROUTINE)
    kind = kind if kind in VisitKind.values else VisitKind.ROUTINE
    items = judging.joint_items(
        enrolments,
        kind,
        judging.person_of(resident, on=today, enrolments=enrolments),
        judging.joint_past(ids, on=today),
        on=today,
    )
    typed = _typed(given, amends, last if same else None)
    errors = fields_of(error)
    values = _values(given, amends, last)
    advice = _advice(resident, enrolments, typed, kind, given, amends, at=at) if looks or error or amends else NO_ADVICE
    person = residents.person_of(resident, actor)
    return FormPage(
        resident=resident, person=person, programmes=[titles.short(each.programme) for each in enrolments], frames=_frames(enrolments),
        is_managed=bool(enrolments), title=_("三高联合随访") if _is_joint(enrolments) else _("慢病随访"),
        questions=Questions.build(items, typed, errors, many=len(enrolments) > 1), advice=advice,
        standing=[] if amends else [each for each in queries.open_alerts(resident) if secrecy.knows(actor, each.enrolment)],
        channels=_options(Channel), kinds=_kinds(enrolments, kind), yearly_said=_yearly_said(enrolments, today), alert_answers=_options(AlertAnswer),
        unreached_on=today, whys=_options(WhyUnreached), values=values, last=last, last_said=_said(actor, last) if last else "",
        client_id=(given.get("client_id", "") if given else "") or str(new_uuid()),
        error=message_of(error), fields=errors,
        asks_confirmation=any("confirm" in str(name) for name in errors) or getattr(error, "code", "") == "vitals-unusual",
        amends=amends, phone=bool(resident.phone), quiet=None if amends else quiet_week(actor, ids, at=at),
    )  # fmt: skip


def _enrolments(actor: Actor, resident: Any, amends: ProgrammeVisit | None) -> list[Enrolment]:
    """In the order of the definitions: what is asked first of all stands first."""
    found = (
        [each.enrolment for each in amends.results.all()]
        if amends
        else [each for each in queries.enrolments_known_to(actor, resident) if each.status in {*MANAGED, Status.PAUSED}]
    )
    return sorted(found, key=lambda each: judging.definition_of(each).order)


def _is_joint(enrolments: Sequence[Enrolment]) -> bool:
    """Whether one visit serves several that belong together."""
    slugs = {each.programme for each in enrolments}
    joined = [set(each.joins) for each in catalogue.all_versions() if each.joins]
    return any(len(slugs & group) > 1 for group in joined)


def _typed(
    given: QueryDict | None, amends: ProgrammeVisit | None, same: ProgrammeVisit | None
) -> dict[str, Any] | None:
    """What stands in the form; None: nothing but what is carried forward. Of the last visit only words, no figures."""
    if given is not None:
        typed = forms.answers_in(given)
        for code, value in (same.answers if same else {}).items():
            item = answering.known_item(code)
            if item is not None and item.kind != "number" and item.valid_days is None and not typed.get(code):
                typed[code] = _as_typed(value)
        return typed
    return {code: _as_typed(value) for code, value in amends.answers.items()} if amends else None


def _as_typed(value: Any) -> Any:
    return ("yes" if value else "no") if isinstance(value, bool) else value


def _values(given: QueryDict | None, amends: ProgrammeVisit | None, last: ProgrammeVisit | None) -> Mapping[str, Any]:
    if given is not None:
        return given
    if amends is not None:
        return {
            "channel": amends.channel, "kind": amends.kind, "advice": amends.advice, "note": amends.note,
            "happened_at": f"{timezone.localtime(amends.happened_at):%Y-%m-%dT%H:%M}",
            "alert_answer": amends.alert_answer, "alert_note": amends.alert_note,
        }  # fmt: skip
    return {"channel": last.channel if last else Channel.CLINIC, "kind": VisitKind.ROUTINE}


def _advice(
    resident: Any, enrolments: Sequence[Enrolment], typed: Mapping[str, Any] | None, kind: str, given: QueryDict | None,
    amends: ProgrammeVisit | None, *, at: datetime,
) -> Advice:  # fmt: skip
    answers = answering.values_of(typed or {})
    if not answers:
        return NO_ADVICE
    try:
        moment = forms.moment_of(given.get("happened_at", "")) if given else None
    except InvalidInput:
        moment = None  # said at its field
    day = clock.today(moment or at)
    found = judging.outcomes(resident, enrolments, answers, on=day, kind=kind, without=amends)
    alerts = {each.code: each for outcome in found.values() for each in outcome.alerts}
    ordered = sorted(alerts.values(), key=lambda each: -LEVELS[each.level])
    return Advice(
        outcomes=[_outcome_view(enrolment, outcome) for enrolment, outcome in found.items()],
        alerts=[
            AlertView(
                TONES[LEVELS[each.level]], str(LEVELS[each.level].label), str(each.text), source_said(each.origin.source),
                mark_named(each.origin.mark),
            )
            for each in ordered
        ],
        refused=list({reason: None for outcome in found.values() for reason in outcome.refused.values()}),
        wants_answer=any(LEVELS[each.level] >= AlertLevel.REFER for each in ordered),
        next_due=min((outcome.next_due for outcome in found.values()), default=None),
    )  # fmt: skip


def _outcome_view(enrolment: Enrolment, outcome: Outcome) -> OutcomeView:
    definition = judging.definition_of(enrolment)
    grade = definition.grade(outcome.grade)
    known = catalogue.items()
    return OutcomeView(
        title=str(definition.short), grade=str(grade.title) if grade else _("未分级"), risk=grade.risk if grade else "",
        controlled=judging.yes_no(outcome.controlled), controlled_tone=_tone(outcome.controlled),
        on_target=judging.yes_no(outcome.on_target), target_tone=_tone(outcome.on_target), next_due=outcome.next_due,
        advice=[str(each.text) for each in outcome.advice], education=[str(each.text) for each in outcome.education],
        missing=[str(known[code].label) for code in outcome.missing if code in known],
        tests_due=[str(known[code].label) for code in outcome.tests_due if code in known],
    )  # fmt: skip


def _tone(value: bool | None) -> str:
    return "neutral" if value is None else "ok" if value else "warning"


def _said(actor: Actor, visit: ProgrammeVisit) -> str:
    figures = [code for code in ("systolic", "diastolic") if code in visit.answers]
    pressure = "/".join(str(visit.answers[code]) for code in figures)
    grades = [
        titles.grade(each.enrolment.programme, each.version, each.grade)
        for each in visit.results.all()
        if secrecy.knows(actor, each.enrolment)
    ]
    said = (timezone.localdate(visit.happened_at).isoformat(), pressure, *grades)
    return " · ".join(part for part in said if part)


def _kinds(enrolments: Sequence[Enrolment], kind: str) -> list[tuple[str, str]]:
    asked = [judging.definition_of(each) for each in enrolments]
    differs = kind != VisitKind.ROUTINE or any(each.codes("yearly") != each.codes("routine") for each in asked)
    return _options(VisitKind) if differs else []


def _yearly_said(enrolments: Sequence[Enrolment], today: date) -> str:
    """That the yearly assessment is due, of the programme where it is so longest."""
    days = [day for each in enrolments if (day := judging.yearly_due_on(each)) is not None]
    return _("年度评估应于%(day)s前做") % {"day": min(days).isoformat()} if days and min(days) <= today else ""


def _options(words: Any) -> list[tuple[Any, str]]:
    return [(value, str(label)) for value, label in words.choices]


def _frames(enrolments: Sequence[Enrolment]) -> list[tuple[str, list[str]]]:
    runs = [(each, judging.definition_of(each)) for each in enrolments]
    return [(titles.short(each.programme), lacking(found)) for each, found in runs if found.is_frame]
