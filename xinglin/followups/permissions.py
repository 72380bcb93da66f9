"""Who may do what with a follow-up task."""

from xinglin.accounts.data import Permission
from xinglin.followups import policies
from xinglin.followups.models import FollowUpTask
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision, first_refusal


def may_plan(actor: Actor, facility_id: int) -> Decision:
    """Whether the actor may plan a follow-up for a facility."""
    return actor.may(Permission.FOLLOWUP_DO, at=facility_id)


def may_do(actor: Actor, task: FollowUpTask) -> Decision:
    """Whether the actor may complete, put off or cancel the task now."""
    return first_refusal(actor.may(Permission.FOLLOWUP_DO, at=task.facility_id), policies.can_be_ended(task))
