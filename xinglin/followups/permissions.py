"""Who may do what with a follow-up task."""

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.followups import policies
from xinglin.followups.models import Call, FollowUpTask
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision, first_refusal, refused


def may_plan(actor: Actor, facility_id: int) -> Decision:
    """Whether the actor may plan a follow-up for a facility."""
    return actor.may_begin(Permission.FOLLOWUP_DO, at=facility_id)


def may_end_plan(actor: Actor, facility_id: int) -> Decision:
    """Whether the actor may end the plan of a discharge a facility made."""
    return actor.may(Permission.FOLLOWUP_DO, at=facility_id)


def may_do(actor: Actor, task: FollowUpTask) -> Decision:
    """Whether the actor may complete, put off or cancel the task now."""
    return first_refusal(actor.may(Permission.FOLLOWUP_DO, at=task.facility_id), policies.can_be_ended(task))


def may_settle(actor: Actor, task: FollowUpTask) -> Decision:
    """Whether the actor may end the task by a contact of this week, or let it wait: who follows up there, and who calls."""
    right = actor.may(Permission.FOLLOWUP_DO, at=task.facility_id) or may_call(actor, task.facility_id)
    return first_refusal(right, policies.can_be_ended(task))


def may_call(actor: Actor, facility_id: int) -> Decision:
    """Whether the actor may contact residents for a facility."""
    return actor.may(Permission.FOLLOWUP_CALL, at=facility_id)


def may_end(actor: Actor, call: Call) -> Decision:
    """Whether the actor may write down how a call went: he holds it, and it is open."""
    own = ALLOWED if call.opened_by == actor.user_id else refused("not-own-call", _("这次通话由别人领取。"))
    return first_refusal(may_call(actor, call.facility_id), own, policies.can_be_written_down(call))
