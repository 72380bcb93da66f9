"""The pages of residents: what they show, to whom, and what they write down."""

import base64
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.residents import a_resident, an_id_number
from xinglin.platform.models import AuditRecord
from xinglin.residents.models import Consent, Merge, Resident
from xinglin.residents.tests.test_consents import a_signature

BORN = date(1963, 4, 15)
NUMBER = an_id_number(BORN, sequence=31)


@pytest.fixture
def alma(county: County, client: Client) -> Client:
    assert county.alma
    return sign_in(client, county.users["alma"])


def _as(county: County, who: str) -> Client:
    assert getattr(county, who)
    return sign_in(Client(), county.users[who])


def _form(**changes: Any) -> dict[str, Any]:
    fields = {
        "name": "王小麦",
        "sex": "1",
        "born_on": "1963-04-15",
        "id_kind": "RESIDENT_ID",
        "id_number": NUMBER,
        "allergies": "无",
        "address": "东沟村1号",
    }
    return fields | changes


def _tabs() -> list[str]:
    return ["timeline", "basic", "family", "consents", "lookups"]


def test_nobody_is_sent_to_sign_in(county: County, client: Client) -> None:
    resident = a_resident(county)

    for name, args in (
        ("list", []),
        ("register", []),
        ("detail", [resident.uuid]),
        ("edit", [resident.uuid]),
        ("own", []),
    ):
        response = client.get(reverse(f"residents:{name}", args=args))
        assert response.status_code == 302
        assert response["Location"].startswith("/sign-in/")


def test_the_list_shows_recent_residents_and_finds_others(county: County, alma: Client) -> None:
    a_resident(county, id_number=NUMBER)
    a_resident(county, name="李大米", sex="2")

    start = alma.get(reverse("residents:list")).content.decode()
    found = alma.get(reverse("residents:list"), {"q": "wxm"}).content.decode()

    assert "王小麦" in start
    assert "李大米" in start
    assert "王小麦" in found
    assert "李大米" not in found
    assert NUMBER not in found
    assert NUMBER[:6] in found


def test_htmx_gets_the_results_only(county: County, alma: Client) -> None:
    a_resident(county)

    response = alma.get(reverse("residents:list"), {"q": "王"}, headers={"HX-Request": "true"})

    assert "HX-Request" in response["Vary"]
    assert "<html" not in response.content.decode()
    assert 'id="results"' in response.content.decode()


def test_a_search_that_cannot_be_read_says_so(county: County, alma: Client) -> None:
    assert alma.get(reverse("residents:list"), {"q": "王\u202e"}).status_code == 422


def test_the_list_takes_the_same_number_of_queries_for_one_and_for_many(county: County, alma: Client) -> None:
    counts = []
    for n in (1, 15):
        for i in range(n):
            a_resident(
                county, name="王" + "一二三四五六七八九十甲乙丙丁戊"[i], born_on=BORN + timedelta(days=60 * i + n)
            )
        alma.get(reverse("residents:list"), {"q": "王"})
        with CaptureQueriesContext(connection) as queries:
            alma.get(reverse("residents:list"), {"q": "王"})
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_registering_on_the_page(county: County, alma: Client) -> None:
    response = alma.post(reverse("residents:register"), _form(managed_by=county.clinic.pk, idempotency_key="k1"))
    again = alma.post(reverse("residents:register"), _form(managed_by=county.clinic.pk, idempotency_key="k1"))

    resident = Resident.objects.get()
    assert response.status_code == 302
    assert response["Location"] == again["Location"] == reverse("residents:detail", args=[resident.uuid])
    assert resident.allergies == "无"


