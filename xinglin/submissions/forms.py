"""Forms: which figures are handed in of which period, when, to whom and in which layout. Reviewed data, checked when read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from xinglin.indicators import api as indicators
from xinglin.indicators.api import Indicator, Period
from xinglin.platform.definitions import Definition, DefinitionError, load
from xinglin.platform.errors import NotVisible

TOPIC = "submission-forms"
PERIODS = ("month", "quarter", "year")
FORMATS = ("xlsx", "csv", "dhis2-json", "dhis2-csv", "fhir")
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030")
PARTS = ("value", "numerator", "denominator")
#: What a column may show besides the parts of an item.
UNIT_FIELDS = {"number", "unit.code", "unit.name", "period"}
ITEM_FIELDS = UNIT_FIELDS | {"item.code", "item.title", "item.unit", "note", *PARTS}
_KEYS = {
    "period", "level", "due_days", "make_days", "remind_days", "format", "encoding", "rows", "suppress", "destination",
    "header", "footer", "total", "unit_codes", "items", "columns", "elements", "dhis2", "authority",
}  # fmt: skip


#: What the tables of a form may say, and how a receiving DHIS2 may be told what is meant.
_TABLES = {
    "items": {"indicator", "name", "required", "decimals", "factor", "parts_factor", "parts_decimals"},
    "columns": {"title", "from", "item", "part", "constant", "adds"},
    "elements": {"item", "part", "data_element", "category_option_combo", "group"},
}  # fmt: skip
_DHIS2 = {"data_set", "attribute_option_combo", "id_scheme"}
SCHEMES = ("UID", "CODE")


@dataclass(frozen=True, slots=True)
class Item:
    """One figure of a form. A value is multiplied by `factor`, its parts by `parts_factor`, before it is rounded."""

    name: str
    indicator: Indicator
    required: bool = True
    decimals: int = 2
    factor: float = 1.0
    parts_factor: float = 1.0
    parts_decimals: int = 0

    @property
    def title(self) -> str:
        """In the reader's language."""
        return self.indicator.definition.title


@dataclass(frozen=True, slots=True)
class FormColumn:
    """One column of a sheet: a field of the row, or a part of an item. `adds`: the whole is the sum of the rows."""

    title: str
    source: str = ""
    item: str = ""
    part: str = "value"
    constant: str = ""
    adds: bool = False


@dataclass(frozen=True, slots=True)
class Element:
    """One data element of a data-value set: which part of which item it holds. `group`: one group of a split count."""

    item: str
    part: str
    data_element: str
    combo: str = ""
    group: str = ""


@dataclass(frozen=True)
class Form:
    """One form."""

    definition: Definition
    period: str
    level: str
    due_days: int
    make_days: int
    remind_days: int
    format: str
    items: tuple[Item, ...]
    columns: tuple[FormColumn, ...] = ()
    elements: tuple[Element, ...] = ()
    header: tuple[tuple[str, ...], ...] = ()
    footer: tuple[tuple[str, ...], ...] = ()
    unit_codes: Mapping[str, str] = field(default_factory=dict)
    dhis2: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    by_items: bool = False
    total: str = ""
    suppress: bool = True
    destination: str = ""
    authority: str = ""

    @property
    def slug(self) -> str:
        """Its stable name."""
        return self.definition.slug

    @property
    def title(self) -> str:
        """In the reader's language."""
        return self.definition.title

    def due_on(self, period: str) -> date:
        """The last day to hand in a period."""
        return indicators.parse(period).last + timedelta(days=self.due_days)

    def item(self, name: str) -> Item:
        """One of its figures."""
        return next(each for each in self.items if each.name == name)

    def as_published(self, snapshot: UUID | None) -> "Form":
        """With the definitions its figures were published by; as it is where they come from the facts of the day."""
        if snapshot is None:
            return self
        then = indicators.as_published(snapshot, {each.indicator for each in self.items})
        return replace(self, items=tuple(replace(each, indicator=then[each.indicator.slug]) for each in self.items))

    def is_of(self, period: Period) -> bool:
        """Whether a period is of the kind this form is handed in for."""
        kind = "quarter" if "-Q" in period.text else "year" if period.is_year else "month"
        return kind == self.period and not period.is_to_date

    def last_periods(self, today: date, n: int) -> list[str]:
        """The periods that ended before a day, the newest first, none from before the form was in force."""
        text = {
            "month": f"{today:%Y-%m}",
            "quarter": f"{today.year}-Q{(today.month + 2) // 3}",
            "year": str(today.year),
        }
        found: list[str] = []
        each = indicators.parse(text[self.period]).before
        while len(found) < n and each.last >= self.definition.valid_from:
            found.append(each.text)
            each = each.before
        return found


def forms() -> list[Form]:
    """Every form, a county's own in place of the shipped one. :raises DefinitionError: names the file and the place"""
    return list(_forms(tuple(load(TOPIC)), tuple(indicators.indicators())))


@lru_cache(maxsize=4)
def _forms(found: tuple[Definition, ...], known: tuple[Indicator, ...]) -> tuple[Form, ...]:
    by_slug = {each.slug: each for each in known}
    return tuple(form_of(each, by_slug) for each in found)


def found(slug: str) -> Form:
    """One form. :raises NotVisible: there is none of that slug"""
    for each in forms():
        if each.slug == slug:
            return each
    raise NotVisible("submissions.form", slug)


