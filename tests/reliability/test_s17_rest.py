"""S17: nobody is recognised by somebody who asks the programs for everything he may: flows, exports, FHIR, by every period."""

import csv
import io
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.county import NOW
from tests.factories.figures import worker_at_hand
from tests.factories.residents import a_resident
from tests.reliability.differencing import LEAST, Attacker, Cell
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.facts.extraction import extract
from xinglin.indicators.flow_counts import kept_flows
from xinglin.visits.models import Diagnosis, Visit

YEAR, N_MONTHS = 2026, 11
MONTHS = [f"{YEAR}-{month:02}" for month in range(1, N_MONTHS + 1)]
PERIODS = [*MONTHS, *(f"{YEAR}-Q{n}" for n in (1, 2, 3, 4)), *(f"{each}-YTD" for each in MONTHS), str(YEAR)]
CODES = {"IX": "I10.x00", "X": "J06.900"}
TIERS = {"VILLAGE": "V", "TOWNSHIP": "T", "COUNTY": "C"}
HOMES = {"370403101": "clinic", "370403102": "other_clinic"}
#: Few people attacked, of each kind: two linear programmes each.
MOST = 40


def _poisson(dice: random.Random, mean: float) -> int:
    n, left = 0, dice.expovariate(1)
    while left < mean:
        n, left = n + 1, left + dice.expovariate(1)
    return n


class Ways:
    """Visits of two people of two townships at five facilities, in each month: how many, by way."""

    def __init__(self, county: Any, seed: int) -> None:
        dice = random.Random(seed)
        self.county, self.counts = county, {}
        persons = {
            "370403101": a_resident(county),
            "370403102": a_resident(county, name="李南营", managed_by_id=county.other_clinic.pk, by=county.cai),
        }
        visits, codes = [], []
        for home, person in persons.items():
            for facility in (county.clinic, county.township, county.other_clinic, county.hospital, county.tcm):
                for chapter in CODES:
                    mean = dice.choice((0.2, 0.8, 3, 9))
                    for month in MONTHS:
                        n = _poisson(dice, mean)
                        self.counts[f"{home}/{facility.pk}/{chapter}", month] = n
                        for _visit in range(n):
                            visits.append(self._visit(person, facility, month, len(visits)))
                            codes.append(CODES[chapter])
        Visit.objects.bulk_create(visits)
        Diagnosis.objects.bulk_create(
            Diagnosis(visit=visit, code=code, name="诊断", is_primary=True)
            for visit, code in zip(visits, codes, strict=True)
        )

    @staticmethod
    def _visit(person: Any, facility: Any, month: str, n: int) -> Visit:
        at = datetime.fromisoformat(f"{month}-10T02:00:00").replace(tzinfo=UTC)
        return Visit(
            number=f"W{n:06}", resident=person, facility=facility, tier=facility.tier, started_at=at, recorded_at=at,
            status="SIGNED", status_changed_at=at,
        )  # fmt: skip

    def cell(self, period: str, **wanted: str) -> Cell:
        """Visits of a period; of one home, facility, chapter, or of a level of care seen from home."""
        months = set(MONTHS) & {each.text for each in _months(period)}
        found = set()
        for way, month in self.counts:
            home, facility, chapter = way.split("/")
            said = {"home": home, "facility": facility, "chapter": chapter, "level": self.level(home, facility)}
            if month in months and all(said[name] == value for name, value in wanted.items()):
                found.add((way, int(month[-2:])))
        return frozenset(found)

    def level(self, home: str, facility: str) -> str:
        found = next(
            each
            for each in (
                getattr(self.county, name) for name in ("clinic", "township", "other_clinic", "hospital", "tcm")
            )
            if str(each.pk) == facility
        )
        own = found.division.code[:9] == home
        return "C" if found.tier == "COUNTY" else TIERS[found.tier] if own else "O"

    def count(self, cell: Cell) -> int:
        return sum(self.counts[way, MONTHS[month - 1]] for way, month in cell)


def _months(period: str) -> Iterator[Any]:
    found = parse(period)
    for month in range(int(found.first_month[-2:]), int(found.last_month[-2:]) + 1):
        yield parse(f"{YEAR}-{month:02}")


def _learn(attacker: Attacker, ways: Ways, n: float | None, cell: Cell) -> None:
    if n is not None:
        assert n == ways.count(cell), "what was told is not what there is"
        attacker.learn(cell, n)


