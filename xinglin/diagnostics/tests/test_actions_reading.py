"""Reading at the centre: claim, put back, take over, reject, report, amend. One test for each way out."""

import threading

import pytest
from django.db import connection
from django.utils import translation

from tests.factories.county import County, later
from tests.factories.diagnostics import INFARCTION, NORMAL, a_request
from xinglin.diagnostics import actions
from xinglin.diagnostics.models import Request
from xinglin.diagnostics.states import CriticalStatus, RequestStatus
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.models import AuditRecord


@pytest.fixture
def second_reader(county: County):
    return county.actor(county.user("ge", "reading-doctor", county.hospital, name="葛"))


def test_claim_request_names_the_reader(county: County):
    request = actions.claim_request(request=a_request(county), by=county.bo, at=later(1))

    assert (request.status, request.claimed_by, request.claimed_at) == (
        RequestStatus.CLAIMED,
        county.bo.user_id,
        later(1),
    )


def test_claim_request_of_another_reader_is_a_conflict_that_names_him(county: County, second_reader):
    request = a_request(county, status=RequestStatus.CLAIMED)

    with pytest.raises(Conflict, match="薄") as refusal:
        actions.claim_request(request=request, by=second_reader, at=later(2))

    assert refusal.value.code == "already-claimed"


def test_claim_request_by_the_sender_is_refused(county: County):
    with pytest.raises(NotPermitted):
        actions.claim_request(request=a_request(county), by=county.alma, at=later(1))


@pytest.mark.django_db(transaction=True)
def test_two_readers_at_once_and_one_wins(county: County, second_reader):
    request = a_request(county)
    readers = [county.bo, second_reader]
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def claim(reader):
        try:
            mine = Request.objects.get(pk=request.pk)
            start.wait(timeout=10)
            actions.claim_request(request=mine, by=reader, at=later(1))
            outcomes.append("won")
        except Conflict as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim, args=[reader]) for reader in readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sorted(outcomes) == ["already-claimed", "won"]
    assert Request.objects.get(pk=request.pk).status_changes.filter(became=RequestStatus.CLAIMED).count() == 1


def test_release_request_puts_it_back(county: County):
    request = actions.release_request(
        request=a_request(county, status=RequestStatus.CLAIMED), by=county.bo, at=later(2)
    )

    assert (request.status, request.claimed_by, request.claimed_at) == (RequestStatus.REQUESTED, None, None)


def test_release_request_of_another_reader_is_refused(county: County, second_reader):
    with pytest.raises(NotPermitted):
        actions.release_request(request=a_request(county, status=RequestStatus.CLAIMED), by=second_reader, at=later(2))


def test_take_over_before_the_time_is_a_conflict(county: County, second_reader):
    request = a_request(county, status=RequestStatus.CLAIMED)

    with pytest.raises(Conflict):
        actions.take_over_request(request=request, by=second_reader, at=later(1 + request.centre.minutes_claim - 1))


def test_take_over_after_the_time_gives_it_to_the_other_reader(county: County, second_reader):
    request = a_request(county, status=RequestStatus.CLAIMED)

    request = actions.take_over_request(request=request, by=second_reader, at=later(1 + request.centre.minutes_claim))

    assert request.claimed_by == second_reader.user_id
    record = AuditRecord.objects.get(event="request.taken-over")
    assert record.detail["former"] == county.bo.user_id
    with pytest.raises(NotPermitted):
        actions.write_final(request=request, **NORMAL, by=county.bo, at=later(40))


def test_take_over_of_ones_own_is_refused(county: County):
    with pytest.raises(NotPermitted):
        actions.take_over_request(request=a_request(county, status=RequestStatus.CLAIMED), by=county.bo, at=later(60))


def test_reject_request_keeps_reason_and_remark(county: County):
    request = a_request(county, status=RequestStatus.REJECTED, reject_reason="LEAD_REVERSAL")

    change = request.status_changes.last()
    assert (request.status, change.reason_code, change.reason) == (RequestStatus.REJECTED, "LEAD_REVERSAL", "基线漂移")


@pytest.mark.parametrize(("reason", "remark"), [("", ""), ("BAD", ""), ("OTHER", ""), ("OTHER", " x ")])
def test_reject_request_without_a_real_reason_is_refused(county: County, reason: str, remark: str):
    request = a_request(county, status=RequestStatus.CLAIMED)

    with pytest.raises(InvalidInput):
        actions.reject_request(request=request, reason=reason, remark=remark, by=county.bo, at=later(2))


def test_write_final_signs_and_tells(county: County):
    request = a_request(county, status=RequestStatus.FINAL)

    report = request.reports.get()
    assert (report.version, report.stage, report.author_name) == (1, "FINAL", "薄")
    assert report.codes == [{"code": "normal-sinus-rhythm", "title": "正常心电图"}]
    assert request.reported_at == later(2)
    assert not request.critical_values.exists()


def test_write_final_without_claim_is_a_conflict(county: County):
    with pytest.raises(Conflict):
        actions.write_final(request=a_request(county), **NORMAL, by=county.bo, at=later(1))


def test_write_final_by_another_reader_is_refused(county: County, second_reader):
    with pytest.raises(NotPermitted):
        actions.write_final(
            request=a_request(county, status=RequestStatus.CLAIMED), **NORMAL, by=second_reader, at=later(2)
        )


