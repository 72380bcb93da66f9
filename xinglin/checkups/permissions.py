"""Who may do what with check-ups."""

from datetime import date

from xinglin.accounts.data import Permission
from xinglin.checkups import policies
from xinglin.checkups.models import Checkup, StationVisit
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision, first_refusal


def may_open(actor: Actor, facility_id: int | None) -> Decision:
    """Say when a facility examines, and how many."""
    return actor.may_begin(Permission.CHECKUP_MANAGE, at=facility_id)


def may_book(actor: Actor, facility_id: int | None) -> Decision:
    """Book, cancel, and register who comes."""
    return actor.may(Permission.CHECKUP_BOOK, at=facility_id)


def may_arrive(actor: Actor, checkup: Checkup, *, on: date) -> Decision:
    """Register that the resident has come."""
    return first_refusal(may_book(actor, checkup.facility_id), policies.can_arrive(checkup, on=on))


def may_cancel(actor: Actor, checkup: Checkup) -> Decision:
    """Cancel it now."""
    return first_refusal(may_book(actor, checkup.facility_id), policies.can_be_cancelled(checkup))


def may_examine(actor: Actor, visit: StationVisit) -> Decision:
    """Write values at a station now."""
    return first_refusal(
        actor.may(Permission.CHECKUP_EXAMINE, at=visit.checkup.facility_id), policies.can_be_examined(visit)
    )


def may_send_row(actor: Actor, visit: StationVisit, item: str, *, on: date) -> Decision:
    """Send a value of a station from a machine now."""
    return first_refusal(may_examine(actor, visit), policies.can_be_sent(visit, item, on=on))


def may_take_up(actor: Actor, checkup: Checkup, *, on: date) -> Decision:
    """Go on with a check-up that was left unfinished, or close it."""
    return first_refusal(may_book(actor, checkup.facility_id), policies.can_be_taken_up(checkup, on=on))


def may_report(actor: Actor, checkup: Checkup) -> Decision:
    """Sign the report now."""
    return first_refusal(
        actor.may(Permission.CHECKUP_REPORT, at=checkup.facility_id), policies.can_be_reported(checkup)
    )


def may_withdraw(actor: Actor, checkup: Checkup) -> Decision:
    """Withdraw the report, to put it right."""
    return actor.may(Permission.CHECKUP_REPORT, at=checkup.facility_id)


def may_see_values(actor: Actor) -> bool:
    """Whether what was found is for the actor's eyes; who only books does not see it."""
    return Permission.CHECKUP_VIEW in actor.permissions or Permission.OWN_RECORD in actor.permissions
