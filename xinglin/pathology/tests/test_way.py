"""The way of a specimen: sent, taken in, held or refused, grossed, cut, reported."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.pathology import REPORT, a_case, a_part, pan, ren
from xinglin.diagnostics.models import Report
from xinglin.pathology import actions, queries
from xinglin.pathology.data import BlockIn
from xinglin.pathology.models import Sections
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible


# Sending -------------------------------------------------------------------------------------------------------------
def test_a_case_waits_at_the_desk_with_what_the_sender_wrote(county: County):
    case = a_case(county, parts=[a_part(), a_part(site="胃体", taken_at=None)])

    first, second = case.parts.order_by("letter")
    assert (case.status, case.kind, case.number, case.request.number[0]) == ("SUBMITTED", "HISTOLOGY", "", "B")
    assert (first.letter, first.ischemia_minutes, second.letter, second.ischemia_minutes) == ("A", 10, "B", None)
    assert [each.pk for each in queries.at_desk(pan(county))] == [case.pk]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "tail"}, "parts.0.kind"),
        ({"fixative": "vinegar"}, "parts.0.fixative"),
        ({"n_pieces": 0}, "parts.0.n_pieces"),
        ({"fixed_at": NOW - timedelta(hours=3)}, "parts.0.fixed_at"),
        ({"taken_at": None, "fixed_at": NOW + timedelta(days=1)}, "parts.0.fixed_at"),
        ({"site": "  "}, "parts.0.site"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field_and_nothing_is_kept(county: County, wrong: dict, field: str):
    with pytest.raises(InvalidInput) as caught:
        a_case(county, parts=[replace(a_part(), **wrong)])

    assert list(caught.value.fields) == [field]
    assert queries.sent_by(county.tang).rows == []


def test_without_a_specimen_or_the_booking_of_a_frozen_section_nothing_is_sent(county: County):
    with pytest.raises(InvalidInput):
        a_case(county, parts=[])
    with pytest.raises(InvalidInput) as caught:
        a_case(county, item="frozen-section", booking=None)

    assert "theatre" in caught.value.fields


# Receipt -------------------------------------------------------------------------------------------------------------
def test_taken_in_it_gets_the_next_number_and_the_promise_runs(county: County):
    first, second = a_case(county, status="RECEIVED"), a_case(county, status="RECEIVED")

    assert (first.number, second.number) == ("2026-00001", "2026-00002")
    assert first.request.performed_at == later(1)
    assert first.request.due_at == later(1 + 4320)
    assert queries.case_by_code(pan(county), "2026-00002-A1-1") == second
    assert queries.case_by_code(pan(county), first.request.number) == first


def test_what_is_held_waits_for_the_sender_who_answers_and_corrects(county: County):
    case = a_case(county, status="HELD")
    receipt = queries.open_receipt(case)

    with pytest.raises(Conflict) as caught:
        actions.receive_case(case=case, by=pan(county), at=later(2))
    actions.answer_hold(
        receipt=receipt,
        answer="瓶签写错，应为胃窦",
        corrections={"A": {"site": "胃窦小弯"}},
        by=county.tang,
        at=later(3),
    )
    receipt.refresh_from_db()
    case.refresh_from_db()

    assert caught.value.code == "held"
    assert receipt.corrections == [{"part": "A", "field": "site", "was": "胃窦", "became": "胃窦小弯"}]
    assert (case.status, case.parts.get().site) == ("SUBMITTED", "胃窦小弯")
    assert actions.receive_case(case=case, by=pan(county), at=later(4)).status == "RECEIVED"
    with pytest.raises(Conflict):
        actions.answer_hold(receipt=receipt, answer="再答一次", by=county.tang, at=later(5))


def test_refusing_ends_the_request_with_its_reason_and_another_repeats_it(county: County):
    case = a_case(county, status="REFUSED")

    request = case.request
    request.refresh_from_db()
    assert (case.status, request.status) == ("REFUSED", "REJECTED")
    assert request.status_changes.last().reason_code == "NO_FIXATIVE"
    again = a_case(county, resident=request.resident, repeats=request)
    assert again.request.repeats == request


def test_refusing_is_possible_at_receipt_only(county: County):
    for status in ("RECEIVED", "GROSSED", "SLIDED", "REPORTED"):
        case = a_case(county, status=status)
        with pytest.raises(Conflict) as caught:
            actions.refuse_case(case=case, reason="TOO_LITTLE", by=pan(county), at=later(30))
        assert caught.value.code == "received-already"


def test_another_reason_wants_words(county: County):
    case = a_case(county)
    for reason, remark in (("OTHER", ""), ("RAIN", "下雨")):
        with pytest.raises(InvalidInput):
            actions.refuse_case(case=case, reason=reason, remark=remark, by=pan(county), at=later(1))
    case.refresh_from_db()
    assert case.status == "SUBMITTED"


def test_only_the_desk_of_the_centre_receives_and_only_the_sender_answers(county: County):
    case = a_case(county)
    for actor in (county.tang, county.alma, county.bo):
        with pytest.raises(NotPermitted):
            actions.receive_case(case=case, by=actor, at=later(1))
    held = a_case(county, status="HELD")
    for actor in (pan(county), county.cai):
        with pytest.raises(NotPermitted):
            actions.answer_hold(receipt=queries.open_receipt(held), answer="应为胃窦", by=actor, at=later(2))


def test_who_has_no_business_there_does_not_see_it(county: County):
    case = a_case(county)
    for actor in (county.cai, county.mei, county.actor(county.user("h2", "pathology-technician", county.tcm))):
        with pytest.raises(NotVisible):
            queries.visible_case(actor, case.uuid)


def test_taken_back_it_cannot_be_received(county: County):
    case = a_case(county, status="WITHDRAWN")

    case.request.refresh_from_db()
    assert case.request.status == "CANCELLED"
    with pytest.raises(Conflict):
        actions.receive_case(case=case, by=pan(county), at=later(3))


# Blocks and slides ---------------------------------------------------------------------------------------------------
def test_grossing_makes_blocks_with_codes_and_one_slide_of_each(county: County):
    case = a_case(county, status="RECEIVED", parts=[a_part(), a_part(site="胃体")])

    blocks = [BlockIn("A", "窦小弯"), BlockIn("A"), BlockIn("B")]
    made = actions.gross_case(case=case, gross="灰白组织3块", blocks=blocks, by=pan(county), at=later(10))

    case.refresh_from_db()
    assert [each.code for each in made] == ["2026-00001-A1", "2026-00001-A2", "2026-00001-B1"]
    assert sorted(case.slides.values_list("code", "stain")) == [
        ("2026-00001-A1-1", "HE"), ("2026-00001-A2-1", "HE"), ("2026-00001-B1-1", "HE"),
    ]  # fmt: skip
    assert (case.status, case.parts.first().fixation_minutes(case.grossed_at)) == ("GROSSED", 60)


def test_every_container_gets_a_block_and_none_that_is_not_there(county: County):
    case = a_case(county, status="RECEIVED", parts=[a_part(), a_part(site="胃体")])
    for blocks in ([], [BlockIn("A")], [BlockIn("A"), BlockIn("B"), BlockIn("C")]):
        with pytest.raises(InvalidInput):
            actions.gross_case(case=case, gross="灰白组织", blocks=blocks, by=pan(county), at=later(10))
    case.refresh_from_db()
    assert (case.status, case.blocks.count()) == ("RECEIVED", 0)


def test_embedding_and_slides_move_the_case_when_none_is_left(county: County):
    case = a_case(county, status="GROSSED", parts=[a_part(), a_part(site="胃体")])

    case = actions.embed_blocks(case=case, blocks=["2026-00001-A1"], by=pan(county), at=later(5))
    half = case.status
    case = actions.embed_blocks(case=case, blocks=["2026-00001-B1"], by=pan(county), at=later(6))
    embedded = case.status
    case = actions.make_slides(case=case, slides=["2026-00001-A1-1"], by=pan(county), at=later(7))
    waiting = case.status
    case = actions.make_slides(case=case, slides=["2026-00001-A1-1", "2026-00001-B1-1"], by=pan(county), at=later(8))

    assert [half, embedded, waiting, case.status] == ["GROSSED", "EMBEDDED", "EMBEDDED", "SLIDED"]
    assert case.slides.get(code="2026-00001-A1-1").made_at == later(7)


def test_cytology_has_slides_without_blocks(county: County):
    case = a_case(county, status="RECEIVED", item="cervical-cytology", parts=[a_part(kind="smear", fixative="alcohol")])

    assert list(case.slides.values_list("code", "stain")) == [("2026-00001-A-1", "PAP")]
    with pytest.raises(Conflict):
        actions.gross_case(case=case, gross="液基1份", blocks=[BlockIn("A")], by=pan(county), at=later(3))
    case = actions.make_slides(case=case, slides=["2026-00001-A-1"], by=pan(county), at=later(4))
    assert case.status == "SLIDED"


def test_a_panel_orders_its_antibodies_each_once(county: County):
    case = a_case(county, status="SLIDED")

    order = actions.order_slides(
        case=case, block="2026-00001-A1", way="IHC", stains=["HER2", "P53"], panel="breast", by=county.bo, at=later(9)
    )
    deeper = actions.order_slides(
        case=case, block="2026-00001-A1", way="DEEPER", n_slides=2, by=county.bo, at=later(10)
    )

    assert sorted(order.slides.values_list("stain", flat=True)) == ["ER", "HER2", "KI67", "P53", "PR"]
    assert sorted(deeper.slides.values_list("code", flat=True)) == ["2026-00001-A1-7", "2026-00001-A1-8"]
    case.refresh_from_db()
    assert case.status == "SLIDED"
    with pytest.raises(InvalidInput):
        actions.order_slides(case=case, block="2026-00001-A1", way="IHC", stains=["PAS"], by=county.bo, at=later(11))
    with pytest.raises(NotPermitted):
        actions.order_slides(case=case, block="2026-00001-A1", way="RECUT", by=pan(county), at=later(11))


def test_a_pathologist_grades_a_slide_that_is_made(county: County):
    case = a_case(county, status="GROSSED")
    with pytest.raises(InvalidInput):
        actions.grade_slide(case=case, slide="2026-00001-A1-1", grade="A", by=county.bo, at=later(9))
    case = a_case(county, status="SLIDED")
    slide = actions.grade_slide(
        case=case, slide=f"{case.number}-A1-1", grade="B", remark="折叠", by=county.bo, at=later(9)
    )
    assert (slide.grade, slide.grade_remark) == ("B", "折叠")


# Reports -------------------------------------------------------------------------------------------------------------
def test_a_report_is_put_together_from_its_parts_and_the_chain_is_complete(county: County):
    case = a_case(county, status="REPORTED")

    report = Report.objects.get(request=case.request)
    sections = Sections.objects.get(report=report)
    assert report.findings.startswith("肉眼所见：灰白色黏膜组织2块")
    assert "镜下所见：" in report.findings
    assert report.conclusion.splitlines() == ["（胃窦）黏膜慢性炎，轻度肠上皮化生", "幽门螺杆菌：（＋）"]
    assert sections.choices[0]["code"] == "gastric-biopsy-gastritis/hp/positive"
    assert [each.became for each in case.status_changes.all()] == [
        "SUBMITTED", "RECEIVED", "GROSSED", "EMBEDDED", "SLIDED", "READ", "REPORTED",
    ]  # fmt: skip


def test_nothing_is_signed_before_the_slides_are_there(county: County):
    case = a_case(county, status="GROSSED")
    actions.claim_case(case=case, by=county.bo, at=later(5))
    with pytest.raises(Conflict) as caught:
        actions.sign_final(case=case, texts=REPORT, by=county.bo, at=later(6))
    assert caught.value.code == "no-slides"


def test_a_blank_of_a_template_is_not_signed_and_nothing_is_kept(county: County):
    case = a_case(county, status="SLIDED")
    actions.claim_case(case=case, by=county.bo, at=later(5))
    with pytest.raises(InvalidInput) as caught:
        actions.sign_final(case=case, texts=replace(REPORT, microscopic="炎症（__度）"), by=county.bo, at=later(6))
    case.refresh_from_db()
    assert (caught.value.code, case.status, Report.objects.count()) == ("unfilled-blanks", "SLIDED", 0)


def test_coded_wording_is_of_the_definitions_and_one_of_each(county: County):
    case = a_case(county, status="SLIDED")
    actions.claim_case(case=case, by=county.bo, at=later(5))
    both = ("gastric-biopsy-gastritis/hp/positive", "gastric-biopsy-gastritis/hp/negative")
    for choices in (("gastric-biopsy-gastritis/hp/maybe",), both):
        with pytest.raises(InvalidInput):
            actions.sign_final(case=case, texts=replace(REPORT, choices=choices), by=county.bo, at=later(6))


def test_two_steps_want_two_pathologists(county: County):
    case = a_case(county, status="SLIDED")
    case.centre.two_step = True
    case.centre.save()
    actions.claim_case(case=case, by=county.bo, at=later(5))
    with pytest.raises(Conflict):
        actions.sign_final(case=case, texts=REPORT, by=county.bo, at=later(6))

    actions.sign_preliminary(case=case, texts=REPORT, by=county.bo, at=later(7))
    case.refresh_from_db()
    read = case.status
    with pytest.raises(NotPermitted):
        actions.sign_final(case=case, texts=REPORT, by=county.bo, at=later(8))
    actions.sign_final(case=case, texts=REPORT, by=ren(county), at=later(9))
    case.refresh_from_db()
    assert (read, case.status) == ("READ", "REPORTED")


def test_a_supplement_adds_and_an_amendment_takes_the_place(county: County):
    from xinglin.diagnostics.api import request_summary

    case = a_case(county, status="REPORTED")
    more = replace(
        REPORT, gross="", microscopic="", special="吉姆萨染色：见螺旋杆菌。", diagnosis="幽门螺杆菌感染", choices=()
    )

    actions.supplement_case_report(case=case, texts=more, by=county.bo, at=later(20))
    case.request.refresh_from_db()
    supplemented = request_summary(case.request).conclusion
    status = case.request.status
    corrected = replace(REPORT, diagnosis="（胃窦）黏膜慢性萎缩性炎", choices=())
    actions.amend_case_report(case=case, texts=corrected, reason="复阅切片", by=county.bo, at=later(30))

    assert status == "FINAL"
    assert supplemented.splitlines() == ["（胃窦）黏膜慢性炎，轻度肠上皮化生", "幽门螺杆菌：（＋）", "幽门螺杆菌感染"]
    assert request_summary(case.request).conclusion == "（胃窦）黏膜慢性萎缩性炎"
    assert list(Report.objects.order_by("version").values_list("stage", flat=True)) == [
        "FINAL", "SUPPLEMENT", "AMENDMENT",
    ]  # fmt: skip


def test_a_supplement_before_the_report_is_refused(county: County):
    case = a_case(county, status="SLIDED")
    with pytest.raises(Conflict):
        actions.supplement_case_report(case=case, texts=REPORT, by=county.bo, at=later(20))


def test_a_critical_finding_starts_its_clock(county: County):
    case = a_case(county, status="SLIDED")
    actions.claim_case(case=case, by=county.bo, at=later(5))
    actions.sign_final(case=case, texts=REPORT, criticals=["path-perforation"], by=county.bo, at=later(6))

    critical = case.request.critical_values.get()
    assert (critical.code, critical.due_at) == ("path-perforation", later(66))


def test_a_supplement_to_an_abnormal_report_leaves_it_abnormal(county: County):
    case = a_case(county, status="SLIDED")
    actions.claim_case(case=case, by=county.bo, at=later(5))
    actions.sign_final(case=case, texts=REPORT, criticals=["path-perforation"], by=county.bo, at=later(6))
    more = replace(REPORT, gross="", microscopic="", special="吉姆萨染色：见螺旋杆菌。", choices=())
    case.request.refresh_from_db()

    actions.supplement_case_report(case=case, texts=more, by=county.bo, at=later(20))

    told = Report.objects.order_by("version").values_list("stage", "is_abnormal")
    assert list(told) == [("FINAL", True), ("SUPPLEMENT", True)]


def test_the_general_reading_room_does_not_report_it(county: County, client):
    from tests.factories.accounts import sign_in

    case = a_case(county, status="SLIDED")
    actions.claim_case(case=case, by=county.bo, at=later(5))
    client = sign_in(client, county.users["bo"])

    refused = client.post(f"/diagnostics/{case.request.uuid}/final/", {"findings": "略", "conclusion": "略"})
    assert refused.status_code == 409
    assert Report.objects.count() == 0