def test_write_final_after_a_preliminary_report_by_another_reader(county: County, second_reader):
    request = a_request(county, status=RequestStatus.PRELIMINARY)

    report = actions.write_final(request=request, **NORMAL, by=second_reader, at=later(9))

    assert (report.version, report.request.reported_at) == (2, later(2))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("findings", ""),
        ("conclusion", "x"),
        ("conclusion", "长" * 2001),
        ("codes", ["no-such"]),
        ("criticals", ["no-such"]),
    ],
)
def test_write_final_says_which_field_is_wrong_and_signs_nothing(county: County, field: str, value: object):
    request = a_request(county, status=RequestStatus.CLAIMED)

    with pytest.raises(InvalidInput) as refusal:
        actions.write_final(request=request, **{**NORMAL, field: value}, by=county.bo, at=later(2))

    assert field in refusal.value.fields
    request.refresh_from_db()
    assert request.status == RequestStatus.CLAIMED
    assert not request.reports.exists()


def test_a_critical_report_is_abnormal_and_starts_the_clock(county: County):
    request = a_request(county, status=RequestStatus.FINAL, report={**INFARCTION, "is_abnormal": False})

    critical = request.critical_values.get()
    assert request.reports.get().is_abnormal
    assert critical.due_at == later(2 + request.centre.minutes_critical)
    assert critical.list_version == "ecg-critical-values@2026-01-01"


def test_the_final_report_keeps_the_clock_of_the_preliminary_one(county: County):
    request = a_request(county, status=RequestStatus.PRELIMINARY, report=INFARCTION)

    actions.write_final(request=request, **INFARCTION, by=county.bo, at=later(9))

    critical = request.critical_values.get()
    assert critical.notified_at == later(2)


def test_the_final_report_supersedes_a_critical_value_it_leaves_out(county: County):
    request = a_request(county, status=RequestStatus.PRELIMINARY, report=INFARCTION)

    actions.write_final(request=request, **NORMAL, by=county.bo, at=later(9))

    assert request.critical_values.get().status == CriticalStatus.SUPERSEDED


def test_amend_report_is_a_new_version_with_its_reason(county: County):
    request = a_request(county, status=RequestStatus.FINAL)

    report = actions.amend_report(request=request, **INFARCTION, reason="复核见ST段抬高", by=county.bo, at=later(30))

    assert (report.version, report.stage, report.amend_reason) == (2, "AMENDMENT", "复核见ST段抬高")
    assert report.request.status == RequestStatus.AMENDED
    assert request.critical_values.get().notified_at == later(30)


def test_amend_report_starts_a_critical_value_again(county: County):
    request = a_request(county, status=RequestStatus.FINAL, report=INFARCTION)

    actions.amend_report(request=request, **INFARCTION, reason="更正导联", by=county.bo, at=later(30))

    assert sorted(request.critical_values.values_list("status", flat=True)) == ["NOTIFIED", "SUPERSEDED"]


def test_amend_report_without_a_reason_is_refused(county: County):
    with pytest.raises(InvalidInput):
        actions.amend_report(
            request=a_request(county, status=RequestStatus.FINAL), **NORMAL, reason=" ", by=county.bo, at=later(30)
        )


def test_amend_report_by_the_sender_is_refused(county: County):
    with pytest.raises(NotPermitted):
        actions.amend_report(
            request=a_request(county, status=RequestStatus.FINAL), **NORMAL, reason="更正", by=county.alma, at=later(30)
        )


@pytest.mark.parametrize(
    ("field", "text"),
    [("findings", "窦性心律，心率__次/分。"), ("conclusion", "V1–V___导联ST段抬高"), ("conclusion", "频率＿次/分")],
)
@pytest.mark.parametrize("step", ["preliminary", "final", "amend"])
def test_a_blank_of_the_template_is_not_signed(county: County, step: str, field: str, text: str):
    request = a_request(county, status=RequestStatus.FINAL if step == "amend" else RequestStatus.CLAIMED)
    before = request.reports.count()
    said = {**NORMAL, field: text, "request": request, "by": county.bo, "at": later(9)}
    write = {"preliminary": actions.write_preliminary, "final": actions.write_final, "amend": actions.amend_report}
    if step == "amend":
        said["reason"] = "复核更正"

    with pytest.raises(InvalidInput) as refusal:
        write[step](**said)

    assert (refusal.value.code, list(refusal.value.fields)) == ("unfilled-blanks", [field])
    assert request.reports.count() == before


def test_one_underscore_is_no_blank(county: County):
    request = a_request(county, status=RequestStatus.CLAIMED)

    assert actions.write_final(request=request, **{**NORMAL, "findings": "导联a_b"}, by=county.bo, at=later(9))


def test_a_conclusion_that_stands_for_a_critical_value_is_not_signed_without_it(county: County):
    request = a_request(county, status=RequestStatus.CLAIMED)
    said = {**INFARCTION, "criticals": [], "request": request, "by": county.bo, "at": later(9)}

    with pytest.raises(InvalidInput, match="急性心肌梗死") as refusal:
        actions.write_final(**said)
    assert (refusal.value.code, list(refusal.value.fields)) == ("critical-not-marked", ["not_critical_reason"])
    with pytest.raises(InvalidInput):
        actions.write_final(**said, not_critical_reason="陈旧")

    actions.write_final(**said, not_critical_reason="陈旧性改变，与既往图形相同")

    assert not request.critical_values.exists()
    change = request.status_changes.filter(became=RequestStatus.FINAL).get()
    assert (change.reason_code, change.reason) == ("not-critical", "陈旧性改变，与既往图形相同")
    assert AuditRecord.objects.get(event="report.signed").reason == "陈旧性改变，与既往图形相同"


def test_a_critical_value_is_kept_in_the_language_of_the_county(county: County):
    request = a_request(county, status=RequestStatus.CLAIMED)

    with translation.override("en"):
        actions.write_final(request=request, **INFARCTION, by=county.bo, at=later(9))

    assert request.critical_values.get().text == "急性心肌梗死心电图改变（首次出现或再发）"
