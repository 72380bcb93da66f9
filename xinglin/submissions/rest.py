"""REST of submissions: what is due, one with its cells, each step of it, and the servers sets are sent to."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import BaseModel, Field

from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.submissions import actions, forms, permissions, queries, rest_fhir, sending, words
from xinglin.submissions.comparing import differences
from xinglin.submissions.events import Event
from xinglin.submissions.models import Cell, Delivery, Destination, Submission
from xinglin.web.answers import download
from xinglin.web.api import ERRORS, write
from xinglin.web.shapes import In, text

router = Router()
router.add_router("", rest_fhir.router)
Slug = Annotated[str, text(60, least=1)]
Words = Annotated[str, text(400, least=1)]
Cursor = Annotated[str, Field(max_length=400)]


class FormOut(BaseModel):
    """A form: of which period, until when, in which format."""

    slug: str
    title: str
    version: str
    period: str
    level: str
    format: str
    due_days: int
    destination: str
    source: str
    items: list[str]


class FormsOut(BaseModel):
    """All forms."""

    items: list[FormOut]


class SubmissionOut(BaseModel):
    """One submission. `sha256` is that of the file as it was written; `n_drifted` cells come out otherwise today."""

    uuid: UUID
    number: str
    form: str
    title: str
    period: str
    turn: int
    corrects: UUID | None
    reason: str
    due_on: date
    status: str
    faults: list[str]
    file_name: str
    sha256: str
    sent_at: datetime | None
    receipt: str
    n_drifted: int

    @classmethod
    def of(cls, submission: Submission) -> "SubmissionOut":
        """From a row."""
        form = forms.found(submission.form)
        return cls(
            uuid=submission.uuid, number=submission.number, form=submission.form, title=form.title, period=submission.period,
            turn=submission.turn, corrects=submission.corrects.uuid if submission.corrects else None, reason=submission.reason,
            due_on=submission.due_on, status=submission.status,
            faults=[words.fault_text(form, each) for each in submission.faults], file_name=submission.file_name,
            sha256=submission.file.sha256 if submission.file else "", sent_at=submission.sent_at, receipt=submission.receipt,
            n_drifted=submission.n_drifted,
        )  # fmt: skip


class SubmissionPageOut(BaseModel):
    """A page of submissions."""

    items: list[SubmissionOut]
    next_cursor: str


class SubmissionCellOut(BaseModel):
    """One figure of a submission; `value` null says `why`."""

    item: str
    indicator: str
    definition: str
    unit_code: str
    unit: str
    value: float | None
    numerator: float | None
    denominator: float | None
    why: str

    @classmethod
    def of(cls, cell: Cell) -> "SubmissionCellOut":
        """From a row."""
        return cls(
            item=cell.item, indicator=cell.indicator, definition=cell.definition, unit_code=cell.unit_code,
            unit=cell.unit_name, value=cell.value, numerator=cell.numerator, denominator=cell.denominator, why=cell.why,
        )  # fmt: skip


class SubmissionChangeOut(BaseModel):
    """A figure that is not the same as in the turn before."""

    item: str
    unit: str
    before: float | None
    now: float | None


class DeliveryOut(BaseModel):
    """One attempt to send, and each row the server refused."""

    tried_at: datetime
    outcome: str
    http_status: int | None
    counts: dict[str, int]
    conflicts: list[str]

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryOut":
        """From a row."""
        return cls(
            tried_at=delivery.tried_at, outcome=delivery.outcome, http_status=delivery.http_status, counts=delivery.counts,
            conflicts=[words.conflict_text(each) for each in delivery.conflicts],
        )  # fmt: skip


class SubmissionDetailOut(SubmissionOut):
    """A submission with its cells, what changed against the turn before, and what came of sending it."""

    cells: list[SubmissionCellOut]
    changes: list[SubmissionChangeOut]
    deliveries: list[DeliveryOut]


class OpenSubmissionIn(In):
    """A form and a period."""

    form: Slug
    period: Annotated[str, text(12, least=1)]


class MakeSubmissionIn(In):
    """Where its figures come from: a publication, or the facts of today."""

    snapshot: UUID | None = None


class SubmissionWordsIn(In):
    """Why, or how."""

    words: Words


class SubmissionAnswerIn(In):
    """What the receiver answered."""

    accepted: bool
    words: Words


class DestinationIn(In):
    """A server; `secret` absent keeps the one that is known."""

    code: Annotated[str, text(40, least=1)]
    title: Annotated[str, text(80, least=1)]
    address: Annotated[str, text(300, least=1)]
    username: Annotated[str, text(80)] = ""
    secret: Annotated[str, text(200)] | None = None
    is_on: bool = True


class DestinationOut(BaseModel):
    """A server; whether a secret is known, never which."""

    code: str
    title: str
    address: str
    username: str
    has_secret: bool
    is_on: bool

    @classmethod
    def of(cls, row: Destination) -> "DestinationOut":
        """From a row."""
        return cls(
            code=row.code, title=row.title, address=row.address, username=row.username, has_secret=bool(row.secret),
            is_on=row.is_on,
        )  # fmt: skip


class DestinationsOut(BaseModel):
    """All servers."""

    items: list[DestinationOut]


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def _step(request: HttpRequest, uuid: UUID, action: Callable[[Submission], Any]) -> HttpResponse:
    """One step of a visible submission; answers with what it has become."""

    def run() -> SubmissionOut:
        action(queries.visible_submission(_actor(request), uuid))
        return SubmissionOut.of(queries.visible_submission(_actor(request), uuid))

    return write(request, run)


@router.get("/submission-forms", response={200: FormsOut, **ERRORS}, operation_id="list_submission_forms")
def list_forms(request: HttpRequest) -> Any:
    """Forms that are handed in, and when."""
    by = _actor(request)
    permissions.may_keep(by).require()
    audit.record(Event.LISTED, by=by, at=clock.now(), detail={"of": "forms"})
    return FormsOut(
        items=[
            FormOut(
                slug=each.slug, title=each.title, version=each.definition.version, period=each.period, level=each.level,
                format=each.format, due_days=each.due_days, destination=each.destination, source=each.definition.cited,
                items=[item.indicator.slug for item in each.items],
            )
            for each in forms.forms()
        ]
    )  # fmt: skip


@router.get("/submissions", response={200: SubmissionPageOut, **ERRORS}, operation_id="list_submissions")
def list_submissions(request: HttpRequest, show: Literal["open", "out"] = "open", cursor: Cursor = "") -> Any:
    """Submissions that wait for something, or have left."""
    by = _actor(request)
    permissions.may_keep(by).require()
    found = queries.listed(by, show=show, cursor=cursor)
    audit.record(Event.LISTED, by=by, at=clock.now(), detail={"n": len(found.rows)})
    return SubmissionPageOut(items=[SubmissionOut.of(each) for each in found.rows], next_cursor=found.next_cursor)


@router.post("/submissions", response={201: SubmissionOut, **ERRORS}, operation_id="open_submission")
def open_one(request: HttpRequest, payload: OpenSubmissionIn) -> Any:
    """Begin a form of a period, if nobody did."""
    by = _actor(request)

    def run() -> SubmissionOut:
        made = actions.open_submission(form=payload.form, period=payload.period, by=by, at=clock.now())
        return SubmissionOut.of(made)

    return write(request, run, status=201)


@router.get("/submissions/{uuid}", response={200: SubmissionDetailOut, **ERRORS}, operation_id="get_submission")
def get_one(request: HttpRequest, uuid: UUID) -> Any:
    """One submission with its cells, and what changed against the turn before."""
    by = _actor(request)
    found = queries.visible_submission(by, uuid)
    audit.record(Event.VIEWED, by=by, at=clock.now(), kind="submissions.submission", key=str(uuid))
    cells = list(found.cells.order_by("place"))
    changes = differences(found.corrects.cells.all(), cells) if found.corrects and cells else []
    return SubmissionDetailOut(
        **SubmissionOut.of(found).model_dump(), cells=[SubmissionCellOut.of(each) for each in cells],
        changes=[
            SubmissionChangeOut(
                item=(now or before).item, unit=(now or before).unit_name,  # type: ignore[union-attr]
                before=before.value if before else None, now=now.value if now else None,
            )
            for before, now in changes
        ],
        deliveries=[DeliveryOut.of(each) for each in found.deliveries.order_by("-id")],
    )  # fmt: skip


@router.get("/submissions/{uuid}/file", response={200: Any, **ERRORS}, operation_id="download_submission")
def get_file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The file as it was written when it was checked."""
    by = _actor(request)
    found = queries.visible_submission(by, uuid)
    content = queries.content_of(found)
    audit.record(Event.DOWNLOADED, by=by, at=clock.now(), kind="submissions.submission", key=str(uuid))
    return download(content, found.file_name, media_type="application/octet-stream")