def test_the_identity_number_fills_birth_date_and_sex(county: County, alma: Client) -> None:
    body = alma.post(
        reverse("residents:read_document"),
        {"id_kind": "RESIDENT_ID", "id_number": NUMBER},
        headers={"HX-Request": "true"},
    ).content.decode()

    assert 'value="1963-04-15"' in body
    assert re.search(r'name="sex" value="1" checked', body)
    wrong = alma.post(
        reverse("residents:read_document"), {"id_number": NUMBER[:-1] + "?"}, headers={"HX-Request": "true"}
    )
    assert "18 位" in wrong.content.decode()


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"name": "<b>王</b>"}, 422, "间隔号"),
        ({"born_on": "yesterday"}, 422, "1963-04-15"),
        ({"id_number": NUMBER[:17] + ("0" if NUMBER[17] != "0" else "1")}, 422, "校验位"),
        ({"managed_by": "x"}, 422, "管理机构"),
    ],
)
def test_what_is_wrong_stands_beside_the_form(
    county: County, alma: Client, changes: dict[str, str], status: int, says: str
) -> None:
    response = alma.post(reverse("residents:register"), _form(managed_by=county.clinic.pk) | changes)

    assert response.status_code == status
    assert says in response.content.decode()
    assert "<b>王</b>" not in response.content.decode()
    assert not Resident.objects.exists()


def test_likely_duplicates_stand_on_the_page_and_are_acknowledged(county: County, alma: Client) -> None:
    first = a_resident(county, id_kind="NONE", phone="13900000001")
    form = _form(managed_by=county.clinic.pk)

    refused = alma.post(reverse("residents:register"), form)
    assert refused.status_code == 409
    assert "姓名相同" in refused.content.decode()
    assert str(first.uuid) in refused.content.decode()

    saved = alma.post(reverse("residents:register"), form | {"acknowledged": [str(first.uuid)]})
    assert saved.status_code == 302
    assert Resident.objects.count() == 2


def test_an_exact_duplicate_of_another_village_offers_arrival(county: County, alma: Client) -> None:
    a_resident(county, id_number=NUMBER, by=county.cai, managed_by_id=county.other_clinic.pk)

    refused = alma.post(reverse("residents:register"), _form(managed_by=county.clinic.pk))
    body = refused.content.decode()
    assert refused.status_code == 409
    assert "王*麦" in body
    assert reverse("residents:arrive") in body

    arrived = alma.post(reverse("residents:arrive"), {"name": "王小麦", "id_number": NUMBER})
    assert alma.get(arrived["Location"]).status_code == 200


def test_an_arrival_that_does_not_match_finds_nobody(county: County, alma: Client) -> None:
    a_resident(county, id_number=NUMBER, by=county.cai, managed_by_id=county.other_clinic.pk)

    response = alma.post(reverse("residents:arrive"), {"name": "王大麦", "id_number": NUMBER})

    assert response.status_code == 404
    assert AuditRecord.objects.filter(event="refused.not-found", outcome="missing").exists()


@pytest.mark.parametrize("tab", _tabs())
def test_every_tab_opens_and_leaves_one_look(county: County, alma: Client, tab: str) -> None:
    resident = a_resident(county, id_number=NUMBER, phone="13900000001")
    before = AuditRecord.objects.latest("pk").pk

    response = alma.get(reverse("residents:detail", args=[resident.uuid]), {"tab": tab})

    assert response.status_code == 200
    assert "王小麦" in response.content.decode()
    looks = AuditRecord.objects.filter(pk__gt=before)
    assert [(row.subject_uuid, row.outcome) for row in looks] == [(resident.uuid, "ok")]


def test_numbers_are_masked_for_who_may_not_reveal(county: County) -> None:
    resident = a_resident(county, id_number=NUMBER, phone="13900000001")
    county.user("tech", "technician", county.clinic)

    body = (
        sign_in(Client(), county.users["tech"])
        .get(reverse("residents:detail", args=[resident.uuid]), {"tab": "basic"})
        .content.decode()
    )

    assert NUMBER not in body
    assert "13900000001" not in body
    assert (
        NUMBER
        in _as(county, "alma").get(reverse("residents:detail", args=[resident.uuid]), {"tab": "basic"}).content.decode()
    )


