"""What facilities are and report, and their staff: spells once, returns of each month, each table counted while it is drawn."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth.facts import YEAR
from synth.facts_draw import Columns, Draw, each_month, flags, on, real, whole, words
from synth.facts_rows import (
    COUNTY,
    TIERS,
    TOWNSHIP,
    VILLAGE,
    Numbers,
    _always,
    _day,
    _named,
    days,
    tier_of,
    township_of,
)

if TYPE_CHECKING:
    from synth.facts import Layout
    from synth.facts_known import Known

FACILITY_KINDS = ("COUNTY_HOSPITAL", "TOWNSHIP_HOSPITAL", "VILLAGE_CLINIC")
#: Items of statistical returns: what each facility of the county that reports says of a month.
ITEMS = {
    "unified-domains-required": 7, "unified-domains-proved": 6, "body-members": 11, "body-members-grassroots": 4,
    "warning-links-required": 3, "warning-links-proved": 3, "children-due": 900, "children-vaccinated": 860, "two-cancer-target": 400,
    "two-cancer-screened": 370, "units-drawn": 12, "units-inspected": 12, "childcare-places": 400, "census-residents": 90_000,
}  # fmt: skip
#: The indicators they are parts of.
PARTS = {
    "m01-unified-management": ("unified-domains-proved", "unified-domains-required"),
    "m02-democratic-decision": ("body-members-grassroots", "body-members"),
    "m03c-warning-link": ("warning-links-proved", "warning-links-required"), "p30-vaccinated": ("children-vaccinated", "children-due"),
    "p35-two-cancers": ("two-cancer-screened", "two-cancer-target"), "p124-inspections": ("units-inspected", "units-drawn"),
    "p43-childcare-places": ("childcare-places", "census-residents"),
}  # fmt: skip
#: What says how things stand: of a year its last return counts.
STANDING = {"m01-unified-management", "m02-democratic-decision", "m03c-warning-link", "p43-childcare-places"}
HALF_YEAR = 183


def _all(layout: "Layout") -> tuple[Numbers, Numbers, Numbers]:
    """All facilities, their tiers and their townships."""
    ids = np.arange(1, layout.facilities + 1)
    return ids, tier_of(layout, ids), township_of(layout, ids)


def _of_tiers(layout: "Layout", *tiers: int) -> tuple[Numbers, Numbers, Numbers]:
    ids, tier, at = _all(layout)
    chosen = np.isin(tier, tiers)
    return ids[chosen], tier[chosen], at[chosen]


def _spell(letter: str, ids: Numbers) -> Columns:
    """What every spell of a facility begins with: since long, and for good."""
    return {"uuid": _named(letter, ids), "facility": ids, **_for_good(ids)}


def _for_good(ids: Numbers) -> Columns:
    return {
        "since": _day(days(date(2000, 1, 1)), ids.size), "until": _always(None, ids.size, pa.date32()),
    }  # fmt: skip


def beds(layout: "Layout", known: "Known") -> Columns:
    """Hospitals of the county have 200, those of townships 30."""
    ids, tier, at = _of_tiers(layout, COUNTY, TOWNSHIP)
    n_beds = np.where(tier == COUNTY, 200, 30)
    known.add("beds-per-thousand:n", at, None, n_beds)
    return {
        **_spell("b", ids), "kind": _always("MEDICAL", ids.size), "n_beds": n_beds, "facility_kind": words(FACILITY_KINDS, tier),
    }  # fmt: skip


def equipment(layout: "Layout", known: "Known") -> Columns:
    """Three kinds in each township's hospital, an ECG in most clinics; some are being repaired."""
    hospitals, _tier, _at = _of_tiers(layout, TOWNSHIP)
    clinics, _tier, _at = _of_tiers(layout, VILLAGE)
    clinics = clinics[clinics % 5 > 0]
    ids = np.concatenate([np.repeat(hospitals, 3), clinics])
    kind = np.concatenate([np.tile([0, 1, 2], hospitals.size), np.full(clinics.size, 3)]).astype(np.int8)
    broken = (ids * 7 + kind) % 10 == 0
    at = township_of(layout, ids)
    for n, slug in enumerate(("p107-dr", "p107-ultrasound", "p107-biochemistry", "m05c-ecg-coverage")):
        known.add(f"{slug}:n", at, (kind == n) & ~broken)
    rows = np.arange(ids.size)
    return {
        "uuid": _named("q", rows), "number": _named("E", rows), "facility": ids, "since": _day(days(date(2020, 1, 1)), ids.size),
        "until": _always(None, ids.size, pa.date32()), "kind": words(("DR", "ULTRASOUND", "BIOCHEMISTRY", "ECG"), kind),
        "state": words(("IN_USE", "REPAIR"), broken.astype(np.int8)), "facility_kind": words(FACILITY_KINDS, tier_of(layout, ids)),
        "fen": whole(np.where(kind == 0, 80_000_000, 3_000_000)),
    }  # fmt: skip


