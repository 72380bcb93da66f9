"""An order meets what is known: shown, taken over, done again with a reason, or refused."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.factories.county import NOW, START, later
from tests.factories.imaging import an_imaging_request
from tests.factories.recognition import a_mark, a_result, asked, newest_report
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.diagnostics import actions as diagnostics
from xinglin.diagnostics.api import AlreadyKnown, Answer, Order, Request
from xinglin.diagnostics.catalogue import implied_criticals
from xinglin.network.models import Consortium, Membership
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.models import AuditRecord, OutboxEvent
from xinglin.recognition import actions
from xinglin.recognition.data import Outcome, Reach
from xinglin.recognition.finding import known_for
from xinglin.recognition.models import Decision, Offer
from xinglin.recognition.rule import Miss
from xinglin.residents.actions import merge_residents

pytestmark = pytest.mark.django_db


def an_order(county, resident, *codes: str, facility=None, priority="ROUTINE") -> Order:
    items = tuple({"code": code, "title": code} for code in codes or ("ct-head",))
    return Order("IMAGING", items, resident, None, (facility or county.township).pk, priority)


def adopt(result: Request, item: str = "ct-head") -> Answer:
    return Answer(item=item, report=newest_report(result).uuid)


# At saving -----------------------------------------------------------------------------------------------------------
def test_an_order_for_what_is_known_is_refused_until_the_doctor_says_what_becomes_of_it(county) -> None:
    resident = a_resident(county)
    result = a_result(county, resident=resident)

    with pytest.raises(AlreadyKnown) as refusal:
        diagnostics.place_request(**asked(county, resident))

    assert refusal.value.status == 422
    assert refusal.value.code == "recognisable-result"
    assert str(newest_report(result).uuid) in str(refusal.value.fields["ct-head"])
    assert Request.objects.count() == 1
    assert Decision.objects.count() == 0


def test_what_is_taken_over_is_not_ordered_and_leads_to_its_source(county) -> None:
    resident = a_resident(county)
    visit = a_visit(resident=resident, by=county.tang)
    result = a_result(county, resident=resident)

    placed = diagnostics.order_examination(**asked(county, resident, visit=visit, answers=[adopt(result)]))

    assert placed is None
    assert Request.objects.count() == 1
    decision = Decision.objects.get()
    assert decision.outcome == Outcome.RECOGNISED
    assert (decision.source, decision.report) == (result, newest_report(result))
    assert (decision.visit, decision.facility_id, decision.unit_id) == (visit, county.township.pk, county.hospital.pk)
    assert (decision.fen, decision.age_days, decision.item_title) == (18000, 7, "头颅CT平扫")
    assert decision.rule == "recognition-imaging@2026-01-01"
    assert AuditRecord.objects.filter(event="recognition.adopted", subject_uuid=resident.uuid).count() == 1
    assert OutboxEvent.objects.filter(event="recognition.adopted", object_uuid=decision.uuid).count() == 1


def test_only_the_items_that_are_not_taken_over_are_ordered(county) -> None:
    resident = a_resident(county)
    result = a_result(county, resident=resident)

    placed = diagnostics.order_examination(
        **asked(county, resident, items=("ct-head", "ct-chest"), answers=[adopt(result)])
    )

    assert placed is not None
    assert [each["code"] for each in placed.items] == ["ct-chest"]
    assert Decision.objects.get().outcome == Outcome.RECOGNISED


@pytest.mark.parametrize(
    ("reason", "text", "outcome"),
    [
        ("01", "", Outcome.REPEATED),
        ("07", "术后复查对位", Outcome.REPEATED),
        ("98", "", Outcome.NOT_SEEN),
        ("99", "", Outcome.SERIAL),
    ],
)
def test_what_is_done_again_is_ordered_with_its_reason(county, reason, text, outcome) -> None:
    resident = a_resident(county)
    a_result(county, resident=resident)

    placed = diagnostics.place_request(
        **asked(county, resident, answers=[Answer(item="ct-head", reason=reason, text=text)])
    )

    decision = Decision.objects.get()
    assert (decision.outcome, decision.reason_code, decision.reason) == (outcome, reason, text)
    assert decision.request == placed


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(item="ct-head", reason="07"), "reason-needs-text"),
        (Answer(item="ct-head", reason="55"), "invalid-input"),
        (Answer(item="ct-head", reason="07", text="长" * 201), "invalid-input"),
        (Answer(item="ct-head", report=uuid4()), "recognisable-result"),
        (Answer(item="ct-head"), "recognisable-result"),
        (Answer(reason="04"), "recognisable-result"),  # in one for all: of an emergency only
        (Answer(item="ct-chest", report=uuid4()), "nothing-to-recognise"),
    ],
)
def test_an_answer_that_is_none_is_refused_and_nothing_is_kept(county, answer, code) -> None:
    resident = a_resident(county)
    a_result(county, resident=resident)

    with pytest.raises(InvalidInput) as refusal:
        diagnostics.place_request(**asked(county, resident, answers=[answer]))

    assert refusal.value.code == code
    assert (Request.objects.count(), Decision.objects.count()) == (1, 0)


def test_an_emergency_passes_with_one_word_for_all_items(county) -> None:
    resident = a_resident(county)
    a_result(county, resident=resident)
    a_result(county, resident=resident, items=("ct-chest",))

    placed = diagnostics.place_request(
        **asked(county, resident, items=("ct-head", "ct-chest"), priority="EMERGENCY", answers=[Answer(reason="04")])
    )

    assert len(placed.items) == 2
    assert set(Decision.objects.values_list("item", "reason_code")) == {("ct-head", "04"), ("ct-chest", "04")}


def test_a_report_amended_after_it_was_shown_is_shown_again(county) -> None:
    resident = a_resident(county)
    result = a_result(county, resident=resident)
    seen = adopt(result)
    diagnostics.amend_report(
        request=result,
        findings="左额叶小片低密度影。",
        conclusion="左额叶腔隙性梗死。",
        reason="复核后更正",
        by=county.bo,
        at=NOW,
    )

    with pytest.raises(AlreadyKnown):
        diagnostics.order_examination(**asked(county, resident, answers=[seen], at=later(1)))
    assert diagnostics.order_examination(**asked(county, resident, answers=[adopt(result)], at=later(2))) is None


def test_to_take_over_everything_is_not_placing_a_request(county) -> None:
    resident = a_resident(county)
    result = a_result(county, resident=resident)

    with pytest.raises(Conflict) as refusal:
        diagnostics.place_request(**asked(county, resident, answers=[adopt(result)]))

    assert refusal.value.code == "nothing-to-order"
    assert Decision.objects.count() == 0


def test_who_may_not_order_may_not_take_over(county) -> None:
    resident = a_resident(county)
    result = a_result(county, resident=resident)

    with pytest.raises(NotPermitted):
        diagnostics.order_examination(**asked(county, resident, answers=[adopt(result)], by=county.bo))


def test_imports_order_nothing_new_and_are_not_asked(county) -> None:
    resident = a_resident(county)
    a_result(county, resident=resident)

    settled = actions.settle(an_order(county, resident), [], system_actor("synth"), NOW)

    assert settled.done == frozenset()


# What is found -------------------------------------------------------------------------------------------------------
def misses(county, resident, *, facility=None, code="ct-head", at=NOW) -> list[list[Miss]]:
    (found,) = known_for(an_order(county, resident, code, facility=facility), at=at)
    assert found.recognisable == ()
    return [list(each.verdict.misses) for each in found.misses]


def test_a_near_miss_says_by_how_much(county) -> None:
    resident = a_resident(county)
    a_result(county, resident=resident, days=33)

    assert misses(county, resident) == [[Miss.TOO_OLD]]
    (found,) = known_for(an_order(county, resident), at=NOW)
    assert found.misses[0].verdict.beyond == 3
    assert diagnostics.place_request(**asked(county, resident)).pk


def test_a_waste_film_and_a_preliminary_report_stand_for_nothing(county) -> None:
    one, other = a_resident(county), a_resident(county, name="李四")
    diagnostics.mark_quality(
        request=a_result(county, resident=one), stage="INTAKE", grade="WASTE", by=county.bo, at=NOW
    )
    a_result(county, resident=other, final=False)

    assert misses(county, one) == [[Miss.POOR_QUALITY]]
    assert misses(county, other) == [[Miss.NOT_RELEASED]]


def test_a_critical_finding_is_examined_again(county) -> None:
    resident = a_resident(county)
    codes = ["ct-head-haemorrhage"]
    critical = {
        "findings": "右侧基底节区高密度影。", "conclusion": "右侧基底节区脑出血。", "is_abnormal": True, "codes": codes,
        "criticals": [each.code for each in implied_criticals("IMAGING", codes, on=clock.today(NOW))],
    }  # fmt: skip
    a_result(county, resident=resident, report=critical)

    assert misses(county, resident) == [[Miss.CRITICAL]]


def test_the_newest_of_two_is_offered(county) -> None:
    resident = a_resident(county)
    a_result(county, resident=resident, days=20)
    newest = a_result(county, resident=resident, days=3)

    (found,) = known_for(an_order(county, resident), at=NOW)

    assert [each.source for each in found.recognisable] == [newest]
    assert [list(each.verdict.misses) for each in found.misses] == [[Miss.SUPERSEDED]]


def test_results_of_a_merged_registration_are_the_persons(county) -> None:
    kept, other = a_resident(county), a_resident(county)
    result = a_result(county, resident=other)
    merge_residents(kept=kept, merged=other, reason="同一人重复建档", by=county.tang, at=NOW)

    (found,) = known_for(an_order(county, kept), at=NOW)

    assert [each.source for each in found.recognisable] == [result]


def test_nobody_is_offered_the_results_of_another(county) -> None:
    a_result(county, resident=a_resident(county, name="李四"))

    assert known_for(an_order(county, a_resident(county)), at=NOW) == []


def test_a_clinic_stands_in_the_consortium_of_the_unit_that_manages_it(county) -> None:
    resident = a_resident(county)
    a_result(county, resident=resident)

    (found,) = known_for(an_order(county, resident, facility=county.clinic), at=NOW)

    assert found.recognisable[0].reach == Reach.CONSORTIUM


def test_membership_is_that_of_the_day_and_outside_a_mark_is_needed(county) -> None:
    resident = a_resident(county)
    a_result(county, resident=resident)
    other = Consortium.objects.create(code="C02", name="另一医共体", division=county.division, valid_from=START.date())
    Membership.objects.filter(facility=county.township).update(valid_until=NOW.date() - timedelta(days=1))
    Membership.objects.create(
        consortium=other, facility=county.township, role="MEMBER", valid_from=NOW.date() - timedelta(days=1)
    )

    assert misses(county, resident) == [[Miss.NO_MARK]]

    a_mark(county, kind="IMAGING", level="COUNTY")
    (found,) = known_for(an_order(county, resident), at=NOW)
    assert (found.recognisable[0].reach, found.recognisable[0].level) == (Reach.COUNTY, "COUNTY")
    assert (
        known_for(an_order(county, resident), at=NOW - timedelta(days=2))[0].recognisable[0].reach == Reach.CONSORTIUM
    )


# What is shown -------------------------------------------------------------------------------------------------------
def test_showing_is_a_look_and_a_row_once_a_day_for_the_same_order(county) -> None:
    resident = a_resident(county)
    result = a_result(county, resident=resident)
    order = an_order(county, resident)

    for minute in (0, 5):
        found = actions.show(order=order, by=county.tang, at=later(minute))
    actions.show(order=order, by=county.tang, at=later(days=1))

    assert [each.source for each in found[0].recognisable] == [result]
    offers = list(Offer.objects.order_by("id"))
    assert len(offers) == 2
    assert (offers[0].shown_to_name, offers[0].age_days, offers[0].report) == ("唐", 7, newest_report(result))
    looks = AuditRecord.objects.filter(event="recognition.offered", subject_uuid=resident.uuid)
    assert looks.count() == 3
    assert looks[0].detail["why"] == "recognition"
    assert looks[0].detail["units"] == [county.hospital.pk]


def test_nothing_known_is_nothing_looked_at(county) -> None:
    resident = a_resident(county)

    assert actions.show(order=an_order(county, resident), by=county.tang, at=NOW) == []
    assert not AuditRecord.objects.filter(event="recognition.offered").exists()


def test_what_is_found_takes_as_many_queries_for_many_results(county, django_assert_max_num_queries) -> None:
    resident = a_resident(county)
    a_result(county, resident=resident)
    order = an_order(county, resident, "ct-head", "ct-chest")
    with django_assert_max_num_queries(10) as few:
        known_for(order, at=NOW)
    for days in (9, 12):
        a_result(county, resident=resident, days=days)
        a_result(county, resident=resident, days=days, items=("ct-chest",))
    with django_assert_max_num_queries(len(few)):
        known_for(order, at=NOW)


def test_an_order_that_nothing_is_known_of_is_placed_as_ever(county) -> None:
    assert an_imaging_request(county).items[0]["code"] == "ct-head"
    assert Decision.objects.count() == 0
