"""Who sees what: the sending unit, the units above it, and the centre. Nobody else, and nobody can tell."""

import pytest

from tests.factories.county import START, County, later
from tests.factories.diagnostics import INFARCTION, a_critical, a_request, an_ecg_centre
from tests.factories.residents import a_resident
from xinglin.diagnostics import actions, api, catalogue, queries, timeline
from xinglin.diagnostics.statistics import turnaround
from xinglin.platform.actors import ANONYMOUS, system_actor
from xinglin.platform.errors import NotVisible
from xinglin.web import work


@pytest.mark.parametrize(
    ("who", "sees"),
    [("alma", True), ("tang", True), ("bo", True), ("sun", True), ("sib", False), ("cai", False), ("mei", False)],
)
def test_a_request_is_visible_to_sender_and_centre(county: County, who: str, sees: bool):
    request = a_request(county)
    actor = getattr(county, who)

    if sees:
        assert queries.visible_request(actor, request.uuid) == request
    else:
        with pytest.raises(NotVisible):
            queries.visible_request(actor, request.uuid)


def test_a_doctor_of_an_unrelated_county_hospital_sees_nothing(county: County):
    request = a_request(county)
    stranger = county.actor(county.user("tcm", "specialist", county.tcm))

    with pytest.raises(NotVisible):
        queries.visible_request(stranger, request.uuid)


def test_a_reader_of_another_centre_sees_nothing(county: County):
    request = a_request(county)
    an_ecg_centre(county, code="ECG02", facility_id=county.tcm.pk)
    other = county.actor(county.user("reader2", "reading-doctor", county.tcm))

    assert queries.worklist(other) == []
    with pytest.raises(NotVisible):
        queries.visible_request(other, request.uuid)


def test_nobody_sees_nothing(county: County):
    a_request(county)

    assert not queries.requests_visible_to(ANONYMOUS).exists()
    assert not queries.criticals_visible_to(ANONYMOUS).exists()


def test_an_escalated_critical_value_is_visible_to_the_unit_told(county: County):
    critical = a_critical(county)
    lone = county.actor(county.user("lone", "township-doctor", county.township))  # without rights over the clinic
    with pytest.raises(NotVisible):
        queries.visible_critical(lone, critical.uuid)

    actions.escalate_critical(critical=critical, level=1, by=system_actor("escalation"), at=critical.due_at)

    assert queries.visible_critical(lone, critical.uuid) == critical


def test_the_work_list_is_in_order_of_need(county: County):
    routine = a_request(county, at=later(-50))
    newer = a_request(county, at=later(-40))
    urgent = a_request(county, at=later(-10), priority="URGENT")
    emergency = a_request(county, at=later(-1), priority="EMERGENCY")
    a_request(county, status="FINAL")

    assert queries.worklist(county.bo) == [emergency, urgent, routine, newer]


def test_mine_is_what_i_claimed(county: County):
    a_request(county)
    mine = a_request(county, status="CLAIMED")

    assert queries.worklist(county.bo, show="mine") == [mine]


def test_what_was_sent_is_paged_without_gap_or_repeat(county: County):
    sent = {a_request(county, at=later(minute)).pk for minute in range(25)}

    first = queries.sent_by(county.alma)
    second = queries.sent_by(county.alma, cursor=first.next_cursor)

    assert len(first.rows) == 20
    assert {row.pk for row in first.rows} | {row.pk for row in second.rows} == sent
    assert second.next_cursor == ""


def test_waiting_for_the_village_doctor(county: County):
    a_critical(county)
    a_request(county, status="REJECTED")

    items = api.waiting_for(county.alma, at=later(5))

    assert [(item.kind, item.risk) for item in items] == [
        ("critical", work.CRITICAL),
        ("request-rejected", work.RAISED),
    ]


def test_waiting_for_the_reader(county: County):
    a_request(county, priority="EMERGENCY")
    a_request(county, status="CLAIMED")

    items = api.waiting_for(county.bo, at=later(5))

    assert [item.risk for item in items] == [work.CRITICAL, work.ORDINARY]
    assert api.counts(county.bo, at=later(5)).emergency == 1


