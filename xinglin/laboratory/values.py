"""A value as it was sent or typed, made ours: a number in the item's unit, or one of its words."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_lazy as _

from xinglin.laboratory.catalogue import Analyte
from xinglin.platform.errors import InvalidInput
from xinglin.web.formats import listed_text

_NUMBER = re.compile(r"(<=|>=|<|>)?\s*([0-9]+(?:\.[0-9]+)?)")
_WIDE = str.maketrans("０１２３４５６７８９．＜＞－＋≤≥，", "0123456789.<>-+≤≥,")
#: A factor and a value have no more digits than anybody measures.
MOST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Value:
    """One value in our words: `number` (with `comparator` when it only says below or above), or `text`."""

    text: str
    number: Decimal | None = None
    comparator: str = ""


def plain_number(text: str) -> str:
    """A number as an input method writes it (`４。２`, `－５`) in plain digits, point and sign."""
    return unicodedata.normalize("NFKC", text).replace("。", ".").replace("−", "-").strip()


def read(analyte: Analyte, given: str, unit: str = "") -> Value:
    """The value of an item in its own unit.

    :raises InvalidInput: no number, a word that is none of the item's, a unit that is not known for it (code
        ``unit-unknown``), or a number nobody can have (code ``implausible``)
    """
    given = given.translate(_WIDE).replace("≤", "<=").replace("≥", ">=").strip()
    if not given or "\x00" in given or len(given) > 60:
        raise _wrong(analyte, "value", _("%(item)s：没有可以识别的结果。"))
    if analyte.is_text:
        return Value(_word(analyte, given))
    match = _NUMBER.fullmatch(plain_number(given))
    if match is None or len(match[2]) > MOST_DIGITS:
        raise _wrong(analyte, "value", _("%(item)s：结果应为数字，可带“<”或“>”。"))
    try:
        number = Decimal(match[2]) * factor(analyte, unit)
    except InvalidOperation as error:
        raise _wrong(analyte, "value", _("%(item)s：结果应为数字，可带“<”或“>”。")) from error
    _require_plausible(analyte, number)
    number = number.quantize(Decimal(1).scaleb(-analyte.decimals))
    comparator = match[1] or ""
    return Value(f"{comparator}{number}", number, comparator)


def factor(analyte: Analyte, unit: str) -> Decimal:
    """By what a number in `unit` is multiplied to be in the item's own. :raises InvalidInput: code ``unit-unknown``"""
    if unit in {"", analyte.unit, analyte.shown}:
        return Decimal(1)
    # UCUM is strict about case, analysers are not; an answer that is not one of the known units is never guessed.
    for known, times in analyte.units.items():
        if unit == known or unit.casefold() == known.casefold():
            return Decimal(str(times))
    if unit.casefold() == analyte.unit.casefold():
        return Decimal(1)
    raise InvalidInput(
        _("%(item)s：不认识的单位“%(unit)s”，应为%(wanted)s。")
        % {"item": analyte.title, "unit": unit[:20], "wanted": analyte.shown or "1"},
        fields={analyte.code: _("单位不符")}, code="unit-unknown",
    )  # fmt: skip


def _word(analyte: Analyte, given: str) -> str:
    if not analyte.options or given in analyte.options:
        return given
    signs = {"+-": "±", "+": "1+", "++": "2+", "+++": "3+", "++++": "4+", "neg": "-", "NEG": "-", "阴性": "-"}
    again = signs.get(given, given)
    if again not in analyte.options:
        again = {"-": "阴性", "1+": "阳性", "+": "阳性", "pos": "阳性", "POS": "阳性"}.get(again, again)
    if again not in analyte.options:
        raise _wrong(analyte, "value", _("%(item)s：结果应为其中之一：%(options)s。"))
    return again


def _require_plausible(analyte: Analyte, number: Decimal) -> None:
    if analyte.plausible is None:
        return
    low, high = (Decimal(str(each)) for each in analyte.plausible)
    if not low <= number <= high:
        raise InvalidInput(
            _("%(item)s：%(value)s不在可能的范围内（%(low)s–%(high)s %(unit)s），请核对数值和单位。")
            % {
                "item": analyte.title, "value": f"{number.normalize():f}", "low": f"{low:f}", "high": f"{high:f}",
                "unit": analyte.shown,
            },
            fields={analyte.code: _("数值不可能")}, code="implausible",
        )  # fmt: skip


def _wrong(analyte: Analyte, code: str, sentence: object) -> InvalidInput:
    told = str(sentence) % {"item": analyte.title, "options": listed_text(analyte.options)}
    return InvalidInput(told, fields={analyte.code: told}, code=code)
