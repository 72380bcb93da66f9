"""What the REST operations of accounts take and give."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from xinglin.accounts.data import Permission
from xinglin.accounts.models import ApiToken, EmergencyAccess, Grant, User
from xinglin.platform.models import AuditRecord
from xinglin.web.shapes import In, text

Cursor = Annotated[str, StringConstraints(max_length=300)]
Text10 = Annotated[str, text(10)]
Text10To500 = Annotated[str, text(500, least=10)]
Text12 = Annotated[str, text(12)]
Text1To40 = Annotated[str, text(40, least=1)]
Text1To60 = Annotated[str, text(60, least=1)]
Text2To40 = Annotated[str, text(40, least=2)]
Text40 = Annotated[str, text(40)]
Text500 = Annotated[str, text(500)]
Text60 = Annotated[str, text(60)]
Text80 = Annotated[str, text(80)]


class HeldOut(BaseModel):
    """A role in force."""

    role: str
    everywhere: bool
    n_places: int


class MeOut(BaseModel):
    """Who the caller is and what it may do."""

    kind: str
    name: str
    roles: list[HeldOut]
    permissions: list[str]


class UserIn(In):
    """A new account."""

    username: Text2To40
    name: Text1To40
    title: Text40 = ""
    facility: UUID | None = None


class UserOut(BaseModel):
    """An account."""

    uuid: UUID
    username: str
    name: str
    title: str
    facility: UUID | None
    is_active: bool

    @classmethod
    def of(cls, user: User) -> "UserOut":
        """From the model."""
        return cls(
            uuid=user.uuid,
            username=user.username,
            name=user.name,
            title=user.title,
            facility=user.facility.uuid if user.facility else None,
            is_active=user.is_active,
        )


class NewUserOut(UserOut):
    """A new account with the password to hand over; it cannot be read again."""

    password: str


class UsersOut(BaseModel):
    """A page of accounts."""

    rows: list[UserOut]
    next_cursor: str


class GrantIn(In):
    """A role at one place for a period; exactly one of facility, division_code, everywhere."""

    user: UUID
    role: Text1To40
    facility: UUID | None = None
    with_subordinates: bool = False
    division_code: Text12 = ""
    everywhere: bool = False
    valid_from: datetime | None = None
    valid_until: datetime | None = None


class GrantOut(BaseModel):
    """A grant."""

    uuid: UUID
    user: UUID
    role: str
    facility: UUID | None
    with_subordinates: bool
    division_code: str
    everywhere: bool
    valid_from: datetime
    valid_until: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, grant: Grant) -> "GrantOut":
        """From the model."""
        return cls(
            uuid=grant.uuid,
            user=grant.user.uuid,
            role=grant.role,
            facility=grant.facility.uuid if grant.facility else None,
            with_subordinates=grant.with_subordinates,
            division_code=grant.division_code,
            everywhere=grant.everywhere,
            valid_from=grant.valid_from,
            valid_until=grant.valid_until,
            revoked_at=grant.revoked_at,
        )


class TokenIn(In):
    """A token for an account, within some of its permissions, for at most a year."""

    user: UUID
    label: Text1To60
    scopes: Annotated[list[Permission], Field(min_length=1, max_length=60)]
    expires_at: datetime


class TokenOut(BaseModel):
    """A token; its secret is not kept."""

    uuid: UUID
    user: UUID
    label: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, token: ApiToken) -> "TokenOut":
        """From the model."""
        return cls(
            uuid=token.uuid,
            user=token.user.uuid,
            label=token.label,
            scopes=token.scopes,
            created_at=token.created_at,
            expires_at=token.expires_at,
            revoked_at=token.revoked_at,
        )


class NewTokenOut(TokenOut):
    """A new token with its secret; it cannot be read again."""

    secret: str


class TokensOut(BaseModel):
    """A page of tokens."""

    rows: list[TokenOut]
    next_cursor: str


class EmergencyIn(In):
    """Break-glass for one person, with the written reason."""

    subject: UUID
    reason: Text10To500
    minutes: Annotated[int, Field(ge=1, le=60)] = 30


class ReviewIn(In):
    """What the review found."""

    verdict: Annotated[str, StringConstraints(pattern="^(JUSTIFIED|UNJUSTIFIED)$")]
    remark: Text500 = ""


class EmergencyOut(BaseModel):
    """An emergency access."""

    uuid: UUID
    user: UUID
    subject: UUID
    reason: str
    opened_at: datetime
    ends_at: datetime
    closed_at: datetime | None
    verdict: str
    remark: str
    reviewed_at: datetime | None

    @classmethod
    def of(cls, access: EmergencyAccess) -> "EmergencyOut":
        """From the model."""
        return cls(
            uuid=access.uuid,
            user=access.user.uuid,
            subject=access.subject_uuid,
            reason=access.reason,
            opened_at=access.opened_at,
            ends_at=access.ends_at,
            closed_at=access.closed_at,
            verdict=access.verdict,
            remark=access.remark,
            reviewed_at=access.reviewed_at,
        )


class RecordOut(BaseModel):
    """One record of the audit trail."""

    id: int
    at: datetime
    event: str
    outcome: str
    actor_kind: str
    actor_name: str
    subject: UUID | None
    object_kind: str
    object_key: str
    reason: str
    emergency: bool
    address: str

    @classmethod
    def of(cls, row: AuditRecord) -> "RecordOut":
        """From the model."""
        return cls(
            id=row.pk,
            at=row.at,
            event=row.event,
            outcome=row.outcome,
            actor_kind=row.actor_kind,
            actor_name=row.actor_name,
            subject=row.subject_uuid,
            object_kind=row.object_kind,
            object_key=row.object_key,
            reason=row.reason,
            emergency=row.emergency,
            address=row.address,
        )


class RecordsOut(BaseModel):
    """A page of the audit trail."""

    rows: list[RecordOut]
    next_cursor: str


class WantedIn(BaseModel):
    """What to look for; a search by event or outcome alone covers the latest seven days."""

    actor: Text80 = ""
    subject: UUID | None = None
    event: Text60 = ""
    outcome: Text10 = ""
    day: date | None = None
    emergency: bool = False
    cursor: Cursor = ""
