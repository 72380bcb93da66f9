"""Pages of visits: the happy path of each, and its refusals."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.network import MAKER
from tests.factories.residents import a_resident
from tests.factories.visits import AMLODIPINE, HYPERTENSION, a_term, a_visit
from xinglin.network import actions as network
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord
from xinglin.visits import queries
from xinglin.visits.events import Event
from xinglin.visits.loading import load_starter_terms
from xinglin.visits.models import Visit
from xinglin.visits.states import Status


@pytest.fixture
def alma(county: County, client: Client) -> Client:
    """Alma's browser."""
    return sign_in(client, county.users[county.alma and "alma"])


def form(**fields: Any) -> dict[str, Any]:
    """What the page posts for a blood-pressure visit."""
    return {
        "op": "sign", "idempotency_key": "k1", "kind": "OUTPATIENT", "systolic": "１５０", "diastolic": "92",
        "complaint": "头晕3天", "dx_system": ["ICD-10"], "dx_code": ["I10.x00"], "dx_name": ["高血压"],
        "rx_medicine": ["苯磺酸氨氯地平片"], "rx_strength": ["5mg"], "rx_dose": ["5mg"], "rx_route": ["口服"],
        "rx_frequency": ["每日1次"], "rx_days": ["28"], "rx_quantity": ["28片"], "rx_is_tcm": [""],
        "advice": "低盐饮食", "order": ["心电图", ""], **fields,
    }  # fmt: skip


def test_a_visit_is_recorded_and_signed_with_one_post(county: County, alma: Client) -> None:
    resident, _ = a_resident(county), a_term()

    answer = alma.post(f"/visits/record/{resident.uuid}/", form())

    visit = Visit.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/visits/{visit.uuid}/")
    assert (visit.status, visit.systolic, visit.diastolic, visit.facility_id) == (
        Status.SIGNED,
        150,
        92,
        county.clinic.pk,
    )
    assert [each.item for each in visit.orders.all()] == ["心电图"]


def test_the_same_form_sent_twice_makes_one_visit(county: County, alma: Client) -> None:
    resident, _ = a_resident(county), a_term()

    first = alma.post(f"/visits/record/{resident.uuid}/", form())
    second = alma.post(f"/visits/record/{resident.uuid}/", form())

    assert first["Location"] == second["Location"]
    assert Visit.objects.count() == 1


def test_another_clinics_resident_is_not_found(county: County, client: Client) -> None:
    resident = a_resident(county)
    visit = a_visit(resident=resident, by=county.alma)
    cai = sign_in(client, county.users[county.cai and "cai"])

    for answer in (
        cai.get(f"/visits/record/{resident.uuid}/"),
        cai.post(f"/visits/record/{resident.uuid}/", form()),
        cai.get(f"/visits/{visit.uuid}/"),
        cai.get(f"/visits/{visit.uuid}/summary.pdf"),
        cai.post(f"/visits/{visit.uuid}/sign/"),
        cai.post(f"/visits/{visit.uuid}/void/", {"reason": "x"}),
    ):
        assert answer.status_code == 404
    assert AuditRecord.objects.filter(outcome="missing", actor_name="蔡").count() >= 6


