"""REST of definitions made in the county: check a text, keep it, take it on its way, and move enrolments to what is in force."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import BaseModel, Field, StringConstraints

from xinglin.accounts.data import Permission
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import wrong
from xinglin.programmes import actions, editions, permissions
from xinglin.programmes.events import Event
from xinglin.programmes.models import Edition, EditionEffect, JointMove
from xinglin.programmes.rules.heading import MOST_BYTES
from xinglin.programmes.rules.reader import Fault
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request
from xinglin.web.shapes import In, text

router = Router()
#: The text of a definition as it is, blanks and line ends included.
Toml = Annotated[str, StringConstraints(min_length=1, max_length=MOST_BYTES, pattern=r"^[^\x00]*$")]
Checksum = Annotated[str, text(64)]


class DefinitionTextIn(In):
    """A definition as TOML."""

    text: Toml


class EditionChangeIn(In):
    """Another text in place of the one with this checksum."""

    text: Toml
    checksum: Checksum


class EditionStepIn(In):
    """A step on its way, of the text with this checksum. `reason` to return, withdraw, discard; `valid_from` to date."""

    step: Literal["SUBMIT", "APPROVE", "RETURN", "DATE", "WITHDRAW", "DISCARD"]
    checksum: Checksum
    reason: Annotated[str, text(500)] = ""
    valid_from: date | None = None


class DefinitionFaultOut(BaseModel):
    """Something wrong with a definition, in the reader's language; `line` null where it is about the whole."""

    line: int | None
    place: str
    message: str

    @classmethod
    def of(cls, fault: Fault) -> "DefinitionFaultOut":
        """From a fault."""
        return cls(line=fault.line, place=fault.place, message=fault.message)


class DefinitionCheckOut(BaseModel):
    """What a check found; `slug` and `version` null when it could not be read so far."""

    slug: str | None
    version: str | None
    examples: int
    faults: list[DefinitionFaultOut]


class EditionEffectOut(BaseModel):
    """What a text would do, as far as it is counted. `against`: the version in force it is compared with, empty without one."""

    checksum: str
    against: str
    asked_at: datetime
    ended_at: datetime | None
    residents: int
    looked: int
    counts: dict[str, int]
    grades: dict[str, int]
    fault: str

    @classmethod
    def of(cls, row: EditionEffect) -> "EditionEffectOut":
        """From a row."""
        return cls(
            checksum=row.checksum, against=row.against, asked_at=row.asked_at, ended_at=row.ended_at, residents=row.n_residents,
            looked=row.n_looked, counts=row.figures.get("counts", {}), grades=row.figures.get("grades", {}), fault=row.fault,
        )  # fmt: skip


class EditionOut(BaseModel):
    """A definition made in the county, without its text."""

    uuid: UUID
    slug: str
    title: str
    status: str
    checksum: str
    version: str
    valid_from: date | None
    written_by: str
    reviewed_by: str

    @classmethod
    def of(cls, row: Edition) -> "EditionOut":
        """From a row."""
        return cls(
            uuid=row.uuid, slug=row.slug, title=row.title, status=row.status, checksum=row.checksum, version=row.version,
            valid_from=row.valid_from, written_by=row.written_by_name, reviewed_by=row.reviewed_by_name,
        )  # fmt: skip


class EditionFullOut(EditionOut):
    """The same with its text, and the newest count of what it would do."""

    text: str
    effect: EditionEffectOut | None


class EditionsOut(BaseModel):
    """The newest first."""

    items: list[EditionOut]


@router.post(
    "/programme-definitions/check", response={200: DefinitionCheckOut, **ERRORS}, operation_id="check_programme_definition"
)  # fmt: skip
def check_definition(request: Request, body: DefinitionTextIn) -> Any:
    """Everything that is wrong with a text; nothing is kept."""
    actor, at = request.actor, clock.now()
    permissions.may_read_editions(actor).require()
    audit.record(Event.TEXT_CHECKED, by=actor, at=at)
    programme, faults = editions.faults_of(body.text)
    return DefinitionCheckOut(
        slug=programme.slug if programme else None, version=programme.version if programme else None,
        examples=len(programme.examples) if programme else 0, faults=[DefinitionFaultOut.of(each) for each in faults[:200]],
    )  # fmt: skip


@router.get("/programme-editions", response={200: EditionsOut, **ERRORS}, operation_id="list_programme_editions")
def list_editions(request: Request) -> Any:
    """Definitions made in the county, the newest step first."""
    actor, at = request.actor, clock.now()
    rows = editions.editions_visible_to(actor)[:200]
    audit.record(Event.LISTED, by=actor, at=at, detail={"of": "editions"})
    return EditionsOut(items=[EditionOut.of(each) for each in rows])


@router.post("/programme-editions", response={201: EditionOut, **ERRORS}, operation_id="keep_programme_edition")
def keep(request: Request, body: DefinitionTextIn) -> Any:
    """Keep a text without faults as a draft."""

    def run() -> EditionOut:
        return EditionOut.of(actions.keep_edition(text=body.text, by=request.actor, at=clock.now()))

    return write(request, run, status=201)


