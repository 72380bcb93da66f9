"""What a telephone is told: entries in order of revision, whoever left, resumable, logged, in constant queries."""

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories.accounts import a_token, sign_in
from tests.factories.county import NOW, County, later
from tests.factories.followups import a_followup
from tests.factories.pocket import a_device, a_visit_noted, sent
from tests.factories.programmes import a_programme_visit, an_enrolment
from tests.factories.residents import a_resident
from xinglin.accounts.roles import ROLES
from xinglin.followups import actions as followups
from xinglin.followups.data import Outcome
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, NotPermitted
from xinglin.platform.models import AuditRecord, OutboxEvent
from xinglin.pocket import actions, jobs, queries
from xinglin.pocket.models import Device, Panel, PanelEntry
from xinglin.pocket.states import Status
from xinglin.programmes import actions as programmes
from xinglin.programmes.jobs import CLOCK
from xinglin.residents import actions as residents
from xinglin.residents.lookups import lookups_of

pytestmark = pytest.mark.django_db


def pull(device: Device, after: int = 0, limit: int = 250) -> queries.FeedPage:
    return queries.feed(device, after=after, limit=limit, shows_phone=True, shows_secret=True)


def relay() -> None:
    """Run the job for every event of the outbox, as the worker does."""
    for event in OutboxEvent.objects.filter(event__in=jobs.EVENTS, handed_over_at__isnull=True).order_by("id"):
        jobs.follow.func(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))


def test_a_telephone_is_given_the_residents_its_facility_manages(county: County):
    mine = an_enrolment(county, name="王麦", phone="13700001234", allergies="青霉素")
    a_programme_visit(county, mine)
    an_enrolment(
        county, resident=a_resident(county, name="邻人", managed_by_id=county.sibling.pk, by=county.sib), by=county.sib
    )
    a_resident(county, name="无病")

    page = pull(a_device(county))

    assert [each["name"] for _revision, each in page.entries] == ["王麦"]
    told = page.entries[0][1]
    assert told["phone"] == "13700001234"
    assert told["allergies"] == "青霉素"
    assert told["village"] == "东沟村"
    assert told["programmes"][0]["slug"] == "hypertension"
    assert told["programmes"][0]["version"].startswith("hypertension@")
    assert told["visits"][0]["answers"]["systolic"] == "126"
    assert page.n_left == 0
    assert page.n_carried == 1


def test_a_resident_is_carried_with_the_whole_pinyin_of_his_name_and_a_new_name_brings_a_new_one(county: County):
    enrolment = an_enrolment(county, name="单吕娜")
    device = a_device(county)
    ((_revision, told),) = pull(device).entries
    assert (told["initials"], told["pinyin"]) == ("sln", "shanlvna")

    residents.edit_resident(resident=enrolment.resident, changes={"name": "张三"}, by=county.alma, at=NOW)
    relay()

    (*_before, (_revision, renamed)) = pull(device).entries
    assert (renamed["name"], renamed["pinyin"]) == ("张三", "zhangsan")


def test_the_feed_goes_on_where_it_was_cut_and_tells_of_nobody_twice(county: County):
    for n in range(7):
        an_enrolment(county, name=f"王{'一二三四五六七'[n]}")
    device, after, names, pages = a_device(county), 0, [], 0

    while True:
        page = pull(device, after, limit=3)
        names += [each["name"] for _revision, each in page.entries]
        after, pages = page.upto, pages + 1
        if not page.n_left:
            break

    assert len(names) == len(set(names)) == 7
    assert pages == 3
    assert pull(device, after).entries == []


def test_what_happens_comes_as_a_later_revision_and_nothing_else_does(county: County):
    first, second = an_enrolment(county, name="甲"), an_enrolment(county, name="乙")
    device = a_device(county)
    upto = pull(device).upto

    a_programme_visit(county, second, {"systolic": "172", "diastolic": "102"}, at=later(5))
    relay()

    page = pull(device, upto)
    assert [each["name"] for _revision, each in page.entries] == ["乙"]
    assert page.entries[0][0] > upto
    relay()  # the same events again change nothing
    assert pull(device, page.upto).entries == []
    assert first.resident.name == "甲"