def services(layout: "Layout", known: "Known") -> Columns:
    """Chinese medicine in most hospitals of townships, and in half of the clinics."""
    ids, tier, at = _of_tiers(layout, TOWNSHIP, VILLAGE)
    is_tcm = np.where(tier == TOWNSHIP, ids % 20 > 0, ids % 2 > 0)
    known.add("p108-tcm-service:n", at, is_tcm & (tier == TOWNSHIP))
    return {
        **_spell("s", ids), "code": words(("tcm", "general"), (~is_tcm).astype(np.int8)), "is_tcm": is_tcm,
        "facility_kind": words(FACILITY_KINDS, tier),
    }  # fmt: skip


def institutions(layout: "Layout", known: "Known") -> Columns:
    """A home in the place of each township's hospital; of every fifth a school."""
    ids, _tier, at = _of_tiers(layout, TOWNSHIP)
    is_home = ids % 5 > 0
    known.add("institutions-signed:d", at, is_home)
    return {
        "uuid": _named("i", ids), "facility": ids, "institution": ids, "kind": words(("SCHOOL", "ELDERLY"), is_home.astype(np.int8)),
        "beds": np.where(is_home, 60, 0), **_for_good(ids),
    }  # fmt: skip


def institution_agreements(layout: "Layout", known: "Known") -> Columns:
    """Two of three are signed with that hospital."""
    ids, at = _signed(layout)
    is_home = ids % 5 > 0
    known.add("institutions-signed:n", at, is_home)
    return {
        "uuid": _named("j", ids), "facility": ids, "signed_at_facility": ids, "institution": ids, "kind": words(("SCHOOL", "ELDERLY"), is_home.astype(np.int8)),
        "unit": _always("FACILITY", ids.size), **_for_good(ids),
    }  # fmt: skip


def _signed(layout: "Layout") -> tuple[Numbers, Numbers]:
    """Hospitals of townships with an institution they are signed with, and where they lie."""
    ids, _tier, at = _of_tiers(layout, TOWNSHIP)
    signed = ids % 3 > 0
    return ids[signed], at[signed]


def titles(layout: "Layout", known: "Known") -> Columns:
    """Hospitals of townships at the basic or the recommended standard."""
    ids, tier, at = _of_tiers(layout, TOWNSHIP)
    recommended = ids % 2 > 0
    known.add("p103-recommended-standard:n", at, recommended)
    known.add("p103-recommended-standard:d", at)
    return {
        **_spell("t", ids), "code": _always("service-standard", ids.size),
        "level": words(("basic", "recommended"), recommended.astype(np.int8)), "facility_kind": words(FACILITY_KINDS, tier),
    }  # fmt: skip


def memberships(layout: "Layout", _known: "Known") -> Columns:
    """Hospitals belong to their consortium; clinics through the hospital of their township."""
    ids, tier, _at = _of_tiers(layout, COUNTY, TOWNSHIP)
    of = (ids - 1) // layout.facilities_each
    codes = pa.array([f"C{n + 1:02}" for n in range(layout.consortia)])
    return {
        **_spell("m", ids), "consortium": codes.take(pa.array(of)), "role": words(("LEAD", "MEMBER"), (tier > COUNTY).astype(np.int8)),
    }  # fmt: skip