@router.get(
    "/programme-editions/{uuid}", response={200: EditionFullOut, **ERRORS}, operation_id="get_programme_edition"
)
def get_edition(request: Request, uuid: UUID) -> Any:
    """One of them with its text."""
    actor, at = request.actor, clock.now()
    row = editions.visible_edition(actor, uuid)
    audit.record(Event.EDITION_VIEWED, by=actor, at=at, kind="programmes.edition", key=str(uuid))
    effect = editions.latest_effect(row)
    return EditionFullOut(
        **EditionOut.of(row).model_dump(), text=row.text, effect=EditionEffectOut.of(effect) if effect else None
    )


@router.post(
    "/programme-editions/{uuid}/change", response={200: EditionOut, **ERRORS}, operation_id="change_programme_edition"
)
def change(request: Request, uuid: UUID, body: EditionChangeIn) -> Any:
    """Put another text in place; what was approved is a draft again."""

    def run() -> EditionOut:
        actor = request.actor
        row = editions.visible_edition(actor, uuid)
        return EditionOut.of(
            actions.change_edition(edition=row, text=body.text, checksum=body.checksum, by=actor, at=clock.now())
        )

    return write(request, run)


@router.post(
    "/programme-editions/{uuid}/step", response={200: EditionOut, **ERRORS}, operation_id="step_programme_edition"
)
def step(request: Request, uuid: UUID, body: EditionStepIn) -> Any:
    """Submit, approve, return, date, withdraw or discard."""

    def run() -> EditionOut:
        actor = request.actor
        return EditionOut.of(_stepped(editions.visible_edition(actor, uuid), body, actor, clock.now()))

    return write(request, run)


def _stepped(row: Edition, body: EditionStepIn, by: Actor, at: datetime) -> Edition:
    common: dict[str, Any] = {"edition": row, "checksum": body.checksum, "by": by, "at": at}
    if body.step == "DATE":
        if body.valid_from is None:
            raise wrong("valid_from", _("请填写生效日。"))
        return actions.date_edition(valid_from=body.valid_from, **common)
    if body.step == "APPROVE":
        return actions.approve_edition(note=body.reason, **common)
    if body.step == "SUBMIT":
        return actions.submit_edition(**common)
    verbs = {"RETURN": actions.return_edition, "WITHDRAW": actions.withdraw_edition, "DISCARD": actions.discard_edition}
    return verbs[body.step](reason=body.reason, **common)


@router.post(
    "/programme-editions/{uuid}/effect",
    response={201: EditionEffectOut, **ERRORS},
    operation_id="count_programme_edition",
)
def count(request: Request, uuid: UUID) -> Any:
    """Have counted what the text would do; read the answer with the edition."""

    def run() -> EditionEffectOut:
        actor = request.actor
        row = editions.visible_edition(actor, uuid)
        return EditionEffectOut.of(actions.ask_effect(edition=row, by=actor, at=clock.now()))

    return write(request, run, status=201)


class RunningVersionOut(BaseModel):
    """How many enrolments run by a version at a facility."""

    facility: str
    facility_id: UUID
    version: str
    enrolments: int


class RunningVersionsOut(BaseModel):
    """By facility and version."""

    items: list[RunningVersionOut]


class JointMoveIn(In):
    """The enrolments of a programme at a facility, as many as were counted, to the version in force."""

    programme: Annotated[str, text(40)]
    facility: UUID
    version: Annotated[str, text(60)]
    counted: Annotated[int, Field(ge=0, le=1_000_000)]


class JointMoveOut(BaseModel):
    """How many went over; who is left goes over by asking again."""

    uuid: UUID
    became: str
    counted: int
    moved: int

    @classmethod
    def of(cls, row: JointMove) -> "JointMoveOut":
        """From a row."""
        return cls(uuid=row.uuid, became=row.became, counted=row.n_counted, moved=row.n_moved)


@router.get("/programme-versions", response={200: RunningVersionsOut, **ERRORS}, operation_id="list_running_versions")
def list_versions(request: Request, programme: Annotated[str, Field(max_length=40)]) -> Any:
    """By which versions the enrolments of a programme run, where the actor manages."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.PROGRAMME_DO).require()
    rows = editions.running(programme, permissions.places_known(actor, programme))
    audit.record(Event.COUNTED, by=actor, at=at)
    units = network.facilities_by_id({each.facility_id for each in rows})
    return RunningVersionsOut(
        items=[
            RunningVersionOut(
                facility=units[each.facility_id].name, facility_id=units[each.facility_id].uuid, version=each.version,
                enrolments=each.n,
            )
            for each in rows
        ]
    )  # fmt: skip


@router.post("/programme-moves", response={201: JointMoveOut, **ERRORS}, operation_id="move_programme_enrolments")
def move(request: Request, body: JointMoveIn) -> Any:
    """Move the enrolments of a facility to the version in force."""

    def run() -> JointMoveOut:
        return JointMoveOut.of(
            actions.move_enrolments(
                programme=body.programme, facility_id=network.facility_id_of(body.facility), version=body.version,
                counted=body.counted, by=request.actor, at=clock.now(),
            )
        )  # fmt: skip

    return write(request, run, status=201)
