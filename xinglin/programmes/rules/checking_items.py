"""Whether files of items are right: looked at before any of them is used, for they are shared by all programmes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from xinglin.platform.conditions import number
from xinglin.platform.definitions import Definition
from xinglin.programmes.rules import deriving
from xinglin.programmes.rules.computing import OF_PERSON, OF_VISIT
from xinglin.programmes.rules.items import KINDS
from xinglin.programmes.rules.reader import Fault

_LOINC = re.compile(r"\d{1,7}-\d")
_KEYS = {
    "code", "zh", "en", "kind", "unit", "unit_en", "plausible", "decimals", "options", "loinc", "ieee11073", "carries_forward", "valid_days",
    "formula", "hint_zh", "hint_en", "source", "mark",
}  # fmt: skip


def faults_of(definitions: Iterable[Definition]) -> list[Fault]:
    """Everything that is wrong with the items of these files together, each with its place."""
    rows: dict[str, tuple[str, Mapping[str, Any]]] = {}
    found: list[Fault] = []
    for definition in definitions:
        file, listed = f"{definition.slug}.toml", definition.content.get("items")
        if not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
            found.append(Fault(file, "items", _("应为若干张表。")))
            continue
        for n, row in enumerate(listed, 1):
            code = row.get("code")
            place = f"items[{code or n}]"
            if not isinstance(code, str) or code in rows or code in {*OF_PERSON, *OF_VISIT}:
                found.append(Fault(file, place, _("code 应为文字，不与别的条目相同，也不是保留名。")))
                continue
            rows[code] = (file, row)
            found += [Fault(file, place, message) for message in _of_row(row)]
    for code, (file, row) in rows.items():
        found += [Fault(file, f"items[{code}].formula", message) for message in _of_formula(code, row, rows)]
    return found


def _of_row(row: Mapping[str, Any]) -> Iterator[str]:
    if unknown := sorted(row.keys() - _KEYS):
        yield _("不认识的内容：%(names)s。") % {"names": ", ".join(unknown)}
    if not row.get("zh"):
        yield _("缺少中文。")
    if not row.get("en") or bool(row.get("hint_zh")) != bool(row.get("hint_en")):
        yield _("缺少英文。")
    if row.get("kind") not in KINDS:
        yield _("应为下列之一：%(names)s。") % {"names": ", ".join(KINDS)}
    if row.get("kind") == "number":
        yield from _of_number(row)
    if row.get("kind") in {"choice", "choices"}:
        yield from _of_options(row.get("options"))
    days = row.get("valid_days", 1)
    if (
        not isinstance(days, int)
        or isinstance(days, bool)
        or days < 1
        or ("valid_days" in row and row.get("carries_forward"))
    ):
        yield _("valid_days 应为正整数，且不与 carries_forward 同用。")
    if row.get("loinc") and not _LOINC.fullmatch(str(row["loinc"])):
        yield _("“%(code)s”不是 LOINC 代码。") % {"code": row["loinc"]}


def _of_number(row: Mapping[str, Any]) -> Iterator[str]:
    ends = row.get("plausible")
    pair = [number(each) for each in ends] if isinstance(ends, list) and len(ends) == 2 else []
    if len(pair) != 2 or pair[0] is None or pair[1] is None or pair[0] >= pair[1]:
        yield _("数字条目应有 plausible = [最小, 最大]。")
    decimals = row.get("decimals", 0)
    if not isinstance(decimals, int) or not 0 <= decimals <= 6:
        yield _("小数位数应在 0 与 6 之间。")


def _of_options(options: object) -> Iterator[str]:
    rows = options if isinstance(options, list) and all(isinstance(each, dict) for each in options) else []
    codes = [each.get("code") for each in rows]
    if len(codes) < 2 or len(set(codes)) != len(codes) or not all(isinstance(code, str) and code for code in codes):
        yield _("至少应有两个选项，code 各不相同。")
    if not all(each.get("zh") and each.get("en") for each in rows):
        yield _("选项应有中文和英文。")


def _of_formula(code: str, row: Mapping[str, Any], rows: Mapping[str, tuple[str, Mapping[str, Any]]]) -> Iterator[str]:
    """A formula is known, and made of items that are there and not of itself."""
    if "formula" not in row:
        return
    try:
        parts = deriving.inputs(row["formula"])
    except (KeyError, TypeError):
        yield _("公式应有 kind（%(kinds)s）及其各部分。") % {"kinds": ", ".join(deriving.KINDS)}
        return
    for part in parts:
        if part not in rows and part not in OF_PERSON:
            yield _("没有“%(code)s”这个条目（definitions/programme-items）。") % {"code": part}
    if code in _all_parts(code, rows, frozenset()):
        yield _("公式用到了它自己。")


def _all_parts(code: str, rows: Mapping[str, tuple[str, Mapping[str, Any]]], seen: frozenset[str]) -> set[str]:
    """Everything a value is made of, however far down."""
    found: set[str] = set()
    try:
        parts = deriving.inputs(rows[code][1]["formula"]) if code in rows else ()
    except (KeyError, TypeError):
        return found
    for part in parts:
        found.add(part)
        if part not in seen:
            found |= _all_parts(part, rows, seen | {part})
    return found
