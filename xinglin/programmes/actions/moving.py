"""Running enrolments go over to another version of their programme, all of a facility in one go."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.programmes import editions, judging, permissions
from xinglin.programmes.actions.leading import move_to_version
from xinglin.programmes.events import Event
from xinglin.programmes.models import JointMove

#: So many go over by one press: each is judged anew by his latest visit. Who is left goes over by the next.
MOST = 200


@transaction.atomic
def move_enrolments(
    *, programme: str, facility_id: int, version: str, counted: int, by: Actor, at: datetime
) -> JointMove:
    """Move the enrolments of a programme at a facility to the version in force, as many as were counted, `MOST` at a time.

    :raises NotPermitted: the actor does not manage there
    :raises InvalidInput: it is not the version in force today
    :raises Conflict: there is nobody to move, or not as many as were counted
    """
    permissions.may_move_together(by, programme, facility_id).require()
    current = judging.programme_of(programme, on=clock.today(at)).version
    if version != current:
        raise InvalidInput(_("只能更换为现行版本。"), fields={"version": current})
    rows = list(editions.not_yet(programme, facility_id, version).select_for_update(of=("self",)))
    if len(rows) != counted:
        message = _("人数已变：现在是%(n)d人，请刷新后再看。") % {"n": len(rows)}
        raise Conflict(message, code="count-changed")
    if not rows:
        raise Conflict(_("没有需要更换版本的对象。"), code="nobody-to-move")
    for each in rows[:MOST]:
        move_to_version(enrolment=each, version=version, by=by, at=at)
    moved = JointMove.objects.create(
        programme=programme, facility_id=facility_id, became=version, n_counted=counted, n_moved=len(rows[:MOST]), moved_at=at,
        moved_by=by.user_id, moved_by_name=by.name[:40],
    )  # fmt: skip
    announce(Event.MOVED_TOGETHER, obj=moved, by=by, at=at, place=facility_id, n=moved.n_moved)
    return moved
