"""What an expression may say, checked before anything is computed: every table, column, function and kind of value."""

import ast

from xinglin.indicators.definitions.language import (
    BAND,
    FUNCTIONS,
    NAMES,
    LanguageError,
    Rows,
    Span,
    about_person,
    is_about_person,
    measure,
    measures,
)
from xinglin.platform.facts import FactTable, Kind, Shape, tables

NUMBER, TEXT, BOOL, DAY, MOMENT, PERSON, NOTHING = "number", "text", "yes or no", "day", "moment", "person", "nothing"
_KINDS = {
    Kind.TEXT: TEXT, Kind.INT: NUMBER, Kind.REAL: NUMBER, Kind.BOOL: BOOL, Kind.DAY: DAY, Kind.MOMENT: MOMENT,
    Kind.PERSON: PERSON,
}  # fmt: skip
_TAKES = {"age": (DAY,), "day": (MOMENT,), "days": (DAY, DAY), "minutes": (MOMENT, MOMENT)}
_GIVES = {"age": NUMBER, "day": DAY, "days": NUMBER, "minutes": NUMBER}
_ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def check_formula(tree: ast.expr) -> None:
    """A numerator or denominator: measures, numbers and arithmetic. :raises LanguageError: says what and where"""
    match tree:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() as operator, right=right):
            check_formula(left)
            check_formula(right)
            if isinstance(operator, ast.Div) and constant(right) == 0:
                raise LanguageError("divides by zero", right)
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            pass
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            check_formula(operand)
        case ast.Call():
            _check_measure(tree)
        case _:
            raise LanguageError(f"{ast.unparse(tree)!r} is neither a measure nor a number", tree)


def check_needs(tree: ast.expr) -> None:
    """What a figure is not told without: a count of events, in each month that has any. :raises LanguageError: it is not"""
    check_formula(tree)
    one = measure(tree) if isinstance(tree, ast.Call) else None
    if one is None or one.kind != "count" or tables()[one.rows.table].shape is not Shape.EVENT:
        raise LanguageError("a count of a table of events is needed here", tree)


def check_denominator(tree: ast.expr) -> None:
    """A formula that can be something else than 0. :raises LanguageError: says what and where"""
    check_formula(tree)
    if not list(measures(tree)) and constant(tree) == 0:
        raise LanguageError("divides by zero", tree)
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Sub) and ast.dump(tree.left) == ast.dump(tree.right):
        raise LanguageError("divides by zero: both sides are the same", tree)
    if (
        isinstance(tree, ast.BinOp)
        and isinstance(tree.op, ast.Mult)
        and 0 in {constant(tree.left), constant(tree.right)}
    ):
        raise LanguageError("divides by zero", tree)


def constant(tree: ast.expr) -> float | None:
    """The value of a formula of numbers only; None where a measure is in it, or where it divides by zero."""
    match tree:
        case ast.Constant(value=value):
            return float(value) if isinstance(value, int | float) else None
        case ast.UnaryOp(operand=operand):
            inner = constant(operand)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=operator, right=right):
            return _folded(constant(left), operator, constant(right))
    return None


