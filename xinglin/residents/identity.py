"""Documents that say who somebody is, and the index that makes one person one registration.

Resident identity number: GB 11643-1999 (18 characters, check by ISO 7064 MOD 11-2, odd sequence numbers for men). The
residence permit for residents of Hong Kong, Macao and Taiwan and the permanent-residence card of 2023 use the same
structure. Other documents are checked for shape only.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _
from stdnum.cn import ric

from xinglin.platform.crypto import blind_index
from xinglin.platform.errors import InvalidInput
from xinglin.web.formats import masked as cover

MAX_AGE_YEARS = 130
#: First two digits of a resident identity number: provinces, and 81..83 for Hong Kong, Macao and Taiwan; 91 foreigners.
_PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
        "91",
    ]
)
#: Shape of the other documents, after normalising.
_SHAPES = {
    "PASSPORT": re.compile(r"[A-Z0-9]{5,17}"),
    "FOREIGN_PERMIT": re.compile(r"[A-Z]{3}\d{12}"),  # the card before 2023
    "HMT_PERMIT": re.compile(r"[A-Z]?\d{8,10}"),  # travel permits are accepted beside the residence permit
    "MILITARY": re.compile(r"[\w字第号]{6,20}"),
    "BIRTH_CERTIFICATE": re.compile(r"[A-Z]\d{9}"),
    "HOUSEHOLD_BOOK": re.compile(r"[A-Z0-9]{6,18}"),
}
_RIC_SHAPED = frozenset({"RESIDENT_ID", "HOUSEHOLD_BOOK", "HMT_PERMIT", "FOREIGN_PERMIT"})
KINDS = ("RESIDENT_ID", *_SHAPES)


@dataclass(frozen=True, slots=True)
class Document:
    """One checked document. `born_on` and `sex` stand in it only where its structure tells them."""

    kind: str
    number: str
    born_on: date | None = None
    sex: str = ""

    @property
    def index(self) -> bytes:
        """The blind index of the person this document names."""
        return identity_index(self.kind, self.number)


def normalise(number: str) -> str:
    """Half-width, upper case, without spaces and hyphens: as numbers are compared."""
    text = unicodedata.normalize("NFKC", number).upper()
    return re.sub(r"[\s\-_()（）.]+", "", text)


def masked(number: str) -> str:
    """A document number for lists: the division and the last four of an identity number, the ends of any other."""
    if len(number) >= 15:
        return cover(number, first=6, last=4)
    return cover(number, first=1, last=3)


def check_document(kind: str, number: str, *, on: date) -> Document:
    """Check the number of a document. `on` is the day it is presented.

    :raises InvalidInput: field ``id_number``, with what is wrong and what to do
    """
    text = normalise(number)
    if not text:
        raise _refused(_("请填写证件号码；没有证件的，证件类型选“无证件”。"), "required")
    if kind == "RESIDENT_ID" or (kind in _RIC_SHAPED and len(text) == 18):
        return _check_ric(kind, text, on)
    pattern = _SHAPES.get(kind)
    if pattern is None:
        raise _refused(_("不认识这种证件类型。"), "kind")
    if not pattern.fullmatch(text):
        raise _refused(_("号码格式与证件类型不符，请核对。"), "shape")
    return Document(kind, text)


def _check_ric(kind: str, text: str, on: date) -> Document:
    if re.fullmatch(r"\d{15}", text):
        raise _refused(_("这是 15 位旧身份证号，2013 年起已停用。请用二代身份证或户口簿上的 18 位号码。"), "old-number")
    if not re.fullmatch(r"\d{17}[\dX]", text):
        raise _refused(_("居民身份证号应为 18 位：前 17 位是数字，末位是数字或 X。"), "shape")
    if text[:2] not in _PROVINCES:
        raise _refused(_("前两位“%(code)s”不是省级行政区划代码，请核对。") % {"code": text[:2]}, "province")
    try:
        born_on = ric.get_birth_date(text)
    except ValueError:
        raise _refused(
            _("第 7–14 位“%(digits)s”不是一个日期，请核对。") % {"digits": text[6:14]}, "birth-date"
        ) from None
    check_birth_date(born_on, on=on, field="id_number")
    if ric.calc_check_digit(text) != text[17]:
        raise _refused(_("校验位不符，号码中至少有一位有误，请对照证件逐位核对。"), "check-digit")
    return Document(kind, text, born_on, "1" if int(text[16]) % 2 else "2")


def check_birth_date(born_on: date, *, on: date, field: str = "born_on") -> None:
    """:raises InvalidInput: in the future, or more than 130 years ago"""
    if born_on > on:
        raise _refused(_("出生日期在今天之后，请核对。"), "born-in-future", field)
    if on.year - born_on.year > MAX_AGE_YEARS:
        raise _refused(_("出生日期距今超过 130 年，请核对。"), "too-old", field)


def check_agreement(document: Document, *, born_on: date, sex: str) -> None:
    """A document that tells birth date and sex must tell the same as the form.

    :raises InvalidInput: field ``born_on`` or ``sex``
    """
    if document.born_on and document.born_on != born_on:
        message = _("出生日期与证件号码中的 %(date)s 不一致。") % {"date": document.born_on.isoformat()}
        raise InvalidInput(message, fields={"born_on": message}, code="id-born_on-differs")
    if document.sex and sex != document.sex:
        reason = _("性别与证件号码第 17 位不一致，请核对证件号码和性别。")
        raise InvalidInput(reason, fields={"sex": reason}, code="id-sex-differs")


def identity_index(kind: str, number: str) -> bytes:
    """The blind index of a document. A household book with an 18-digit number names the same person as the card."""
    if kind == "HOUSEHOLD_BOOK" and re.fullmatch(r"\d{17}[\dX]", number):
        kind = "RESIDENT_ID"
    return blind_index("resident-identity", f"{kind}:{number}")


def identity_without_document(*, name: str, sex: str, born_on: date, anchor: str) -> bytes:
    """The blind index of a person without a document. `anchor` is a guardian's identity number or a telephone number.

    Two newborns of one mother must have two names (长女、次女); that is asked for, not guessed.
    """
    return blind_index("resident-identity", f"NONE:{name}|{sex}|{born_on.isoformat()}|{normalise(anchor)}")


def possible_indexes(number: str) -> list[bytes]:
    """Every index an exact number may stand under, whatever document it is on."""
    text = normalise(number)
    return [identity_index(kind, text) for kind in KINDS]


def normalise_phone(phone: str) -> str:
    """A telephone number as digits: mobile, or land line with area code. Empty stays empty.

    :raises InvalidInput: field ``phone``
    """
    text = re.sub(r"[\s\-()（）]+", "", unicodedata.normalize("NFKC", phone))
    text = re.sub(r"^(\+|00)86", "", text)
    if not text:
        return ""
    if not re.fullmatch(r"1[3-9]\d{9}|0\d{2,3}[2-9]\d{6,7}|\+\d{7,15}", text):
        raise _refused(_("电话号码应为 11 位手机号，或带区号的固定电话。"), "phone", "phone")
    return text


def phone_index(phone: str) -> bytes:
    """The blind index of a normalised telephone number."""
    return blind_index("resident-phone", phone)


def card_index(card: str) -> bytes:
    """The blind index of an electronic health card or social-security card."""
    return blind_index("resident-card", normalise(card))


def _refused(message: object, code: str, field: str = "id_number") -> InvalidInput:
    return InvalidInput(message, fields={field: message}, code=f"id-{code}")
