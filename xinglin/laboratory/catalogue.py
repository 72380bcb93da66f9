"""Definitions of the laboratory: panels, containers, items with their ranges, critical limits, rules of release."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from xinglin.platform.definitions import Definition, load
from xinglin.platform.language import in_language

KIND = "LAB"


@dataclass(frozen=True)
class Analyte:
    """One item that is measured. `unit` is UCUM, `shown` how it is written; `kind` is ``number`` or ``text``."""

    code: str
    titles: Mapping[str, str]
    loinc: str
    unit: str
    shown: str
    decimals: int
    kind: str = "number"
    units: Mapping[str, float] = field(default_factory=dict)
    ranges: tuple[Mapping[str, Any], ...] = ()
    options: tuple[str, ...] = ()
    normal: tuple[str, ...] = ()
    plausible: tuple[float, float] | None = None
    auto: tuple[float, float] | None = None
    delta: Mapping[str, float] = field(default_factory=dict)
    method: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    control: str = ""  # what is controlled for it, where several items are controlled together

    @property
    def title(self) -> str:
        """The name in the reader's language."""
        return in_language(self.titles)

    @property
    def is_text(self) -> bool:
        """Whether a value is one of `options` rather than a number."""
        return self.kind == "text"


@dataclass(frozen=True)
class Tube:
    """A container: the colour of its cap, what goes in, how warm and how long it may travel."""

    code: str
    titles: Mapping[str, str]
    specimen: Mapping[str, str]
    colour: str
    order: int
    celsius: tuple[float, float]
    hours: float

    @property
    def title(self) -> str:
        """The name in the reader's language."""
        return in_language(self.titles)


@dataclass(frozen=True)
class Panel:
    """What a unit may order."""

    code: str
    titles: Mapping[str, str]
    group: str
    tube: str
    ml: float
    minutes: int
    urgent: int
    keep_days: int
    analytes: tuple[str, ...]
    prepare: Mapping[str, str]

    @property
    def title(self) -> str:
        """The name in the reader's language."""
        return in_language(self.titles)

    @property
    def preparation(self) -> str:
        """What the person must do before."""
        return in_language(self.prepare)


@dataclass(frozen=True)
class CriticalLimit:
    """One entry of the list of critical values: at, above or below which a result endangers life now."""

    code: str
    analytes: tuple[str, ...]
    unit: str
    at_least: float | None
    at_most: float | None
    since: str
    until: str


@dataclass(frozen=True)
class Rules:
    """When results are released without a person."""

    version: str
    is_on: bool
    sources: tuple[str, ...]
    priorities: tuple[str, ...]
    wants_range: bool
    wants_delta: bool
    wants_bounds: bool
    wants_cold_chain: bool
    wants_in_time: bool
    refused: bool


def panels(*, on: date) -> dict[str, Panel]:
    """Panels that may be ordered on a day, by code, in the order of the definitions."""
    return _panels(tuple(_valid("exam-items", on, kind=KIND)))


def panel_groups(*, on: date) -> list[tuple[str, list[Panel]]]:
    """The same in their groups, with the group's name."""
    names = {
        key: value for each in _valid("exam-items", on, kind=KIND) for key, value in each.content["groups"].items()
    }
    grouped: dict[str, list[Panel]] = {}
    for panel in panels(on=on).values():
        grouped.setdefault(panel.group, []).append(panel)
    return [(in_language(names[key]), found) for key, found in grouped.items()]


def panel_titles(codes: Iterable[str], *, on: date) -> list[str]:
    """Names of panels; a code that is no longer defined stays a code."""
    known = panels(on=on)
    return [known[code].title if code in known else code for code in codes]


def tubes() -> dict[str, Tube]:
    """Containers by code, in the order of draw."""
    return _tubes(tuple(load("lab-tubes")))


def analytes() -> dict[str, Analyte]:
    """Items by code. Names of what was measured long ago are wanted too, so validity is not asked."""
    return _analytes(tuple(load("lab-analytes")))


def analyte(code: str) -> Analyte:
    """One item. What is no longer defined is a text by its code."""
    found = analytes().get(code)
    return found or Analyte(code, {"zh": code, "en": code}, "", "", "", 0, kind="text")


def by_loinc(code: str) -> list[Analyte]:
    """Items of a LOINC code: more than one, where one code stands for several."""
    return [each for each in analytes().values() if each.loinc == code]