def areas(layout: "Layout", _known: "Known") -> Columns:
    """Each hospital of a township lies in one of five areas of its consortium."""
    ids, _tier, at = _of_tiers(layout, TOWNSHIP)
    area = pa.array([f"A{n}" for n in range(1, 6)]).take(pa.array(at % 5))
    return {**_spell("a", ids), "area": area}


def staff(layout: "Layout", known: "Known") -> Columns:
    """One or two village doctors at each clinic, a manager at each hospital; one in thirty works at the next clinic, too."""
    ids, tier, _at = _all(layout)
    second, both = ids[(tier == VILLAGE) & (ids % 3 == 0)], ids[(tier == VILLAGE) & (ids % 30 == 0) & (ids > 1)]
    facility = np.concatenate([ids, second, both - 1])
    person = np.concatenate([ids, second + layout.facilities, both])
    there = tier_of(layout, facility)
    known.distinct_persons("village-doctors-per-thousand:n", township_of(layout, facility), person, there == VILLAGE)
    rows = np.arange(facility.size)
    return {
        "uuid": _named("g", rows), "facility": facility, "home": facility, "person": -person,
        "role": words(("village-doctor", "manager"), (there != VILLAGE).astype(np.int8)),
        "since": _day(days(date(2021, 1, 1)), rows.size), "until": _always(None, rows.size, pa.date32()),
    }  # fmt: skip


def team_members(layout: "Layout", known: "Known") -> Columns:
    """Two teams at each clinic: a doctor and a nurse in each, in some a second nurse."""
    ids, _tier, _at = _of_tiers(layout, VILLAGE)
    team = np.concatenate([ids * 2, ids * 2 + 1])
    team = np.concatenate([team, team, team[team % 5 == 0]])
    facility, rows = team // 2, np.arange(team.size)
    at = township_of(layout, facility)
    known.add("p06a-members-per-team:n", at)
    known.add("p06a-members-per-team:d", township_of(layout, np.concatenate([ids, ids])))
    return {
        "uuid": _named("w", rows), "facility": facility, "person": -rows - 1, "team": team,
        "profession": words(("doctor", "nurse"), (rows % 2).astype(np.int8)), "since": _day(days(date(2024, 1, 1)), rows.size),
        "until": _always(None, rows.size, pa.date32()),
    }  # fmt: skip


def postings(layout: "Layout", known: "Known") -> Columns:
    """Four physicians at each hospital of a township: for the year, for its half, at two sites in halves, and on rounds."""
    ids, _tier, at = _of_tiers(layout, TOWNSHIP)
    n, first, last = ids.size, days(date(YEAR, 1, 1)), days(date(YEAR + 1, 1, 1))
    after = np.where(
        township_of(layout, np.roll(ids, -1)) // layout.of_townships == at // layout.of_townships, np.roll(ids, -1), ids
    )
    # of each hospital: all the year · from February on, for 100 to 259 days · mornings here and afternoons at the next · rounds
    stay = 100 + ids * 7 % 160
    facility = np.concatenate([ids, ids, ids, after, ids])
    person = np.concatenate([ids * 4, ids * 4 + 1, ids * 4 + 2, ids * 4 + 2, ids * 4 + 3])
    share = np.concatenate([np.ones(2 * n), np.full(2 * n, 0.5), np.ones(n)])
    since = np.concatenate([np.full(n, first - 90), np.full(n, first + 31), np.full(3 * n, first)])
    until = np.concatenate([np.full(n, last), first + 31 + stay, np.full(3 * n, last)])
    kind = np.concatenate([np.full(n, 1), np.full(3 * n, 0), np.full(n, 2)]).astype(np.int8)
    known.add("m04-physicians-posted:n", at)
    known.add("m04-physicians-posted:n", at, stay >= HALF_YEAR)
    # in halves at two hospitals: 182.5 days at each are too few, and 365 are enough in a township that has both, or the whole
    known.add_to_whole("m04-physicians-posted:n", int((after != ids).sum()))
    known.add("m04-physicians-posted:n", at, after == ids)
    began = since >= first
    known.add("p92-staff-sent-down:n", township_of(layout, facility), began)
    rows = np.arange(facility.size)
    return {
        "uuid": _named("k", rows), "number": _named("K", rows), "facility": facility, "person": -person, "home": facility,
        "since": on(since), "until": on(until), "level": words(("SENIOR", "INTERMEDIATE"), (rows % 2).astype(np.int8)),
        "kind": words(("POSTED", "DEPUTY_HEAD", "ROUND"), kind), "share": real(share), "to_tier": _always("TOWNSHIP", rows.size),
    }  # fmt: skip


