"""Who is treated where: by home, destination, facility and chapter, in the county and outside, and what is not known."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.county import NOW
from tests.factories.network import merge
from tests.factories.residents import a_resident
from xinglin.indicators import actions, flows
from xinglin.indicators.facts.extraction import extract
from xinglin.indicators.flows import REST, Asked, Flows
from xinglin.indicators.models import Flow
from xinglin.indicators.tests.test_facts import a_visit_row
from xinglin.indicators.web.flow import chart_of
from xinglin.platform.errors import InvalidInput, NotPermitted
from xinglin.visits.models import Diagnosis

HEADINGS = "结算编号,结算日期,身份证号,机构编码,就医地点,机构层级,类别,险种,总费用（元）,基金支付（元）,诊断编码"
HOME, OTHER = "370403101", "370403102"


def visits(county: Any) -> Any:
    """A resident of 沙沟镇: 8 at his clinic, 6 at its hospital, 7 in the next township, 9 in the county, 2 at the TCM hospital."""
    resident = a_resident(county)
    for facility, n, code in (
        (county.clinic, 8, "I10.x00"), (county.township, 6, "J06.900"), (county.other_clinic, 7, "J06.900"),
        (county.hospital, 9, "I25.100"), (county.tcm, 2, ""),
    ):  # fmt: skip
        for k in range(n):
            visit = a_visit_row(county, resident, facility=facility, at=NOW, number=f"{facility.code}-{k}")
            Diagnosis.objects.create(visit=visit, system="TCM", code="XL-D001", name="感冒", is_primary=True)
            if code:
                Diagnosis.objects.create(visit=visit, code=code, name="诊断")
    return resident


def neighbours(county: Any) -> None:
    """People of 周营镇: 30 at their clinic, 11 in the county, 20 at the clinic of 沙沟镇."""
    other = a_resident(county, name="李南营", managed_by_id=county.other_clinic.pk, by=county.cai)
    for facility, n in ((county.other_clinic, 30), (county.hospital, 11), (county.clinic, 20)):
        for k in range(n):
            a_visit_row(county, other, facility=facility, at=NOW, number=f"N{facility.code}-{k}")


def settlements(county: Any, resident: Any, *lines: tuple[str, str, str, str]) -> None:
    rows = [
        f"S{n},2026-11-10,{resident.id_number},{code},{place},{tier},{kind},居民,100,50,C34.900"
        for n, (code, place, tier, kind) in enumerate(lines)
    ]
    content = "\n".join([HEADINGS, *rows]).encode()
    actions.take_return(kind="settlements", month="2026-11", content=content, file_name="s.csv", by=county.mei, at=NOW)


def read(actor: Any, **asked: Any) -> Flows:
    return flows.flows_for(actor, Asked(**{"period": "2026-11", **asked}), at=NOW)


def numbers(found: Flows, origin: str = HOME) -> dict[str, int | None]:
    row = next(each for each in found.origins if each.key == origin)
    return dict(row.cells)


def test_each_visit_counts_at_one_destination_seen_from_home(county: Any) -> None:
    visits(county)
    extract(at=NOW)

    found = read(county.tang)

    assert numbers(found) == {"V": 8, "T": 6, "O": 7, "C": 11}
    assert found.origins[0].total == 32
    assert found.missing == ["settlements"]
    assert [name for _key, name in found.destinations] == ["本乡镇村级机构", "本乡镇卫生院", "其他乡镇", "县级机构"]


def test_what_the_fund_settled_outside_is_outside_and_nothing_is_counted_twice(county: Any) -> None:
    resident = visits(county)
    lines = (
        [("", "县外", "", "门诊")] * 6 + [("H01", "县内", "县级", "门诊")] * 5 + [("H01", "县内", "县级", "住院")] * 5
    )
    settlements(county, resident, *lines, *[("", "县外", "", "住院")] * 5)
    extract(at=NOW + timedelta(minutes=1))

    out = read(county.mei)
    stays = read(county.mei, kind="INPATIENT")

    assert out.missing == []
    assert numbers(out)["X"] == 6
    assert out.origins[0].total == 38  # what was settled in the county is in the visits already
    assert numbers(stays) == {"V": 0, "T": 0, "O": 0, "C": 5, "X": 5}
    assert numbers(read(county.mei, kind="INPATIENT", chapter="II")) == {"V": 0, "T": 0, "O": 0, "C": 5, "X": 5}


def test_a_destination_opens_to_its_facilities_and_who_may_not_open_visits_reads_no_few_people(county: Any) -> None:
    visits(county)
    neighbours(county)
    extract(at=NOW)

    own = read(county.tang, to="C")
    manager = read(county.mei, to="C")

    assert numbers(own) == {str(county.hospital.pk): 9, str(county.tcm.pk): 2}
    assert dict(own.destinations)[str(county.hospital.pk)] == str(county.hospital)
    assert not own.is_guarded
    assert manager.is_guarded
    # two at the TCM hospital are few, and the hospital beside it would give them away
    assert numbers(manager) == {str(county.hospital.pk): None, REST: None}
    assert numbers(manager, OTHER) == {str(county.hospital.pk): 11, REST: 0}
    assert manager.origins[0].total == manager.origins[1].total == 11
    assert manager.whole is not None
    assert manager.whole.total == 22


def test_people_are_found_by_chapter_of_what_they_had_whatever_a_chinese_diagnosis_before_it_says(county: Any) -> None:
    visits(county)
    extract(at=NOW)

    hearts, lungs, uncoded = (read(county.tang, chapter=each) for each in ("IX", "X", "NONE"))

    assert numbers(hearts) == {"V": 8, "T": 0, "O": 0, "C": 9}
    assert numbers(lungs) == {"V": 0, "T": 6, "O": 7, "C": 0}
    assert numbers(uncoded) == {"V": 0, "T": 0, "O": 0, "C": 2}
    assert numbers(read(county.tang, chapter="IX", to="C")) == {str(county.hospital.pk): 9}
    assert read(county.tang, chapter="XV").origins == []
    # to who may not open the visits, a chapter is not told at a facility, and the two without a code not at all
    assert read(county.mei, chapter="IX", to="C").to == ""
    assert numbers(read(county.mei, chapter="NONE"))["C"] is None


def test_a_voided_visit_is_nobodys_way(county: Any) -> None:
    visit = a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW, number="V1")
    type(visit).objects.filter(pk=visit.pk).update(status="VOIDED")
    extract(at=NOW)

    assert read(county.mei).origins == []


def test_a_township_sees_the_ways_of_its_own_people_only_and_a_part_of_one_is_told_to_who_may_open_visits(
    county: Any,
) -> None:
    visits(county)
    neighbours(county)
    extract(at=NOW)

    assert {each.key for each in read(county.mei).origins} == {HOME, OTHER}
    assert {each.key for each in read(county.tang).origins} == {HOME}
    assert {each.key for each in read(county.tang, leaves=True).origins} == {HOME}
    with pytest.raises(NotPermitted):
        read(county.alma)


@pytest.mark.parametrize(
    "wrong", [{"kind": "DENTAL"}, {"level": "village"}, {"chapter": "XC"}, {"to": "X"}, {"period": "soon"}]
)
def test_what_there_is_not_is_refused(county: Any, wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        read(county.mei, **wrong)


def test_levels_the_county_does_not_have_are_not_offered_and_told_by_township(county: Any) -> None:
    visits(county)
    extract(at=NOW)

    found = read(county.tang, level="consortium")  # there is one: its row would be the county

    assert found.levels == ("township",)
    assert found.level == "township"
    assert {each.key for each in found.origins} == {HOME}


def test_flows_are_computed_once_for_a_version(county: Any, django_assert_max_num_queries: Any) -> None:
    visits(county)
    extract(at=NOW)
    first = read(county.mei)
    chapters = read(county.mei, chapter="IX")

    with django_assert_max_num_queries(9):
        again = read(county.mei)
    with django_assert_max_num_queries(9):
        assert read(county.mei, chapter="IX").origins == chapters.origins

    assert set(Flow.objects.filter(period="2026-11").values_list("chapter", flat=True)) == {"", "IX", "X", "NONE"}
    assert again.origins == first.origins


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_has_picture_and_table_and_keeps_both(county: Any, language: str) -> None:
    visits(county)
    neighbours(county)
    extract(at=NOW)
    read(county.mei, kind="OUTPATIENT")
    assert county.mei
    client = sign_in(Client(HTTP_ACCEPT_LANGUAGE=language), county.users["mei"])

    body = client.get("/board/flow/?period=2026-11").content.decode()
    opened = client.get("/board/flow/?period=2026-11&to=C").content.decode()
    chapter = client.get("/board/flow/?period=2026-11&chapter=IX").content.decode()
    picture = client.get("/board/flow/flow.chart?period=2026-11&form=svg").content.decode()
    table = client.get("/board/flow/export/?period=2026-11&format=csv").content.decode("utf-8-sig")

    assert "沙沟镇" in body
    assert "chart-link" in body
    assert "within=370403101" in body
    assert "to=C" in body
    assert ("循环系统疾病" if language == "zh-hans" else "circulatory system") in chapter
    assert ("返回各级去向" if language == "zh-hans" else "Back to levels of care") in opened
    assert "chart-link-out" not in picture.split("</style>")[1]
    assert client.get("/board/flow/flow.chart?period=2026-11&form=png").content.startswith(b"\x89PNG")
    assert client.get("/board/flow/export/?period=2026-11").content[:2] == b"PK"
    assert [line.split(",")[:6] for line in table.splitlines()[1:]] == [
        ["周营镇", "30", "0", "20", "11", "61"], ["沙沟镇", "8", "6", "7", "11", "32"],
        [table.splitlines()[3].split(",")[0], "38", "6", "27", "22", "93"],
    ]  # fmt: skip
    assert client.get("/board/flow/?period=2026-11&chapter=XC").status_code == 422


def test_the_program_reads_what_the_page_shows(county: Any) -> None:
    visits(county)
    neighbours(county)
    extract(at=NOW)
    read(county.mei)
    client = sign_in(Client(), county.users["mei"])

    found = json.loads(client.get("/api/v1/patient-flow?period=2026-11&to=C").content)

    assert found["is_guarded"]
    assert [(each["origin"], each["total"]) for each in found["origins"]] == [(OTHER, 11), (HOME, 11)]
    assert client.get("/api/v1/patient-flow?period=2026-11&to=X").status_code == 422


def test_without_facts_there_is_no_data_and_no_picture(county: Any) -> None:
    found = read(county.mei, kind="INPATIENT")

    assert found.origins == []
    assert chart_of(found) == ""


def test_the_people_of_a_unit_that_was_merged_are_of_the_one_it_went_into(county: Any) -> None:
    other = a_resident(county, name="李周营", managed_by_id=county.other_township.pk, by=county.cai)
    for n in range(4):
        a_visit_row(county, other, facility=county.hospital, at=NOW, number=f"V{n}")
    merge(county.other_township, county.township)
    extract(at=NOW)
    head = county.actor(county.user("head", "township-doctor", county.township))

    found = read(head)

    assert found.whole is not None
    assert found.whole.total == 4
