"""REST of the follow-up centre, reading: the desk, calls, contacts, plans at discharge, scripts, figures."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from ninja import Router
from pydantic import BaseModel, Field

from xinglin.followups import desk, purposes, queries
from xinglin.followups import figures as counting
from xinglin.followups.actions.calling import scripts_of_call
from xinglin.followups.data import Contact, Purpose
from xinglin.followups.events import Event
from xinglin.followups.models import Call, CallPurpose, ContactWish, DischargePlan
from xinglin.followups.rules import scripts
from xinglin.followups.wording import exemptions_said
from xinglin.platform import audit, clock
from xinglin.residents import api as residents
from xinglin.web.api import ERRORS
from xinglin.web.request import Request

router = Router()
#: How far back contacts are told.
LOOK_BACK = timedelta(days=400)


class DeskLineOut(BaseModel):
    """One person who waits to be contacted."""

    resident: UUID
    name: str
    tasks: int
    first_due_on: date
    risk: int
    attempts: int
    held_by: str
    own_call: UUID | None
    called_on: date | None = Field(description="Spoken to within the window of the weekly rule")
    called_by: str
    says_no: bool = Field(description="Does not want to be called")


class DeskOut(BaseModel):
    """Whoever is due by today, the dangerous first; `next_cursor` is empty on the last page."""

    items: list[DeskLineOut]
    next_cursor: str


class CallPurposeOut(BaseModel):
    """One thing a resident is contacted about."""

    source: str
    key: UUID
    title: str
    facility: str
    due_on: date
    is_critical: bool
    is_settled: bool

    @classmethod
    def of(cls, row: CallPurpose, title: str) -> "CallPurposeOut":
        """From a row with its facility, and its words for the reader."""
        return cls(
            source=row.source, key=row.key, title=title, facility=str(row.facility), due_on=row.due_on,
            is_critical=row.is_critical, is_settled=row.is_settled,
        )  # fmt: skip


class ScriptItemOut(BaseModel):
    """One question of a script."""

    code: str
    text: str
    kind: str
    options: list[tuple[str, str]]
    required: bool
    branch: bool = Field(description="Asked only when earlier answers lead here")


class ScriptOut(BaseModel):
    """One script in one version."""

    slug: str
    version: str
    title: str
    opening: str
    items: list[ScriptItemOut]

    @classmethod
    def of(cls, script: scripts.Script) -> "ScriptOut":
        """From the rule, in the reader's language."""
        return cls(
            slug=script.slug, version=script.version, title=script.title, opening=str(script.opening),
            items=[
                ScriptItemOut(
                    code=each.code, text=str(each.text), kind=each.kind,
                    options=[(value, str(text)) for value, text in each.options], required=each.is_required,
                    branch=each.when is not None,
                )
                for each in script.items
            ],
        )  # fmt: skip


class ScriptsOut(BaseModel):
    """Scripts in force today."""

    items: list[ScriptOut]


class CallOut(BaseModel):
    """One contact; `phone` only while the reader holds it."""

    uuid: UUID
    resident: UUID
    name: str
    phone: str
    channel: str
    facility: str
    opened_at: datetime
    held_until: datetime
    by: str
    exemption: str
    purposes: list[CallPurposeOut]
    scripts: list[ScriptOut]
    ended_at: datetime | None
    dialled: str
    answers: list[dict[str, Any]]
    results: list[dict[str, Any]]
    satisfaction: int | None
    note: str
    again_on: date | None

    @classmethod
    def of(cls, call: Call, actor: Any) -> "CallOut":
        """From a row with resident, facility and purposes, as a reader may see it."""
        holds = call.ended_at is None and call.opened_by == actor.user_id
        rows = list(call.purposes.select_related("facility").order_by("due_on", "id"))
        titles = purposes.titles_of(actor, rows)
        return cls(
            uuid=call.uuid, resident=call.resident.uuid, name=call.resident.name,
            phone=(call.resident.phone or "") if holds else "", channel=call.channel, facility=str(call.facility),
            opened_at=call.opened_at, held_until=call.held_until, by=call.opened_by_name,
            exemption=exemptions_said(call.exemption.split(",")),
            purposes=[CallPurposeOut.of(each, titles[each.source, each.key]) for each in rows],
            scripts=[ScriptOut.of(each) for each in scripts_of_call(call)], ended_at=call.ended_at,
            dialled=call.dialled, answers=call.answers, results=call.results, satisfaction=call.satisfaction,
            note=call.note, again_on=call.again_on,
        )  # fmt: skip


