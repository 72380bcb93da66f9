"""Behaviours and goods: every shipped file reads, and its worked examples come out."""

from decimal import Decimal

import pytest

from xinglin.platform.clock import today
from xinglin.platform.definitions import DefinitionError, load, read_text
from xinglin.points import rules


@pytest.mark.parametrize("slug", [each.slug for each in load("points-rules")])
def test_the_worked_examples_of_a_behaviour_come_out(slug):
    rule = rules.rule(slug)
    assert rule.definition.examples
    for example in rule.definition.examples:
        earlier, earned = [], []
        for event in example["events"]:
            values = {item: Decimal(str(value)) for item, value in event.get("values", {}).items()}
            gives = rule.is_met(event, values) and rule.earns(earlier, event["on"])
            earned.append(rule.points if gives else 0)
            earlier += [event["on"]] if gives else []
        assert earned == example["earned"]
        assert rule.expires_on(earlier[0]) == example["expires_on"]


def test_every_good_has_a_price_and_a_limit():
    assert len(rules.goods(today())) >= 5
    assert rules.days_kept() == 14


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("points = 5", "points = 0"), "whole numbers from 1"),
        (('"followup.completed" = ""', ""), "shown by events"),
        (("valid_months = 24", ""), "missing valid_months"),
        (("per_day = 1", "per_day = -1"), "whole numbers from 1"),
    ],
)
def test_a_broken_behaviour_says_what_is_wrong(settings, change, said):
    text = (settings.DEFINITIONS_DIR / "points-rules/follow-up-on-time.toml").read_text()
    broken = read_text(text.replace(*change), "broken.toml")
    with pytest.raises(DefinitionError, match=said):
        rules._rule(broken)
