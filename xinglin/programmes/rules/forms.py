"""The form of one visit for several programmes: every item once."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.cases import ItemOnForm, Past, Person
from xinglin.programmes.rules.computing import about
from xinglin.programmes.rules.items import Item, Value, is_nothing
from xinglin.programmes.rules.shapes import Programme


def joint_items(
    programmes: Sequence[Programme], kind: str, person: Person, past: Sequence[Past], on: date | None = None
) -> list[ItemOnForm]:
    """The items that a visit of a kind asks for all programmes together, in the order of the first that asks for each.

    Of a question's choices it lists those that one of the programmes lists, each once. Required when one of them requires it; a value
    with an interval of its own only at the yearly visit, when none stands. What the grade of one of the programmes answers (`provides`)
    is not asked. `past`: earlier visits of any of them; the newest answer is carried forward where the item says so. `on` decides
    questions that are asked of some ages only; without it they are asked.
    """
    facts: dict[str, Any] = about(person, on) if on else {"sex": person.sex or None, "diagnoses": person.diagnoses}
    wanted: dict[str, tuple[list[str], bool]] = {}
    listed: dict[str, set[str]] = {}
    known = catalogue.items()
    provided = {code for programme in programmes for code in programme.provides}
    for programme in programmes:
        for use in programme.items.get(kind, ()):
            if use.code in provided or (use.when is not None and use.when.truth(facts) is False):
                continue
            listed.setdefault(use.code, set()).update(use.options or (each.code for each in known[use.code].options))
            slugs, is_required = wanted.setdefault(use.code, ([], False))
            if programme.slug not in slugs:
                slugs.append(programme.slug)
            wanted[use.code] = (slugs, is_required or use.is_required)
    newest_first = sorted(
        (each for each in past if on is None or each.on <= on), key=lambda each: each.on, reverse=True
    )
    return [
        _on_form(listing(known[code], listed[code]), tuple(slugs), is_required, kind, newest_first, on)
        for code, (slugs, is_required) in wanted.items()
        if not known[code].is_computed
    ]


def listing(item: Item, codes: Collection[str]) -> Item:
    """The item with those of its choices that a form lists, in the item's own order; all where it names none."""
    if not codes or len(codes) == len(item.options):
        return item
    return replace(item, options=tuple(each for each in item.options if each.code in codes))


def _on_form(
    item: Item, slugs: tuple[str, ...], is_required: bool, kind: str, newest_first: Sequence[Past], on: date | None
) -> ItemOnForm:
    if item.valid_days is None:
        return ItemOnForm(
            item, slugs, is_required, *(_newest(item, newest_first) if item.carries_forward else (None, None))
        )
    value, value_on = _newest(item, newest_first)
    if value_on is not None and stands(item, value_on, on or value_on):
        return ItemOnForm(item, slugs, False, value, value_on, value_on + timedelta(days=item.valid_days))
    return ItemOnForm(item, slugs, is_required and kind != "routine", None, None)


def stands(item: Item, measured_on: date, on: date) -> bool:
    """Whether a value measured on a day still counts on another."""
    return item.valid_days is not None and (on - measured_on).days < item.valid_days


def _newest(item: Item, newest_first: Sequence[Past]) -> tuple[Value, date | None]:
    for each in newest_first:
        value = each.answers.get(item.code)
        if not is_nothing(value) and item.refusal(value) is None:
            return value, each.on
    return None, None
