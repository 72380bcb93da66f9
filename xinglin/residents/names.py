"""Names of people: how they are written, and how they are found by pinyin and initials.

Chinese names, names of the minorities with their middle dots, and foreign names in Latin letters are all ordinary. What
is not part of a name (markup, pictures, characters nobody sees) is refused, so that no page has to distrust a name.
"""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _
from pypinyin import Style, lazy_pinyin

from xinglin.platform.errors import InvalidInput

MAX_LENGTH = 40
#: Ways people type the dot between the parts of a name; GB/T 28039 writes U+00B7.
_DOTS = "•・‧∙⋅●．｡。"
_MARKS = "·-'.’ "
_HAN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

#: Readings of characters that are read otherwise as a family name (Ci Hai; Xinhua dictionary). Two characters first.
SURNAME_READINGS = {
    "万俟": ("mo", "qi"),
    "尉迟": ("yu", "chi"),
    "令狐": ("ling", "hu"),
    "单于": ("chan", "yu"),
    "长孙": ("zhang", "sun"),
    "澹台": ("tan", "tai"),
    "夏侯": ("xia", "hou"),
    "诸葛": ("zhu", "ge"),
    "上官": ("shang", "guan"),
    "皇甫": ("huang", "fu"),
    "宰父": ("zai", "fu"),
    "亓官": ("qi", "guan"),
    "鲜于": ("xian", "yu"),
    "呼延": ("hu", "yan"),
    "子车": ("zi", "ju"),
    "单": ("shan",),
    "曾": ("zeng",),
    "仇": ("qiu",),
    "解": ("xie",),
    "区": ("ou",),
    "查": ("zha",),
    "任": ("ren",),
    "盖": ("ge",),
    "朴": ("piao",),
    "覃": ("qin",),
    "乐": ("yue",),
    "员": ("yun",),
    "缪": ("miao",),
    "华": ("hua",),
    "种": ("chong",),
    "尹": ("yin",),
    "折": ("she",),
    "黑": ("he",),
    "秘": ("bi",),
    "冼": ("xian",),
    "繁": ("po",),
    "燕": ("yan",),
    "纪": ("ji",),
    "宓": ("mi",),
    "逄": ("pang",),
    "逯": ("lu",),
    "郇": ("xun",),
    "召": ("shao",),
    "晁": ("chao",),
    "洗": ("xian",),
    "撒": ("sa",),
    "那": ("na",),
    "哈": ("ha",),
    "占": ("zhan",),
    "重": ("chong",),
    "翟": ("zhai",),
    "能": ("nai",),
    "不": ("fou",),
    "祭": ("zhai",),
    "令": ("ling",),
    "相": ("xiang",),
    "车": ("che",),
    "石": ("shi",),
    "贾": ("jia",),
    "谌": ("chen",),
    "郗": ("xi",),
    "幺": ("yao",),
    "宁": ("ning",),
    "贲": ("ben",),
    "葛": ("ge",),
    "隗": ("wei",),
    "应": ("ying",),
    "於": ("yu",),
    "都": ("du",),
    "牟": ("mu",),
    "佴": ("nai",),
    "卜": ("bu",),
    "钭": ("tou",),
    "句": ("gou",),
    "仉": ("zhang",),
    "褚": ("chu",),
    "过": ("guo",),
    "行": ("xing",),
}


#: Characters whose usual reading inside a given name is not the one a dictionary gives first.
_GIVEN_READINGS = {
    "长": "chang",
    "曾": "zeng",
    "朝": "chao",
    "盛": "sheng",
    "贤": "xian",
    "茜": "qian",
    "璟": "jing",
    "娜": "na",
}


