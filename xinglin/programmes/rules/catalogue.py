"""The definitions in force: programmes with all their versions, and the items they ask."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from xinglin.platform import definitions
from xinglin.programmes.rules import framing
from xinglin.programmes.rules import items as items_of
from xinglin.programmes.rules.checking_items import faults_of
from xinglin.programmes.rules.computing import order_of
from xinglin.programmes.rules.items import Item
from xinglin.programmes.rules.reader import Broken, Fault
from xinglin.programmes.rules.reading import programme_of
from xinglin.programmes.rules.shapes import Programme
from xinglin.programmes.rules.words import Text

PROGRAMMES = "programmes"
ITEMS = "programme-items"


#: Where versions are kept that no file holds; told by `keep_in`. Asked with True, it looks whether there are new ones.
_kept: Callable[[bool], tuple[definitions.Definition, ...]] = lambda _fresh: ()  # noqa: E731 - replaced as a whole


def keep_in(source: Callable[[bool], tuple[definitions.Definition, ...]]) -> None:
    """Have versions that no file holds come from `source`: the same tuple as long as nothing changed."""
    global _kept
    _kept = source


def programmes(on: date, *, fresh: bool = False) -> list[Programme]:
    """Those in force on a day, in their order: of each the newest version that has begun.

    `fresh` looks at this moment whether there is a new version: for whoever takes somebody into a programme.
    """
    found: dict[str, Programme] = {}
    for each in all_versions(fresh=fresh):
        if each.valid_from <= on and (each.valid_until is None or on < each.valid_until):
            found[each.slug] = each
    return sorted(found.values(), key=lambda each: (each.order, each.slug))


def programme(slug: str, version: str | None = None, on: date | None = None, *, fresh: bool = False) -> Programme:
    """One programme: a named version (also one no longer in force), or the one in force on a day, or the newest.

    :raises KeyError: there is none
    """
    if version is not None:
        named = _by_version(all_versions(fresh=fresh)).get(version)
        if named is None and not fresh:  # it may have been dated a moment ago by another process
            named = _by_version(all_versions(fresh=True)).get(version)
        found = [named] if named is not None and named.slug == slug else []
    elif on is not None:
        found = [each for each in programmes(on, fresh=fresh) if each.slug == slug]
    else:
        found = [each for each in all_versions(fresh=fresh) if each.slug == slug]
    if not found:
        raise KeyError(f"no programme {version or slug}" + (f" on {on}" if on else ""))
    return found[-1]


def said(version: str, part: str, code: str) -> Text | None:
    """The words of an alert (`part` ``alerts``) or of advice (``advice``) of a version; None when it has none by that code."""
    found = _by_version(all_versions()).get(version)
    return next((each.text for each in getattr(found, part) if each.code == code), None) if found else None


def step_said(version: str, step: str) -> Text | None:
    """What a version says comes next, of those ``confirmed`` by readings or positive in the ``screening``; None when nobody has
    the version any more.
    """
    found = _by_version(all_versions()).get(version)
    rule = None if found is None else found.confirmation if step == "confirmed" else found.screening
    return None if rule is None else getattr(rule, "confirmed_step" if step == "confirmed" else "next_step")


def item(code: str) -> Item:
    """A question or measurement. :raises KeyError: there is none of that code"""
    return items()[code]


def all_versions(*, fresh: bool = False) -> tuple[Programme, ...]:
    """Every version that can be found, in order of slug and of the day it begins: in files, and kept by the county.

    What ships was checked before it shipped; a county's own file is checked in full before anything is computed with it; what
    the county keeps was checked when it was dated.

    :raises Broken: a file is not as it must be; says which, where, and what
    """
    return _programmes(tuple(definitions.versions(PROGRAMMES)), framing.framed(), _kept(fresh))


def items() -> Mapping[str, Item]:
    """All items by code, county's own files in place of the shipped ones.

    :raises Broken: a file is not as it must be; says which, where, and what
    """
    return _items(tuple(definitions.load(ITEMS)))


def lasting() -> Mapping[str, Item]:
    """Items whose values count for an interval of their own."""
    return _lasting(tuple(definitions.load(ITEMS)))


def shared() -> dict[str, dict[str, Mapping[str, Any]]]:
    """What programmes share: values that are an emergency, points of education, and reasons of graduation, by code."""
    return {
        "alerts": _rows("programme-alerts", "alerts"),
        "education": _rows("programme-education", "points"),
        "graduation": _rows("programme-graduation", "reasons"),
    }


def _rows(topic: str, key: str) -> dict[str, Mapping[str, Any]]:
    return {
        row["code"]: {"source": definition.source, "mark": definition.mark, **row}
        for definition in definitions.load(topic)
        for row in definition.content[key]
    }


@lru_cache(maxsize=8)
def _programmes(
    found: tuple[definitions.Definition, ...],
    framed: tuple[definitions.Definition, ...],
    kept: tuple[definitions.Definition, ...],
) -> tuple[Programme, ...]:
    names, parsed = {each.version for each in kept}, []
    in_files = definitions.joined(
        [each for each in (*found, *framed) if not each.is_own], [each for each in found if each.is_own]
    )
    for definition in definitions.joined(in_files, kept):
        is_file = definition.is_own and definition.version not in names
        programme, faults = _checked(definition) if is_file else programme_of(definition, shared())
        if faults or programme is None:
            raise Broken(faults)
        parsed.append(order_of(programme, items()))
    return tuple(parsed)


@lru_cache(maxsize=8)
def _by_version(found: tuple[Programme, ...]) -> dict[str, Programme]:
    return {each.version: each for each in found}


def _checked(definition: definitions.Definition) -> tuple[Programme | None, Sequence[Fault]]:
    from xinglin.programmes.rules import checking  # noqa: PLC0415 - the check computes examples with this catalogue's items

    report = checking.check(definition, f"{definition.version}.toml")
    return report.programme, report.faults


@lru_cache(maxsize=8)
def _items(found: tuple[definitions.Definition, ...]) -> Mapping[str, Item]:
    if faults := faults_of(found):
        raise Broken(faults)
    return {
        row["code"]: items_of.parse(row, source=definition.source, mark=definition.mark)
        for definition in found
        for row in definition.content["items"]
    }


@lru_cache(maxsize=8)
def _lasting(found: tuple[definitions.Definition, ...]) -> Mapping[str, Item]:
    return {code: item for code, item in _items(found).items() if item.valid_days is not None}
