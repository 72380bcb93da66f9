"""Who is treated where: by township of residence, in the county and outside, and what is not known."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.county import NOW
from tests.factories.residents import a_resident
from xinglin.indicators import actions, flows
from xinglin.indicators.facts.extraction import extract
from xinglin.indicators.models import Flow
from xinglin.indicators.tests.test_facts import a_visit_row
from xinglin.indicators.web.flow import chart_of
from xinglin.platform.errors import InvalidInput, NotPermitted

HEADINGS = "结算编号,结算日期,身份证号,机构编码,就医地点,机构层级,类别,险种,总费用（元）,基金支付（元）"


def visits(county: Any) -> Any:
    """A resident of 沙沟镇: 8 at his clinic, 6 at its hospital, 7 in the next township, 9 in the county, 2 at the TCM hospital."""
    resident = a_resident(county)
    for facility, n in (
        (county.clinic, 8), (county.township, 6), (county.other_clinic, 7), (county.hospital, 9), (county.tcm, 2),
    ):  # fmt: skip
        for k in range(n):
            a_visit_row(county, resident, facility=facility, at=NOW, number=f"{facility.code}-{k}")
    return resident


def settlements(county: Any, resident: Any, *lines: tuple[str, str, str, str]) -> None:
    rows = [
        f"S{n},2026-11-10,{resident.id_number},{code},{place},{tier},{kind},居民,100,50"
        for n, (code, place, tier, kind) in enumerate(lines)
    ]
    content = "\n".join([HEADINGS, *rows]).encode()
    actions.take_return(kind="settlements", month="2026-11", content=content, file_name="s.csv", by=county.mei, at=NOW)


def numbers(found: flows.Flows, origin: str = "370403101") -> dict[str, float | None]:
    row = next(each for each in found.origins if each.key == origin)
    return {key: value.value for key, value in row.cells.items()}


def test_each_visit_counts_at_one_destination_seen_from_home(county: Any) -> None:
    visits(county)
    extract(at=NOW)

    found = flows.flows_for(county.mei, period="2026-11", kind="OUTPATIENT", at=NOW)

    # two at the TCM hospital are few, and one more goes with them: the total would give them away
    assert numbers(found) == {"V": 8, "T": None, "O": 7, f"C{county.hospital.pk}": 9, f"C{county.tcm.pk}": None}
    assert found.origins[0].total == 32
    assert found.missing == ["settlements"]
    assert [name for _key, name in found.destinations][:3] == ["本乡镇村级机构", "本乡镇卫生院", "其他乡镇"]


def test_what_the_fund_settled_outside_is_outside_and_nothing_is_counted_twice(county: Any) -> None:
    resident = visits(county)
    lines = (
        [("", "县外", "", "门诊")] * 6 + [("H01", "县内", "县级", "门诊")] * 5 + [("H01", "县内", "县级", "住院")] * 5
    )
    settlements(county, resident, *lines, *[("", "县外", "", "住院")] * 5)
    extract(at=NOW + timedelta(minutes=1))

    out = flows.flows_for(county.mei, period="2026-11", kind="OUTPATIENT", at=NOW)
    stays = flows.flows_for(county.mei, period="2026-11", kind="INPATIENT", at=NOW)

    assert out.missing == []
    assert numbers(out)["X"] == 6
    assert out.origins[0].total == 38  # what was settled in the county is in the visits already
    assert numbers(stays) == {f"C{county.hospital.pk}": 5, "X": 5}


def test_a_voided_visit_is_nobodys_way(county: Any) -> None:
    visit = a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW, number="V1")
    type(visit).objects.filter(pk=visit.pk).update(status="VOIDED")
    extract(at=NOW)

    assert flows.flows_for(county.mei, period="2026-11", kind="OUTPATIENT", at=NOW).origins == []


def test_a_township_sees_the_ways_of_its_own_people_only(county: Any) -> None:
    visits(county)
    other = a_resident(county, name="李南营", managed_by_id=county.other_clinic.pk, by=county.cai)
    for n in range(8):
        a_visit_row(county, other, facility=county.hospital, at=NOW, number=f"N{n}")
    extract(at=NOW)

    whole = flows.flows_for(county.mei, period="2026-11", kind="OUTPATIENT", at=NOW)
    own = flows.flows_for(county.tang, period="2026-11", kind="OUTPATIENT", at=NOW)

    assert {each.key for each in whole.origins} == {"370403101", "370403102"}
    assert {each.key for each in own.origins} == {"370403101"}
    with pytest.raises(NotPermitted):
        flows.flows_for(county.alma, period="2026-11", kind="OUTPATIENT", at=NOW)
    with pytest.raises(InvalidInput):
        flows.flows_for(county.mei, period="2026-11", kind="DENTAL", at=NOW)


def test_flows_are_computed_once_for_a_version(county: Any, django_assert_max_num_queries: Any) -> None:
    visits(county)
    extract(at=NOW)
    first = flows.flows_for(county.mei, period="2026-11", kind="OUTPATIENT", at=NOW)

    with django_assert_max_num_queries(8):
        again = flows.flows_for(county.mei, period="2026-11", kind="OUTPATIENT", at=NOW)

    assert Flow.objects.count() == 1
    assert again.origins == first.origins


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_has_picture_and_table_and_keeps_both(county: Any, language: str) -> None:
    visits(county)
    extract(at=NOW)
    assert county.mei
    client = sign_in(Client(HTTP_ACCEPT_LANGUAGE=language), county.users["mei"])

    body = client.get("/board/flow/?period=2026-11").content.decode()
    picture = client.get("/board/flow/flow.chart?period=2026-11&form=svg").content.decode()
    table = client.get("/board/flow/export/?period=2026-11&format=csv").content.decode("utf-8-sig")

    assert "沙沟镇" in body
    assert "chart-link" in body
    assert "within=370403101" in body
    assert "chart-link-out" not in picture.split("</style>")[1]
    assert client.get("/board/flow/flow.chart?period=2026-11&form=png").content.startswith(b"\x89PNG")
    assert client.get("/board/flow/export/?period=2026-11").content[:2] == b"PK"
    assert table.splitlines()[1].startswith("沙沟镇,8.0,,7.0,9.0,,32")


def test_without_facts_there_is_no_data_and_no_picture(county: Any) -> None:
    found = flows.flows_for(county.mei, period="2026-11", kind="INPATIENT", at=NOW)

    assert found.origins == []
    assert chart_of(found) == ""