def expected(codes: Iterable[str], *, on: date) -> list[str]:
    """The items that panels ask for, each once, in their order."""
    known = panels(on=on)
    return list(dict.fromkeys(each for code in codes if code in known for each in known[code].analytes))


def promised(codes: Iterable[str], *, is_urgent: bool, on: date) -> timedelta | None:
    """How long the slowest of the panels may take; None when none of them says."""
    known = panels(on=on)
    minutes = [known[code].urgent if is_urgent else known[code].minutes for code in codes if code in known]
    return timedelta(minutes=max(minutes)) if minutes else None


def keep_days(codes: Iterable[str], *, on: date) -> int:
    """How many days a specimen of these panels is kept after its results: the longest."""
    known = panels(on=on)
    return max((known[code].keep_days for code in codes if code in known), default=7)


def critical_limits(*, on: date) -> list[CriticalLimit]:
    """The list of critical values with limits, in force on a day."""
    return _limits(tuple(_valid("critical-values", on, kind=KIND)))


def rules(*, on: date) -> Rules | None:
    """The rules of release in force on a day; None: everything waits for a person."""
    found = _valid("lab-rules", on)
    return _rules(found[0]) if found else None


def _valid(topic: str, on: date, *, kind: str = "") -> list[Definition]:
    return [each for each in load(topic) if each.is_valid_on(on) and (not kind or each.content.get("kind") == kind)]


@lru_cache(maxsize=8)
def _panels(definitions: tuple[Definition, ...]) -> dict[str, Panel]:
    return {
        each["code"]: Panel(
            code=each["code"], titles=each["title"], group=each["group"], tube=each["tube"], ml=each["ml"],
            minutes=each["minutes"], urgent=each["urgent"], keep_days=each["keep_days"],
            analytes=tuple(each["analytes"]), prepare=each["prepare"],
        )
        for definition in definitions
        for each in definition.content["items"]
    }  # fmt: skip


@lru_cache(maxsize=8)
def _tubes(definitions: tuple[Definition, ...]) -> dict[str, Tube]:
    found = [each for definition in definitions for each in definition.content["tubes"]]
    return {
        each["code"]: Tube(
            code=each["code"], titles=each["title"], specimen=each["specimen"], colour=each["colour"],
            order=each["order"], celsius=(each["celsius"][0], each["celsius"][1]), hours=each["hours"],
        )
        for each in sorted(found, key=lambda tube: tube["order"])
    }  # fmt: skip


@lru_cache(maxsize=8)
def _analytes(definitions: tuple[Definition, ...]) -> dict[str, Analyte]:
    return {
        each["code"]: _analyte(each, definition)
        for definition in definitions
        for each in definition.content["analytes"]
    }


def _analyte(each: Mapping[str, Any], definition: Definition) -> Analyte:
    def pair(name: str) -> tuple[float, float] | None:
        return (each[name][0], each[name][1]) if name in each else None

    return Analyte(
        code=each["code"], titles=each["title"], loinc=each["loinc"], unit=each["unit"], shown=each["shown"],
        decimals=each["decimals"], kind=each.get("kind", "number"), units=each.get("units", {}),
        ranges=tuple(each.get("ranges", ())), options=tuple(each.get("options", ())),
        normal=tuple(each.get("normal", ())), plausible=pair("plausible"), auto=pair("auto"),
        delta=each.get("delta", {}), method=each.get("method", {}), version=definition.version,
        control=each.get("control", each["code"].lower()),
    )  # fmt: skip


@lru_cache(maxsize=8)
def _limits(definitions: tuple[Definition, ...]) -> list[CriticalLimit]:
    found = []
    for definition in definitions:
        for item in definition.content["items"]:
            limit = item.get("limit")
            if limit:
                names = limit["analyte"]
                found.append(
                    CriticalLimit(
                        code=item["code"], analytes=(names,) if isinstance(names, str) else tuple(names),
                        unit=limit["unit"], at_least=limit.get("at_least"), at_most=limit.get("at_most"),
                        since=limit.get("from", ""), until=limit.get("until", ""),
                    )
                )  # fmt: skip
    return found


@lru_cache(maxsize=8)
def _rules(definition: Definition) -> Rules:
    content = definition.content
    flags = ("is_on", "wants_range", "wants_delta", "wants_bounds", "wants_cold_chain", "wants_in_time", "refused")
    return Rules(
        version=definition.version, sources=tuple(content["sources"]), priorities=tuple(content["priorities"]),
        **{name: bool(content[name]) for name in flags},
    )  # fmt: skip
