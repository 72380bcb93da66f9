"""Break-glass on the pages of residents: reading, for a written reason, in the open."""

from datetime import date

from django.test import Client
from django.urls import reverse

from tests.factories.accounts import an_emergency, sign_in
from tests.factories.county import County
from tests.factories.residents import a_resident, an_id_number
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord

NUMBER = an_id_number(date(1963, 4, 15), sequence=61)


def _as(county: County, who: str) -> Client:
    assert getattr(county, who)
    return sign_in(Client(), county.users[who])


def test_emergency_access_opens_the_record_and_shows_in_the_log(county: County) -> None:
    resident = a_resident(county, id_number=NUMBER)
    neighbour = _as(county, "sib")

    opened = neighbour.post(
        reverse("residents:emergency"), {"id_number": NUMBER, "reason": "昏迷送来，需立即了解既往用药"}
    )
    body = neighbour.get(opened["Location"]).content.decode()
    log = (
        _as(county, "alma").get(reverse("residents:detail", args=[resident.uuid]), {"tab": "lookups"}).content.decode()
    )

    assert "正在使用紧急访问" in body
    assert "以紧急访问打开了健康档案" in log
    assert "昏迷送来，需立即了解既往用药" in log


def test_emergency_access_does_not_write(county: County) -> None:
    resident = a_resident(county)
    assert county.sib
    an_emergency(county.sib, resident.uuid, at=clock.now())
    neighbour = _as(county, "sib")

    assert neighbour.get(reverse("residents:detail", args=[resident.uuid])).status_code == 200
    assert (
        neighbour.post(
            reverse("residents:edit", args=[resident.uuid]), {"name": "王大麦", "sex": "1", "born_on": "1963-04-15"}
        ).status_code
        == 403
    )


def test_emergency_by_an_unknown_number_finds_nobody(county: County) -> None:
    response = _as(county, "sib").post(
        reverse("residents:emergency"), {"id_number": NUMBER, "reason": "昏迷送来，需立即了解既往用药"}
    )

    assert response.status_code == 422


def test_each_page_under_emergency_access_carries_its_reason(county: County) -> None:
    resident = a_resident(county)
    assert county.sib
    an_emergency(county.sib, resident.uuid, at=clock.now())
    neighbour = _as(county, "sib")

    for tab in ("timeline", "basic", "lookups"):
        neighbour.get(reverse("residents:detail", args=[resident.uuid]), {"tab": tab})

    rows = AuditRecord.objects.filter(event="resident.emergency-viewed", subject_uuid=resident.uuid)
    assert [(row.emergency, row.reason) for row in rows] == [(True, "昏迷送来，需立即了解既往用药")] * 3


def test_emergency_access_to_one_opens_no_other(county: County) -> None:
    resident, other = a_resident(county), a_resident(county, name="李大米", sex="2")
    assert county.sib
    an_emergency(county.sib, resident.uuid, at=clock.now())

    assert _as(county, "sib").get(reverse("residents:detail", args=[other.uuid])).status_code == 404
