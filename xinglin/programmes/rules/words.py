"""Texts that a definition gives in two languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language


@dataclass(frozen=True, slots=True)
class Text:
    """A text in Chinese and English; as a string it is the reader's."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if (get_language() or "").startswith("en") else self.zh

    def __bool__(self) -> bool:
        return bool(self.zh)

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "Text":
        """From a table with ``zh`` and ``en``. :raises KeyError: one of them is missing"""
        return cls(str(raw["zh"]), str(raw["en"]))


NOTHING = Text("", "")

#: What joins words of a list, and what parts sentences, as each language writes it.
COMMA = Text("，", ", ")
AND = Text("、", ", ")
SEMICOLON = Text("；", "; ")
COLON = Text("：", ": ")
BRACKETS = (Text("（", "("), Text("）", ")"))
