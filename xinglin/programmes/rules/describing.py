"""Conditions in words, for the person who reads a definition rather than writes it."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from xinglin.platform.conditions import BOUNDS, Always, Atom, Bounds, Choice, Condition, NoneOf, SomeOf, Times, Words
from xinglin.programmes.rules.items import Item
from xinglin.programmes.rules.words import AND, BRACKETS, COLON, SEMICOLON


def described(condition: Condition, items: Mapping[str, Item]) -> str:
    """A condition as a sentence: 收缩压≥140 或 舒张压≥90."""
    if isinstance(condition, Always):
        return _("总是")
    if isinstance(condition, NoneOf):
        return _("不符合（%(what)s）") % {"what": described(condition.inner, items)}
    if isinstance(condition, SomeOf):
        return _joined(condition, items)
    if isinstance(condition, Times):
        words = {"what": described(condition.inner, items), "days": condition.within_days, "times": condition.times}
        return _("%(what)s，%(days)d天内达%(times)d次") % words
    return _atom(condition, items) if isinstance(condition, Atom) else ""


def _joined(condition: SomeOf, items: Mapping[str, Item]) -> str:
    parts = [described(part, items) for part in condition.parts]
    if len(parts) == 1:
        return parts[0]
    shown = [
        f"{BRACKETS[0]}{each}{BRACKETS[1]}" if isinstance(part, SomeOf) and len(part.parts) > 1 else each
        for part, each in zip(condition.parts, parts, strict=True)
    ]
    if condition.n == len(parts):
        return _("且").join(shown)
    if condition.n == 1:
        return _("或").join(shown)
    return _("至少%(n)d项：%(parts)s") % {"n": condition.n, "parts": str(SEMICOLON).join(shown)}


def _atom(atom: Atom, items: Mapping[str, Item]) -> str:
    item = items.get(atom.field)
    label = str(item.label) if item else named(atom.field)
    if isinstance(atom, Bounds):
        return label + " " + " ".join(f"{BOUNDS[name]}{limit:g}" for name, limit in atom.limits.items())
    if isinstance(atom, Choice):
        return _choice(atom, label, item)
    return f"{label}{COLON}{str(AND).join(atom.words)}" if isinstance(atom, Words) else label


def _choice(atom: Choice, label: str, item: Item | None) -> str:
    options = {option.code: str(option.text) for option in item.options} if item else {}
    if atom.field == "sex":
        options = {"1": _("男"), "2": _("女")}
    said: dict[object, str] = {True: _("是"), False: _("否")}
    values = str(AND).join(
        said[each] if isinstance(each, bool) else options.get(str(each), str(each))
        for each in sorted(atom.values, key=str)
    )
    if atom.how == "known":
        return _("%(label)s已测") % {"label": label} if True in atom.values else _("%(label)s未测") % {"label": label}
    if atom.how == "has_other_than":
        return _("%(label)s不只是“%(values)s”") % {"label": label, "values": values}
    return f"{label}{COLON}{values}"


def level_named(level: str) -> str:
    """Of the three levels the one that manages: village, township, county."""
    return {"village": _("村级"), "township": _("乡镇"), "county": _("县级")}.get(level, level)


def named(field: str) -> str:
    """A fact about the person or the visit in words."""
    words = {
        "age": _("年龄"), "sex": _("性别"), "is_pregnant": _("妊娠"), "diagnoses": _("诊断"), "grade": _("分级"),
        "controlled": _("达统计口径"), "on_target": _("达治疗目标"), "not_controlled_in_a_row": _("连续未控制次数"),
        "controlled_in_a_row": _("连续控制次数"), "is_first_visit": _("首次随访"),
    }  # fmt: skip
    return words.get(field, field)
