"""Break-glass: reaching one person beyond one's scope, for a written reason and a short time."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.accounts import permissions, policies
from xinglin.accounts.events import Event
from xinglin.accounts.models import EmergencyAccess, User, Verdict
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce

MIN_REASON, MAX_REASON = 10, 500
DEFAULT_MINUTES, MAX_MINUTES = 30, 60


@transaction.atomic
def open_break_glass(
    *, subject_uuid: UUID, reason: str, by: Actor, at: datetime, minutes: int = DEFAULT_MINUTES
) -> EmergencyAccess:
    """Open access to one person for `minutes`. The person and the security administrator will see it.

    :raises NotPermitted: the actor's role has no emergency access, or a program asks
    :raises InvalidInput: the reason is shorter than 10 characters, or the time is not 1–60 minutes
    :raises Conflict: an access to this person is open already
    """
    permissions.may_open_emergency(by).require()
    reason = " ".join(reason.split())
    fields: dict[str, object] = {}
    if not MIN_REASON <= len(reason) <= MAX_REASON or "\x00" in reason:
        fields["reason"] = _("请写明紧急原因，至少 10 个字。")
    if not 1 <= minutes <= MAX_MINUTES:
        fields["minutes"] = _("时长为 1–60 分钟。")
    if fields:
        raise InvalidInput(_("请写明紧急原因和时长。"), fields=fields)
    user = User.objects.select_for_update().get(pk=by.user_id or 0)
    is_open = EmergencyAccess.objects.filter(
        user=user, subject_uuid=subject_uuid, closed_at__isnull=True, ends_at__gt=at
    )
    if is_open.exists():
        raise Conflict(_("对此人的紧急访问正在进行中。"), code="already-open")
    access = EmergencyAccess.objects.create(
        user=user, subject_uuid=subject_uuid, reason=reason, opened_at=at, ends_at=at + timedelta(minutes=minutes)
    )
    announce(Event.EMERGENCY_OPENED, obj=access, by=by, at=at, subject=subject_uuid, reason=reason, minutes=minutes)
    return access


@transaction.atomic
def close_break_glass(*, access: EmergencyAccess, by: Actor, at: datetime) -> EmergencyAccess:
    """End one's own access before its time.

    :raises NotPermitted: somebody else opened it
    :raises Conflict: it is over
    """
    permissions.may_shut_emergency(by, access).require()
    access = EmergencyAccess.objects.select_for_update().get(pk=access.pk)
    policies.can_be_shut(access, at=at).require()
    access.closed_at = at
    access.save(update_fields=["closed_at"])
    announce(Event.EMERGENCY_CLOSED, obj=access, by=by, at=at, subject=access.subject_uuid)
    return access


@transaction.atomic
def review_break_glass(
    *, access: EmergencyAccess, verdict: str, remark: str, by: Actor, at: datetime
) -> EmergencyAccess:
    """Say afterwards whether the reason holds; a finding against it needs a remark. An access still open ends with it.

    :raises NotPermitted: the actor is not the security administrator, or it was his own access
    :raises InvalidInput: no verdict, or no remark where one is needed
    :raises Conflict: it was reviewed already
    """
    permissions.may_review_emergency(by, access).require()
    access = EmergencyAccess.objects.select_for_update().select_related("user").get(pk=access.pk)
    policies.can_be_reviewed(access).require()
    remark = remark.strip()
    fields: dict[str, object] = {}
    if verdict not in Verdict.values:
        fields["verdict"] = _("请选择复核结论。")
    if len(remark) > MAX_REASON or "\x00" in remark or (verdict == Verdict.UNJUSTIFIED and not remark):
        fields["remark"] = _("结论为不成立时请写明意见（最多 500 字）。")
    if fields:
        raise InvalidInput(_("请填写复核结论。"), fields=fields)
    access.verdict, access.remark, access.reviewed_at, access.reviewed_by = verdict, remark, at, by.user_id or 0
    if access.closed_at is None and access.ends_at > at:
        access.closed_at = at
    access.save(update_fields=["verdict", "remark", "reviewed_at", "reviewed_by", "closed_at"])
    announce(
        Event.EMERGENCY_REVIEWED, obj=access, by=by, at=at, subject=access.subject_uuid, reason=remark, verdict=verdict,
        user=str(access.user.uuid),
    )  # fmt: skip
    return access
