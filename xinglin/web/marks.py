"""How far a definition's number can be trusted, in words for the reader. A mark is written ``kind`` or ``local: place, place``."""

from functools import lru_cache

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from xinglin.platform import definitions
from xinglin.web.formats import aside_text

KINDS: dict[str, Promise] = {
    "national": _("国家文件"), "national, second-hand": _("国家文件（转引）"), "local": _("本地"), "default": _("平台默认，待核定"),
    "inferred": _("推断"),
}  # fmt: skip
#: Places as definitions write them. Another place, for instance of a county's own definition, is said as it is written.
PLACES: dict[str, Promise] = {
    "Xuecheng": pgettext_lazy("place", "薛城"), "Shouguang": pgettext_lazy("place", "寿光"),
    "Weifang": pgettext_lazy("place", "潍坊"), "Weihai": pgettext_lazy("place", "威海"),
    "Weihai-district": pgettext_lazy("place", "威海的一个区"), "Rongcheng": pgettext_lazy("place", "荣成"),
    "Weinan": pgettext_lazy("place", "渭南"), "Qinghai": pgettext_lazy("place", "青海"),
    "a county": pgettext_lazy("place", "一个县（未记名）"), "a place": pgettext_lazy("place", "一个地方（未记名）"),
}  # fmt: skip


def mark_named(mark: str) -> str:
    """The words of a mark, with its places."""
    kind, _colon, rest = mark.partition(":")
    places = [str(PLACES.get(each.strip(), each.strip())) for each in rest.split(",") if each.strip()]
    return str(KINDS.get(kind, kind)) + (f" · {', '.join(places)}" if places else "")


def source_said(source: str) -> str:
    """Where a number comes from, in the reader's language: definitions name it in Chinese, ``definitions/sources/`` has the English.

    A source that nobody translated, for instance of a county's own definition, is said as it is written.
    """
    if not (get_language() or "").startswith("en"):
        return source
    return _english(str(settings.COUNTY_DEFINITIONS_DIR)).get(source, source)


def cited(source: str, mark: str) -> str:
    """A source with how far it can be trusted: ``国家基本公共卫生服务规范（平台默认，待核定）``."""
    return aside_text(source_said(source), mark_named(mark))


@lru_cache(maxsize=4)
def _english(county_folder: str) -> dict[str, str]:
    return {row["zh"]: row["en"] for each in definitions.load("sources") for row in each.content.get("sources", ())}
