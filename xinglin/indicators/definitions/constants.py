"""Levels at which a figure would say nothing: its units are of such tiers only that the condition holds of every row, or of none.

A township has hospitals and clinics of its own and no county hospital: the share of visits at grassroots units is 100 % in
each, whatever people do. Such a level is left out, or the rows count where people live (``visits.home``).
"""

import ast
from collections.abc import Sequence

from xinglin.indicators.definitions.language import Measure, conjuncts, measures

#: What the column is called that says of which tier the facility of a row is.
TIER = "tier"
COUNTY, TOWNSHIP, VILLAGE = "COUNTY", "TOWNSHIP", "VILLAGE"
#: The tiers that the units of a level have: a facility one of them, a township the lower two. Above, all.
TIERS: dict[str, tuple[frozenset[str], ...]] = {
    "facility": (frozenset({COUNTY}), frozenset({TOWNSHIP}), frozenset({VILLAGE})),
    "township": (frozenset({TOWNSHIP, VILLAGE}),),
}  # fmt: skip


def says_nothing(level: str, numerator: ast.expr | None, denominator: ast.expr | None) -> str:
    """Why a figure is the same at every unit of a level; empty where it is not."""
    units = TIERS.get(level, ())
    if not units or numerator is None:
        return ""
    for tree in (numerator, denominator):
        for one in measures(tree) if tree is not None else ():
            if _at_facility(one) and all(_is_never(conjuncts(one.rows.where), tiers) for tiers in units):
                return f"no {level} has rows of {one.text}"
    if isinstance(numerator, ast.Call) and isinstance(denominator, ast.Call):
        top, bottom = next(measures(numerator)), next(measures(denominator))
        if _is_share(top, bottom) and all(_is_fixed(top, bottom, tiers) for tiers in units):
            return f"the share is 0 or 100 % in every {level}: take the level out, or count where people live (.home)"
    return ""


def _at_facility(one: Measure) -> bool:
    return one.rows.place == "facility"


def _is_share(top: Measure, bottom: Measure) -> bool:
    """Whether one measure is of the same rows as the other, but for conditions."""
    value = [ast.unparse(each.value) if each.value is not None else "" for each in (top, bottom)]
    same = (top.kind, top.rows.table, top.rows.span, value[0]) == (
        bottom.kind, bottom.rows.table, bottom.rows.span, value[1],
    )  # fmt: skip
    return same and _at_facility(top) and _at_facility(bottom)


def _is_fixed(top: Measure, bottom: Measure, tiers: frozenset[str]) -> bool:
    """Whether the rows of the one are all those of the other, or none, at a unit of these tiers."""
    above, below = conjuncts(top.rows.where), conjuncts(bottom.rows.where)
    tiers = frozenset(each for each in tiers if not _is_never(below, frozenset({each})))
    texts = [{ast.unparse(each) for each in some} for some in (above, below)]
    differing = [each for each in (*above, *below) if ast.unparse(each) not in texts[0] & texts[1]]
    if not differing:
        return True
    is_all = all(truth(each, tier) is True for each in differing for tier in tiers)
    return is_all or _is_never(above, tiers)


def _is_never(conditions: Sequence[ast.expr], tiers: frozenset[str]) -> bool:
    return all(any(truth(each, tier) is False for each in conditions) for tier in tiers)


def truth(node: ast.expr, tier: str) -> bool | None:
    """What a condition comes to of rows of a tier; None: it depends on something else."""
    match node:
        case ast.BoolOp(op=joint, values=values):
            parts = [truth(each, tier) for each in values]
            strong = not isinstance(joint, ast.And)
            return strong if strong in parts else None if None in parts else not strong
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = truth(operand, tier)
            return None if inner is None else not inner
        case ast.Compare(left=ast.Name(id=name), ops=[sign], comparators=[right]) if name == TIER:
            return _compared(sign, right, tier)
    return None


def _compared(sign: ast.cmpop, right: ast.expr, tier: str) -> bool | None:
    match sign, right:
        case ast.Eq(), ast.Constant(value=value):
            return bool(tier == value)
        case ast.NotEq(), ast.Constant(value=value):
            return bool(tier != value)
        case ast.In() | ast.NotIn(), ast.List(elts=values) | ast.Tuple(elts=values):
            is_in = tier in [each.value for each in values if isinstance(each, ast.Constant)]
            return is_in == isinstance(sign, ast.In)
    return None
