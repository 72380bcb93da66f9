"""Figures of a population, the lists behind them, three levels, quality checks."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.county import NOW, County, later
from tests.factories.programmes import a_programme_visit, an_enrolment
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.network.models import Facility
from xinglin.notifications.models import Message
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.models import OutboxEvent
from xinglin.programmes import actions, counting, guarding, jobs, judging, leading, population, singles
from xinglin.programmes.models import Enrolment, KeptCount, QualityCheck

pytestmark = pytest.mark.django_db
TODAY = clock.today(NOW)


def managed(county: County, *, n: int, systolic: str = "126") -> list[Enrolment]:
    found = []
    for each in range(n):
        resident = a_resident(county, name="王" + "一二三四五六七八九十甲乙"[each], born_on=date(1960, 1, 1 + each))
        enrolment = an_enrolment(county, resident=resident, at=later(days=-20))
        a_programme_visit(county, enrolment, {"systolic": systolic}, at=later(days=-20))
        found.append(enrolment)
    return found


def test_the_figures_of_a_village_are_counted_and_estimated_apart(county: County) -> None:
    managed(county, n=2)
    an_enrolment(county, resident=a_resident(county, name="未测"), at=later(days=-20))
    diagnosed = a_resident(county, name="已诊断", born_on=date(1955, 5, 5))
    a_visit(resident=diagnosed, by=county.alma)
    programme = judging.programme_of("hypertension", on=TODAY)

    rows = population.counts(population.places_counted(county.alma), programme, on=TODAY)

    village = next(each for each in rows if each.place == county.clinic.pk)
    assert (village.managed, village.on_time, village.measured, village.controlled) == (3, 2, 2, 2)
    assert village.control_rate == pytest.approx(2 / 3)  # who was not measured is not controlled
    assert village.expected == round(4 * 0.275)
    assert village.diagnosed >= 1
    assert population.undiscovered(frozenset({county.clinic.pk}), programme, limit=10) == [diagnosed.pk]


def test_what_the_night_counted_stands_until_the_next_night_and_says_when(county: County) -> None:
    a_visit(resident=a_resident(county, name="早", born_on=date(1955, 5, 5)), by=county.alma)
    programme = judging.programme_of("hypertension", on=TODAY)
    places = frozenset({county.clinic.pk})
    assert population.diagnosed_at(places, programme) == ({county.clinic.pk: 1}, None)  # never counted: counted now

    actions.keep_counts(at=NOW)
    a_visit(resident=a_resident(county, name="晚", born_on=date(1956, 5, 5)), by=county.alma)

    assert population.diagnosed_at(places, programme) == ({county.clinic.pk: 1}, NOW)
    assert population.counts(places, programme, on=TODAY)[0].expected == round(0.275)
    assert population.diagnosed_at(frozenset(), programme)[0] == {}
    actions.keep_counts(at=later(days=1))
    assert population.diagnosed_at(places, programme) == ({county.clinic.pk: 2}, later(days=1))
    found, counted_at = singles.singles(county.alma, on=TODAY)
    assert next(each.diagnosed for each in found if each.programme.slug == "hypertension") == 2
    assert counted_at == later(days=1)


def test_other_codes_are_other_counts_and_what_nobody_asks_for_is_forgotten(county: County) -> None:
    a_visit(resident=a_resident(county), by=county.alma)
    KeptCount.objects.create(of=counting.key_of_codes(["Z99"]), by_facility={"1": 9}, counted_at=NOW)
    actions.keep_counts(at=NOW)

    assert not KeptCount.objects.filter(of=counting.key_of_codes(["Z99"])).exists()
    assert counting.key_of_codes(["I10", "I11"]) == counting.key_of_codes(["I11", "I10"])
    found = counting.diagnosed({"kept": ["I10", "I11", "I12", "I13"], "new": ["I10"]}, None)
    assert found.by["new"] == {county.clinic.pk: 1}  # counted just now
    assert found.at == NOW


def test_a_village_doctor_sees_no_figures_of_others_and_a_manager_all(county: County) -> None:
    managed(county, n=1)
    programme = judging.programme_of("hypertension", on=TODAY)

    assert (
        sum(each.managed for each in population.counts(population.places_counted(county.cai), programme, on=TODAY)) == 0
    )
    assert (
        sum(each.managed for each in population.counts(population.places_counted(county.mei), programme, on=TODAY)) == 1
    )


def test_lists_hold_whom_their_figure_counts(county: County) -> None:
    managed(county, n=2, systolic="152")

    counts = population.list_counts(county.alma, on=TODAY)

    for name in population.LISTS:
        page = population.people(county.alma, population.Behind(name), on=TODAY)
        assert len(page.rows) == counts[name], name
    assert counts["uncontrolled"] == 2
    assert list(population.people(county.cai, population.Behind("managed"), on=TODAY).rows) == []
    with pytest.raises(InvalidInput):
        population.people(county.alma, population.Behind("everybody"), on=TODAY)


def test_townships_below_ten_are_not_compared(county: County) -> None:
    managed(county, n=9)

    townships = leading.by_township(county.tang, judging.programme_of("hypertension", on=TODAY), on=TODAY)
    ((row, _hidden),) = [each for each in townships if each[0].managed]

    assert (row.place, row.managed, row.is_comparable) == (county.township.pk, 9, False)


def test_whom_a_township_hospital_manages_itself_stands_in_its_row_although_the_county_hospital_manages_it(
    county: County,
) -> None:
    Facility.objects.filter(pk=county.township.pk).update(manager=county.hospital)
    managed(county, n=2)
    own = a_resident(
        county, name="本院管理", born_on=date(1960, 6, 6), managed_by_id=county.township.pk, by=county.tang
    )
    an_enrolment(county, resident=own, by=county.tang, at=later(days=-20))

    townships = leading.by_township(county.tang, judging.programme_of("hypertension", on=TODAY), on=TODAY)
    listed = {
        unit: population.people(
            county.tang, population.Behind("managed", programme="hypertension", unit=unit), on=TODAY
        ).rows
        for unit in (county.township.pk, county.hospital.pk)
    }

    assert {row.place: row.managed for row, _hidden in townships if row.managed} == {county.township.pk: 3}
    assert {unit: len(rows) for unit, rows in listed.items()} == {county.township.pk: 3, county.hospital.pk: 0}


def test_the_sample_is_the_same_whoever_draws_and_is_checked_by_somebody_else(county: County) -> None:
    managed(county, n=12)

    drawn = actions.draw_sample(programme="hypertension", by=county.tang, at=NOW)
    again = actions.draw_sample(programme="hypertension", by=county.tang, at=NOW)

    managed(county, n=6)  # more visits, which may come before in the order of the lots
    assert (len(drawn), again) == (10, [])
    assert actions.draw_sample(programme="hypertension", by=county.tang, at=later(1)) == []
    check = QualityCheck.objects.select_related("visit__resident").first()
    assert check is not None
    with pytest.raises(InvalidInput):
        actions.check_visit(check=check, result="FALSE", by=county.tang, at=NOW)
    actions.check_visit(check=check, result="FALSE", note="居民说当天没有随访", by=county.tang, at=NOW)
    with pytest.raises(Conflict):
        actions.check_visit(check=check, result="TRUE", by=county.tang, at=NOW)
    assert leading.truth(county.tang, "hypertension") == {"asked": 1, "true": 0, "drawn": 10}


def test_who_was_not_reached_is_called_again(county: County) -> None:
    managed(county, n=1)
    (check,) = actions.draw_sample(programme="hypertension", by=county.tang, at=NOW)

    actions.check_visit(check=check, result="UNREACHED", by=county.tang, at=NOW)
    again = sign_in(Client(), county.users["tang"]).get(reverse("programmes:check", args=[check.uuid]))
    actions.check_visit(check=check, result="TRUE", by=county.tang, at=later(1))

    assert 'name="result"' in again.content.decode()
    assert check.result == "TRUE"


@pytest.mark.parametrize(("result", "told"), [("FALSE", 1), ("PARTLY", 1), ("TRUE", 0)])
def test_who_wrote_a_visit_down_is_told_what_the_call_back_found_and_reads_it_at_the_visit(
    county: County, client: Client, result: str, told: int
) -> None:
    enrolment = an_enrolment(county)
    visit = a_programme_visit(county, enrolment, by=county.alma)
    (check,) = actions.draw_sample(programme="hypertension", by=county.tang, at=later(1))

    actions.check_visit(check=check, result=result, note="居民说只打过电话", by=county.tang, at=later(2))
    event = OutboxEvent.objects.get(event="programme.checked", object_uuid=check.uuid)
    jobs.tell_check(event_uuid=str(event.uuid), object_uuid=str(check.uuid))
    shown = sign_in(client, county.users["alma"])

    assert "居民说只打过电话" in shown.get(reverse("programmes:visit", args=[visit.uuid])).content.decode()
    assert Message.objects.filter(user=county.users["alma"], kind="programme.checked").count() == told
    assert ("一份随访经回访核查为" in shown.get("/inbox/").content.decode()) is bool(told)


def test_a_chief_physician_whose_post_is_the_countys_sees_cases_and_draws_and_one_of_the_hospital_reads_why_not(
    county: County, client: Client
) -> None:
    (enrolment,) = managed(county, n=1)
    Enrolment.objects.filter(pk=enrolment.pk).update(severity=4)
    address = reverse("programmes:disease", args=["hypertension"])
    chief = county.user("chief", "specialist", county.hospital, name="首席", everywhere=True)

    shown = sign_in(client, chief).get(address)
    drawn = actions.draw_sample(programme="hypertension", by=county.actor(chief), at=NOW)
    county.sun  # noqa: B018 - makes the account
    other = sign_in(Client(), county.users["sun"]).get(address)

    assert [each.title.split()[0] for each in shown.context["page"].cases] == [enrolment.resident.name]
    assert len(drawn) == 1
    assert other.context["page"].cases == []
    assert "请安全管理员把岗位范围设为全县" in other.content.decode()
    assert "请安全管理员把岗位范围设为全县" not in shown.content.decode()


def test_nobody_checks_his_own_visit(county: County) -> None:
    enrolment = an_enrolment(county)
    a_programme_visit(county, enrolment, by=county.tang)
    (check,) = actions.draw_sample(programme="hypertension", by=county.tang, at=later(1))

    with pytest.raises(NotPermitted):
        actions.check_visit(check=check, result="TRUE", by=county.tang, at=later(2))
    with pytest.raises(NotPermitted):
        actions.draw_sample(programme="hypertension", by=county.alma, at=NOW)


@pytest.mark.parametrize("who", ["alma", "tang", "sun"])
def test_each_level_opens_its_own_work(county: County, client: Client, who: str) -> None:
    managed(county, n=1)
    sign_in(client, county.users[getattr(county, who) and who])

    answer = client.get(reverse("programmes:levels"))

    titles = {"alma": "三高之家", "tang": "三高基地", "sun": "三高中心"}
    assert titles[who] in answer.content.decode()


def test_the_pages_of_the_population_open_in_both_languages(county: County, client: Client) -> None:
    managed(county, n=2)
    actions.draw_sample(programme="hypertension", by=county.tang, at=NOW)
    check = QualityCheck.objects.first()
    assert check is not None
    sign_in(client, county.users[county.tang and "tang"])
    addresses = [
        reverse("programmes:population"), reverse("programmes:people") + "?programme=hypertension&of=managed",
        reverse("programmes:levels"), reverse("programmes:disease", args=["hypertension"]),
        reverse("programmes:check", args=[check.uuid]),
    ]  # fmt: skip
    for language in ("zh-hans", "en"):
        client.cookies["django_language"] = language
        for address in addresses:
            assert client.get(address).status_code == 200, address


def test_a_manager_sees_figures_and_no_names(county: County, client: Client) -> None:
    (enrolment,) = managed(county, n=1)
    sign_in(client, county.users[county.mei and "mei"])

    answer = client.get(reverse("programmes:population") + "?programme=hypertension")

    assert answer.status_code == 200
    assert enrolment.resident.name not in answer.content.decode()
    assert client.get(reverse("programmes:people")).status_code == 403


def test_a_manager_reads_figures_by_township_from_his_menu_and_is_led_nowhere_he_may_not_go(
    county: County, client: Client
) -> None:
    managed(county, n=6)
    own = a_resident(
        county, name="本院管理", born_on=date(1960, 6, 6), managed_by_id=county.township.pk, by=county.tang
    )
    an_enrolment(county, resident=own, by=county.tang, at=later(days=-20))
    sign_in(client, county.users[county.mei and "mei"])

    answer: Any = client.get(reverse("programmes:population") + "?programme=hypertension")
    menu = client.get(reverse("workbench:home")).content.decode()

    rows = [(row.name, row.managed) for row, _url, _hidden in answer.context["page"].rows if row.managed]
    assert rows == [("沙沟镇卫生院", 7)]
    assert reverse("programmes:high-risk") not in answer.content.decode()
    assert reverse("programmes:population") in menu
    assert reverse("programmes:singles") in menu
    assert reverse("programmes:levels") not in menu


def test_those_with_a_diagnosis_become_candidates_by_one_button(county: County, client: Client) -> None:
    a_visit(resident=a_resident(county), by=county.alma)
    sign_in(client, county.users[county.alma and "alma"])

    answer: Any = client.post(reverse("programmes:find"), {"programme": "hypertension"})

    assert answer.status_code == 302
    assert Enrolment.objects.filter(programme="hypertension", status="CANDIDATE").count() == 1
    assert client.get(answer["Location"]).status_code == 200


def test_who_may_not_see_the_people_sees_no_figure_of_a_few(county: County) -> None:
    managed(county, n=3)
    programme = judging.programme_of("hypertension", on=TODAY)

    ((_row, shown),) = [each for each in leading.by_township(county.tang, programme, on=TODAY) if each[0].managed]
    ((_row, hidden),) = [each for each in leading.by_township(county.sun, programme, on=TODAY) if each[0].managed]

    assert shown == frozenset()
    assert {"managed", "on_time", "lost"} <= hidden
    assert None in {n for _title, n, _grade in leading.grades(county.sun, programme)}


def test_one_small_cell_alone_takes_another_with_it_so_that_no_total_tells_it(county: County) -> None:
    rows = [
        population.Counts(n, str(n), None, managed_, 0, 0, managed_, managed_, managed_, managed_, 0)
        for n, managed_ in ((1, 3), (2, 40), (3, 70), (4, 0))
    ]

    hidden = guarding.hidden_cells(rows, lambda each: False)
    seen = guarding.hidden_cells(rows, lambda each: each.place == 1)

    assert {place for place, cells in hidden.items() if "managed" in cells} == {1, 2}
    assert {place for place, cells in hidden.items() if "controlled" in cells} == {1, 2}
    assert not any(seen.values())


def test_the_table_of_sixty_counts_once_for_all(county: County, django_assert_max_num_queries: Any) -> None:
    managed(county, n=6)

    with django_assert_max_num_queries(16):
        found, counted_at = singles.singles(county.alma, on=TODAY)

    rows = {each.programme.slug: each for each in found}
    assert len(rows) == 60
    assert counted_at is None
    assert (rows["hypertension"].managed, rows["glaucoma"].managed) == (6, 0)
    assert rows["glaucoma"].expected is None
    assert rows["glaucoma"].programme.is_frame
    assert {each.programme.slug: each.managed for each in singles.singles(county.sun, on=TODAY)[0]}["hypertension"] == 6


def test_the_page_opens_on_a_disease_in_which_somebody_is_managed(county: County, client: Client) -> None:
    an_enrolment(county, programme="diabetes")

    shown = sign_in(client, county.users[county.tang and "tang"]).get(reverse("programmes:population"))

    assert shown.context["page"].programme.slug == "diabetes"


def test_the_chief_physicians_figures_open_the_people_they_count(county: County, client: Client) -> None:
    for each in managed(county, n=11):
        each.refresh_from_db()
    high = Enrolment.objects.order_by("id").first()
    assert high is not None
    Enrolment.objects.filter(pk=high.pk).update(is_controlled=False, grade="grade-1")
    chief = county.user("chief", "specialist", county.hospital, name="首席", everywhere=True)
    sign_in(client, chief)

    built = client.get(reverse("programmes:disease", args=["hypertension"])).context["page"]
    row, _hidden, lists = next(each for each in built.townships if each[0].managed)
    opened = {name: client.get(url).context["page"] for name, url in lists.items()}
    grades = {title: client.get(url).context["page"] for title, n, url in built.grades if n}

    assert len(opened["managed"].rows) == row.managed == 11
    assert len(opened["controlled"].rows) == row.controlled == 10
    assert [len(each.rows) for each in grades.values()] == [10, 1]


def test_a_call_back_shows_what_the_visit_claims(county: County, client: Client) -> None:
    managed(county, n=1, systolic="134")
    (check,) = actions.draw_sample(programme="hypertension", by=county.tang, at=NOW)

    shown = sign_in(client, county.users["tang"]).get(reverse("programmes:check", args=[check.uuid])).content.decode()

    assert "134 mmHg" in shown


@pytest.mark.parametrize("day", [date(2026, 8, 31), date(2028, 2, 29)])
def test_the_yearly_assessment_is_due_on_the_day_at_the_end_of_a_month_too(county: County, day: date) -> None:
    an_enrolment(county)
    Enrolment.objects.update(yearly_on=day.replace(year=day.year - 1, day=28 if day.month == 2 else 31))
    assert population.list_counts(county.alma, on=day)["yearly"] == 0

    Enrolment.objects.update(yearly_on=day.replace(year=day.year - 1, day=27 if day.month == 2 else 30))
    assert population.list_counts(county.alma, on=day)["yearly"] == 1
