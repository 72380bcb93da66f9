"""Finding a resident: by name, pinyin, initials, document, telephone, card, birth date or record number.

A search never reaches beyond the rosters of the places where the actor may search, and each one is written down: what
kind it was and how many it found, never what was typed.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.api import Permission
from xinglin.platform import audit
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput, NotVisible, wrong
from xinglin.platform.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xinglin.residents import hot, identity
from xinglin.residents.events import Event
from xinglin.residents.models import Resident
from xinglin.residents.queries import residents_visible_to

KINDS = ("auto", "name", "pinyin", "id", "phone", "card", "born", "number")
MAX_TEXT = 60
#: Roster column that answers each kind of text.
_ROSTER_COLUMNS = {"name": "name", "initials": "initials", "pinyin": "pinyin"}
_LAST = "\U0010ffff"

# Of each roster the first rows after the cursor, straight from its index; then the first of them all.
_PREFIX = """
SELECT DISTINCT key, resident_id FROM unnest(%(places)s::bigint[]) AS place CROSS JOIN LATERAL (
  SELECT e.{column} AS key, e.resident_id FROM residents_rosterentry e JOIN residents_resident r ON r.id = e.resident_id
  WHERE e.facility_id = place AND e.{column} >= %(low)s::text AND e.{column} < %(high)s::text
    AND (e.{column}, e.resident_id) > (%(after_key)s::text, %(after_id)s::bigint)
    AND (e.until IS NULL OR e.until > %(at)s::timestamptz) AND r.status <> 'MERGED'
  ORDER BY e.{column}, e.resident_id LIMIT %(limit)s::int
) AS found ORDER BY key, resident_id LIMIT %(limit)s::int
"""
_PREFIX_EVERYWHERE = """
SELECT DISTINCT e.{column} AS key, e.resident_id
FROM residents_rosterentry e JOIN residents_resident r ON r.id = e.resident_id
WHERE e.{column} >= %(low)s::text AND e.{column} < %(high)s::text
  AND (e.{column}, e.resident_id) > (%(after_key)s::text, %(after_id)s::bigint)
  AND (e.until IS NULL OR e.until > %(at)s::timestamptz) AND r.status <> 'MERGED'
ORDER BY key, resident_id LIMIT %(limit)s::int
"""
_INSIDE = """
SELECT DISTINCT e.name AS key, e.resident_id
FROM residents_rosterentry e JOIN residents_resident r ON r.id = e.resident_id
WHERE (%(places)s::bigint[] IS NULL OR e.facility_id = ANY(%(places)s)) AND e.name LIKE %(pattern)s::text
  AND (e.name, e.resident_id) > (%(after_key)s::text, %(after_id)s::bigint)
  AND (e.until IS NULL OR e.until > %(at)s::timestamptz) AND r.status <> 'MERGED'
