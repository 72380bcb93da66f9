"""Jobs of submissions: the calendar of returns, sets sent by themselves, and figures that change after they were sent."""

import logging
from datetime import timedelta

from xinglin.accounts.api import accounts_holding
from xinglin.accounts.data import Permission
from xinglin.notifications import api as notifications
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import Conflict, NotVisible
from xinglin.platform.jobs import periodic, task
from xinglin.platform.models import OutboxEvent
from xinglin.platform.outbox import subscribe
from xinglin.submissions import actions, forms, queries, sending
from xinglin.submissions.events import Event
from xinglin.submissions.models import Submission
from xinglin.submissions.states import Status
from xinglin.submissions.words import MESSAGES, told

logger = logging.getLogger(__name__)

TELL, SEND = "submissions.tell", "submissions.send"
KEEPER = system_actor("上报日历")
#: What left longer ago is not compared with the facts of today any more.
COMPARED = timedelta(days=400)
URGENCY = {
    Event.DUE_SOON: 0, Event.OVERDUE: 1, Event.CHECKED: 0, Event.NOT_DELIVERED: 1, Event.DRIFTED: 0,
}  # fmt: skip


def connect() -> None:
    """Subscribe to the events, and say how their messages read."""
    for event in URGENCY:
        subscribe(event, TELL)
        notifications.describe(event, MESSAGES[event], "submissions:detail", told)
    subscribe(Event.CONFIRMED, SEND)


@task(TELL)
def tell(*, event_uuid: str, object_uuid: str) -> None:
    """Tell who keeps the figures of the county."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    kind, submission = Event(event.event), Submission.objects.get(uuid=object_uuid)
    facts = {"form": submission.form, "period": submission.period, "due_on": submission.due_on.isoformat()}
    now = clock.now()
    for user_id in accounts_holding(Permission.FIGURES_KEEP, at=now):
        notifications.tell(
            event_uuid=event_uuid, kind=kind, urgency=URGENCY[kind], at=now, user_id=user_id,
            object_kind="submissions.submission", object_uuid=object_uuid, facts=facts,
        )  # fmt: skip


@task(SEND)
def send(*, event_uuid: str, object_uuid: str) -> None:
    """Send what was confirmed, if its form names a server. Safe to run twice: what was accepted is not sent again."""
    submission = Submission.objects.select_related("file").get(uuid=object_uuid)
    if submission.status == Status.CONFIRMED and queries.destination_of(forms.found(submission.form)) is not None:
        _send(submission)


def _send(submission: Submission) -> None:
    try:
        sending.deliver(submission, by=KEEPER, at=clock.now())
    except Conflict as error:
        logger.info("submission %s was not sent: %s", submission.number, error.code)


@periodic("submissions.try-again", "*/10 * * * *")
def try_again(timestamp: int) -> None:
    """Send what nobody answered for."""
    for each in queries.to_send(at=clock.now()):
        _send(each)


@periodic("submissions.calendar", "10 6 * * *")
def calendar(timestamp: int) -> None:
    """Open what has become due, draw it on its day, remind, and tell what is overdue."""
    now = clock.now()
    today = clock.today(now)
    for duty in queries.missing_duties(today):
        actions.open_submission(form=duty.form, period=duty.period, by=KEEPER, at=now)
    for submission in queries.open_ones():
        try:
            form = forms.found(submission.form)
        except NotVisible:  # a form that is no longer handed in
            continue
        if submission.status == Status.DUE and today >= submission.due_on - timedelta(
            days=form.due_days - form.make_days
        ):
            actions.make_submission(submission=submission, by=KEEPER, at=now)
        if today > submission.due_on:
            actions.tell_calendar(submission=submission, event=Event.OVERDUE, by=KEEPER, at=now)
        elif today >= submission.due_on - timedelta(days=form.remind_days):
            actions.tell_calendar(submission=submission, event=Event.DUE_SOON, by=KEEPER, at=now)


@periodic("submissions.compare", "40 5 * * *")
def compare(timestamp: int) -> None:
    """Find what was sent and comes out otherwise from the facts of today: shown, never sent by itself."""
    now = clock.now()
    for each in queries.sent_lately(now - COMPARED):
        try:
            n = len(queries.drift_of(each, at=now))
        except NotVisible:
            continue
        actions.note_drift(submission=each, n=n, by=KEEPER, at=now)
