"""The pages: a whole round through the forms, what each reader sees, both languages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override

from tests.factories.accounts import sign_in
from tests.factories.county import NOW
from tests.factories.evaluations import PDF, PERIOD, frozen
from tests.factories.figures import PatientClient
from xinglin.evaluations import actions
from xinglin.evaluations.models import Distribution, Round
from xinglin.evaluations.rules.plans import plan
from xinglin.evaluations.states import LOOKS, AppealStatus, FundStatus, RoundStatus, SheetStatus
from xinglin.evaluations.web import words
from xinglin.indicators.models import SnapshotFigure

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("then")]


def enter(county, name):
    return sign_in(PatientClient(), county.users[name])


def text(answer):
    return answer.content.decode()


def test_why_a_factor_counts_nothing_stands_in_brackets_behind_it_in_both_languages():
    factor = {"kind": "score", "value": "0", "why": "below-least"}
    with override("en"):
        english = words.factor_words(factor)

    assert (words.factor_words(factor), english) == (
        "得分率0（低于最低得分，不参加）", "score 0 (below the least score: takes no part)"
    )  # fmt: skip


def test_a_manager_opens_a_round_from_frozen_figures(county):
    county.mei  # noqa: B018 - makes the account
    figures = frozen()
    client = enter(county, "mei")
    told = {"plan": "quarterly-check", "period": PERIOD, "figures": str(figures.uuid)}
    answer = client.post("/evaluations/open/", told)
    found = Round.objects.get()
    assert answer.headers["Location"] == f"/evaluations/rounds/{found.uuid}/"
    page = text(client.get(answer.headers["Location"]))
    assert "沙沟镇卫生院" in page
    assert "自查期限未到，还有单位没有提交。" in page
    refused = client.post("/evaluations/open/", {**told, "period": "2026-Q2"})
    assert refused.status_code == 422
    assert "不是这一期的" in text(refused)


def test_a_unit_checks_itself_and_sees_no_other(assessment, county):
    county.tang  # noqa: B018
    client, sheet = enter(county, "tang"), assessment.sheet(county.township)
    page = text(client.get(f"/evaluations/sheets/{sheet.uuid}/"))
    assert "75%" in page
    assert f"/board/figures/p05-fulfilment/?period={PERIOD}&amp;level=township" in page
    assert page.index('name="file"') < page.index('name="claim_0"')  # a file that is sent takes nothing typed with it
    item = assessment.item(county.township, "D1")
    answer = client.post(
        f"/evaluations/items/{item.uuid}/claim/",
        {"claim_0": "4", "claim_1": "2.5", "claim_2": "3", "words": "见附件", "revision": item.revision},
    )
    assert answer.status_code == 302
    assert assessment.item(county.township, "D1").claimed == 950
    file = SimpleUploadedFile("督导.pdf", PDF)
    assert client.post(f"/evaluations/items/{item.uuid}/evidence/", {"file": file}).status_code == 302
    refused = client.post(f"/evaluations/sheets/{sheet.uuid}/submit/")
    assert refused.status_code == 422
    assert "自查还没有填完。" in text(refused)
    assert f'<a href="#id_D2">{plan("quarterly-check").item("D2").title}：' in text(refused)
    assert 'id="id_D2"' in text(refused)
    proof = assessment.item(county.township, "D1").evidence.get()
    kept = client.get(f"/evaluations/evidence/{proof.uuid}/")
    assert kept.content == PDF
    other = assessment.sheet(county.other_township)
    assert client.get(f"/evaluations/sheets/{other.uuid}/").status_code == 404
    assert client.get(f"/evaluations/rounds/{assessment.round.uuid}/ranking/").status_code == 404
    assert "周营镇卫生院" not in text(client.get(f"/evaluations/rounds/{assessment.round.uuid}/"))


def test_a_reviewer_works_through_the_list_and_a_stale_form_is_refused(assessment, county):
    assessment.checked()
    client = enter(county, "mei")
    assert "待复核的单位" in text(client.get("/evaluations/review/"))
    item = assessment.item(county.township, "D2")
    address = f"/evaluations/items/{item.uuid}/review/"
    refused = client.post(address, {"points": "7", "reason": "", "revision": item.revision})
    assert refused.status_code == 422
    assert client.post(address, {"points": "7", "reason": "缺两项", "revision": item.revision}).status_code == 302
    stale = client.post(address, {"points": "9", "reason": "再看", "revision": item.revision})
    assert 'value="9"' in text(stale)
    assert "再看</textarea>" in text(stale)
    assert "现在是7.00分" in text(stale)
    assert stale.status_code == 409
    assert "别人刚刚改过这一项" in text(stale)
    assert assessment.item(county.township, "D2").points == 700


def test_a_unit_reads_reviewed_points_only_when_they_are_told(assessment, county):
    assessment.checked()
    item = assessment.item(county.township, "D2")
    actions.review_item(item=item, points=123, reason="秘密理由", by=county.mei, at=NOW)
    address = f"/evaluations/sheets/{assessment.sheet(county.township).uuid}/"
    client = enter(county, "tang")
    assert "秘密理由" not in text(client.get(address))
    assert "秘密理由" in text(enter(county, "mei").get(address))


def test_appeal_decision_and_notice_through_the_pages(assessment, county):
    assessment.told()
    assessment.gao  # noqa: B018
    unit, manager, officer = (enter(county, each) for each in ("tang", "mei", "gao"))
    item, uuid = assessment.item(county.township, "A1"), assessment.round.uuid
    assert unit.post(f"/evaluations/items/{item.uuid}/appeal/", {"wanted": "9", "reason": "漏计"}).status_code == 302
    assert "漏计" in text(officer.get("/evaluations/review/"))
    appeal = item.appeals.get()
    decided = officer.post(
        f"/evaluations/appeals/{appeal.uuid}/decide/", {"decision": "uphold", "points": "9", "answer": "属实"}
    )
    assert decided.status_code == 302
    unit.post(f"/evaluations/sheets/{assessment.sheet(county.township).uuid}/confirm/")
    enter(county, "ying").post(f"/evaluations/sheets/{assessment.sheet(county.other_township).uuid}/confirm/")
    told = {"document_number": "薛卫健〔2026〕31号", "issued_by": "区医共体办公室"}
    assert manager.post(f"/evaluations/rounds/{uuid}/publish/", told).status_code == 302
    page = text(unit.get(f"/evaluations/rounds/{uuid}/ranking/"))
    assert "周营镇卫生院" in page
    assert '<svg class="spread"' in page
    assert "虚线是本单位" in page


def test_a_plan_is_read_as_sentences_in_both_languages(county):
    county.tang  # noqa: B018
    client = enter(county, "tang")
    page = text(client.get("/evaluations/plans/quarterly-check/"))
    assert "60%得0分，90%得满分，中间按比例" in page
    assert "第一名得100%，最后一名得60%" in page
    assert "分母不足10的按无数据" in page
    page = text(client.get("/evaluations/plans/quarterly-check/", headers={"Accept-Language": "en"}))
    assert "0 at 60%, full at 90%, in proportion between" in page
    assert client.get("/evaluations/plans/nothing/").status_code == 404


def test_funds_are_worked_out_compared_and_approved_by_another(assessment, county):
    assessment.closed()
    assessment.gao  # noqa: B018
    cells = {"370403101": {"v": 50.0, "n": 15_000, "d": 30_000}, "370403102": {"v": 50.0, "n": 9_000, "d": 18_000}}
    SnapshotFigure.objects.create(
        snapshot=assessment.round.snapshot, slug="p01-contract-coverage", level="township", cells=cells
    )
    manager, officer, unit = (enter(county, each) for each in ("mei", "gao", "tang"))
    said = {"fund": "public-health", "round": str(assessment.round.uuid), "amount": "1,000,000.01"}
    assert manager.post("/evaluations/funds/draft/", {**said, "amount": "1.001"}).status_code == 422
    answer = manager.post("/evaluations/funds/draft/", said)
    found = Distribution.objects.get()
    page = text(manager.get(f"{answer.headers['Location']}?what_if=1&p_basic=50&p_performance=50&least=60"))
    assert "1,000,000.01" in page
    assert "差额（元）" in page
    assert "各部分的百分比合计应为100。" in text(
        manager.get(f"{answer.headers['Location']}?what_if=1&p_basic=50&p_performance=40")
    )
    address = f"/evaluations/funds/{found.uuid}/"
    manager.post(f"{address}submit/")
    assert manager.post(f"{address}approve/").status_code == 403
    assert officer.post(f"{address}approve/").status_code == 302
    assert unit.get(address).status_code == 404
    told = {"document_number": "薛财社〔2026〕12号", "issued_by": "区财政局"}
    assert manager.post(f"{address}publish/", told).status_code == 302
    own = text(unit.get(address))
    assert "沙沟镇卫生院" in own
    assert "周营镇卫生院" not in own


@pytest.mark.parametrize("address", ["", "own/", "review/", "plans/", "funds/"])
def test_who_has_no_part_in_it_is_refused(county, address):
    county.bo  # noqa: B018
    assert enter(county, "bo").get(f"/evaluations/{address}").status_code == 403


@pytest.mark.parametrize("states", [RoundStatus, SheetStatus, AppealStatus, FundStatus])
def test_every_state_has_a_look_of_its_own_kind(states):
    assert set(LOOKS[states]) == set(states)
    assert words.look(SheetStatus.SUBMITTED).tone == "info"
    assert words.look(FundStatus.SUBMITTED).tone == "warning"