def _read_flows(client: Client, ways: Ways, attacker: Attacker) -> None:
    for period in PERIODS:
        for asked in ({}, *({"to": each} for each in "VTOC"), *({"chapter": each} for each in CODES)):
            body = client.get("/api/v1/patient-flow", {"period": period, **asked})
            assert body.status_code == 200, body.content
            found = body.json()
            assert found["is_guarded"]
            named = {"level": asked["to"]} if "to" in asked else dict(asked)
            for origin in [*found["origins"], *([found["whole"]] if found["whole"] else [])]:
                home = {"home": origin["origin"]} if origin["origin"] else {}
                _learn(attacker, ways, origin["total"], ways.cell(period, **home, **named))
                for cell in origin["cells"]:
                    if cell["destination"] == "+":
                        continue
                    key = "facility" if "to" in asked else "level"
                    _learn(attacker, ways, cell["n"], ways.cell(period, **home, **{**named, key: cell["destination"]}))


def _small(ways: Ways) -> list[Cell]:
    """Every figure of a flow of 1 to 4 people."""
    found = set()
    facilities = {way.split("/")[1] for way, _month in ways.counts}
    for period in PERIODS:
        for home in ({}, *({"home": each} for each in HOMES)):
            for level in ({}, *({"level": each} for each in "VTOC")):
                for part in ({}, *({"facility": each} for each in facilities), *({"chapter": each} for each in CODES)):
                    cell = ways.cell(period, **home, **level, **part)
                    if 0 < ways.count(cell) < LEAST:
                        found.add(cell)
    return sorted(found, key=sorted)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_is_recognised_by_a_manager_who_asks_for_every_flow(county: Any, seed: int) -> None:
    ways, attacker = Ways(county, seed), Attacker()
    version = extract(at=NOW).version
    assert version is not None
    kept_flows(version, [parse(each) for each in PERIODS], "OUTPATIENT", at=NOW)
    assert county.mei
    _read_flows(sign_in(Client(), county.users["mei"]), ways, attacker)
    small = _small(ways)

    assert not [cell for cell in small if cell in attacker.told]
    known = attacker.known(random.Random(seed).sample(small, min(len(small), MOST)))

    print(f"seed {seed}: {len(attacker.told)} told, {len(small)} small")
    assert known == {}
    assert len(attacker.told) > 10


SHARE = "grassroots-share"


def _read_reports(client: Client, ways: Ways, attacker: Attacker) -> None:
    """Numerator and denominator as FHIR says them, of the county and of each township people live in."""
    for period in PERIODS:
        for level in ("county", "township"):
            body = client.get("/api/v1/fhir/MeasureReport", {"measure": SHARE, "period": period, "level": level})
            assert body.status_code == 200, body.content
            for entry in body.json()["entry"]:
                group = entry["resource"]["group"][0]
                unit = entry["resource"]["reporter"]["identifier"]["value"]
                home = {"home": unit} if level == "township" else {}
                for population in group.get("population", ()):
                    code = population["code"]["coding"][0]["code"]
                    _learn_part(attacker, ways, code, population.get("count"), period, home)


def _learn_part(attacker: Attacker, ways: Ways, part: str, n: float | None, period: str, home: dict[str, str]) -> None:
    cell = ways.cell(period, **home)
    if part == "numerator":
        cell -= ways.cell(period, **home, level="C")
    _learn(attacker, ways, n, cell)


def _read_exports(client: Client, ways: Ways, attacker: Attacker) -> None:
    names = {"沙沟镇": "370403101", "周营镇": "370403102"}
    for period in PERIODS:
        body = client.get(f"/board/figures/{SHARE}/export/", {"period": period, "level": "township", "format": "csv"})
        assert body.status_code == 200
        rows = list(csv.reader(io.StringIO(body.content.decode("utf-8-sig"))))[1:]
        for row in rows:
            home = {"home": names[row[0]]} if row[0] in names else {}
            for part, cell in (("numerator", row[3]), ("denominator", row[4])):
                _learn_part(attacker, ways, part, float(cell) if cell else None, period, home)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("seed", [3, 4])
def test_nobody_is_recognised_by_a_manager_who_keeps_every_export_and_report(
    county: Any, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker_at_hand(monkeypatch)
    ways, attacker = Ways(county, seed), Attacker()
    extract(at=NOW)
    assert county.mei
    client = sign_in(Client(), county.users["mei"])
    _read_reports(client, ways, attacker)
    _read_exports(client, ways, attacker)
    small = {
        cell
        for period in PERIODS
        for home in ({}, *({"home": each} for each in HOMES))
        for whole, out in [(ways.cell(period, **home), ways.cell(period, **home, level="C"))]
        for cell in (whole, whole - out, out)
        if 0 < ways.count(cell) < LEAST
    }

    known = attacker.known(sorted(small, key=sorted)[:MOST])

    print(f"seed {seed}: {len(attacker.told)} told, {len(small)} small")
    assert known == {}
    assert attacker.told
