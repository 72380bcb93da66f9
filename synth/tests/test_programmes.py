"""Managed residents of a synthetic county: as many as there should be, the same each time, and graded as a second, plain program grades them."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings

from synth.catchments import catchment_blocks
from synth.county import Plan
from synth.load import load
from synth.progress import Progress
from synth.sealing import PlainSealer
from synth.staff import draw_staff
from xinglin.platform import clock
from xinglin.programmes import nightly
from xinglin.programmes.models import Enrolment, ManagedResident, ResultChange, VisitResult
from xinglin.programmes.tests import oracle

ORACLES = {"hypertension": oracle.hypertension, "diabetes": oracle.diabetes}
NUMBERS = ("systolic", "diastolic", "glucose_fasting", "hba1c")
TABLES = (
    "programmes_enrolment",
    "programmes_programmevisit",
    "programmes_visitresult",
    "programmes_alert",
    "residents_resident",
)


def rows_of(plan: Plan) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    staff = draw_staff(plan, 1)
    for catchment in plan.catchments:
        for block in catchment_blocks(plan, catchment, staff, PlainSealer()):
            if block.table in TABLES:
                rows = zip(*block.values, strict=True)
                found[block.table] += [dict(zip(block.columns, row, strict=True)) for row in rows]
    return found


def truth(text: str) -> bool | None:
    return {"t": True, "f": False, "\\N": None}[text]


def answers_of(visit: dict[str, str]) -> dict[str, Any]:
    given = json.loads(visit["answers"])
    return {code: float(Decimal(value)) if code in NUMBERS else value for code, value in given.items()}


def results(
    rows: dict[str, list[dict[str, str]]],
) -> Iterator[tuple[dict[str, str], list[tuple[dict[str, str], dict[str, str]]]]]:
    """Each enrolment in the oracle's programmes with its visits and their results, oldest first."""
    visits = {each["id"]: each for each in rows["programmes_programmevisit"]}
    of_enrolment = defaultdict(list)
    for each in rows["programmes_visitresult"]:
        of_enrolment[each["enrolment_id"]].append((visits[each["visit_id"]], each))
    for enrolment in rows["programmes_enrolment"]:
        if enrolment["programme"] in ORACLES:
            yield enrolment, sorted(of_enrolment[enrolment["id"]], key=lambda pair: pair[0]["happened_at"])


def compare(plan: Plan) -> int:
    """Every visit of everybody by both programs; how many residents there were."""
    rows = rows_of(plan)
    people = {each["id"]: each for each in rows["residents_resident"]}
    open_codes = defaultdict(set)
    for each in rows["programmes_alert"]:
        open_codes[each["enrolment_id"]].add(each["code"])
    seen = set()
    for enrolment, several in results(rows):
        person, past = people[enrolment["resident_id"]], []
        who = SimpleNamespace(born_on=date.fromisoformat(person["born_on"]), sex=person["sex"], is_pregnant=None)
        found: set[str] = set()
        for visit, result in several:
            on, answers = datetime.fromisoformat(visit["happened_at"]).date(), answers_of(visit)
            grade, controlled, on_target, found, days = ORACLES[enrolment["programme"]](who, answers, past, on)
            ours = (result["grade"], truth(result["is_controlled"]), truth(result["on_target"]), result["next_due_on"])
            assert ours == (grade, controlled, on_target, (on + timedelta(days=days)).isoformat()), (enrolment, visit)
            past.append(SimpleNamespace(on=on, controlled=controlled, answers=answers))
        assert open_codes[enrolment["id"]] == found & oracle.REFERRING[enrolment["programme"]], enrolment
        seen.add(enrolment["resident_id"])
    return len(seen)


def test_the_oracle_agrees_on_every_resident_of_a_small_county(plan_of: Callable[..., Plan]) -> None:
    assert compare(plan_of(2_500)) > 200


@pytest.mark.slow
def test_the_oracle_agrees_on_every_resident_of_a_large_cohort(plan_of: Callable[..., Plan]) -> None:
    assert compare(plan_of(60_000, seed=7)) > 5_000


def test_thirteen_of_a_hundred_are_managed_the_same_people_each_time(plan_of: Callable[..., Plan]) -> None:
    first, second = (rows_of(plan_of(2_500)) for _ in range(2))

    assert len({each["resident_id"] for each in first["programmes_enrolment"]}) == 325
    assert [first[name] for name in TABLES] == [second[name] for name in TABLES]
    grades = {each["grade"] for each in first["programmes_enrolment"] if each["programme"] == "hypertension"}
    assert {"below-140", "grade-1", "grade-2"} <= grades


def test_a_loaded_county_is_as_the_rules_say(plan_of: Callable[..., Plan], loader_url: str) -> None:
    load(plan_of(1_200, visits=3), url=loader_url, tenant=settings.TENANT, progress=Progress(lambda line: None))
    n_managed = ManagedResident.objects.count()
    assert 150 <= n_managed <= 156

    run = nightly.check_everybody(at=clock.now())

    assert run is not None
    assert (run.n_looked, run.n_changed, run.n_failed) == (n_managed, 0, 0)
    assert not ResultChange.objects.exists()
    assert VisitResult.objects.count() > Enrolment.objects.count()
