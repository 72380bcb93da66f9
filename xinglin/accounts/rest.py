"""REST operations of accounts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from xinglin.accounts import actions, queries, trail
from xinglin.accounts.data import Permission
from xinglin.accounts.events import Event
from xinglin.accounts.schemas import (
    Cursor,
    EmergencyIn,
    EmergencyOut,
    GrantIn,
    GrantOut,
    HeldOut,
    MeOut,
    NewTokenOut,
    NewUserOut,
    RecordOut,
    RecordsOut,
    ReviewIn,
    Text40,
    TokenIn,
    TokenOut,
    TokensOut,
    UserIn,
    UserOut,
    UsersOut,
    WantedIn,
)
from xinglin.platform import audit, clock
from xinglin.platform.decisions import refused
from xinglin.platform.errors import InvalidInput
from xinglin.platform.paging import page_of
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request

router = Router()


@router.get("/me", response={200: MeOut, **ERRORS}, operation_id="who_am_i")
def me(request: Request) -> Any:
    """Who the caller is, with its permissions (a token's are narrowed to its scopes)."""
    actor = request.actor
    held = [
        HeldOut(role=grant.role, everywhere=grant.places is None, n_places=len(grant.places or ()))
        for grant in actor.grants
    ]
    return MeOut(kind=actor.kind, name=actor.name, roles=held, permissions=sorted(actor.permissions))


# Users ---------------------------------------------------------------------------------------------------------------


@router.get("/users", response={200: UsersOut, **ERRORS}, operation_id="list_users")
def users(request: Request, q: Text40 = "", facility: UUID | None = None, cursor: Cursor = "") -> Any:
    """Accounts the administrator sees, by user name; with `facility` those with rights at that very unit now."""
    actor = request.actor
    _need_any(actor, Permission.USER_MANAGE, Permission.GRANT_MANAGE)
    rows = queries.users_found(actor, text=q, facility_id=_facility_id(facility), at=clock.now())
    found = page_of(rows, by=["username"], cursor=cursor)
    return UsersOut(rows=[UserOut.of(user) for user in found.rows], next_cursor=found.next_cursor)


@router.post("/users", response={201: NewUserOut, **ERRORS}, operation_id="create_user")
def create_user(request: Request, body: UserIn) -> Any:
    """Make an account. A repeated request meets its own user name and gets 409; the password is answered once."""
    actor = request.actor
    actor.may(Permission.USER_MANAGE).require()
    new = actions.create_user(
        username=body.username,
        name=body.name,
        title=body.title,
        facility_id=_facility_id(body.facility),
        by=actor,
        at=clock.now(),
    )
    return Status(201, NewUserOut(**UserOut.of(new.user).model_dump(), password=new.password))


def _facility_id(uuid: UUID | None) -> int | None:
    if uuid is None:
        return None
    facility = queries.facility_by_uuid(uuid)
    if facility is None:
        raise InvalidInput(_("没有这个机构。"), fields={"facility": _("没有这个机构。")})
    return int(facility.pk)


def _need_any(actor: Any, *permissions: Permission) -> None:
    if not set(permissions) & actor.permissions:
        refused("no-permission", _("您的角色没有这项权限。")).require()


# Grants --------------------------------------------------------------------------------------------------------------


@router.post("/grants", response={201: GrantOut, **ERRORS}, operation_id="grant_role")
def grant_role(request: Request, body: GrantIn) -> Any:
    """Give an account a role; it has to sign in again."""
    actor = request.actor
    actor.may(Permission.GRANT_MANAGE).require()
    user = queries.visible_user(actor, body.user)
    place = {
        "facility_id": _facility_id(body.facility),
        "with_subordinates": body.with_subordinates,
        "division_code": body.division_code,
        "everywhere": body.everywhere,
    }
    period = {"valid_from": _aware(body.valid_from), "valid_until": _aware(body.valid_until)}
    return write(
        request,
        lambda: GrantOut.of(
            actions.grant_role(user=user, role=body.role, by=actor, at=clock.now(), **place, **period)  # type: ignore[arg-type]
        ),
        status=201,
    )


def _aware(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise InvalidInput(_("时间必须带时区。"), fields={"valid_from": _("时间必须带时区。")})
    return moment


@router.post("/grants/{uuid}/revoke", response={200: GrantOut, **ERRORS}, operation_id="revoke_grant")
def revoke_grant(request: Request, uuid: UUID) -> Any:
    """Take a grant back at once."""
    actor = request.actor
    grant = queries.visible_grant(actor, uuid)
    return write(request, lambda: GrantOut.of(actions.revoke_grant(grant=grant, by=actor, at=clock.now())))


# Tokens --------------------------------------------------------------------------------------------------------------


@router.get("/tokens", response={200: TokensOut, **ERRORS}, operation_id="list_tokens")
def tokens(request: Request, cursor: Cursor = "") -> Any:
    """Tokens in force: one's own, and for the security administrator those in his hands."""
    actor = request.actor
    in_force = queries.tokens_visible_to(actor).filter(revoked_at__isnull=True, expires_at__gt=clock.now())
    found = page_of(in_force, by=["expires_at", "id"], cursor=cursor)
    return TokensOut(rows=[TokenOut.of(token) for token in found.rows], next_cursor=found.next_cursor)


@router.post("/tokens", response={201: NewTokenOut, **ERRORS}, operation_id="create_token")
def create_token(request: Request, body: TokenIn) -> Any:
    """Make a token. A repeated request meets its own label and gets 409; the secret is answered once."""
    actor = request.actor
    actor.may(Permission.TOKEN_MANAGE).require()
    new = actions.create_token(
        user=queries.visible_user(actor, body.user),
        label=body.label,
        permitted=body.scopes,
        expires_at=_aware(body.expires_at),  # type: ignore[arg-type]
        by=actor,
        at=clock.now(),
    )
    return Status(201, NewTokenOut(**TokenOut.of(new.token).model_dump(), secret=new.secret))


@router.post("/tokens/{uuid}/revoke", response={200: TokenOut, **ERRORS}, operation_id="revoke_token")
def revoke_token(request: Request, uuid: UUID) -> Any:
    """End a token at once."""
    actor = request.actor
    token = queries.visible_token(actor, uuid)
    return write(request, lambda: TokenOut.of(actions.revoke_token(token=token, by=actor, at=clock.now())))


# Emergency access ----------------------------------------------------------------------------------------------------


@router.post("/emergencies", response={201: EmergencyOut, **ERRORS}, operation_id="open_emergency")
def open_emergency(request: Request, body: EmergencyIn) -> Any:
    """Open emergency access; only a person, never a token."""
    actor = request.actor
    return write(
        request,
        lambda: EmergencyOut.of(
            actions.open_break_glass(
                subject_uuid=body.subject, reason=body.reason, minutes=body.minutes, by=actor, at=clock.now()
            )
        ),
        status=201,
    )


@router.post("/emergencies/{uuid}/review", response={200: EmergencyOut, **ERRORS}, operation_id="review_emergency")
def review_emergency(request: Request, uuid: UUID, body: ReviewIn) -> Any:
    """Review one; never one's own."""
    actor = request.actor
    access = queries.visible_emergency(actor, uuid)
    return write(
        request,
        lambda: EmergencyOut.of(
            actions.review_break_glass(
                access=access, verdict=body.verdict, remark=body.remark, by=actor, at=clock.now()
            )
        ),
    )


# The trail -----------------------------------------------------------------------------------------------------------


@router.get("/audit", response={200: RecordsOut, **ERRORS}, operation_id="read_audit")
def read_audit(request: Request, wanted: Query[WantedIn]) -> Any:
    """The audit trail, the latest first; reading it is recorded too."""
    by, now = request.actor, clock.now()
    asked = trail.AuditFilter(**wanted.model_dump(exclude={"cursor"}))
    found = page_of(trail.audit_records(by, asked, at=now), by=["-id"], cursor=wanted.cursor, size=50)
    audit.record(Event.AUDIT_READ, by=by, at=now, subject=asked.subject, detail=asked.for_audit())
    return RecordsOut(rows=[RecordOut.of(row) for row in found.rows], next_cursor=found.next_cursor)
