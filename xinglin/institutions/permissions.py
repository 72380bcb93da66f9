"""Who may do what with institutions: whoever signs family-doctor contracts for a unit serves institutions for it, and who
manages contracts manages these.
"""

from datetime import date

from xinglin.accounts.data import Permission
from xinglin.contracts import api as contracts
from xinglin.institutions import policies
from xinglin.institutions.models import CareAgreement, Institution, Round
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision, any_of, first_refusal


def may_record(actor: Actor, facility_id: int | None) -> Decision:
    """Record an institution in the place of a unit."""
    return any_of(
        actor.may_begin(Permission.CONTRACT_SIGN, at=facility_id),
        actor.may_begin(Permission.CONTRACT_MANAGE, at=facility_id),
    )


def may_edit(actor: Actor, institution: Institution) -> Decision:
    """Change what is written down of it, say who lives there: the keeper, and units that serve it."""
    serving = [
        may_serve_for(actor, each.facility_id, each.team.facility_id if each.team else None)
        for each in institution.agreements.select_related("team").filter(status="ACTIVE")
    ]
    return first_refusal(any_of(may_record(actor, institution.keeper_id), *serving), policies.is_open(institution))


def may_close(actor: Actor, institution: Institution) -> Decision:
    """Close it for good."""
    return first_refusal(actor.may(Permission.CONTRACT_MANAGE, at=institution.keeper_id), policies.is_open(institution))


def may_agree_for(actor: Actor, facility_id: int | None, team_home: int | None = None) -> Decision:
    """Make an agreement for a unit that still works: whoever may serve for it."""
    return first_refusal(
        may_serve_for(actor, facility_id, team_home),
        any_of(*(actor.may_begin(Permission.CONTRACT_SIGN, at=each) for each in (facility_id, team_home) if each)),
    )


def may_serve_for(actor: Actor, facility_id: int | None, team_home: int | None = None) -> Decision:
    """Sign and serve for a unit: from where it is served, or at the home of the team."""
    found = [actor.may(Permission.CONTRACT_SIGN, at=facility_id)]
    if team_home is not None:
        found.append(actor.may(Permission.CONTRACT_SIGN, at=team_home))
    return any_of(*found)


def may_work(actor: Actor, agreement: CareAgreement) -> Decision:
    """Work on an agreement."""
    return may_serve_for(actor, agreement.facility_id, agreement.team.facility_id if agreement.team else None)


def may_sign(actor: Actor, agreement: CareAgreement) -> Decision:
    """Have a draft signed, or throw it away."""
    return first_refusal(may_work(actor, agreement), contracts.can_be_signed(agreement))


def may_end(actor: Actor, agreement: CareAgreement) -> Decision:
    """End it with a reason."""
    return first_refusal(may_work(actor, agreement), contracts.can_be_ended(agreement))


def may_renew(actor: Actor, agreement: CareAgreement, *, on: date) -> Decision:
    """Sign the next term."""
    return first_refusal(may_work(actor, agreement), policies.can_be_renewed(agreement, on=on))


def may_do(actor: Actor, found: Round, *, on: date) -> Decision:
    """Write down a round."""
    return first_refusal(may_work(actor, found.agreement), policies.can_be_done(found, on=on))
