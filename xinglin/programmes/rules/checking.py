"""Whether a definition is right, before it takes effect. Every fault is said with its place, and with the values that show it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import combinations
from typing import Any

from django.utils.translation import gettext as _

from xinglin.platform import definitions
from xinglin.platform.conditions import Bounds, Choice, Condition
from xinglin.programmes.rules import catalogue, examples, searching
from xinglin.programmes.rules.checking_codes import of_codes
from xinglin.programmes.rules.checking_forms import of_choices
from xinglin.programmes.rules.checking_items import faults_of
from xinglin.programmes.rules.computing import OF_PERSON, OF_VISIT, conditions_of, order_of
from xinglin.programmes.rules.describing import named
from xinglin.programmes.rules.heading import faults_of_head
from xinglin.programmes.rules.items import Item
from xinglin.programmes.rules.locating import line_of
from xinglin.programmes.rules.reader import Fault
from xinglin.programmes.rules.reading import dangers, programme_of
from xinglin.programmes.rules.shapes import Programme
from xinglin.programmes.rules.words import AND, COMMA

_ICD10 = re.compile(r"[A-Z][0-9]{2}(\.[0-9x]{1,4})?")
#: More of one kind than this cannot be checked case by case in a bounded time, and no clinician would read it.
MOST_ROWS = {"grades": 12, "alerts": 60, "examples": 300, "complications": 30}
#: What reading and computing raise at a value of another kind than the place is for.
UNREADABLE = (TypeError, AttributeError, KeyError, ValueError, OverflowError, RecursionError)
#: Places whose conditions are asked before the visit has a grade: they may not ask for it.
_BEFORE_GRADING = ("eligibility", "visits", "grades", "targets", "screening", "confirmation", "complications")


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. `programme` is what could be read; None when the text is no definition at all, or one of items."""

    programme: Programme | None
    faults: tuple[Fault, ...]

    @property
    def is_good(self) -> bool:
        """Nothing is wrong with it."""
        return not self.faults


def check_text(text: str, file: str = "") -> Report:
    """Everything that is wrong with a definition, as a text that is not yet in force: a programme, or a file of items."""
    name = file or "definition.toml"
    _raw, faults = faults_of_head(text, name)
    if faults:
        return Report(None, _located(faults, text))
    try:
        definition = definitions.read_text(text, name)
    except definitions.DefinitionError as error:
        return Report(None, (Fault(file, "", str(error).removeprefix(f"{name}: ")),))
    if "items" in definition.content:
        others = [each for each in definitions.load(catalogue.ITEMS) if each.slug != definition.slug]
        name = f"{definition.slug}.toml"
        found = [each for each in faults_of([*others, definition]) if each.file == name]
        return Report(None, _located([replace(each, file=file or name) for each in found], text))
    report = check(definition, file or f"{definition.slug}.toml")
    return Report(report.programme, _located(report.faults, text))


def _located(faults: Sequence[Fault], text: str) -> tuple[Fault, ...]:
    """The same faults with the line of the text that each is about."""
    return tuple(each if each.line else replace(each, line=line_of(text, each.place)) for each in faults)


def check(definition: definitions.Definition, file: str) -> Report:
    """The same for a definition that has been read as far as its head."""
    try:
        programme, faults = programme_of(definition, catalogue.shared(), file)
        programme = order_of(programme, catalogue.items())
    except UNREADABLE as error:
        return Report(None, (Fault(file, "", _("结构不对：%(error)s") % {"error": error}),))
    checker = _Checker(programme, file)
    checker.faults += faults
    try:
        checker.run()
    except UNREADABLE as error:
        checker.fault("", _("结构不对：%(error)s") % {"error": error})
    return Report(programme, tuple(dict.fromkeys(checker.faults)))