def test_who_leaves_is_a_tombstone_and_who_begins_anew_hears_of_no_tombstone(county: County):
    stays, goes = an_enrolment(county, name="留"), an_enrolment(county, name="走")
    device = a_device(county)
    upto = pull(device).upto

    programmes.end_enrolment(enrolment=goes, reason_code="REFUSED", note="本人要求", by=county.alma, at=later(5))
    relay()

    page = pull(device, upto)
    assert page.entries == []
    assert [uuid for _revision, uuid in page.left] == [str(goes.resident.uuid)]
    anew = pull(device)
    assert anew.left == []
    assert [each["uuid"] for _revision, each in anew.entries] == [str(stays.resident.uuid)]


def test_a_transferred_resident_leaves_one_panel_and_enters_the_other(county: County):
    moved = an_enrolment(county, name="转")
    here, there = a_device(county), a_device(county, by=county.sib)
    upto = pull(here).upto, pull(there).upto

    residents.assign_managing_facility(
        resident=moved.resident, facility_id=county.sibling.pk, reason="搬家", by=county.tang, at=later(5)
    )
    programmes.hand_over(resident=type(moved.resident).objects.get(pk=moved.resident_id), by=CLOCK, at=later(6))
    relay()

    assert [uuid for _revision, uuid in pull(here, upto[0]).left] == [str(moved.resident.uuid)]
    assert [each["uuid"] for _revision, each in pull(there, upto[1]).entries] == [str(moved.resident.uuid)]


def test_what_waits_for_a_person_goes_on_to_the_facility_that_manages_the_resident_now(county: County):
    moved, stays = an_enrolment(county, name="转"), an_enrolment(county, name="留")
    device = a_device(county)
    for each in (moved, stays):  # a clock that is two days wrong: somebody must look
        sent(device, a_visit_noted(each.resident, at=NOW), by=county.alma, at=later(1), sent_at=NOW - timedelta(days=2))
    assert queries.to_review(county.alma).count() == 2

    residents.assign_managing_facility(
        resident=moved.resident, facility_id=county.sibling.pk, reason="搬家", by=county.tang, at=later(5)
    )
    relay()
    relay()  # the same events again change nothing

    waits = queries.to_review(county.sib).get()
    assert waits.resident_id == moved.resident_id
    assert [each.resident_id for each in queries.to_review(county.alma)] == [stays.resident_id]
    assert OutboxEvent.objects.filter(event="pocket.handed-on", object_uuid=waits.uuid).count() == 1
    rejected = actions.reject_change(change=waits, reason="手机时间不对", by=county.sib, at=later(9))
    assert (rejected.status, queries.settled(device)[0].pk) == ("REJECTED", waits.pk)  # and its telephone hears of it


def test_what_stayed_at_the_facility_of_before_goes_on_in_the_night(county: County):
    enrolment = an_enrolment(county, name="转")
    sent(
        a_device(county),
        a_visit_noted(enrolment.resident, at=NOW),
        by=county.alma,
        at=later(1),
        sent_at=NOW - timedelta(days=2),
    )
    type(enrolment.resident).objects.update(managed_by=county.sibling)  # and nobody was told

    jobs.repair.func(timestamp=0)

    assert queries.to_review(county.sib).count() == 1
    assert (queries.to_review(county.alma).count(), queries.people_whose_reviews_stayed()) == (0, [])


def test_the_night_finds_what_no_event_said(county: County):
    enrolment = an_enrolment(county, name="改")
    device = a_device(county)
    upto = pull(device).upto
    type(enrolment.resident).objects.filter(pk=enrolment.resident_id).update(address="东沟村 9 号")

    jobs.repair.func(timestamp=0)

    assert [each["address"] for _revision, each in pull(device, upto).entries] == ["东沟村 9 号"]
    assert actions.repair_panel(panel=Panel.objects.get()) == 0