def test_a_guessed_address_is_not_found_and_written_down(county: County) -> None:
    resident = a_resident(county)
    neighbour = _as(county, "sib")

    for name in ("detail", "edit", "transfer", "new_consent"):
        response = neighbour.get(reverse(f"residents:{name}", args=[resident.uuid]))
        assert response.status_code == 404
        assert "王小麦" not in response.content.decode()

    rows = AuditRecord.objects.filter(event="refused.not-found", actor_name="邻村", object_key=str(resident.uuid))
    assert rows.count() == 4


def test_editing_on_the_page(county: County, alma: Client) -> None:
    resident = a_resident(county, id_number=NUMBER)
    address = reverse("residents:edit", args=[resident.uuid])
    assert NUMBER not in alma.get(address).content.decode()

    response = alma.post(address, _form(name="王大麦", id_number="", conditions=["hypertension"]))

    resident.refresh_from_db()
    assert response.status_code == 302
    assert (resident.name, resident.id_number, resident.conditions) == ("王大麦", NUMBER, ["hypertension"])
    assert alma.post(address, _form(name="")).status_code == 422


def test_editing_a_person_without_document_asks_for_no_anchor_again(county: County, alma: Client) -> None:
    mother = an_id_number(date(1995, 3, 3), "2")
    newborn = a_resident(county, name="王芳之女", sex="2", id_kind="NONE", guardian_id_number=mother)
    address = reverse("residents:edit", args=[newborn.uuid])
    form = _form(name="王小苗", sex="2", id_kind="NONE", id_number="", guardian_id_number="", phone="")

    assert alma.post(address, form).status_code == 302
    newborn.refresh_from_db()
    assert newborn.name == "王小苗"
    assert alma.post(address, form | {"id_kind": "BIRTH_CERTIFICATE", "id_number": "Z370000009"}).status_code == 302
    newborn.refresh_from_db()
    assert (newborn.id_kind, newborn.id_number) == ("BIRTH_CERTIFICATE", "Z370000009")


def test_markup_in_an_address_is_shown_as_text(county: County, alma: Client) -> None:
    resident = a_resident(county, address="<img src=x onerror=alert(1)>")

    body = alma.get(reverse("residents:detail", args=[resident.uuid]), {"tab": "basic"}).content.decode()

    assert "<img src=x" not in body
    assert "&lt;img src=x" in body


def test_comparing_merging_and_undoing_on_pages(county: County) -> None:
    kept = a_resident(county, phone="13900000001")
    other = a_resident(county, id_kind="NONE", name="王晓麦", phone="13900000001")
    tang = _as(county, "tang")
    address = reverse("residents:merge", args=[kept.uuid])

    assert "电话相同" in tang.get(address).content.decode()
    assert f"?other={other.uuid}" in tang.get(address, {"q": "王晓麦"}).content.decode()
    compared = tang.get(address, {"other": other.uuid}).content.decode()
    assert "相似度" in compared
    assert other.number in compared
    assert tang.post(address, {"other": other.uuid, "keep": kept.uuid, "reason": ""}).status_code == 422
    assert tang.post(address, {"other": other.uuid, "keep": kept.uuid, "reason": "核对原件为同一人"}).status_code == 302

    merge = Merge.objects.get()
    assert tang.get(reverse("residents:detail", args=[other.uuid]))["Location"] == reverse(
        "residents:detail", args=[kept.uuid]
    )
    assert "撤销合并" in tang.get(reverse("residents:detail", args=[kept.uuid]), {"tab": "basic"}).content.decode()
    undo = reverse("residents:undo_merge", args=[merge.uuid])
    assert tang.get(undo).status_code == 200
    assert tang.post(undo, {"reason": "核实为两人"}).status_code == 302
    assert tang.get(reverse("residents:detail", args=[other.uuid])).status_code == 200
    assert tang.post(undo, {"reason": "核实为两人"}).status_code == 409