class _Checker:
    def __init__(self, programme: Programme, file: str) -> None:
        self.programme = programme
        self.file = file
        self.faults: list[Fault] = []
        self.items = catalogue.items()
        self.grades = [grade.slug for grade in programme.grades]

    def fault(self, place: str, message: str) -> None:
        self.faults.append(Fault(self.file, place, message))

    def run(self) -> None:
        self.head()
        self.uses()
        for place, condition in conditions_of(self.programme):
            self.condition(place, condition)
        self.bounds()
        self.codes()
        self.plan()
        self.referrals()
        if self.faults:
            return  # what follows computes, and would only repeat it
        for search in (self.grading, self.targets, self.reachable, self.dangers):
            self.guarded(search)
        self.worked()

    def guarded(self, search: Callable[[], None]) -> None:
        try:
            search()
        except searching.TooMany:
            self.fault("", _("条件的组合太多，无法逐一核对：请简化。"))

    def head(self) -> None:
        programme = self.programme
        if programme.next_review <= programme.valid_from:
            self.fault("next_review", _("复核日期应晚于生效日期 %(day)s。") % {"day": programme.valid_from})
        if programme.valid_until is not None and programme.valid_until <= programme.valid_from:
            self.fault("valid_until", _("失效日期应晚于生效日期 %(day)s。") % {"day": programme.valid_from})
        for code in programme.diseases:
            if not isinstance(code, str) or not _ICD10.fullmatch(code):
                self.fault("diseases", _("“%(code)s”不是 ICD-10 编码前缀（如 I10、E11.9）。") % {"code": code})
        for place, message in of_codes(programme):
            self.fault(place, message)
        known = {each.slug for each in definitions.versions(catalogue.PROGRAMMES)}
        for slug in programme.joins:
            if slug not in known or slug == programme.slug:
                self.fault("joins", _("没有“%(name)s”这个病种。") % {"name": slug})
        for code in programme.provides:
            item = self.items.get(code)
            if item is None or {option.code for option in item.options} < set(self.grades):
                self.fault("provides", _("“%(code)s”应为选项含全部分级的条目。") % {"code": code})
        known = {each.slug for each in definitions.load("indicators")}
        for slug in programme.indicators:
            if slug not in known:
                self.fault("indicators", _("没有“%(name)s”这个指标。") % {"name": slug})

    def uses(self) -> None:
        """Items that forms, complications and the score name."""
        for kind, uses in self.programme.items.items():
            codes = [use.code for use in uses]
            for use in uses:
                for message in of_choices(self.programme, use, self.items.get(use.code)):
                    self.fault(f"visits.{kind}", message)
            for code in codes:
                self.item(f"visits.{kind}", code)
                if codes.count(code) > 1:
                    self.fault(f"visits.{kind}", _("条目“%(code)s”列了两次。") % {"code": code})
        if "routine" not in self.programme.items:
            self.fault("visits.routine", _("缺少随访表单。"))
        for each in self.programme.complications:
            for code in each.items:
                self.item(f"complications[{each.code}].items", code)
        if self.programme.screening and self.programme.screening.score:
            self.item("screening.score", self.programme.screening.score)

    def item(self, place: str, code: str) -> None:
        if code not in self.items:
            self.fault(
                place, _("没有“%(code)s”这个条目（definitions/programme-items）。") % {"code": code} + self.near(code)
            )

    def near(self, code: str) -> str:
        """The item that was perhaps meant, as a question."""
        found = get_close_matches(code, self.items, n=1, cutoff=0.5)
        words = {"code": found[0], "label": self.items[found[0]].label} if found else {}
        return _("是不是“%(code)s”（%(label)s）？") % words if found else ""

    def condition(self, place: str, condition: Condition) -> None:
        for atom in condition.atoms():
            if atom.field in OF_VISIT:
                if place.startswith(_BEFORE_GRADING):
                    self.fault(place, _("“%(field)s”要到分级之后才知道。") % {"field": atom.field})
                elif atom.field == "grade" and isinstance(atom, Choice):
                    for slug in sorted(set(map(str, atom.values)) - set(self.grades)):
                        self.fault(place, _("没有“%(name)s”这个分级。") % {"name": slug})
            elif atom.field not in OF_PERSON:
                self.item(place, atom.field)
                if atom.field in self.items:
                    self.fits(place, atom, self.items[atom.field])
            if place.startswith(("grades", "targets")) and isinstance(atom, Choice) and atom.how == "known":
                self.fault(place, _("分级与达标条件不用 known：未测量就是不知道。"))

    def fits(self, place: str, atom: object, item: Item) -> None:
        """A comparison fits its item: numbers with numbers inside its limits, choices with its options."""
        words: dict[str, object] = {"label": item.label}
        if isinstance(atom, Bounds):
            if item.kind != "number":
                self.fault(place, _("“%(label)s”不是数字，不能比大小。") % words)
            for limit in atom.limits.values():
                if (item.low is not None and limit < item.low) or (item.high is not None and limit > item.high):
                    words |= {"limit": f"{limit:g}", "low": item.low, "high": item.high}
                    self.fault(place, _("界值 %(limit)s 超出“%(label)s”可能的范围（%(low)s–%(high)s）。") % words)
        elif isinstance(atom, Choice) and atom.how != "known":
            options = {option.code for option in item.options} if item.options else {True, False}
            for value in atom.values:
                if item.kind in {"choice", "choices", "yes-no"} and value not in options:
                    self.fault(place, _("“%(label)s”没有选项“%(value)s”。") % {**words, "value": value})
                elif item.kind == "choices" and atom.how == "one_of":
                    self.fault(place, _("“%(label)s”是多选，请用 has_any。") % words)

    def bounds(self) -> None:
        """What rows can keep, and how many cases can be looked at: a text beyond that is refused here, not at a visit."""
        programme = self.programme
        several = {"grades": programme.grades, "alerts": programme.alerts, "examples": programme.examples,
                   "complications": programme.complications}  # fmt: skip
        for place, rows in several.items():
            if len(rows) > MOST_ROWS[place]:
                self.fault(place, _("最多%(most)d个。") % {"most": MOST_ROWS[place]})
        texts = [("grades", each.slug, 40) for each in programme.grades] + [
            (f"alerts[{each.code}]", given, most)
            for each in programme.alerts
            for given, most in (
                (each.code, 60),
                (each.text.zh, 300),
                (each.text.en, 300),
                (each.channel, 40),
                (each.criterion, 60),
            )
        ]
        texts += [("graduation", each.code, 40) for each in programme.graduation]
        for place, given, most in texts:
            if not isinstance(given, str) or len(given) > most:
                self.fault(place, _("文字太长：最多%(most)d个字。") % {"most": most})

    def codes(self) -> None:
        programme = self.programme
        groups = {
            "grades": self.grades, "alerts": [each.code for each in programme.alerts],
            "advice": [each.code for each in programme.advice], "graduation": [each.code for each in programme.graduation],
            "movements": [each.code for each in programme.movements],
            "complications": [each.code for each in programme.complications],
            "eligibility": [each.code for each in (*programme.eligibility, *programme.exclusions)],
        }  # fmt: skip
        for place, codes in groups.items():
            for code in sorted({code for code in codes if codes.count(code) > 1}):
                self.fault(place, _("“%(code)s”出现了两次。") % {"code": code})

    def dangers(self) -> None:
        """An alert that takes the place of a shared one holds whenever that one does, and is no less urgent."""
        own = {each.code: each for each in self.programme.alerts}
        for each in dangers(catalogue.shared(), self.programme.items):
            mine = own[each.code]
            if mine.level != each.level or searching.find([(each.when, True), (mine.when, False)], self.items):
                self.fault(f"alerts[{each.code}]", _("比各病种共用的同名危急值（definitions/programme-alerts）松。"))

    def plan(self) -> None:
        intervals = self.programme.plan.intervals
        for grade in self.programme.grades:
            if grade.slug not in intervals:
                self.fault("plan.intervals", _("分级“%(name)s”没有随访间隔。") % {"name": grade.title})
        for slug in intervals.keys() - set(self.grades):
            self.fault("plan.intervals", _("没有“%(name)s”这个分级。") % {"name": slug})

    def referrals(self) -> None:
        channels = {each.slug for each in definitions.load("referral-channels")}
        criteria = {row["slug"] for each in definitions.load("referral-criteria") for row in each.content["criteria"]}
        for each in self.programme.alerts:
            place = f"alerts[{each.code}]"
            if each.channel and each.channel not in channels:
                self.fault(place, _("没有“%(name)s”这个转诊通道。") % {"name": each.channel})
            if each.criterion and each.criterion not in criteria:
                self.fault(place, _("没有“%(name)s”这条转诊指征。") % {"name": each.criterion})
            if each.level in {"emergency", "refer"} and not (each.channel and each.deadline_days is not None):
                self.fault(place, _("转诊提醒应写明通道和期限。"))

    def grading(self) -> None:
        """Exactly one grade for everything that can be: no two together, none missing, none out of reach."""
        grades = self.programme.grades
        for one, other in combinations(grades, 2):
            values = searching.find([(one.when, True), (other.when, True)], self.items)
            if values is not None:
                words = {"one": one.title, "other": other.title, "example": self.shown(values)}
                self.fault(f"grades[{one.slug}]", _("与“%(other)s”重叠，例如：%(example)s。") % words)
        values = searching.find([(grade.when, False) for grade in grades], self.items)
        if values is not None:
            self.fault(
                "grades", _("分级之间有空隙，例如：%(example)s 不属于任何分级。") % {"example": self.shown(values)}
            )
        for grade in grades:
            if searching.find([(grade.when, True)], self.items) is None:
                self.fault(f"grades[{grade.slug}]", _("没有任何取值会落入这个分级。"))

    def targets(self) -> None:
        reporting, clinical = self.programme.reporting, self.programme.clinical
        if reporting is None or clinical is None:
            return
        values = searching.find([(searching.holds(clinical), True), (searching.holds(reporting), False)], self.items)
        if values is not None:
            message = _("治疗目标比统计口径宽：%(example)s 达到目标却不算控制。") % {"example": self.shown(values)}
            self.fault("targets.clinical", message)

    def reachable(self) -> None:
        for each in self.programme.alerts:
            if not self.can_hold(each.when):
                self.fault(f"alerts[{each.code}]", _("没有任何取值会触发这条提醒。"))

    def can_hold(self, condition: Condition) -> bool:
        """Whether values exist for it, together with the grade and the control that it speaks of."""
        fields = condition.fields()
        holds = {
            "controlled": searching.holds(self.programme.reporting),
            "on_target": searching.holds(self.programme.clinical),
        }
        wanted: list[list[tuple[Condition, bool]]] = [[(condition, True)]]
        if "grade" in fields:
            wanted = [
                [*each, (_is("grade", grade.slug), True), (grade.when, True)]
                for each in wanted
                for grade in self.programme.grades
            ]
        for name in ("controlled", "on_target"):
            if name in fields:
                wanted = [
                    [*each, (_is(name, answer), True), (holds[name], answer)]
                    for each in wanted
                    for answer in (True, False)
                ]
        return any(searching.find(each, self.items, self.grades) is not None for each in wanted)

    def shown(self, values: Mapping[str, Any]) -> str:
        """Values in words: 收缩压 160，舒张压 95."""
        return str(COMMA).join(self.one_shown(code, value) for code, value in values.items() if value is not None)

    def one_shown(self, code: str, value: Any) -> str:
        item = self.items.get(code)
        options = {option.code: str(option.text) for option in item.options} if item else {}
        several = value if isinstance(value, tuple | frozenset) else (value,)
        said = {True: _("是"), False: _("否")}
        shown = str(AND).join(
            said[each] if isinstance(each, bool) else options.get(each, str(each)) for each in several
        )
        return f"{item.label if item else named(code)} {shown}"

    def worked(self) -> None:
        """Worked examples compute, and there is one for every grade, every alert and every limit of grades and targets."""
        grades, alerts = set(), set()
        for n, example in enumerate(self.programme.examples, 1):
            place = f"examples[{n}]"
            for key in sorted(example.keys() - examples.KEYS):
                self.fault(f"{place}.{key}", _("不认识的内容。"))
            try:
                found = dict(examples.computed(self.programme, example, ["grade"]))
                differences = examples.differences(self.programme, example)
            except UNREADABLE as error:
                self.fault(place, _("结构不对：%(error)s") % {"error": error})
                continue
            grades.add(found["grade"])
            alerts |= set(found["alerts"])
            for name, expected, computed in differences:
                words = {"expected": expected, "computed": computed}
                self.fault(f"{place}.{name}", _("写的是 %(expected)s，算出的是 %(computed)s。") % words)
        for slug in self.grades:
            if slug not in grades:
                self.fault("examples", _("没有例子落入分级“%(name)s”。") % {"name": slug})
        for each in self.programme.alerts:
            if each.code not in alerts and each.code not in catalogue.shared()["alerts"]:
                self.fault("examples", _("没有例子触发提醒“%(name)s”。") % {"name": each.code})
        for field, limit in self.untried_limits():
            words = {"label": self.items[field].label, "limit": f"{limit:g}"}
            self.fault("examples", _("没有例子正好落在界值上：%(label)s %(limit)s。") % words)

    def untried_limits(self) -> Iterator[tuple[str, float]]:
        tried: dict[str, set[float]] = {}
        for values in examples.values_in(self.programme):
            for code, value in values.items():
                if value is not None and code in self.items and self.items[code].kind == "number":
                    tried.setdefault(code, set()).add(float(value))
        seen = set()
        for place, condition in conditions_of(self.programme):
            for atom in condition.atoms() if place.startswith(("grades", "targets")) else ():
                for limit in atom.limits.values() if isinstance(atom, Bounds) and atom.field in self.items else ():
                    if limit not in tried.get(atom.field, ()) and (atom.field, limit) not in seen:
                        seen.add((atom.field, limit))
                        yield atom.field, limit


def _is(field: str, value: object) -> Condition:
    return Choice(field, "one_of", [value])
