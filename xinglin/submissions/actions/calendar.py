"""What the clock notes: due soon, overdue, and what was sent and comes out otherwise now."""

from datetime import datetime

from django.db import transaction

from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.submissions import permissions
from xinglin.submissions.events import Event
from xinglin.submissions.models import Submission


@transaction.atomic
def tell_calendar(*, submission: Submission, event: Event, by: Actor, at: datetime) -> bool:
    """Announce that it is due soon, or overdue: once. Called by the system; safe to call again."""
    permissions.may_keep(by).require()
    locked = Submission.objects.select_for_update().get(pk=submission.pk)
    if event.value in locked.told:
        return False
    Submission.objects.filter(pk=locked.pk).update(told=[*locked.told, event.value])
    due_on = locked.due_on.isoformat()
    announce(event, obj=locked, by=by, at=at, form=locked.form, period=locked.period, due_on=due_on)
    return True


@transaction.atomic
def note_drift(*, submission: Submission, n: int, by: Actor, at: datetime) -> None:
    """Note how many cells come out otherwise now than they were sent; told when it is more than was known."""
    permissions.may_keep(by).require()
    locked = Submission.objects.select_for_update().get(pk=submission.pk)
    if n == locked.n_drifted:
        return
    Submission.objects.filter(pk=locked.pk).update(n_drifted=n)
    if n > locked.n_drifted:
        announce(Event.DRIFTED, obj=locked, by=by, at=at, form=locked.form, period=locked.period, n=n)
