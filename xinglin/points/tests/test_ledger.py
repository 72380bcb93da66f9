"""The ledger: earned once, spent first-expiring first, never below nothing whoever comes at once; goods the same."""

import random
import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.factories.county import NOW, County, later
from tests.factories.points import SPOON, TOWEL, an_exchange, some_goods, some_points
from tests.factories.residents import a_resident
from tests.racing import at_once
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from xinglin.platform.ids import new_uuid
from xinglin.points import actions, queries, rules
from xinglin.points.data import Cause, Receipt
from xinglin.points.models import Account, Draw, Exchange, Lot, Movement, Stock
from xinglin.points.states import LOOKS, TRANSITIONS, Status
from xinglin.points.web.pages import line_of
from xinglin.residents.actions import merge_residents

TODAY = clock.today(NOW)
PAPER = Receipt("王小麦", on_paper=True)


def rule(slug):
    return rules.rules(TODAY)[slug]


def earn(county, resident, slug, on=TODAY, uuid=None, at=NOW):
    cause = Cause("test", uuid or new_uuid(), on)
    return actions.earn(resident=resident, rule=rule(slug), cause=cause, by=county.alma, at=at)


def balance(resident):
    account = queries.account_of(resident)
    return account.balance if account else 0


def test_every_status_has_a_row_and_a_look():
    assert set(TRANSITIONS) == set(LOOKS) == set(Status)


def test_one_cause_earns_once_and_the_balance_stands_on_each_movement(county):
    man, visit = a_resident(county), new_uuid()
    first = earn(county, man, "follow-up-on-time", uuid=visit)
    assert earn(county, man, "follow-up-on-time", uuid=visit) is None
    second = earn(county, man, "contract-signed")
    assert [first.balance_after, second.balance_after, balance(man)] == [5, 15, 15]
    assert second.lots.get().expires_on == date(2028, 11, 19)


def test_no_more_than_a_day_and_a_year_allow(county):
    man = a_resident(county)
    assert earn(county, man, "follow-up-on-time")
    assert earn(county, man, "follow-up-on-time") is None
    for days in range(1, 12):
        assert earn(county, man, "follow-up-on-time", on=TODAY - timedelta(days=days))
    assert earn(county, man, "follow-up-on-time", on=TODAY - timedelta(days=20)) is None
    assert balance(man) == 60


@pytest.mark.parametrize("on", [TODAY + timedelta(days=1), TODAY - timedelta(days=91)])
def test_neither_the_future_nor_what_lies_far_back_earns(county, on):
    assert earn(county, a_resident(county), "contract-signed", on=on) is None


def test_what_was_taken_back_does_not_count_for_the_limit(county):
    man, visit = a_resident(county), new_uuid()
    earn(county, man, "follow-up-on-time", uuid=visit)
    (undone,) = actions.take_back_cause(cause_uuid=visit, resident=man, by=county.alma, at=NOW)
    assert (undone.points, balance(man)) == (-5, 0)
    assert actions.take_back_cause(cause_uuid=visit, resident=man, by=county.alma, at=NOW) == []
    assert earn(county, man, "follow-up-on-time")


def test_a_cause_that_stands_again_earns_again_as_of_its_first_day(county):
    man, report = a_resident(county), new_uuid()
    first = earn(county, man, "check-up-done", on=date(2026, 11, 1), uuid=report)
    actions.take_back_cause(cause_uuid=report, resident=man, by=county.alma, at=NOW)

    again = earn(county, man, "check-up-done", uuid=report)

    assert earn(county, man, "check-up-done", uuid=report) is None
    assert (balance(man), again.occurred_on) == (20, date(2026, 11, 1))
    assert again.lots.get().expires_on == first.lots.get().expires_on
    actions.take_back_cause(cause_uuid=report, resident=man, by=county.alma, at=NOW)
    assert balance(man) == 0
    assert queries.books_do_not_balance() == []


@pytest.mark.parametrize("spent", [5, 20])
def test_a_cause_that_stands_again_gives_no_more_than_was_taken_back_of_it(county, spent):
    man, report = a_resident(county), new_uuid()
    earn(county, man, "check-up-done", uuid=report)
    stock = some_goods(county, good=SPOON if spent == 5 else TOWEL)
    actions.reserve(resident=man, stock=stock, n=1 if spent == 5 else 2, by=county.alma, at=NOW)
    for time in range(2):
        (undone,) = actions.take_back_cause(cause_uuid=report, resident=man, by=county.alma, at=NOW)
        assert balance(man) == 0
        again = earn(county, man, "check-up-done", uuid=report)
        assert balance(man) == 20 - spent
        if spent == 20:
            assert again is None
            break
        assert ("的5分不再收回" in line_of(undone).why) == (not time)
        assert "补回" in line_of(again).why
    assert earn(county, man, "check-up-done") is None  # he has had something this year
    assert queries.books_do_not_balance() == []


