"""Ages and days between as plain comparisons of days: ``age(born_on) >= 65`` is ``born_on`` up to a day. An engine compares
a day with one look at the column, and passes over the parts of a file where none can match.
"""

import ast
from datetime import date, timedelta

Plain = tuple[ast.expr, ast.cmpop, ast.expr]
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE, ast.Eq: ast.Eq, ast.NotEq: ast.NotEq,
}  # fmt: skip
_LEAP_DAY = (2, 29)
#: Years or days beyond which a number is no age, and would leave the calendar.
MOST = 1500


def as_days(left: ast.expr, sign: ast.cmpop, right: ast.expr, ref: date) -> Plain | None:
    """A comparison of an age, or of days between, with a whole number as one of days; None where it is none of these."""
    if type(sign) not in _TURNED:
        return None
    if _number(left) is not None:
        left, sign, right = right, _TURNED[type(sign)](), left
    n = _number(right)
    if n is None or abs(n) > MOST or not isinstance(left, ast.Call) or not isinstance(left.func, ast.Name):
        return None
    if left.func.id == "age":
        return _age(left.args[0], sign, n, ref)
    return _days(left.args[0], sign, left.args[1], n, ref) if left.func.id == "days" else None


def _age(born: ast.expr, sign: ast.cmpop, n: int, ref: date) -> Plain | None:
    """Somebody is `n` or older who was born up to the day `n` years before."""
    match sign:
        case ast.GtE():
            return born, ast.LtE(), _day(_years_before(ref, n))
        case ast.Gt():
            return born, ast.LtE(), _day(_years_before(ref, n + 1))
        case ast.Lt():
            return born, ast.Gt(), _day(_years_before(ref, n))
        case ast.LtE():
            return born, ast.Gt(), _day(_years_before(ref, n + 1))
    return None


def _days(start: ast.expr, sign: ast.cmpop, end: ast.expr, n: int, ref: date) -> Plain | None:
    if not n:
        return end, sign, start
    if isinstance(end, ast.Name) and end.id == "ref":
        return start, _TURNED[type(sign)](), _day(ref - timedelta(days=n))
    return None


def _day(day: date) -> ast.Constant:
    return ast.Constant(day)  # type: ignore[arg-type] # Python's own trees hold no days, ours do


def _years_before(ref: date, n: int) -> date:
    year = ref.year - n
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return date(year, 2, 28) if (ref.month, ref.day) == _LEAP_DAY and not is_leap else ref.replace(year=year)


def _number(node: ast.expr) -> int | None:
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None
