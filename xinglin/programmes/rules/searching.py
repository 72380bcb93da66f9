"""Values for which conditions hold or fail together, found by looking at every combination that can matter.

What conditions say of a number changes at their limits only: between two limits one value stands for all. Fields are filled
one after another, and a branch ends as soon as three-valued logic says that the rest cannot change the answer. So nothing is
left to luck, and few combinations are tried. A computed value is looked at as if it were measured itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any

from xinglin.platform.conditions import Always, Atom, Bounds, Choice, Condition, NoneOf, SomeOf
from xinglin.programmes.rules.items import NONE_OF_THEM, Item
from xinglin.programmes.rules.shapes import Target

#: Beyond so many steps a definition is too tangled to be checked, and is refused for it.
MOST_STEPS = 60_000
#: So many codes of one question may differ for the conditions: every set of them is looked at.
MOST_KINDS = 10
_OLDEST = 120
_OF_PERSON_LIMITS = {"age": (Decimal(0), Decimal(_OLDEST)), "not_controlled_in_a_row": (Decimal(0), Decimal(12)),
                     "controlled_in_a_row": (Decimal(0), Decimal(12))}  # fmt: skip
_TWO = (True, False)


class TooMany(Exception):
    """There are too many combinations to look at all of them."""


def holds(target: Target | None) -> Condition:
    """A target as one condition: the first rule that is about the person is met."""
    parts: list[Condition] = []
    before: list[Condition] = []
    for who, met, _text in target.rules if target else ():
        others: list[Condition] = [NoneOf(before)] if before else []
        parts.append(SomeOf(2 + len(others), [who, *others, met]))
        before = [*before, who]
    return SomeOf(1, parts) if parts else NoneOf([Always()])


def find(
    wanted: Sequence[tuple[Condition, bool]], items: Mapping[str, Item], grades: Sequence[str] = ()
) -> dict[str, Any] | None:
    """Values with which each condition has its wanted answer; None when there are none.

    :raises TooMany: too many combinations
    """
    atoms = [atom for condition, _answer in wanted for atom in condition.atoms()]
    fields = {
        field: _values(field, [atom for atom in atoms if atom.field == field], items, grades)
        for field in _in_order(atoms)
    }
    first = [atom.field for atom in atoms if isinstance(atom, Choice) and atom.how == "known"]
    for field in first:
        fields[field] = [*fields[field], None]
    return _Search(wanted, fields, frozenset(first)).run({})


def _in_order(atoms: Iterable[Atom]) -> dict[str, None]:
    return dict.fromkeys(atom.field for atom in atoms)


class _Search:
    """Fills fields one after another and turns back where the answer is already wrong."""

    def __init__(
        self, wanted: Sequence[tuple[Condition, bool]], fields: Mapping[str, Sequence[Any]], first: frozenset[str]
    ) -> None:
        self.wanted = wanted
        self.fields = fields
        self.first = first
        self.steps = 0

    def run(self, facts: dict[str, Any]) -> dict[str, Any] | None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooMany
        pending = next((field for field in self.first if field not in facts), None)
        if pending is None:
            open_: list[Condition] = []
            for condition, answer in self.wanted:
                found = condition.truth(facts, [(1, facts)] * 40)
                if found is None:
                    open_.append(condition)
                elif found is not answer:
                    return None
            if not open_:
                return {**{field: values[0] for field, values in self.fields.items() if values}, **facts}
            pending = next((atom.field for atom in open_[0].deciding(facts) if atom.field not in facts), None)
            if pending is None:
                return None
        for value in self.fields[pending]:
            found_ = self.run({**facts, pending: value})
            if found_ is not None:
                return found_
        return None


def _values(field: str, atoms: Sequence[Atom], items: Mapping[str, Item], grades: Sequence[str]) -> list[Any]:
    """Values of a field of which at least one stands for every other: the same atoms hold of both."""
    found: dict[tuple[Any, ...], Any] = {}
    for value in _candidates(field, atoms, items, grades):
        found.setdefault(tuple(atom.truth({field: value}) for atom in atoms), value)
    return list(found.values())


def _candidates(field: str, atoms: Sequence[Atom], items: Mapping[str, Item], grades: Sequence[str]) -> Iterator[Any]:
    if field == "diagnoses":
        yield from _sets(
            [code for atom in atoms if isinstance(atom, Choice) for code in map(str, atom.values)] + ["Z00.0"], atoms
        )
    elif field in {"is_pregnant", "controlled", "on_target", "is_first_visit"}:
        yield from _TWO
    elif field == "sex":
        yield from ("1", "2")
    elif field == "grade":
        yield from grades
    else:
        yield from _of_item(field, atoms, items)


def _of_item(field: str, atoms: Sequence[Atom], items: Mapping[str, Item]) -> Iterator[Any]:
    item = items.get(field)
    if item is None and field not in _OF_PERSON_LIMITS:
        return
    if item is None or item.kind == "number":
        yield from _numbers(field, atoms, item)
    elif item.kind == "yes-no":
        yield from _TWO
    elif item.kind == "choice":
        yield from (option.code for option in item.options)
    elif item.kind == "choices":
        codes = [option.code for option in item.options if option.code != NONE_OF_THEM]
        if len(codes) < len(item.options):
            yield (NONE_OF_THEM,)
        yield from (tuple(sorted(each)) for each in _sets(codes, atoms))
    elif item.kind == "text":
        yield from ("", *(word for atom in atoms for word in getattr(atom, "words", ())))


def _numbers(field: str, atoms: Sequence[Atom], item: Item | None) -> Iterator[Decimal]:
    step = item.step if item else Decimal(1)
    low, high = _OF_PERSON_LIMITS.get(field, (item.low if item else None, item.high if item else None))
    limits = {Decimal(str(limit)) for atom in atoms if isinstance(atom, Bounds) for limit in atom.limits.values()}
    if low is not None and high is not None:
        yield from ((low + high) / 2 // step * step, low, high)
    for limit in sorted(limits):
        for value in (limit, limit - step, limit + step):
            if (low is None or value >= low) and (high is None or value <= high):
                yield value.quantize(step) if value == value.quantize(step) else value


def _sets(codes: Sequence[str], atoms: Sequence[Atom]) -> Iterator[frozenset[str]]:
    """Every combination of codes that differ for the atoms: of those that do not, one is enough."""
    kinds: dict[tuple[Any, ...], str] = {}
    for code in codes:
        kinds.setdefault(tuple(atom.truth({atom.field: (code,)}) for atom in atoms), code)
    if len(kinds) > MOST_KINDS:
        raise TooMany
    for n in range(1, len(kinds) + 1):
        yield from (frozenset(each) for each in combinations(kinds.values(), n))
