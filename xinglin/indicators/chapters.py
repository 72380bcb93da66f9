"""Chapters of ICD-10: in which one a diagnosis lies, as data says (`definitions/diagnosis-chapters`)."""

import re
from dataclasses import dataclass
from typing import Any

import ibis
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from xinglin.platform import definitions

#: What has no code of ICD-10, or one that lies in no chapter.
UNCODED = "NONE"
_CATEGORY = 3  # characters
#: What a category looks like: other codes may begin with the same letter.
_SHAPE = "^[A-Z][0-9][0-9A-Z]"


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter: its number, and its first and last category."""

    key: str
    first: str
    last: str
    zh: str
    en: str

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return self.en if (get_language() or "").startswith("en") else self.zh


def chapters() -> list[Chapter]:
    """All chapters in their order."""
    return [Chapter(**each) for each in definitions.one("diagnosis-chapters", "icd10").content["chapters"]]


def chapter_of(code: str) -> str:
    """The number of the chapter a code lies in; empty for none."""
    category = code[:_CATEGORY].upper()
    if not re.match(_SHAPE, category):
        return ""
    return next((each.key for each in chapters() if each.first <= category <= each.last), "")


def chapter_column(diagnosis: Any) -> Any:
    """The same over a column of codes; `UNCODED` for none."""
    category = diagnosis.substr(0, _CATEGORY).upper()
    found = ibis.cases(*((category.between(each.first, each.last), each.key) for each in chapters()), else_=UNCODED)
    return ibis.cases((category.re_search(_SHAPE), found), else_=UNCODED)


def titles() -> dict[str, str]:
    """How each is called, those without a code last."""
    return {each.key: f"{each.key} {each.title}" for each in chapters()} | {UNCODED: str(_("没有ICD-10编码"))}
