"""Referral criteria: which of them a visit meets, as far as a machine can tell. It suggests; the doctor decides.

A rule is a condition (`platform.conditions`) on measured values and on ``words`` of which one must stand in the text
un-negated ("无胸痛" does not count). A criterion is met when its rule holds for certain: what was not measured meets nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from xinglin.platform import definitions
from xinglin.platform.conditions import Condition, parse
from xinglin.platform.definitions import Definition
from xinglin.platform.language import in_language
from xinglin.referrals import catalogue


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion. `channel` is the way it asks for, `reason` the coded reason it stands for."""

    slug: str
    text: str
    group: str
    channel: str
    reason: str
    version: str
    is_met: bool | None  # None: not for a machine to say

    @property
    def is_emergency(self) -> bool:
        """Whether it asks for an emergency channel."""
        return catalogue.channel(self.channel).is_emergency


def criteria_for(*, direction: str, tier: str, facts: Mapping[str, Any]) -> list[Criterion]:
    """All criteria of a direction for a unit of `tier`, those met first within their group.

    `facts`: ``systolic``, ``diastolic`` (mmHg), ``spo2`` (%), ``glucose_fasting``, ``glucose_random`` (mmol/L), ``age``
    (years) and ``text``; what was not measured is absent.
    """
    found: list[Criterion] = []
    for definition in sorted(definitions.load("referral-criteria"), key=lambda each: each.content["order"]):
        if definition.content["direction"] == direction and tier in definition.content["from_tiers"]:
            found += criteria_of(definition, facts)
    return found


def suggested_channel(found: Iterable[Criterion]) -> str:
    """The channel the met criteria ask for: the emergency one if any of them does; empty when none is met."""
    met = [each for each in found if each.is_met]
    urgent = [each.channel for each in met if each.is_emergency]
    return next(iter([*urgent, *(each.channel for each in met)]), "")


def criterion_texts(slugs: Iterable[str]) -> list[str]:
    """The words of criteria as noted (``slug@date`` or slug); one since removed keeps its slug."""
    known = {
        row["slug"]: in_language(row)
        for definition in definitions.load("referral-criteria")
        for row in definition.content["criteria"]
    }
    return [known.get(slug.split("@")[0], slug) for slug in slugs]


def versions_of(slugs: Iterable[str]) -> list[str]:
    """Slugs with the day their definition came into force, as a record keeps them.

    :raises KeyError: a slug is not defined
    """
    slugs = list(slugs)
    if not slugs:
        return []
    known = {
        row["slug"]: f"{row['slug']}@{definition.valid_from:%Y-%m-%d}"
        for definition in definitions.load("referral-criteria")
        for row in definition.content["criteria"]
    }
    return [known[slug.split("@")[0]] for slug in slugs]


def criteria_of(definition: Definition, facts: Mapping[str, Any]) -> list[Criterion]:
    """The criteria of one definition, each with whether the facts meet it."""
    return [
        Criterion(
            slug=row["slug"], text=in_language(row), group=definition.title, channel=definition.content["channel"],
            reason=row["reason"], version=f"{row['slug']}@{definition.valid_from:%Y-%m-%d}",
            is_met=rule.truth(facts) is True if rule is not None else None,
        )
        for row, rule in zip(definition.content["criteria"], _rules(definition), strict=True)
    ]  # fmt: skip


@lru_cache(maxsize=64)
def _rules(definition: Definition) -> tuple[Condition | None, ...]:
    """The rules of a definition's criteria; None where only a doctor can say."""
    return tuple(parse(row["rule"]) if "rule" in row else None for row in definition.content["criteria"])
