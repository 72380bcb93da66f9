"""Funds are worked out by one person, approved by another, published, and afterwards only replaced."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.evaluations import permissions, policies
from xinglin.evaluations.events import Event
from xinglin.evaluations.models import Distribution, DistributionLine, Round
from xinglin.evaluations.rules.funds import POOLS
from xinglin.evaluations.sharing import fund_in_force, work_out
from xinglin.evaluations.states import FUND_TRANSITIONS, FundStatus, RoundStatus
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.ids import next_number
from xinglin.platform.outbox import announce
from xinglin.platform.texts import clean
from xinglin.platform.transitions import move, note_status

MOST_FEN = 10**13


@transaction.atomic
def draft_fund(  # noqa: PLR0913 - one call says everything about one distribution
    *,
    slug: str,
    of_round: Round,
    given: Mapping[str, int],
    replaces: Distribution | None = None,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> Distribution:
    """Work a fund out from a closed round. With `replaces`, a correction of what was published, and why.

    :raises NotPermitted: a unit of the round, or one that gets something, is beyond the actor's reach
    :raises Conflict: the round is not closed, there is nothing to share, a figure is missing, or what is to be replaced is another
        fund or of another round
    :raises InvalidInput: an amount is missing or out of bounds
    """
    permissions.may_share(by, of_round).require()
    fund = fund_in_force(slug)
    if of_round.status != RoundStatus.CLOSED:
        raise Conflict(_("只能按已办结的考核分配。"), code="round-not-closed")
    if replaces is not None:
        replaces = _to_replace(replaces, slug, of_round, by)
    fields = {
        key: _("请填写金额。")
        for key in POOLS[fund.pool]
        if not isinstance(given.get(key), int) or not 0 < given[key] <= MOST_FEN
    }
    if fields or set(given) != set(POOLS[fund.pool]):
        raise InvalidInput(_("金额没有填写完整。"), fields=fields)
    worked = work_out(fund, of_round, given)
    made = Distribution.objects.create(
        number=next_number("Z", at), slug=slug, version=fund.version, fund=dict(fund.content), round=of_round,
        given=dict(given), pool_fen=worked.pool_fen, status_changed_at=at, made_at=at, made_by=by.user_id or 0,
        made_by_name=by.name, replaces=replaces,
        reason=clean(reason, "reason", most=500, least=1 if replaces is not None else 0),
    )  # fmt: skip
    note_status(made, by=by, at=at)
    DistributionLine.objects.bulk_create(
        DistributionLine(
            distribution=made, facility_id=each.taker.key, name=each.taker.name, part=each.part,
            factors=list(each.factors), weight=f"{each.weight.numerator}/{each.weight.denominator}", fen=each.fen,
        )
        for each in worked.lines
    )  # fmt: skip
    permissions.may_keep(by, made).require()
    announce(Event.FUND_DRAFTED, obj=made, by=by, at=at, fund=fund.version, pool_fen=made.pool_fen)
    return made


def _to_replace(former: Distribution, slug: str, of_round: Round, by: Actor) -> Distribution:
    """What was published, locked: whoever replaces waits for whoever else does."""
    now = _held(former)
    permissions.may_keep(by, now).require()
    policies.can_be_replaced(now).require()
    if now.slug != slug:
        raise Conflict(_("更正的须是同一项资金。"), code="another-fund")
    if now.round_id != of_round.pk:
        raise Conflict(_("更正的须是按同一次考核分配的资金。"), code="another-round")
    return now


def _held(distribution: Distribution) -> Distribution:
    return Distribution.objects.select_for_update().get(pk=distribution.pk)


@transaction.atomic
def submit_fund(*, distribution: Distribution, by: Actor, at: datetime) -> Distribution:
    """Send a draft to be approved. :raises Conflict: it is no draft"""
    now = _held(distribution)
    permissions.may_keep(by, now).require()
    policies.can_be_submitted(now).require()
    move(now, table=FUND_TRANSITIONS, to=FundStatus.SUBMITTED, by=by, at=at)
    announce(Event.FUND_SUBMITTED, obj=now, by=by, at=at, pool_fen=now.pool_fen)
    return now


@transaction.atomic
def approve_fund(*, distribution: Distribution, by: Actor, at: datetime) -> Distribution:
    """Approve what somebody else worked out. :raises NotPermitted: it is one's own work. :raises Conflict: it does not wait"""
    now = _held(distribution)
    permissions.may_approve(by, now).require()
    move(
        now, table=FUND_TRANSITIONS, to=FundStatus.APPROVED, by=by, at=at, approved_at=at, approved_by=by.user_id,
        approved_by_name=by.name,
    )  # fmt: skip
    announce(Event.FUND_APPROVED, obj=now, by=by, at=at, pool_fen=now.pool_fen)
    return now


@transaction.atomic
def send_back_fund(*, distribution: Distribution, reason: str, by: Actor, at: datetime) -> Distribution:
    """Do not approve it yet: back to who worked it out, with the reason."""
    now = _held(distribution)
    permissions.may_approve(by, now).require()
    why = clean(reason, "reason", most=500, least=1)
    move(now, table=FUND_TRANSITIONS, to=FundStatus.DRAFT, by=by, at=at, reason=why)
    announce(Event.FUND_SENT_BACK, obj=now, by=by, at=at, reason=why)
    return now


@transaction.atomic
def drop_fund(*, distribution: Distribution, reason: str, by: Actor, at: datetime) -> Distribution:
    """Give up what was not published. :raises Conflict: it was published"""
    now = _held(distribution)
    permissions.may_keep(by, now).require()
    why = clean(reason, "reason", most=500, least=1)
    move(now, table=FUND_TRANSITIONS, to=FundStatus.DROPPED, by=by, at=at, reason=why)
    announce(Event.FUND_DROPPED, obj=now, by=by, at=at, reason=why)
    return now


@transaction.atomic
def publish_fund(
    *, distribution: Distribution, document_number: str, issued_by: str, by: Actor, at: datetime
) -> Distribution:
    """Publish what was approved. What it replaces says from now on that it was replaced.

    :raises Conflict: it is not approved, or this fund was published for the round already
    """
    now = _held(distribution)
    permissions.may_keep(by, now).require()
    policies.can_be_told(now).require()
    numbers = clean(document_number, "document_number", most=40, least=1)
    office = clean(issued_by, "issued_by", most=60, least=1)
    if now.replaces_id is not None:
        former = Distribution.objects.select_for_update().get(pk=now.replaces_id)
        move(former, table=FUND_TRANSITIONS, to=FundStatus.REPLACED, by=by, at=at, reason=now.reason)
        announce(Event.FUND_REPLACED, obj=former, by=by, at=at, by_number=now.number)
    try:
        with transaction.atomic():
            move(
                now, table=FUND_TRANSITIONS, to=FundStatus.PUBLISHED, by=by, at=at, published_at=at,
                document_number=numbers, issued_by=office,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("这次考核的这项资金已经公布；要改，请做更正。"), code="published") from error
    announce(Event.FUND_PUBLISHED, obj=now, by=by, at=at, pool_fen=now.pool_fen)
    return now
