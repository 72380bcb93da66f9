"""The plain fields of a registration: what may be written there, checked for shape."""

import base64
import unicodedata
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import InvalidInput, TooLarge, wrong
from xinglin.residents.models import Resident

#: Long-term conditions a registration may name. Slugs are stored; words are for people.
CONDITIONS = {
    "hypertension": _("高血压"),
    "diabetes": _("糖尿病"),
    "dyslipidaemia": _("血脂异常"),
    "coronary-disease": _("冠心病"),
    "stroke": _("脑卒中"),
    "copd": _("慢阻肺"),
    "severe-mental-disorder": _("严重精神障碍"),
    "tuberculosis": _("肺结核"),
    "tumour": _("恶性肿瘤"),
    "disability": _("残疾"),
    "pregnant": _("孕产妇"),
}
#: Field → longest text.
PLAIN = {
    "ethnicity": 2,
    "nationality": 3,
    "address": 120,
    "relation_to_head": 2,
    "insurance": 12,
    "allergies": 200,
    "conditions": 0,
}
#: Characters of base64 a drawn signature may have.
MAX_SIGNATURE = 300_000
_NONE_KNOWN = frozenset({"无", "否认", "无过敏史", "none", "no"})


def check_plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The plain fields, cleaned. :raises InvalidInput: an unknown field, or a value out of shape"""
    clean: dict[str, Any] = {}
    for field, value in values.items():
        if field not in PLAIN:
            raise InvalidInput(_("没有这个字段，或不能这样修改。"), fields={field: _("没有这个字段，或不能这样修改。")})
        clean[field] = _conditions(value) if field == "conditions" else one_line(field, value, PLAIN[field])
    if clean.get("insurance") and clean["insurance"] not in Resident.Insurance.values:
        raise wrong("insurance", _("请从列表中选择医保类型。"))
    if clean.get("ethnicity") and not clean["ethnicity"].isdecimal():
        raise wrong("ethnicity", _("民族应为两位数字代码。"))
    if clean.get("nationality") and not (
        clean["nationality"].isascii() and clean["nationality"].isalpha() and len(clean["nationality"]) == 3
    ):
        raise wrong("nationality", _("国籍应为三个字母的代码，例如 CHN。"))
    if clean.get("relation_to_head") and not clean["relation_to_head"].isdecimal():
        raise wrong("relation_to_head", _("与户主关系应为两位数字代码。"))
    return clean


def one_line(field: str, value: Any, longest: int) -> str:
    """Text on one line, without characters nobody sees. :raises InvalidInput: too long, or with such characters"""
    text = " ".join(str(value or "").split())
    if any(unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs", "Cn"} for c in text):
        raise wrong(field, _("含有不可见的控制字符，请重新键入。"))
    if len(text) > longest:
        raise wrong(field, _("最多 %(n)s 个字符。") % {"n": longest})
    return text


def allergies_of(resident: Resident) -> tuple[str, ...] | None:
    """Known allergies as words: None when nobody has asked, empty when there are none known."""
    text = resident.allergies.strip()
    if not text:
        return None
    if text.lower() in _NONE_KNOWN:
        return ()
    for separator in "，,；;/":
        text = text.replace(separator, "、")
    return tuple(word.strip() for word in text.split("、") if word.strip())


def _conditions(value: Any) -> list[str]:
    if not isinstance(value, list | tuple) or not set(value) <= CONDITIONS.keys():
        raise wrong("conditions", _("请从列表中选择长期病症。"))
    return sorted(set(value))


def png_of(text: str, *, field: str = "signature") -> bytes | None:
    """The bytes of a drawn signature sent as base64, with or without ``data:`` before it; None when nothing was sent.

    :raises InvalidInput: something else was sent
    :raises TooLarge: more than a signature is
    """
    if not text:
        return None
    if len(text) > MAX_SIGNATURE:
        raise TooLarge(_("签名图片太大：最多 200 kB。"))
    head, _comma, body = text.rpartition(",")
    try:
        if head not in {"", "data:image/png;base64"}:
            raise ValueError("no PNG data URL")
        return base64.b64decode(body, validate=True)
    except ValueError as error:  # binascii.Error is one; a character outside ASCII is another
        message = _("签名不是有效的 PNG 图片。")
        raise InvalidInput(message, fields={field: message}) from error