def test_a_village_doctor_does_not_merge(county: County, alma: Client) -> None:
    assert alma.get(reverse("residents:merge", args=[a_resident(county).uuid])).status_code == 403


def test_family_contacts_and_status_on_pages(county: County, alma: Client) -> None:
    head, wife = a_resident(county), a_resident(county, name="李大米", sex="2")

    home = alma.post(reverse("residents:create_household", args=[head.uuid]))["Location"]
    join = home + "join/"
    assert alma.post(join, {"who": "李大米", "relation": "10"}).status_code == 302
    assert alma.post(join, {"who": "没有这人", "relation": "10"}).status_code == 404
    assert alma.post(join, {"who": wife.number, "relation": ""}).status_code == 422
    assert "配偶" in alma.get(home).content.decode()
    assert "李大米" in alma.get(reverse("residents:detail", args=[head.uuid]), {"tab": "family"}).content.decode()
    assert alma.post(reverse("residents:leave_household", args=[wife.uuid])).status_code == 302

    added = alma.post(
        reverse("residents:add_contact", args=[head.uuid]),
        {"name": "李大米", "relation": "配偶", "phone": "13900000002"},
    )
    assert added.status_code == 302
    contact = head.contacts.get()
    assert alma.post(reverse("residents:end_contact", args=[contact.uuid])).status_code == 302
    assert _as(county, "sib").post(reverse("residents:end_contact", args=[contact.uuid])).status_code == 404

    status = reverse("residents:status", args=[wife.uuid])
    assert alma.post(status, {"to": "moved", "reason": "迁往外县"}).status_code == 302
    assert alma.post(status, {"to": "moved"}).status_code == 409
    assert alma.post(status, {"to": "back", "reason": "迁回"}).status_code == 302
    assert alma.post(status, {"to": "nowhere"}).status_code == 422


def test_a_consent_with_signature_on_pages(county: County, alma: Client) -> None:
    resident = a_resident(county)
    address = reverse("residents:new_consent", args=[resident.uuid])
    png = "data:image/png;base64," + base64.b64encode(a_signature()).decode()
    form = {
        "kind": "referral",
        "agreed": "yes",
        "signer_name": "王小麦",
        "signer_relation": "本人",
        "signature": png,
        "explained": "说明",
    }

    assert alma.get(address).status_code == 200
    assert alma.post(address, form | {"signature": "data:image/png;base64,AAAA"}).status_code == 422
    assert alma.post(address, form | {"signature": "data:image/png;base64," + "A" * 500_000}).status_code == 413
    assert alma.post(address, form | {"kind": ""}).status_code == 422
    assert alma.post(address, form).status_code == 302

    consent = Consent.objects.get()
    picture = alma.get(reverse("residents:signature", args=[consent.uuid]))
    assert picture["Content-Type"] == "image/png"
    assert b"".join(picture.streaming_content).startswith(b"\x89PNG")
    assert "看签名" in alma.get(reverse("residents:detail", args=[resident.uuid]), {"tab": "consents"}).content.decode()
    assert _as(county, "sib").get(reverse("residents:signature", args=[consent.uuid])).status_code == 404
    assert alma.post(reverse("residents:withdraw_consent", args=[consent.uuid])).status_code == 302
    assert alma.post(reverse("residents:withdraw_consent", args=[consent.uuid])).status_code == 409


def test_a_transfer_on_the_page(county: County) -> None:
    resident = a_resident(county)
    tang = _as(county, "tang")
    address = reverse("residents:transfer", args=[resident.uuid])

    assert "西沟村卫生室" in tang.get(address).content.decode()
    assert tang.post(address, {"facility": county.sibling.uuid}).status_code == 302
    resident.refresh_from_db()
    assert resident.managed_by == county.sibling
    assert tang.post(address, {"facility": ""}).status_code == 422