class ContactOut(BaseModel):
    """One contact that took place."""

    at: datetime
    channel: str
    by: str
    facility: str
    what: str
    was_reached: bool
    answers: list[tuple[str, str]]

    @classmethod
    def of(cls, contact: Contact) -> "ContactOut":
        """From what providers tell."""
        return cls(
            at=contact.at, channel=contact.channel, by=contact.by_name, facility=contact.facility, what=contact.what,
            was_reached=contact.was_reached, answers=list(contact.answers),
        )  # fmt: skip


class DueContactOut(BaseModel):
    """One thing that falls due within the window; `exemption` says why it does not wait."""

    source: str
    key: UUID
    title: str
    facility: str
    due_on: date
    exemption: str

    @classmethod
    def of(cls, purpose: Purpose) -> "DueContactOut":
        """From what providers tell."""
        return cls(
            source=purpose.source, key=purpose.key, title=purpose.title, facility=purpose.facility,
            due_on=purpose.due_on, exemption=exemptions_said([purpose.exemption]),
        )  # fmt: skip


class ContactWishOut(BaseModel):
    """How a resident wants to be reached."""

    uuid: UUID
    channel: str
    is_agreed: bool
    words: str
    noted_at: datetime
    by: str

    @classmethod
    def of(cls, wish: ContactWish) -> "ContactWishOut":
        """From a row."""
        return cls(
            uuid=wish.uuid, channel=wish.channel, is_agreed=wish.is_agreed, words=wish.words, noted_at=wish.noted_at,
            by=wish.noted_by_name,
        )  # fmt: skip


class ContactsOut(BaseModel):
    """What a resident is to be contacted about, when he was, and how he wants it."""

    due: list[DueContactOut]
    contacts: list[ContactOut]
    wishes: list[ContactWishOut]


class DischargePlanOut(BaseModel):
    """The plan of a discharge with its tasks at three levels."""

    uuid: UUID
    resident: UUID
    name: str
    facility: str
    ward: str
    discharge: str
    diagnosis_code: str
    diagnosis_name: str
    discharged_on: date
    version: str
    made_at: datetime
    made_by: str
    tasks: list["PlannedStepOut"]

    @classmethod
    def of(cls, plan: DischargePlan) -> "DischargePlanOut":
        """From a row with resident and facility."""
        return cls(
            uuid=plan.uuid, resident=plan.resident.uuid, name=plan.resident.name, facility=str(plan.facility),
            ward=plan.ward, discharge=plan.discharge, diagnosis_code=plan.diagnosis_code,
            diagnosis_name=plan.diagnosis_name, discharged_on=plan.discharged_on, version=plan.version,
            made_at=plan.made_at, made_by=plan.made_by_name,
            tasks=[
                PlannedStepOut(
                    uuid=each.uuid, level=each.level, facility=str(each.facility), kind=each.kind, due_on=each.due_on,
                    status=each.status, script=each.script,
                )
                for each in queries.tasks_of_origin(plan.uuid)
            ],
        )  # fmt: skip


class PlannedStepOut(BaseModel):
    """One step of a plan, as a task."""

    uuid: UUID
    level: str
    facility: str
    kind: str
    due_on: date
    status: str
    script: str


class FollowUpFiguresOut(BaseModel):
    """Figures of one facility, or of all (`facility` empty). A share is null where there is no data or too little."""

    facility: str
    due: int
    done: int
    reached: float | None
    on_time: float | None
    refused: float | None
    handed_on: int
    open: int
    calls: int
    answered: float | None
    rated: int
    satisfaction: float | None
    is_small: bool


class FollowUpFiguresPageOut(BaseModel):
    """The total first, then each facility."""

    since: date
    until: date
    items: list[FollowUpFiguresOut]


