"""Who may do what with submissions: who keeps the figures hands them in, another one of them confirms."""

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision, first_refusal
from xinglin.submissions import policies
from xinglin.submissions.models import Submission


def may_keep(actor: Actor) -> Decision:
    """See submissions, make and check them, note what became of them."""
    return actor.may(Permission.FIGURES_KEEP)


def may_make(actor: Actor, submission: Submission) -> Decision:
    """Draw its cells, anew if need be."""
    return first_refusal(may_keep(actor), policies.can_be_made(submission))


def may_check(actor: Actor, submission: Submission) -> Decision:
    """Say that it is complete, and write its file."""
    return first_refusal(may_keep(actor), policies.can_be_checked(submission))


def may_confirm(actor: Actor, submission: Submission) -> Decision:
    """Confirm it: somebody else than who checked it."""
    return first_refusal(
        may_keep(actor), policies.can_be_confirmed(submission), policies.is_another(submission, actor.user_id)
    )


def may_turn_back(actor: Actor, submission: Submission) -> Decision:
    """Have it made anew before it leaves."""
    return first_refusal(may_keep(actor), policies.can_be_turned_back(submission))


def may_send(actor: Actor, submission: Submission) -> Decision:
    """Send it, or note that it was handed in."""
    return first_refusal(may_keep(actor), policies.can_be_sent(submission))


def may_answer(actor: Actor, submission: Submission) -> Decision:
    """Note what the receiver answered."""
    return first_refusal(may_keep(actor), policies.can_be_answered(submission))


def may_correct(actor: Actor, submission: Submission) -> Decision:
    """Begin the next turn of what was sent."""
    return first_refusal(may_keep(actor), policies.can_be_corrected(submission))


def may_cancel(actor: Actor, submission: Submission) -> Decision:
    """Give it up before it leaves."""
    return first_refusal(may_keep(actor), policies.can_be_cancelled(submission))


def may_set_destinations(actor: Actor) -> Decision:
    """Say where sets are sent, and with which account."""
    return actor.may(Permission.EXCHANGE_MANAGE)


def may_read_figures(actor: Actor) -> Decision:
    """Read measures and reports by FHIR."""
    return actor.may(Permission.BOARD_VIEW)
