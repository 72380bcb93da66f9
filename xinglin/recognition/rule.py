"""Whether a result may stand for an item that is about to be ordered. Pure: no database, no clock.

The ground is 国卫医发〔2022〕6号; the conditions are those of the county's working rules (recognition of results): the item
is in the catalogue and active, its scope covers both units, the result lies inside the item's window, its unit holds a
valid mark, the report is released, it is the same person.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from xinglin.recognition.data import CARRIES, Level, Reach

RELEASED = frozenset({"FINAL", "AMENDED"})
POOR = frozenset({"C", "WASTE"})
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the catalogue. `fen`: its price, for what recognition saved; `also`: items whose results answer it."""

    code: str
    kind: str
    title: str
    days: int
    scope: Reach
    own_mark: bool
    fen: int
    version: str
    also: tuple[str, ...] = ()
    is_serial: bool = False
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """What is known of one result, as the rule needs it.

    `codes`: the items examined. `reach`: from the ordering unit to the one that signed. `level`: of the mark that unit
    holds for the item on this day. `newer_at`: when the same was examined again, if it was.
    """

    codes: frozenset[str]
    kind: str
    status: str
    examined_at: datetime
    reach: Reach
    level: Level | None = None
    grades: frozenset[str] = frozenset()
    is_critical: bool = False
    is_abnormal: bool = False
    is_same_person: bool = True
    newer_at: datetime | None = None


class Miss(StrEnum):
    """Why a result cannot stand for an order."""

    NOT_LISTED = "not-listed"
    NOT_ACTIVE = "not-active"
    OTHER_ITEM = "other-item"
    OTHER_PERSON = "other-person"
    NOT_RELEASED = "not-released"
    TOO_OLD = "too-old"
    IN_FUTURE = "in-future"
    SUPERSEDED = "superseded"
    OUT_OF_SCOPE = "out-of-scope"
    NO_MARK = "no-mark"
    POOR_QUALITY = "poor-quality"
    CRITICAL = "critical"
    SERIAL = "serial"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of the rule: recognisable when nothing speaks against it. `beyond`: days past the window."""

    misses: tuple[Miss, ...] = ()
    beyond: int = 0

    def __bool__(self) -> bool:
        return not self.misses


def judge(item: Item | None, result: Result, *, at: datetime) -> Verdict:
    """Hold one result against one item at the moment of ordering; every reason against it is named."""
    if item is None:
        return Verdict((Miss.NOT_LISTED,))
    misses = [miss for miss, holds in _reasons(item, result, at) if holds]
    return Verdict(tuple(misses), days_beyond(item, result.examined_at, at=at))


def _reasons(item: Item, result: Result, at: datetime) -> tuple[tuple[Miss, bool], ...]:
    return (
        (Miss.NOT_ACTIVE, not item.is_active),
        (Miss.OTHER_ITEM, result.kind != item.kind or not result.codes & {item.code, *item.also}),
        (Miss.OTHER_PERSON, not result.is_same_person),
        (Miss.NOT_RELEASED, result.status not in RELEASED),
        (Miss.TOO_OLD, at - result.examined_at > item.days * _DAY),
        (Miss.IN_FUTURE, result.examined_at > at),
        (Miss.SUPERSEDED, result.newer_at is not None and result.newer_at > result.examined_at),
        (Miss.OUT_OF_SCOPE, result.reach > item.scope),
        (Miss.NO_MARK, not _is_marked(item, result)),
        (Miss.POOR_QUALITY, bool(result.grades & POOR)),
        (Miss.CRITICAL, result.is_critical),
        (Miss.SERIAL, item.is_serial and result.is_abnormal),
    )


def _is_marked(item: Item, result: Result) -> bool:
    """Whether the unit's mark carries as far as the result has come; at home none is needed unless the item says so."""
    if result.reach == Reach.CONSORTIUM and not item.own_mark:
        return True
    return result.level is not None and CARRIES[Level(result.level)] >= result.reach


def days_beyond(item: Item, examined_at: datetime, *, at: datetime) -> int:
    """By how many days, begun ones counted, a result is past the window of the item; 0 inside it."""
    over = at - examined_at - item.days * _DAY
    return max(0, -(-over // _DAY))


def age_in_days(examined_at: datetime, *, at: datetime) -> int:
    """Whole days since the examination."""
    return max(0, (at - examined_at) // _DAY)
