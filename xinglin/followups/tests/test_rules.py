"""Definitions of scripts, plans and contacts: every worked example is computed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from xinglin.followups.data import Dialled, Level
from xinglin.followups.models import FollowUpTask
from xinglin.followups.rules import contacts, plans, scripts
from xinglin.platform import definitions
from xinglin.platform.definitions import DefinitionError

TODAY = date(2026, 11, 20)
SCRIPTS = scripts.scripts(TODAY)
EXAMPLES = [(each, example) for each in SCRIPTS for example in each.definition.examples]
PLANS = [(each, example) for each in plans.plans(TODAY) for example in each.definition.examples]


@pytest.mark.parametrize(("script", "example"), EXAMPLES)
def test_each_worked_example_of_a_script_comes_to_what_it_says(script, example):
    answers, wrong = scripts.read([script], example["answers"])
    outcome = scripts.assess(script, answers)

    assert wrong == {}
    assert set(example.get("asks", ())) <= set(outcome.asked)
    assert not set(example.get("asks_not", ())) & set(outcome.asked)
    assert list(outcome.missing) == sorted(example.get("missing", ()), key=outcome.asked.index)
    if "score" in example:
        assert outcome.score == example["score"]
        assert [each.code for each in outcome.alerts] == example["alerts"]
        assert outcome.satisfaction == example.get("satisfaction")


def test_every_script_has_an_example_for_each_of_its_alerts():
    for script in SCRIPTS:
        shown = {code for example in script.definition.examples for code in example.get("alerts", ())}
        assert {each.code for each in script.alerts} <= shown | {"medicines-stopped"}, script.slug


@pytest.mark.parametrize(("plan", "example"), PLANS)
def test_each_worked_example_of_a_plan_falls_on_its_days(plan, example):
    chosen = plans.plan_for(example["discharge"], example["diagnosis"], on=TODAY)

    assert chosen is not None
    assert chosen.slug == example["plan"]
    steps = plans.steps_of(chosen, discharged_on=example["discharged_on"], made_on=example["made_on"])
    assert {step.code: day for step, day in steps} == example["steps"]


def test_every_plan_names_scripts_that_exist_and_each_of_the_three_levels():
    slugs = {each.slug for each in SCRIPTS}
    for plan in plans.plans(TODAY):
        assert {step.script for step in plan.steps} <= slugs
        assert {step.level for step in plan.steps} == set(Level.values)
    assert {contacts.script_for(kind) for kind in FollowUpTask.Kind.values} <= slugs


@pytest.mark.parametrize(
    "example", definitions.one("followup-rules", "contacts").examples, ids=lambda each: each["says"]
)
def test_each_worked_example_of_the_weekly_rule_says_whether_to_call(example):
    earlier = [(TODAY - timedelta(days=each["days_ago"]), each["channel"]) for each in example["contacts"]]
    exempt = any(contacts.exemption(each["origin"], each["risk"]) for each in example["purposes"])

    assert (exempt or not any(contacts.counts(day, channel, on=TODAY) for day, channel in earlier)) is example[
        "may_call"
    ]


def test_every_way_a_call_can_go_leads_somewhere():
    for dialled in Dialled:
        if dialled not in {Dialled.ANSWERED, Dialled.RELEASED}:
            result = contacts.result_of(dialled)
            assert result.is_ended or result.is_handed_on or result.again_days is not None


def test_two_scripts_on_one_screen_ask_nothing_twice():
    found = [scripts.script("heart", TODAY), scripts.script("after-discharge", TODAY)]
    asked = [item.code for _script, items in scripts.together(found) for item in items]

    assert len(asked) == len(set(asked))
    assert {"swelling", "check_booked", "recovery"} <= set(asked)


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("recovery", "made-up"),
        ("weight_gain", "1e9"),
        ("weight_gain", "NaN"),
        ("danger_signs", ["x"]),
        ("satisfaction", "6"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_at_its_question(code, given):
    _answers, wrong = scripts.read([scripts.script("heart", TODAY)], {code: given})

    assert set(wrong) == {code}


def test_an_answer_on_a_branch_not_taken_is_left_out():
    script = scripts.script("after-discharge", TODAY)

    answers, _wrong = scripts.read([script], {"medicines": "regular", "why_stopped": "cost"})

    assert answers == {"medicines": "regular", "danger_signs": []}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"kind": "made-up"}, "kind"),
        ({"when": {"field": "later", "is": "x"}}, "asks what was not asked before"),
        ({"scores": {"nobody": 1}}, "a score for no option"),
    ],
)
def test_a_script_that_is_not_right_is_refused_with_its_place(change, fault):
    definition = scripts.script("general", TODAY).definition
    items = [dict(definition.content["items"][0]) | change, *definition.content["items"][1:]]

    with pytest.raises(DefinitionError, match=fault):
        scripts.script_of(replace(definition, content=definition.content | {"items": items}))


def test_a_plan_with_a_day_before_for_a_call_after_is_refused():
    definition = plans.plan_for("ORDERED", "I21.9", on=TODAY).definition
    steps = [dict(definition.content["steps"][1]) | {"day": -2}]

    with pytest.raises(DefinitionError, match="day -2"):
        plans.plan_of(replace(definition, content=definition.content | {"steps": steps}))
