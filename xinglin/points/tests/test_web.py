"""Points heard of, shown, exchanged and handed over: jobs, pages, REST."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.contracts import an_agreement
from tests.factories.county import NOW
from tests.factories.followups import a_followup
from tests.factories.points import an_exchange, some_goods, some_points
from tests.factories.programmes import a_programme_visit, an_enrolment, seen
from tests.factories.readings import a_device, pressure, send
from tests.factories.residents import a_resident
from xinglin.accounts.models import User
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord, OutboxEvent
from xinglin.points import jobs, queries, rules
from xinglin.points.models import Exchange, Movement, Stock
from xinglin.points.web.pages import line_of
from xinglin.programmes.actions import amend_programme_visit
from xinglin.readings.actions import sorting
from xinglin.readings.models import Reading


def hear(name):
    """Let points hear the last event of a name."""
    event = OutboxEvent.objects.filter(event=name).latest("id")
    job = jobs.earn if name in jobs.rules.events() else jobs.take_back
    job(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))


def points_of(resident):
    account = queries.account_of(resident)
    return account.balance if account else 0


@pytest.fixture
def alma(county):
    """Alma's browser."""
    county.alma  # noqa: B018 - makes the account
    return sign_in(Client(), county.users["alma"])


@pytest.fixture
def man(county):
    return a_resident(county, at=clock.now())


# Events --------------------------------------------------------------------------------------------------------------
def test_a_follow_up_done_on_time_earns_once_however_often_it_is_told(county, man):
    a_followup(county, resident=man, status="DONE", at=clock.now())
    hear("followup.completed")
    hear("followup.completed")
    assert points_of(man) == 5


def test_a_contract_signed_earns(county, man):
    an_agreement(county, resident=man, at=clock.now())
    hear("contract.signed")
    assert points_of(man) == 10


@pytest.mark.parametrize(("systolic", "earned"), [(128, 2), (136, 0)])
def test_a_reading_on_target_earns_and_one_thrown_away_is_taken_back(county, man, systolic, earned):
    device, at = a_device(county, at=clock.now()).device, clock.now()
    send(device, pressure("1", systolic, 78, at=at, resident=man), at=at)
    hear("reading.kept")
    assert points_of(man) == earned
    sorting.discard_reading(reading=Reading.objects.get(), reason="试机", by=county.alma, at=at)
    hear("reading.discarded")
    assert points_of(man) == 0


def test_a_reading_given_to_another_person_earns_for_him_and_not_for_the_first(county, man):
    device, at, other = a_device(county, at=clock.now()).device, clock.now(), a_resident(county, at=clock.now())
    send(device, pressure("1", 128, 78, at=at, resident=man), at=at)
    hear("reading.kept")
    sorting.assign_reading(reading=Reading.objects.get(), resident=other, reason="妻子测的", by=county.alma, at=at)
    hear("reading.assigned")  # in whatever order the two are told
    hear("reading.withdrawn")
    assert (points_of(man), points_of(other)) == (0, 2)


def test_a_reading_withdrawn_and_given_back_earns_again_and_what_is_told_late_does_not(county, man):
    device, at, other = a_device(county, at=clock.now()).device, clock.now(), a_resident(county, at=clock.now())
    send(device, pressure("1", 128, 78, at=at, resident=man), at=at)
    hear("reading.kept")
    for owner in (other, man):
        sorting.assign_reading(reading=Reading.objects.get(), resident=owner, reason="认错人", by=county.alma, at=at)
        for event in OutboxEvent.objects.filter(event="reading.withdrawn").order_by("id"):
            jobs.take_back(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))
        hear("reading.assigned")
    assert (points_of(man), points_of(other)) == (2, 0)

    sorting.discard_reading(reading=Reading.objects.get(), reason="试机", by=county.alma, at=at)
    hear("reading.discarded")
    hear("reading.kept")

    assert points_of(man) == 0


