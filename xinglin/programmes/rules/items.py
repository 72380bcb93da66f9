"""Items: the questions and measurements of programmes. Each stands once, in ``definitions/programme-items/``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from xinglin.platform.conditions import number
from xinglin.programmes.rules.words import NOTHING, Text

#: Not measured is None: never False, never 0, never an empty text.
Value = int | float | Decimal | bool | str | date | tuple[str, ...] | None
KINDS = ("number", "choice", "choices", "yes-no", "text", "date")
#: Of several choices the one that excludes the others.
NONE_OF_THEM = "none"
MOST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Option:
    """One choice. `points` count where a score is made of choices."""

    code: str
    text: Text
    points: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One question or measurement.

    `low` and `high` (both possible) are the ends of what a value can be: beyond them it is a slip of the finger or of the
    device and is refused. `ieee11073` is the code of the nomenclature of IEEE 11073-10101 where devices measure it.
    `carries_forward`: the last answer stands on the next form until it is changed. `valid_days`: a value counts for so long
    without being measured or typed again, as a laboratory's does. `formula` computes it from others.
    """

    code: str
    label: Text
    kind: str
    unit: Text = NOTHING
    low: Decimal | None = None
    high: Decimal | None = None
    decimals: int = 0
    options: tuple[Option, ...] = ()
    loinc: str = ""
    ieee11073: str = ""
    carries_forward: bool = False
    valid_days: int | None = None
    formula: Mapping[str, Any] | None = None
    hint: Text = NOTHING
    source: str = ""
    mark: str = ""

    @property
    def is_computed(self) -> bool:
        """Whether it is made of other items and never typed."""
        return self.formula is not None

    @property
    def step(self) -> Decimal:
        """The smallest difference between two values."""
        return Decimal(1).scaleb(-self.decimals)

    def refusal(self, value: object, on: date | None = None) -> str | None:
        """Why a value cannot be, in the reader's language; None when it can. Nothing given is never refused.

        `on`: the day of the visit; no date may lie after it.
        """
        if is_nothing(value):
            return None
        check = {
            "number": self._refuses_number, "choice": self._refuses_choice, "choices": self._refuses_choices,
            "yes-no": self._refuses_answer, "text": self._refuses_text,
        }  # fmt: skip
        if self.kind == "date":
            return self._refuses_date(value, on)
        return check[self.kind](value)

    def _refuses_number(self, value: object) -> str | None:
        found = number(value)
        if found is None:
            return _("%(label)s：应为数字。") % {"label": self.label}
        if (self.low is not None and found < self.low) or (self.high is not None and found > self.high):
            words = {"label": self.label, "low": self.low, "high": self.high, "unit": self.unit}
            return _("%(label)s：超出可能的范围（%(low)s–%(high)s %(unit)s），请核对。") % words
        return None

    def _refuses_choice(self, value: object) -> str | None:
        if any(value == option.code for option in self.options):
            return None
        return _("%(label)s：没有这个选项。") % {"label": self.label}

    def _refuses_choices(self, value: object) -> str | None:
        if not isinstance(value, tuple | list | set | frozenset):
            return _("%(label)s：应为若干选项。") % {"label": self.label}
        if any(self._refuses_choice(each) for each in value):
            return _("%(label)s：没有这个选项。") % {"label": self.label}
        if NONE_OF_THEM in value and len(set(value)) > 1:
            return _("%(label)s：选了“无”就不能再选其他。") % {"label": self.label}
        return None

    def _refuses_answer(self, value: object) -> str | None:
        return None if isinstance(value, bool) else _("%(label)s：应答“是”或“否”。") % {"label": self.label}

    def _refuses_text(self, value: object) -> str | None:
        if not isinstance(value, str):
            return _("%(label)s：应为文字。") % {"label": self.label}
        if "\x00" in value or len(value) > MOST_TEXT:
            return _("%(label)s：文字太长或含有不能保存的字符。") % {"label": self.label}
        return None

    def _refuses_date(self, value: object, on: date | None) -> str | None:
        if type(value) is not date:
            return _("%(label)s：应为日期。") % {"label": self.label}
        if on is not None and value > on:
            return _("%(label)s：日期在将来。") % {"label": self.label}
        return None


def is_nothing(value: object) -> bool:
    """Whether a question was left open: nothing, an empty text, no choice ticked."""
    return value is None or value in ("", (), [], frozenset(), set())


def parse(raw: Mapping[str, Any], *, source: str = "", mark: str = "") -> Item:
    """An item as its file writes it. :raises KeyError: something is missing"""
    limits = raw.get("plausible", (None, None))
    return Item(
        code=raw["code"], label=Text.of(raw), kind=raw["kind"], unit=_unit(raw),
        low=None if limits[0] is None else Decimal(str(limits[0])),
        high=None if limits[1] is None else Decimal(str(limits[1])), decimals=raw.get("decimals", 0),
        options=tuple(Option(each["code"], Text.of(each), each.get("points")) for each in raw.get("options", ())),
        loinc=raw.get("loinc", ""), ieee11073=raw.get("ieee11073", ""),
        carries_forward=raw.get("carries_forward", False), valid_days=raw.get("valid_days"), formula=raw.get("formula"),
        hint=Text(raw["hint_zh"], raw["hint_en"]) if "hint_zh" in raw else NOTHING,
        source=raw.get("source", source), mark=raw.get("mark", mark),
    )  # fmt: skip


def _unit(raw: Mapping[str, Any]) -> Text:
    unit = raw.get("unit", "")
    return Text(unit, raw.get("unit_en", unit))