# Returns of each month ------------------------------------------------------------------------------------------------
def finance(d: Draw, known: "Known") -> Columns:
    """Every hospital, each month."""
    ids, tier, at = _of_tiers(d.layout, COUNTY, TOWNSHIP)
    ids, tier, at = ids[d.rows], tier[d.rows], at[d.rows]
    income = d.between(900_000, 1_100_000) * np.where(tier == COUNTY, 3_000, 100)
    spent = income * 97 // 100
    fen = {
        "income_fen": income, "service_fen": income * (30 + ids % 10) // 100, "medicine_fen": income * 28 // 100, "spent_fen": spent,
        "staff_fen": spent * (38 + ids % 6) // 100, "assets_fen": income * 20, "debts_fen": income * (4 + ids % 4),
    }  # fmt: skip
    for slug, n, of in (
        ("service-income-share", "service_fen", "income_fen"), ("staff-cost-share", "staff_fen", "spent_fen"),
        ("debt-ratio", "debts_fen", "assets_fen"),
    ):  # fmt: skip
        known.add(f"{slug}:n", at, None, fen[n])
        known.add(f"{slug}:d", at, None, fen[of])
    return {**_reported(d, "F", ids), "tier": words(TIERS, tier), **fen}


def prescription_reviews(d: Draw, known: "Known") -> Columns:
    """Every hospital, each month."""
    ids, tier, at = _of_tiers(d.layout, COUNTY, TOWNSHIP)
    ids, tier, at = ids[d.rows], tier[d.rows], at[d.rows]
    issued = d.between(500, 700) * np.where(tier == COUNTY, 20, 1)
    reviewed, flagged = issued * 9 // 10, issued // 20
    changed, commented = flagged * 8 // 10, issued // 10
    qualified = commented * 95 // 100
    for slug, n, of in (
        ("p81a-prescriptions-reviewed", reviewed, issued), ("p81b-prescriptions-changed", changed, flagged),
        ("p81c-prescriptions-qualified", qualified, commented),
    ):  # fmt: skip
        known.add(f"{slug}:n", at, None, n)
        known.add(f"{slug}:d", at, None, of)
    return {
        **_reported(d, "X", ids), "tier": words(TIERS, tier), "issued": issued, "reviewed": reviewed, "flagged": flagged,
        "changed": changed, "commented": commented, "qualified": qualified,
    }  # fmt: skip


def returns(d: Draw, known: "Known") -> Columns:
    """The items of the statistical return, of the first hospital of the county in each consortium."""
    of, item = np.divmod(d.rows, len(ITEMS))
    ids = of * d.layout.facilities_each + 1
    values = np.array(list(ITEMS.values()))[item] + (ids + item) % 2 * 0
    at = township_of(d.layout, ids)
    names = tuple(ITEMS)
    for slug, parts in PARTS.items():
        if slug in STANDING and not d.month.endswith("-12"):
            continue
        for letter, name in zip(("n", "d"), parts, strict=True):
            known.add(f"{slug}:{letter}", at, item == names.index(name), values)
    return {**_reported(d, "I", ids), "item": words(names, item.astype(np.int8)), "value": values}


def institution_rounds(d: Draw, known: "Known") -> Columns:
    """One round a month of each agreement; most are done, and most of these in time."""
    ids, at = _signed(d.layout)
    ids, at = ids[d.rows], at[d.rows]
    done = d.chance(0.95)
    in_time = done & d.chance(0.9)
    known.add("institution-rounds-in-time:n", at, in_time)
    known.add("institution-rounds-in-time:d", at)
    came = np.where(in_time, d.day0 + 14, d.day0 + 17)
    return {
        "uuid": d.uuid, "facility": ids, "institution": ids, "kind": words(("SCHOOL", "ELDERLY"), (ids % 5 > 0).astype(np.int8)), "item": _always("round", d.n),
        "status": words(("PLANNED", "DONE"), done.astype(np.int8)), "at": _day(d.day0 + 14, d.n), "done_on": pc.if_else(pa.array(done), _day(came, d.n), None),
        "is_dropped": _always(False, d.n), "in_time": flags(in_time), "n_seen": whole(np.where(done, 12, 0)),
    }  # fmt: skip


