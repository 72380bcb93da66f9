"""Sent to a server that answers as DHIS2 does: taken, refused row by row, not there, and never twice."""

import json
from typing import Any

import pytest
from django.db import connection, transaction

from tests.factories.county import NOW
from tests.factories.submissions import QUARTER, Dhis2, a_submission, second_person, some_figures
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.submissions import actions, jobs, queries, sending, words
from xinglin.submissions.data import Conflict as Refused
from xinglin.submissions.data import Outcome
from xinglin.submissions.delivering import read_summary, send, server_of
from xinglin.submissions.models import Delivery, Destination, Submission
from xinglin.submissions.states import Status

FORM = "provincial-dhis2-quarter"


def confirmed(county: Any) -> Submission:
    some_figures(county)
    return a_submission(county, form=FORM, period=QUARTER, status=Status.CONFIRMED)


def test_a_set_is_taken_and_its_import_summary_is_the_receipt(county: Any, dhis2: Dhis2) -> None:
    it = confirmed(county)

    delivery = sending.deliver(it, by=county.mei, at=NOW)

    assert (delivery.outcome, delivery.counts["imported"]) == (Outcome.ACCEPTED, 4)
    assert it.status == Status.RECEIVED
    assert it.receipt.startswith("provincial-dhis2 · ACCEPTED · imported 4")
    assert dhis2.paths == [
        "/dhis/api/dataValueSets?importStrategy=CREATE_AND_UPDATE&idScheme=CODE&dataElementIdScheme=CODE"
        "&orgUnitIdScheme=CODE"
    ]
    assert dhis2.heads[0]["Authorization"] == "Basic eGw6Z2VoZWltLTc="
    (said,) = dhis2.sets
    assert (said["period"], said["dataSet"]) == ("2026Q3", "XL_QUARTER")
    values = {(each["dataElement"], each["orgUnit"]): each["value"] for each in said["dataValues"]}
    assert values == {
        ("XL_VISITS", "370403101"): "12", ("XL_VISITS", "370403102"): "12", ("XL_TCM_VISITS", "370403101"): "0",
        ("XL_TCM_VISITS", "370403102"): "0",
    }  # fmt: skip


def test_refused_rows_are_shown_row_by_row_and_it_is_corrected_not_sent_again(county: Any, dhis2: Dhis2) -> None:
    dhis2.unknown_units = {"370403102"}
    it = confirmed(county)

    delivery = sending.deliver(it, by=county.mei, at=NOW)

    assert (it.status, delivery.outcome, delivery.http_status) == (Status.REFUSED, Outcome.CONFLICTS, 409)
    assert delivery.counts == {"imported": 2, "updated": 0, "ignored": 2, "deleted": 0}
    assert [each["row"] for each in delivery.conflicts] == [3, 4]
    assert words.conflict_text(delivery.conflicts[0]).startswith(
        "第3行：E7610 · 370403102 · Organisation unit not found"
    )
    with pytest.raises(Conflict):
        sending.deliver(it, by=county.mei, at=NOW)


def test_the_same_set_sent_twice_is_recognised(county: Any, dhis2: Dhis2) -> None:
    it = confirmed(county)
    twin = Submission.objects.get(pk=it.pk)
    sending.deliver(it, by=county.mei, at=NOW)
    with pytest.raises(Conflict), transaction.atomic():
        sending.deliver(twin, by=county.mei, at=NOW)
    again = a_submission(county, form=FORM, period="2026-Q2", status=Status.DUE)
    Submission.objects.filter(pk=again.pk).update(
        status=Status.CONFIRMED, file=it.file, confirmed_at=NOW, confirmed_by_name="x", checked_at=NOW
    )
    again.refresh_from_db()

    known = sending.deliver(again, by=county.mei, at=NOW)

    assert (known.outcome, again.status) == (Outcome.KNOWN, Status.RECEIVED)
    assert len(dhis2.sets) == 1
    assert Delivery.objects.filter(outcome=Outcome.ACCEPTED).count() == 1


def corrected(county: Any, it: Submission, *, value: float | None, unit: str = "370403101") -> Submission:
    """The next turn with another number of visits at a unit, confirmed."""
    following = actions.correct_submission(submission=it, reason="订正", by=county.mei, at=NOW)
    actions.make_submission(submission=following, by=county.mei, at=NOW)
    visits = following.cells.filter(unit=unit, indicator="visits-by-tier")
    visits.update(value=value, numerator=value, why="" if value is not None else "small")
    actions.check_submission(submission=following, by=county.mei, at=NOW)
    return actions.confirm_submission(submission=following, by=second_person(county), at=NOW)


def test_a_correction_takes_back_what_it_tells_no_more_and_may_tell_it_again(county: Any, dhis2: Dhis2) -> None:
    visits = ("XL_VISITS", "2026Q3", "370403101", "")
    first = confirmed(county)
    sending.deliver(first, by=county.mei, at=NOW)
    assert dhis2.kept[visits] == "12"

    second = corrected(county, first, value=None)
    delivery = sending.deliver(second, by=county.mei, at=NOW)

    assert (delivery.outcome, delivery.counts["deleted"]) == (Outcome.ACCEPTED, 1)
    assert visits not in dhis2.kept
    assert [each for each in dhis2.sets[-1]["dataValues"] if each.get("deleted")] == [
        {"dataElement": "XL_VISITS", "period": "2026Q3", "orgUnit": "370403101", "deleted": True}
    ]

    third = corrected(county, second, value=12)
    again = sending.deliver(third, by=county.mei, at=NOW)

    assert third.file is not None
    assert (again.outcome, dhis2.kept[visits]) == (Outcome.ACCEPTED, "12")
    assert not any(each.get("deleted") for each in dhis2.sets[-1]["dataValues"])


