"""The telephone computes what the server computes: every shipped worked example, and variations of it, by both."""

import json
import random
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.factories.county import NOW, County
from tests.factories.programmes import an_enrolment
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.platform import clock
from xinglin.pocket import snapshots
from xinglin.programmes import judging, offline
from xinglin.programmes.rules import assessing, catalogue, examples
from xinglin.programmes.rules.cases import Past, Person
from xinglin.visits.data import DiagnosisIn

FOLDER = Path(__file__).parent
ASSESS = FOLDER.parent / "static" / "pocket" / "assess.js"
TODAY = clock.today(NOW)
DANGERS = (
    ("systolic", 192), ("diastolic", 118), ("glucose_fasting", 19.0), ("glucose_random", 3.1), ("glucose_after_meal", 24.0), ("spo2", 84),
)  # fmt: skip
Case = tuple[Any, Person, dict[str, Any], list[Past], date, str]


def cases() -> Iterator[Case]:
    """Every example that assesses, as it stands and with answers left out, doubled or impossible."""
    chosen = random.Random(20261122)
    yield from dangerous()
    for programme in catalogue.all_versions():
        on = examples.day_of(programme)
        for example in programme.examples:
            person = examples.person_of(example.get("person", {}), on)
            answers = examples.values_of(example.get("answers", {}))
            past = [
                Past(on - timedelta(days=each["days_ago"]), examples.values_of(each.get("answers", {})), each.get("controlled"),
                     each.get("grade", ""))
                for each in example.get("past", ())
            ]  # fmt: skip
            kind = example.get("kind", "routine")
            kind = kind if kind in {"routine", "yearly"} else "routine"
            yield programme, person, answers, past, on, kind
            for _try in range(3):
                varied = {code: value for code, value in answers.items() if chosen.random() > 0.3}
                for code, value in varied.items():
                    if isinstance(value, int | float) and not isinstance(value, bool):
                        varied[code] = value * chosen.choice([1, 1, 0.9, 1.15, 40])
                then = [
                    Past(
                        on - timedelta(days=chosen.choice([7, 30, 95])), answers, chosen.choice([True, False, None]), ""
                    )
                ]
                yield programme, person, varied, past + then, on, chosen.choice(["routine", "yearly"])


def dangerous() -> Iterator[Case]:
    """Of every programme a visit of somebody well, with one value that is an emergency."""
    for programme in catalogue.all_versions():
        on = examples.day_of(programme)
        example = next(each for each in programme.examples if each.get("answers"))
        person = examples.person_of(example.get("person", {}), on)
        for code, value in DANGERS:
            yield programme, person, {**examples.values_of(example["answers"]), code: value}, [], on, "routine"


def said(
    programme: Any, person: Person, answers: dict[str, Any], past: list[Past], on: date, kind: str
) -> dict[str, Any]:
    found = assessing.assess(programme, person, answers, past, on, kind=kind)
    form = assessing.joint_items([programme], kind, person, past, on)
    return {
        "grade": found.grade, "controlled": found.controlled, "on_target": found.on_target, "next_due": found.next_due.isoformat(),
        "alerts": [each.code for each in found.alerts], "advice": [each.code for each in found.advice],
        "education": [each.point for each in found.education], "missing": list(found.missing), "tests_due": list(found.tests_due),
        "refused": list(found.refused),
        "complete": found.complete, "may_move": list(found.may_move), "refuted": list(found.refuted),
        "standing": [
            each.code for each in programme.alerts if each.code not in {*found.refuted, *(one.code for one in found.alerts)}
        ], "in_a_row": found.in_a_row,
        "computed": {code: float(value) if isinstance(value, Decimal) else value for code, value in found.computed.items()},
        "form": [
            [each.item.code, list(each.programmes), each.is_required, plain(each.value), plain(each.value_on),
             [one.code for one in each.item.options]] for each in form
        ],
    }  # fmt: skip


def plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def on_the_telephone(many: list[Case]) -> list[dict[str, Any]]:
    versions = sorted({(case[0].slug, case[0].version) for case in many})
    lines = [json.dumps(offline.definitions(versions))]
    for programme, person, answers, past, on, kind in many:
        lines.append(json.dumps({
            "version": programme.version, "on": on.isoformat(), "kind": kind,
            "person": {"sex": person.sex, "born_on": person.born_on.isoformat(), "is_pregnant": person.is_pregnant,
                       "diagnoses": sorted(person.diagnoses)},
            "answers": {code: plain(value) for code, value in answers.items()},
            "past": [{"on": each.on.isoformat(), "controlled": each.controlled, "grade": each.grade,
                      "answers": {code: plain(value) for code, value in each.answers.items()}} for each in past],
        }))  # fmt: skip
    done = subprocess.run(
        ["/usr/bin/node", str(FOLDER / "both_evaluators.mjs")], input="\n".join(lines), capture_output=True, text=True,
        check=True, timeout=60,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_worked_example_comes_to_the_same_on_the_telephone():
    many = list(cases())

    found = on_the_telephone(many)

    assert len(found) == len(many)
    wrong = [
        (case[0].slug, case[2], key, value, telephone[key])
        for case, telephone in zip(many, found, strict=True)
        for key, value in said(*case).items()
        if (telephone[key] != pytest.approx(value) if key == "computed" else telephone[key] != value)
    ]
    print(
        f"{len(many)} cases of {len({case[0].slug for case in many})} programmes by both evaluators, {len(wrong)} differences"
    )
    assert wrong == []


def test_the_telephone_knows_of_a_pregnancy_on_the_days_on_which_the_server_does(county: County) -> None:
    registered = a_resident(county, name="李秀英", sex="2", born_on=date(1988, 4, 15), conditions=["pregnant"])
    visited = a_resident(county, name="王小花", sex="2", born_on=date(1988, 4, 16), conditions=["hypertension"])
    a_visit(resident=visited, by=county.alma, diagnoses=[DiagnosisIn("Z34.900", "正常妊娠监督")])
    rows = [an_enrolment(county, resident=each).resident for each in (registered, visited)]
    carried = {pk: each.facts for pk, each in snapshots.snapshots_of([each.pk for each in rows]).items()}
    days = [TODAY + timedelta(days=each) for each in (-1, 0, 299, 300)]

    asked = [[carried[each.pk], day.isoformat()] for each in rows for day in days]
    code = f"import {{ personOf }} from {json.dumps(str(ASSESS))}; const said = {json.dumps(asked)};"
    code += "console.log(JSON.stringify(said.map(([resident, on]) => personOf(resident, on).is_pregnant)));"
    done = subprocess.run(
        ["/usr/bin/node", "--input-type=module", "-e", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert json.loads(done.stdout) == [judging.person_of(each, on=day).is_pregnant for each in rows for day in days]
    assert json.loads(done.stdout) == [True, True, True, True, None, True, True, None]
