"""What a definition says to the resident himself: what he aims at, and when he comes at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from xinglin.platform.conditions import BOUNDS, Always, Atom, Bounds, Choice, Condition, SomeOf
from xinglin.programmes.rules.items import Item
from xinglin.programmes.rules.shapes import Programme
from xinglin.programmes.rules.words import Text

#: LOINC codes of what somebody may measure at home: pressure, pulse, temperature, oxygen, glucose.
AT_HOME = frozenset({"8480-6", "8462-4", "8867-4", "8310-5", "2708-6", "14771-0", "14760-3", "14749-6"})
#: Options that say nothing to whoever reads them alone.
UNSAID = frozenset({"none", "other", "unknown"})


def aim(programme: Programme, facts: Mapping[str, Any]) -> tuple[tuple[str, ...], Text] | None:
    """The clinical target that is about a person: the items it rests on, and its words. None: no target, or not to be told."""
    target = programme.clinical or programme.reporting
    for who, met, text in target.rules if target else ():
        is_about = who.truth(facts)
        if is_about is not False:
            return (tuple(dict.fromkeys(each.field for each in met.atoms())), text) if is_about else None
    return None


def urgent_signs(programme: Programme, items: Mapping[str, Item]) -> tuple[Text, ...]:
    """What the resident notices or measures himself that is an emergency by one of the alerts. What only together with something
    else is one, and what a laboratory or a doctor finds, is left out.
    """
    found: dict[str, Text] = {}
    for alert in programme.alerts:
        if alert.level == "emergency":
            for atom in _any_of(alert.when):
                found |= {each.zh: each for each in _signs(atom, items)}
    return tuple(found.values())


def advised(programme: Programme, points: Iterable[str]) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """Points of education in three parts: those with a reason in this person, those for everybody, and what to do in an emergency."""
    rules = {each.point: each for each in programme.education}
    known = [rules[each] for each in points if each in rules]
    calm = [each for each in known if each.topic != "emergency"]
    return (
        [each.point for each in calm if not isinstance(each.when, Always)],
        [each.point for each in calm if isinstance(each.when, Always)],
        [each.point for each in known if each.topic == "emergency"],
    )


def _any_of(condition: Condition) -> Iterator[Atom]:
    """The comparisons of which one alone is enough."""
    if isinstance(condition, Bounds | Choice):
        yield condition
    elif isinstance(condition, SomeOf) and (condition.n == 1 or len(condition.parts) == 1):
        for part in condition.parts:
            yield from _any_of(part)


def _signs(atom: Atom, items: Mapping[str, Item]) -> Iterator[Text]:
    item = items.get(atom.field)
    if item is None or item.is_computed:
        return
    if isinstance(atom, Bounds) and item.loinc in AT_HOME:
        limits = " ".join(f"{BOUNDS[name]}{limit:g}" for name, limit in atom.limits.items())
        yield Text(f"{item.label.zh}{limits} {item.unit.zh}", f"{item.label.en} {limits} {item.unit.en}")
    elif isinstance(atom, Choice) and item.kind == "yes-no" and True in atom.values:
        yield item.label
    elif isinstance(atom, Choice) and item.kind == "choices" and atom.how in {"has_any", "has_other_than"}:
        for option in item.options:
            if option.code not in UNSAID and (option.code in atom.values) is (atom.how == "has_any"):
                yield option.text