def test_what_a_refused_turn_was_to_take_back_the_next_one_takes_back(county: Any, dhis2: Dhis2) -> None:
    first = confirmed(county)
    sending.deliver(first, by=county.mei, at=NOW)
    second = corrected(county, first, value=None)
    dhis2.unknown_units = {"370403101"}
    assert sending.deliver(second, by=county.mei, at=NOW).outcome == Outcome.CONFLICTS
    dhis2.unknown_units = set()

    third = actions.correct_submission(submission=second, reason="重发", by=county.mei, at=NOW)
    actions.make_submission(submission=third, by=county.mei, at=NOW)
    told = [
        [(each.unit, each.value) for each in cells if each.item == "visits"] for cells in queries.told_before(third)
    ]

    assert [dict(each)["370403101"] for each in told] == [None, 12]


def test_killed_between_the_answer_and_its_record_it_is_sent_again_and_nothing_is_twice(
    county: Any, dhis2: Dhis2
) -> None:
    it = confirmed(county)
    destination = Destination.objects.get()
    server = server_of(destination.address, destination.username, destination.secret or "")
    send(server, "/api/dataValueSets", queries.content_of(it), media_type="application/json")  # nobody wrote it down

    delivery = sending.deliver(it, by=county.mei, at=NOW)

    assert (delivery.counts["imported"], delivery.counts["updated"]) == (0, 4)
    assert len(dhis2.kept) == 4
    assert it.status == Status.RECEIVED


@pytest.mark.parametrize(
    ("status", "outcome"), [(401, Outcome.DENIED), (503, Outcome.UNREACHABLE), (500, Outcome.NOT_UNDERSTOOD)]
)
def test_what_nobody_took_waits_and_is_tried_again(county: Any, dhis2: Dhis2, status: int, outcome: Outcome) -> None:
    it = confirmed(county)
    dhis2.status, dhis2.body = status, b"<html>nein</html>"

    first = sending.deliver(it, by=county.mei, at=NOW)
    it.refresh_from_db()

    assert (first.outcome, it.status) == (outcome, Status.CONFIRMED)
    assert it.next_try_at is not None
    assert it.next_try_at > NOW
    assert queries.to_send(at=NOW) == []
    dhis2.status = 0
    jobs._send(queries.to_send(at=it.next_try_at)[0])
    it.refresh_from_db()
    assert it.status == Status.RECEIVED


def test_nobody_at_the_address_is_told_so(county: Any) -> None:
    answer = send(server_of("http://127.0.0.1:9"), "/api/dataValueSets", b"{}", media_type="application/json")

    assert (answer.outcome, answer.words) == (Outcome.UNREACHABLE, "ConnectionRefusedError")


def test_confirming_sends_by_itself_where_a_server_is_set_up(county: Any, dhis2: Dhis2) -> None:
    it = confirmed(county)

    jobs.send(event_uuid="", object_uuid=str(it.uuid))
    jobs.send(event_uuid="", object_uuid=str(it.uuid))

    it.refresh_from_db()
    assert it.status == Status.RECEIVED
    assert len(dhis2.sets) == 1


def test_without_a_server_it_is_downloaded(county: Any) -> None:
    it = confirmed(county)

    jobs.send(event_uuid="", object_uuid=str(it.uuid))
    with pytest.raises(Conflict, match="下载后报出"):
        sending.deliver(it, by=county.mei, at=NOW)


def test_secrets_are_encrypted_and_kept_when_they_are_not_said_again(county: Any, dhis2: Dhis2) -> None:
    engineer = county.actor(county.users["xi"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM submissions_destination")
        (raw,) = cursor.fetchone()

    actions.set_destination(
        code="provincial-dhis2", title="省平台", address="https://dhis2.example.org/x/", username="neu", secret=None,
        by=engineer, at=NOW,
    )  # fmt: skip
    kept = Destination.objects.get()

    assert b"geheim" not in bytes(raw)
    assert (kept.secret, kept.username) == ("geheim-7", "neu")
    assert "geheim" not in repr(server_of(kept.address, kept.username, kept.secret or ""))


@pytest.mark.parametrize(
    "address",
    [
        "http://dhis2.example.org",
        "ftp://x",
        "https://a:b@x.cn",
        "https://x.cn/?a=1",
        "https://x.cn:99999",
        "https://[",
        "nirgends",
    ],
)
def test_an_address_that_gives_the_secret_away_or_is_none_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput):
        server_of(address)


def test_summaries_of_old_and_new_servers_are_read() -> None:
    old = {
        "responseType": "ImportSummary", "status": "WARNING", "importCount": {"imported": 1, "updated": 0, "ignored": 1, "deleted": 0},
        "conflicts": [{"object": "dataValueSet.dataValues[1]", "value": "value_not_integer"}],
    }  # fmt: skip
    several = {
        "response": {**old, "conflicts": [{"object": "DE", "value": "w", "errorCode": "E7600", "indexes": [0, 4]}]}
    }
    fine = {"status": "SUCCESS", "importCount": {"imported": 2, "updated": 0, "ignored": 0, "deleted": 0}}

    assert read_summary(200, json.dumps(old).encode()).conflicts == (
        Refused(2, "dataValueSet.dataValues[1]", "value_not_integer"),
    )
    assert [each.row for each in read_summary(409, json.dumps(several).encode()).conflicts] == [1, 5]
    assert read_summary(200, json.dumps(fine).encode()).outcome == Outcome.ACCEPTED
    for body in (
        b"",
        b"[]",
        b"null",
        b'{"message": "x"}',
        b'{"response": 3}',
        b'{"importCount": {"imported": "many"}}',
        b"\xff\xfe",
    ):
        assert read_summary(200, body).outcome in {Outcome.NOT_UNDERSTOOD, Outcome.CONFLICTS}
