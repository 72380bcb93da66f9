"""Shapes of what telephones send and are told."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter

from xinglin.pocket.data import ChangeIn, Why, in_both
from xinglin.pocket.models import Change, Device
from xinglin.pocket.states import ChangeStatus
from xinglin.web.shapes import In, text

Text = Annotated[str, text(2000)]
Code = Annotated[str, text(60)]
Revision = Annotated[int, Field(ge=0, le=2**62)]
Skew = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Answer = bool | int | float | Annotated[str, text(2000)] | Annotated[list[Code], Field(max_length=60)] | None


class DeviceIn(In):
    """A telephone to register."""

    name: Annotated[str, text(40, least=1)]


class WipeIn(In):
    """Why it must erase itself."""

    reason: Annotated[str, text(500, least=1)]


class DeviceOut(BaseModel):
    """A registered telephone."""

    uuid: UUID
    name: str
    facility: str
    status: str
    registered_at: datetime
    last_seen_at: datetime

    @classmethod
    def of(cls, row: Device) -> "DeviceOut":
        """From a row with its facility."""
        return cls(
            uuid=row.uuid, name=row.name, facility=str(row.facility), status=row.status, registered_at=row.registered_at,
            last_seen_at=row.last_seen_at,
        )  # fmt: skip


class RegisteredOut(DeviceOut):
    """The same with its key, which is told once, and the rules it keeps to."""

    key: str
    rules: dict[str, int]


class DevicesOut(BaseModel):
    """Telephones in sight."""

    items: list[DeviceOut]


class ResultIn(In):
    """What the telephone computed for one programme, and by which version."""

    version: Code
    grade: Code = ""


class VisitContent(In):
    """A programme visit."""

    channel: Literal["CLINIC", "HOME", "PHONE", "MESSAGE"]
    kind: Literal["routine", "yearly"] = "routine"
    answers: Annotated[dict[Code, Answer], Field(max_length=200)] = {}
    advice: Text = ""
    note: Text = ""
    alert_answer: Literal["", "REFER", "REFERRED", "REFUSED", "OTHER"] = ""
    alert_note: Text = ""
    call_reason: Annotated[str, text(500)] = ""
    confirmed_unusual: bool = False
    results: Annotated[dict[Code, ResultIn], Field(max_length=60)] = {}


class UnreachedContent(In):
    """A try in vain."""

    why: Literal["NO_ANSWER", "WRONG_NUMBER", "AWAY", "REFUSED"]
    try_again_on: date


class CorrectionContent(In):
    """A field as it is right."""

    field: Literal["phone", "address"]
    value: Annotated[str, text(120)]


class _Noted(In):
    client_id: UUID
    resident: UUID
    happened_at: AwareDatetime
    base_revision: Revision
    skew_seconds: Skew | None = None
    is_clock_doubtful: bool = False


class VisitNoted(_Noted):
    """A visit as written down."""

    kind: Literal["visit"]
    content: VisitContent


class UnreachedNoted(_Noted):
    """A try in vain as written down."""

    kind: Literal["unreached"]
    content: UnreachedContent


class CorrectionNoted(_Noted):
    """A correction as written down."""

    kind: Literal["correction"]
    content: CorrectionContent


Noted = Annotated[VisitNoted | UnreachedNoted | CorrectionNoted, Field(discriminator="kind")]
NOTED: TypeAdapter[VisitNoted | UnreachedNoted | CorrectionNoted] = TypeAdapter(Noted)


def change_in(noted: VisitNoted | UnreachedNoted | CorrectionNoted) -> ChangeIn:
    """What the action takes."""
    return ChangeIn(
        noted.client_id, noted.kind, noted.resident, noted.happened_at, noted.base_revision,
        noted.content.model_dump(mode="json"), noted.skew_seconds, noted.is_clock_doubtful,
    )  # fmt: skip


class ChangesIn(In):
    """One upload. `sent_at` by the telephone's clock: how wrong it is follows. A change that is not as it must be is refused
    alone, the others are taken; its shape is that of `VisitNoted`, `UnreachedNoted` or `CorrectionNoted`. `skew_seconds` of a
    change: how far the clock was behind at the last contact before it was noted; `is_clock_doubtful`: it was set back since.
    """

    device: UUID
    sent_at: AwareDatetime
    changes: Annotated[list[dict[str, Any]], Field(max_length=50)]


class VerdictOut(BaseModel):
    """What became of a change: ``done``, ``again`` (done before), ``review`` or ``refused``, with a code and words.

    ``words`` are the message in Chinese and in English: the telephone keeps both.
    """

    client_id: str
    outcome: Literal["done", "again", "review", "refused"]
    code: str = ""
    message: str = ""
    words: tuple[str, str] = ("", "")
    told: list[dict[str, Any]] = []

    @classmethod
    def of(cls, row: Change, *, again: bool) -> "VerdictOut":
        """From a row."""
        done = row.status in {ChangeStatus.DONE, ChangeStatus.ADOPTED}
        waits = row.status == ChangeStatus.REVIEW
        return cls(
            client_id=str(row.client_id), outcome=("again" if again else "done") if done else "review" if waits else "refused",
            code=row.code, message=row.why if waits else row.said, told=row.told,
            words=in_both(Why(row.code).label) if waits and row.code in Why.values else row.words,
        )  # fmt: skip

    @classmethod
    def refused(cls, client_id: str, code: str, message: object) -> "VerdictOut":
        """Of what was not taken at all: no row was made."""
        return cls(client_id=client_id, outcome="refused", code=code, message=str(message), words=in_both(message))


class VerdictsOut(BaseModel):
    """One verdict for each change, in their order; `skew_seconds`: how far the telephone's clock is behind."""

    verdicts: list[VerdictOut]
    skew_seconds: int


class ReviewOut(BaseModel):
    """A change that waits for a person."""

    uuid: UUID
    client_id: UUID
    resident: UUID | None
    resident_name: str
    facility: str
    kind: str
    why: str
    why_words: str
    sender: str
    noted_at: datetime
    happened_at: datetime
    received_at: datetime
    status: str

    @classmethod
    def of(cls, row: Change) -> "ReviewOut":
        """From a row with its resident and facility."""
        return cls(
            uuid=row.uuid, client_id=row.client_id, resident=row.resident.uuid if row.resident else None,
            resident_name=row.resident.name if row.resident else "", facility=str(row.facility), kind=row.kind, why=row.code,
            why_words=row.why, sender=row.sender_name, noted_at=row.noted_at, happened_at=row.happened_at,
            received_at=row.received_at, status=row.status,
        )  # fmt: skip


class ReviewsOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[ReviewOut]
    next_cursor: str


class AdoptChangeIn(In):
    """What the reviewer adds: the right moment where the clock was wrong, what is done about a finding,
    why the resident was called a second time in one week.
    """

    happened_at: AwareDatetime | None = None
    alert_answer: Literal["", "REFER", "REFERRED", "REFUSED", "OTHER"] = ""
    alert_note: Text = ""
    call_reason: Annotated[str, text(500)] = ""


class RejectChangeIn(In):
    """Why it does not count."""

    reason: Annotated[str, text(500, least=1)]