def test_what_stands_again_before_its_void_is_heard_keeps_its_points(county, man):
    device, at, other = a_device(county, at=clock.now()).device, clock.now(), a_resident(county, at=clock.now())
    send(device, pressure("1", 128, 78, at=at, resident=man), at=at)
    hear("reading.kept")
    for owner in (other, man):
        sorting.assign_reading(reading=Reading.objects.get(), resident=owner, reason="认错人", by=county.alma, at=at)
    hear("reading.assigned")
    for event in OutboxEvent.objects.filter(event="reading.withdrawn").order_by("id"):
        jobs.take_back(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))
    assert (points_of(man), points_of(other)) == (2, 0)


def test_a_visit_that_is_put_right_is_the_same_visit(county, man):
    at = clock.now()
    visit = a_programme_visit(county, an_enrolment(county, resident=man, at=at), at=at)
    hear("programme.visit-recorded")
    amend_programme_visit(visit=visit, content=seen({"systolic": "128"}), reason="血压录错", by=county.alma, at=at)
    hear("programme.visit-amended")

    assert points_of(man) == 5
    assert not Movement.objects.exclude(kind="EARNED").exists()


# Pages ---------------------------------------------------------------------------------------------------------------
def test_from_the_number_to_the_towel_in_the_hand(county, alma, man):
    some_goods(county, at=clock.now())
    some_points(county, man, points=20, at=clock.now())
    found = alma.post(reverse("points:home"), {"number": man.number})
    assert found.url == reverse("points:person", args=[man.uuid])
    shown = alma.get(found.url).context["page"]
    assert (shown.balance, len(shown.offers)) == (20, 1)
    kept = alma.post(reverse("points:reserve", args=[man.uuid]), {"stock": shown.offers[0]["value"], "n": "1"})
    exchange = Exchange.objects.get()
    assert kept.url == reverse("points:exchange", args=[exchange.uuid])
    refused = alma.post(reverse("points:hand_over", args=[exchange.uuid]), {"receiver": man.name, "relation": "本人"})
    assert refused.status_code == 422
    done = alma.post(
        reverse("points:hand_over", args=[exchange.uuid]), {"receiver": man.name, "relation": "本人", "on_paper": "on"}
    )
    assert done.url == reverse("points:person", args=[man.uuid])
    exchange.refresh_from_db()
    assert (exchange.status, exchange.receiver, Stock.objects.get().on_hand) == ("HANDED_OVER", man.name, 4)
    text = alma.get(reverse("points:person", args=[man.uuid])).content.decode()
    assert "毛巾" in text
    assert AuditRecord.objects.filter(event="points.viewed", subject_uuid=man.uuid).count() >= 2


def test_a_lecture_is_written_down_once_and_a_mistake_taken_back(county, alma, man):
    given = {
        "rule": "health-lecture", "words": "10月高血压讲座", "on": clock.today().isoformat(),
        "facility": str(county.clinic.uuid),
    }  # fmt: skip
    note = reverse("points:note", args=[man.uuid])
    assert alma.post(note, given).status_code == 302
    assert alma.post(note, given).status_code == 409
    assert alma.post(note, {**given, "rule": "contract-signed"}).status_code == 422
    earned = Movement.objects.get()
    assert alma.post(reverse("points:take_back", args=[earned.uuid]), {"reason": "没有来"}).status_code == 302
    assert points_of(man) == 0


def test_the_resident_reads_each_movement_in_plain_words(county, man):
    user = county.user("wang", "resident", county.clinic, name="王")
    User.objects.filter(pk=user.pk).update(resident_uuid=man.uuid)
    an_exchange(county, resident=man, at=clock.now())
    own = sign_in(Client(), user)
    text = own.get(reverse("points:own")).content.decode()
    assert all(each in text for each in ("您签约了家庭医生", "兑换：毛巾", "待领取", "余0分"))
    english = own.get(reverse("points:own"), headers={"Accept-Language": "en"}).content.decode()
    assert "You signed with a family doctor" in english
    assert own.get(reverse("points:home")).status_code == 403