def form_of(definition: Definition, known: Mapping[str, Indicator]) -> Form:
    """The form of a definition. :raises DefinitionError: names the place and what is wrong there"""
    content = definition.content
    refuse = _refuser(definition)
    if unknown := content.keys() - _KEYS:
        raise refuse(min(unknown), "unknown key")
    for key, allowed in (("period", PERIODS), ("level", indicators.LEVELS), ("format", FORMATS)):
        if content.get(key) not in allowed:
            raise refuse(key, f"{content.get(key)!r} is not one of {', '.join(allowed)}")
    if content.get("encoding", "utf-8") not in ENCODINGS:
        raise refuse("encoding", f"{content['encoding']!r} is not one of {', '.join(ENCODINGS)}")
    _keys_known(content, refuse)
    items = _items(definition, known)
    by_items = content.get("rows", "units") == "items"
    found = Form(
        definition, content["period"], content["level"], int(content["due_days"]), int(content.get("make_days", 1)),
        int(content.get("remind_days", 5)), content["format"], items, _columns(definition, items, by_items=by_items),
        _elements(definition, items), _lines(content, "header"), _lines(content, "footer"),
        {str(key): str(value) for key, value in content.get("unit_codes", {}).items()},
        {str(key): str(value) for key, value in content.get("dhis2", {}).items()}, content.get("encoding", "utf-8"),
        by_items, str(content.get("total", "")), bool(content.get("suppress", True)), str(content.get("destination", "")),
        str(content.get("authority", "")),
    )  # fmt: skip
    if found.format in {"xlsx", "csv"} and not found.columns:
        raise refuse("columns", "a sheet has columns")
    if found.format.startswith("dhis2") and not found.elements:
        raise refuse("elements", "a data-value set has elements")
    if found.due_days < found.make_days:
        raise refuse("make_days", "it is made before it is due")
    return found


def _keys_known(content: Mapping[str, Any], refuse: Any) -> None:
    """:raises DefinitionError: a table says what nobody reads"""
    for table, allowed in _TABLES.items():
        for number, each in enumerate(content.get(table, ()), 1):
            if unknown := each.keys() - allowed:
                raise refuse(f"{table}[{number}].{min(unknown)}", "unknown key")
    if unknown := content.get("dhis2", {}).keys() - _DHIS2:
        raise refuse(f"dhis2.{min(unknown)}", "unknown key")
    if (scheme := content.get("dhis2", {}).get("id_scheme", "UID")) not in SCHEMES:
        raise refuse("dhis2.id_scheme", f"{scheme!r} is not one of {', '.join(SCHEMES)}")


def _lines(content: Mapping[str, Any], key: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(str, line)) for line in content.get(key, ()))


def _refuser(definition: Definition) -> Any:
    return lambda place, words: DefinitionError(f"{definition.slug}: {place}: {words}")


def _items(definition: Definition, known: Mapping[str, Indicator]) -> tuple[Item, ...]:
    found: dict[str, Item] = {}
    for number, each in enumerate(definition.content.get("items", ()), 1):
        of = known.get(each.get("indicator", ""))
        if of is None:
            raise _refuser(definition)(f"items[{number}].indicator", f"there is no indicator {each.get('indicator')!r}")
        if definition.content["level"] not in of.levels:
            raise _refuser(definition)(
                f"items[{number}].indicator", f"{of.slug} is not told of a {definition.content['level']}"
            )
        name = str(each.get("name", of.slug))
        if name in found:
            raise _refuser(definition)(f"items[{number}].name", f"{name!r} stands twice")
        found[name] = Item(
            name, of, bool(each.get("required", True)), int(each.get("decimals", 2)), float(each.get("factor", 1)),
            float(each.get("parts_factor", 1)), int(each.get("parts_decimals", 0)),
        )  # fmt: skip
    if not found:
        raise _refuser(definition)("items", "there is at least one")
    return tuple(found.values())


def _columns(definition: Definition, items: tuple[Item, ...], *, by_items: bool) -> tuple[FormColumn, ...]:
    names, fields = {each.name for each in items}, ITEM_FIELDS if by_items else UNIT_FIELDS
    found = []
    for number, each in enumerate(definition.content.get("columns", ()), 1):
        column = FormColumn(
            str(each["title"]), str(each.get("from", "")), str(each.get("item", "")), str(each.get("part", "value")),
            str(each.get("constant", "")), bool(each.get("adds", False)),
        )  # fmt: skip
        place = f"columns[{number}]"
        if bool(column.source) + bool(column.item) + ("constant" in each) != 1:
            raise _refuser(definition)(place, "says one of from, item and constant")
        if column.source and column.source not in fields:
            raise _refuser(definition)(f"{place}.from", f"{column.source!r} is not one of {', '.join(sorted(fields))}")
        if column.item and (by_items or column.item not in names):
            raise _refuser(definition)(f"{place}.item", f"there is no item {column.item!r}")
        if column.part not in PARTS:
            raise _refuser(definition)(f"{place}.part", f"{column.part!r} is not one of {', '.join(PARTS)}")
        found.append(column)
    return tuple(found)


def _elements(definition: Definition, items: tuple[Item, ...]) -> tuple[Element, ...]:
    names = {each.name for each in items}
    found: list[Element] = []
    for number, each in enumerate(definition.content.get("elements", ()), 1):
        element = Element(
            str(each.get("item", "")), str(each.get("part", "value")), str(each.get("data_element", "")),
            str(each.get("category_option_combo", "")), str(each.get("group", "")),
        )  # fmt: skip
        place = f"elements[{number}]"
        if element.item not in names:
            raise _refuser(definition)(f"{place}.item", f"there is no item {element.item!r}")
        if element.part not in PARTS or not element.data_element:
            raise _refuser(definition)(place, "needs a data_element, and part is value, numerator or denominator")
        if any((other.data_element, other.combo) == (element.data_element, element.combo) for other in found):
            raise _refuser(definition)(place, f"{element.data_element} stands twice with the same combination")
        found.append(element)
    return tuple(found)
