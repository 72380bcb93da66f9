"""What the page of a resident in his programmes shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from xinglin.followups.api import may_call
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import DomainError
from xinglin.programmes import evidence, judging, permissions, policies, queries, secrecy, titles
from xinglin.programmes.data import ACTED, AlertAnswer, EndReason, Preview, WhyUnreached
from xinglin.programmes.models import Alert, Attempt, Enrolment, ProgrammeVisit
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.words import COLON
from xinglin.programmes.states import LOOKS, MANAGED, Status
from xinglin.programmes.web.trends import Trend, trends_of
from xinglin.residents import api as residents
from xinglin.web.answers import fields_of, message_of
from xinglin.web.formats import due_day_text
from xinglin.web.pills import Pill


@dataclass(frozen=True, slots=True)
class EnrolmentView:
    """One programme of the resident: how it stands, and what can be done."""

    row: Enrolment
    title: str
    status: Pill
    grade: str
    controlled: str
    on_target: str
    due: str
    newer: str
    may: dict[str, bool]
    reasons: list[tuple[str, str]]
    evidence: list[str]
    is_managed: bool


@dataclass(frozen=True, slots=True)
class AlertView:
    """A finding that stands, and whether the actor may say what was done."""

    row: Alert
    may_answer: bool


@dataclass(frozen=True, slots=True)
class ResidentPage:
    """Everything of one resident."""

    resident: Any
    person: residents.PersonBanner
    phone: bool
    enrolments: list[EnrolmentView]
    over: list[EnrolmentView]
    offered: list[tuple[str, str]]
    may_enrol: Decision
    may_see: bool
    alerts: list[AlertView]
    answers: list[tuple[str, str]]
    visits: list[tuple[ProgrammeVisit, str, bool]]
    is_cared_for: bool
    attempts: list[Attempt]
    trends: list[Trend]
    end_reasons: list[tuple[str, str]]
    whys: list[tuple[str, str]]
    try_again_on: date
    is_managed: bool
    values: Mapping[str, Any]
    error: str
    fields: Mapping[str, object]

    @classmethod
    def build(
        cls, actor: Actor, resident: Any, *, at: datetime, error: DomainError | None = None,
        given: Mapping[str, Any] | None = None,
    ) -> "ResidentPage":  # fmt: skip
        """The page of a visible resident, for an actor."""
        today, ids = clock.today(at), residents.ids_of_person(resident)
        rows = queries.enrolments_of(resident, active=False)
        for each in rows:
            each.resident = resident  # one row, not one query for each
        known = [each for each in rows if secrecy.knows(actor, each)]
        names = evidence.names_in(piece for each in known for piece in each.evidence)
        views = [_view(actor, each, today, names) for each in known]
        active = {each.programme for each in rows if each.status not in _OVER}
        may_enrol = permissions.may_begin(actor, resident.managed_by_id)
        return cls(
            resident=resident, person=residents.person_of(resident, actor),
            phone=bool(resident.phone) and may_call(actor, ids, at=at),
            enrolments=sorted(
                (each for each in views if each.row.programme in active and each.row.status not in _OVER),
                key=lambda each: not each.is_managed,  # what is managed before what waits to be confirmed
            ),
            over=[each for each in views if each.row.status in _OVER],
            offered=[each for each in secrecy.options(actor, titles.options(today)) if each[0] not in active],
            may_enrol=may_enrol if not may_enrol.allowed else policies.can_be_managed(resident),
            may_see=bool(permissions.may_manage(actor, actor.place)),
            alerts=[
                AlertView(each, bool(permissions.may_answer(actor, each)))
                for each in queries.open_alerts(resident)
                if secrecy.knows(actor, each.enrolment)
            ],
            answers=[(str(value), str(AlertAnswer(value).label)) for value in AlertAnswer if value in ACTED],
            visits=[
                (each, _summary(actor, each), secrecy.knows_visit(actor, each)) for each in queries.standing_visits(ids)
            ],
            is_cared_for=len(known) < len(rows),
            attempts=queries.attempts_of(resident), trends=trends_of(ids, known, on=today),
            end_reasons=[(value, str(label)) for value, label in EndReason.choices if value not in _NOT_BY_HAND],
            whys=[(value, str(label)) for value, label in WhyUnreached.choices], try_again_on=today + timedelta(days=1),
            is_managed=any(each.is_managed for each in views), values=given or {},
            error=message_of(error), fields=fields_of(error),
        )  # fmt: skip


_OVER = frozenset({Status.GRADUATED, Status.ENDED, Status.DISMISSED})
#: These follow from the registration.
_NOT_BY_HAND = frozenset({EndReason.DIED, EndReason.MOVED, EndReason.DUPLICATE})


def status_view(enrolment: Enrolment) -> Pill:
    """The pill of an enrolment."""
    tone, icon = LOOKS[Status(enrolment.status)]
    return Pill(str(enrolment.get_status_display()), tone, icon)


def _view(actor: Actor, row: Enrolment, today: date, names: Mapping[str, str]) -> EnrolmentView:
    steps = {
        "confirm": Status.CONFIRMED, "dismiss": Status.DISMISSED, "pause": Status.PAUSED, "lost": Status.LOST,
        "graduate": Status.GRADUATED, "end": Status.ENDED,
    }  # fmt: skip
    may = {verb: bool(permissions.may_step(actor, row, to)) for verb, to in steps.items()}
    may["resume"] = row.status in {Status.PAUSED, Status.LOST} and bool(permissions.may_manage(actor, row.facility_id))
    may["enrol"] = row.status == Status.CONFIRMED and bool(permissions.may_manage(actor, row.facility_id))
    is_managed = row.status in {*MANAGED, Status.PAUSED}
    return EnrolmentView(
        row=row, title=titles.short(row.programme), status=status_view(row),
        grade=titles.grade(row.programme, row.version, row.grade),
        controlled=judging.yes_no(row.is_controlled), on_target=judging.yes_no(row.on_target),
        due=due_day_text(row.next_due_on, today=today) if row.next_due_on and row.status == Status.ENROLLED else "",
        newer=judging.newer_version(row, on=today) if is_managed else "", may=may,
        reasons=list(judging.graduation_reasons(row).items()) if may["graduate"] else [], evidence=evidence.said(row.evidence, names),
        is_managed=is_managed,
    )  # fmt: skip


def _summary(actor: Actor, visit: ProgrammeVisit) -> str:
    said: dict[str, None] = {}
    for result in visit.results.all():
        enrolment = result.enrolment
        name = secrecy.short(actor, enrolment.programme, enrolment.facility_id)
        grade = titles.grade(enrolment.programme, result.version, result.grade) or _("未分级")
        said[f"{name}{COLON}{grade}" if secrecy.knows(actor, enrolment) else name] = None
    return " · ".join(said)


@dataclass(frozen=True, slots=True)
class VersionPage:
    """What the version in force today would change for one enrolment."""

    enrolment: Enrolment
    person: residents.PersonBanner
    title: str
    preview: Preview | None
    was_from: date
    new_from: date | None
    may: Decision

    @classmethod
    def build(cls, actor: Actor, enrolment: Enrolment, *, at: datetime) -> "VersionPage":
        """The page of a visible enrolment."""
        today = clock.today(at)
        newer = judging.newer_version(enrolment, on=today)
        return cls(
            enrolment=enrolment, person=residents.person_of(enrolment.resident, actor),
            title=titles.short(enrolment.programme),
            preview=judging.preview_version(enrolment, newer, on=today) if newer else None,
            was_from=judging.definition_of(enrolment).valid_from,
            new_from=catalogue.programme(enrolment.programme, newer).valid_from if newer else None,
            may=permissions.may_change_version(actor, enrolment),
        )  # fmt: skip
