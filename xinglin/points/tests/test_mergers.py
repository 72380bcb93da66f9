"""A unit is merged: its goods are with its successor, every piece of them, and so is what residents have not fetched."""

from typing import Any

from django.db.models import Sum

from tests.factories.county import NOW
from tests.factories.network import merge
from tests.factories.points import SPOON, TOWEL, an_exchange, some_goods
from xinglin.platform.models import AuditRecord, OutboxEvent
from xinglin.points import actions, jobs, queries
from xinglin.points.data import Receipt
from xinglin.points.models import Exchange, Stock, StockMovement
from xinglin.points.states import Status

PAPER = Receipt("王小麦", on_paper=True)


def merged(county: Any) -> None:
    merge(county.clinic, county.sibling, jobs.units_merged, times=2)


def test_all_pieces_are_with_the_successor_and_each_movement_says_whence(county: Any) -> None:
    some_goods(county, n=5)
    some_goods(county, n=3, facility_id=county.sibling.pk)
    some_goods(county, good=SPOON, n=7)

    merged(county)

    held = {(each.facility_id, each.good): each.on_hand for each in Stock.objects.all()}
    assert held == {
        (county.clinic.pk, TOWEL): 0, (county.sibling.pk, TOWEL): 8, (county.clinic.pk, SPOON): 0,
        (county.sibling.pk, SPOON): 7,
    }  # fmt: skip
    for stock in Stock.objects.all():
        assert stock.on_hand == stock.movements.aggregate(n=Sum("n"))["n"]
    words = dict(
        StockMovement.objects.filter(stock__good=TOWEL, kind__startswith="MERGED").values_list("kind", "words")
    )
    assert words == {"MERGED_OUT": "并入西沟村卫生室", "MERGED_IN": "由东沟村卫生室并入"}
    assert AuditRecord.objects.filter(event="points.stock-handed-over").count() == 2


def test_what_a_resident_has_not_fetched_is_handed_over_by_the_successor_and_he_is_told_where(county: Any) -> None:
    exchange = an_exchange(county, stock=some_goods(county, n=2))

    merged(county)

    kept = Exchange.objects.select_related("stock").get(pk=exchange.pk)
    assert (kept.stock.facility_id, kept.stock.on_hand, kept.stock.reserved) == (county.sibling.pk, 2, 1)
    assert OutboxEvent.objects.get(event="points.kept-elsewhere").detail["facility"] == "西沟村卫生室"
    actions.hand_over(exchange=kept, receipt=PAPER, by=county.sib, at=NOW)
    kept.stock.refresh_from_db()
    assert (kept.status, kept.stock.on_hand, kept.stock.reserved) == (Status.HANDED_OVER, 1, 0)


def test_an_exchange_that_was_opened_before_the_merger_goes_on_after_it(county: Any) -> None:
    opened = an_exchange(county, stock=some_goods(county, n=2))

    merged(county)

    actions.cancel_exchange(exchange=opened, reason="不要了", by=county.alma, at=NOW)
    stock = Stock.objects.get(facility=county.sibling, good=TOWEL)
    assert (stock.on_hand, stock.reserved) == (2, 0)
    assert queries.books_do_not_balance() == []


def test_what_was_handed_over_stays_with_whom_it_was(county: Any) -> None:
    exchange = an_exchange(county, stock=some_goods(county, n=1))
    actions.hand_over(exchange=exchange, receipt=PAPER, by=county.alma, at=NOW)

    merged(county)

    exchange.refresh_from_db()
    assert exchange.stock.facility_id == county.clinic.pk
    assert not StockMovement.objects.filter(kind__startswith="MERGED").exists()