def test_what_has_expired_of_an_earning_is_not_taken_out_of_others(county):
    man = a_resident(county)
    (old,) = some_points(county, man)
    after = later(days=800)
    some_points(county, man, at=after)
    undone = actions.take_back(movement=old, reason="录错人", by=county.alma, at=after)
    assert (undone.points, balance(man)) == (0, 10)
    assert queries.books_do_not_balance() == []


def test_what_is_spent_is_not_taken_back_below_nothing(county):
    man = a_resident(county)
    (earned,) = some_points(county, man)
    actions.reserve(resident=man, stock=some_goods(county, good=SPOON), n=1, by=county.alma, at=NOW)
    undone = actions.take_back(movement=earned, reason="录错人", by=county.alma, at=NOW)
    assert (undone.points, balance(man)) == (-5, 0)
    with pytest.raises(Conflict):
        actions.take_back(movement=earned, reason="再来一次", by=county.alma, at=NOW)


def test_the_points_that_expire_first_are_spent_first_and_the_rest_expire(county):
    man, stock = a_resident(county), some_goods(county)
    old = some_points(county, man, on=TODAY - timedelta(days=60))[0]
    new = some_points(county, man)[0]
    actions.reserve(resident=man, stock=stock, n=1, by=county.alma, at=NOW)
    assert [Lot.objects.get(movement=each).left for each in (old, new)] == [0, 10]

    after = later(days=800)
    assert queries.spendable(queries.account_of(man), on=clock.today(after)) == 0
    with pytest.raises(Conflict, match="积分不够"):
        actions.reserve(resident=man, stock=stock, n=1, by=county.alma, at=after)
    account = queries.account_of(man)
    (gone,) = actions.expire(account=account, by=county.alma, at=after)
    assert (gone.points, gone.balance_after) == (-10, 0)
    assert actions.expire(account=account, by=county.alma, at=after) == []
    assert queries.books_do_not_balance() == []


def test_an_exchange_keeps_goods_hands_them_over_and_gives_points_back(county):
    man, stock = a_resident(county), some_goods(county, n=3)
    some_points(county, man, points=30)
    first, second = (actions.reserve(resident=man, stock=stock, n=n, by=county.alma, at=NOW) for n in (1, 2))
    stock.refresh_from_db()
    assert (stock.on_hand, stock.reserved, balance(man)) == (3, 3, 0)
    with pytest.raises(InvalidInput, match="签名"):
        actions.hand_over(exchange=first, receipt=Receipt("王小麦"), by=county.alma, at=NOW)
    actions.hand_over(exchange=first, receipt=PAPER, by=county.alma, at=NOW)
    actions.cancel_exchange(exchange=second, reason="不要了", by=county.alma, at=NOW)
    stock.refresh_from_db()
    assert (stock.on_hand, stock.reserved, balance(man)) == (2, 0, 20)
    for exchange in (first, second):
        with pytest.raises(Conflict):
            actions.cancel_exchange(exchange=Exchange.objects.get(pk=exchange.pk), reason="x", by=county.alma, at=NOW)
    assert queries.books_do_not_balance() == []


def test_what_nobody_fetches_is_given_back_by_the_night(county, monkeypatch):
    from xinglin.points import jobs

    exchange = an_exchange(county)
    monkeypatch.setattr(jobs.clock, "now", lambda: later(days=15))
    jobs.turn_day(0)
    exchange.refresh_from_db()
    assert exchange.status == Status.CANCELLED
    assert balance(exchange.account.resident) == 10


def test_not_more_than_there_is_of_points_goods_or_a_year(county):
    man, stock = a_resident(county), some_goods(county, good=SPOON, n=9)
    few = some_goods(county, n=1)
    with pytest.raises(Conflict, match="积分不够"):
        actions.reserve(resident=man, stock=stock, n=1, by=county.alma, at=NOW)
    some_points(county, man, points=50)
    with pytest.raises(Conflict, match="库存不够"):
        actions.reserve(resident=man, stock=few, n=2, by=county.alma, at=NOW)
    actions.reserve(resident=man, stock=stock, n=2, by=county.alma, at=NOW)
    with pytest.raises(Conflict, match="最多兑换2件"):
        actions.reserve(resident=man, stock=stock, n=1, by=county.alma, at=NOW)
    with pytest.raises(Conflict, match="留存"):
        actions.count_stock(stock=stock, on_hand=1, words="盘亏", by=county.tang, at=NOW)


