"""From what a device wrote to values in our units, or to the reason why it cannot be taken. Reads no row."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from xinglin.readings import rules
from xinglin.readings.data import REFUSALS, WHO_KINDS, Answer, Given, GivenValue

MOST_AHEAD = timedelta(hours=14)  # no clock on earth differs more


@dataclass(frozen=True, slots=True)
class Value:
    """One value in the unit it is kept in, and as it was given."""

    quantity: rules.Quantity
    value: Decimal
    given: GivenValue


@dataclass(frozen=True, slots=True)
class Understood:
    """One measurement that can be taken."""

    given: Given
    measured_at: datetime
    values: tuple[Value, ...]
    is_late: bool

    @property
    def by_item(self) -> dict[str, Decimal]:
        """Values by the code of their item."""
        return {each.quantity.code: each.value for each in self.values}

    @property
    def measurement(self) -> bytes:
        """The same for one measurement, whatever brought it: its minute and its values."""
        values = sorted((code, str(value)) for code, value in self.by_item.items())
        return _digest([int(self.measured_at.timestamp()) // 60, values])


def fingerprint(given: Given) -> bytes:
    """Of what a device said: equal for equal content."""
    values = sorted([each.code, str(each.value), each.unit] for each in given.values)
    return _digest([given.measured_at, given.who_kind, given.who, values])


def understand(given: Given, kind: rules.DeviceKind, *, at: datetime) -> Understood | Answer:
    """A measurement of a kind of device, or its refusal."""
    measured_at = moment(given.measured_at)
    if measured_at is None:
        return refusal(given, "bad-time", place="measured_at")
    if measured_at > at + timedelta(seconds=rules.limit("future_seconds")):
        return refusal(given, "in-future", place="measured_at")
    if measured_at < at - timedelta(days=rules.limit("oldest_days")):
        return refusal(given, "too-old", place="measured_at")
    if given.who_kind and given.who_kind not in WHO_KINDS:
        return refusal(given, "unknown-who", place="who")
    values = _values(given, kind)
    if isinstance(values, Answer):
        return values
    is_late = measured_at < at - timedelta(hours=rules.limit("late_hours"))
    return Understood(given, measured_at, tuple(values.values()), is_late)


def moment(text: str) -> datetime | None:
    """A moment with its time zone; None when it is none."""
    try:
        found = parse_datetime(text)
        # an offset beyond any on earth, or a year that cannot be moved to another zone, is no moment
        return found if found and is_aware(found) and abs(found.utcoffset() or timedelta()) <= MOST_AHEAD else None
    except (ValueError, OverflowError):
        return None


def _values(given: Given, kind: rules.DeviceKind) -> Mapping[str, Value] | Answer:
    found: dict[str, Value] = {}
    for number, each in enumerate(given.values):
        if each.code in kind.left_out:
            continue
        place = f"values.{number}"
        value = _value(given, each, kind, place)
        if isinstance(value, Answer):
            return value
        if value.quantity.code in found:
            return refusal(given, "twice", place=place, what=value.quantity.label)
        found[value.quantity.code] = value
    if not found:
        return refusal(given, "no-values", place="values")
    if not kind.is_whole(frozenset(found)):
        return refusal(given, "incomplete", place="values")
    if {"systolic", "diastolic"} <= found.keys() and found["systolic"].value <= found["diastolic"].value:
        return refusal(given, "pressure-order", place="values")
    return found


def _value(given: Given, each: GivenValue, kind: rules.DeviceKind, place: str) -> Value | Answer:
    quantity = rules.item_of(each.code, kind)
    if quantity is None:
        return refusal(given, "not-of-kind", place=f"{place}.code", what=each.code)
    figure = rules.number(each.value)
    if figure is None:
        return refusal(given, "not-a-number", place=f"{place}.value", what=str(each.value)[:20])
    value = quantity.kept(figure, each.unit)
    if value is None:
        return refusal(given, "unknown-unit", place=f"{place}.unit", what=each.unit)
    if not quantity.low <= value <= quantity.high:
        what = f"{quantity.label} {value} {quantity.shown_unit}"
        return refusal(given, "implausible", place=f"{place}.value", what=what)
    return Value(quantity, value, each)


def refusal(given: Given, code: str, *, place: str = "", **words: object) -> Answer:
    """Why one measurement is not taken, in the language of the asker."""
    message = str(REFUSALS[code])
    return Answer(given.record_id, "refused", code, message % words if words else message, place=place)


def _digest(content: object) -> bytes:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).digest()
