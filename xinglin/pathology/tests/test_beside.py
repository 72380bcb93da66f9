"""Beside the report: frozen sections, second opinions, loans, figures, messages."""

from datetime import timedelta

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.pathology import REPORT, a_case, pan, ren
from xinglin.notifications.models import Message
from xinglin.pathology import actions, api, catalogue, figures, jobs, queries
from xinglin.pathology.models import FrozenSection
from xinglin.platform import clock
from xinglin.platform.definitions import load
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.models import OutboxEvent


# Frozen sections -----------------------------------------------------------------------------------------------------
def a_frozen(county: County, *, status: str = "RECEIVED") -> FrozenSection:
    """A frozen section whose tissue is here since minute 1."""
    case = a_case(county, status=status, item="frozen-section")
    return FrozenSection.objects.get(case=case)


def told(county: County, frozen: FrozenSection, minute: float, **said: str) -> FrozenSection:
    fields = {"answer": "甲状腺乳头状癌", "told_to": "巡回护士 林", "read_back": "甲状腺乳头状癌，收到", **said}
    return actions.tell_frozen(frozen=frozen, **fields, by=county.bo, at=later(minute))


def test_a_frozen_section_is_told_by_telephone_and_read_back(county: County):
    frozen = told(county, a_frozen(county), 25)

    assert (frozen.minutes, frozen.told_to, frozen.answered_at) == (30, "巡回护士 林", later(25))
    with pytest.raises(Conflict):
        told(county, frozen, 26)


@pytest.mark.parametrize("wrong", [{"read_back": "好的好的"}, {"told_to": " "}, {"answer": ""}])
def test_what_was_not_read_back_is_not_told(county: County, wrong: dict[str, str]):
    frozen = a_frozen(county)
    with pytest.raises(InvalidInput):
        told(county, frozen, 25, **wrong)
    frozen.refresh_from_db()
    assert frozen.answered_at is None


def test_before_the_tissue_is_here_nothing_is_told_and_only_a_pathologist_tells(county: County):
    with pytest.raises(Conflict):
        told(county, a_frozen(county, status="SUBMITTED"), 25)
    frozen = a_frozen(county)
    with pytest.raises(NotPermitted):
        actions.tell_frozen(
            frozen=frozen, answer="良性", told_to="林", read_back="良性病变", by=pan(county), at=later(9)
        )


def test_frozen_and_paraffin_are_compared_after_the_report_and_a_difference_is_explained(county: County):
    frozen = told(county, a_frozen(county), 20)
    with pytest.raises(Conflict):
        actions.compare_frozen(frozen=frozen, agreement="AGREES", by=county.bo, at=later(30))
    case = frozen.case
    actions.gross_case(case=case, gross="灰白结节", blocks=[api_block()], by=pan(county), at=later(40))
    actions.make_slides(case=case, slides=[f"{case.number}-A1-1"], by=pan(county), at=later(50))
    actions.claim_case(case=case, by=county.bo, at=later(55))
    actions.sign_final(case=case, texts=REPORT, by=county.bo, at=later(60))

    with pytest.raises(InvalidInput):
        actions.compare_frozen(frozen=frozen, agreement="PARTLY", by=county.bo, at=later(70))
    compared = actions.compare_frozen(
        frozen=frozen, agreement="PARTLY", difference="冰冻取材局限", by=county.bo, at=later(71)
    )
    assert (compared.agreement, compared.difference) == ("PARTLY", "冰冻取材局限")


def api_block():  # type: ignore[no-untyped-def]
    from xinglin.pathology.data import BlockIn

    return BlockIn("A")


# Second opinions -----------------------------------------------------------------------------------------------------
def test_a_colleague_is_asked_and_only_he_answers(county: County):
    case = a_case(county, status="SLIDED")
    asked = ren(county)
    opinion = actions.ask_opinion(
        case=case, question="是否异型增生？", to_user=asked.user_id, by=county.bo, at=later(9)
    )

    with pytest.raises(NotPermitted):
        actions.give_opinion(opinion=opinion, answer="同意", agreement="AGREES", by=county.bo, at=later(10))
    given = actions.give_opinion(opinion=opinion, answer="同意慢性炎", agreement="AGREES", by=asked, at=later(11))

    assert (given.signed_by_name, given.agreement) == ("任", "AGREES")
    assert queries.opinions_waiting(asked) == []
    with pytest.raises(Conflict):
        actions.give_opinion(opinion=opinion, answer="再答", agreement="AGREES", by=asked, at=later(12))


def test_an_outside_hospital_is_asked_and_its_signed_answer_entered(county: County):
    case = a_case(county, status="SLIDED")
    opinion = actions.ask_opinion(case=case, question="请会诊", hospital="省立医院病理科", by=county.bo, at=later(9))

    with pytest.raises(InvalidInput):
        actions.give_opinion(opinion=opinion, answer="低级别", agreement="DIFFERS", by=county.bo, at=later(10))
    given = actions.give_opinion(
        opinion=opinion, answer="低级别上皮内瘤变", agreement="DIFFERS", signed_by="王教授", by=county.bo, at=later(11)
    )
    assert (given.hospital, given.signed_by_name) == ("省立医院病理科", "王教授")


