"""A definition as people read it: who belongs, grades, targets, a year of visits, forms, alerts, education, the end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from xinglin.programmes.rules import catalogue, previewing
from xinglin.programmes.rules.describing import described, level_named
from xinglin.programmes.rules.items import Item
from xinglin.programmes.rules.lacking import lacking
from xinglin.programmes.rules.reader import Fault
from xinglin.programmes.rules.shapes import Programme, Target
from xinglin.programmes.rules.words import AND, COLON, SEMICOLON
from xinglin.web.marks import cited


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: what is said, and under what condition."""

    text: str
    when: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under a heading."""

    title: str
    icon: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class GradeRow:
    """A grade with its year."""

    title: str
    condition: str
    every: str
    level: str
    days: str
    days_not_controlled: str


@dataclass(frozen=True, slots=True)
class ReadingPage:
    """A programme in words; `examples` are worked, `wrong` of them do not compute."""

    programme: Programme
    grades: list[GradeRow]
    sections: list[Section]
    forms: list[Section]
    examples: int
    source: str
    lacks: list[str]  # of a frame

    @classmethod
    def build(cls, programme: Programme) -> "ReadingPage":
        """Of a programme that was read without faults; in the reader's language."""
        seen = previewing.preview(programme)
        return cls(
            programme=programme, grades=_grades(seen),
            sections=[each for each in _sections(programme, seen) if each.lines], forms=_forms(seen),
            examples=len(programme.examples), source=cited(programme.source, programme.mark),
            lacks=lacking(programme) if programme.is_frame else [],
        )  # fmt: skip


def _grades(seen: previewing.Preview) -> list[GradeRow]:
    return [
        GradeRow(
            str(line.grade.title), line.condition, _every(line.every_days), level_named(line.level),
            _days(table.controlled), _days(table.not_controlled_first),
        )
        for line, table in zip(seen.grades, seen.timetables, strict=True)
    ]  # fmt: skip


def _days(days: Sequence[Any]) -> str:
    shown = " ".join(f"{day:%m-%d}" for day in days[:14])
    return shown + (" …" if len(days) > 14 else "")


def _sections(programme: Programme, seen: previewing.Preview) -> Iterable[Section]:
    items = catalogue.items()

    def when(condition: Any) -> str:
        return described(condition, items)

    yield Section(
        _("纳入条件（都要满足）"), "check", [Line(str(each.text), when(each.when)) for each in programme.eligibility]
    )
    yield Section(_("排除条件"), "ban", [Line(str(each.text), when(each.when)) for each in programme.exclusions])
    if (screening := programme.screening) is not None:
        yield Section(
            _("筛查"), "search",
            [Line(ngettext("对象：每%(days)d天", "对象：每%(days)d天", screening.every_days) % {"days": screening.every_days}, when(screening.who)),
             Line(_("阳性"), when(screening.positive), str(screening.next_step))],
        )  # fmt: skip
    if (confirmation := programme.confirmation) is not None:
        words = {"days": confirmation.different_days, "within": confirmation.within_days}
        said = _("%(within)d天内不同的%(days)d天") % words
        yield Section(_("确诊"), "clipboard", [Line(said, when(confirmation.high), str(confirmation.next_step))])
    yield Section(_("统计口径的控制"), "chart", _target(programme.reporting, when))
    yield Section(_("治疗目标"), "flag", _target(programme.clinical, when))
    yield Section(_("提醒与转诊"), "bell", [_alert(each, when(each.when), programme) for each in programme.alerts])
    yield Section(_("当场建议"), "message", [Line(str(each.text), when(each.when)) for each in programme.advice])
    yield Section(
        _("并发症筛查"), "eye",
        [Line(str(each.title), when(each.when), _every(each.every_days)) for each in programme.complications],
    )  # fmt: skip
    yield Section(_("宣教"), "book", [Line(str(each.text), when(each.when)) for each in programme.education])
    yield Section(
        _("下转"), "arrow-down",
        [Line(str(each.text), when(each.when), level_named(each.to)) for each in programme.movements],
    )  # fmt: skip
    yield Section(
        _("结案条件"), "star",
        [Line(str(each.text), when(each.when) if each.when is not None else _("由人决定")) for each in programme.graduation],
    )  # fmt: skip


def _target(target: Target | None, when: Any) -> list[Line]:
    return [Line(str(text), when(met), when(who)) for who, met, text in target.rules] if target else []