def village_doctors(d: Draw, known: "Known") -> Columns:
    """The roster of every month: one doctor at each clinic; two of three are qualified."""
    ids, _tier, at = _of_tiers(d.layout, VILLAGE)
    ids, at = ids[d.rows], at[d.rows]
    qualified, trained = ids % 3 > 0, d.chance(0.9)
    known.add("p90-village-doctors-qualified:n", at, qualified)
    known.add("p90-village-doctors-qualified:d", at)
    known.add("p91-village-doctors-trained:n", at, trained)
    known.add("p91-village-doctors-trained:d", at)
    return {
        **_reported(d, "L", ids),
        "person": -ids,
        "home": ids,
        "qualified": flags(qualified),
        "trained": flags(trained),
    }


def staff_income(d: Draw, known: "Known") -> Columns:
    """The yearly return of every facility."""
    ids, tier, _at = _all(d.layout)
    ids, tier = ids[d.rows], tier[d.rows]
    n_staff = np.select([tier == COUNTY, tier == TOWNSHIP], [800, 60], 1)
    total = n_staff * np.select([tier == COUNTY, tier == TOWNSHIP], [12_000_000, 8_500_000], 4_000_000)
    for name, part in (("total", total), ("staff", n_staff)):
        known.remember(f"income-{name}-low", int(part[tier > COUNTY].sum()))
        known.remember(f"income-{name}-town", int(part[tier == COUNTY].sum()))
    return {**_reported(d, "Y", ids), "tier": words(TIERS, tier), "n_staff": n_staff, "total_fen": total}


def _reported(d: Draw, letter: str, ids: Numbers) -> Columns:
    """What every line of a return of facilities begins with: nobody's, by the end of the month."""
    nobody = _always(None, d.n, pa.int64())
    return {
        "uuid": d.uuid, "number": d.number(letter), "facility": ids, "person": nobody, "home": nobody,
        "at": _day(d.day0 + 27, d.n),
    }  # fmt: skip


def _once(make: Callable[["Layout", "Known"], Columns]) -> Callable[..., Iterator[pa.Table]]:
    def blocks(layout: "Layout", known: "Known") -> Iterator[pa.Table]:
        yield pa.table(make(layout, known))

    return blocks


def _in_december(blocks: Callable[..., Iterator[pa.Table]]) -> Callable[..., Iterator[pa.Table]]:
    def made(layout: "Layout", month: str, known: "Known") -> Iterator[pa.Table]:
        return blocks(layout, month, known) if month == layout.months[-1] else iter(())

    return made


def _hospitals(layout: "Layout") -> int:
    return layout.consortia * (layout.of_county + layout.of_townships)


def _clinics(layout: "Layout") -> int:
    return layout.facilities - _hospitals(layout)


ONCE: dict[str, Callable[..., Iterator[Any]]] = {
    name: _once(make)
    for name, make in (
        ("areas", areas), ("beds", beds), ("equipment", equipment), ("institutions", institutions),
        ("institution_agreements", institution_agreements), ("memberships", memberships), ("postings", postings),
        ("services", services), ("staff", staff), ("team_members", team_members), ("titles", titles),
    )
}  # fmt: skip
MONTHLY: dict[str, Callable[..., Iterator[Any]]] = {
    "finance": each_month(200, _hospitals, finance), "prescription_reviews": each_month(201, _hospitals, prescription_reviews),
    "institution_rounds": each_month(205, lambda layout: _signed(layout)[0].size, institution_rounds),
    "returns": each_month(202, lambda layout: layout.consortia * len(ITEMS), returns),
    "village_doctors": each_month(203, _clinics, village_doctors),
    "staff_income": _in_december(each_month(204, lambda layout: layout.facilities, staff_income)),
}  # fmt: skip
