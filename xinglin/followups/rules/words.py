"""Texts of definitions in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import get_language


@dataclass(frozen=True, slots=True)
class Words:
    """A text in Chinese and English; as text, in the reader's language."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if (get_language() or "").startswith("en") else self.zh

    @classmethod
    def of(cls, raw: Mapping[str, object]) -> "Words":
        """From a table with zh and en."""
        return cls(str(raw["zh"]), str(raw["en"]))
