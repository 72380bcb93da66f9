"""Whether the choices that a disease's form lists of a question are right."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from xinglin.platform.conditions import Choice
from xinglin.programmes.rules.computing import conditions_of
from xinglin.programmes.rules.items import NONE_OF_THEM, Item
from xinglin.programmes.rules.shapes import ItemUse, Programme


def of_choices(programme: Programme, use: ItemUse, item: Item | None) -> Iterator[str]:
    """What is wrong: a choice that the question does not have, or one that a condition of this disease asks for and nobody can tick."""
    if item is None or not use.options:
        return
    known = {each.code for each in item.options}
    for code in use.options:
        if code not in known:
            yield _("“%(label)s”没有选项“%(value)s”。") % {"label": item.label, "value": code}
    needed = _asked(programme, use.code) | ({NONE_OF_THEM} if item.kind == "choices" else set())
    for code in sorted((needed & known) - set(use.options)):
        yield _("“%(label)s”没有列出选项“%(value)s”，填表的人选不到。") % {"label": item.label, "value": code}


def _asked(programme: Programme, code: str) -> set[str]:
    found: set[str] = set()
    for _place, condition in conditions_of(programme):
        for atom in condition.atoms():
            if isinstance(atom, Choice) and atom.field == code and atom.how in {"is", "one_of", "has_any"}:
                found.update(map(str, atom.values))
    return found
