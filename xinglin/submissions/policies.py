"""What is possible for a submission as it is now."""

from django.utils.translation import gettext_lazy as _

from xinglin.platform.decisions import ALLOWED, Decision, impossible, refused
from xinglin.submissions.models import Submission
from xinglin.submissions.states import OUT, Status


def _only(submission: Submission, *statuses: Status) -> Decision:
    status = Status(submission.status)
    if status in statuses:
        return ALLOWED
    return impossible("submission-state", _("这次上报现在的状态是：%(status)s。") % {"status": status.label})


def can_be_made(submission: Submission) -> Decision:
    """Whether its cells may be drawn, or drawn anew."""
    return _only(submission, Status.DUE, Status.MADE)


def can_be_checked(submission: Submission) -> Decision:
    """Whether it is made and nothing is missing."""
    found = _only(submission, Status.MADE)
    if found.allowed and submission.faults:
        return impossible("faults", _("还有%(n)d处问题，先补齐数据再编制。") % {"n": len(submission.faults)})
    return found


def can_be_confirmed(submission: Submission) -> Decision:
    """Whether it waits for a second person."""
    return _only(submission, Status.CHECKED)


def is_another(submission: Submission, user_id: int | None) -> Decision:
    """Whether somebody is not who checked it. The system confirms nothing."""
    if user_id is None or user_id == submission.checked_by:
        return refused("second-person", _("复核须由核对人以外的另一人进行。"))
    return ALLOWED


def can_be_turned_back(submission: Submission) -> Decision:
    """Whether it is checked or confirmed and has not left."""
    return _only(submission, Status.CHECKED, Status.CONFIRMED)


def can_be_sent(submission: Submission) -> Decision:
    """Whether it is confirmed and has not left."""
    return _only(submission, Status.CONFIRMED)


def can_be_answered(submission: Submission) -> Decision:
    """Whether it has left and nobody noted an answer."""
    return _only(submission, Status.SENT)


def can_be_corrected(submission: Submission) -> Decision:
    """Whether it has left and no later turn stands for it."""
    if Submission.objects.filter(corrects=submission).exists():
        return impossible("corrected", _("这次上报已有更正。"))
    return _only(submission, *OUT)


def can_be_cancelled(submission: Submission) -> Decision:
    """Whether it has not left."""
    return _only(submission, Status.DUE, Status.MADE, Status.CHECKED, Status.CONFIRMED)


def says_what_facts_say(n_changed: int) -> Decision:
    """Whether it leaves with the figures of the facts, where so many came out otherwise since it was made."""
    if n_changed:
        words = _("编制以后统计数据有变动，涉及%(n)d个数，请退回重新编制。")
        return impossible("figures-changed", words % {"n": n_changed})
    return ALLOWED
