"""Conditions as data: comparisons joined by any, all, none and "n of", answered yes, no or "not known".

A fact that was not measured is absent or None. What cannot be said without it is None, never False: ``any`` of a true and
an unknown one is true, ``all`` of them is unknown (Kleene's logic). In a definition a condition is a table:

    { field = "weight", at_least = 140 }          at_least, above, at_most, below; two of them make a range
    { field = "colour", is = "red" }              is, one_of; of several values: has_any, has_other_than, begins_with
    { field = "weight", known = true }            whether there is a value at all
    { words = ["red"], field = "text" }           a text says one of them, and not that it is absent
    { any = [...] }  { all = [...] }  { none = [...] }  { n = 2, of = [...] }  { always = true }
    { condition = "name" }                        one that has a name

Any of them with `times` and `within_days` is counted: it holds so often, this time and earlier ones together.

    { field = "weight", above = 7, times = 3, within_days = 30 }
    { condition = "heavy", times = 3, within_days = 30 }

A list stands for ``all``. A limit ``"$name"`` is looked up among the parameters.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

Truth = bool | None
Facts = Mapping[str, Any]
#: Earlier facts with the number of days since then.
Earlier = Sequence[tuple[int, Facts]]

_CLAUSES = re.compile(r"[，。；;,.\n！!？?]")
_NEGATIONS = ("无", "否认", "没有", "未见", "未诉", "不伴", "排除")
BOUNDS = {"at_least": "≥", "above": ">", "at_most": "≤", "below": "<"}
CHOICES = ("is", "one_of", "has_any", "has_other_than", "begins_with", "known")
_COUNTED = {"times", "within_days"}
_JOINS = ("any", "all", "none", "n", "words", "condition", "always", "field")


class ConditionError(ValueError):
    """A condition is not written as it must be. `place` leads to it, from the outside in."""

    def __init__(self, place: Sequence[str | int], message: str) -> None:
        super().__init__(message)
        self.place = tuple(place)
        self.message = message


class Condition(ABC):
    """Something that holds, does not hold, or cannot be told."""

    __slots__ = ()

    @abstractmethod
    def truth(self, facts: Facts, earlier: Earlier = ()) -> Truth:
        """Whether it holds; None when that depends on what is not known."""

    @abstractmethod
    def atoms(self) -> Iterator["Atom"]:
        """The single comparisons in it, in the order in which they are written."""

    @abstractmethod
    def deciding(self, facts: Facts, earlier: Earlier = ()) -> list["Atom"]:
        """The comparisons that made it what it is: that hold, that fail, or that nobody can answer."""

    def fields(self) -> frozenset[str]:
        """Names of the facts it asks for."""
        return frozenset(atom.field for atom in self.atoms())


class Atom(Condition):
    """One comparison with one fact."""

    __slots__ = ("field",)
    field: str

    def atoms(self) -> Iterator["Atom"]:
        """Itself."""
        yield self

    def deciding(self, facts: Facts, earlier: Earlier = ()) -> list["Atom"]:
        """Itself."""
        return [self]

    def says(self) -> str:
        """What it asks of the fact, in signs: ``≥ 140``."""
        return ""


class Bounds(Atom):
    """A number within bounds. Compared as floats: a limit and a measurement written alike are equal."""

    __slots__ = ("limits", "_high", "_is_above", "_is_below", "_low")

    def __init__(self, field: str, limits: Mapping[str, float]) -> None:
        self.field = field
        self.limits = dict(limits)
        lows = [(limits[name], name == "above") for name in ("at_least", "above") if name in limits]
        highs = [(limits[name], name == "below") for name in ("at_most", "below") if name in limits]
        self._low, self._is_above = max(lows, default=(float("-inf"), False))
        self._high, self._is_below = min(((each, not below) for each, below in highs), default=(float("inf"), True))
        self._is_below = not self._is_below

    def truth(self, facts: Facts, earlier: Earlier = ()) -> Truth:
        value = number(facts.get(self.field))
        if value is None:
            return None
        if value < self._low or (self._is_above and value == self._low):
            return False
        return not (value > self._high or (self._is_below and value == self._high))

    def says(self) -> str:
        return " ".join(f"{BOUNDS[name]} {limit:g}" for name, limit in self.limits.items())


class Choice(Atom):
    """A chosen value, or several of them: one of `values` by the rule `how`."""

    __slots__ = ("how", "values")

    def __init__(self, field: str, how: str, values: Iterable[Any]) -> None:
        self.field = field
        self.how = how
        self.values = frozenset(values) if how != "begins_with" else tuple(values)

    def truth(self, facts: Facts, earlier: Earlier = ()) -> Truth:
        value = facts.get(self.field)
        if self.how == "known":
            return (value is not None) in self.values
        if value is None:
            return None
        if self.how == "one_of":
            return _hashed(value) and value in self.values
        several = value if isinstance(value, tuple | list | set | frozenset) else (value,)
        if self.how == "begins_with":
            return any(str(each).startswith(self.values) for each in several)  # type: ignore[arg-type]
        if self.how == "has_any":
            return any(_hashed(each) and each in self.values for each in several)
        return any(not _hashed(each) or each not in self.values for each in several)

    def says(self) -> str:
        shown = ", ".join(map(str, self.values if self.how == "begins_with" else sorted(self.values, key=str)))
        return {
            "one_of": f"= {shown}",
            "has_other_than": f"≠ {shown}",
            "known": "✓" if True in self.values else "—",
        }.get(self.how, f"∋ {shown}")


class Words(Atom):
    """A text says one of the words without a negation before it in the same clause."""

    __slots__ = ("words",)

    def __init__(self, field: str, words: Iterable[str]) -> None:
        self.field = field
        self.words = tuple(words)

    def truth(self, facts: Facts, earlier: Earlier = ()) -> Truth:
        text = facts.get(self.field)
        return None if text is None else any(says(str(text), word) for word in self.words)

    def says(self) -> str:
        return "∋ " + ", ".join(self.words)


class Times(Condition):
    """A condition that holds at least `times` times within the last days, this time included."""

    __slots__ = ("inner", "times", "within_days")

    def __init__(self, inner: Condition, times: int, within_days: int) -> None:
        self.inner = inner
        self.times = times
        self.within_days = within_days

    def truth(self, facts: Facts, earlier: Earlier = ()) -> Truth:
        answers = [self.inner.truth(facts)]
        answers += [self.inner.truth(then) for days, then in earlier if 0 <= days <= self.within_days]
        known = answers.count(True)
        if known >= self.times:
            return True
        # Days on which nothing was measured are no sign of anything; only the present one leaves it open.
        return None if answers[0] is None and known + 1 >= self.times else False

    def atoms(self) -> Iterator[Atom]:
        return self.inner.atoms()

    def deciding(self, facts: Facts, earlier: Earlier = ()) -> list[Atom]:
        """Those of this time."""
        return self.inner.deciding(facts)


class Always(Condition):
    """Holds of everything."""

    __slots__ = ()

    def truth(self, facts: Facts, earlier: Earlier = ()) -> Truth:
        return True

    def atoms(self) -> Iterator[Atom]:
        return iter(())

    def deciding(self, facts: Facts, earlier: Earlier = ()) -> list[Atom]:
        return []


class SomeOf(Condition):
    """At least `n` of the parts hold: 1 is "any", all of them is "all"."""

    __slots__ = ("n", "parts")

    def __init__(self, n: int, parts: Sequence[Condition]) -> None:
        self.n = n
        self.parts = tuple(parts)

    def truth(self, facts: Facts, earlier: Earlier = ()) -> Truth:
        still, open_ = self.n, 0
        for left, part in zip(range(len(self.parts), 0, -1), self.parts, strict=True):
            if left + open_ < still:
                return False
            answer = part.truth(facts, earlier)
            if answer:
                still -= 1
            elif answer is None:
                open_ += 1
            if still <= 0:
                return True
        return None if still <= open_ else False

    def atoms(self) -> Iterator[Atom]:
        for part in self.parts:
            yield from part.atoms()

    def deciding(self, facts: Facts, earlier: Earlier = ()) -> list[Atom]:
        answer = self.truth(facts, earlier)
        return [
            atom
            for part in self.parts
            if part.truth(facts, earlier) is answer
            for atom in part.deciding(facts, earlier)
        ]


class NoneOf(Condition):
    """None of the parts holds."""

    __slots__ = ("inner",)

    def __init__(self, parts: Sequence[Condition]) -> None:
        self.inner = SomeOf(1, parts)

    def truth(self, facts: Facts, earlier: Earlier = ()) -> Truth:
        answer = self.inner.truth(facts, earlier)
        return None if answer is None else not answer

    def atoms(self) -> Iterator[Atom]:
        return self.inner.atoms()

    def deciding(self, facts: Facts, earlier: Earlier = ()) -> list[Atom]:
        return self.inner.deciding(facts, earlier)


@dataclass(frozen=True, slots=True)
class Names:
    """What a condition may call by name: other conditions, and parameters in place of limits."""

    conditions: Mapping[str, Condition]
    parameters: Mapping[str, Any]


_NO_NAMES = Names({}, {})


def parse(raw: object, names: Names = _NO_NAMES, place: tuple[str | int, ...] = ()) -> Condition:
    """The condition a definition writes. :raises ConditionError: says where and what is wrong"""
    if isinstance(raw, list):
        return SomeOf(len(raw), _parts(raw, names, place)) if raw else Always()
    if not isinstance(raw, dict):
        raise ConditionError(place, _("条件应为一张表。"))
    if raw.keys() & _COUNTED:
        return _times(raw, names, place)
    joins = [key for key in _JOINS if key in raw]
    kind = joins[0] if joins else ""
    if not kind or (len(joins) > 1 and set(joins) != {"words", "field"}):
        raise ConditionError(place, _("条件应有且只有下列之一：%(names)s。") % {"names": ", ".join(_JOINS)})
    if kind in {"any", "all", "none", "n"}:
        return _join(kind, raw, names, place)
    if kind == "always":
        _only(raw, {"always"}, place)
        return Always() if raw["always"] is True else NoneOf([Always()])
    if kind == "condition":
        _only(raw, {"condition"}, place)
        if raw["condition"] not in names.conditions:
            raise ConditionError(place, _("没有名为“%(name)s”的条件。") % {"name": raw["condition"]})
        return names.conditions[raw["condition"]]
    if kind == "words":
        _only(raw, {"words", "field"}, place)
        return Words(raw.get("field", "text"), _listed(raw["words"], place))
    return _atom(raw, names, place)


def _join(kind: str, raw: Mapping[str, Any], names: Names, place: tuple[str | int, ...]) -> Condition:
    _only(raw, {"n", "of"} if kind == "n" else {kind}, place)
    key = "of" if kind == "n" else kind
    parts = _parts(_listed(raw.get(key), (*place, key)), names, (*place, key))
    if kind == "none":
        return NoneOf(parts)
    n = {"any": 1, "all": len(parts)}.get(kind) or raw["n"]
    if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= len(parts):
        raise ConditionError(place, _("个数应在 1 与 %(most)d 之间。") % {"most": len(parts)})
    return SomeOf(n, parts)


def _atom(raw: Mapping[str, Any], names: Names, place: tuple[str | int, ...]) -> Atom:
    field = raw["field"]
    if not isinstance(field, str) or not field:
        raise ConditionError(place, _("字段名应为文字。"))
    limits = {name: _parameter(raw[name], names, place) for name in BOUNDS if name in raw}
    hows = [name for name in CHOICES if name in raw]
    _only(raw, {"field", *BOUNDS, *CHOICES}, place)
    if len(hows) + bool(limits) != 1:
        raise ConditionError(place, _("“%(field)s”应有一种比较方式。") % {"field": field})
    if limits:
        for name, limit in limits.items():
            if isinstance(limit, bool) or number(limit) is None:
                raise ConditionError((*place, name), _("界值应为数字。"))
        return Bounds(field, {name: float(limit) for name, limit in limits.items()})
    given = _parameter(raw[hows[0]], names, place)
    how = "one_of" if hows[0] == "is" else hows[0]
    return Choice(field, how, [given] if hows[0] in {"is", "known"} else _listed(given, (*place, hows[0])))


def _times(raw: Mapping[str, Any], names: Names, place: tuple[str | int, ...]) -> Condition:
    inner = parse({key: value for key, value in raw.items() if key not in _COUNTED}, names, place)
    times, within = (_parameter(raw.get(name), names, place) for name in ("times", "within_days"))
    if not isinstance(times, int) or not isinstance(within, int) or times < 1 or within < 1:
        raise ConditionError(place, _("次数与天数应为正整数，且同时给出。"))
    return Times(inner, times, within)


def _parameter(value: object, names: Names, place: tuple[str | int, ...]) -> Any:
    if not isinstance(value, str) or not value.startswith("$"):
        return value
    if value[1:] not in names.parameters:
        raise ConditionError(place, _("没有名为“%(name)s”的参数。") % {"name": value[1:]})
    return names.parameters[value[1:]]


def _parts(raw: Sequence[object], names: Names, place: tuple[str | int, ...]) -> list[Condition]:
    return [parse(each, names, (*place, index)) for index, each in enumerate(raw, 1)]


def _listed(raw: object, place: tuple[str | int, ...]) -> list[Any]:
    if not isinstance(raw, list) or not raw:
        raise ConditionError(place, _("应为不空的列表。"))
    return raw


def _only(raw: Mapping[str, Any], allowed: set[str], place: tuple[str | int, ...]) -> None:
    if unknown := sorted(raw.keys() - allowed):
        raise ConditionError(place, _("条件中有不认识的内容：%(names)s。") % {"names": ", ".join(unknown)})


def number(value: object) -> float | None:
    """A fact as a number; None when it is none, or not a finite one."""
    if value is None or isinstance(value, bool | str):
        return None
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return found if float("-inf") < found < float("inf") else None


def _hashed(value: object) -> bool:
    return not isinstance(value, list | dict | set | tuple)


def says(text: str, word: str) -> bool:
    """Whether a text says `word` without a negation before it in the same clause."""
    for clause in _CLAUSES.split(text):
        position = clause.find(word)
        if position >= 0 and not any(negation in clause[:position] for negation in _NEGATIONS):
            return True
    return False
