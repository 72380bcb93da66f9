"""Definitions of this capability: what may be sent, stains and panels, report templates with coded wording, clocks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.platform.definitions import load, one
from xinglin.platform.errors import InvalidInput, wrong
from xinglin.platform.language import in_language

TOPIC, REPORTS = "pathology", "pathology-reports"
Choices = list[tuple[str, str]]


# What may be sent ----------------------------------------------------------------------------------------------------
def _list(slug: str, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = one(TOPIC, slug).content[name]
    return found


def specimen_kinds() -> Choices:
    """Kinds of specimens by code."""
    return [(each["code"], in_language(each["title"])) for each in _list("specimens", "kinds")]


def fixatives() -> Choices:
    """Fixatives by code; ``none`` and ``fresh`` are said too."""
    return [(each["code"], in_language(each["title"])) for each in _list("specimens", "fixatives")]


def sites() -> list[str]:
    """Sites most asked for, offered while typing; any other may be written."""
    return [in_language(each) for each in _list("specimens", "sites")]


def title_in(choices: Choices, code: str) -> str:
    """A code in words; the code itself when it is no longer on the list."""
    return dict(choices).get(code, code)


# Stains --------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Stain:
    """A stain: `way` is ROUTINE, STAIN (special) or IHC."""

    code: str
    title: str
    way: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Antibodies ordered together."""

    code: str
    title: str
    stains: tuple[str, ...]


def stains() -> list[Stain]:
    """All stains, in the order of the definition."""
    return [Stain(each["code"], in_language(each["title"]), each["way"]) for each in _list("stains", "stains")]


def panels() -> list[Panel]:
    """All panels."""
    return [
        Panel(each["code"], in_language(each["title"]), tuple(each["stains"])) for each in _list("stains", "panels")
    ]


def first_stain(kind: str) -> str:
    """The stain a case of this kind begins with."""
    return str(one(TOPIC, "stains").content["first"][kind])


def stain_title(code: str) -> str:
    """A stain in words."""
    return next((each.title for each in stains() if each.code == code), code)


def chosen_stains(way: str, codes: Iterable[str], panel: str) -> list[str]:
    """The stains of an order, each once: those named, and those of the panel.

    :raises InvalidInput: none, or one that this laboratory does not make that way
    """
    wanted = list(codes)
    if panel:
        found = next((each for each in panels() if each.code == panel), None)
        if found is None:
            raise wrong("panel", _("没有这个抗体组合。"))
        wanted += found.stains
    wanted = list(dict.fromkeys(wanted))
    known = {each.code for each in stains() if way == each.way}
    if not wanted:
        raise InvalidInput(_("请选择染色或抗体。"), fields={"stains": _("请选择染色或抗体。")})
    if unknown := [code for code in wanted if code not in known]:
        raise wrong("stains", _("没有这种染色：%(code)s。") % {"code": unknown[0][:40]})
    return wanted


# Report templates ----------------------------------------------------------------------------------------------------
def templates(kind: str, *, on: date) -> list[dict[str, Any]]:
    """Templates for a kind of case in force on a day, in their order, texts in the reader's language.

    Each has ``code, title, group, keywords, gross, findings, conclusion, abnormal, critical, choices``; a choice has
    ``code, title, options`` and an option ``code, title``.
    """
    found = []
    for each in load(REPORTS):
        content = each.content
        if not each.is_valid_on(on) or kind not in content.get("cases", (kind,)):
            continue
        found.append(
            {
                "code": each.slug, "title": each.title, "group": in_language(content["group"]),
                "keywords": content.get("keywords", ""), "gross": in_language(content["gross"]),
                "findings": in_language(content["findings"]), "conclusion": in_language(content["conclusion"]),
                "abnormal": content["abnormal"], "critical": content.get("critical", ""),
                "order": content.get("order", 999),
                "choices": [_choice(each.slug, choice) for choice in content.get("choices", ())],
            }
        )  # fmt: skip
    return sorted(found, key=lambda template: (template["order"], template["code"]))


def _choice(slug: str, choice: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": choice["code"],
        "title": in_language(choice["title"]),
        "options": [
            {"code": f"{slug}/{choice['code']}/{option['code']}", "title": in_language(option)}
            for option in choice["options"]
        ],
    }


def coded_choices(codes: Iterable[str]) -> list[dict[str, str]]:
    """Coded wording as a report keeps it: ``{"code", "name", "title"}`` in the county's language, each once.

    A code is ``template/choice/option``. :raises InvalidInput: there is none of that code, or two options of one choice
    """
    known = {
        f"{each.slug}/{choice['code']}/{option['code']}": (choice["title"]["zh"], option["zh"])
        for each in load(REPORTS)
        for choice in each.content.get("choices", ())
        for option in choice["options"]
    }
    kept, seen = [], set()
    for code in dict.fromkeys(codes):
        if code not in known:
            raise wrong("choices", _("没有这个分类：%(code)s。") % {"code": code[:80]})
        if (choice := code.rpartition("/")[0]) in seen:
            raise wrong("choices", _("同一项只能选一个。"))
        seen.add(choice)
        kept.append({"code": code, "name": known[code][0], "title": known[code][1]})
    return kept


def choice_words(kept: Mapping[str, str]) -> tuple[str, str]:
    """A kept choice in the reader's language: its name and what was chosen; as kept when its definition is gone."""
    slug, _slash, rest = kept["code"].partition("/")
    name, _slash, option = rest.partition("/")
    for each in load(REPORTS):
        for choice in each.content.get("choices", ()) if each.slug == slug else ():
            for known in choice["options"] if choice["code"] == name else ():
                if known["code"] == option:
                    return in_language(choice["title"]), in_language(known)
    return kept["name"], kept["title"]


# Clocks --------------------------------------------------------------------------------------------------------------
def deadline(name: str) -> int:
    """A clock of ``pathology-deadlines``, in the unit of its name."""
    return int(one(TOPIC, "pathology-deadlines").content[name])


def fixation_hours() -> tuple[int, int]:
    """The shortest and the longest time in the fixative without a hint."""
    hours = one(TOPIC, "pathology-deadlines").content["fixation_hours"]
    return int(hours["least"]), int(hours["most"])


def kept_until(received: date, what: str) -> date:
    """Until when a ``block`` or a ``slide`` is kept."""
    year = received.year + deadline(f"{what}s_years")
    try:
        return received.replace(year=year)
    except ValueError:  # the 29th of February
        return received.replace(year=year, day=28)
