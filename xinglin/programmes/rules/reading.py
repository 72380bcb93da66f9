"""From the text of a definition to a `Programme`. All faults are found at once, each with its place."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from xinglin.platform.conditions import Always, Condition, ConditionError, Names, parse
from xinglin.platform.definitions import Definition
from xinglin.programmes.rules import shapes
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


_TOP = {
    "short", "order", "diseases", "joins", "provides", "confidential", "frame", "parameters", "conditions", "eligibility", "exclusions", "prevalence", "visits",
    "screening", "confirmation", "grades", "targets", "plan", "alerts", "advice", "education", "complications", "graduation",
    "movements", "indicators",
}  # fmt: skip
_ORIGIN = {"source", "mark"}
_WORDS = {"zh", "en"}


def programme_of(
    definition: Definition, shared: Mapping[str, Mapping[str, Table]], file: str = ""
) -> tuple[shapes.Programme, list[Fault]]:
    """The programme, as far as it can be read, and what is wrong with it.

    `shared`: what stands once for all programmes, by topic (``education``, ``graduation``) and code.
    """
    raw = definition.content
    reader = Reader(file or f"{definition.slug}.toml", Origin(definition.source, definition.mark), shared)
    reader.only(raw, _TOP, "")
    parameters = _parameters(reader, raw)
    reader.names = Names({}, {code: each.value for code, each in parameters.items()})
    _conditions(reader, raw)
    plan = raw.get("plan", {})
    targets = raw.get("targets", {})
    found = shapes.Programme(
        slug=definition.slug, version=definition.version, title=Text(definition.title_zh, definition.title_en),
        short=reader.text(raw.get("short", {}), "short"), order=reader.of(raw, "order", int, "", 999),
        valid_from=definition.valid_from, valid_until=definition.valid_until, next_review=definition.next_review,
        source=definition.source, mark=definition.mark, diseases=reader.codes(raw, "diseases"),
        joins=reader.codes(raw, "joins"),
        provides=reader.codes(raw, "provides"), is_confidential=reader.of(raw, "confidential", bool, "", False),
        is_frame=reader.of(raw, "frame", bool, "", False),
        eligibility=reader.each(raw, "eligibility", _rule),
        exclusions=reader.each(raw, "exclusions", _rule), items=_items(reader, raw.get("visits", {})),
        grades=_grades(reader, raw), reporting=_target(reader, targets, "reporting"),
        clinical=_target(reader, targets, "clinical"), plan=_plan(reader, plan),
        alerts=reader.each(raw, "alerts", _alert), advice=reader.each(raw, "advice", _advice),
        education=reader.each(raw, "education", _education),
        complications=reader.each(raw, "complications", _complication),
        graduation=reader.each(raw, "graduation", _graduation), movements=reader.each(raw, "movements", _movement),
        screening=_screening(reader, raw["screening"]) if "screening" in raw else None,
        confirmation=_confirmation(reader, raw["confirmation"]) if "confirmation" in raw else None,
        prevalence=_prevalence(reader, raw["prevalence"]) if "prevalence" in raw else None,
        indicators=reader.codes(raw, "indicators"), parameters=parameters, examples=definition.examples,
    )  # fmt: skip
    return found, reader.faults


def _parameters(reader: Reader, raw: Table) -> dict[str, shapes.Parameter]:
    found = {}
    for code, row in raw.get("parameters", {}).items():
        place = f"parameters.{code}"
        if not isinstance(row, dict) or "value" not in row:
            reader.fault(place, _("参数应有 value。"))
            continue
        reader.only(row, {"value", "options", *_WORDS, *_ORIGIN}, place)
        found[code] = shapes.Parameter(code, row["value"], reader.text(row, place), reader.origin_of(row))
    return found


def _conditions(reader: Reader, raw: Table) -> None:
    """Named conditions, in the order of the file: each may use those above it."""
    known: dict[str, Condition] = {}
    reader.names = Names(known, reader.names.parameters)
    for name, each in raw.get("conditions", {}).items():
        known[name] = reader.condition(each, f"conditions.{name}")


def _rule(reader: Reader, raw: Table, place: str) -> shapes.Rule:
    reader.only(raw, {"code", "when", *_WORDS, *_ORIGIN}, place)
    return shapes.Rule(
        reader.of(raw, "code", str, place), reader.text(raw, place), reader.when(raw, place), reader.origin_of(raw)
    )


def _items(reader: Reader, raw: Table) -> dict[str, tuple[shapes.ItemUse, ...]]:
    reader.only(raw, set(shapes.VISIT_KINDS), "visits")
    found = {}
    for kind, row in raw.items():
        reader.only(row, {"required", "optional"}, f"visits.{kind}")
        found[kind] = tuple(
            _use(reader, each, is_required, f"visits.{kind}.{'required' if is_required else 'optional'}")
            for is_required in (True, False)
            for each in row.get("required" if is_required else "optional", ())
        )
    return found


def _use(reader: Reader, raw: Any, is_required: bool, place: str) -> shapes.ItemUse:
    if isinstance(raw, str):
        return shapes.ItemUse(raw, is_required)
    reader.only(raw, {"item", "when", "options"}, place)
    when = reader.when(raw, place) if "when" in raw else None
    options = tuple(str(each) for each in reader.of(raw, "options", list, place)) if "options" in raw else ()
    return shapes.ItemUse(reader.of(raw, "item", str, place), is_required, when, options)


def _grades(reader: Reader, raw: Table) -> tuple[shapes.Grade, ...]:
    found = reader.each(raw, "grades", _grade)
    if not found:
        reader.fault("grades", _("至少应有一个分级。"))
    return tuple(
        shapes.Grade(each.slug, each.title, each.when, each.risk, severity, each.origin)
        for severity, each in enumerate(found)
    )


def _grade(reader: Reader, raw: Table, place: str) -> shapes.Grade:
    reader.only(raw, {"slug", "when", "risk", *_WORDS, *_ORIGIN}, place)
    if raw.get("risk") not in shapes.RISKS:
        reader.fault(f"{place}.risk", _("应为下列之一：%(names)s。") % {"names": ", ".join(shapes.RISKS)})
    if "when" not in raw:
        reader.fault(f"{place}.when", _("分级应有条件。"))
    return shapes.Grade(
        reader.of(raw, "slug", str, place), reader.text(raw, place), reader.when(raw, place), raw.get("risk", ""), 0,
        reader.origin_of(raw),
    )  # fmt: skip


def _target(reader: Reader, targets: Table, name: str) -> shapes.Target | None:
    reader.only(targets, {"reporting", "clinical"}, "targets")
    if name not in targets:
        return None
    raw, place = targets[name], f"targets.{name}"
    reader.only(raw, {"rules", *_ORIGIN}, place)
    rules = []
    for n, row in enumerate(raw.get("rules", []), 1):
        here = f"{place}.rules[{n}]"
        reader.only(row, {"who", "met", *_WORDS}, here)
        if "met" not in row:
            reader.fault(f"{here}.met", _("缺少达标条件。"))
        rules.append((reader.when(row, here, "who"), reader.when(row, here, "met"), reader.text(row, here)))
    if not rules:
        reader.fault(place, _("至少应有一条规则。"))
    return shapes.Target(tuple(rules), reader.origin_of(raw))


def _plan(reader: Reader, raw: Table) -> shapes.Plan:
    reader.only(
        raw,
        {"intervals", "not_controlled_days", "unassessed_days", "yearly_days", "first_visit_days", *_ORIGIN},
        "plan",
    )
    intervals = {}
    for row in raw.get("intervals", []):
        place = f"plan.intervals[{row.get('grade', '')}]"
        reader.only(row, {"grade", "every_days", "level", "face_to_face", *_ORIGIN}, place)
        if row.get("level") not in {"village", "township", "county"}:
            reader.fault(f"{place}.level", _("应为下列之一：%(names)s。") % {"names": "village, township, county"})
        intervals[str(row.get("grade"))] = shapes.Interval(
            str(row.get("grade")), reader.days(row, "every_days", place), row.get("level", ""),
            reader.of(row, "face_to_face", bool, place, True), reader.origin_of({**raw, **row}),
        )  # fmt: skip
    return shapes.Plan(
        intervals, reader.days(raw, "not_controlled_days", "plan", default=14),
        reader.days(raw, "unassessed_days", "plan", default=14), reader.maybe_days(raw, "yearly_days", "plan") or 0,
        reader.days(raw, "first_visit_days", "plan", default=14),
        reader.origin_of(raw),
    )  # fmt: skip


def _alert(reader: Reader, raw: Table, place: str) -> shapes.AlertRule:
    allowed = {"code", "level", "when", "channel", "criterion", "deadline_days", "follow_within_days"}
    reader.only(raw, {*allowed, *_WORDS, *_ORIGIN}, place)
    if raw.get("level") not in shapes.ALERT_LEVELS:
        reader.fault(f"{place}.level", _("应为下列之一：%(names)s。") % {"names": ", ".join(shapes.ALERT_LEVELS)})
    if "when" not in raw:
        reader.fault(f"{place}.when", _("提醒应有条件。"))
    return shapes.AlertRule(
        reader.of(raw, "code", str, place), raw.get("level", ""), reader.when(raw, place), reader.text(raw, place),
        reader.of(raw, "channel", str, place, ""), reader.of(raw, "criterion", str, place, ""),
        reader.maybe_days(raw, "deadline_days", place), reader.maybe_days(raw, "follow_within_days", place),
        reader.origin_of(raw),
    )  # fmt: skip


def _advice(reader: Reader, raw: Table, place: str) -> shapes.AdviceRule:
    reader.only(raw, {"code", "when", *_WORDS, *_ORIGIN}, place)
    return shapes.AdviceRule(
        reader.of(raw, "code", str, place), reader.when(raw, place), reader.text(raw, place), reader.origin_of(raw)
    )


def _education(reader: Reader, raw: Table, place: str) -> shapes.EducationRule:
    reader.only(raw, {"point", "when"}, place)
    point = reader.shared["education"].get(raw.get("point", ""))
    if point is None:
        reader.fault(place, _("没有“%(name)s”这条宣教要点。") % {"name": raw.get("point", "")})
        point = {"topic": "", "zh": "", "en": ""}
    return shapes.EducationRule(
        raw.get("point", ""), point["topic"], Text.of(point), reader.when(raw, place), reader.origin_of(point)
    )


def _complication(reader: Reader, raw: Table, place: str) -> shapes.Complication:
    reader.only(raw, {"code", "items", "every_days", "positive", "when", *_WORDS, *_ORIGIN}, place)
    return shapes.Complication(
        reader.of(raw, "code", str, place), reader.text(raw, place), reader.codes(raw, "items", place),
        reader.days(raw, "every_days", place, default=365),
        reader.condition(raw["positive"], f"{place}.positive") if "positive" in raw else None, reader.when(raw, place),
        reader.origin_of(raw),
    )  # fmt: skip


def _graduation(reader: Reader, raw: Table, place: str) -> shapes.GraduationReason:
    reader.only(raw, {"reason", "code", "when", *_WORDS, *_ORIGIN}, place)
    common = reader.shared["graduation"].get(raw.get("reason", ""))
    if "reason" in raw and common is None:
        reader.fault(place, _("没有“%(name)s”这个结案原因。") % {"name": raw["reason"]})
    row = {**raw, **(common or {})}
    return shapes.GraduationReason(
        reader.of(row, "code", str, place), reader.text(row, place),
        reader.condition(raw["when"], f"{place}.when") if "when" in raw else None, reader.origin_of(row), common is None,
    )  # fmt: skip


def _movement(reader: Reader, raw: Table, place: str) -> shapes.Movement:
    reader.only(raw, {"code", "to", "when", "channel", *_WORDS, *_ORIGIN}, place)
    if raw.get("to") not in {"village", "township"}:
        reader.fault(f"{place}.to", _("应为下列之一：%(names)s。") % {"names": "village, township"})
    return shapes.Movement(
        reader.of(raw, "code", str, place), raw.get("to", ""), reader.when(raw, place), reader.text(raw, place),
        reader.of(raw, "channel", str, place, "down"), reader.origin_of(raw),
    )  # fmt: skip


def _screening(reader: Reader, raw: Table) -> shapes.ScreeningRule:
    place = "screening"
    allowed = {"who", "every_days", "high_risk", "high_risk_days", "score", "positive", "next_zh", "next_en"}
    reader.only(raw, {*allowed, *_ORIGIN}, place)
    if "positive" not in raw:
        reader.fault(f"{place}.positive", _("缺少阳性判定条件。"))
    every = reader.days(raw, "every_days", place)
    return shapes.ScreeningRule(
        reader.when(raw, place, "who"), every,
        reader.condition(raw["high_risk"], f"{place}.high_risk") if "high_risk" in raw else None,
        reader.days(raw, "high_risk_days", place, default=every or 1), reader.of(raw, "score", str, place, ""),
        reader.when(raw, place, "positive"), reader.text(raw, place, "next_zh", "next_en"), reader.origin_of(raw),
    )  # fmt: skip


def _confirmation(reader: Reader, raw: Table) -> shapes.ConfirmationRule:
    place = "confirmation"
    words = {"next_zh", "next_en", "confirmed_zh", "confirmed_en"}
    allowed = {"high", "different_days", "within_days", "ask_again_days", "at_once"}
    reader.only(raw, {*allowed, *words, *_ORIGIN}, place)
    if "high" not in raw:
        reader.fault(f"{place}.high", _("缺少阳性判定条件。"))
    return shapes.ConfirmationRule(
        reader.when(raw, place, "high"), reader.days(raw, "different_days", place, default=1),
        reader.days(raw, "within_days", place, default=90), reader.days(raw, "ask_again_days", place, default=28),
        reader.condition(raw["at_once"], f"{place}.at_once") if "at_once" in raw else None,
        reader.text(raw, place, "next_zh", "next_en"), reader.text(raw, place, "confirmed_zh", "confirmed_en"),
        reader.origin_of(raw),
    )  # fmt: skip


def _prevalence(reader: Reader, raw: Table) -> shapes.Prevalence:
    reader.only(raw, {"share", "from_age", *_WORDS, *_ORIGIN}, "prevalence")
    share = reader.of(raw, "share", float, "prevalence")
    if not 0 < share < 1:
        reader.fault("prevalence.share", _("应在 0 与 1 之间。"))
    return shapes.Prevalence(
        share, reader.of(raw, "from_age", int, "prevalence", 0), reader.text(raw, "prevalence"), reader.origin_of(raw)
    )
