"""A submission is opened, its cells are drawn and checked, and its file is written; a later one corrects it."""

import io
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.indicators import api as indicators
from xinglin.platform import clock, files
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, wrong
from xinglin.platform.ids import next_number
from xinglin.platform.outbox import announce
from xinglin.platform.texts import clean
from xinglin.platform.transitions import move, note_status
from xinglin.submissions import drawing, forms, permissions, policies, queries
from xinglin.submissions.comparing import differences
from xinglin.submissions.data import FaultCode
from xinglin.submissions.events import Event
from xinglin.submissions.formats import render
from xinglin.submissions.models import Cell, Submission
from xinglin.submissions.states import TRANSITIONS, Status

MAX_FILE = 50_000_000


@transaction.atomic
def open_submission(*, form: str, period: str, by: Actor, at: datetime) -> Submission:
    """Begin a form of a period; the one that was begun already is returned.

    :raises NotPermitted: no right to hand figures in. :raises NotVisible: no such form
    :raises InvalidInput: no period this form is handed in for, or one that has not begun
    """
    permissions.may_keep(by).require()
    wanted, chosen = indicators.period_of(period), forms.found(form)
    if not chosen.is_of(wanted):
        raise wrong("period", _("这张表不按这种统计期上报。"))
    if wanted.first > clock.today(at):
        raise wrong("period", _("这个统计期还没有开始。"))
    submission, is_new = Submission.objects.get_or_create(
        form=form, period=wanted.text, turn=1,
        defaults={
            "number": next_number("B", at), "form_version": chosen.definition.version, "due_on": chosen.due_on(wanted.text),
            "opened_at": at, "status_changed_at": at,
        },
    )  # fmt: skip
    if is_new:
        note_status(submission, by=by, at=at)
        announce(Event.OPENED, obj=submission, by=by, at=at, form=form, period=wanted.text, turn=1)
    return submission


@transaction.atomic
def make_submission(*, submission: Submission, snapshot: UUID | None = None, by: Actor, at: datetime) -> Submission:
    """Draw its cells, from the facts of today or from a publication of its period, and say what is missing.

    :raises NotPermitted: no right. :raises Conflict: it was checked or has left. :raises InvalidInput: not of this period
    """
    permissions.may_make(by, submission).require()
    form, period = forms.found(submission.form), indicators.period_of(submission.period)
    if snapshot and indicators.frozen_figures_of(snapshot).period != submission.period:
        raise wrong("snapshot", _("这次发布不是本统计期的。"))
    drawn = drawing.draw(form, submission.period, snapshot=snapshot, at=at)
    form = form.as_published(snapshot)
    cells = drawing.cells_of(form, drawn)
    faults = drawing.faults_of(form, drawn, cells, is_over=period.is_over(clock.today(at)))
    move(
        submission, table=TRANSITIONS, to=Status.MADE, by=by, at=at, version=drawn.version, snapshot=snapshot,
        faults=faults, form_version=form.definition.version,
    )  # fmt: skip
    submission.cells.all().delete()
    for cell in cells:
        cell.submission = submission
    Cell.objects.bulk_create(cells, batch_size=1000)
    announce(Event.MADE, obj=submission, by=by, at=at, n_cells=len(cells), n_faults=len(faults))
    return submission


@transaction.atomic
def check_submission(*, submission: Submission, by: Actor, at: datetime) -> Submission:
    """Say that it is complete; its file is written now and stays.

    :raises NotPermitted: no right. :raises Conflict: something is missing, facts that came late changed a figure, or it says
    what was sent before
    """
    permissions.may_check(by, submission).require()
    policies.says_what_facts_say(len(queries.late_changes(submission, at=at))).require()
    form = forms.found(submission.form).as_published(submission.snapshot)
    cells = list(submission.cells.all())
    if submission.corrects is not None and not differences(submission.corrects.cells.all(), cells):
        raise Conflict(FaultCode.SAME.label, code=FaultCode.SAME.value)
    made = render(
        form, indicators.period_of(submission.period), cells, number=submission.number,
        told=queries.told_before(submission),
    )  # fmt: skip
    stored = files.store(io.BytesIO(made.content), at=at, max_bytes=MAX_FILE)
    move(
        submission, table=TRANSITIONS, to=Status.CHECKED, by=by, at=at, checked_at=at, checked_by=by.user_id,
        checked_by_name=by.name, file=stored, file_name=made.name,
    )  # fmt: skip
    announce(Event.CHECKED, obj=submission, by=by, at=at, sha256=stored.sha256)
    return submission


@transaction.atomic
def correct_submission(*, submission: Submission, reason: str, by: Actor, at: datetime) -> Submission:
    """Begin the next turn of what was sent, with the reason. What was sent stays as it is.

    :raises NotPermitted: no right. :raises Conflict: it has not left, or is corrected already
    """
    permissions.may_correct(by, submission).require()
    words = clean(reason, "reason", most=400, least=1)
    try:
        with transaction.atomic():
            following = Submission.objects.create(
                number=next_number("B", at), form=submission.form, form_version=submission.form_version,
                period=submission.period, turn=submission.turn + 1, corrects=submission, reason=words,
                due_on=max(submission.due_on, clock.today(at)), opened_at=at, status_changed_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("这次上报已有更正。"), code="corrected") from error
    note_status(following, by=by, at=at, reason=words)
    announce(
        Event.OPENED, obj=following, by=by, at=at, form=following.form, period=following.period, turn=following.turn,
        corrects=str(submission.uuid),
    )  # fmt: skip
    return following
