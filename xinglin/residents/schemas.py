"""What the REST interface of residents takes and gives. Written by hand, strict going in."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from xinglin.platform import clock
from xinglin.residents.data import TimelineEntry
from xinglin.residents.fields import allergies_of
from xinglin.residents.lookups import Lookup
from xinglin.residents.models import Consent, Merge, Resident
from xinglin.web.formats import masked

_NO_NUL = r"^[^\x00]*$"


def _text(longest: int, shortest: int = 0):  # type: ignore[no-untyped-def]
    return Annotated[str, StringConstraints(min_length=shortest, max_length=longest, pattern=_NO_NUL)]


Sex = Literal["0", "1", "2", "9"]
IdKind = Literal[
    "RESIDENT_ID", "HOUSEHOLD_BOOK", "PASSPORT", "FOREIGN_PERMIT", "HMT_PERMIT", "MILITARY", "BIRTH_CERTIFICATE", "NONE"
]
Insurance = Literal["RESIDENT", "EMPLOYEE", "COMMERCIAL", "NONE", "UNKNOWN"]
Division = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$")]


class Strict(Schema):
    """Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class RegisterIn(Strict):
    """A new registration. `managed_by` defaults to where the actor works."""

    name: _text(60, 1)
    sex: Sex
    born_on: date
    id_kind: IdKind = "RESIDENT_ID"
    id_number: _text(40) = ""
    guardian_id_number: _text(40) = ""
    phone: _text(30) = ""
    card: _text(64) = ""
    managed_by: UUID | None = None
    division_code: Division | Literal[""] = ""
    address: _text(120) = ""
    ethnicity: _text(2) = "01"
    nationality: _text(3) = "CHN"
    insurance: Insurance = "UNKNOWN"
    allergies: _text(200) = ""
    conditions: Annotated[list[_text(40)], Field(max_length=20)] = []
    acknowledged_matches: Annotated[list[UUID], Field(max_length=20)] = []


class EditIn(Strict):
    """Fields to change; what is left out stays."""

    name: _text(60, 1) | None = None
    sex: Sex | None = None
    born_on: date | None = None
    id_kind: IdKind | None = None
    id_number: _text(40) | None = None
    guardian_id_number: _text(40) | None = None
    phone: _text(30) | None = None
    card: _text(64) | None = None
    division_code: Division | None = None
    address: _text(120) | None = None
    ethnicity: _text(2) | None = None
    nationality: _text(3) | None = None
    insurance: Insurance | None = None
    allergies: _text(200) | None = None
    conditions: Annotated[list[_text(40)], Field(max_length=20)] | None = None


class ArrivalIn(Strict):
    """Name and number as on the document the person presents."""

    name: _text(60, 1)
    id_number: _text(40, 5)


class MergeIn(Strict):
    """The registration of the address is kept; `merged` points to it afterwards."""

    merged: UUID
    reason: _text(400, 4)


class ReasonIn(Strict):
    """Why."""

    reason: _text(400, 4)


class ConsentIn(Strict):
    """A consent; `signature_png` in base64."""

    kind: _text(30, 1)
    agreed: bool
    signer_name: _text(60, 1)
    signer_relation: _text(20) = "本人"
    explained: _text(2000) = ""
    signature_png: _text(300_000) = ""
    object_uuid: UUID | None = None


class FacilityOut(Schema):
    """A facility, named."""

    uuid: UUID
    name: str


class ResidentOut(Schema):
    """One resident, flat; identity and telephone numbers masked."""

    uuid: UUID
    number: str
    name: str
    sex: str
    born_on: date
    age: int
    id_kind: str
    id_number_masked: str
    phone_masked: str
    division: str
    managed_by: FacilityOut
    status: str
    insurance: str
    conditions: list[str]
    allergies: list[str] | None

    @classmethod
    def of(cls, resident: Resident) -> Self:
        """From a row with `managed_by` loaded."""
        allergies = allergies_of(resident)
        return cls(
            uuid=resident.uuid, number=resident.number, name=resident.name, sex=resident.sex, born_on=resident.born_on,
            age=age_in_years(resident.born_on, resident.died_on or clock.today()), id_kind=resident.id_kind,
            id_number_masked=masked(resident.id_number or "", first=6, last=4), phone_masked=masked(resident.phone or ""),
            division=resident.division_code, managed_by=FacilityOut(uuid=resident.managed_by.uuid, name=resident.managed_by.name),
            status=resident.status, insurance=resident.insurance, conditions=list(resident.conditions),
            allergies=None if allergies is None else list(allergies),
        )  # fmt: skip


def age_in_years(born_on: date, on: date) -> int:
    """Completed years."""
    return max(on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day)), 0)


class ResidentPage(Schema):
    """A page of residents; give `next_cursor` back for the following one, empty on the last."""

    items: list[ResidentOut]
    next_cursor: str


class TimelineOut(Schema):
    """One thing that happened."""

    at: datetime
    kind: str
    title: str
    detail: str
    facility: str
    by: str
    tone: str
    url: str

    @classmethod
    def of(cls, entry: TimelineEntry) -> Self:
        """From an entry."""
        return cls(
            at=entry.at, kind=entry.kind, title=str(entry.title), detail=str(entry.detail), facility=entry.facility_name,
            by=entry.by_name, tone=entry.tone, url=entry.url,
        )  # fmt: skip


class TimelinePage(Schema):
    """The newest entries before a moment; `next_before` is empty when there are no more."""

    items: list[TimelineOut]
    next_before: str


class LookupOut(Schema):
    """Who looked, or did something."""

    at: datetime
    who: str
    facility: str
    what: str
    reason: str
    is_emergency: bool
    was_refused: bool

    @classmethod
    def of(cls, lookup: Lookup) -> Self:
        """From a line of the log."""
        return cls(
            at=lookup.at, who=lookup.who, facility=lookup.facility, what=str(lookup.what), reason=lookup.reason,
            is_emergency=lookup.is_emergency, was_refused=lookup.was_refused,
        )  # fmt: skip


class LookupPage(Schema):
    """A page of the look-up log, newest first."""

    items: list[LookupOut]
    next_cursor: str


class MergeOut(Schema):
    """A merge, standing or undone."""

    uuid: UUID
    kept: UUID
    merged: UUID
    merged_at: datetime
    undone_at: datetime | None

    @classmethod
    def of(cls, merge: Merge) -> Self:
        """From a row with both registrations loaded."""
        return cls(
            uuid=merge.uuid, kept=merge.kept.uuid, merged=merge.merged.uuid, merged_at=merge.merged_at, undone_at=merge.undone_at
        )


class ConsentOut(Schema):
    """A consent."""

    uuid: UUID
    kind: str
    agreed: bool
    signer_name: str
    signer_relation: str
    explained: str
    explained_by: str
    given_at: datetime
    withdrawn_at: datetime | None
    is_signed: bool

    @classmethod
    def of(cls, consent: Consent) -> Self:
        """From a row."""
        return cls(
            uuid=consent.uuid, kind=consent.kind, agreed=consent.agreed, signer_name=consent.signer_name,
            signer_relation=consent.signer_relation, explained=consent.explained, explained_by=consent.explained_by_name,
            given_at=consent.given_at, withdrawn_at=consent.withdrawn_at, is_signed=consent.signature_id is not None,
        )  # fmt: skip


class OwnRecordOut(Schema):
    """A resident's own record: who he is here, and what happened."""

    resident: ResidentOut
    timeline: TimelinePage