def test_another_village_sees_nothing(county, man):
    exchange = an_exchange(county, resident=man, at=clock.now())
    county.cai  # noqa: B018 - makes the account
    cai = sign_in(Client(), county.users["cai"])
    assert cai.get(reverse("points:person", args=[man.uuid])).status_code == 404
    assert cai.get(reverse("points:exchange", args=[exchange.uuid])).status_code == 404
    assert cai.post(reverse("points:home"), {"number": man.number}).status_code == 422
    assert cai.get(reverse("points:stock")).context["page"].rows == []


def test_goods_come_in_and_are_counted_by_who_keeps_them(county):
    county.tang  # noqa: B018 - makes the account
    tang = sign_in(Client(), county.users["tang"])
    given = {"good": "towel", "n": "12", "facility": str(county.clinic.uuid), "words": "采购单1"}
    assert tang.post(reverse("points:stock"), given).status_code == 302
    assert tang.post(reverse("points:stock"), {**given, "n": "一打"}).status_code == 422
    stock = Stock.objects.get()
    count = reverse("points:count", args=[stock.uuid])
    assert tang.post(count, {"on_hand": "11", "words": "破损1条"}).status_code == 302
    assert tang.post(count, {"on_hand": "11", "words": "没有差异"}).status_code == 409
    shown = tang.get(reverse("points:good", args=[stock.uuid])).context["page"]
    assert [(each["n"], each["after"]) for each in shown.rows] == [(-1, 11), (12, 12)]
    assert "破损1条" in shown.rows[0]["meta"]


# REST ----------------------------------------------------------------------------------------------------------------
def test_a_program_reserves_once_for_one_key(county, alma, man):
    stock = some_goods(county, at=clock.now())
    some_points(county, man, points=20, at=clock.now())
    body = json.dumps({"resident": str(man.uuid), "stock": str(stock.uuid)})
    answers = [
        alma.post("/api/v1/points/exchanges", body, content_type="application/json", headers={"Idempotency-Key": "k-1-abcdefgh"})
        for _ in range(2)
    ]  # fmt: skip
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert points_of(man) == 10
    said = alma.get(f"/api/v1/points/residents/{man.uuid}").json()
    assert [each["points"] for each in said["items"]] == [-10, 10, 10]
    bad = alma.post(
        "/api/v1/points/exchanges", json.dumps({**json.loads(body), "n": -1}), content_type="application/json"
    )
    assert bad.status_code == 422


def test_each_movement_says_the_day_of_what_earned_it(county):
    man = a_resident(county)
    today, before = (
        line_of(some_points(county, man, on=clock.today(NOW) - timedelta(days=days))[0]) for days in (0, 3)
    )
    assert clock.today(NOW).isoformat() not in today.why  # the movement itself says it
    assert before.why.endswith((clock.today(NOW) - timedelta(days=3)).isoformat())


def test_a_resident_sees_what_his_points_buy_where_it_is_and_how_many_he_lacks(county):
    man = a_resident(county)
    some_points(county, man, points=10)
    some_goods(county, good="towel", n=2)
    some_goods(county, good="salt-spoon", n=1, facility_id=county.sibling.pk)  # not near him
    user = county.user("wang", "resident", county.clinic, name="王")
    User.objects.filter(pk=user.pk).update(resident_uuid=man.uuid)
    shown = sign_in(Client(), User.objects.get(pk=user.pk)).get(reverse("points:own"))

    goods = {each["title"]: each for each in shown.context["page"].goods}
    priced = [each["points"] for each in shown.context["page"].goods]
    assert priced == sorted(priced)
    towel, spoon = (
        goods[rules.goods(clock.today())["towel"].title],
        goods[rules.goods(clock.today())["salt-spoon"].title],
    )
    assert towel["meta"] == f"{county.clinic}有货"
    assert spoon["meta"] == "附近暂时没有货"
    assert towel["lacking"] == max(towel["points"] - 10, 0)
    assert "能换什么" in shown.content.decode()
