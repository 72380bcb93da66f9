"""The pages, as each role sees and uses them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.county import County, later
from tests.factories.pathology import PHOTOGRAPH, REPORT, a_case, a_pathology_centre, a_photograph, pan, ren
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.pathology import actions, queries
from xinglin.pathology.models import PathologyCase
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord


def at(county: County, who: str) -> Client:
    """A browser of one of the cast, or of Pan or Ren."""
    if who == "pan":
        pan(county)
    elif who == "ren":
        ren(county)
    else:
        getattr(county, who)
    return sign_in(Client(), county.users[who])


def an_application(**fields: str) -> dict[str, str]:
    return {
        "item": "biopsy", "priority": "ROUTINE", "question": "胃痛3月", "clinical": "", "centre": "",
        "part-0-site": "胃窦", "part-0-kind": "endoscopic-biopsy", "part-0-n_pieces": "2", "part-0-fixative": "formalin",
        "part-0-taken_at": "2026-11-20T08:00", "part-0-fixed_at": "2026-11-20T08:10",
        "part-1-site": "胃体", "part-1-kind": "endoscopic-biopsy", "part-1-n_pieces": "1", "part-1-fixative": "formalin",
        **fields,
    }  # fmt: skip


def test_a_township_doctor_sends_specimens_from_a_visit(county: County):
    a_pathology_centre(county)
    visit = a_visit(resident=a_resident(county), by=county.tang, at=clock.now())
    tang = at(county, "tang")
    form = tang.get(f"/pathology/request/{visit.uuid}/")

    sent = tang.post(f"/pathology/request/{visit.uuid}/", an_application(), follow=True)

    case = PathologyCase.objects.get()
    assert "胃窦" in form.content.decode()
    assert sent.redirect_chain[-1][0] == f"/pathology/{case.uuid}/"
    assert [(part.letter, part.site, part.ischemia_minutes) for part in case.parts.order_by("letter")] == [
        ("A", "胃窦", 10), ("B", "胃体", None),
    ]  # fmt: skip
    assert "未测" in sent.content.decode()
    assert "胃窦" in tang.get("/pathology/sent/").content.decode()


def test_a_wrong_application_comes_back_with_what_was_typed_and_where_it_is_wrong(county: County):
    a_pathology_centre(county)
    visit = a_visit(resident=a_resident(county), by=county.tang, at=clock.now())
    for wrong, text in (
        ({"part-0-fixed_at": "2026-11-20T07:00"}, "固定时间不能早于离体时间"),
        ({"part-1-n_pieces": "很多"}, "请填整数"),
        ({"part-0-taken_at": "昨天"}, "请填写日期和时间"),
        ({"item": "frozen-section"}, "请填写"),
    ):
        answer = at(county, "tang").post(f"/pathology/request/{visit.uuid}/", an_application(**wrong))
        assert answer.status_code == 422
        assert text in answer.content.decode()
        assert 'value="胃体"' in answer.content.decode()
    assert PathologyCase.objects.count() == 0


def test_the_desk_scans_holds_and_the_sender_answers_on_his_page(county: County):
    case = a_case(county)
    desk = at(county, "pan")
    found = desk.get("/pathology/desk/", {"code": case.request.number.lower()})
    desk.post(f"/pathology/{case.uuid}/hold/", {"question": "瓶签写胃体，请核对", "hold_reason": "FORM_MISMATCH"})
    tang = at(county, "tang")
    asked = tang.get(f"/pathology/{case.uuid}/").content.decode()
    part = case.parts.get()
    moment = "%Y-%m-%dT%H:%M:%S"
    from django.utils import timezone

    tang.post(
        f"/pathology/{case.uuid}/answer/",
        {
            "answer": "应为胃体", "fix-A-site": "胃体", "fix-A-kind": part.kind, "fix-A-n_pieces": "2",
            "fix-A-fixative": "formalin", "fix-A-taken_at": timezone.localtime(part.taken_at).strftime(moment),
            "fix-A-fixed_at": timezone.localtime(part.fixed_at).strftime(moment),
        },
    )  # fmt: skip
    received = desk.post(f"/pathology/{case.uuid}/receive/", {}, follow=True)

    assert found["Location"] == f"/pathology/{case.uuid}/"
    assert "瓶签写胃体，请核对" in asked
    assert queries.newest_hold(case).corrections == [{"part": "A", "field": "site", "was": "胃窦", "became": "胃体"}]
    assert "2026-00001" in received.content.decode()
    assert "没有找到" in desk.get("/pathology/desk/", {"code": "B000"}).content.decode()


def test_refusing_without_words_comes_back_in_its_dialog(county: County):
    case = a_case(county)
    answer = at(county, "pan").post(f"/pathology/{case.uuid}/refuse/", {"refuse_reason": "OTHER", "remark": ""})
    assert answer.status_code == 422
    assert 'id="refuse"' in answer.content.decode()
    assert "data-open" in answer.content.decode()


def test_a_container_without_a_site_is_refused_at_its_row_and_not_dropped(county: County):
    a_pathology_centre(county)
    visit = a_visit(resident=a_resident(county), by=county.tang, at=clock.now())
    wrong = an_application(**{"part-1-site": "", "part-1-n_pieces": "3"})
    answer = at(county, "tang").post(f"/pathology/request/{visit.uuid}/", wrong)

    assert answer.status_code == 422
    assert "请填写部位" in answer.content.decode()
    assert 'value="3"' in answer.content.decode()
    untouched = an_application(**{"part-1-site": "", "part-2-kind": "endoscopic-biopsy", "part-2-n_pieces": "1"})
    at(county, "tang").post(f"/pathology/request/{visit.uuid}/", untouched)
    assert PathologyCase.objects.get().parts.count() == 1


@pytest.mark.parametrize("typed", ["12345", "41", "0", "-1", "两个"])
def test_a_number_of_blocks_that_cannot_be_is_refused_by_its_field(county: County, typed: str):
    case = a_case(county, status="RECEIVED")
    answer = at(county, "pan").post(f"/pathology/{case.uuid}/gross/", {"gross": "灰白组织2块", "blocks-A": typed})

    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.content.decode()
    assert case.blocks.count() == 0


def test_many_more_blocks_than_pieces_are_asked_about(county: County):
    case = a_case(county, status="RECEIVED")
    bench, said = at(county, "pan"), {"gross": "灰白组织2块", "blocks-A": "１２", "notes-A": "小弯"}
    asked = bench.post(f"/pathology/{case.uuid}/gross/", said)
    n_before = case.blocks.count()
    bench.post(f"/pathology/{case.uuid}/gross/", {**said, "many_confirmed": "on"})

    assert (asked.status_code, n_before, case.blocks.count()) == (422, 0, 12)
    assert 'name="many_confirmed"' in asked.content.decode()
    assert 'value="小弯"' in asked.content.decode()


def test_who_grossed_withdraws_a_block_with_a_reason_before_it_is_embedded(county: County):
    case = a_case(county, status="RECEIVED")
    bench = at(county, "pan")
    bench.post(f"/pathology/{case.uuid}/gross/", {"gross": "灰白组织2块", "blocks-A": "3"})
    codes = [each.code for each in case.blocks.order_by("number")]
    path, said = f"/pathology/{case.uuid}/blocks/withdraw/", {"withdraw_reason": "多录一块"}
    shown = bench.get(f"/pathology/{case.uuid}/").content.decode()
    bench.post(f"/pathology/{case.uuid}/embed/", {"codes": codes[:1]})
    answers = [
        bench.post(path, {"withdrawn_block": codes[2], "withdraw_reason": ""}).status_code,
        bench.post(path, {**said, "withdrawn_block": codes[0]}).status_code,
        at(county, "bo").post(path, {**said, "withdrawn_block": codes[2]}).status_code,
        bench.post(path, {**said, "withdrawn_block": codes[2]}).status_code,
    ]
    kept = AuditRecord.objects.get(event="pathology.block-withdrawn")

    assert "撤销蜡块" in shown
    assert answers == [422, 409, 403, 302]
    assert [each.code for each in case.blocks.order_by("number")] == codes[:2]
    assert not case.slides.filter(code__startswith=codes[2]).exists()
    assert (kept.detail["block"], kept.reason) == (codes[2], "多录一块")


def test_a_number_typed_in_full_width_finds_its_case(county: County):
    case = a_case(county, status="RECEIVED")
    wide = "".join(chr(ord(each) + 0xFEE0) for each in f"{case.number}-A1")
    assert at(county, "pan").get("/pathology/desk/", {"code": wide})["Location"] == f"/pathology/{case.uuid}/"


def test_the_bench_grosses_embeds_and_makes_slides(county: County):
    case = a_case(county, status="RECEIVED")
    bench = at(county, "pan")
    assert case.number in bench.get("/pathology/bench/").content.decode()

    bench.post(f"/pathology/{case.uuid}/gross/", {"gross": "灰白组织2块", "blocks-A": "2", "notes-A": "小弯；大弯"})
    slides = bench.get("/pathology/bench/?show=slides").content.decode()
    codes = list(case.blocks.order_by("number").values_list("code", "note"))
    bench.post(f"/pathology/{case.uuid}/embed/", {"codes": [code for code, _ in codes], "from": "bench"})
    back = bench.post(
        f"/pathology/{case.uuid}/make/",
        {"codes": list(case.slides.values_list("code", flat=True)), "from": "bench"},
    )

    case.refresh_from_db()
    assert codes == [("2026-00001-A1", "小弯"), ("2026-00001-A2", "大弯")]
    assert "A2-1" in slides
    assert (case.status, back["Location"]) == ("SLIDED", "/pathology/bench/?show=slides")


def test_labels_are_a_pdf_and_a_look(county: County):
    case = a_case(county, status="SLIDED")
    for what in ("parts", "blocks", "slides"):
        answer = at(county, "pan").get(f"/pathology/{case.uuid}/labels/{what}.pdf")
        assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")
    assert at(county, "pan").get(f"/pathology/{case.uuid}/labels/slides.pdf?code=nothing").status_code == 422
    assert AuditRecord.objects.filter(event="pathology.labels-printed").count() == 3


def test_a_pathologist_claims_reads_and_signs(county: County):
    case = a_case(county, status="SLIDED")
    bo = at(county, "bo")
    listed = bo.get("/pathology/reading/").content.decode()
    bo.post(f"/pathology/{case.uuid}/claim/")
    room = bo.get(f"/pathology/{case.uuid}/").content.decode()
    said = {
        "gross": REPORT.gross, "microscopic": REPORT.microscopic, "diagnosis": "（胃窦）慢性炎__",
        "codes": "gastric-biopsy-gastritis", "choices": ["gastric-biopsy-gastritis/hp/negative", ""],
    }  # fmt: skip
    refused = bo.post(f"/pathology/{case.uuid}/final/", said)
    signed = bo.post(f"/pathology/{case.uuid}/final/", {**said, "diagnosis": "（胃窦）慢性炎"}, follow=True)

    assert case.number in listed
    assert "pathology-templates" in room
    assert "签发正式报告" in room
    assert refused.status_code == 422
    assert "（胃窦）慢性炎__" in refused.content.decode()
    assert "幽门螺杆菌" in signed.content.decode()
    tang = at(county, "tang")
    assert "（胃窦）慢性炎" in tang.get(f"/pathology/{case.uuid}/").content.decode()
    assert tang.get(f"/pathology/{case.uuid}/report.pdf").content[:5] == b"%PDF-"
    assert bo.get(f"/diagnostics/{case.request.uuid}/")["Location"] == f"/pathology/of/{case.request.uuid}/"


def test_a_report_that_is_not_there_is_not_printed(county: County):
    case = a_case(county, status="SLIDED")
    assert at(county, "tang").get(f"/pathology/{case.uuid}/report.pdf").status_code == 409


def test_who_only_sends_sees_no_form_of_the_centre(county: County):
    case = a_case(county, status="REPORTED")
    seen = at(county, "tang").get(f"/pathology/{case.uuid}/").content.decode()
    assert not any(word in seen for word in ("签发补充报告", "登记借出", "采集图像", "加做切片"))


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("desk", {"pan"}), ("bench", {"pan", "bo"}), ("reading", {"bo"}), ("loans", {"pan", "bo"}), ("quality", {"bo"}),
        ("sent", {"tang", "alma", "sun"}),
    ],
)  # fmt: skip
def test_each_list_is_for_whom_it_is(county: County, path: str, may: set[str]):
    a_case(county, status="REPORTED")
    for who in ("pan", "bo", "tang", "alma", "sun", "mei"):
        answer = at(county, who).get(f"/pathology/{path}/")
        assert answer.status_code == (200 if who in may else 403), (path, who)


def test_a_stranger_gets_404_everywhere(county: County):
    case = a_case(county, status="REPORTED")
    picture = actions.add_picture(case=case, file=a_photograph(), view="MICRO", by=pan(county), at=later(20))
    cai = at(county, "cai")
    for path in (
        f"/pathology/{case.uuid}/", f"/pathology/{case.uuid}/report.pdf", f"/pathology/of/{case.request.uuid}/",
        f"/pathology/{case.uuid}/labels/parts.pdf", f"/pathology/pictures/{picture.uuid}/",
        f"/pathology/pictures/{picture.uuid}/image", f"/pathology/pictures/{picture.uuid}/thumb.jpg",
    ):  # fmt: skip
        assert cai.get(path).status_code == 404, path
    assert cai.post(f"/pathology/{case.uuid}/supplement/", {"add_diagnosis": "无"}).status_code == 404


def test_a_picture_is_taken_in_shown_and_printed(county: County):
    case = a_case(county, status="SLIDED")
    bo = at(county, "bo")
    file = SimpleUploadedFile("p.jpg", PHOTOGRAPH.read_bytes())
    bo.post(
        f"/pathology/{case.uuid}/pictures/",
        {"file": file, "view": "MICRO", "slide": f"{case.number}-A1-1", "caption": "HE ×100"},
    )
    picture = case.pictures.get()
    refused = bo.post(
        f"/pathology/{case.uuid}/pictures/", {"file": SimpleUploadedFile("x.jpg", b"not a picture"), "view": "MICRO"}
    )
    bo.post(f"/pathology/{case.uuid}/claim/")
    bo.post(
        f"/pathology/{case.uuid}/final/",
        {"gross": "灰白组织", "microscopic": "慢性炎", "diagnosis": "慢性炎", "pictures": [str(picture.uuid)]},
    )

    assert (picture.format, picture.width, picture.slide.code) == ("jpeg", 512, f"{case.number}-A1-1")
    assert refused.status_code == 422
    assert "无法打开这种图像" in refused.content.decode()
    assert bo.get(f"/pathology/pictures/{picture.uuid}/image").content == PHOTOGRAPH.read_bytes()
    assert bo.get(f"/pathology/pictures/{picture.uuid}/thumb.jpg").content[:3] == b"\xff\xd8\xff"
    with_picture = bo.get(f"/pathology/{case.uuid}/report.pdf").content
    assert len(with_picture) > 60_000
    assert AuditRecord.objects.filter(event="pathology.picture-viewed").count() == 1


def test_a_page_takes_as_many_queries_for_many_cases_as_for_few(county: County, django_assert_max_num_queries):
    a_case(county, status="SLIDED")
    bo = at(county, "bo")
    for n, path in ((2, "/pathology/reading/"), (6, "/pathology/reading/")):
        while PathologyCase.objects.count() < n:
            a_case(county, status="SLIDED")
        with django_assert_max_num_queries(40):
            assert bo.get(path).status_code == 200