ORDER BY key, resident_id LIMIT %(limit)s::int
"""


#: By way, and whether everywhere: the whole statement, made once so that it is prepared once.
STATEMENTS = {
    **{(way, False): hot.people(_PREFIX.format(column=column)) for way, column in _ROSTER_COLUMNS.items()},
    **{(way, True): hot.people(_PREFIX_EVERYWHERE.format(column=column)) for way, column in _ROSTER_COLUMNS.items()},
    ("inside", False): hot.people(_INSIDE),
}


@dataclass(frozen=True, slots=True)
class Question:
    """What was typed, understood: a `kind` of `KINDS` (or ``document``: some other number) and the cleaned text."""

    kind: str
    text: str
    born_on: date | None = None


def understand(text: str, by: str = "auto") -> Question:
    """What kind of thing was typed. :raises InvalidInput: too long, not readable, or not of the kind asked for"""
    cleaned = " ".join(unicodedata.normalize("NFKC", text).split())
    if len(cleaned) > MAX_TEXT or any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in cleaned):
        raise _refused(_("查找内容过长，或含有不可见的字符。"))
    if by not in KINDS:
        raise InvalidInput(_("不支持这种查找方式。"), fields={"by": _("不支持这种查找方式。")})
    if not cleaned:
        return Question("none", "")
    if by == "born":
        born_on = _birth_date(cleaned)
        if born_on is None:
            raise _refused(_("出生日期请写成 1963-04-15 或 19630415。"))
        return Question("born", cleaned, born_on)
    if by == "pinyin":
        return Question("pinyin", _letters(cleaned))
    return _guess(cleaned) if by == "auto" else Question(by, cleaned)


def _guess(text: str) -> Question:
    bare = identity.normalise(text)
    if re.fullmatch(r"P\d{6}[0-9A-Z]{6,}", bare) and "-" in text:
        return Question("number", text.upper())
    if re.fullmatch(r"\d{17}[\dX]", bare):
        return Question("id", bare)
    if re.fullmatch(r"(\+?86)?1[3-9]\d{9}|0\d{2,3}[2-9]\d{6,7}", bare.lstrip("+")):
        return Question("phone", text)
    if born_on := _birth_date(text):
        return Question("born", text, born_on)
    if re.fullmatch(r"[A-Za-zÀ-ɏ ']+", text):
        return Question("pinyin", _letters(text))
    if bare.isascii() and any(c.isdecimal() for c in bare):
        return Question("document", bare)
    return Question("name", re.sub(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])", "", text))


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower().replace("ü", "v"))
    return re.sub(r"[^a-z]", "", plain)


def _birth_date(text: str) -> date | None:
    match = re.fullmatch(r"(\d{4})[-./年]?(\d{1,2})[-./月]?(\d{1,2})日?", text.replace(" ", ""))
    if not match or (text.isdecimal() and len(text) != 8):
        return None
    try:
        found = date(*(int(part) for part in match.groups()))
    except ValueError:
        return None
    return found if 1880 <= found.year <= 2200 else None


def search(
    actor: Actor, text: str, *, by: str = "auto", cursor: str = "", at: datetime, size: int = PAGE_SIZE
) -> Page[Resident]:
    """Residents found, by name within the rosters of the actor's places, twenty a page.

    Nothing typed finds nothing. Two or more Chinese characters that begin no name are looked for inside names.

    :raises NotPermitted: no right to search
    :raises InvalidInput: the text or the cursor cannot be read
    """
    found = search_rows(actor, text, by=by, cursor=cursor, at=at, size=size)
    return Page(_residents([row["id"] for row in found.rows]), found.next_cursor, found.is_first)


def search_rows(
    actor: Actor, text: str, *, by: str = "auto", cursor: str = "", at: datetime, size: int = PAGE_SIZE
) -> Page[dict[str, Any]]:
    """The same as rows of the hot read: one statement finds, shows and records."""
    actor.may(Permission.RESIDENT_SEARCH).require()
    question = understand(text, by)
    if question.kind == "none":
        return Page([])
    if question.kind in {"name", "pinyin"}:
        return _by_text(question, actor, cursor, at, size)
    if question.kind == "id" and not cursor:
        rows = hot.search(
            actor, hot.BY_IDENTITY, kind=question.kind, at=at, limit=size + 1, is_last_try=True,
            indexes=identity.possible_indexes(question.text),
        )  # fmt: skip
        return Page(rows[:size])
    found = _by_index(question, actor, cursor, size)
    shown = [str(row["uuid"]) for row in found.rows]
    told = {"by": question.kind, "n": len(shown), audit.SUBJECTS: shown}
    audit.record(Event.SEARCHED, by=actor, at=at, detail=told)
    return found


def _by_text(question: Question, actor: Actor, cursor: str, at: datetime, size: int) -> Page[dict[str, Any]]:
    """By a prefix of the name, or of initials, then pinyin; the cursor says which of them gave the first page."""
    ways = ["name", "inside"] if question.kind == "name" else ["initials", "pinyin"]
    after_key, after_id = "", 0
    if cursor:
        way, after_key, after_id = decode_cursor(cursor, 3)
        if way not in ways or not isinstance(after_key, str) or not isinstance(after_id, int):
            raise wrong("cursor", _("翻页位置无效，请从第一页重新开始。"))
        ways = [way]
    if len(question.text) < 2:
        ways = [way for way in ways if way != "inside"]
    rows: list[dict[str, Any]] = []
    way = ways[0]
    for way in ways:
        rows = _rows(way, question.text, actor, (after_key, after_id), at, size + 1, is_last_try=way == ways[-1])
        if rows:
            break
    following = encode_cursor([way, rows[size - 1]["key"], rows[size - 1]["id"]]) if len(rows) > size else ""
    return Page(rows[:size], following, is_first=not cursor)


def _rows(
    way: str, text: str, actor: Actor, after: tuple[str, int], at: datetime, limit: int, *, is_last_try: bool
) -> list[dict[str, Any]]:
    everywhere = actor.places_where(Permission.RESIDENT_SEARCH) is None
    values = {"after_key": after[0], "after_id": after[1]}
    if way == "inside":
        values["pattern"] = "%" + re.sub(r"([%_\\])", r"\\\1", text) + "%"
    else:
        values |= {"low": text, "high": text + _LAST}
    statement = STATEMENTS[way, everywhere and way != "inside"]
    return hot.search(actor, statement, kind=way, at=at, limit=limit, is_last_try=is_last_try, **values)


def _residents(ids: Sequence[int]) -> list[Resident]:
    found = Resident.objects.select_related("managed_by").in_bulk(list(ids))
    return [found[each] for each in ids if each in found]


def _by_index(question: Question, actor: Actor, cursor: str, size: int) -> Page[dict[str, Any]]:
    """By a column of the resident himself; of a merged registration its survivor is found."""
    seen = residents_visible_to(actor, Permission.RESIDENT_SEARCH).select_related(
        "managed_by", "merged_into", "merged_into__managed_by"
    )
    after = 0
    if cursor:
        (after,) = decode_cursor(cursor, 1)
        if not isinstance(after, int):
            raise wrong("cursor", _("翻页位置无效，请从第一页重新开始。"))
    rows = list(_narrowed(seen, question).filter(pk__gt=after).order_by("pk")[: size + 1])
    following = encode_cursor([rows[size - 1].pk]) if len(rows) > size else ""
    people = {(row.merged_into or row).pk: row.merged_into or row for row in rows[:size]}
    return Page([_row_of(each) for each in people.values()], following, is_first=not cursor)


def _row_of(resident: Resident) -> dict[str, Any]:
    row = {name: getattr(resident, name) for name in hot.ROW_NAMES}
    return {**row, "facility_uuid": resident.managed_by.uuid, "facility_name": resident.managed_by.name}


def _narrowed(seen: QuerySet[Resident], question: Question) -> QuerySet[Resident]:
    if question.born_on is not None:
        return seen.filter(born_on=question.born_on)
    if question.kind == "number":
        return seen.filter(number=question.text)
    if question.kind == "phone":
        return seen.filter(phone_index=identity.phone_index(identity.normalise_phone(question.text)))
    if question.kind == "card":
        return seen.filter(card_index=identity.card_index(question.text))
    by_document = Q(identity_index__in=identity.possible_indexes(question.text))
    if question.kind == "document":
        by_document |= Q(card_index=identity.card_index(question.text))
    return seen.filter(by_document)


def _refused(message: object) -> InvalidInput:
    return InvalidInput(message, fields={"q": message})


def resident_said(actor: Actor, text: str, *, at: datetime) -> Resident:
    """The one resident in scope that a record number, identity number or full name names.

    :raises NotVisible: nobody, or more than one
    """
    found = search(actor, text, at=at, size=2).rows
    exact = [row for row in found if text.strip() in {row.name, row.number}] or list(found)
    if len(exact) != 1:
        raise NotVisible("residents.resident")
    return exact[0]