def test_oneself_or_a_stranger_is_not_asked(county: County):
    case = a_case(county, status="SLIDED")
    for to_user in (county.bo.user_id, county.tang.user_id, 999_999):
        with pytest.raises(InvalidInput):
            actions.ask_opinion(case=case, question="请会诊", to_user=to_user, by=county.bo, at=later(9))
    with pytest.raises(InvalidInput):
        actions.ask_opinion(case=case, question="请会诊", by=county.bo, at=later(9))


# Loans ---------------------------------------------------------------------------------------------------------------
def lent(county: County, case, **fields):  # type: ignore[no-untyped-def]
    said = {
        "slides": [f"{case.number}-A1-1"], "borrower": "王某之女", "borrower_phone": "13800000000",
        "purpose": "上级医院会诊", "due_on": (NOW + timedelta(days=30)).date(), "by": pan(county), "at": later(60), **fields,
    }  # fmt: skip
    return actions.lend(case=case, **said)


def test_a_slide_is_lent_once_and_comes_back(county: County):
    case = a_case(county, status="REPORTED")
    loan = lent(county, case)

    with pytest.raises(Conflict) as caught:
        lent(county, case, blocks=[f"{case.number}-A1"])
    back = actions.take_back(loan=loan, condition="完好", by=pan(county), at=later(90))
    again = lent(county, case, at=later(100))

    assert caught.value.code == "lent-already"
    assert (back.returned_at, back.condition) == (later(90), "完好")
    assert [each.pk for each in queries.loans_out(pan(county), on=NOW.date())] == [again.pk]


def test_what_is_not_of_the_case_or_not_reported_is_not_lent(county: County):
    with pytest.raises(Conflict):
        lent(county, a_case(county, status="SLIDED"))
    case = a_case(county, status="REPORTED")
    for wrong in (
        {"slides": ["2026-99999-A1-1"]}, {"slides": []}, {"due_on": NOW.date()}, {"borrower": ""},
        {"due_on": NOW.date() + timedelta(days=400)},
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            lent(county, case, **wrong)
    with pytest.raises(NotPermitted):
        lent(county, case, by=county.tang)


def test_a_loan_past_its_day_is_reminded_of_once(county: County, monkeypatch: pytest.MonkeyPatch):
    loan = lent(county, a_case(county, status="REPORTED"))
    on_time, late = NOW + timedelta(days=30), NOW + timedelta(days=31)

    monkeypatch.setattr(clock, "now", lambda: on_time)
    jobs.remind_loan(loan_uuid=str(loan.uuid))
    before = Message.objects.count()
    monkeypatch.setattr(clock, "now", lambda: late)
    for _ in range(2):
        jobs.remind_loan(loan_uuid=str(loan.uuid))

    assert (before, Message.objects.count()) == (0, 1)
    assert any("到期未还" in item.title for item in api.waiting_for(pan(county), at=late))


# Messages ------------------------------------------------------------------------------------------------------------
def test_each_is_told_what_concerns_him(county: County):
    case = a_case(county, status="HELD")
    events = {each.event: each for each in OutboxEvent.objects.all()}
    for event, job in (("pathology.submitted", jobs.tell_desk), ("pathology.held", jobs.tell_held)):
        job(event_uuid=str(events[event].uuid), object_uuid=str(case.uuid))

    told_of = {each.kind: each for each in Message.objects.all()}
    assert told_of["pathology.submitted"].permission == "pathology:receive"
    assert told_of["pathology.held"].user_id == county.tang.user_id
    assert [item.title for item in api.waiting_for(county.tang, at=later(5))][:1] != []


# Figures and definitions ---------------------------------------------------------------------------------------------
def test_the_figures_of_a_centre(county: County):
    frozen = told(county, a_frozen(county), 40)
    case = a_case(county, status="REPORTED")
    actions.grade_slide(case=case, slide=f"{case.number}-A1-1", grade="A", by=county.bo, at=later(20))
    a_case(county, status="REFUSED")

    found = figures.figures([case.centre_id], since=NOW, until=later(0, days=1), at=later(120))

    assert (found.n_received, found.n_decided) == (2, 3)
    assert (found.on_time.n, found.on_time.of, found.on_time.rate) == (1, 1, 1.0)
    assert found.slides_by_grade == {"A": 1, "B": 0, "C": 0}
    assert (found.frozen_in_time.n, found.frozen_in_time.of) == (0, 1)
    assert (found.frozen_agrees.rate, frozen.agreement) == (None, "")
    assert (found.fixation_known.n, found.fixation_known.of) == (2, 2)
    assert found.refused == [("未加固定液", 1)]


def test_worked_examples_of_the_keeping_times():
    (deadlines,) = [each for each in load("pathology") if each.slug == "pathology-deadlines"]
    assert deadlines.examples
    for example in deadlines.examples:
        assert catalogue.kept_until(example["received"], example["what"]) == example["kept_until"]


def test_every_template_reads_in_both_languages_and_its_critical_value_exists(settings):
    from django.utils import translation

    from xinglin.diagnostics.api import critical_list

    known = {item.code for item in critical_list("PATHOLOGY", on=NOW.date())}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            for kind in ("HISTOLOGY", "CYTOLOGY", "FROZEN"):
                found = catalogue.templates(kind, on=NOW.date())
                assert found
                for each in found:
                    assert each["gross"]
                    assert each["findings"]
                    assert not each["critical"] or each["critical"] in known
    stains = {each.code for each in catalogue.stains()}
    assert all(set(panel.stains) <= stains for panel in catalogue.panels())
