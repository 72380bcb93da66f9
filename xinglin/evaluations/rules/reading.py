"""What plans and funds have in common as texts: every value is read with the place it stands at."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from xinglin.platform.definitions import Definition, DefinitionError

#: Points are kept in hundredths, as money is in fen.
HUNDRED = 100


class Place:
    """A part of a definition: what it says, and where it stands, for what is refused."""

    def __init__(self, path: str, raw: Any) -> None:
        if not isinstance(raw, Mapping):
            raise DefinitionError(f"{path}: is a table")
        self.path, self.raw = path, raw

    def refuse(self, key: str, words: object) -> DefinitionError:
        """The error that names the place."""
        return DefinitionError(f"{self.path}: {key}: {words}")

    def only(self, known: Iterable[str]) -> None:
        """:raises DefinitionError: a key nobody reads"""
        if unknown := self.raw.keys() - set(known):
            raise self.refuse(sorted(unknown)[0], "unknown key")

    def text(self, key: str, default: str | None = None) -> str:
        """A text; required without a default."""
        value = self.raw.get(key, default)
        if not isinstance(value, str) or (not value and default is None):
            raise self.refuse(key, "is a text")
        return value

    def words(self, key: str) -> tuple[str, str]:
        """A text in Chinese and English."""
        value = self.raw.get(key)
        if not isinstance(value, Mapping) or not all(isinstance(value.get(each), str) for each in ("zh", "en")):
            raise self.refuse(key, "needs zh and en")
        return value["zh"], value["en"]

    def cited(self) -> tuple[str, str]:
        """The source, and its English; empty where it was given in Chinese only."""
        return self.text("source"), self.text("source_en", "")

    def among(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """One of some words."""
        value = self.text(key, default)
        if value not in (known := list(allowed)):
            raise self.refuse(key, f"{value!r} is not one of {', '.join(sorted(known))}")
        return value

    def number(self, key: str, default: Any = None) -> Fraction:
        """An exact number; required without a default."""
        value = self.raw.get(key, default)
        try:
            if isinstance(value, bool) or value is None:
                raise InvalidOperation
            return Fraction(Decimal(str(value)))
        except (InvalidOperation, ValueError, OverflowError) as error:
            raise self.refuse(key, "is a number") from error

    def whole(self, key: str, *, least: int, most: int, default: int | None = None) -> int:
        """A whole number within bounds."""
        value = self.raw.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.refuse(key, f"is a whole number from {least} to {most}")
        return value

    def points(self, key: str) -> int:
        """Points above 0 in hundredths, with at most two decimals."""
        value = self.number(key) * HUNDRED
        if value <= 0 or value.denominator != 1:
            raise self.refuse(key, "is above 0, with at most two decimals")
        return int(value)

    def places(self, key: str) -> list["Place"]:
        """The tables of a list, at least one, each with its own place."""
        value = self.raw.get(key)
        if not isinstance(value, list) or not value:
            raise self.refuse(key, "is a list of at least one")
        return [Place(f"{self.path}: {key}[{n}]", each) for n, each in enumerate(value, start=1)]

    def texts(self, key: str, allowed: Iterable[str]) -> frozenset[str]:
        """A list of words, each one of some; empty when absent."""
        value = self.raw.get(key, [])
        if not isinstance(value, list):
            raise self.refuse(key, "is a list")
        if wrong := [each for each in value if each not in set(allowed)]:
            raise self.refuse(key, f"{wrong[0]!r} is not one of {', '.join(sorted(allowed))}")
        return frozenset(value)


def said(definition: Definition) -> dict[str, Any]:
    """What a definition says, as a round or a distribution keeps it."""
    content = {key: _plain(value) for key, value in definition.content.items()}
    source = {"source": definition.source, **({"source_en": definition.source_en} if definition.source_en else {})}
    head = {
        "slug": definition.slug, "version": definition.version, "mark": definition.mark, **source,
        "title": {"zh": definition.title_zh, "en": definition.title_en},
    }  # fmt: skip
    return {**content, **head}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
