"""A unit is merged into another, which keeps its goods and what residents have not fetched yet."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from xinglin.network import api as network
from xinglin.network.data import FacilityChoice
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.points.actions import stocking
from xinglin.points.events import Event
from xinglin.points.models import Exchange, Stock, StockMovement
from xinglin.points.states import Status


def follow_facility_merger(*, merged_id: int, successor_id: int, by: Actor, at: datetime) -> int:
    """Hand the goods of a merged unit to its successor, those kept for residents with their exchanges; how many pieces.

    Each good by itself, one movement out and one in: what the two have together stays the same. Called by the system; safe
    to run twice.
    """
    units = network.facilities_by_id([merged_id, successor_id])
    goods = list(
        Stock.objects.filter(facility_id=merged_id, on_hand__gt=0).order_by("good").values_list("good", flat=True)
    )
    return sum(_hand_over(good, units[merged_id], units[successor_id], by=by, at=at) for good in goods)


@transaction.atomic
def _hand_over(good: str, merged: FacilityChoice, successor: FacilityChoice, *, by: Actor, at: datetime) -> int:
    Stock.objects.bulk_create([Stock(facility_id=successor.id, good=good)], ignore_conflicts=True)
    kept = Exchange.objects.select_related("account__resident").select_for_update(of=("self",))
    waiting = kept.filter(stock__facility_id=merged.id, stock__good=good, status=Status.RESERVED).order_by("id")
    list(waiting.all())  # an exchange is locked before its stock, as where it is handed over
    pair = Stock.objects.select_for_update().filter(facility_id__in=[merged.id, successor.id], good=good).order_by("id")
    stock = {each.facility_id: each for each in pair}
    source, target = stock[merged.id], stock[successor.id]
    n, reserved = source.on_hand, source.reserved
    if not n:
        return 0
    for exchange in waiting.all():  # with those kept before the stock was locked
        exchange.stock = target
        exchange.save(update_fields=["stock"])
        announce(
            Event.KEPT_ELSEWHERE, obj=exchange, subject=exchange.account.resident.uuid, by=by, at=at, place=successor.id,
            was=str(merged.uuid), facility=successor.name,
        )  # fmt: skip
    source.reserved, target.reserved = 0, target.reserved + reserved
    with override(settings.LANGUAGE_CODE):  # the language of the records
        out, into = _("并入%(unit)s") % {"unit": successor.name}, _("由%(unit)s并入") % {"unit": merged.name}
    stocking.write(source, StockMovement.Kind.MERGED_OUT, -n, words=out[:200], by=by, at=at)
    movement = stocking.write(target, StockMovement.Kind.MERGED_IN, n, words=into[:200], by=by, at=at)
    announce(
        Event.STOCK_HANDED_OVER, obj=movement, by=by, at=at, place=successor.id, was=str(merged.uuid), good=good, n=n,
        reserved=reserved,
    )  # fmt: skip
    return n
