"""The form of one visit for several programmes: every item once."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.cases import ItemOnForm, Past, Person
from xinglin.programmes.rules.computing import about
from xinglin.programmes.rules.items import Value, is_nothing
from xinglin.programmes.rules.shapes import Programme


def joint_items(
    programmes: Sequence[Programme], kind: str, person: Person, past: Sequence[Past], on: date | None = None
) -> list[ItemOnForm]:
    """The items that a visit of a kind asks for all programmes together, in the order of the first that asks for each.

    Required when one of them requires it. `past`: earlier visits of any of them; the newest answer is carried forward where the
    item says so. `on` decides questions that are asked of some ages only; without it they are asked.
    """
    facts: dict[str, Any] = about(person, on) if on else {"sex": person.sex or None, "diagnoses": person.diagnoses}
    wanted: dict[str, tuple[list[str], bool]] = {}
    for programme in programmes:
        for use in programme.items.get(kind, ()):
            if use.when is not None and use.when.truth(facts) is False:
                continue
            slugs, is_required = wanted.setdefault(use.code, ([], False))
            if programme.slug not in slugs:
                slugs.append(programme.slug)
            wanted[use.code] = (slugs, is_required or use.is_required)
    newest_first = sorted(
        (each for each in past if on is None or each.on <= on), key=lambda each: each.on, reverse=True
    )
    known = catalogue.items()
    return [
        ItemOnForm(known[code], tuple(slugs), is_required, *_carried(code, newest_first))
        for code, (slugs, is_required) in wanted.items()
        if not known[code].is_computed
    ]


def _carried(code: str, newest_first: Sequence[Past]) -> tuple[Value, date | None]:
    item = catalogue.item(code)
    for each in newest_first if item.carries_forward else ():
        value = each.answers.get(code)
        if not is_nothing(value) and item.refusal(value) is None:
            return value, each.on
    return None, None
