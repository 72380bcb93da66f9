"""What is possible for a team, an agreement or a promise now, whoever asks."""

from datetime import date, timedelta
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from xinglin.contracts.models import Agreement, Promise, Team
from xinglin.contracts.states import IN_FORCE, RAN_OUT, Status
from xinglin.platform.decisions import ALLOWED, Decision, impossible


class Bound(Protocol):
    """An agreement, with a resident or with an institution."""

    @property
    def status(self) -> str:
        """Where it stands."""

    @property
    def ends_on(self) -> date:
        """The last day of its term."""


def can_serve(team: Team, *, on: date) -> Decision:
    """Whether a team works on a day."""
    if team.formed_on <= on and (team.ended_on is None or on <= team.ended_on):
        return ALLOWED
    return impossible("team-ended", _("这个团队当日不在服务期内。"))


def can_answer_for(team: Team, *, on: date) -> Decision:
    """Whether a team takes residents on a day: a family-doctor team at work."""
    if team.kind != Team.Kind.FAMILY:
        return impossible("not-family", _("首席医师团队不负责居民，请选择家庭医生团队。"))
    return can_serve(team, on=on)


def can_be_signed(agreement: Bound) -> Decision:
    """Whether it waits for a signature."""
    return ALLOWED if agreement.status == Status.DRAFT else stands(agreement)


def can_be_ended(agreement: Bound) -> Decision:
    """Whether it binds."""
    return ALLOWED if agreement.status in IN_FORCE else stands(agreement)


def can_be_served(agreement: Bound) -> Decision:
    """Whether services are owed under it now."""
    return ALLOWED if agreement.status == Status.ACTIVE else stands(agreement)


def can_be_recorded(agreement: Agreement, *, days: int, on: date) -> Decision:
    """Whether what was done under it is entered now: while services are owed, and `days` after its last day."""
    if agreement.status != Status.ENDED:
        return can_be_served(agreement)
    if on > last_day(agreement) + timedelta(days=days):
        return stands(agreement)
    return ALLOWED


def last_day(agreement: Agreement) -> date:
    """The last day on which it binds, or bound."""
    if agreement.ended_on is None or agreement.end_reason in RAN_OUT:
        return agreement.ends_on
    return min(agreement.ends_on, agreement.ended_on - timedelta(days=1))


def can_be_renewed(agreement: Bound, *, days: int, on: date) -> Decision:
    """Whether it is in force, and `days` or fewer are left of its term."""
    if agreement.status != Status.ACTIVE:
        return stands(agreement)
    opens = agreement.ends_on - timedelta(days=days)
    if on < opens:
        return impossible("too-early", _("还不到续签的时候：%(day)s 起可以续签。") % {"day": opens.isoformat()})
    return ALLOWED


def can_be_delivered(promise: Promise, *, on: date) -> Decision:
    """Whether an item is open."""
    if promise.done_on is not None:
        return impossible("done", _("这一项已经完成。"))
    if promise.dropped_on is not None:
        return impossible("dropped", _("协议已终止，这一项不再需要。"))
    if on < promise.opens_on:
        return impossible("not-open", _("这一项 %(day)s 起才可以做。") % {"day": promise.opens_on.isoformat()})
    return ALLOWED


def can_be_taken_back(promise: Promise) -> Decision:
    """Whether a record by hand may be withdrawn; what the service itself proves is withdrawn where it was written."""
    if promise.done_on is None:
        return impossible("not-done", _("这一项还没有完成。"))
    if promise.proof_uuid is not None:
        return impossible("proved-by-record", _("凭据来自业务记录，请在原记录上更正。"))
    return ALLOWED


def stands(agreement: Bound) -> Decision:
    """A refusal that says where it stands."""
    return impossible("not-in-state", _("这份协议现在是：%(status)s。") % {"status": Status(agreement.status).label})
