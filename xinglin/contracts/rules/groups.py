"""Key groups as a definition: who belongs to which on a day. A person in three groups counts once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from xinglin.contracts.rules.promising import add_months
from xinglin.platform import definitions
from xinglin.platform.language import either

DEFINITION = ("contract-rules", "key-groups")


@dataclass(frozen=True, slots=True)
class Group:
    """One key group. None of the conditions given means: by registration with evidence only."""

    code: str
    title_zh: str
    title_en: str
    short_zh: str
    short_en: str
    from_years: int | None
    below_years: int | None
    sex: str
    conditions: frozenset[str]
    icd10: tuple[str, ...]
    within_days: int | None

    @property
    def title(self) -> str:
        """In the reader's language."""
        return either(self.title_zh, self.title_en)

    @property
    def short(self) -> str:
        """A word for a pill, in the reader's language."""
        return either(self.short_zh, self.short_en)


@dataclass(frozen=True, slots=True)
class Registered:
    """An entry of a group by hand, with its days; open at the end when `until` is None."""

    group: str
    since: date
    until: date | None

    def is_in_force(self, on: date) -> bool:
        """Whether it counts on a day."""
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a person: conditions of the record, diagnoses with their days, entries by hand."""

    sex: str
    born_on: date
    conditions: frozenset[str] = frozenset()
    diagnoses: tuple[tuple[str, date], ...] = ()
    registered: tuple[Registered, ...] = ()


def groups() -> list[Group]:
    """The key groups of the county, in order."""
    return [_group(raw) for raw in definitions.one(*DEFINITION).content["groups"]]


def group_titles() -> dict[str, str]:
    """Groups in words."""
    return {each.code: each.title for each in groups()}


def short_titles() -> dict[str, str]:
    """Groups in one word each."""
    return {each.code: each.short for each in groups()}


def groups_of(facts: Facts, on: date) -> tuple[str, ...]:
    """The groups a person belongs to on a day, each once, in order of the definition."""
    return tuple(each.code for each in groups() if _belongs(each, facts, on))


def _belongs(group: Group, facts: Facts, on: date) -> bool:
    if any(each.group == group.code and each.is_in_force(on) for each in facts.registered):
        return True
    if group.sex and facts.sex != group.sex:
        return False
    if group.from_years is not None or group.below_years is not None:
        return _age_fits(group, facts.born_on, on)
    since = diagnosed_since(group, on)
    return bool(group.conditions & facts.conditions) or any(
        code.startswith(group.icd10) and (since is None or since <= day) and day <= on for code, day in facts.diagnoses
    )


def _age_fits(group: Group, born_on: date, on: date) -> bool:
    oldest, youngest = born_bounds(group, on)
    return (youngest is None or born_on <= youngest) and (oldest is None or born_on > oldest)


def born_bounds(group: Group, on: date) -> tuple[date | None, date | None]:
    """Born after the first, and by the second: what the ages of a group mean on a day. Both None: no ages."""
    oldest = add_months(on, -12 * group.below_years) if group.below_years is not None else None
    youngest = add_months(on, -12 * group.from_years) if group.from_years is not None else None
    return oldest, youngest


def diagnosed_since(group: Group, on: date) -> date | None:
    """From which day on a diagnosis counts; None: whenever it was made."""
    return on - timedelta(days=group.within_days) if group.within_days is not None else None


def _group(raw: Mapping[str, Any]) -> Group:
    short = raw.get("short", {})
    return Group(
        raw["code"], raw["zh"], raw["en"], short.get("zh", raw["zh"]), short.get("en", raw["en"]), raw.get("from_years"),
        raw.get("below_years"), raw.get("sex", ""), frozenset(raw.get("conditions", ())), tuple(raw.get("icd10", ())),
        raw.get("within_days"),
    )  # fmt: skip