def test_the_limit_keeps_the_others_off_and_says_how_many(county: County, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("xinglin.pocket.actions.panels.rule", lambda topic, name: {"most": 2, "page": 250}[name])
    for n in "甲乙丙":
        an_enrolment(county, name=n)

    device = a_device(county)

    page = pull(device)
    assert len(page.entries) == page.n_carried == 2
    assert page.n_left_out == 1
    programmes.end_enrolment(
        enrolment=next(e for e in type_of_enrolment().objects.all() if str(e.resident.uuid) == page.entries[0][1]["uuid"]),
        reason_code="REFUSED", note="本人要求", by=county.alma, at=later(5),
    )  # fmt: skip
    relay()
    jobs.repair.func(timestamp=0)
    assert pull(device).n_left_out == 0


def type_of_enrolment() -> Any:
    from xinglin.programmes.models import Enrolment

    return Enrolment


def test_a_telephone_that_knows_more_than_the_server_begins_anew(county: County):
    an_enrolment(county)
    assert pull(a_device(county), after=999).restart is True


def test_a_page_costs_the_same_queries_however_many_are_on_it(county: County):
    for n in "甲乙":
        a_programme_visit(county, an_enrolment(county, name=n))
    device = a_device(county)
    with CaptureQueriesContext(
        connection,
    ) as few:
        pull(device)
    for n in "丙丁戊己庚辛":
        a_programme_visit(county, an_enrolment(county, name=n))
    jobs.repair.func(timestamp=0)
    with CaptureQueriesContext(connection) as many:
        page = pull(device)

    assert len(page.entries) == 8
    assert len(many) == len(few) <= 19


def test_each_page_leaves_one_record_that_every_resident_on_it_can_see(county: County, client: Client):
    people = [an_enrolment(county, name=n).resident for n in "甲乙丙"]
    device = a_device(county)
    secret = a_token(county.users["alma"], *ROLES["village-doctor"].permissions).secret
    before = AuditRecord.objects.count()

    answer = client.get(
        f"/api/v1/pocket/panel?device={device.uuid}",
        headers={"Authorization": f"Bearer {secret}", "Accept-Encoding": "gzip"},
    )

    assert answer.status_code == 200
    assert answer["Content-Encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(answer.content))["entries"]) == 3
    assert AuditRecord.objects.count() == before + 1
    for person in people:
        lines = lookups_of([person.uuid]).rows
        assert [str(each.what) for each in lines][0] == "随访资料下载到随身手机"
        assert lines[0].is_look
    assert not any("手机" in str(each.what) for each in lookups_of([a_resident(county, name="旁人").uuid]).rows)


def test_a_telephone_number_goes_only_to_who_may_see_it(county: County):
    an_enrolment(county, phone="13700001234")
    device = a_device(county)

    page = queries.feed(device, after=0, limit=10, shows_phone=False, shows_secret=True)

    assert page.entries[0][1]["phone"] is None
    assert "13700001234" not in json.dumps(page.entries)


def test_a_telephone_is_told_who_was_called_this_week_with_the_last_page(county: County, client: Client):
    at = clock.now()
    enrolment = an_enrolment(county, at=at)
    device = a_device(county, at=at)
    sign_in(client, county.users["alma"])
    address = f"/api/v1/pocket/panel?device={device.uuid}"
    before = client.get(address).json()["called"]
    task = a_followup(county, resident=enrolment.resident, kind="AFTER_DISCHARGE", at=at)
    called = Outcome(channel="PHONE", not_measured="电话随访")
    followups.complete_followup(task=task, outcome=called, by=county.tang, at=at)

    after = client.get(address).json()["called"]

    assert before == {}
    told = after[str(enrolment.resident.uuid)]
    assert county.tang.name in told["by"]
    assert (told["on"], told["exemption"]) == (clock.today(at).isoformat(), "")
    assert told["until"] == (clock.today(at) + timedelta(days=7)).isoformat()


def test_definitions_come_with_a_tag_and_are_not_sent_twice(county: County, client: Client):
    an_enrolment(county)
    device = a_device(county)
    sign_in(client, county.users["alma"])
    address = f"/api/v1/pocket/definitions?device={device.uuid}"

    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})

    assert {each["slug"] for each in first.json()["programmes"].values()} == {"hypertension"}
    assert first.json()["items"]["systolic"]["high"] < 1200
    assert again.status_code == 304
    assert again.content == b""