def _folded(left: float | None, operator: ast.operator, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
    return left / right if right else None


def _check_measure(call: ast.Call) -> None:
    found = measure(call)
    table = _table(found.rows, call)
    if found.kind in {"persons", "persons_of_days"}:
        _person_of(table, call)
    if found.kind == "persons_of_days" and found.rows.span != Span.DURING:
        raise LanguageError(f"days are counted of {table.name}.during", call.args[0])
    if found.rows.place not in table.columns:
        raise LanguageError(
            f"{table.name} does not say where a person is managed: no .{found.rows.place}", call.args[0]
        )
    if found.value is not None:
        kind = kind_of(found.value, table)
        if found.kind != "distinct" and kind != NUMBER:
            raise LanguageError(f"{found.kind} needs a number, {ast.unparse(found.value)} is a {kind}", found.value)
    check_condition(found.rows.where, table)


def _table(rows: Rows, node: ast.AST) -> FactTable:
    table = tables().get(rows.table)
    if table is None:
        raise LanguageError(f"unknown table {rows.table!r}", node)
    if rows.span and (rows.span == Span.LATEST) is not (table.shape is Shape.EVENT):
        kind = "events" if table.shape is Shape.EVENT else "spells"
        raise LanguageError(f"{rows.table} is a table of {kind}: no .{rows.span}", node)
    return table


def span_of(rows: Rows) -> Span:
    """Which rows are meant."""
    if rows.span:
        return Span(rows.span)
    return Span.IN_FORCE if tables()[rows.table].shape is Shape.SPELL else Span.PERIOD


def _person_of(table: FactTable, node: ast.AST) -> None:
    if "person" not in table.columns:
        raise LanguageError(f"{table.name} has no persons", node)


def check_condition(where: ast.expr | None, table: FactTable) -> None:
    """A condition over the rows of a table. :raises LanguageError: says what and where"""
    if where is not None and (kind := kind_of(where, table)) != BOOL:
        raise LanguageError(f"a condition is yes or no, {ast.unparse(where)} is a {kind}", where)


def kind_of(node: ast.expr, table: FactTable) -> str:
    """What a node yields. :raises LanguageError: an unknown name, or kinds that do not go together"""
    match node:
        case ast.Constant(value=value):
            return _kind_of_constant(value, node)
        case ast.Name(id=name):
            if name in table.columns:
                return _KINDS[table.columns[name].kind]
            if name in NAMES:
                return DAY
            if name in BAND:
                return NUMBER
            raise LanguageError(f"{table.name} has no column {name!r}", node)
        case ast.BoolOp(values=values):
            for each in values:
                check_condition(each, table)
            return BOOL
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            check_condition(operand, table)
            return BOOL
        case ast.UnaryOp(op=ast.USub(), operand=operand) if kind_of(operand, table) == NUMBER:
            return NUMBER
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
            if {kind_of(left, table), kind_of(right, table)} == {NUMBER}:
                if isinstance(node.op, ast.Div) and constant(right) == 0:
                    raise LanguageError("divides by zero", right)
                return NUMBER
        case ast.Compare():
            return _kind_of_comparison(node, table)
        case ast.Call(func=ast.Name(id=name)):
            return _kind_of_call(name, node, table)
    raise LanguageError(f"{ast.unparse(node)!r} is not understood", node)


def _kind_of_constant(value: object, node: ast.AST) -> str:
    match value:
        case None:
            return NOTHING
        case bool():
            return BOOL
        case int() | float():
            return NUMBER
        case str():
            return TEXT
    raise LanguageError(f"{value!r} is not understood", node)


def _kind_of_comparison(node: ast.Compare, table: FactTable) -> str:
    left = node.left
    for operator, right in zip(node.ops, node.comparators, strict=True):
        kind = kind_of(left, table)
        if isinstance(operator, ast.Is | ast.IsNot):
            if not (isinstance(right, ast.Constant) and right.value is None):
                raise LanguageError("after is and is not stands None", right)
        elif isinstance(operator, ast.In | ast.NotIn):
            if not isinstance(right, ast.List | ast.Tuple) or not right.elts:
                raise LanguageError("after in stands a list", right)
            for each in right.elts:
                if not isinstance(each, ast.Constant) or kind_of(each, table) != kind:
                    raise LanguageError(f"the list holds {kind}s written out", each)
        elif kind != (other := kind_of(right, table)) or kind in {NOTHING, PERSON}:
            raise LanguageError(f"a {kind} cannot be compared with a {other}", right)
        elif kind in {TEXT, BOOL} and isinstance(operator, _ORDERED):
            raise LanguageError(f"a {kind} has no order", right)
        left = right
    return BOOL


def _kind_of_call(name: str, node: ast.Call, table: FactTable) -> str:
    if is_about_person(node):
        _person_of(table, node)
        asked = about_person(node)
        other = _table(asked.rows, node)
        _person_of(other, node)
        if asked.holds is not None and "at" not in other.columns:
            raise LanguageError(f"{other.name} has no order of time", node)
        check_condition(asked.rows.where, other)
        check_condition(asked.holds, other)
        for part in (asked.rows.where, asked.holds):
            if part is not None and any(is_about_person(each) for each in ast.walk(part)):
                raise LanguageError("a question about a person holds no second one", node)
        return BOOL
    if name not in FUNCTIONS:
        raise LanguageError(f"unknown function {name!r}", node)
    kinds = tuple(kind_of(each, table) for each in node.args)
    if kinds != _TAKES[name] or node.keywords:
        raise LanguageError(f"{name} takes {' and '.join(f'a {each}' for each in _TAKES[name])}", node)
    return _GIVES[name]
