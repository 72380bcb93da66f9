"""Who may do what with teams, agreements, promises and pay."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.contracts import policies, queries
from xinglin.contracts.models import Agreement, Assignment, Promise, Team
from xinglin.contracts.rules import settled
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision, any_of, first_refusal, impossible, refused


def may_manage_at(actor: Actor, facility_id: int) -> Decision:
    """Change teams of a facility, share its pay."""
    return actor.may(Permission.CONTRACT_MANAGE, at=facility_id)


def may_form(actor: Actor, facility_id: int) -> Decision:
    """Form a team of a facility."""
    return actor.may_begin(Permission.CONTRACT_MANAGE, at=facility_id)


def may_manage(actor: Actor, team: Team) -> Decision:
    """Change a team."""
    still = ALLOWED if team.ended_on is None else impossible("team-ended", _("这个团队已经撤销。"))
    return first_refusal(may_manage_at(actor, team.facility_id), still)


def may_sign_at(actor: Actor, facility_id: int | None) -> Decision:
    """Sign residents for a facility."""
    return actor.may_begin(Permission.CONTRACT_SIGN, at=facility_id)


def may_work(actor: Actor, agreement: Agreement) -> Decision:
    """Work on an agreement: where its resident is served, or at the home of its team."""
    return any_of(
        actor.may(Permission.CONTRACT_SIGN, at=agreement.facility_id),
        actor.may(Permission.CONTRACT_SIGN, at=agreement.team.facility_id),
    )


def may_sign(actor: Actor, agreement: Agreement) -> Decision:
    """Have a draft signed."""
    return first_refusal(may_work(actor, agreement), policies.can_be_signed(agreement))


def may_end(actor: Actor, agreement: Agreement) -> Decision:
    """End it with a reason."""
    return first_refusal(may_work(actor, agreement), policies.can_be_ended(agreement))


def may_change_team(actor: Actor, agreement: Agreement) -> Decision:
    """Hand it to another team."""
    return first_refusal(may_work(actor, agreement), policies.can_be_served(agreement))


def may_renew(actor: Actor, agreement: Agreement, *, at: datetime) -> Decision:
    """Sign the next term."""
    return first_refusal(
        may_work(actor, agreement), policies.can_be_renewed(agreement, days=settled.renew_days(), on=clock.today(at))
    )


def may_deliver(actor: Actor, promise: Promise, *, on: date) -> Decision:
    """Record by hand that an item was done; for some days also after the agreement has ended."""
    agreement = promise.agreement
    still = policies.can_be_recorded(agreement, days=settled.late_days(), on=on)
    return first_refusal(may_work(actor, agreement), still, policies.can_be_delivered(promise, on=on))


def may_book(actor: Actor, promise: Promise, *, on: date) -> Decision:
    """Book the day of an item, which may open later."""
    still = policies.can_be_served(promise.agreement)
    owed = policies.can_be_delivered(promise, on=max(on, promise.opens_on))
    return first_refusal(may_work(actor, promise.agreement), still, owed)


def may_take_back(actor: Actor, promise: Promise) -> Decision:
    """Withdraw a record by hand."""
    return first_refusal(may_work(actor, promise.agreement), policies.can_be_taken_back(promise))


def may_claim(actor: Actor, team: Team, *, on: date) -> Decision:
    """Take residents of its area for a team: who is in it, and who manages teams at its home."""
    member = queries.is_member(team.pk, actor.user_id, on=on) and actor.may(Permission.CONTRACT_SIGN)
    return ALLOWED if member else may_manage_at(actor, team.facility_id)


def may_distribute(actor: Actor, facility_id: int | None) -> Decision:
    """Give residents without a team to teams by a rule: of a facility, or of all where the actor manages teams."""
    return actor.may(Permission.CONTRACT_MANAGE, at=facility_id)


def may_let_go(actor: Actor, assignment: Assignment, *, on: date) -> Decision:
    """Give a resident back, or hand him to another team."""
    still = ALLOWED if assignment.ended_at is None else impossible("ended", _("这次分配已经结束。"))
    return first_refusal(may_claim(actor, assignment.team, on=on), still)


def may_rate(actor: Actor, agreement: Agreement) -> Decision:
    """Rate: the resident himself, as long as it was signed."""
    if not actor.may(Permission.OWN_RECORD) or actor.self_uuid is None:
        return refused("not-own", _("只有签约居民本人可以评价。"))
    if agreement.signed_at is None:
        return impossible("not-signed", _("还没有签约，不能评价。"))
    return ALLOWED


def may_count(actor: Actor) -> Decision:
    """See coverage of the county, or of one's own units."""
    return any_of(actor.may(Permission.CONTRACT_MANAGE), actor.may(Permission.BOARD_VIEW))
