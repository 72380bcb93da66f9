"""Shapes of the REST interface of institutions."""

import base64
import binascii
import io
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from pydantic import AwareDatetime, BaseModel, Field

from xinglin.institutions import data, queries
from xinglin.institutions.models import CareAgreement, Institution, Round, Seen, Stay
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.web.shapes import In, text

Code = Annotated[str, text(40)]
Name = Annotated[str, text(40, least=1)]
Words = Annotated[str, text(200)]
File = Annotated[str, Field(max_length=11_200_000)]


class InstitutionBody(In):
    """What is written down of an institution."""

    name: Annotated[str, text(80, least=1)]
    kind: Literal["ELDERLY", "WELFARE", "DISABLED", "SCHOOL", "NURSERY"]
    address: Annotated[str, text(120, least=1)]
    responsible: Name
    opened_on: date
    phone: Annotated[str, text(20)] = ""
    beds: Annotated[int, Field(ge=0, le=20_000)] | None = None

    def read(self) -> data.InstitutionIn:
        """As the action takes it."""
        return data.InstitutionIn(**{name: getattr(self, name) for name in InstitutionBody.model_fields})


class InstitutionRecordIn(InstitutionBody):
    """An institution to record; `facility` keeps its record, the actor's own when absent."""

    facility: UUID | None = None


class InstitutionCloseIn(In):
    """Why it is closed."""

    reason: Annotated[str, text(200, least=1)]


class StayIn(In):
    """A resident who lives there."""

    resident: UUID
    since: date
    room: Annotated[str, text(20)] = ""


class StayEndIn(In):
    """Until when."""

    until: date


class CareSigningIn(In):
    """Who signed for the institution; the `scan` of the sheet, at most 8 MB, as base64."""

    signer_name: Name
    signer_title: Annotated[str, text(40)] = ""
    scan: File

    def signing(self) -> data.Signing:
        """As the action takes it."""
        return data.Signing(self.signer_name, self.signer_title, _file(self.scan))


class CareAgreementIn(CareSigningIn):
    """An agreement to sign: of the facility, or of a `team` that serves from there."""

    package: Code
    starts_on: date | None = None
    years: Annotated[int, Field(ge=1, le=5)] = 1
    facility: UUID | None = None
    team: UUID | None = None


class CareRenewalIn(CareSigningIn):
    """The next term."""

    package: Code
    years: Annotated[int, Field(ge=1, le=5)] = 1


class CareEndIn(In):
    """Why it ends."""

    reason_code: Code
    words: Words = ""


class SeenIn(In):
    """A resident who was seen, by the uuid of his stay."""

    stay: UUID
    words: Words = ""


class RoundBody(In):
    """A round as it was. `signature` a PNG as base64, or the `scan` of a signed sheet."""

    came: Annotated[list[Annotated[str, text(40)]], Field(min_length=1, max_length=12)]
    findings: Annotated[str, text(2000, least=1)]
    signer_name: Name
    seen: Annotated[list[SeenIn], Field(max_length=500)] = []
    advice: Annotated[str, text(2000)] = ""
    came_at: AwareDatetime | None = None
    signature: Annotated[str, Field(max_length=300_000)] = ""
    scan: File = ""

    def read(self, signature_png: bytes | None) -> data.RoundIn:
        """As the action takes it."""
        return data.RoundIn(
            came=tuple(self.came), findings=self.findings, signer_name=self.signer_name,
            seen={each.stay: each.words for each in self.seen}, advice=self.advice, came_at=self.came_at,
            signature_png=signature_png, scan=_file(self.scan),
        )  # fmt: skip


class InstitutionOut(BaseModel):
    """An institution. `phone` only for who works with it."""

    uuid: UUID
    name: str
    kind: str
    address: str
    responsible: str
    phone: str | None
    beds: int | None
    opened_on: date
    closed_on: date | None
    status: str
    keeper: str

    @classmethod
    def of(cls, row: Institution, *, shows_phone: bool) -> "InstitutionOut":
        """From a row with its keeper."""
        return cls(
            uuid=row.uuid, name=row.name, kind=row.kind, address=row.address, responsible=row.responsible,
            phone=row.phone if shows_phone else None, beds=row.beds, opened_on=row.opened_on, closed_on=row.closed_on,
            status=row.status, keeper=str(row.keeper),
        )  # fmt: skip


class InstitutionsOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[InstitutionOut]
    next_cursor: str


class StayOut(BaseModel):
    """Who lives there, from when."""

    uuid: UUID
    resident: UUID
    resident_name: str
    room: str
    since: date
    until: date | None

    @classmethod
    def of(cls, row: Stay) -> "StayOut":
        """From a row with its resident."""
        return cls(
            uuid=row.uuid, resident=row.resident.uuid, resident_name=row.resident.name, room=row.room, since=row.since,
            until=row.until,
        )  # fmt: skip


class StaysOut(BaseModel):
    """Who lives there and is known to the reader; `n_others` are not."""

    items: list[StayOut]
    n_others: int


class RoundOut(BaseModel):
    """One planned round, with the service log once it is done."""

    uuid: UUID
    agreement: UUID
    institution: str
    item: str
    title: str
    n: int
    opens_on: date
    due_on: date
    status: str
    came_at: datetime | None
    came: list[str]
    findings: str
    advice: str
    signer_name: str

    @classmethod
    def of(cls, row: Round) -> "RoundOut":
        """From a row with its agreement and institution."""
        agreement = row.agreement
        return cls(
            uuid=row.uuid, agreement=agreement.uuid, institution=agreement.institution.name, item=row.item,
            title=queries.item_titles(agreement.package).get(row.item, row.item), n=row.n, opens_on=row.opens_on,
            due_on=row.due_on, status=row.status, came_at=row.came_at, came=list(row.came), findings=row.findings,
            advice=row.advice, signer_name=row.signer_name,
        )  # fmt: skip


class RoundsOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[RoundOut]
    next_cursor: str


class SeenOut(BaseModel):
    """A resident seen at a round; `visit` is the clinic's record of that day."""

    resident: UUID
    resident_name: str
    words: str
    visit: UUID | None

    @classmethod
    def of(cls, row: Seen) -> "SeenOut":
        """From a row with its resident and visit."""
        return cls(
            resident=row.resident.uuid, resident_name=row.resident.name, words=row.words,
            visit=row.visit.uuid if row.visit else None,
        )  # fmt: skip


class RoundWholeOut(RoundOut):
    """A round with whom it saw, as far as the reader may know them."""

    seen: list[SeenOut]
    n_others: int

    @classmethod
    def whole(cls, row: Round, reader: Actor) -> "RoundWholeOut":
        """From a row with its agreement, for a reader."""
        known, n_others = queries.seen_at(reader, row)
        return cls(**RoundOut.of(row).model_dump(), seen=[SeenOut.of(each) for each in known], n_others=n_others)


class CareAgreementOut(BaseModel):
    """An agreement with its plan."""

    uuid: UUID
    number: str
    institution: UUID
    unit: str
    facility: str
    team: str
    package: str
    starts_on: date
    ends_on: date
    status: str
    signer_name: str
    ended_on: date | None
    end_reason: str
    rounds: list[RoundOut]

    @classmethod
    def of(cls, row: CareAgreement) -> "CareAgreementOut":
        """From a row with its institution and unit."""
        rounds = [each for each, _n_seen in queries.rounds_of(row)]
        for each in rounds:
            each.agreement = row
        return cls(
            uuid=row.uuid, number=row.number, institution=row.institution.uuid, unit=row.unit,
            facility=str(row.facility), team=row.team.name if row.team else "", package=row.package,
            starts_on=row.starts_on, ends_on=row.ends_on, status=row.status, signer_name=row.signer_name,
            ended_on=row.ended_on, end_reason=row.end_reason, rounds=[RoundOut.of(each) for each in rounds],
        )  # fmt: skip


def _file(given: str) -> io.BytesIO | None:
    if not given:
        return None
    try:
        return io.BytesIO(base64.b64decode(given, validate=True))
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(_("签字页不是有效的文件。"), fields={"scan": _("签字页不是有效的文件。")}) from error