def normalise(name: str) -> str:
    """The name as it is kept: composed, half-width, one kind of middle dot, no space between Chinese characters.

    :raises InvalidInput: empty, longer than 40 characters, or with characters that are not part of a name
    """
    unseen = next((c for c in name.strip() if unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs", "Cn"}), "")
    if unseen:
        raise _refused(_("姓名中有不可见的控制字符，请重新键入，不要粘贴。"), "invisible")
    text = "".join("·" if c in _DOTS else c for c in name)
    text = unicodedata.normalize("NFKC", text)
    text = "".join("·" if c in _DOTS else c for c in text).replace("’", "'")
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"\s*·[\s·]*", "·", text)
    text = re.sub(rf"(?<={_HAN.pattern}) (?={_HAN.pattern})", "", text)
    if not text:
        raise _refused(_("请填写姓名。"), "required")
    if len(text) > MAX_LENGTH:
        raise _refused(_("姓名最多 40 个字符。"), "too-long")
    for character in text:
        if character not in _MARKS and unicodedata.category(character)[0] not in "LM":
            raise _refused(
                _("姓名只能用文字、间隔号“·”、空格、连字符和撇号，不能有“%(character)s”。") % {"character": character},
                "characters",
            )
    if not unicodedata.category(text[0]).startswith("L") or text[-1] in "·- '":
        raise _refused(_("姓名应以文字开头和结尾。"), "edges")
    return text


def pinyin(name: str) -> str:
    """The whole name in lower-case letters without spaces, e.g. ``shanxiongxin``; ü is written v, as it is typed."""
    return "".join(_syllables(name))[:160]


def initials(name: str) -> str:
    """The first letter of each character (of each word, for a foreign name), e.g. ``sxx``."""
    return "".join(syllable[0] for syllable in _syllables(name))[:40]


def similar(one: str, other: str) -> bool:
    """Whether two names differ by one character at most, or sound the same: typical slips of the pen."""
    if one == other or (pinyin(one) and pinyin(one) == pinyin(other)):
        return True
    if len(one) < 2 or abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    if len(short) == len(long):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1 and len(one) > 2
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long))) and len(short) > 1


def masked(name: str) -> str:
    """The name with its middle covered: 王*, 王*麦, J***n. For those who do not (yet) see the person."""
    if len(name) <= 2:
        return name[:1] + "*"
    return name[0] + "*" * min(len(name) - 2, 3) + name[-1]


def _syllables(name: str) -> list[str]:
    if not _HAN.search(name):
        return [word for word in re.split(r"[^a-z]+", _plain_letters(name)) if word]
    for length in (2, 1):
        reading = SURNAME_READINGS.get(name[:length])
        if reading and (length == 1 or len(name) > 2) and "·" not in name:
            return [*reading, *_read(name[length:])]
    return _read(name)


def _read(text: str) -> list[str]:
    """One syllable for each Chinese character; other letters stay together as words."""
    found: list[str] = []
    for character, part in _parts(text):
        usual = _GIVEN_READINGS.get(character)
        found += [usual] if usual else [word for word in re.split(r"[^a-z]+", _plain_letters(part)) if word]
    return found


def _parts(text: str) -> list[tuple[str, str]]:
    """Pieces of a name with their readings, read together so that pypinyin knows the word a character stands in."""
    pieces = re.findall(rf"{_HAN.pattern}|(?:(?!{_HAN.pattern}).)+", text)
    read = lazy_pinyin(text, style=Style.NORMAL, errors=lambda rest: rest)
    if len(read) != len(pieces):  # a rare character without a reading joined its neighbours
        read = [lazy_pinyin(piece, style=Style.NORMAL, errors=lambda rest: rest)[0] for piece in pieces]
    return list(zip(pieces, read, strict=True))


def _plain_letters(text: str) -> str:
    """Latin letters without their accents, lower case."""
    bare = unicodedata.normalize("NFKD", text.replace("ü", "v").replace("Ü", "v"))
    return "".join(c for c in bare if not unicodedata.combining(c)).lower()


def _refused(message: object, code: str) -> InvalidInput:
    return InvalidInput(message, fields={"name": message}, code=f"name-{code}")
