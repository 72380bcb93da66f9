"""What becomes of an instance that came under a known name with other content."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.imaging import permissions
from xinglin.imaging.events import Event
from xinglin.imaging.models import Conflict
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce


@transaction.atomic
def settle_conflict(*, conflict: Conflict, remark: str, by: Actor, at: datetime) -> Conflict:
    """Write down what was found out. What stands in the archive stays; what came is kept apart for good.

    :raises NotPermitted: not the technician there, nor a reader of the centre
    :raises Conflict: it is settled
    :raises InvalidInput: no remark
    """
    conflict = (
        Conflict.objects.select_for_update(of=("self",)).select_related("instance__series__study").get(pk=conflict.pk)
    )
    permissions.may_settle(by, conflict).require()
    remark = remark.strip()[:200]
    if len(remark) < 2:  # noqa: PLR2004
        raise InvalidInput(_("请说明处理结果。"), fields={"remark": _("请填写。")})
    Conflict.objects.filter(pk=conflict.pk).update(
        settled_at=at, settled_by=by.user_id or 0, settled_by_name=by.name[:80], remark=remark
    )
    conflict.refresh_from_db()
    announce(Event.CONFLICT_SETTLED, obj=conflict, by=by, at=at, place=conflict.facility_id)
    return conflict
