"""The reader's language. Definitions and records give texts in Chinese and English; one of the two is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.translation import get_language

Told = TypeVar("Told", str, Mapping[str, str])


def is_english() -> bool:
    """Whether the reader reads English; Chinese otherwise."""
    return (get_language() or "").startswith("en")


def language_code() -> str:
    """``en`` or ``zh``, as definitions name their texts and printed documents their language."""
    return "en" if is_english() else "zh"


def either(zh: Told, en: Told) -> Told:
    """Of two texts, or two tables of texts, the reader's."""
    return en if is_english() else zh


def in_language(raw: Mapping[str, Any]) -> str:
    """The reader's text of a table with ``zh`` and ``en``. :raises KeyError: it is missing"""
    return str(raw[language_code()])


@dataclass(frozen=True, slots=True)
class Text:
    """A text in Chinese and English; as a string it is the reader's."""

    zh: str
    en: str

    def __str__(self) -> str:
        return either(self.zh, self.en)

    def __bool__(self) -> bool:
        return bool(self.zh)

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "Text":
        """From a table with ``zh`` and ``en``. :raises KeyError: one of them is missing"""
        return cls(str(raw["zh"]), str(raw["en"]))