@router.post("/submissions/{uuid}/make", response={200: SubmissionOut, **ERRORS}, operation_id="make_submission")
def make(request: HttpRequest, uuid: UUID, payload: MakeSubmissionIn) -> Any:
    """Draw its cells and say what is missing."""
    return _step(
        request, uuid,
        lambda it: actions.make_submission(submission=it, snapshot=payload.snapshot, by=_actor(request), at=clock.now()),
    )  # fmt: skip


@router.post("/submissions/{uuid}/check", response={200: SubmissionOut, **ERRORS}, operation_id="check_submission")
def check(request: HttpRequest, uuid: UUID) -> Any:
    """Say that it is complete; its file is written."""
    return _step(request, uuid, lambda it: actions.check_submission(submission=it, by=_actor(request), at=clock.now()))


@router.post("/submissions/{uuid}/confirm", response={200: SubmissionOut, **ERRORS}, operation_id="confirm_submission")
def confirm(request: HttpRequest, uuid: UUID) -> Any:
    """Confirm what somebody else checked."""
    return _step(
        request, uuid, lambda it: actions.confirm_submission(submission=it, by=_actor(request), at=clock.now())
    )


@router.post(
    "/submissions/{uuid}/turn-back", response={200: SubmissionOut, **ERRORS}, operation_id="turn_back_submission"
)
def turn_back(request: HttpRequest, uuid: UUID, payload: SubmissionWordsIn) -> Any:
    """Have it made anew."""
    return _step(
        request, uuid,
        lambda it: actions.turn_back(submission=it, reason=payload.words, by=_actor(request), at=clock.now()),
    )  # fmt: skip


