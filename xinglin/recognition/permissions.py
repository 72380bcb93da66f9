"""Who may do what: the ordering doctor decides, the consortium manages marks, who reads figures reads the report."""

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision, first_refusal
from xinglin.recognition import policies
from xinglin.recognition.models import Mark


def may_see_catalogue(actor: Actor) -> Decision:
    """Items and marks are no secret to staff."""
    return actor.may(Permission.NETWORK_VIEW)


def may_manage(actor: Actor, facility_id: int | None = None) -> Decision:
    """Who grants marks to a unit; anywhere when none is named."""
    return actor.may(Permission.RECOGNITION_MANAGE, at=facility_id)


def may_end(actor: Actor, mark: Mark) -> Decision:
    """Who withdraws one."""
    return first_refusal(may_manage(actor, mark.facility_id), policies.can_be_ended(mark))


def may_see_report(actor: Actor) -> Decision:
    """Who reads the county's figures."""
    return actor.may(Permission.BOARD_VIEW)


def may_order(actor: Actor, facility_id: int) -> Decision:
    """Who may ask for examinations at a unit may ask what is known."""
    return actor.may(Permission.REQUEST_PLACE, at=facility_id)
