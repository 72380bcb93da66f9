"""Answers of a form: from what was typed to values of items, and from values to what a row keeps and back."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from xinglin.platform.errors import InvalidInput
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.items import Item, Value, is_nothing
from xinglin.programmes.rules.words import AND

MOST_ANSWERS = 200
#: Beyond it nothing is rounded or compared: each item has its own, smaller end of what can be.
MOST_NUMBER = Decimal(10) ** 12
_YES = {"yes": True, "no": False, True: True, False: False}


def read(given: Mapping[str, Any], codes: Iterable[str], *, on: date) -> dict[str, Value]:
    """The values of a form. What was not answered is absent.

    :raises InvalidInput: a value cannot be, or nobody asked for it; `fields` say which and why
    """
    asked, values, wrong = set(codes), {}, {}
    if len(given) > MOST_ANSWERS:
        raise InvalidInput(_("填写的项目太多。"), fields={"answers": _("填写的项目太多。")})
    for code, raw in given.items():
        if is_nothing(raw) or (isinstance(raw, str) and not raw.strip()):
            continue
        item = catalogue.item(code) if code in asked else None
        if item is None or item.is_computed:
            wrong[str(code)[:60]] = _("这次随访没有这个项目。")
            continue
        value = _value(item, raw)
        reason = _("无法识别。") if value is None else item.refusal(value, on)
        if reason:
            wrong[code] = reason
        else:
            values[code] = value
    _look_at_pressure(values, wrong)
    if wrong:
        raise InvalidInput(_("随访记录填写有误。"), fields=wrong)
    return values


def _look_at_pressure(values: Mapping[str, Value], wrong: dict[str, str]) -> None:
    systolic, diastolic = values.get("systolic"), values.get("diastolic")
    if (systolic is None) != (diastolic is None) and not {"systolic", "diastolic"} & set(wrong):
        wrong["systolic" if systolic is None else "diastolic"] = _("收缩压、舒张压要一起填。")
    elif isinstance(systolic, Decimal) and isinstance(diastolic, Decimal) and systolic <= diastolic:
        wrong["systolic"] = _("收缩压应高于舒张压。")


def _value(item: Item, raw: Any) -> Value:
    """A value of the kind the item has; None when it cannot be read."""
    if item.kind == "number":
        return _number(item, raw)
    if item.kind == "yes-no":
        return _YES.get(raw if isinstance(raw, bool) else str(raw))
    if item.kind == "choices":
        many = [raw] if isinstance(raw, str) else raw
        return tuple(str(each)[:60] for each in many) if isinstance(many, list | tuple) and len(many) <= 60 else None
    if item.kind == "date":
        return _day(raw)
    return str(raw).strip() if isinstance(raw, str) else None


def _number(item: Item, raw: Any) -> Decimal | None:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        return None
    try:
        value = Decimal(str(raw).strip())
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value) > MOST_NUMBER or value != round(value, item.decimals):
        return None
    return value


def _day(raw: Any) -> date | None:
    try:
        return raw if type(raw) is date else date.fromisoformat(str(raw))
    except ValueError:
        return None


def kept(values: Mapping[str, Value]) -> dict[str, Any]:
    """Values as a row keeps them."""
    return {code: _plain(value) for code, value in values.items()}


def _plain(value: Value) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value


def values_of(row: Mapping[str, Any]) -> dict[str, Value]:
    """Values as rules read them, from what a row keeps; items that no definition knows any more are left out."""
    found: dict[str, Value] = {}
    known = catalogue.items()
    for code, raw in row.items():
        item = known.get(code)
        value = _value(item, raw) if item else None
        if value is not None:
            found[code] = value
    return found


def known_item(code: str) -> Item | None:
    """The item of a code, or None."""
    try:
        return catalogue.item(code)
    except LookupError:
        return None


def values_said(row: Mapping[str, Any]) -> str:
    """What a finding rests on, in words: ``收缩压 186 mmHg、舒张压 112 mmHg``; facts that no form asks for are left out."""
    shown = ((item.label, said(code, raw)) for code, raw in row.items() if (item := known_item(code)) is not None)
    return str(AND).join(f"{label} {value}" for label, value in shown if value)


def said(code: str, raw: Any) -> str:
    """A value in words: ``142 mmHg``, ``规律服药``, ``头痛、心悸``."""
    item = known_item(code)
    value = _value(item, raw) if item else None
    if item is None or value is None:
        return ""
    if item.kind == "number":
        return f"{value} {item.unit}".strip()
    if item.kind == "yes-no":
        return _("是") if value else _("否")
    if item.kind in {"choice", "choices"}:
        chosen = value if isinstance(value, tuple) else (value,)
        return str(AND).join(str(each.text) for each in item.options if each.code in chosen)
    return str(value)
