"""Rows of facts in blocks, drawn by NumPy. Each block has a stream of its own: seed, table, month, number of the block."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from synth.facts import BLOCK, YEAR

if TYPE_CHECKING:
    from synth.facts import Layout
    from synth.facts_known import Known

Numbers = npt.NDArray[Any]
_EPOCH = date(1970, 1, 1)
TIERS, STATES = ("COUNTY", "TOWNSHIP", "VILLAGE"), ("SIGNED", "OPEN", "VOIDED")
CODES = ("I10", "E11.9", "J06.9", "K29.5", "M54.5", "J20.9", "I25.1", "N39.0")
DAYS, MINUTES = 28, 28 * 1440  # a visit begins on one of the first days of a month, whatever its length
COUNTY, TOWNSHIP, VILLAGE = range(3)
HALF = 5  # digits of one half of a running number
_DIGITS = np.array([list(f"{n:05}".encode()) for n in range(10**HALF)], np.uint8)


def days(on: date) -> int:
    """A day as Arrow keeps it."""
    return (on - _EPOCH).days


def home_of(layout: "Layout", persons: Numbers) -> Numbers:
    """The clinic of the village somebody lives in."""
    clinic = layout.of_county + layout.of_townships + (persons // layout.consortia) % layout.of_villages
    found: Numbers = (persons % layout.consortia) * layout.facilities_each + clinic + 1
    return found


def _placed(layout: "Layout", facilities: Numbers) -> tuple[Numbers, Numbers]:
    """The number of the consortium, and of the facility within it; those beyond the last belong to it."""
    of = np.minimum((facilities - 1) // layout.facilities_each, layout.consortia - 1)
    return of, facilities - 1 - of * layout.facilities_each


def tier_of(layout: "Layout", facilities: Numbers) -> Numbers:
    """0 of the county, 1 of a township, 2 of a village."""
    _of, place = _placed(layout, facilities)
    found: Numbers = (place >= layout.of_county).astype(np.int8) + (place >= layout.of_county + layout.of_townships)
    return found


def township_of(layout: "Layout", facilities: Numbers) -> Numbers:
    """The number of the township a facility lies in; hospitals of the county lie in the first of it."""
    of, place = _placed(layout, facilities)
    inside = np.where(place < layout.of_county, 0, (place - layout.of_county) % layout.of_townships)
    found: Numbers = of * layout.of_townships + inside
    return found


def township_codes(layout: "Layout") -> list[str]:
    """Codes of the townships, by their number."""
    return [f"{370100 + of}{100 + at:03}" for of in range(layout.consortia) for at in range(layout.of_townships)]


def born_of(persons: Numbers) -> Numbers:
    """The first of a month in the last 90 years, as days; years are taken at random, months in turn."""
    year = YEAR - 1 - (persons * 7919 + 13) % 90
    month = 1 + persons % 12
    found: Numbers = ((year - 1970) * 12 + month - 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int32)
    return found


def _rng(layout: "Layout", table: int, month: str = "", block: int = 0) -> np.random.Generator:
    number = int(month.replace("-", "")) if month else 0
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([layout.seed, table, number, block])))


def _blocks(n: int) -> Iterator[tuple[int, int]]:
    """First row and size of each block."""
    for first in range(0, n, BLOCK):
        yield first, min(BLOCK, n - first)


def _named(prefix: str, numbers: Numbers) -> pa.Array:
    """Running numbers with a prefix, of one width: they stand in order. Their letters are written into one block."""
    head = np.frombuffer(prefix.encode(), np.uint8)
    letters = np.empty((numbers.size, head.size + 2 * HALF), np.uint8)
    letters[:, : head.size] = head
    high, low = np.divmod(numbers, 10**HALF)
    letters[:, head.size : -HALF] = _DIGITS[high]
    letters[:, -HALF:] = _DIGITS[low]
    offsets = np.arange(numbers.size + 1, dtype=np.int32) * letters.shape[1]
    return pa.Array.from_buffers(pa.string(), numbers.size, [None, pa.py_buffer(offsets), pa.py_buffer(letters)])


def _of(words: tuple[str, ...], codes: Numbers) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), pa.array(words)).dictionary_decode()


def _always(value: Any, n: int, kind: pa.DataType | None = None) -> pa.Array:
    return pa.repeat(pa.scalar(value, kind) if kind else pa.scalar(value), n)


def _day(numbers: Numbers | int, n: int) -> pa.Array:
    return pa.array(np.broadcast_to(np.asarray(numbers, np.int32), n), pa.int32()).cast(pa.date32())


def _moment(minutes: Numbers) -> pa.Array:
    return pa.array(minutes * 60_000_000, pa.int64()).cast(pa.timestamp("us"))


def visits(layout: "Layout", month: str, known: "Known") -> Iterator[pa.Table]:
    """Three of five visits at the clinic of one's village, one of four at the township's hospital, the rest in town."""
    start = days(date.fromisoformat(f"{month}-01")) * 1440
    for number, (first, n) in enumerate(_blocks(layout.visits_in(month))):
        rng = _rng(layout, 1, month, number)
        person = rng.integers(0, layout.residents, n)
        home = home_of(layout, person)
        facility = _visited(layout, home, rng)
        minute = rng.integers(0, MINUTES, n)
        late = rng.integers(0, 2000, n)
        state = np.searchsorted([96, 98], rng.integers(0, 100, n), side="right").astype(np.int8)
        is_tcm, has_pressure, coded = rng.random(n) < 0.11, rng.random(n) < 0.5, rng.random(n) < 0.83  # noqa: PLR2004
        n_medicines, systolic = rng.integers(0, 7, n), rng.integers(95, 190, n)
        born, tier = born_of(person), tier_of(layout, facility)
        known.visits(
            start, first, person=person, facility=facility, minute=minute, late=late, state=state, is_tcm=is_tcm,
            has_pressure=has_pressure, coded=coded, n_medicines=n_medicines, born=born, tier=tier,
        )  # fmt: skip
        rows = np.arange(first, first + n)
        nothing = ~has_pressure
        yield pa.table({
            "uuid": _named(f"{month}-", rows), "number": _named(f"V{month[5:]}", rows), "facility": facility, "person": person,
            "home": home, "at": _moment(start + minute), "recorded_at": _moment(start + minute + late), "tier": _of(TIERS, tier),
            "kind": _always("OUTPATIENT", n), "status": _of(STATES, state), "is_tcm": is_tcm, "has_pressure": has_pressure,
            "systolic": pa.array(systolic, mask=nothing), "diastolic": pa.array(systolic * 5 // 8, mask=nothing),
            "glucose": _always(None, n, pa.float64()), "born_on": _day(born, n), "n_medicines": n_medicines,
            "n_diagnoses": coded.astype(np.int64), "diagnosis": _of(CODES, (person % 8).astype(np.int8)),
        })  # fmt: skip


def _visited(layout: "Layout", home: Numbers, rng: np.random.Generator) -> Numbers:
    of, place = np.divmod(home - 1, layout.facilities_each)
    base = of * layout.facilities_each + 1
    hospital = layout.of_county + (place - layout.of_county) % layout.of_townships
    where = rng.integers(0, 100, home.size)
    town = rng.integers(0, layout.of_county, home.size)
    found: Numbers = np.where(where < 60, home, base + np.where(where < 85, hospital, town))  # noqa: PLR2004
    return found


def settlements(layout: "Layout", month: str, known: "Known") -> Iterator[pa.Table]:
    """One for every 20 visits: four of five in the county, a third of them stays."""
    first_day = days(date.fromisoformat(f"{month}-01"))
    for number, (first, n) in enumerate(_blocks(layout.visits_in(month) // 20)):
        rng = _rng(layout, 2, month, number)
        person = rng.integers(0, layout.residents, n)
        home = home_of(layout, person)
        facility = _visited(layout, home, rng)
        outside, stay, referred = rng.random(n) < 0.2, rng.random(n) < 1 / 3, rng.random(n) < 0.5  # noqa: PLR2004
        total = rng.integers(5_000, 2_000_000, n)
        fund = total * rng.integers(30, 90, n) // 100
        tier, length = tier_of(layout, facility), rng.integers(1, 15, n)
        at = first_day + 14 + length % 10
        known.settlements(
            person=person, facility=facility, outside=outside, stay=stay, referred=referred, total=total, fund=fund, tier=tier,
            length=length,
        )  # fmt: skip
        rows = np.arange(first, first + n)
        yield pa.table({
            "uuid": _named(f"{month}-", rows), "number": _named(f"S{month[5:]}", rows), "facility": facility, "person": person,
            "home": home, "at": _day(at, n), "place": _of(("IN_COUNTY", "OUTSIDE"), outside.astype(np.int8)),
            "tier": pa.array(_of(TIERS, tier)), "kind": _of(("OUTPATIENT", "INPATIENT"), stay.astype(np.int8)),
            "insurance": _always("RESIDENT", n), "total_fen": total, "fund_fen": fund, "admitted_on": _day(at - length, n),
            "with_referral": referred, "diagnosis": _of(CODES, (person % 8).astype(np.int8)),
        })  # fmt: skip


def programme_visits(layout: "Layout", month: str, known: "Known") -> Iterator[pa.Table]:
    """Of one in eight people: most of them each quarter, some not at all; the last of the year is a yearly one."""
    if int(month[5:]) % 3 and len(layout.months) > 1:
        return
    start = days(date.fromisoformat(f"{month}-01")) * 1440
    for number, (first, n) in enumerate(_blocks(layout.residents // 8)):
        rng = _rng(layout, 3, month, number)
        person = np.arange(first, first + n)[rng.random(n) < 0.8]  # noqa: PLR2004
        n_here = person.size
        controlled, direct = rng.random(n_here) < 0.7, rng.random(n_here) < 0.9  # noqa: PLR2004
        minute, programme = rng.integers(0, MINUTES, n_here), enrolled_in(person)
        yearly = np.full(n_here, month == layout.months[-1])
        known.programme_visits(person=person, programme=programme, controlled=controlled, direct=direct, yearly=yearly)
        moment = _moment(start + minute)
        yield pa.table({
            "uuid": _named(f"{month}-", person), "facility": home_of(layout, person), "person": person,
            "programme": _of(PROGRAMMES, programme), "at": moment, "recorded_at": moment,
            "kind": _of(("routine", "yearly"), yearly.astype(np.int8)), "channel": _of(("PHONE", "HOME"), direct.astype(np.int8)),
            "face_to_face": direct, "grade": _always("", n_here), "is_controlled": controlled, "on_target": controlled,
            "is_complete": _always(value=True, n=n_here), "severity": _always(0, n_here), "next_due_on": _due(n_here),
        })  # fmt: skip


PROGRAMMES = ("hypertension", "diabetes", "mental-disorder", "tuberculosis", "elderly")


def enrolled_in(persons: Numbers) -> Numbers:
    """The programme of everybody who is in one."""
    found: Numbers = np.searchsorted([60, 80, 85, 88], persons * 37 % 100, side="right").astype(np.int8)
    return found


def _due(n: int) -> pa.Array:
    return _day(days(date(YEAR + 1, 1, 15)), n)


def _people(layout: "Layout", n: int) -> Iterator[tuple[Numbers, Numbers, int]]:
    for first, size in _blocks(n):
        person = np.arange(first, first + size)
        yield person, home_of(layout, person), size


def residents(layout: "Layout") -> Iterator[pa.Table]:
    """Everybody, since long."""
    codes = pa.array(township_codes(layout))
    for person, home, n in _people(layout, layout.residents):
        yield pa.table({
            "uuid": _named("p", person), "facility": home, "person": person, "since": _day(days(date(2020, 1, 1)), n),
            "until": _always(None, n, pa.date32()), "sex": _of(("1", "2"), (person % 2).astype(np.int8)),
            "division": codes.take(pa.array(township_of(layout, home))), "born_on": _day(born_of(person), n),
            "died_on": _always(None, n, pa.date32()), "insurance": _always("RESIDENT", n),
        })  # fmt: skip


def agreements(layout: "Layout") -> Iterator[pa.Table]:
    """Six of ten people; one in ten of the agreements ended in the year, most of them renewed."""
    for person, home, n in _people(layout, layout.residents * 6 // 10):
        ended = person % 10 == 0
        until = np.where(ended, days(date(YEAR, 7, 1)), days(date(YEAR + 1, 1, 1)))
        yield pa.table({
            "uuid": _named("a", person), "number": _named("A", person), "facility": home, "signed_at_facility": home,
            "person": person, "team": home * 2 + person % 2, "since": _day(days(date(YEAR - 1, 7, 1)), n), "until": _day(until, n),
            "ends_on": _day(until - 1, n), "status": _of(("ACTIVE", "ENDED"), ended.astype(np.int8)),
            "end_reason": _of(("", "expired"), ended.astype(np.int8)), "born_on": _day(born_of(person), n), "is_key": person % 3 == 0,
            "is_renewal": person % 2 == 0, "was_renewed": ended & (person % 40 > 0),
        })  # fmt: skip


def enrolments(layout: "Layout") -> Iterator[pa.Table]:
    """One in eight people, in one programme each, since half a year to two years; some are lost."""
    for person, home, n in _people(layout, layout.residents // 8):
        lost = is_lost(person)
        yield pa.table({
            "uuid": _named("e", person), "facility": home, "person": person, "programme": _of(PROGRAMMES, enrolled_in(person)),
            "since": _day(days(date(YEAR, 12, 31)) - enrolled_for(person), n), "until": _always(None, n, pa.date32()),
            "status": _of(("ENROLLED", "LOST"), lost.astype(np.int8)), "found_by": _always("DIAGNOSIS", n), "grade": _always("", n),
            "next_due_on": _due(n), "end_reason": _always("", n),
        })  # fmt: skip


def is_lost(persons: Numbers) -> Numbers:
    """Whether somebody in a programme was lost."""
    found: Numbers = persons % 23 == 0
    return found


def enrolled_for(persons: Numbers) -> Numbers:
    """For how many days somebody has been in his programme at the end of the year."""
    found: Numbers = 40 + persons * 61 % 700
    return found


def facilities(layout: "Layout") -> Iterator[pa.Table]:
    """All of them, open since long; most clinics are connected."""
    ids = np.arange(1, layout.facilities + 1)
    n, tier = ids.size, tier_of(layout, ids)
    connected = np.where(ids % 4 > 0, days(date(2025, 1, 1)), days(date(YEAR + 1, 3, 1)))
    yield pa.table({
        "uuid": _named("f", ids), "number": _named("F", ids), "facility": ids, "since": _day(days(date(2000, 1, 1)), n),
        "until": _always(None, n, pa.date32()), "kind": _of(("COUNTY_HOSPITAL", "TOWNSHIP_HOSPITAL", "VILLAGE_CLINIC"), tier),
        "tier": _of(TIERS, tier), "status": _always("OPEN", n),
        "division": pa.array(township_codes(layout)).take(pa.array(township_of(layout, ids))),
        "manager": _always(None, n, pa.int64()), "successor": _always(None, n, pa.int64()), "publicly_owned": ids % 2 == 0,
        "integrated_on": _day(np.where(ids % 50 > 0, days(date(2024, 1, 1)), days(date(YEAR + 1, 1, 1))), n),
        "insured_on": _day(np.where(ids % 10 > 0, days(date(2024, 1, 1)), days(date(YEAR + 1, 1, 1))), n),
        "connected_on": _day(connected, n),
    })  # fmt: skip


#: Spells begin before the year: one file each. Events have one of each month.
ONCE: dict[str, Callable[["Layout"], Iterator[pa.Table]]] = {
    "facilities": facilities, "residents": residents, "agreements": agreements, "enrolments": enrolments,
}  # fmt: skip
MONTHLY: dict[str, Callable[["Layout", str, "Known"], Iterator[pa.Table]]] = {
    "programme_visits": programme_visits, "settlements": settlements, "visits": visits,
}  # fmt: skip