@pytest.mark.parametrize("n", [0, -1, 10**9])
def test_goods_come_in_whole_and_positive(county, n):
    with pytest.raises(InvalidInput):
        some_goods(county, n=n)


def test_who_works_elsewhere_does_not_reach_it(county):
    exchange = an_exchange(county)
    for actor in (county.cai, county.sib, county.bo):
        with pytest.raises(NotVisible):
            queries.visible_exchange(actor, exchange.uuid)
        with pytest.raises(NotPermitted):
            actions.hand_over(exchange=exchange, receipt=PAPER, by=actor, at=NOW)
    with pytest.raises(NotPermitted):
        actions.receive_goods(facility_id=county.clinic.pk, good=SPOON, n=1, words="x", by=county.alma, at=NOW)


def test_merged_records_have_one_account(county):
    kept, merged = a_resident(county), a_resident(county)
    some_points(county, kept)
    (earned,) = some_points(county, merged)
    exchange = an_exchange(county, resident=merged)
    merge_residents(kept=kept, merged=merged, reason="同一人重复建档", by=county.tang, at=NOW)
    merged.refresh_from_db()
    assert actions.join_accounts(kept=kept, merged=merged, by=county.tang, at=NOW) == 10
    assert actions.join_accounts(kept=kept, merged=merged, by=county.tang, at=NOW) == 0
    assert balance(kept) == 20
    actions.cancel_exchange(exchange=Exchange.objects.get(pk=exchange.pk), reason="不要了", by=county.alma, at=NOW)
    assert balance(kept) == 30
    actions.take_back(movement=Movement.objects.get(pk=earned.pk), reason="录错", by=county.tang, at=NOW)
    assert balance(kept) == 20
    assert queries.books_do_not_balance() == []


def test_what_a_year_allows_is_allowed_once_to_a_person_registered_twice(county):
    kept, merged = a_resident(county), a_resident(county)
    some_points(county, kept, points=50)
    actions.reserve(resident=kept, stock=some_goods(county, good=SPOON), n=1, by=county.alma, at=NOW)
    some_points(county, merged, points=50)
    actions.reserve(resident=merged, stock=some_goods(county, good=SPOON), n=2, by=county.alma, at=NOW)
    merge_residents(kept=kept, merged=merged, reason="同一人重复建档", by=county.tang, at=NOW)
    actions.join_accounts(kept=kept, merged=merged, by=county.tang, at=NOW)

    with pytest.raises(Conflict, match="最多兑换2件"):
        actions.reserve(resident=kept, stock=Stock.objects.get(good=SPOON), n=1, by=county.alma, at=NOW)


def test_the_behaviours_of_both_registrations_count_for_the_limit(county):
    kept, merged = a_resident(county), a_resident(county)
    visit = new_uuid()
    earn(county, merged, "check-up-done", uuid=visit)
    merge_residents(kept=kept, merged=merged, reason="同一人重复建档", by=county.tang, at=NOW)

    assert earn(county, kept, "check-up-done") is None
    assert earn(county, kept, "check-up-done", uuid=visit) is None
    actions.join_accounts(kept=kept, merged=merged, by=county.tang, at=NOW)
    assert balance(kept) == 20


def test_the_database_keeps_the_ledger_by_itself(county):
    exchange = an_exchange(county)
    movement = Movement.objects.filter(kind="SPENT").get()
    tries = [
        lambda: Movement.objects.filter(pk=movement.pk).update(points=-1),
        lambda: Draw.objects.filter(movement=movement).delete(),
        lambda: Account.objects.filter(pk=exchange.account_id).update(balance=-1),
        lambda: Stock.objects.filter(pk=exchange.stock_id).update(on_hand=0),
        lambda: Exchange.objects.filter(pk=exchange.pk).update(status="HANDED_OVER"),
    ]
    for each in tries:
        with pytest.raises(IntegrityError), transaction.atomic():
            each()


