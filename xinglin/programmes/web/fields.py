"""The questions of a joint form as a page draws them: each item once, in groups, with what was answered before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from xinglin.programmes import answering, titles
from xinglin.programmes.rules.cases import ItemOnForm
from xinglin.programmes.rules.words import AND
from xinglin.programmes.web.forms import PREFIX


@dataclass(frozen=True, slots=True)
class FieldView:
    """One question. `value` as it stands in the form, `help` what it was last time and for whom it is asked."""

    kind: str
    name: str
    label: str
    unit: str
    low: str
    high: str
    decimals: bool
    options: list[tuple[str, str]]
    value: Any
    help: str
    error: str
    is_required: bool
    second: "FieldView | None" = None  # of a pair, e.g. the diastolic pressure


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions that must be answered, figures before words, and those that may be."""

    figures: list[FieldView]
    words: list[FieldView]
    optional: list[FieldView]
    optional_labels: str

    @classmethod
    def build(
        cls, items: Sequence[ItemOnForm], given: Mapping[str, Any] | None, errors: Mapping[str, object], *, many: bool
    ) -> "Questions":
        """`given`: what stands in the form already, instead of what is carried forward. `many`: several programmes."""
        views = {each.item.code: _field(each, given, errors, many=many) for each in items}
        if {"systolic", "diastolic"} <= views.keys():
            views["systolic"] = _pair(views["systolic"], views.pop("diastolic"))
        required = {each.item.code for each in items if each.is_required}
        first = [view for code, view in views.items() if code in required]
        rest = [view for code, view in views.items() if code not in required]
        figures = [view for view in first if view.kind in {"pair", "number"}]
        words = [view for view in first if view not in figures]
        return cls(figures, words, rest, str(AND).join(view.label for view in rest[:6]))

    @property
    def asks_more(self) -> bool:
        """Whether something is wrong among the optional ones, so that they are shown open."""
        return any(view.error for view in self.optional)


def _field(each: ItemOnForm, given: Mapping[str, Any] | None, errors: Mapping[str, object], *, many: bool) -> FieldView:
    item, code = each.item, each.item.code
    is_carried = each.value is not None and each.stands_until is None
    carried = answering.kept({code: each.value}).get(code) if is_carried else ""
    options = [(option.code, str(option.text)) for option in item.options]
    if item.kind == "yes-no":
        options, carried = [("no", _("否")), ("yes", _("是"))], _YES_NO.get(each.value, "") if carried != "" else ""
    value = given.get(code, "") if given is not None else carried
    return FieldView(
        kind=item.kind, name=PREFIX + code, label=str(item.label), unit=str(item.unit),
        low="" if item.low is None else str(item.low), high="" if item.high is None else str(item.high),
        decimals=item.decimals > 0, options=options, value=value, help=_help(each, many=many),
        error=str(errors.get(code, "")), is_required=each.is_required,
    )  # fmt: skip


_YES_NO: dict[Any, str] = {True: "yes", False: "no"}


def _help(each: ItemOnForm, *, many: bool) -> str:
    said = []
    if each.stands_until is not None and each.value_on is not None:
        words = {"value": answering.said(each.item.code, each.value), "day": each.value_on.isoformat()}
        said.append(_("%(day)s 测得 %(value)s") % words)
        said.append(_("有效至 %(day)s") % {"day": each.stands_until.isoformat()})
    elif each.value_on is not None:
        said.append(_("沿用 %(day)s") % {"day": each.value_on.isoformat()})
    if many and len(each.programmes) == 1:
        said.append(titles.short(each.programmes[0]))
    if each.item.hint:
        said.append(str(each.item.hint))
    return " · ".join(said)


def _pair(first: FieldView, second: FieldView) -> FieldView:
    return FieldView(
        kind="pair", name=first.name, label=_("血压"), unit=first.unit, low=first.low, high=first.high, decimals=False,
        options=[], value=first.value, help=first.help, error=first.error or second.error, is_required=first.is_required,
        second=second,
    )  # fmt: skip
