"""Smaller definitions of contracts: professions, reasons of ending, terms."""

from dataclasses import dataclass
from typing import Any

from xinglin.platform import definitions
from xinglin.platform.language import in_language

TOPIC = "contract-rules"
END_REASONS = "end-reasons"


@dataclass(frozen=True, slots=True)
class Profession:
    """A place in a team; `weight` is its weight when pay is shared."""

    code: str
    title: str
    weight: int
    is_one_of_five: bool
    may_lead: bool


def professions() -> list[Profession]:
    """Professions of a team, in order."""
    return [
        Profession(raw["code"], in_language(raw), raw["weight"], raw["is_one_of_five"], raw["may_lead"])
        for raw in definitions.one(TOPIC, "professions").content["list"]
    ]


def profession(code: str) -> Profession:
    """One profession. :raises KeyError: there is none of that code"""
    return {each.code: each for each in professions()}[code]


def profession_title(code: str) -> str:
    """In words; the code itself when the county has since removed it."""
    return {each.code: each.title for each in professions()}.get(code, code)


def end_reasons(*, of: str = END_REASONS, by_system: bool = False) -> list[tuple[str, str]]:
    """Reasons of ending as (code, words): those one may choose, or all with those the system writes.

    `of` names the definition: agreements with institutions have reasons of their own.
    """
    rows = definitions.one(TOPIC, of).content["reasons"]
    return [(raw["code"], in_language(raw)) for raw in rows if by_system or not raw.get("by_system")]


def end_reason_title(code: str, *, of: str = END_REASONS) -> str:
    """A reason in words; the code itself when it is gone."""
    return dict(end_reasons(of=of, by_system=True)).get(code, code)


def terms() -> dict[str, Any]:
    """Years, days before renewal, the bound of satisfaction."""
    return definitions.one(TOPIC, "terms").content


def clauses() -> list[str]:
    """The clauses of the agreement, in the reader's language."""
    return [in_language(raw) for raw in terms()["clauses"]]


def late_days() -> int:
    """For how many days after an agreement has ended what was done before is still entered by hand."""
    return int(terms().get("late_record_days", 0))


def renew_days() -> int:
    """How many days before its end an agreement may be renewed, and is recalled."""
    return int(terms()["renew_before_days"])
