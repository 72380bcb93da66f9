"""What the REST interface of residents takes and gives. Written by hand, strict going in."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from xinglin.platform import clock
from xinglin.residents import identity
from xinglin.residents.banner import secret_conditions
from xinglin.residents.data import TimelineEntry
from xinglin.residents.fields import allergies_of
from xinglin.residents.lookups import Lookup
from xinglin.residents.models import Consent, Merge, Resident
from xinglin.web.formats import masked
from xinglin.web.shapes import In, text

Text120 = Annotated[str, text(120)]
Text2 = Annotated[str, text(2)]
Text20 = Annotated[str, text(20)]
Text200 = Annotated[str, text(200)]
Text2000 = Annotated[str, text(2000)]
Text3 = Annotated[str, text(3)]
Text30 = Annotated[str, text(30)]
Text30From1 = Annotated[str, text(30, least=1)]
Text300000 = Annotated[str, text(300000)]
Text40 = Annotated[str, text(40)]
Text40From5 = Annotated[str, text(40, least=5)]
Text400From4 = Annotated[str, text(400, least=4)]
Text60From1 = Annotated[str, text(60, least=1)]
Text64 = Annotated[str, text(64)]
Sex = Literal["0", "1", "2", "9"]
IdKind = Literal[
    "RESIDENT_ID", "HOUSEHOLD_BOOK", "PASSPORT", "FOREIGN_PERMIT", "HMT_PERMIT", "MILITARY", "BIRTH_CERTIFICATE", "NONE"
]
Insurance = Literal["RESIDENT", "EMPLOYEE", "COMMERCIAL", "NONE", "UNKNOWN"]
Division = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$")]


class RegisterIn(In):
    """A new registration. `managed_by` defaults to where the actor works."""

    name: Text60From1
    sex: Sex
    born_on: date
    id_kind: IdKind = "RESIDENT_ID"
    id_number: Text40 = ""
    guardian_id_number: Text40 = ""
    phone: Text30 = ""
    card: Text64 = ""
    managed_by: UUID | None = None
    division_code: Division | Literal[""] = ""
    address: Text120 = ""
    ethnicity: Text2 = "01"
    nationality: Text3 = "CHN"
    insurance: Insurance = "UNKNOWN"
    allergies: Text200 = ""
    conditions: Annotated[list[Text40], Field(max_length=20)] = []
    acknowledged_matches: Annotated[list[UUID], Field(max_length=20)] = []


class EditIn(In):
    """Fields to change; what is left out stays."""

    name: Text60From1 | None = None
    sex: Sex | None = None
    born_on: date | None = None
    id_kind: IdKind | None = None
    id_number: Text40 | None = None
    guardian_id_number: Text40 | None = None
    phone: Text30 | None = None
    card: Text64 | None = None
    division_code: Division | None = None
    address: Text120 | None = None
    ethnicity: Text2 | None = None
    nationality: Text3 | None = None
    insurance: Insurance | None = None
    allergies: Text200 | None = None
    conditions: Annotated[list[Text40], Field(max_length=20)] | None = None


class ArrivalIn(In):
    """Name and number as on the document the person presents."""

    name: Text60From1
    id_number: Text40From5


class ResidentMergeIn(In):
    """The registration of the address is kept; `merged` points to it afterwards."""

    merged: UUID
    reason: Text400From4


class UndoMergeIn(In):
    """Why."""

    reason: Text400From4


class ConsentIn(In):
    """A consent; `signature_png` in base64."""

    kind: Text30From1
    agreed: bool
    signer_name: Text60From1
    signer_relation: Text20 = "本人"
    explained: Text2000 = ""
    signature_png: Text300000 = ""
    object_uuid: UUID | None = None


class ManagingFacilityOut(BaseModel):
    """A facility, named."""

    uuid: UUID
    name: str


class ResidentOut(BaseModel):
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
    managed_by: ManagingFacilityOut
    status: str
    insurance: str
    conditions: list[str]
    allergies: list[str] | None

    @classmethod
    def of(cls, resident: Resident) -> Self:
        """From a resident with `managed_by` loaded."""
        return cls(**flat(resident, facility_uuid=resident.managed_by.uuid, facility_name=resident.managed_by.name))


def flat(resident: Any, *, facility_uuid: UUID, facility_name: str) -> dict[str, Any]:
    """What `ResidentOut` says of a resident, or of a row of the hot reads with the same names.

    Conditions kept secret are never among them, whoever reads: a list is copied further than a page.
    """
    allergies = allergies_of(resident)
    return {
        "uuid": resident.uuid,
        "number": resident.number,
        "name": resident.name,
        "sex": resident.sex,
        "born_on": resident.born_on,
        "age": clock.completed_years(resident.born_on, resident.died_on or clock.today()),
        "id_kind": resident.id_kind,
        "id_number_masked": identity.masked(resident.id_number or ""),
        "phone_masked": masked(resident.phone or ""),
        "division": resident.division_code,
        "managed_by": {"uuid": facility_uuid, "name": facility_name},
        "status": resident.status,
        "insurance": resident.insurance,
        "conditions": [slug for slug in resident.conditions if slug not in secret_conditions()],
        "allergies": None if allergies is None else list(allergies),
    }


class ResidentPage(BaseModel):
    """A page of residents; give `next_cursor` back for the following one, empty on the last."""

    items: list[ResidentOut]
    next_cursor: str


class TimelineOut(BaseModel):
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
            at=entry.at,
            kind=entry.kind,
            title=str(entry.title),
            detail=str(entry.detail),
            facility=entry.facility_name,
            by=entry.by_name,
            tone=entry.tone,
            url=entry.url,
        )


class TimelinePage(BaseModel):
    """The newest entries before a moment; `next_before` is empty when there are no more."""

    items: list[TimelineOut]
    next_before: str


class LookupOut(BaseModel):
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
            at=lookup.at,
            who=lookup.who,
            facility=lookup.facility,
            what=str(lookup.what),
            reason=lookup.reason,
            is_emergency=lookup.is_emergency,
            was_refused=lookup.was_refused,
        )


class LookupPage(BaseModel):
    """A page of the look-up log, newest first."""

    items: list[LookupOut]
    next_cursor: str


class MergeOut(BaseModel):
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
            uuid=merge.uuid,
            kept=merge.kept.uuid,
            merged=merge.merged.uuid,
            merged_at=merge.merged_at,
            undone_at=merge.undone_at,
        )


class ConsentOut(BaseModel):
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
            uuid=consent.uuid,
            kind=consent.kind,
            agreed=consent.agreed,
            signer_name=consent.signer_name,
            signer_relation=consent.signer_relation,
            explained=consent.explained,
            explained_by=consent.explained_by_name,
            given_at=consent.given_at,
            withdrawn_at=consent.withdrawn_at,
            is_signed=consent.signature_id is not None,
        )


class OwnRecordOut(BaseModel):
    """A resident's own record: who he is here, and what happened."""

    resident: ResidentOut
    timeline: TimelinePage