def test_a_stranger_is_sent_to_sign_in(county: County, client: Client) -> None:
    resident = a_resident(county)

    for path in ("/visits/", f"/visits/record/{resident.uuid}/", "/visits/terms/?q=gxy"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"][:9]) == (302, "/sign-in/")


def test_at_a_unit_that_ended_the_time_of_the_visit_is_asked_and_the_reason_said_once(
    county: County, alma: Client
) -> None:
    resident, _ = a_resident(county), a_term()
    path = f"/visits/record/{resident.uuid}/"
    assert rest_of(alma.get(path)) == "folded"
    now = clock.now()
    network.merge_facility_into(
        facility=county.clinic, successor=county.sibling, on=clock.today(now), reason="撤并", by=MAKER, at=now
    )

    page, refused = alma.get(path), alma.post(path, form())

    assert rest_of(page) == rest_of(refused) == "open"
    assert 'href="#id_started_at"' in page.content.decode()
    assert refused.status_code == 409
    for answer in (page, refused):
        assert answer.content.decode().count("新业务请在") == 1
    before = f"{timezone.localtime(now - timedelta(days=1)):%Y-%m-%dT%H:%M}"
    assert alma.post(path, form(idempotency_key="k2", started_at=before)).status_code == 302


def test_a_wrong_time_in_the_folded_part_unfolds_it(county: County, alma: Client) -> None:
    resident, _ = a_resident(county), a_term()

    answer = alma.post(f"/visits/record/{resident.uuid}/", form(started_at="morgen"))

    assert (answer.status_code, rest_of(answer)) == (422, "open")


def rest_of(answer: Any) -> str:
    """Whether the last part of the form stands open."""
    before = answer.content.decode().split("病史、查体、补录时间")[0]
    return "open" if before[before.rindex("<details") :].split(">")[0].split()[-1] == "open" else "folded"


def test_the_page_can_be_opened_and_is_logged(county: County, alma: Client) -> None:
    resident = a_resident(county)
    a_visit(resident=resident, by=county.alma, at=clock.now() - timedelta(days=30))

    answer = alma.get(f"/visits/record/{resident.uuid}/")

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "同上次诊断和用药" in text
    assert "苯磺酸氨氯地平片" in text
    assert AuditRecord.objects.get(event=Event.FORM_OPENED).subject_uuid == resident.uuid


def test_bad_values_come_back_with_the_form(county: County, alma: Client) -> None:
    resident, _ = a_resident(county), a_term()

    answer = alma.post(f"/visits/record/{resident.uuid}/", form(systolic="1200", complaint="头晕3天"))

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "超出可能的范围" in text
    assert 'value="1200"' in text
    assert 'name="dx_code" value="I10.x00"' in text
    assert not Visit.objects.exists()


def test_an_unusual_value_asks_for_a_second_look(county: County, alma: Client) -> None:
    resident, _ = a_resident(county), a_term()

    asked = alma.post(f"/visits/record/{resident.uuid}/", form(systolic="240", diastolic="118"))
    taken = alma.post(f"/visits/record/{resident.uuid}/", form(systolic="240", diastolic="118", confirmed_unusual="on"))

    assert asked.status_code == 422
    assert 'name="confirmed_unusual"' in asked.content.decode()
    assert taken.status_code == 302


def test_a_dangerous_pressure_is_said_at_once(county: County, alma: Client) -> None:
    resident = a_resident(county)

    answer = alma.post(
        f"/visits/record/{resident.uuid}/", form(op="look", systolic="186", diastolic="112", complaint="胸闷1天"),
        headers={"HX-Request": "true"},
    )  # fmt: skip

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "高血压急症可能：建议心电图并急诊转诊" in text
    assert text.lstrip().startswith('<div class="stack-s" id="hints"')
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"op": "carry", "dx_system": [], "dx_code": [], "dx_name": []}, 'name="dx_code" value="I10.x00"'),
        ({"op": "dx-add", "dx": "ICD-10:E11.900"}, 'name="dx_code" value="E11.900"'),
        ({"op": "dx-add", "dx_text": "高脂血症"}, 'name="dx_code" value="E78.500"'),
        ({"op": "dx-add", "dx_text": "gxy"}, "dx-take:ICD-10:I10.x00"),
        ({"op": "dx-take:ICD-10:J06.900"}, 'name="dx_code" value="J06.900"'),
        ({"op": "rx-add", "rx": "阿司匹林肠溶片"}, 'name="rx_dose" value="100mg"'),
        ({"op": "rx-add", "rx_text": "自拟方"}, 'name="rx_medicine" value="自拟方"'),
    ],
)
def test_small_steps_change_the_plan(county: County, alma: Client, fields: dict[str, Any], expected: str) -> None:
    load_starter_terms()
    resident = a_resident(county)
    a_visit(resident=resident, by=county.alma, at=clock.now() - timedelta(days=30))

    answer = alma.post(f"/visits/record/{resident.uuid}/", form(**fields), headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert expected in answer.content.decode()


def test_saving_does_a_step_that_was_still_on_its_way(county: County, alma: Client) -> None:
    resident = a_resident(county)
    a_visit(resident=resident, by=county.alma, at=clock.now() - timedelta(days=30))
    bare = {name: [] for name in form() if name.startswith(("dx_", "rx_"))}

    alma.post(f"/visits/record/{resident.uuid}/", form(**bare, pending="carry"))

    visit = Visit.objects.latest("id")
    assert [each.code for each in visit.diagnoses.all()] == ["I10.x00"]
    assert [each.medicine for each in visit.prescriptions.all()] == [AMLODIPINE.medicine]


@pytest.mark.parametrize(("op", "gone"), [("dx-drop:0", "dx_code"), ("rx-drop:0", "rx_medicine")])
def test_rows_can_be_taken_out(county: County, alma: Client, op: str, gone: str) -> None:
    resident, _ = a_resident(county), a_term()

    answer = alma.post(f"/visits/record/{resident.uuid}/", form(op=op), headers={"HX-Request": "true"})

    assert f'name="{gone}"' not in answer.content.decode()


def test_saving_without_a_signature_and_signing_later(county: County, alma: Client) -> None:
    resident = a_resident(county)
    alma.post(f"/visits/record/{resident.uuid}/", form(op="save", dx_system=[], dx_code=[], dx_name=[]))
    kept = Visit.objects.get()
    without_diagnosis = alma.post(f"/visits/{kept.uuid}/sign/")
    kept.diagnoses.create(code="I10.x00", name="高血压", is_primary=True)

    signed = alma.post(f"/visits/{kept.uuid}/sign/")

    assert (without_diagnosis.status_code, signed.status_code) == (409, 302)
    kept.refresh_from_db()
    assert kept.status == Status.SIGNED


def test_voiding_from_the_page(county: County, alma: Client) -> None:
    visit = a_visit(resident=a_resident(county), by=county.alma)

    without = alma.post(f"/visits/{visit.uuid}/void/", {"reason": " "})
    voided = alma.post(f"/visits/{visit.uuid}/void/", {"reason": "录错人"})
    shown = alma.get(f"/visits/{visit.uuid}/").content.decode()

    assert (without.status_code, voided.status_code) == (422, 302)
    assert "已作废" in shown
    assert "录错人" in shown


def test_correcting_from_the_page(county: County, alma: Client) -> None:
    wrong = a_visit(resident=a_resident(county), by=county.alma, at=clock.now() - timedelta(hours=3))
    address = f"/visits/record/{wrong.resident.uuid}/?replaces={wrong.uuid}"
    opened = alma.get(address).content.decode()

    without = alma.post(address, form(systolic="136"))
    corrected = alma.post(address, form(systolic="136", reason="血压录错"))

    right = Visit.objects.get(replaces=wrong)
    assert 'value="150"' in opened
    assert (without.status_code, corrected["Location"]) == (422, f"/visits/{right.uuid}/")
    assert (right.systolic, right.started_at) == (136, wrong.started_at)
    assert wrong.number in alma.get(f"/visits/{right.uuid}/").content.decode()


def test_the_detail_page_leads_on(county: County, alma: Client) -> None:
    from xinglin.visits.data import Vitals

    visit = a_visit(
        resident=a_resident(county), by=county.alma, vitals=Vitals(systolic=186, diastolic=112), complaint="胸闷"
    )

    text = alma.get(f"/visits/{visit.uuid}/").content.decode()

    assert "高血压急症可能" in text
    assert f"/diagnostics/request/{visit.uuid}/" in text
    assert AuditRecord.objects.get(event=Event.VIEWED).subject_uuid == visit.resident.uuid


def test_the_list_shows_todays_visits_of_my_facility(county: County, alma: Client) -> None:
    now = clock.now()
    here = a_visit(resident=a_resident(county, name="王小麦"), by=county.alma, at=now)
    a_visit(
        resident=a_resident(county, name="李昨天"),
        by=county.alma,
        at=now,
        started_at=now - timedelta(days=1, minutes=1),
    )
    a_visit(resident=a_resident(county, name="赵乡镇"), by=county.tang, at=now)

    text = alma.get("/visits/").content.decode()

    assert str(here.uuid) in text
    assert "李昨天" not in text
    assert "赵乡镇" not in text
    assert alma.get("/visits/?day=yesterday").status_code == 422


def test_the_list_pages_and_does_not_ask_more_for_more_rows(
    county: County, alma: Client, django_assert_max_num_queries: Any
) -> None:
    resident, now = a_resident(county), clock.now()
    a_visit(resident=resident, by=county.alma, at=now)
    alma.get("/visits/")
    for minutes in range(1, 25):
        a_visit(resident=resident, by=county.alma, at=now, started_at=now - timedelta(seconds=minutes))
    day = now.date()

    with django_assert_max_num_queries(4):
        first = queries.visits_on(county.alma, clock.today(now))
        [
            str(visit.facility) + visit.resident.name + "".join(d.name for d in visit.diagnoses.all())
            for visit in first.rows
        ]
    second = queries.visits_on(county.alma, clock.today(now), cursor=first.next_cursor)

    assert day
    assert (len(first.rows), len(second.rows)) == (20, 5)
    assert not {visit.pk for visit in first.rows} & {visit.pk for visit in second.rows}


def test_search_boxes_answer_with_options(county: County, alma: Client) -> None:
    load_starter_terms()

    diagnoses = alma.get("/visits/terms/?q=gxy").content.decode()
    medicines = alma.get("/visits/medicines/?q=aldp").content.decode()
    nothing = alma.get("/visits/terms/?q=zzzzqqq").content.decode()

    assert 'data-value="ICD-10:I10.x00"' in diagnoses
    assert "氨氯地平" in medicines
    assert "没有符合的诊断" in nothing


def test_a_role_that_does_not_treat_is_refused(county: County, client: Client) -> None:
    resident = a_resident(county)
    worker = county.user("pia", "public-health-worker", county.clinic, name="皮")
    browser = sign_in(client, worker)

    assert browser.get(f"/visits/record/{resident.uuid}/").status_code == 403
    assert browser.get("/visits/").status_code == 200


def test_a_carried_medicine_is_not_doubled(county: County, alma: Client) -> None:
    resident = a_resident(county)
    a_visit(resident=resident, by=county.alma, at=clock.now() - timedelta(days=30), prescriptions=[AMLODIPINE])

    text = alma.post(
        f"/visits/record/{resident.uuid}/", form(op="carry"), headers={"HX-Request": "true"}
    ).content.decode()

    assert text.count(f'name="dx_code" value="{HYPERTENSION.code}"') == 1
    assert text.count('name="rx_medicine"') == 1