def test_a_new_telephone_is_registered_up_to_three_and_never_by_a_program(county: County, client: Client):
    secret = a_token(
        county.users.get("alma") or county.user("alma", "village-doctor", county.clinic), "programme:do"
    ).secret
    refused = client.post(
        "/api/v1/pocket/devices",
        {"name": "程序"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert refused.status_code == 403
    assert refused.json()["code"] == "session-only"
    first = a_device(county)
    a_device(county, name="二"), a_device(county, name="三")
    with pytest.raises(Conflict) as error:
        a_device(county, name="四")
    assert error.value.code == "too-many-devices"

    actions.end_device(device=first, by=county.alma, at=NOW)
    a_device(county, name="四")
    with pytest.raises(Conflict):
        queries_and_carry(county, first)


def queries_and_carry(county: County, device: Device) -> None:
    from xinglin.pocket import permissions

    permissions.may_carry(county.alma, Device.objects.get(pk=device.pk)).require()


def test_of_another_persons_telephone_nothing_is_shown(county: County, client: Client):
    device = a_device(county)
    county.sib  # noqa: B018 - makes the account
    sign_in(client, county.users["sib"])
    assert client.get(f"/api/v1/pocket/panel?device={device.uuid}").status_code == 404
    with pytest.raises(NotPermitted):
        actions.order_wipe(device=device, reason="丢失", by=county.sib, at=NOW)


def test_a_lost_telephone_is_erased_at_its_next_contact_without_anybody_signed_in(county: County, client: Client):
    an_enrolment(county)
    device, key = actions.register_device(name="丢失的手机", by=county.alma, at=NOW)

    def contact(**said: Any) -> Any:
        return client.post(
            "/pocket/contact/", {"device": str(device.uuid), "key": key, **said}, content_type="application/json"
        )

    assert contact().json()["state"] == "ok"
    actions.order_wipe(device=device, reason="手机丢失", by=county.alma, at=later(1))

    assert contact().json()["state"] == "erase"
    sign_in(client, county.users["alma"])
    assert client.get(f"/api/v1/pocket/panel?device={device.uuid}").json()["code"] == "device-wiped"
    assert contact(erased=True).json()["state"] == "erased"
    assert Device.objects.get().status == Status.WIPED
    assert contact(key="x" * 43).status_code == 404


def test_no_panel_is_kept_where_no_telephone_is(county: County):
    a_programme_visit(county, an_enrolment(county))
    relay()
    assert PanelEntry.objects.count() == 0


def test_a_telephone_of_somebody_who_may_not_know_carries_no_secret_programme(county: County) -> None:
    resident = a_resident(county, conditions=["hypertension", "severe-mental-disorder"])
    an_enrolment(county, resident=resident)
    secret = an_enrolment(county, resident=resident, programme="mental-disorder")
    danger = {"danger_level": "3", "psychotic_symptoms": "yes", "insight": "none", "severe_illness": "no"}
    a_programme_visit(county, secret, danger, alert_answer="REFERRED", alert_note="已就诊")
    device = a_device(county)

    shown = {
        knows: json.dumps(
            queries.feed(device, after=0, limit=10, shows_phone=True, shows_secret=knows).entries, ensure_ascii=False
        )
        for knows in (True, False)
    }

    words = ("mental-disorder", "danger_level", "psychotic_symptoms", "F20", "危险性")
    assert [word for word in words if word in shown[True]]
    assert not [word for word in words if word in shown[False]]
    assert "hypertension" in shown[False]
    assert "systolic" in shown[False]