@router.get("/followup-desk", response={200: DeskOut, **ERRORS}, operation_id="list_followup_desk")
def list_desk(request: Request, cursor: Annotated[str, Field(max_length=200)] = "") -> Any:
    """Whoever is to be contacted today by the actor's facilities, one line for a person."""
    actor, at = request.actor, clock.now()
    found = desk.page(actor, at=at, cursor=cursor)
    audit.look_many(Event.DESK_LISTED, by=actor, at=at, subjects=[each.resident.uuid for each in found.rows])
    return DeskOut(
        items=[
            DeskLineOut(
                resident=each.resident.uuid, name=each.resident.name, tasks=each.n_tasks,
                first_due_on=each.first_due_on, risk=each.risk, attempts=each.n_attempts, held_by=each.held_by,
                own_call=each.own_call, called_on=each.called_on, called_by=each.called_by, says_no=each.says_no,
            )
            for each in found.rows
        ],
        next_cursor=found.next_cursor,
    )  # fmt: skip


@router.get("/followup-calls/{uuid}", response={200: CallOut, **ERRORS}, operation_id="get_followup_call")
def get_call(request: Request, uuid: UUID) -> Any:
    """One contact with its purposes, scripts and answers."""
    actor, at = request.actor, clock.now()
    call = queries.visible_call(actor, uuid)
    audit.look(Event.CALL_VIEWED, by=actor, at=at, subject=call.resident.uuid, kind="followups.call", key=str(uuid))
    return CallOut.of(call, actor)


@router.get("/followup-contacts/{uuid}", response={200: ContactsOut, **ERRORS}, operation_id="list_followup_contacts")
def list_contacts(request: Request, uuid: UUID) -> Any:
    """What a resident is to be contacted about until the end of the window, earlier contacts over all capabilities with
    their answers, and how he wants to be reached.
    """
    actor, at = request.actor, clock.now()
    person, _facility = desk.resident_to_contact(actor, uuid, at=at)
    ids = residents.ids_of_person(person)
    audit.look(
        Event.CONTACTS_VIEWED, by=actor, at=at, subject=person.uuid, kind="residents.resident", key=str(person.uuid)
    )
    return ContactsOut(
        due=[DueContactOut.of(each) for each in purposes.due_for(actor, ids, at=at)],
        contacts=[ContactOut.of(each) for each in purposes.contacts_of(actor, ids, since=at - LOOK_BACK)],
        wishes=[ContactWishOut.of(each) for each in desk.wishes_of(ids)],
    )


@router.get(
    "/followup-discharges/{uuid}", response={200: DischargePlanOut, **ERRORS}, operation_id="get_discharge_plan"
)
def get_discharge_plan(request: Request, uuid: UUID) -> Any:
    """The plan of a discharge with its tasks."""
    actor, at = request.actor, clock.now()
    plan = queries.visible_discharge_plan(actor, uuid)
    audit.look(
        Event.DISCHARGE_VIEWED, by=actor, at=at, subject=plan.resident.uuid, kind="followups.dischargeplan",
        key=str(uuid),
    )  # fmt: skip
    return DischargePlanOut.of(plan)


@router.get("/followup-scripts", response={200: ScriptsOut, **ERRORS}, operation_id="list_followup_scripts")
def list_scripts(request: Request) -> Any:
    """The scripts of calls in force today."""
    return ScriptsOut(items=[ScriptOut.of(each) for each in scripts.scripts(clock.today(clock.now()))])


@router.get("/followup-figures", response={200: FollowUpFiguresPageOut, **ERRORS}, operation_id="get_followup_figures")
def get_figures(request: Request, month: Annotated[date | None, Field(description="Any day of it")] = None) -> Any:
    """How follow-up went in a month, for the facilities whose figures the actor may see. Names nobody."""
    actor, at = request.actor, clock.now()
    since, until = counting.month_of(month or clock.today(at))
    audit.record(Event.FIGURES_VIEWED, by=actor, at=at, detail={"since": since.isoformat()})
    return FollowUpFiguresPageOut(
        since=since, until=until,
        items=[
            FollowUpFiguresOut(
                facility=each.name, due=each.n_due, done=each.n_done, reached=each.reached, on_time=each.on_time,
                refused=each.refused, handed_on=each.n_handed_on, open=each.n_open, calls=each.n_calls,
                answered=each.answered, rated=each.n_rated, satisfaction=each.satisfaction, is_small=each.is_small,
            )
            for each in counting.figures(actor, since=since, until=until)
        ],
    )  # fmt: skip
