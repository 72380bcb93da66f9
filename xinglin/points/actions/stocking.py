"""Goods come in and are counted. What leaves goes with an exchange."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.texts import clean
from xinglin.points import permissions, rules
from xinglin.points.events import Event
from xinglin.points.models import Stock, StockMovement

MOST = 100_000


@transaction.atomic
def receive_goods(*, facility_id: int, good: str, n: int, words: str, by: Actor, at: datetime) -> Stock:
    """Pieces of a good came in at a facility; `words` say from whom or by which slip.

    :raises NotPermitted: the actor does not keep the goods of the facility
    :raises InvalidInput: no such good, or a number that cannot be
    """
    permissions.may_stock(by, facility_id).require()
    if good not in rules.goods(clock.today(at)):
        raise InvalidInput(_("请选择健康用品。"), fields={"good": _("请从列表中选择。")})
    said = clean(words, "words", most=200, least=1)
    Stock.objects.bulk_create([Stock(facility_id=facility_id, good=good)], ignore_conflicts=True)
    stock = Stock.objects.select_for_update().get(facility_id=facility_id, good=good)
    if not 1 <= n <= MOST - stock.on_hand:
        raise InvalidInput(_("数量不对。"), fields={"n": _("请填整数，最少1件。")})
    movement = write(stock, StockMovement.Kind.RECEIVED, n, words=said, by=by, at=at)
    announce(Event.STOCK_RECEIVED, obj=movement, by=by, at=at, place=facility_id, good=good, n=n)
    return stock


@transaction.atomic
def count_stock(*, stock: Stock, on_hand: int, words: str, by: Actor, at: datetime) -> Stock:
    """There are as many as were counted, with the reason why that differs.

    :raises NotPermitted: the actor does not keep the goods of the facility
    :raises Conflict: fewer than are kept for residents, or it does not differ
    """
    permissions.may_stock(by, stock.facility_id).require()
    said = clean(words, "words", most=200, least=1)
    stock = Stock.objects.select_for_update().get(pk=stock.pk)
    if not 0 <= on_hand <= MOST:
        raise InvalidInput(_("数量不对。"), fields={"on_hand": _("请填整数。")})
    if on_hand < stock.reserved:
        raise Conflict(_("实数少于已为居民留存的数量，请先退回兑换。"), code="less-than-reserved")
    if on_hand == stock.on_hand:
        raise Conflict(_("实数与账面相同，不用更正。"), code="no-difference")
    movement = write(stock, StockMovement.Kind.COUNTED, on_hand - stock.on_hand, words=said, by=by, at=at)
    announce(
        Event.STOCK_COUNTED, obj=movement, by=by, at=at, place=stock.facility_id, good=stock.good, n=movement.n,
        reason=said,
    )  # fmt: skip
    return stock


def write(stock: Stock, kind: str, n: int, *, by: Actor, at: datetime, **said: object) -> StockMovement:
    """Change how many there are, while the stock is locked."""
    stock.on_hand += n
    stock.save(update_fields=["on_hand", "reserved"])
    return StockMovement.objects.create(
        stock=stock, kind=kind, n=n, on_hand_after=stock.on_hand, moved_at=at, moved_by_name=by.name[:80], **said
    )
