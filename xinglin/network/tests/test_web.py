"""Pages and endpoints: who is let in, what they show, and that lists do not ask more for more rows."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.accounts import an_administrator, browser_of, sign_in
from tests.factories.county import County
from tests.factories.network import (
    a_consortium,
    a_csv,
    a_merged_unit,
    a_service_point,
    a_title,
    a_unit,
    an_area,
    some_beds,
)
from xinglin.accounts.models import User
from xinglin.network.models import Facility
from xinglin.network.web.pages import TABS
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord

HEAD = ["机构编码", "机构名称", "机构类型", "区划代码", "管理机构编码"]


GOOD = ["N01", "北沟村卫生室", "村卫生室", "370403101201", "T01"]


PAGES = ("list", "map", "coverage", "consortia", "areas")


@pytest.fixture
def manager(county: County) -> Client:
    return browser_of(county, "mei")


@pytest.fixture
def doctor(county: County) -> Client:
    return browser_of(county, "alma")


def resident(county: County) -> Client:
    return sign_in(Client(), county.user("wang", "resident", None, everywhere=True))


def detail_url(facility: Facility, tab: str = "") -> str:
    return reverse("network:detail", args=[facility.uuid]) + (f"?tab={tab}" if tab else "")


@pytest.mark.parametrize("name", PAGES)
def test_staff_see_each_page(doctor: Client, name: str) -> None:
    assert doctor.get(reverse(f"network:{name}")).status_code == 200


@pytest.mark.parametrize("name", [*PAGES, "import"])
def test_residents_and_strangers_see_none(county: County, name: str) -> None:
    assert resident(county).get(reverse(f"network:{name}")).status_code == 403
    assert Client().get(reverse(f"network:{name}")).status_code == 302


def test_a_resident_sees_no_facility(county: County) -> None:
    assert resident(county).get(detail_url(county.clinic)).status_code == 403


def test_an_unknown_facility_is_not_found(doctor: Client) -> None:
    assert doctor.get("/network/facilities/0190c0de-0000-7000-8000-000000000000/").status_code == 404


@pytest.mark.parametrize("tab", [key for key, *_rest in TABS])
def test_each_tab_is_drawn_and_the_look_is_recorded(county: County, manager: Client, tab: str) -> None:
    a_service_point(county)
    a_title(county, valid_until=clock.today())
    some_beds(county)
    an_area(county)
    unit = county.clinic if tab == "points" else county.township

    answer = manager.get(detail_url(unit, tab))

    assert answer.status_code == 200
    assert unit.name in answer.content.decode()
    assert AuditRecord.objects.filter(event="facility.viewed", object_key=str(unit.uuid)).count() == 1


def test_a_merged_unit_links_to_its_successor_and_back(county: County, doctor: Client) -> None:
    gone = a_merged_unit(county)

    assert detail_url(county.clinic) in doctor.get(detail_url(gone)).content.decode()
    assert detail_url(gone) in doctor.get(detail_url(county.clinic)).content.decode()


def test_who_administers_accounts_is_told_of_rights_left_at_a_unit_that_ended(county: County, doctor: Client) -> None:
    gone = a_merged_unit(county)
    county.user("left", "village-doctor", gone)
    an_administrator("system", at=clock.now())
    administrator = sign_in(Client(), User.objects.get(username="system"))
    link = f"{reverse('accounts:users')}?facility={gone.uuid}&amp;state=open"

    html = administrator.get(detail_url(gone)).content.decode()

    assert "还有1个账号在这里有权限" in html
    assert link in html
    assert "left" in administrator.get(link.replace("&amp;", "&")).content.decode()
    assert "个账号在这里有权限" not in administrator.get(detail_url(county.clinic)).content.decode(), "it works"
    assert "个账号在这里有权限" not in doctor.get(detail_url(gone)).content.decode(), "not his to manage"


def test_who_may_not_edit_sees_no_way_to(county: County, doctor: Client) -> None:
    html = doctor.get(detail_url(county.clinic)).content.decode()

    assert reverse("network:edit", args=[county.clinic.uuid]) not in html
    assert doctor.get(reverse("network:edit", args=[county.clinic.uuid])).status_code == 403
    assert doctor.get(reverse("network:new")).status_code == 403


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=东沟", {"V01"}),
        ("q=dgcwss", {"V01"}),
        ("q=T0", {"T01", "T02"}),
        ("tier=COUNTY&kind=BUREAU", {"B01"}),
        ("q=%00", None),
    ],
)
def test_search_by_name_initials_code_and_filters(
    county: County, doctor: Client, query: str, found: set[str] | None
) -> None:
    Facility.objects.filter(code="V01").update(pinyin_initials="dgcwss")

    html = doctor.get(f"/network/facilities/?{query}").content.decode()

    codes = {code for code in Facility.objects.values_list("code", flat=True) if f">{code}<" in html}
    assert codes == found if found is not None else len(codes) > 0


def test_a_spoilt_cursor_is_refused(doctor: Client) -> None:
    assert doctor.get("/network/facilities/?cursor=%F0%9F%98%80").status_code == 422
    assert doctor.get("/network/facilities/?manager=x").status_code == 422


def test_the_tree_opens_a_branch(county: County, doctor: Client) -> None:
    answer = doctor.get(reverse("network:children", args=[county.township.uuid]), HTTP_HX_REQUEST="true")

    assert "东沟村卫生室" in answer.content.decode()
    assert "<html" not in answer.content.decode()


def n_queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    "path", ["facilities/", "facilities/?tier=VILLAGE", "map/", "map/?rings=1", "coverage/", "consortia/", "areas/"]
)
def test_lists_do_not_ask_more_for_more_rows(county: County, doctor: Client, path: str) -> None:
    before = n_queries(doctor, f"/network/{path}")
    for number in range(8):
        a_unit(county, f"N{number}")
    a_consortium(county)
    for code in ("A1", "A2", "A3"):
        an_area(county, code)

    assert n_queries(doctor, f"/network/{path}") <= before


@pytest.mark.parametrize("tab", ["managed", "departments", "services"])
def test_tabs_do_not_ask_more_for_more_rows(county: County, doctor: Client, tab: str) -> None:
    from tests.factories.county import NOW
    from tests.factories.network import MAKER
    from xinglin.network import actions

    before = n_queries(doctor, detail_url(county.township, tab))
    for number in range(8):
        a_unit(county, f"N{number}")
        actions.set_department(facility=county.township, code=f"D{number}", name="科", by=MAKER, at=NOW)
        actions.set_service(facility=county.township, code=f"S{number}", name="项", by=MAKER, at=NOW)

    assert n_queries(doctor, detail_url(county.township, tab)) <= before


def form_of(**facts: Any) -> dict[str, Any]:
    return {"name": "北沟村卫生室", "code": "N01", "kind": "VILLAGE_CLINIC", "division": "370403101201", **facts}


def test_a_facility_is_entered_and_edited_by_pages(county: County, manager: Client) -> None:
    answer = manager.post(reverse("network:new"), form_of(manager=county.township.uuid, publicly_owned="yes"))

    unit = Facility.objects.get(code="N01")
    assert (answer.status_code, answer["Location"]) == (302, detail_url(unit))
    assert (unit.manager, unit.publicly_owned) == (county.township, True)
    html = manager.get(reverse("network:edit", args=[unit.uuid])).content.decode()
    assert "北沟村卫生室" in html
    edited = manager.post(
        reverse("network:edit", args=[unit.uuid]), {**form_of(manager=county.township.uuid), "phone": "0632-5550009"}
    )
    assert edited.status_code == 302
    unit.refresh_from_db()
    assert (unit.phone, unit.publicly_owned) == ("0632-5550009", None)


def test_a_wrong_form_comes_back_with_reasons(county: County, manager: Client) -> None:
    shape = manager.post(reverse("network:new"), form_of(name=""))
    rule = manager.post(reverse("network:new"), form_of(latitude="117.2", longitude="34.8"))
    taken = manager.post(reverse("network:new"), form_of(code="V01"))

    assert (shape.status_code, rule.status_code, taken.status_code) == (422, 422, 409)
    assert "经度和纬度可能写反了" in rule.content.decode()
    assert "已有机构使用" in taken.content.decode()


def test_the_same_form_sent_twice_makes_one_facility(county: County, manager: Client) -> None:
    body = form_of(idempotency_key="twice")

    answers = [manager.post(reverse("network:new"), body) for _ in range(2)]

    assert answers[0]["Location"] == answers[1]["Location"]
    assert Facility.objects.filter(code="N01").count() == 1


@pytest.mark.parametrize(
    ("what", "body", "tab"),
    [
        ("department", {"code": "D1", "name": "全科"}, "departments"),
        ("service", {"code": "TUINA", "name": "推拿", "is_tcm": "on"}, "services"),
        (
            "equipment",
            {"code": "DR1", "kind": "DR", "name": "DR机", "state": "IN_USE", "cost": "520000.05"},
            "equipment",
        ),
        ("beds", {"kind": "MEDICAL", "n_beds": "40", "on": "2026-01-01"}, "departments"),
        ("title", {"code": "QS", "name": "优质服务基层行", "level": "basic", "granted_on": "2024-01-01"}, "titles"),
    ],
)
def test_each_holding_is_entered_by_its_page(county: County, manager: Client, what: str, body: Any, tab: str) -> None:
    url = reverse("network:holding", args=[county.township.uuid, what])
    assert manager.get(url).status_code == 200
    assert manager.post(url, {}).status_code == 422

    answer = manager.post(url, body)

    assert answer["Location"] == detail_url(county.township, tab)
    assert manager.get(f"{url}?code={body.get('code', '')}").status_code == 200
    if what == "equipment":
        assert county.township.equipment.get().cost_fen == 52_000_005


def test_an_unknown_holding_or_step_is_not_found(county: County, manager: Client) -> None:
    assert manager.get(reverse("network:holding", args=[county.township.uuid, "gold"])).status_code == 404
    assert manager.post(reverse("network:move", args=[county.township.uuid, "fly"])).status_code == 404


def test_steps_of_life_by_pages(county: County, manager: Client) -> None:
    def move(verb: str, **body: Any) -> int:
        return manager.post(reverse("network:move", args=[county.clinic.uuid, verb]), body).status_code

    assert move("suspend") == 422
    assert move("suspend", reason="翻修") == 302
    assert move("start") == 302
    assert move("merge", successor="nobody", on="2026-11-01", reason="整合") == 422
    assert move("merge", successor=str(county.sibling.uuid), on="2026-11-01", reason="整合") == 302
    assert move("close", on="2026-11-01", reason="撤并") == 409
    county.clinic.refresh_from_db()
    assert county.clinic.status == "MERGED"


def test_a_service_point_and_its_timetable_by_pages(county: County, manager: Client) -> None:
    url = reverse("network:new_point", args=[county.clinic.uuid])
    wrong = manager.post(url, {"name": "东沟服务点", "code": "P01", "timetable": "每周一"})
    right = manager.post(url, {"name": "东沟服务点", "code": "P01", "timetable": "周一 08:00-11:30；Thu 14:00-17:00"})

    point = Facility.objects.get(code="P01")
    assert (wrong.status_code, right.status_code) == (422, 302)
    assert [each["weekday"] for each in point.timetable] == [1, 4]
    assert "周一 08:00-11:30" in manager.get(detail_url(point)).content.decode()
    assert (
        manager.post(reverse("network:timetable", args=[point.uuid]), {"timetable": "周二 9:00-10:00"}).status_code
        == 302
    )


def test_consortium_pages(county: County, manager: Client) -> None:
    made = manager.post(
        reverse("network:form_consortium"),
        {
            "name": "第二医共体",
            "code": "C02",
            "lead": county.tcm.uuid,
            "on": "2026-02-01",
            "definition": "1-n",
            "pattern": "",
        },
    )
    url = made["Location"]
    html = manager.get(url).content.decode()
    joined = manager.post(f"{url}join/", {"facility": county.clinic.uuid, "role": "MEMBER", "on": "2026-03-01"})
    again = manager.post(f"{url}join/", {"facility": county.clinic.uuid, "role": "MEMBER", "on": "2026-03-01"})
    left = manager.post(f"{url}leave/", {"facility": county.clinic.uuid, "on": "2026-04-01"})
    shaped = manager.post(f"{url}structure/", {"definition": "1-3-10-n", "pattern": "1+1+2+N"})
    unshaped = manager.post(f"{url}structure/", {"definition": "1-3-10-n", "pattern": "1+1"})

    assert "县中医院" in html
    assert [each.status_code for each in (joined, again, left, shaped, unshaped)] == [302, 409, 302, 302, 422]
    assert "1+1+2+N" in manager.get(url).content.decode()


def test_area_pages(county: County, manager: Client) -> None:
    made = manager.post(reverse("network:new_area"), {"code": "A1", "name": "东片区", "facilities": "T01\nT02，V01"})
    wrong = manager.post(reverse("network:new_area"), {"code": "A2", "name": "西片区", "facilities": "T01\nX99"})
    taken = manager.post(reverse("network:new_area"), {"code": "A1", "name": "又一个", "facilities": "T01"})

    assert [each.status_code for each in (made, wrong, taken)] == [302, 422, 422]
    assert "X99" in wrong.content.decode()
    assert "东片区" in manager.get(reverse("network:areas")).content.decode()


def upload(client: Client, rows: list[list[Any]], table: str = "facilities") -> Any:
    file = SimpleUploadedFile("机构.csv", a_csv(rows))
    return client.post(reverse("network:import"), {"table": table, "file": file})


def test_a_table_is_checked_shown_and_applied(county: County, manager: Client) -> None:
    url = upload(manager, [HEAD, GOOD])["Location"]
    html = manager.get(url).content.decode()
    assert "确认写入" in html
    assert not Facility.objects.filter(code="N01").exists()

    answer = manager.post(f"{url}apply/")

    assert answer.status_code == 302
    assert Facility.objects.filter(code="N01").exists()
    assert "已经写入" in manager.get(url).content.decode()


def test_a_table_with_faults_is_written_only_without_them_and_only_on_demand(county: County, manager: Client) -> None:
    url = upload(manager, [HEAD, GOOD, ["N02", "", "村卫生室", "370403101201", "T01"]])["Location"]
    html = manager.get(url).content.decode()
    refused = manager.post(f"{url}apply/")
    listed = manager.get(f"{url}errors.csv")
    written = manager.post(f"{url}apply/", {"only_good": "1"})

    assert "必填" in html
    assert refused.status_code == 422
    assert "机构名称" in listed.content.decode("utf-8-sig")
    assert written.status_code == 302
    assert set(Facility.objects.filter(code__startswith="N").values_list("code", flat=True)) == {"N01"}


def test_a_file_that_is_no_table_is_told_so(county: County, manager: Client) -> None:
    assert upload(manager, [["a", "b"], ["1", "2"]]).status_code == 422
    assert manager.post(reverse("network:import"), {"table": "facilities"}).status_code == 422
    assert (
        manager.post(
            reverse("network:import"), {"table": "gold", "file": SimpleUploadedFile("x.csv", b"a")}
        ).status_code
        == 404
    )


def test_an_upload_belongs_to_who_made_it(county: County, manager: Client) -> None:
    url = upload(manager, [HEAD, GOOD])["Location"]
    county.user("ning", "consortium-manager", county.hospital, everywhere=True)

    assert sign_in(Client(), county.users["ning"]).get(url).status_code == 404
    assert browser_of(county, "tang").post(f"{url}apply/").status_code == 403


def test_a_doctor_exports_and_does_not_import(county: County, doctor: Client) -> None:
    assert doctor.get(reverse("network:export", args=["facilities", "csv"])).content.startswith(b"\xef\xbb\xbf")
    assert doctor.get(reverse("network:export", args=["divisions", "xlsx"])).content.startswith(b"PK")
    assert doctor.get(reverse("network:template", args=["equipment"])).content.startswith(b"PK")
    assert doctor.get(reverse("network:export", args=["facilities", "pdf"])).status_code == 404
    assert upload(doctor, [HEAD, GOOD]).status_code == 403


def test_the_frame_names_the_facility_of_who_is_signed_in(doctor: Client) -> None:
    assert "东沟村卫生室" in doctor.get(reverse("network:areas")).content.decode()