def test_waiting_for_takes_the_same_queries_for_one_and_many(county: County, django_assert_num_queries):
    a_critical(county)
    county.alma  # noqa: B018
    with django_assert_num_queries(2):
        api.waiting_for(county.alma, at=later(5))
    for _ in range(3):
        a_critical(county)
    with django_assert_num_queries(2):
        api.waiting_for(county.alma, at=later(5))


def test_request_summary_speaks_with_the_newest_report(county: County):
    request = a_request(county, status="FINAL", report=INFARCTION)

    summary = api.request_summary(queries.visible_request(county.alma, request.uuid))

    assert summary.conclusion == INFARCTION["conclusion"]
    assert summary.critical == ("急性心肌梗死心电图改变（首次出现或再发）",)
    assert summary.is_abnormal


def test_timeline_tells_request_report_and_critical_value(county: County, django_assert_num_queries):
    critical = a_critical(county, status="HANDLED")
    ids = [critical.request.resident_id]
    county.alma  # noqa: B018

    with django_assert_num_queries(3):
        entries = timeline.requests_of_resident(county.alma, ids, later(999), 20)

    assert [entry.kind for entry in entries] == ["critical", "critical", "critical", "report", "request"] or [
        entry.kind for entry in entries
    ] == ["critical", "critical", "report", "critical", "request"]
    assert timeline.requests_of_resident(county.cai, ids, later(999), 20) == []


def test_earlier_examinations_of_the_same_person(county: County):
    resident = a_resident(county)
    earlier = a_request(county, resident=resident, status="FINAL", at=later(-9000))
    request = a_request(county, resident=resident)
    a_request(county, status="FINAL", at=later(-9000))

    assert queries.earlier_requests(county.bo, request, [resident.pk]) == [earlier]


def test_statistics_of_nothing_is_no_data(county: County):
    figures = turnaround(an_ecg_centre(county), since=START, until=later(0), at=later(0))

    assert figures.whole.n_requests == 0
    assert figures.whole.median is None
    assert figures.whole.share_in_time is None
    assert figures.criticals.share_in_time is None


def test_statistics_count_minutes_by_hand(county: County):
    a_request(county, status="FINAL", at=later(-100))  # claimed after 1, reported after 2 minutes
    late = a_request(county, status="CLAIMED", at=later(-100), priority="URGENT")
    actions.write_final(request=late, findings="正常", conclusion="正常心电图", by=county.bo, at=later(-80))  # 20 > 10
    a_request(county, at=later(-100))  # past its promise, unanswered
    a_request(county, status="REJECTED", at=later(-100))
    a_request(county, status="CANCELLED", at=later(-100))
    a_critical(county, status="CONFIRMED", at=later(-100))

    figures = turnaround(an_ecg_centre(county), since=later(-200), until=later(0), at=later(0))

    whole = figures.whole
    assert (whole.n_requests, whole.n_reported, whole.n_rejected) == (5, 3, 1)
    assert (whole.n_in_time, whole.n_judged) == (2, 4)
    assert whole.median == 2
    assert whole.p90 == pytest.approx(2 + 0.8 * 18)
    assert [(group.label, group.n_requests) for group in figures.by_priority] == [("加急", 1), ("常规", 4)]
    assert figures.by_unit[0].label == county.clinic.name
    assert figures.rejections == (("ARTEFACT", 1),)
    assert (figures.criticals.n, figures.criticals.n_in_time, figures.criticals.median) == (1, 1, 2)
    assert {stage.label: stage.n for stage in figures.stages} == {"perform": 0, "wait": 4, "read": 3, "total": 3}


def test_every_template_has_texts_and_known_critical_values():
    from datetime import date

    found = catalogue.templates("ECG", on=date(2026, 11, 20))
    known = {item.code for item in catalogue.critical_list("ECG", on=date(2026, 11, 20))}

    assert len(found) >= 25
    assert found[0].code == "normal-sinus-rhythm"
    assert all(each.findings and each.conclusion for each in found)
    assert {each.critical for each in found if each.critical} <= known


def test_the_worked_examples_of_the_critical_list():
    from datetime import date

    from xinglin.platform.definitions import one

    examples = one("critical-values", "ecg-critical-values").examples
    assert len(examples) >= 8
    for example in examples:
        assert catalogue.suggested("ECG", example["measurements"], on=date(2026, 11, 20)) == example["suggests"], (
            example
        )
