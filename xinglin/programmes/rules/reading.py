"""From the text of a definition to a `Programme`. All faults are found at once, each with its place."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from xinglin.platform.conditions import Condition, Names
from xinglin.platform.definitions import Definition
from xinglin.programmes.rules import shapes
from xinglin.programmes.rules.reader import Broken, Fault, Reader, Table
from xinglin.programmes.rules.shapes import Origin
from xinglin.programmes.rules.words import Text

_TOP = {
    "short", "order", "diseases", "joins", "provides", "confidential", "frame", "parameters", "conditions", "eligibility", "exclusions", "prevalence", "visits",
    "screening", "confirmation", "grades", "targets", "plan", "alerts", "advice", "education", "complications", "graduation",
    "movements", "indicators",
}  # fmt: skip
_ORIGIN = {"source", "mark"}
#: Kinds of visits that are assessed, with alerts.
_ASSESSED = ("routine", "yearly")
_WORDS = {"zh", "en"}


def programme_of(
    definition: Definition, shared: Mapping[str, Mapping[str, Table]], file: str = ""
) -> tuple[shapes.Programme, list[Fault]]:
    """The programme, as far as it can be read, and what is wrong with it.

    `shared`: what stands once for all programmes, by topic (``alerts``, ``education``, ``graduation``) and code.
    """
    raw = definition.content
    reader = Reader(file or f"{definition.slug}.toml", Origin(definition.source, definition.mark), shared)
    reader.only(raw, _TOP, "")
    parameters = _parameters(reader, raw)
    reader.names = Names({}, {code: each.value for code, each in parameters.items()})
    _conditions(reader, raw)
    plan = raw.get("plan", {})
    targets = raw.get("targets", {})
    items = _items(reader, raw.get("visits", {}))
    own = reader.each(raw, "alerts", _alert)
    found = shapes.Programme(
        slug=definition.slug, version=definition.version, title=Text(definition.title_zh, definition.title_en),
        short=reader.text(raw.get("short", {}), "short"), order=reader.of(raw, "order", int, "", 999),
        valid_from=definition.valid_from, valid_until=definition.valid_until, next_review=definition.next_review,
        source=definition.source, mark=definition.mark, diseases=reader.codes(raw, "diseases"),
        joins=reader.codes(raw, "joins"),
        provides=reader.codes(raw, "provides"), is_confidential=reader.of(raw, "confidential", bool, "", False),
        is_frame=reader.of(raw, "frame", bool, "", False),
        eligibility=reader.each(raw, "eligibility", _rule),
        exclusions=reader.each(raw, "exclusions", _rule), items=items,
        grades=_grades(reader, raw), reporting=_target(reader, targets, "reporting"),
        clinical=_target(reader, targets, "clinical"), plan=_plan(reader, plan),
        alerts=(*own, *(each for each in dangers(shared, items) if each.code not in {one.code for one in own})),
        advice=reader.each(raw, "advice", _advice),
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
        reader.maybe_days(raw, "first_visit_days", "plan") or 0,
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


def dangers(
    shared: Mapping[str, Mapping[str, Table]], items: Mapping[str, tuple[shapes.ItemUse, ...]]
) -> list[shapes.AlertRule]:
    """The shared alerts of what a programme asks at its visits, each about what is asked alone: what nobody asks leaves nothing open."""
    asked = {use.code for kind in _ASSESSED for use in items.get(kind, ())}
    reader = Reader("", Origin("", ""), shared)
    found = []
    for code, row in shared["alerts"].items():
        beyond = [each for each in row["any"] if each["field"] in asked]
        if beyond:
            when = [row["who"], {"any": beyond}] if "who" in row else {"any": beyond}
            raw = {key: value for key, value in row.items() if key not in {"any", "who"}}
            found.append(_alert(reader, {**raw, "when": when}, code))
    if reader.faults:
        raise Broken(reader.faults)
    return found


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
