"""What the pages of follow-up show. Templates only print."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.followups import actions, permissions, queries
from xinglin.followups.data import UNREACHED_WORDS, Adherence, Channel, Symptom
from xinglin.followups.models import FollowUpTask
from xinglin.followups.states import LOOKS, OPEN, Status
from xinglin.followups.web import forms
from xinglin.followups.web.week import Week
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import DomainError, InvalidInput
from xinglin.platform.paging import Page
from xinglin.residents import api as residents
from xinglin.visits import api as visits
from xinglin.web.answers import fields_of, message_of
from xinglin.web.formats import age_text, due_day_text, listed_text
from xinglin.web.pills import Pill

#: Words and badge of a risk.
RISK_LEVELS = {FollowUpTask.Risk.ORDINARY: "low", FollowUpTask.Risk.RAISED: "medium", FollowUpTask.Risk.HIGH: "high"}


def status_view(task: FollowUpTask) -> Pill:
    """The pill of a task."""
    tone, icon = LOOKS[Status(task.status)]
    return Pill(str(task.get_status_display()), tone, icon)


@dataclass(frozen=True, slots=True)
class Row:
    """One task in the list."""

    url: str
    title: str
    meta: str
    risk: str
    risk_label: str
    status: Pill
    is_open: bool
    due: str
    tone: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """The due list."""

    tabs: list[dict[str, Any]]
    rows: list[Row]
    paging: Page[Any]
    box: str

    @classmethod
    def build(cls, actor: Actor, *, box: str, cursor: str, at: datetime) -> "ListPage":
        """One page of a tab, for an actor."""
        paging = queries.due_list(actor, box=box, at=at, cursor=cursor)
        counts, today = queries.box_counts(actor, at=at), clock.today(at)
        labels = {"due": _("到期与逾期"), "week": _("七天内"), "later": _("以后"), "done": _("已结束")}
        tabs = [
            {
                "label": label,
                "url": f"{reverse('followups:list')}?box={name}",
                "active": name == box,
                "count": counts.get(name),
            }
            for name, label in labels.items()
        ]
        return cls(tabs, [_row(task, today) for task in paging.rows], paging, box)


def _row(task: FollowUpTask, today: date) -> Row:
    resident, is_open = task.resident, task.status in OPEN
    return Row(
        url=reverse("followups:detail", args=[task.uuid]),
        title=f"{resident.name} {resident.get_sex_display()} {age_text(resident.born_on, today)}",
        meta=" · ".join(str(part) for part in (task.get_kind_display(), task.facility, resident.address) if part),
        risk=RISK_LEVELS[FollowUpTask.Risk(task.risk)],
        risk_label=str(task.get_risk_display()),
        status=status_view(task),
        is_open=is_open,
        due=due_day_text(task.due_on, today=today) if is_open else "",
        tone="critical" if is_open and task.due_on < today else "",
    )


@dataclass(frozen=True, slots=True)
class DetailPage:
    """One follow-up: who, why, what last time, and the form."""

    task: FollowUpTask
    person: residents.PersonBanner
    phone: str
    status: Pill
    risk: str
    due: str
    is_open: bool
    may: Decision
    channels: list[tuple[str, str]]
    symptoms: list[tuple[str, str]]
    adherences: list[tuple[str, str]]
    advices: list[str]
    unreached: list[tuple[str, str]]
    latest: visits.Vitals | None
    earlier: list[dict[str, Any]]
    outcome: list[tuple[str, str]]
    hints: list[visits.Hint]
    is_critical: bool
    has_diabetes: bool
    whys: list[str]
    values: Mapping[str, Any]
    chosen_symptoms: list[str]
    try_again_on: date
    error: str
    fields: Mapping[str, object]
    asks_confirmation: bool
    week: Week

    @classmethod
    def build(
        cls, actor: Actor, task: FollowUpTask, *, at: datetime, error: DomainError | None = None,
        given: QueryDict | None = None,
    ) -> "DetailPage":  # fmt: skip
        """The page of a visible task, for an actor; nothing is chosen for him."""
        ids, today = residents.ids_of_person(task.resident), clock.today(at)
        person = residents.person_of(task.resident, actor)
        fields = fields_of(error)
        may = permissions.may_do(actor, task)
        hints = _hints(task, given, at=at)
        return cls(
            task=task,
            person=person,
            phone=person.phone_masked if person.phone_masked.isdecimal() else "",
            status=status_view(task),
            risk=RISK_LEVELS[FollowUpTask.Risk(task.risk)],
            due=due_day_text(task.due_on, today=today),
            is_open=task.status in OPEN,
            may=may,
            channels=_options(Channel),
            symptoms=_options(Symptom),
            adherences=_options(Adherence),
            advices=_advices(),
            unreached=[(k, str(v)) for k, v in UNREACHED_WORDS.items()],
            latest=visits.latest_vitals(ids),
            earlier=[_earlier(each) for each in queries.earlier_outcomes(task, ids)],
            outcome=_told(task),
            hints=hints,
            is_critical=any(hint.tone == "critical" for hint in hints),
            has_diabetes="diabetes" in task.resident.conditions or "血糖" in task.plan,
            whys=[_("电话随访，家中没有血压计"), _("居民拒绝测量"), _("家属代答，本人不在")],
            values=given or {},
            chosen_symptoms=given.getlist("symptoms") if given is not None else [],
            try_again_on=today + timedelta(days=1),
            error=message_of(error),
            fields=fields,
            asks_confirmation=any("confirm" in str(name) for name in fields)
            or bool(given and given.get("confirmed_unusual")),
            week=Week.build(actor, task.resident, at=at, leave_out=task.uuid),
        )


def _hints(task: FollowUpTask, given: QueryDict | None, *, at: datetime) -> list[visits.Hint]:
    try:
        return actions.hints_of(task, forms.outcome_of(given), at=at) if given is not None else []
    except InvalidInput:
        return []  # a figure that cannot be read is said at its field


def _options(words: Any) -> list[tuple[str, str]]:
    return [(value, str(label)) for value, label in words.choices]


def _advices() -> list[str]:
    return [_("继续目前治疗，按时服药"), _("调整用药后1周复诊"), _("到卫生院复诊"), _("立即就诊")]


def _told(task: FollowUpTask) -> list[tuple[str, str]]:
    outcome = task.outcome
    if not outcome:
        return []
    pressure = f"{outcome['systolic']}/{outcome['diastolic']} mmHg" if outcome.get("systolic") else ""
    symptoms = listed_text(Symptom(each).label for each in outcome.get("symptoms", ()) if each in Symptom.values)
    rows = [
        (_("方式"), _label(Channel, outcome.get("channel"))),
        (_("血压"), pressure),
        (_("血糖"), f"{outcome['glucose']} mmol/L" if outcome.get("glucose") else ""),
        (_("症状"), symptoms or (_("无") if "symptoms" in outcome else "")),
        (_("联系"), _("并入已有的通话") if outcome.get("covered") else ""),
        (_("服药"), _label(Adherence, outcome.get("adherence"))),
        (_("建议"), outcome.get("advice", "")),
        (_("未测量的原因"), outcome.get("not_measured", "")),
        (_("危急值处理"), outcome.get("critical_note", "")),
        (_("备注"), task.note),
    ]
    return [row for row in rows if row[1]]


def _label(words: Any, value: str | None) -> str:
    return str(words(value).label) if value in words.values else ""


def _earlier(task: FollowUpTask) -> dict[str, Any]:
    return {
        "at": task.done_at,
        "by": f"{task.facility} {task.done_by_name}",
        "text": " · ".join(value for _name, value in _told(task)),
    }