@router.post("/submissions/{uuid}/send", response={200: SubmissionOut, **ERRORS}, operation_id="send_submission")
def send(request: HttpRequest, uuid: UUID) -> Any:
    """Send it to its server now. What was accepted is not sent again."""
    found = queries.visible_submission(_actor(request), uuid)
    sending.deliver(found, by=_actor(request), at=clock.now())
    return SubmissionOut.of(queries.visible_submission(_actor(request), uuid))


@router.post("/submissions/{uuid}/sent", response={200: SubmissionOut, **ERRORS}, operation_id="note_submission_sent")
def sent(request: HttpRequest, uuid: UUID, payload: SubmissionWordsIn) -> Any:
    """Note that its file was handed in, and how."""
    return _step(
        request, uuid,
        lambda it: actions.note_sent(submission=it, words=payload.words, by=_actor(request), at=clock.now()),
    )  # fmt: skip


@router.post(
    "/submissions/{uuid}/answer", response={200: SubmissionOut, **ERRORS}, operation_id="note_submission_answer"
)
def answer(request: HttpRequest, uuid: UUID, payload: SubmissionAnswerIn) -> Any:
    """Note what the receiver answered."""
    return _step(
        request, uuid,
        lambda it: actions.note_answer(
            submission=it, accepted=payload.accepted, words=payload.words, by=_actor(request), at=clock.now()
        ),
    )  # fmt: skip


@router.post("/submissions/{uuid}/correct", response={201: SubmissionOut, **ERRORS}, operation_id="correct_submission")
def correct(request: HttpRequest, uuid: UUID, payload: SubmissionWordsIn) -> Any:
    """Begin the next turn of what was sent, with the reason."""
    by = _actor(request)

    def run() -> SubmissionOut:
        found = queries.visible_submission(by, uuid)
        made = actions.correct_submission(submission=found, reason=payload.words, by=by, at=clock.now())
        return SubmissionOut.of(made)

    return write(request, run, status=201)


@router.post("/submissions/{uuid}/cancel", response={200: SubmissionOut, **ERRORS}, operation_id="cancel_submission")
def cancel(request: HttpRequest, uuid: UUID, payload: SubmissionWordsIn) -> Any:
    """Give it up before it leaves."""
    return _step(
        request, uuid,
        lambda it: actions.cancel_submission(submission=it, reason=payload.words, by=_actor(request), at=clock.now()),
    )  # fmt: skip


@router.get(
    "/submission-destinations", response={200: DestinationsOut, **ERRORS}, operation_id="list_submission_destinations"
)
def list_destinations(request: HttpRequest) -> Any:
    """Servers that sets are sent to."""
    by = _actor(request)
    found = queries.destinations(by)
    audit.record(Event.LISTED, by=by, at=clock.now(), detail={"of": "destinations"})
    return DestinationsOut(items=[DestinationOut.of(each) for each in found])


@router.post(
    "/submission-destinations", response={200: DestinationOut, **ERRORS}, operation_id="set_submission_destination"
)
def set_destination(request: HttpRequest, payload: DestinationIn) -> Any:
    """Set a server up, or change it."""
    by = _actor(request)
    return write(
        request, lambda: DestinationOut.of(actions.set_destination(**payload.model_dump(), by=by, at=clock.now()))
    )
