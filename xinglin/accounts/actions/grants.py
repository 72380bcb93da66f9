"""Giving and taking roles."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.accounts import permissions, policies, sessions
from xinglin.accounts.events import Event
from xinglin.accounts.models import Grant, User
from xinglin.accounts.roles import ROLES
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce

#: A grant may be entered a little after the fact (a posting that began on Monday), not rewritten into the past.
MAX_BACKDATED = timedelta(days=31)


@transaction.atomic
def grant_role(
    *,
    user: User,
    role: str,
    by: Actor,
    at: datetime,
    facility_id: int | None = None,
    with_subordinates: bool = False,
    division_code: str = "",
    everywhere: bool = False,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Grant:
    """Give an account a role at a facility (with all below it, if said), in a division, or everywhere, for a period.

    The account's sessions end: it signs in again with its new rights.

    :raises NotPermitted: the actor is not the security administrator, or it is his own account
    :raises InvalidInput: unknown role, not exactly one place, or an impossible period
    :raises Conflict: the account holds this grant already, or a role that excludes it; or the account is closed
    """
    permissions.may_grant(by, user, facility_id=facility_id).require()
    starts = valid_from or at
    _check_grant(role, facility_id, with_subordinates, division_code, everywhere, starts, valid_until, at)
    user = User.objects.select_for_update().get(pk=user.pk)
    policies.can_be_closed(user).require()
    coming = Grant.objects.filter(user=user, revoked_at__isnull=True).filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=at)
    )
    policies.can_hold(role, beside=coming.values_list("role", flat=True)).require()
    same = coming.filter(role=role, facility=facility_id, division_code=division_code, everywhere=everywhere)
    if valid_until is not None:
        same = same.filter(valid_from__lt=valid_until)
    if same.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=starts)).exists():
        raise Conflict(_("该账号在这段时间已有同样的授权。"), code="already-granted")
    try:
        with transaction.atomic():
            grant = Grant.objects.create(
                user=user, role=role, facility_id=facility_id, with_subordinates=with_subordinates,
                division_code=division_code, everywhere=everywhere, valid_from=starts, valid_until=valid_until,
                granted_at=at, granted_by=by.user_id,
            )  # fmt: skip
    except IntegrityError as error:
        raise InvalidInput(_("请检查授权范围和起止时间。"), code="bad-grant") from error
    sessions.end_sessions_of(user)
    announce(Event.GRANT_GIVEN, obj=grant, by=by, at=at, place=facility_id, role=role, user=str(user.uuid))
    return grant


def _check_grant(
    role: str, facility_id: int | None, with_subordinates: bool, division_code: str, everywhere: bool,
    valid_from: datetime, valid_until: datetime | None, at: datetime,
) -> None:  # fmt: skip
    fields: dict[str, object] = {}
    if role not in ROLES:
        fields["role"] = _("没有这个角色。")
    if [facility_id is not None, bool(division_code), everywhere].count(True) != 1:
        fields["place"] = _("请选定一个范围：机构、行政区划或全县。")
    if with_subordinates and facility_id is None:
        fields["with_subordinates"] = _("只有按机构授权时才能包括下级机构。")
    if division_code and not (
        division_code.isascii() and division_code.isdecimal() and len(division_code) in {2, 4, 6, 9, 12}
    ):
        fields["division_code"] = _("行政区划代码应为 2、4、6、9 或 12 位数字。")
    if valid_from < at - MAX_BACKDATED:
        fields["valid_from"] = _("开始时间不能早于 31 天前。")
    if valid_until is not None and valid_until <= max(valid_from, at):
        fields["valid_until"] = _("结束时间必须晚于开始时间和现在。")
    if fields:
        raise InvalidInput(_("请检查授权范围和起止时间。"), fields=fields)


@transaction.atomic
def revoke_grant(*, grant: Grant, by: Actor, at: datetime) -> Grant:
    """Take a grant back at once; the account's sessions end.

    :raises NotPermitted: the actor is not the security administrator, or it is his own account
    :raises Conflict: it is revoked already
    """
    permissions.may_revoke_grant(by, grant).require()
    grant = Grant.objects.select_for_update().select_related("user").get(pk=grant.pk)
    policies.can_be_revoked(grant).require()
    grant.revoked_at, grant.revoked_by = at, by.user_id or 0
    grant.save(update_fields=["revoked_at", "revoked_by"])
    sessions.end_sessions_of(grant.user)
    announce(
        Event.GRANT_REVOKED,
        obj=grant,
        by=by,
        at=at,
        place=grant.facility_id,
        role=grant.role,
        user=str(grant.user.uuid),
    )
    return grant
