"""Whether a programme finds the people who belong to it: its codes and its eligibility speak of the same diagnoses."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from xinglin.platform.conditions import Choice
from xinglin.programmes.rules.shapes import Programme


def of_codes(programme: Programme) -> Iterator[tuple[str, str]]:
    """What is wrong, with its place: codes by which somebody is found who does not belong, and codes of those who do and are not found."""
    for code in programme.diseases:
        facts = {"diagnoses": (code,)}
        refusing = [each.code for each in programme.eligibility if each.when.truth(facts) is False]
        refusing += [each.code for each in programme.exclusions if each.when.truth(facts)]
        if refusing:
            yield "diseases", _("“%(code)s”不符合本病种的纳入条件（%(rule)s）。") % {"code": code, "rule": refusing[0]}
    found = tuple(programme.diseases)
    for rule in programme.eligibility if found else ():
        if rule.when.truth({"diagnoses": ()}) is not False:
            continue
        codes = [str(value) for atom in rule.when.atoms() for value in _codes(atom)]
        for code in codes:
            if not code.startswith(found) and rule.when.truth({"diagnoses": (code,)}) is not False:
                yield (
                    f"eligibility[{rule.code}]",
                    _("“%(code)s”不在 diseases 中，有此诊断的人不会被发现。") % {"code": code},
                )


def _codes(atom: object) -> tuple[object, ...]:
    return tuple(atom.values) if isinstance(atom, Choice) and atom.field == "diagnoses" else ()
