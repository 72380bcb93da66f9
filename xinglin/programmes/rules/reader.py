"""Tables of a definition read one by one: what is wrong is remembered with its place instead of stopping at it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from xinglin.platform.conditions import Always, Condition, ConditionError, Names, parse
from xinglin.programmes.rules.shapes import Origin
from xinglin.programmes.rules.words import Text

T = TypeVar("T")
Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a definition: in which file, where in it, and what, in the reader's language. `line` where it is known."""

    file: str
    place: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.file}: {self.place}: {self.message}" if self.place else f"{self.file}: {self.message}"


class Broken(ValueError):
    """A definition cannot be read; `faults` say why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


#: Ten years: no visit is planned further away.
MOST_DAYS = 3660


class Reader:
    """Reads tables of one file and remembers what is wrong instead of stopping at it."""

    def __init__(self, file: str, origin: Origin, shared: Mapping[str, Mapping[str, Table]]) -> None:
        self.file = file
        self.origin = origin
        self.shared = shared
        self.faults: list[Fault] = []
        self.names = Names({}, {})

    def fault(self, place: str, message: str) -> None:
        """Remember a fault."""
        self.faults.append(Fault(self.file, place, message))

    def origin_of(self, raw: Table) -> Origin:
        """Where a table's numbers come from: what it says itself, or the head of the file."""
        return Origin(str(raw.get("source", self.origin.source)), str(raw.get("mark", self.origin.mark)))

    def text(self, raw: Table, place: str, zh: str = "zh", en: str = "en") -> Text:
        """Both languages; a fault when one is missing."""
        for key in (zh, en):
            if not raw.get(key):
                self.fault(f"{place}.{key}", _("缺少中文。") if key == zh else _("缺少英文。"))
        return Text(str(raw.get(zh, "")), str(raw.get(en, "")))

    def of(self, raw: Table, key: str, kind: type[T], place: str, default: T | None = None) -> T:
        """A value of a type; a fault, and the type's empty value, when it is missing or of another type."""
        value = raw.get(key, default)
        if kind is float and isinstance(value, int):
            value = float(value)
        if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
            return value
        self.fault(f"{place}.{key}", _("缺少或类型不对（应为 %(kind)s）。") % {"kind": kind.__name__})
        return kind()

    def days(self, raw: Table, key: str, place: str, *, default: int | None = None) -> int:
        """A number of days, at least one, at most `MOST_DAYS`."""
        found = self.of(raw, key, int, place, default)
        if not 0 < found <= MOST_DAYS and raw.get(key, default) is not None:
            self.fault(f"{place}.{key}", _("天数应为正整数。"))
        return found

    def maybe_days(self, raw: Table, key: str, place: str) -> int | None:
        """A number of days from 0 (today) on, or none at all."""
        if key not in raw:
            return None
        found = self.of(raw, key, int, place)
        if not 0 <= found <= MOST_DAYS:
            self.fault(f"{place}.{key}", _("天数应为正整数。"))
        return found

    def codes(self, raw: Table, key: str, place: str = "") -> tuple[str, ...]:
        """A list of codes; none where there is none."""
        found = raw.get(key, [])
        if isinstance(found, list) and all(isinstance(each, str) for each in found):
            return tuple(found)
        self.fault(f"{place}.{key}" if place else key, _("应为若干代码。"))
        return ()

    def condition(self, raw: object, place: str) -> Condition:
        """A condition; what is wrong with it becomes a fault at its own place."""
        try:
            return parse(raw, self.names)
        except ConditionError as error:
            self.fault(".".join([place, *map(str, error.place)]), error.message)
            return Always()

    def when(self, raw: Table, place: str, key: str = "when") -> Condition:
        """The condition of a table; always, where it has none."""
        return self.condition(raw[key], f"{place}.{key}") if key in raw else Always()

    def each(self, raw: Table, key: str, read: Callable[["Reader", Table, str], T]) -> tuple[T, ...]:
        """Every table of a list, read by `read`."""
        rows = raw.get(key, [])
        if not isinstance(rows, list) or any(not isinstance(row, dict) for row in rows):
            self.fault(key, _("应为若干张表。"))
            return ()
        return tuple(
            read(self, row, f"{key}[{row.get('code') or row.get('slug') or n}]") for n, row in enumerate(rows, 1)
        )

    def only(self, raw: Table, allowed: set[str], place: str) -> None:
        """A key that nobody reads is a slip of the pen."""
        for key in sorted(raw.keys() - allowed):
            self.fault(f"{place}.{key}" if place else key, _("不认识的内容。"))