def _alert(rule: Any, condition: str, programme: Programme) -> Line:
    words = {"emergency": _("紧急"), "refer": _("转诊"), "adjust": _("调整"), "note": _("提示")}
    tones = {"emergency": "critical", "refer": "warning", "adjust": "info"}
    until = (
        ""
        if rule.deadline_days is None
        else ngettext("%(days)d天内转诊", "%(days)d天内转诊", rule.deadline_days) % {"days": rule.deadline_days}
    )
    if rule.deadline_days == 0:
        until = _("当天转诊")
    note = " · ".join(part for part in (words.get(rule.level, rule.level), until) if part)
    if rule.origin.source != programme.source:  # what rests on something else says on what
        condition = f"{condition}{SEMICOLON}{_('依据')}{COLON}{cited(rule.origin.source, rule.origin.mark)}"
    return Line(str(rule.text), condition, note, tones.get(rule.level, "neutral"))


def _forms(seen: previewing.Preview) -> list[Section]:
    names = {"screening": _("筛查表"), "confirmation": _("确诊表"), "routine": _("随访表"), "yearly": _("年度评估表")}
    return [
        Section(
            names[kind], "list",
            [
                Line(str(each.item.label), each.when, " / ".join(str(one.text) for one in each.item.options) or str(each.item.unit),
                     "info" if each.is_required else "")
                for each in lines
            ],
        )
        for kind, lines in seen.forms.items()
    ]  # fmt: skip


#: The first word of a place, as a clinician says it.
def _tops() -> dict[str, str]:
    return {
        "grades": _("分级"), "alerts": _("提醒"), "targets": _("目标"), "plan": _("随访间隔"), "examples": _("例子"),
        "eligibility": _("纳入与排除条件"), "exclusions": _("排除条件"), "visits": _("表单"), "screening": _("筛查"),
        "confirmation": _("确诊"), "education": _("宣教"), "graduation": _("结案"), "movements": _("下转"),
        "complications": _("并发症筛查"), "advice": _("当场建议"), "conditions": _("命名条件"), "parameters": _("参数"),
        "prevalence": _("患病率"), "diseases": _("疾病编码"), "short": _("简称"), "title": _("名称"), "slug": _("代码"),
        "source": _("来源"), "mark": _("依据级别"), "author": _("起草人"), "checker": _("核对人"), "valid_from": _("生效日"),
        "next_review": _("复核日"), "valid_until": _("失效日"), "joins": _("合并的病种"), "indicators": _("指标"),
    }  # fmt: skip


def fault_rows(faults: Sequence[Fault], text: str) -> list[dict[str, Any]]:
    """Faults as rows: line, what stands in it, place in words, what is wrong."""
    tops, rows, lines = _tops(), [], text.splitlines()
    for each in faults:
        top = each.place.split("[")[0].split(".")[0]
        named = tops.get(top, "")
        rows.append({
            "line": each.line, "quoted": _quoted(lines, each.line), "where": named or _("整个文件"), "place": each.place, "message": each.message,
        })  # fmt: skip
    return rows


def _quoted(lines: Sequence[str], line: int | None) -> str:
    """What stands in a line; of the head of a table with the line below, which names it."""
    if not line or line > len(lines):
        return ""
    last = line + 1 if lines[line - 1].startswith("[") else line
    return " ".join(each.strip() for each in lines[line - 1 : last])[:120]


def item_rows() -> list[dict[str, str]]:
    """What a definition can ask, by the code that stands in its text."""
    return [
        {"code": each.code, "label": str(each.label), "taken": _computed() if each.is_computed else _taken(each)}
        for each in sorted(catalogue.items().values(), key=lambda each: each.code)
    ]


def _computed() -> str:
    return _("由其他条目算出")


def _taken(item: Item) -> str:
    if item.kind == "number":
        ends = "" if item.low is None else f"{item.low}–{item.high}"
        return f"{ends} {item.unit}".strip()
    if item.kind == "yes-no":
        return f"true {_('是')}{AND}false {_('否')}"
    return str(AND).join(f"{each.code} {each.text}" for each in item.options) or {"date": _("日期")}.get(
        item.kind, _("文字")
    )


def _every(days: int) -> str:
    return ngettext("每%(days)d天", "每%(days)d天", days) % {"days": days}
