"""From the day it is due to the receipt: who may, what is missing, two persons, and never silently other than what was sent."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from tests.factories.county import NOW
from tests.factories.submissions import OCTOBER, a_submission, a_visit_of, second_person, some_figures
from xinglin.indicators import api as indicators
from xinglin.indicators.actions import publish_figures
from xinglin.indicators.facts.extraction import extract
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible, StaleStatus, Unavailable
from xinglin.platform.files import path_of
from xinglin.platform.models import OutboxEvent
from xinglin.submissions import actions, forms, queries, words
from xinglin.submissions.models import Submission
from xinglin.submissions.states import Status


def test_a_month_is_made_checked_confirmed_handed_in_and_answered(county: Any) -> None:
    some_figures(county)
    it = a_submission(county, status=Status.CONFIRMED)
    content = queries.content_of(it).decode("gb18030").splitlines()

    actions.note_sent(submission=it, words="县报表系统上传", by=county.mei, at=NOW)
    actions.note_answer(submission=it, accepted=True, words="回执 2026-11-001", by=county.mei, at=NOW)

    assert content[2:] == [
        "1,370403101,沙沟镇,12,6,50.00,",
        "2,370403102,周营镇,12,6,50.00,",
        ",,全县（含县级机构）,24,12,50.00,",
    ]
    assert [each.became for each in it.status_changes.all()] == [
        "DUE", "MADE", "CHECKED", "CONFIRMED", "SENT", "RECEIVED",
    ]  # fmt: skip
    assert (it.receipt, it.file.sha256 if it.file else "") == ("回执 2026-11-001", it.file and it.file.sha256)
    events = set(OutboxEvent.objects.filter(object_uuid=it.uuid).values_list("event", flat=True))
    assert {"submission.opened", "submission.made", "submission.confirmed", "submission.received"} <= events


def test_opening_twice_is_one_and_a_wrong_period_none(county: Any) -> None:
    one, two = a_submission(county), a_submission(county)

    assert one.pk == two.pk
    for period in ("2026-Q3", "2026", "2026-10-YTD"):
        with pytest.raises(InvalidInput):
            a_submission(county, period=period)
    with pytest.raises(NotVisible):
        a_submission(county, form="weather")


def test_a_period_that_has_not_begun_is_not_handed_in(county: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        actions.open_submission(form="grassroots-month", period="2031-01", by=county.mei, at=NOW)

    assert str(refused.value.message) == "这个统计期还没有开始。"
    assert not Submission.objects.exists()


def test_who_does_not_keep_figures_hands_none_in_and_sees_none(county: Any) -> None:
    it = a_submission(county)
    for actor in (county.tang, county.alma):
        with pytest.raises(NotPermitted):
            actions.open_submission(form="grassroots-month", period="2026-09", by=actor, at=NOW)
        with pytest.raises(NotPermitted):
            actions.make_submission(submission=it, by=actor, at=NOW)
        with pytest.raises(NotVisible):
            queries.visible_submission(actor, it.uuid)
        with pytest.raises(NotPermitted):
            actions.set_destination(
                code="x", title="x", address="https://x.cn", username="", secret="", by=actor, at=NOW
            )


def test_missing_cells_are_listed_in_words_and_nothing_is_checked(county: Any) -> None:
    some_figures(county)
    it = a_submission(county, form="national-monitoring-year", period="2025", status=Status.MADE)

    said = [words.fault_text(forms.found(it.form), each) for each in it.faults]

    assert "缺数：派驻基层医师数，薛城区（统计期内没有“医师派驻”数据）" in said
    assert not any("增长" in each for each in said)  # the form does not insist on it
    with pytest.raises(Conflict, match="先补齐数据再编制"):
        actions.check_submission(submission=it, by=county.mei, at=NOW)
    assert it.file is None


def test_without_an_extraction_nothing_is_made_up(county: Any) -> None:
    it = a_submission(county, status=Status.MADE)

    assert it.faults == [{"code": "nothing"}]
    assert not it.cells.exists()


def test_a_period_that_runs_on_is_not_handed_in(county: Any) -> None:
    some_figures(county)
    it = a_submission(county, period="2026-11", status=Status.MADE)

    assert {"code": "running"} in it.faults


def test_a_second_person_confirms_and_not_the_system(county: Any) -> None:
    from xinglin.submissions.jobs import KEEPER

    some_figures(county)
    it = a_submission(county, status=Status.CHECKED)

    for actor in (county.mei, KEEPER):
        with pytest.raises(NotPermitted, match="另一人"):
            actions.confirm_submission(submission=it, by=actor, at=NOW)
    actions.confirm_submission(submission=it, by=second_person(county), at=NOW)

    assert it.confirmed_by != it.checked_by
    with pytest.raises(Conflict):
        actions.make_submission(submission=it, by=county.mei, at=NOW)


def test_of_two_who_confirm_at_once_one_learns_it(county: Any) -> None:
    some_figures(county)
    it = a_submission(county, status=Status.CHECKED)
    other = Submission.objects.get(pk=it.pk)
    actions.confirm_submission(submission=it, by=second_person(county), at=NOW)

    with pytest.raises(StaleStatus), transaction.atomic():
        actions.confirm_submission(submission=other, by=second_person(county), at=NOW)


def test_it_goes_back_before_it_leaves_and_is_made_anew(county: Any) -> None:
    some_figures(county)
    it = a_submission(county, status=Status.CONFIRMED)

    actions.turn_back(submission=it, reason="周营镇少报一天", by=county.mei, at=NOW)

    assert (it.status, it.file, it.confirmed_at, it.checked_by) == (Status.MADE, None, None, None)
    actions.make_submission(submission=it, by=county.mei, at=NOW)
    assert it.cells.count() == 9


@pytest.mark.thorough
def test_what_was_sent_stays_and_a_late_month_is_shown_not_sent(county: Any) -> None:
    from xinglin.submissions import jobs

    some_figures(county)
    it = a_submission(county, status=Status.RECEIVED)
    before = queries.content_of(it)
    for n in range(3):
        a_visit_of(county, at=OCTOBER + timedelta(minutes=n), facility=county.clinic)
    extract(at=NOW + timedelta(minutes=5))

    jobs.compare(0)
    jobs.compare(0)

    it.refresh_from_db()
    found = queries.drift_of(it, at=NOW)
    assert it.n_drifted == len(found) == 4  # two items at the township and in the total
    assert [(a.value, b.value) for a, b in found if a and b and a.item == "visits"] == [(12, 15), (24, 27)]
    assert queries.content_of(it) == before
    assert OutboxEvent.objects.filter(event="submission.drifted").count() == 1


@pytest.mark.thorough
def test_a_correction_says_what_changed_and_why_and_one_that_changes_nothing_is_refused(county: Any) -> None:
    from xinglin.submissions.comparing import differences

    some_figures(county)
    it = a_submission(county, status=Status.RECEIVED)
    with pytest.raises(InvalidInput):
        actions.correct_submission(submission=it, reason=" ", by=county.mei, at=NOW)
    following = actions.correct_submission(submission=it, reason="沙沟镇补录", by=county.mei, at=NOW)
    actions.make_submission(submission=following, by=county.mei, at=NOW)
    with pytest.raises(Conflict, match="完全相同"):
        actions.check_submission(submission=following, by=county.mei, at=NOW)

    a_visit_of(county, at=OCTOBER, facility=county.clinic)
    extract(at=NOW + timedelta(minutes=5))
    actions.make_submission(submission=following, by=county.mei, at=NOW)
    actions.check_submission(submission=following, by=county.mei, at=NOW)
    changed = differences(it.cells.all(), following.cells.all())

    assert (following.turn, following.corrects_id, following.reason) == (2, it.pk, "沙沟镇补录")
    assert {(a.item, a.unit_name) for a, _b in changed if a} == {
        ("visits", "沙沟镇"), ("tcm", "沙沟镇"), ("visits", "全县（含县级机构）"), ("tcm", "全县（含县级机构）"),
    }  # fmt: skip
    assert following.file != it.file
    with pytest.raises(Conflict, match="已有更正"):
        actions.correct_submission(submission=it, reason="再来", by=county.mei, at=NOW)


@pytest.mark.thorough
def test_it_is_made_from_what_was_published_whatever_the_facts_say_now(county: Any) -> None:
    some_figures(county)
    snapshot = publish_figures(title="十月通报", period="2026-10", by=county.mei, at=NOW)
    visits = forms.found("grassroots-month").item("visits").indicator
    snapshot.definitions[visits.slug]["valid_from"] = "2025-01-01"  # the definition has changed since
    snapshot.save(update_fields=["definitions"])
    then = indicators.as_published(snapshot.uuid, [visits])[visits.slug].definition.version
    assert then != visits.definition.version
    a_visit_of(county, at=OCTOBER, facility=county.clinic)
    extract(at=NOW + timedelta(minutes=5))
    it = a_submission(county)

    actions.make_submission(submission=it, snapshot=snapshot.uuid, by=county.mei, at=NOW)

    assert it.version == snapshot.version_id
    assert {each.value for each in it.cells.filter(item="visits")} == {12, 24}
    assert {each.definition for each in it.cells.filter(item="visits")} == {then}
    other = a_submission(county, period="2026-09")
    with pytest.raises(InvalidInput, match="不是本统计期"):
        actions.make_submission(submission=other, snapshot=snapshot.uuid, by=county.mei, at=NOW)


def test_a_few_people_are_left_out_and_the_whole_does_not_give_them_away(county: Any) -> None:
    from xinglin.submissions.drawing import draw

    some_figures(county)
    for n in range(2):
        a_visit_of(county, at=OCTOBER.replace(month=8) + timedelta(hours=n), facility=county.clinic)
    for n in range(20):
        a_visit_of(county, at=OCTOBER.replace(month=8) + timedelta(hours=n), facility=county.other_clinic)
    extract(at=NOW + timedelta(minutes=5))

    found = draw(forms.found("grassroots-month"), "2026-08", snapshot=None, at=NOW)

    whys = {unit: found.values["visits", unit].why for unit in ("370403101", "370403102", "all")}
    assert whys == {"370403101": "", "370403102": "", "all": ""} or whys["370403101"] == whys["370403102"]


def test_a_file_that_was_tampered_with_is_not_handed_out(county: Any) -> None:
    some_figures(county)
    it = a_submission(county, status=Status.CHECKED)
    assert it.file is not None
    path = path_of(it.file.sha256)
    was = path.read_bytes()
    path.chmod(0o600)
    try:
        path.write_bytes(was.replace(b"12", b"99"))
        with pytest.raises(Unavailable):
            queries.content_of(it)
    finally:
        path.write_bytes(was)


@pytest.mark.thorough
def test_it_is_given_up_before_it_leaves_and_never_after(county: Any) -> None:
    some_figures(county)
    sent = a_submission(county, status=Status.SENT)
    with pytest.raises(Conflict):
        actions.cancel_submission(submission=sent, reason="错了", by=county.mei, at=NOW)
    due = a_submission(county, period="2026-09")
    actions.cancel_submission(submission=due, reason="本月不报", by=county.mei, at=NOW)

    assert due.status == Status.CANCELLED


def test_the_database_refuses_a_correction_without_a_reason_and_a_file_that_nobody_confirmed(county: Any) -> None:
    from django.db import IntegrityError

    some_figures(county)
    it = a_submission(county, status=Status.CHECKED)
    for wrong in (
        {"status": "SENT"},
        {"turn": 2},
        {"file": None},
        {"confirmed_at": NOW, "confirmed_by": it.checked_by},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Submission.objects.filter(pk=it.pk).update(**wrong)


@pytest.mark.thorough
def test_what_came_late_keeps_it_from_being_checked_confirmed_and_sent_until_it_is_made_anew(county: Any) -> None:
    some_figures(county)
    made = a_submission(county, status=Status.MADE)
    checked = a_submission(county, form="provincial-dhis2-quarter", period="2026-Q3", status=Status.CHECKED)
    a_visit_of(county, at=OCTOBER, facility=county.clinic)
    a_visit_of(county, at=OCTOBER - timedelta(days=40), facility=county.clinic)
    extract(at=NOW + timedelta(minutes=5))

    with pytest.raises(Conflict, match="有变动，涉及4个数"):
        actions.check_submission(submission=made, by=county.mei, at=NOW)
    with pytest.raises(Conflict, match="重新编制") as refusal:
        actions.confirm_submission(submission=checked, by=second_person(county), at=NOW)
    actions.turn_back(submission=checked, reason="有迟到数据", by=county.mei, at=NOW)
    for each in (made, checked):
        actions.make_submission(submission=each, by=county.mei, at=NOW)
        actions.check_submission(submission=each, by=county.mei, at=NOW)
    actions.confirm_submission(submission=checked, by=second_person(county), at=NOW)

    assert refusal.value.code == "figures-changed"
    assert (made.status, checked.status) == (Status.CHECKED, Status.CONFIRMED)


@pytest.mark.thorough
def test_a_set_that_was_confirmed_is_not_sent_when_facts_changed_it(county: Any, dhis2: Any) -> None:
    from xinglin.submissions.sending import deliver

    some_figures(county)
    it = a_submission(county, form="provincial-dhis2-quarter", period="2026-Q3", status=Status.CONFIRMED)
    a_visit_of(county, at=OCTOBER - timedelta(days=40), facility=county.clinic)
    extract(at=NOW + timedelta(minutes=5))

    with pytest.raises(Conflict, match="重新编制"):
        deliver(it, by=county.mei, at=NOW)

    assert it.status == Status.CONFIRMED
    assert not it.deliveries.exists()


@pytest.mark.thorough
def test_what_was_made_from_a_publication_leaves_as_it_was_published(county: Any) -> None:
    some_figures(county)
    snapshot = publish_figures(title="十月通报", period="2026-10", by=county.mei, at=NOW)
    it = a_submission(county)
    actions.make_submission(submission=it, snapshot=snapshot.uuid, by=county.mei, at=NOW)
    a_visit_of(county, at=OCTOBER, facility=county.clinic)
    extract(at=NOW + timedelta(minutes=5))

    actions.check_submission(submission=it, by=county.mei, at=NOW)

    assert {each.value for each in it.cells.filter(item="visits")} == {12, 24}
