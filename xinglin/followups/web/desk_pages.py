"""What the pages of the follow-up centre show. Templates only print."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from xinglin.followups import desk, figures, permissions, purposes, queries
from xinglin.followups.actions.calling import scripts_of_call
from xinglin.followups.actions.quiet import may_be_called
from xinglin.followups.data import SPOKEN, Channel, Dialled, Discharge
from xinglin.followups.models import Call, CallPurpose, DischargePlan, FollowUpTask
from xinglin.followups.rules import plans, scripts
from xinglin.followups.web.pages import RISK_LEVELS, status_view
from xinglin.followups.web.week import Due, Week, days_ago
from xinglin.followups.wording import answers_said, exemptions_said
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import DomainError
from xinglin.residents import api as residents
from xinglin.web.answers import fields_of, message_of
from xinglin.web.formats import age_text, due_day_text
from xinglin.web.pills import Pill

WAYS = (Channel.PHONE, Channel.HOME, Channel.MESSAGE)


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One person on the desk."""

    url: str
    title: str
    meta: str
    risk: str
    risk_label: str
    due: str
    tone: str
    note: str
    note_tone: str


def desk_row(line: desk.Line, *, at: datetime) -> DeskRow:
    """One person of the desk."""
    resident, today = line.resident, clock.today(at)
    risk = FollowUpTask.Risk(line.risk)
    note, tone = "", ""
    if line.own_call:
        note, tone = _("您正在通话"), "info"
    elif line.held_by:
        note, tone = _("%(who)s正在联系") % {"who": line.held_by}, "neutral"
    elif line.says_no:
        note, tone = _("不同意电话联系"), "warning"
    elif line.called_on:
        when = days_ago(line.called_on, at=at)
        note, tone = _("%(when)s %(who)s已联系") % {"when": when, "who": line.called_by}, "neutral"
    tries = (
        ngettext("已拨%(n)d次未通", "已拨%(n)d次未通", line.n_attempts) % {"n": line.n_attempts}
        if line.n_attempts
        else ""
    )
    count = ngettext("到期%(n)d项", "到期%(n)d项", line.n_tasks) % {"n": line.n_tasks}
    where = (
        reverse("followups:call", args=[line.own_call])
        if line.own_call
        else reverse("followups:person", args=[resident.uuid])
    )
    return DeskRow(
        url=where, title=f"{resident.name} {resident.get_sex_display()} {age_text(resident.born_on, today)}",
        meta=" · ".join(part for part in (count, tries, str(resident.managed_by)) if part),
        risk=RISK_LEVELS[risk], risk_label=str(risk.label),
        due=due_day_text(line.first_due_on, today=today), tone="critical" if line.first_due_on < today else "",
        note=note, note_tone=tone,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PersonPage:
    """Before the call: who, for what, what was said earlier, how he wants to be reached."""

    resident: Any
    person: residents.PersonBanner
    week: Week
    ways: list[tuple[str, str]]
    error: str
    may: Decision
    may_settle: bool  # somebody spoke to him this week: what is due here may be ended by that call, or wait
    covers: str  # that call, when it is one the reader sees

    @classmethod
    def build(
        cls, actor: Actor, resident: Any, facility_id: int, *, at: datetime, error: DomainError | None = None
    ) -> "PersonPage":
        """For somebody who may contact the resident."""
        ids = residents.ids_of_person(resident)
        due = purposes.due_for(actor, ids, at=at)
        may = permissions.may_call(actor, facility_id)
        may = may and may_be_called(actor, ids, facility_id, due, at=at)
        week = Week.build(actor, resident, due=due, at=at)
        sees_call = bool(week.call) and queries.calls_visible_to(actor).filter(uuid=week.call).exists()
        return cls(
            resident=resident, person=residents.person_of(resident, actor),
            week=week, ways=[(each.value, str(each.label)) for each in WAYS],
            error=message_of(error), may=may,
            may_settle=may.code == "called-this-week" and bool(desk.owed_to(actor, ids, at=at)),
            covers=week.call if sees_call else "",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a script with what was answered."""

    code: str
    label: str
    kind: str
    options: list[tuple[str, str]]
    value: Any
    unit: str
    is_required: bool
    error: object


@dataclass(frozen=True, slots=True)
class Section:
    """One script on the screen."""

    title: str
    opening: str
    version: str
    questions: list[Question]


@dataclass(frozen=True, slots=True)
class CallPage:
    """One call: the number, everything it is for, the script on one screen, how it went."""

    call: Call
    person: residents.PersonBanner
    phone: str
    is_open: bool
    may: Decision
    due: list[Due]
    exempt: str  # why it is made although there was a contact this week
    answers: list[tuple[str, str]]
    sections: list[Section]
    alerts: list[tuple[str, str]]
    dialled: list[tuple[str, str]]
    values: Mapping[str, Any]
    is_answered: bool
    week: Week
    error: str
    fields: Mapping[str, object]
    outcome: str
    tomorrow: date

    @property
    def named_fields(self) -> Mapping[str, object]:
        """Reasons by the name of the field on the page."""
        return {name if name in OWN_FIELDS else f"a-{name}": reason for name, reason in self.fields.items()}

    @classmethod
    def build(
        cls, actor: Actor, call: Call, *, at: datetime, given: QueryDict | None = None, error: DomainError | None = None
    ) -> "CallPage":
        """For a reader who sees the call; the number only for who holds it."""
        may, fields = permissions.may_end(actor, call), fields_of(error)
        used = scripts_of_call(call)
        answers, _wrong = scripts.read(used, answers_of(given, used))
        raised = {alert.code: alert for each in used for alert in scripts.assess(each, answers).alerts}
        if call.ended_at is not None:
            heard = {code for each in call.results for code in each["alerts"]}
            raised = {alert.code: alert for each in used for alert in each.alerts if alert.code in heard}
        return cls(
            call=call, person=residents.person_of(call.resident, actor),
            phone=(call.resident.phone or "") if may.allowed else "", is_open=call.ended_at is None, may=may,
            due=_purposes(actor, call), exempt=exemptions_said(call.exemption.split(",")), answers=answers_said(call.scripts, call.answers),
            sections=_sections(used, answers, given, fields),
            alerts=[(_TONES[each.level], str(each.text)) for each in raised.values()],
            dialled=[(each.value, str(each.label)) for each in SPOKEN], values=given or {},
            is_answered=given is None or given.get("dialled", "ANSWERED") in {"ANSWERED", ""},
            week=Week.build(actor, call.resident, at=at), error=message_of(error), fields=fields,
            outcome=str(Dialled(call.dialled).label) if call.dialled else "",
            tomorrow=clock.today(at) + timedelta(days=1),
        )  # fmt: skip


#: What the form of a call asks besides the questions of its scripts.
OWN_FIELDS = {"dialled", "again_on", "note"}
_TONES = {"note": "info", "task": "warning", "concern": "warning", "refer": "critical"}


def answers_of(given: QueryDict | None, used: list[scripts.Script]) -> dict[str, Any]:
    """What a posted form says, by code of the question."""
    if given is None:
        return {}
    items = {item.code: item for each in used for item in each.items}
    return {
        code: given.getlist(f"a-{code}") if item.kind == "many" else given.get(f"a-{code}", "")
        for code, item in items.items()
    }


def _purposes(actor: Actor, call: Call) -> list[Due]:
    rows = list(call.purposes.select_related("facility").order_by("due_on", "id"))
    titles = purposes.titles_of(actor, rows)
    return [_purpose(each, titles[each.source, each.key]) for each in rows]


def _purpose(row: CallPurpose, title: str) -> Due:
    word = _("危险，不受一周一次限制") if row.is_critical else ""
    settled = _("已并入本次") if row.is_settled else ""
    return Due(
        title, " · ".join(each for each in (str(row.facility), settled) if each), row.due_on.isoformat(), word, ""
    )


def _sections(
    used: list[scripts.Script], answers: Mapping[str, Any], given: QueryDict | None, fields: Mapping[str, object]
) -> list[Section]:
    return [
        Section(
            script.title, str(script.opening), script.version,
            [_question(item, given, fields) for item in items if item.is_asked(answers)],
        )
        for script, items in scripts.together(used)
    ]  # fmt: skip


def _question(item: scripts.Item, given: QueryDict | None, fields: Mapping[str, object]) -> Question:
    name = f"a-{item.code}"
    value: Any = ""
    if given is not None:
        value = given.getlist(name) if item.kind == "many" else given.get(name, "")
    return Question(
        name, str(item.text), item.kind, [(each, str(text)) for each, text in item.options], value, item.unit,
        item.is_required, fields.get(item.code, ""),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DischargeForm:
    """The form of a plan at discharge."""

    values: Mapping[str, Any]
    ways: list[tuple[str, str]]
    error: str
    fields: Mapping[str, object]
    today: date
    preview: list[tuple[str, str]]
    plan: str

    @classmethod
    def build(cls, *, at: datetime, given: Mapping[str, Any], error: DomainError | None = None) -> "DischargeForm":
        """Empty, or with what was written; with a preview of the steps when enough is known."""
        today = clock.today(at)
        code, way = str(given.get("diagnosis_code", "")).strip().upper(), str(given.get("discharge", ""))
        try:
            on = date.fromisoformat(str(given.get("discharged_on", "")))
        except ValueError:
            on = today
        chosen = plans.plan_for(way, code, on=today) if code and way else None
        steps = plans.steps_of(chosen, discharged_on=on, made_on=today) if chosen else []
        return cls(
            values=given, ways=[(value, str(label)) for value, label in Discharge.choices],
            error=message_of(error), fields=fields_of(error),
            today=today, plan=chosen.title if chosen else "",
            preview=[(day.isoformat(), str(step.text)) for step, day in steps],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step of a plan."""

    url: str
    title: str
    meta: str
    due: str
    status: Pill


@dataclass(frozen=True, slots=True)
class DischargePage:
    """One plan with its tasks at three levels."""

    plan: DischargePlan
    person: residents.PersonBanner
    discharge: str
    steps: list[PlanStep]
    may: Decision
    has_open: bool
    error: str

    @classmethod
    def build(
        cls, actor: Actor, plan: DischargePlan, *, at: datetime, error: DomainError | None = None
    ) -> "DischargePage":
        """For a reader who sees the plan."""
        tasks = queries.tasks_of_origin(plan.uuid)
        visible = set(queries.followups_visible_to(actor).filter(origin_uuid=plan.uuid).values_list("uuid", flat=True))
        return cls(
            plan=plan, person=residents.person_of(plan.resident, actor), discharge=str(plan.get_discharge_display()),
            steps=[
                PlanStep(
                    reverse("followups:detail", args=[each.uuid]) if each.uuid in visible else "",
                    f"{each.get_level_display()} · {each.get_kind_display()}", str(each.facility),
                    each.due_on.isoformat(), status_view(each),
                )
                for each in tasks
            ],
            may=permissions.may_end_plan(actor, plan.facility_id), has_open=any(not each.done_at for each in tasks),
            error=message_of(error),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """The figures of a month."""

    total: figures.Figures
    rows: list[figures.Figures]
    month: str
    earlier: str
    later: str

    @classmethod
    def build(cls, actor: Actor, *, month: date, at: datetime) -> "FiguresPage":
        """For the facilities whose figures the actor may see."""
        since, until = figures.month_of(month)
        total, *rows = figures.figures(actor, since=since, until=until)
        here = reverse("followups:figures")
        before = since - timedelta(days=1)
        return cls(
            total, rows, f"{since:%Y-%m}", f"{here}?month={before:%Y-%m}",
            f"{here}?month={until:%Y-%m}" if until <= clock.today(at) else "",
        )  # fmt: skip