def test_whatever_happens_in_whatever_order_the_books_balance(county):
    dice, man, stock = random.Random(7), a_resident(county), some_goods(county, n=60)
    open_now, earned = [], []
    for step in range(120):
        at, what = later(days=step * 4), dice.randrange(5)
        try:
            if what <= 1:
                earned += some_points(county, man, at=at)
            elif what == 2:
                open_now.append(actions.reserve(resident=man, stock=stock, n=1, by=county.alma, at=at))
            elif what == 3 and open_now:
                each = open_now.pop(dice.randrange(len(open_now)))
                if dice.random() < 0.5:
                    actions.cancel_exchange(exchange=each, reason="退", by=county.alma, at=at)
                else:
                    actions.hand_over(exchange=each, receipt=PAPER, by=county.alma, at=at)
            elif earned:
                actions.take_back(movement=earned.pop(), reason="错", by=county.alma, at=at)
        except Conflict as error:
            assert error.code in {"too-few-points", "limit-reached", "too-few-goods"}  # noqa: PT017
        assert queries.books_do_not_balance() == []
        assert balance(man) >= 0
    assert Movement.objects.count() > 60


# At once -------------------------------------------------------------------------------------------------------------
def said_at_once(*calls):
    """What each call answered, a code where it was refused."""
    return sorted(each.code if isinstance(each, Conflict) else "done" for each in at_once(*calls))


@pytest.mark.django_db(transaction=True)
def test_two_who_want_the_last_piece_at_once():
    county = County()
    people, stock = [a_resident(county) for _ in range(2)], some_goods(county, n=1)
    for man in people:
        some_points(county, man)
    actor = county.alma
    said = said_at_once(
        *(lambda man=man: actions.reserve(resident=man, stock=stock, n=1, by=actor, at=NOW) for man in people)
    )
    assert said == ["done", "too-few-goods"]
    assert sorted(balance(man) for man in people) == [0, 10]
    assert queries.books_do_not_balance() == []


@pytest.mark.django_db(transaction=True)
def test_the_last_points_spent_twice_at_once():
    county = County()
    man, places = a_resident(county), (county.clinic.pk, county.township.pk)
    some_points(county, man)
    stocks = [some_goods(county, facility_id=place) for place in places]
    actors = (county.alma, county.tang)
    said = said_at_once(
        *(
            lambda stock=stock, actor=actor: actions.reserve(resident=man, stock=stock, n=1, by=actor, at=NOW)
            for stock, actor in zip(stocks, actors, strict=True)
        )
    )
    assert said == ["done", "too-few-points"]
    assert balance(man) == 0


@pytest.mark.django_db(transaction=True)
def test_the_same_cause_told_four_times_at_once_earns_once():
    county = County()
    man, cause, actor = a_resident(county), new_uuid(), county.alma
    assert actor
    at_once(*([lambda: earn(county, man, "contract-signed", uuid=cause)] * 4))
    assert balance(man) == 10


@pytest.mark.django_db(transaction=True)
def test_handed_over_and_given_back_at_once():
    county = County()
    exchange = an_exchange(county)
    actor, copies = county.alma, [Exchange.objects.get(pk=exchange.pk) for _ in range(2)]
    said = said_at_once(
        lambda: actions.hand_over(exchange=copies[0], receipt=PAPER, by=actor, at=NOW),
        lambda: actions.cancel_exchange(exchange=copies[1], reason="退", by=actor, at=NOW),
    )
    assert said.count("done") == 1
    stock = Stock.objects.get(pk=exchange.stock_id)
    assert stock.reserved == 0
    assert (stock.on_hand, balance(exchange.account.resident)) in {(4, 0), (5, 10)}
    assert queries.books_do_not_balance() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["kept", "merged"])
@pytest.mark.parametrize("what", ["join", "cancel"])
def test_the_older_of_two_accounts_is_locked_first_whoever_needs_both(what, first):
    county = County()
    kept, merged, actor = a_resident(county), a_resident(county), county.alma
    for man in (kept, merged) if first == "kept" else (merged, kept):
        some_points(county, man)
    exchange = an_exchange(county, resident=merged)
    merge_residents(kept=kept, merged=merged, reason="同一人重复建档", by=county.tang, at=NOW)
    merged.refresh_from_db()
    exchange = Exchange.objects.select_related("account__resident", "stock").get(pk=exchange.pk)
    run = {
        "join": lambda: actions.join_accounts(kept=kept, merged=merged, by=actor, at=NOW),
        "cancel": lambda: actions.cancel_exchange(exchange=exchange, reason="退", by=actor, at=NOW),
    }[what]
    older, newer = Account.objects.order_by("pk").values_list("pk", flat=True)
    held, tried = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Account.objects.select_for_update().get(pk=older)
            held.set()
            tried.wait(1)  # by then it waits for the older one
            return Account.objects.select_for_update(nowait=True).get(pk=newer).pk

    def act():
        held.wait(10)
        run()

    assert at_once(hold, act)[0] == newer
    assert queries.books_do_not_balance() == []
    assert balance(kept) in {20, 30}  # an exchange that is open still, or given back
