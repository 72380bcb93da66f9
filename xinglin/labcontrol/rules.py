"""The multirule: what a run says together with the runs before it. Pure; the rules themselves are definitions.

Westgard's notation: ``1-3s`` one value beyond 3 SD, ``R-4s`` a range of more than 4 SD. `definitions/qc-rules/` says which
rules a set has, what each needs, and what it leads to.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xinglin.labcontrol.data import Verdict

#: As many earlier runs as any rule can need: twelve values of one level.
MOST_RUNS = 24


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a level, in SDs from its mean."""

    level: str
    z: Decimal


Run = Sequence[Point]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: see the head of `definitions/qc-rules/westgard-basic.toml`."""

    code: str
    title_zh: str
    title_en: str
    rejects: bool
    kind: str
    scopes: tuple[str, ...]
    n: int = 0
    of: int = 0
    limit: Decimal = Decimal(0)

    @classmethod
    def of_definition(cls, raw: dict[str, Any]) -> "Rule":
        """From one entry of a definition. :raises KeyError: something is missing"""
        is_count = {"count": True, "range": False}[raw["kind"]]
        return cls(
            code=raw["code"], title_zh=raw["title"]["zh"], title_en=raw["title"]["en"],
            rejects={"reject": True, "warning": False}[raw["outcome"]], kind=raw["kind"], scopes=tuple(raw["scopes"]),
            n=raw["n"] if is_count else 0, of=raw["of"] if is_count else 0,
            limit=Decimal(str(raw["beyond" if is_count else "range"])),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that was broken, and the levels of the judged run that took part."""

    code: str
    rejects: bool
    levels: tuple[str, ...]


def evaluate(rules: Sequence[Rule], earlier: Sequence[Run], run: Run) -> tuple[Verdict, list[Broken]]:
    """The verdict on `run`, with the rules it broke in their order. `earlier`: oldest first, each in order of levels."""
    broken = [Broken(rule.code, rule.rejects, levels) for rule in rules if (levels := _levels(rule, earlier, run))]
    if any(each.rejects for each in broken):
        return Verdict.OUT, broken
    return (Verdict.WARNING if broken else Verdict.IN), broken


def _levels(rule: Rule, earlier: Sequence[Run], run: Run) -> tuple[str, ...]:
    """Levels of the run by which it breaks the rule, in their order; none if it does not."""
    look = _crossed if rule.kind == "count" else _apart
    found = {level for scope in rule.scopes for level in look(rule, scope, earlier, run)}
    return tuple(point.level for point in run if point.level in found)


def _crossed(rule: Rule, scope: str, earlier: Sequence[Run], run: Run) -> Iterator[str]:
    for side in (1, -1):

        def beyond(point: Point, side: int = side) -> bool:
            return side * point.z > rule.limit

        if scope == "run":
            out = [point for point in run if beyond(point)]
            if len(out) >= rule.n:
                yield from (point.level for point in out)
            continue
        for newest, series in _series(scope, earlier, run):
            if beyond(newest) and sum(map(beyond, series[-rule.of :])) >= rule.n:
                yield newest.level


def _apart(rule: Rule, scope: str, earlier: Sequence[Run], run: Run) -> Iterator[str]:
    if scope == "run":
        if run:
            low, high = min(run, key=lambda point: point.z), max(run, key=lambda point: point.z)
            if high.z - low.z > rule.limit:
                yield from (low.level, high.level)
        return
    for newest, series in _series(scope, earlier, run):
        if len(series) > 1 and abs(newest.z - series[-2].z) > rule.limit:
            yield newest.level


def _series(scope: str, earlier: Sequence[Run], run: Run) -> Iterator[tuple[Point, list[Point]]]:
    """For each value of the run: the values in order up to it, of its level or of all levels."""
    before = [point for each in earlier for point in each]
    for index, newest in enumerate(run):
        if scope == "level":
            yield newest, [*(point for point in before if point.level == newest.level), newest]
        else:
            yield newest, [*before, *run[: index + 1]]
