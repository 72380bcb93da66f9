"""The head of a definition, checked in words before anything else of it is read."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from xinglin.platform.definitions import MARKS, REQUIRED
from xinglin.programmes.rules.reader import Fault

#: A programme has some hundred lines; this is a hundred times as much.
MOST_BYTES = 256 * 1024
_AT = re.compile(r"(?P<why>.*?) \(at line (?P<line>\d+), column (?P<column>\d+)\)")
_SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}")


def faults_of_head(text: str, file: str) -> tuple[dict[str, Any], list[Fault]]:
    """What the text holds as tables, and what is wrong with its form and its head; with faults nothing more can be read."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        return {}, [Fault(file, "", _("文件太大：最多 %(kb)d KB。") % {"kb": MOST_BYTES // 1024})]
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return {}, [_not_toml(str(error), text, file)]
    except (RecursionError, ValueError):
        return {}, [Fault(file, "", _("括号嵌套太深，无法读取。"))]
    return raw, [Fault(file, place, message) for place, message in _head(raw)]


def _not_toml(said: str, text: str, file: str) -> Fault:
    found = _AT.search(said)
    why, line = (found["why"], int(found["line"])) if found else (said, text.count("\n") + 1)
    column = int(found["column"]) if found else 1
    words = {"column": column, "why": why}
    return Fault(file, "", _("第%(column)d列写法有误，不是有效的 TOML（%(why)s）。") % words, line)


def _head(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in sorted(REQUIRED - raw.keys()):
        yield key, _("缺少这一项。")
    for key in ("slug", "source", "mark", "author", "checker"):
        if key in raw and not (isinstance(raw[key], str) and raw[key].strip()):
            yield key, _("应为一段文字。")
    if isinstance(raw.get("slug"), str) and not _SLUG.fullmatch(raw["slug"]):
        yield "slug", _("只用小写字母、数字和连字符，以字母开头，最多40个字符。")
    title = raw.get("title", {"zh": "x", "en": "x"})
    if not (isinstance(title, Mapping) and all(isinstance(title.get(key), str) and title[key] for key in ("zh", "en"))):
        yield "title", _("应有中文（zh）和英文（en）。")
    if isinstance(raw.get("mark"), str) and raw["mark"].split(":")[0] not in MARKS:
        yield "mark", _("应为下列之一：%(names)s。") % {"names": ", ".join(sorted(MARKS))}
    for key in ("valid_from", "valid_until", "next_review"):
        if key in raw and (not isinstance(raw[key], date) or isinstance(raw[key], datetime)):
            yield key, _("应为日期，如 2027-01-01，不加引号。")
    if "author" in raw and raw.get("author") == raw.get("checker"):
        yield "checker", _("起草人和审核人不能是同一人。")
    if not isinstance(raw.get("examples", []), list) or any(
        not isinstance(each, dict) for each in raw.get("examples", [])
    ):
        yield "examples", _("应为若干张表。")
