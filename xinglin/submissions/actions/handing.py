"""A second person confirms, the file leaves, and the answer is noted."""

from datetime import datetime

from django.db import transaction

from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.platform.texts import clean
from xinglin.platform.transitions import move
from xinglin.submissions import permissions, policies, queries
from xinglin.submissions.events import Event
from xinglin.submissions.models import Submission
from xinglin.submissions.states import TRANSITIONS, Status


@transaction.atomic
def confirm_submission(*, submission: Submission, by: Actor, at: datetime) -> Submission:
    """Confirm what another checked; where the form names a server, it is sent by itself from now on.

    :raises NotPermitted: no right, or the same person. :raises Conflict: it is not checked, facts that came late changed a
    figure, or somebody was first
    """
    permissions.may_confirm(by, submission).require()
    policies.says_what_facts_say(len(queries.late_changes(submission, at=at))).require()
    move(
        submission, table=TRANSITIONS, to=Status.CONFIRMED, by=by, at=at, confirmed_at=at, confirmed_by=by.user_id,
        confirmed_by_name=by.name, next_try_at=at,
    )  # fmt: skip
    announce(Event.CONFIRMED, obj=submission, by=by, at=at, form=submission.form, period=submission.period)
    return submission


@transaction.atomic
def turn_back(*, submission: Submission, reason: str, by: Actor, at: datetime) -> Submission:
    """Have it made anew before it leaves. :raises Conflict: it has left, or is not checked"""
    permissions.may_turn_back(by, submission).require()
    words = clean(reason, "reason", most=200, least=1)
    move(
        submission, table=TRANSITIONS, to=Status.MADE, by=by, at=at, reason=words, checked_at=None, checked_by=None,
        checked_by_name="", confirmed_at=None, confirmed_by=None, confirmed_by_name="", file=None, file_name="",
        next_try_at=None,
    )  # fmt: skip
    announce(Event.TURNED_BACK, obj=submission, by=by, at=at)
    return submission


@transaction.atomic
def note_sent(*, submission: Submission, words: str, by: Actor, at: datetime) -> Submission:
    """Note that its file was downloaded and handed in, and how. :raises Conflict: it is not confirmed"""
    permissions.may_send(by, submission).require()
    told = clean(words, "words", most=200, least=1)
    move(submission, table=TRANSITIONS, to=Status.SENT, by=by, at=at, sent_at=at, sent_words=told, next_try_at=None)
    announce(Event.SENT, obj=submission, by=by, at=at, form=submission.form, period=submission.period)
    return submission


@transaction.atomic
def note_answer(*, submission: Submission, accepted: bool, words: str, by: Actor, at: datetime) -> Submission:
    """Note what the receiver answered: taken, with its receipt, or turned back, with its reason."""
    permissions.may_answer(by, submission).require()
    told = clean(words, "words", most=400, least=1)
    to, event = (Status.RECEIVED, Event.RECEIVED) if accepted else (Status.REFUSED, Event.REFUSED)
    move(submission, table=TRANSITIONS, to=to, by=by, at=at, answered_at=at, receipt=told)
    announce(event, obj=submission, by=by, at=at, form=submission.form, period=submission.period)
    return submission


@transaction.atomic
def cancel_submission(*, submission: Submission, reason: str, by: Actor, at: datetime) -> Submission:
    """Give it up before it leaves, with the reason. :raises Conflict: it has left"""
    permissions.may_cancel(by, submission).require()
    words = clean(reason, "reason", most=200, least=1)
    move(submission, table=TRANSITIONS, to=Status.CANCELLED, by=by, at=at, reason=words, next_try_at=None)
    announce(Event.CANCELLED, obj=submission, by=by, at=at)
    return submission
