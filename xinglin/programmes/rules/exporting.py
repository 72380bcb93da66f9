"""Definitions as plain values, for an evaluator on another machine: what a telephone computes by, it gets from here."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import override

from xinglin.platform.conditions import Always, Bounds, Choice, Condition, NoneOf, SomeOf, Times, Words
from xinglin.programmes.rules import plain
from xinglin.programmes.rules.items import Item
from xinglin.programmes.rules.shapes import Origin, Programme, Target
from xinglin.programmes.rules.words import Text
from xinglin.web.marks import cited


def condition(given: Condition) -> dict[str, Any]:
    """A condition as a tree of tables; limits without end are null. :raises TypeError: a kind nobody has foreseen"""
    match given:
        case Bounds():
            low, high = given._low, given._high
            return {
                "bounds": given.field, "low": None if low == float("-inf") else low, "above": given._is_above,
                "high": None if high == float("inf") else high, "below": given._is_below,
            }  # fmt: skip
        case Choice():
            return {"choice": given.field, "how": given.how, "values": sorted(given.values, key=str)}
        case Words():
            return {"words": given.field, "said": list(given.words)}
        case Times():
            return {"times": given.times, "within_days": given.within_days, "atom": condition(given.inner)}
        case Always():
            return {"always": True}
        case SomeOf():
            return {"n": given.n, "of": [condition(each) for each in given.parts]}
        case NoneOf():
            return {"none": condition(given.inner)}
    raise TypeError(f"a condition that cannot be exported: {type(given).__name__}")


def programme(given: Programme, items: Mapping[str, Item]) -> dict[str, Any]:
    """What a visit is assessed by, and what is said of it, without what only the county's offices need."""
    return {
        "slug": given.slug, "version": given.version, "order": given.order, "title": _text(given.title),
        "short": _text(given.short), "diseases": list(given.diseases), "provides": list(given.provides),
        "items": {
            kind: [{"code": use.code, "required": use.is_required, "when": _maybe(use.when), "options": list(use.options)} for use in uses]
            for kind, uses in given.items.items()
            if kind in {"routine", "yearly"}
        },
        "grades": [
            {"slug": each.slug, "title": _text(each.title), "when": condition(each.when), "risk": each.risk}
            for each in given.grades
        ],
        "reporting": _target(given.reporting), "clinical": _target(given.clinical),
        "plan": {
            "intervals": {slug: each.every_days for slug, each in given.plan.intervals.items()},
            "not_controlled_days": given.plan.not_controlled_days, "unassessed_days": given.plan.unassessed_days,
            "yearly_days": given.plan.yearly_days,
        },
        "alerts": [
            {
                "code": each.code, "level": each.level, "when": condition(each.when), "text": _text(each.text),
                "channel": each.channel, "follow_within_days": each.follow_within_days,
                "source": _cited(each.origin),
            }
            for each in given.alerts
        ],
        "advice": [{"code": e.code, "when": condition(e.when), "text": _text(e.text)} for e in given.advice],
        "education": [
            {
                "point": e.point, "topic": e.topic, "when": condition(e.when), "text": _text(e.text),
                "for_all": isinstance(e.when, Always),
            }
            for e in given.education
        ],
        "urgent": [_text(each) for each in plain.urgent_signs(given, items)],
        "movements": [{"code": e.code, "when": condition(e.when)} for e in given.movements],
        "computed": list(given.computed),
    }  # fmt: skip


def item(given: Item) -> dict[str, Any]:
    """A question or measurement."""
    return {
        "code": given.code, "label": _text(given.label), "kind": given.kind, "unit": _text(given.unit),
        "low": None if given.low is None else float(given.low), "high": None if given.high is None else float(given.high),
        "decimals": given.decimals, "hint": _text(given.hint), "carries_forward": given.carries_forward,
        "valid_days": given.valid_days,
        "options": [{"code": each.code, "text": _text(each.text), "points": each.points} for each in given.options],
        "formula": dict(given.formula) if given.formula is not None else None,
    }  # fmt: skip


def _target(target: Target | None) -> list[list[Any]]:
    return [[condition(who), condition(met), _text(said)] for who, met, said in target.rules] if target else []


def _maybe(given: Condition | None) -> dict[str, Any] | None:
    return None if given is None else condition(given)


def _text(text: Text) -> list[str]:
    return [text.zh, text.en]


def _cited(origin: Origin) -> list[str]:
    """What a rule rests on, with how far that can be trusted, in Chinese and in English."""
    said = []
    for language in ("zh-hans", "en"):
        with override(language):
            said.append(cited(origin.source, origin.mark))
    return said
