"""Whether a file names the person it was sent for. Pure: no database, no answer in words.

Devices write names in Chinese or in pinyin, often nothing, often a number of their own. Only what can be compared is
compared: an absent value is no mismatch.
"""

import re
import unicodedata
from datetime import date

from xinglin.diagnostics.data import PatientInFile

#: Names that devices and exports write when nobody typed one, or when the file was made anonymous.
NOBODY = frozenset(
    {"", "anonymous", "anon", "anonymized", "unknown", "noname", "none", "test", "匿名", "未知", "无名氏", "测试"}
)
NAME, IDENTITY, BIRTH, SEX = "other-name", "other-identity", "other-birth-date", "other-sex"
_RESIDENT_ID = re.compile(r"^\d{17}[\dXx]$")
_SEXES = {"M": "1", "F": "2"}


def mismatches(
    patient: PatientInFile, *, name: str, pinyin: str, born_on: date, sex: str, id_number: str | None
) -> list[str]:
    """What in the file says that it is somebody else: codes of `NAME`, `IDENTITY`, `BIRTH`, `SEX`; empty if nothing.

    `sex` is a code of GB/T 2261.1, `pinyin` the name in lower case without spaces.
    """
    found = []
    if not same_name(patient.name, name, pinyin):
        found.append(NAME)
    if _RESIDENT_ID.match(patient.id.strip()) and id_number and patient.id.strip().upper() != id_number.upper():
        found.append(IDENTITY)
    if patient.birth_date is not None and patient.birth_date != born_on:
        found.append(BIRTH)
    if patient.sex in _SEXES and sex in _SEXES.values() and _SEXES[patient.sex] != sex:
        found.append(SEX)
    return found


def same_name(written: str, name: str, pinyin: str) -> bool:
    """Whether the name in the file can be the resident's: in characters, or in pinyin in either order of its parts."""
    groups = [_letters(group) for group in written.split("=")]  # DICOM: alphabetic=ideographic=phonetic
    groups = [parts for parts in groups if "".join(parts) not in NOBODY]
    if not groups:
        return True
    plain, spelled = "".join(_letters(name)), "".join(_letters(pinyin))
    wanted = {word for word in (plain, spelled) if word}
    return any({"".join(parts), "".join(reversed(parts)), "".join(parts[1:] + parts[:1])} & wanted for parts in groups)


def _letters(text: str) -> list[str]:
    """Words of a name, in lower case, without marks."""
    folded = unicodedata.normalize("NFKD", text).lower()
    return re.findall(r"[a-z0-9\u3400-\u9fff]+", "".join(c for c in folded if not unicodedata.combining(c)))
