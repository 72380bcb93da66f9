"""Performance pay: computed, shared to the fen, frozen with what it was computed from."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.contracts import paying, permissions
from xinglin.contracts.actions.texts import line
from xinglin.contracts.events import Event
from xinglin.contracts.models import PayLine, PayRun, PayShare
from xinglin.contracts.rules import pay
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, wrong
from xinglin.platform.outbox import announce

MOST_FEN = 10**12


@transaction.atomic
def freeze_pay(*, facility_id: int, since: date, until: date, pool_fen: int, by: Actor, at: datetime) -> PayRun:
    """Share a pool among the teams of a unit for a period that is over, and keep it with its inputs.

    :raises Conflict: shared already, no team has points, or a team with points has nobody to pay
    :raises InvalidInput: a period that is not over, or no amount
    """
    permissions.may_manage_at(by, facility_id).require()
    if not since <= until < clock.today(at):
        raise wrong("until", _("只能结算已经结束的时期。"))
    if not 0 < pool_fen <= MOST_FEN:
        raise wrong("pool", _("请填写资金池金额。"))
    results = paying.shared(paying.results(facility_id, since=since, until=until), pool_fen, since=since, until=until)
    try:
        with transaction.atomic():
            run = PayRun.objects.create(
                facility_id=facility_id, since=since, until=until, pool_fen=pool_fen, version=pay.version(),
                frozen_at=at, frozen_by=by.user_id, frozen_by_name=by.name[:80],
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("这一时期已经结算；结算有误的，先作废。"), code="frozen") from error
    for each in results:
        exact = f"{each.points.numerator}/{each.points.denominator}" if each.points is not None else ""
        basis = {"heads": each.heads, "key": each.key, "due": each.due, "done": each.done}
        one = PayLine.objects.create(
            run=run, team_id=each.team_id, heads=len(each.heads), n_key=len(each.key), n_due=len(each.due),
            n_done=len(each.done), points=exact, amount_fen=each.amount_fen, basis=basis,
        )  # fmt: skip
        PayShare.objects.bulk_create(
            PayShare(line=one, member_id=member, weight=weight, amount_fen=fen) for member, weight, fen in each.shares
        )
    announce(Event.PAY_FROZEN, obj=run, by=by, at=at, place=facility_id, pool_fen=pool_fen, n_teams=len(results))
    return run


@transaction.atomic
def void_pay(*, run: PayRun, reason: str, by: Actor, at: datetime) -> PayRun:
    """Void a run that was found wrong, with the reason; it stays to be read. :raises Conflict: it is void"""
    permissions.may_manage_at(by, run.facility_id).require()
    why = line("reason", reason, 200, required=True)
    found = PayRun.objects.filter(pk=run.pk, voided_at__isnull=True)
    if not found.update(voided_at=at, voided_by=by.user_id or 0, void_reason=why):
        raise Conflict(_("这次结算已经作废。"), code="voided")
    run.refresh_from_db()
    announce(Event.PAY_VOIDED, obj=run, by=by, at=at, place=run.facility_id, reason=why)
    return run
