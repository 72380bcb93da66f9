"""Whoever stands on a list sees that it was looked at: each list of people names everybody it shows, in one record."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.checkups import a_checkup
from tests.factories.consultations import a_case as a_consultation
from tests.factories.contracts import an_agreement
from tests.factories.county import County, later
from tests.factories.diagnostics import a_critical, a_request
from tests.factories.followups import a_followup
from tests.factories.laboratory import CRITICAL, an_order, collected, entered, li, luo, received, sent
from tests.factories.pathology import a_case, pan
from tests.factories.points import an_exchange
from tests.factories.recognition import a_decision
from tests.factories.referrals import a_referral
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.platform import clock
from xinglin.platform.audit import SUBJECTS, concerns
from xinglin.platform.models import AuditRecord
from xinglin.residents.lookups import lookups_of

Made = Callable[[County], Any]
OWN: dict[str, Callable[[County], Any]] = {"li": li, "luo": luo, "pan": pan}
#: Who looks, at which list, and who stands on it.
LISTS: list[tuple[str, str, Made]] = [
    ("du", "/referrals/?box=new", lambda county: a_referral(county).resident),
    ("alma", "/referrals/sent/", lambda county: a_referral(county).resident),
    ("alma", "/api/v1/referrals?box=sent", lambda county: a_referral(county).resident),
    ("tang", "/checkups/?box=open", lambda county: a_checkup(county).resident),
    ("tang", "/checkups/stations/?station=vitals", lambda county: a_checkup(county, status="ARRIVED").resident),
    ("tang", "/api/v1/checkups?box=open", lambda county: a_checkup(county).resident),
    ("tang", "/api/v1/checkups/queue?station=vitals", lambda county: a_checkup(county, status="ARRIVED").resident),
    ("alma", "/points/", lambda county: an_exchange(county).account.resident),
    ("alma", "/api/v1/points/exchanges", lambda county: an_exchange(county).account.resident),
    ("alma", "/residents/?q=王小麦", a_resident),
    ("alma", "/residents/?q=2026-01-01", lambda county: a_resident(county, born_on=date(2026, 1, 1))),
    ("alma", "/api/v1/residents?q=王小麦", a_resident),
    ("alma", "/followups/", lambda county: a_followup(county).resident),
    ("alma", "/api/v1/followups", lambda county: a_followup(county).resident),
    ("alma", "/visits/", lambda county: a_visit(resident=a_resident(county), by=county.alma).resident),
    ("alma", "/api/v1/visits", lambda county: a_visit(resident=a_resident(county), by=county.alma).resident),
    ("alma", "/contracts/agreements/", lambda county: an_agreement(county).resident),
    ("alma", "/api/v1/agreements", lambda county: an_agreement(county).resident),
    ("bo", "/diagnostics/worklist/", lambda county: a_request(county).resident),
    ("alma", "/diagnostics/sent/", lambda county: a_request(county).resident),
    ("bo", "/diagnostics/criticals/", lambda county: a_critical(county).request.resident),
    ("alma", "/api/v1/ecg-requests?show=sent", lambda county: a_request(county).resident),
    ("bo", "/api/v1/critical-values", lambda county: a_critical(county).request.resident),
    ("alma", "/laboratory/collect/", lambda county: an_order(county).resident),
    ("alma", "/laboratory/hand-over/", lambda county: collected(county).resident),
    ("li", "/laboratory/receive/", lambda county: sent(county).resident),
    ("li", "/laboratory/bench/", lambda county: received(county).resident),
    ("luo", "/laboratory/review/", lambda county: entered(county, CRITICAL).resident),
    ("alma", "/api/v1/laboratory/specimens", lambda county: an_order(county).resident),
    ("luo", "/api/v1/laboratory/review", lambda county: entered(county, CRITICAL).resident),
    ("pan", "/pathology/desk/", lambda county: a_case(county).request.resident),
    ("tang", "/pathology/sent/", lambda county: a_case(county).request.resident),
    ("bo", "/pathology/reading/", lambda county: a_case(county, status="SLIDED").request.resident),
    ("tang", "/api/v1/pathology-cases?show=sent", lambda county: a_case(county).request.resident),
    ("tang", "/recognition/decisions/", lambda county: a_decision(county).resident),
    ("tang", "/api/v1/recognition/decisions", lambda county: a_decision(county).resident),
    ("alma", "/consultations/mine/", lambda county: a_consultation(county, pack=()).resident),
]


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of a test are opened at the same time of day as its factories."""
    monkeypatch.setattr(clock.timezone, "now", lambda: later(5))


@pytest.mark.parametrize(("who", "path", "made"), LISTS, ids=[f"{who} {path}" for who, path, _made in LISTS])
def test_whoever_stands_on_a_list_can_see_that_it_was_looked_at(
    county: County, who: str, path: str, made: Made
) -> None:
    resident = made(county)
    actor = OWN[who](county) if who in OWN else getattr(county, who)
    user = next(each for each in county.users.values() if each.pk == actor.user_id)
    reader, before = sign_in(Client(), user), AuditRecord.objects.latest("id").pk

    answer = reader.get(path)

    looks = AuditRecord.objects.filter(concerns([resident.uuid]), pk__gt=before, detail__has_key=SUBJECTS)
    assert answer.status_code == 200
    assert looks.count() == 1
    assert lookups_of([resident.uuid]).rows[0].is_look
