"""Performance pay: computed, shared to the fen, frozen with what it was computed from."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.contracts import paying, permissions
from xinglin.contracts.actions.texts import line
from xinglin.contracts.events import Event
from xinglin.contracts.models import PayLine, PayRun, PayShare, Team
from xinglin.contracts.rules import pay
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, wrong
from xinglin.platform.outbox import announce

MOST_FEN = 10**12


@transaction.atomic
def freeze_pay(*, facility_id: int, since: date, until: date, pool_fen: int, by: Actor, at: datetime) -> PayRun:
    """Share a pool among the teams of a unit for a period that is over, and keep it with its inputs.

    :raises Conflict: some of its days were shared already (says in which run), no team has points, or a team with points has
        nobody to pay
    :raises InvalidInput: a period that is not over, or no amount
    """
    permissions.may_manage_at(by, facility_id).require()
    if not since <= until < clock.today(at):
        raise wrong("until", _("只能结算已经结束的时期。"))
    if not 0 < pool_fen <= MOST_FEN:
        raise wrong("pool", _("请填写资金池金额。"))
    found = paying.results(facility_id, since=since, until=until)
    _refuse_twice(facility_id, [each.team_id for each in found], since, until)
    results = paying.shared(found, pool_fen, since=since, until=until)
    run = PayRun.objects.create(
        facility_id=facility_id, since=since, until=until, pool_fen=pool_fen, version=pay.version(), frozen_at=at,
        frozen_by=by.user_id, frozen_by_name=by.name[:80],
    )  # fmt: skip
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


def _refuse_twice(facility_id: int, teams: list[int], since: date, until: date) -> None:
    """No day of a unit, or of a team that came to it from another, is paid for twice. Who freezes pay of the same teams waits."""
    list(Team.objects.select_for_update(no_key=True).filter(pk__in=teams).order_by("pk"))
    standing = PayRun.objects.select_related("facility").filter(
        Q(facility_id=facility_id) | Q(lines__team__in=teams, lines__amount_fen__gt=0),
        voided_at__isnull=True, since__lte=until, until__gte=since,
    )  # fmt: skip
    met = standing.order_by("since", "id").first()
    if met is not None:
        raise Conflict(
            _("“%(facility)s”%(since)s 至 %(until)s 已经结算，与这一时期重叠；结算有误的，先作废。")
            % {"facility": met.facility, "since": met.since.isoformat(), "until": met.until.isoformat()},
            code="frozen",
        )  # fmt: skip


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
