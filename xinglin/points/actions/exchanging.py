"""Points for goods: kept for the resident, handed over against his signature, or given back.

Whoever does this locks the account first and the stock second, always: two at once wait for each other and both learn
what is left.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.ids import next_number
from xinglin.platform.outbox import announce
from xinglin.platform.texts import clean
from xinglin.platform.transitions import move, note_status
from xinglin.points import permissions, rules
from xinglin.points.actions import earning, ledger, stocking
from xinglin.points.data import Receipt
from xinglin.points.events import Event
from xinglin.points.models import Account, Exchange, Movement, Stock, StockMovement
from xinglin.points.states import TRANSITIONS, Status
from xinglin.residents import api as residents

MOST_PIECES = 20


@transaction.atomic
def reserve(*, resident: Any, stock: Stock, n: int, by: Actor, at: datetime) -> Exchange:
    """Pay with points and keep the goods for the resident. The points that expire first go first.

    :raises NotPermitted: the actor does not keep points for the facility
    :raises Conflict: `code` ``too-few-points``, ``too-few-goods`` or ``limit-reached``
    """
    permissions.may_keep(by, stock.facility_id).require()
    today = clock.today(at)
    good = rules.goods(today).get(stock.good)
    if good is None:
        raise Conflict(_("这种用品已不再兑换。"), code="not-offered")
    if not 1 <= n <= MOST_PIECES:
        raise InvalidInput(_("数量不对。"), fields={"n": _("请填整数，最少1件。")})
    account = ledger.locked_account(resident, at=at)
    stock = Stock.objects.select_for_update().get(pk=stock.pk)
    ledger.drop_expired(account, on=today, by=by, at=at)
    _require_enough(account, resident, stock, good, n, at=at)
    stock.reserved += n
    stock.save(update_fields=["reserved"])
    exchange = Exchange.objects.create(
        number=next_number("G", at), account=account, stock=stock, version=good.version, n=n, points=n * good.points,
        status_changed_at=at, reserved_at=at, reserved_until=today + timedelta(days=rules.days_kept()),
    )  # fmt: skip
    ledger.take_out(
        account, exchange.points, ledger.open_lots(account, on=today), kind=Movement.Kind.SPENT, occurred_on=today,
        exchange=exchange, by=by, at=at,
    )  # fmt: skip
    note_status(exchange, by=by, at=at, place=stock.facility_id)
    announce(
        Event.RESERVED, obj=exchange, subject=resident.uuid, by=by, at=at, place=stock.facility_id, good=stock.good, n=n,
        points=exchange.points, balance=account.balance,
    )  # fmt: skip
    return exchange


def _require_enough(account: Account, resident: Any, stock: Stock, good: rules.Good, n: int, *, at: datetime) -> None:
    if account.balance < n * good.points:
        raise Conflict(
            _("积分不够：需要%(need)d分，现有%(have)d分。") % {"need": n * good.points, "have": account.balance},
            code="too-few-points",
        )
    if stock.on_hand - stock.reserved < n:
        raise Conflict(
            _("库存不够：还有%(have)d件可兑换。") % {"have": stock.on_hand - stock.reserved}, code="too-few-goods"
        )
    year = clock.today(at).year
    since = clock.start_of(clock.today(at).replace(month=1, day=1))
    same = Exchange.objects.filter(
        account__resident_id__in=residents.ids_of_person(resident), stock__good=stock.good, reserved_at__gte=since
    )
    if sum(each.n for each in same.exclude(status=Status.CANCELLED)) + n > good.most_a_year:
        raise Conflict(
            _("这种用品%(year)d年每人最多兑换%(most)d件。") % {"year": year, "most": good.most_a_year},
            code="limit-reached",
        )


@transaction.atomic
def hand_over(*, exchange: Exchange, receipt: Receipt, by: Actor, at: datetime) -> Exchange:
    """Hand the goods over to who signs for them.

    :raises NotPermitted: the actor does not keep points for the facility
    :raises Conflict: they were handed over or given back already
    :raises InvalidInput: nobody signed
    """
    permissions.may_finish(by, exchange).require()
    receiver = clean(receipt.receiver, "receiver", most=60, least=1)
    if receipt.relation not in dict(residents.signer_relations()):
        raise InvalidInput(_("请选择领取人与居民的关系。"), fields={"relation": _("请从列表中选择。")})
    signature = residents.clean_signature(receipt.signature_png) if receipt.signature_png else None
    if signature is None and not receipt.on_paper:
        raise InvalidInput(_("请领取人签名。"), fields={"signature": _("请签名，或登记为在纸质领取单上签名。")})
    move(
        exchange, table=TRANSITIONS, to=Status.HANDED_OVER, by=by, at=at, place=exchange.stock.facility_id,
        receiver=receiver, receiver_relation=receipt.relation, signature=signature, on_paper=signature is None,
    )  # fmt: skip
    stock = Stock.objects.select_for_update().get(pk=exchange.stock_id)
    stock.reserved -= exchange.n
    stocking.write(stock, StockMovement.Kind.HANDED_OVER, -exchange.n, exchange=exchange, by=by, at=at)
    announce(
        Event.HANDED_OVER, obj=exchange, subject=exchange.account.resident.uuid, by=by, at=at, place=stock.facility_id,
        good=stock.good, n=exchange.n, on_paper=signature is None,
    )  # fmt: skip
    return exchange


@transaction.atomic
def cancel_exchange(*, exchange: Exchange, reason: str, by: Actor, at: datetime) -> Exchange:
    """Give the points back, each with the day on which it expires, and free the goods.

    :raises NotPermitted: the actor does not keep points for the facility
    :raises Conflict: the goods were handed over, or it was given back already
    """
    permissions.may_finish(by, exchange).require()
    said = clean(reason, "reason", most=200, least=1)
    resident = exchange.account.resident
    kept = residents.registration(resident.uuid)  # another one, where his was merged meanwhile
    account = ledger.locked_accounts(kept, resident, at=at)[resident.pk]
    place, today = exchange.stock.facility_id, clock.today(at)
    move(exchange, table=TRANSITIONS, to=Status.CANCELLED, by=by, at=at, place=place, reason=said)
    stock = Stock.objects.select_for_update().get(pk=exchange.stock_id)
    stock.reserved -= exchange.n
    stock.save(update_fields=["reserved"])
    spent = Movement.objects.get(exchange=exchange, kind=Movement.Kind.SPENT)
    ledger.give_back(
        account, spent, kind=Movement.Kind.GIVEN_BACK, occurred_on=today, exchange=exchange, words=said, by=by, at=at
    )
    ledger.drop_expired(account, on=today, by=by, at=at)
    if kept != resident:
        earning.join_accounts(kept=kept, merged=resident, by=by, at=at)
    announce(
        Event.CANCELLED, obj=exchange, subject=resident.uuid, by=by, at=at, place=place, reason=said, good=stock.good,
        n=exchange.n, points=exchange.points, balance=account.balance,
    )  # fmt: skip
    return exchange
