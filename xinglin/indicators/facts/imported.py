"""Fact tables of what the county does not produce itself: they hold what returns brought (`definitions/returns`)."""

from collections.abc import Mapping

from xinglin.platform.facts import UUID, Check, Column, FactTable, Kind, Shape, day, number, person, register, text

_SQL = {
    Kind.TEXT: "t.content->>'{0}'", Kind.INT: "(t.content->>'{0}')::bigint", Kind.REAL: "(t.content->>'{0}')::float8",
    Kind.BOOL: "(t.content->>'{0}')::boolean", Kind.DAY: "(t.content->>'{0}')::date",
}  # fmt: skip
_FEN = {
    "fen", "total_fen", "fund_fen", "own_fen", "waived_fen", "income_fen", "service_fen", "medicine_fen", "spent_fen",
    "staff_fen", "assets_fen", "debts_fen",
}  # fmt: skip


def _given(**columns: tuple[Kind, str] | Column) -> dict[str, Column]:
    return {
        name: said
        if isinstance(said, Column)
        else Column(said[0], _SQL[said[0]].format(name), said[1], "fen" if name in _FEN else "")
        for name, said in columns.items()
    }


def _table(
    name: str,
    title: str,
    title_en: str,
    meaning: str,
    *checks: Check,
    spell: Mapping[str, Column] | None = None,
    told_by: tuple[str, ...] = ("facility",),
    **columns: tuple[Kind, str] | Column,
) -> FactTable:
    """A table of a return: of events on a day, or with `spell` of what holds from and until the days it says."""
    return FactTable(
        name, title, title_en, meaning, Shape.SPELL if spell else Shape.EVENT,
        source="indicators_returnrow t LEFT JOIN residents_resident p ON p.id = t.resident_id",
        where=f"t.kind = '{name}'", month_of="t.happened_on",
        columns={
            "uuid": UUID, "number": text("t.key", "number in the return"),
            "facility": number("COALESCE(t.facility_id, p.managed_by_id)", "facility in the county it concerns"),
            "person": person("COALESCE(p.merged_into_id, p.id, t.person)", "who, where the return says"),
            "home": number("p.managed_by_id", "facility that manages the resident today"),
            **(spell or {"at": day("t.happened_on", "when")}), **_given(**columns),
        },
        checks=checks, late_after_days=20, told_by=told_by,
        nothing_to_tell="SELECT month FROM indicators_returnbatch"  # noqa: S608 - our own constant
        f" WHERE kind = '{name}' AND replaced_by_id IS NULL AND n_rows = 0",
    )  # fmt: skip


T, N, B, D, R = Kind.TEXT, Kind.INT, Kind.BOOL, Kind.DAY, Kind.REAL
TIER = (T, "COUNTY, TOWNSHIP, VILLAGE")
#: A unit of the county that leads no consortium is none of the two that are compared. Whoever led before the county's
#: consortia were entered here leads from then on.
_TIER_OR_LEAD = (
    "CASE WHEN t.content->>'tier' = 'COUNTY' AND NOT EXISTS (SELECT 1 FROM network_membership m"
    " WHERE m.facility_id = t.facility_id AND m.role = 'LEAD'"
    " AND (m.valid_until IS NULL OR m.valid_until > t.happened_on)) THEN 'OTHER' ELSE t.content->>'tier' END"
)


register(
    _table(
        "settlements", "医保结算（含异地）", "Fund settlements",
        "One row: the fund settled one visit or stay of one of the county's insured, in the county or elsewhere.",
        Check("more", "fund_fen > total_fen", "the fund paid more than the whole"),
        Check("negative", "fund_fen < 0 or total_fen < 0", "less than nothing"),
        place=(T, "IN_COUNTY, OUTSIDE, PHARMACY"), tier=(T, f"{TIER[1]}; empty outside"),
        kind=(T, "OUTPATIENT, INPATIENT, PHARMACY"), insurance=(T, "RESIDENT, EMPLOYEE"),
        total_fen=(N, "whole cost"), fund_fen=(N, "paid by the fund"), admitted_on=(D, "day of admission"),
        with_referral=(B, "somebody in the county referred him"), diagnosis=(T, "ICD-10"),
    ),
    _table(
        "deaths", "死亡登记", "Deaths", "One row: a resident died, as the register of deaths says.",
        Check("old", "age > 120", "older than 120 years"),
        sex=(T, "sex"), age=(N, "age in years"), cause=(T, "underlying cause, ICD-10"),
        is_four=(B, "of cardiovascular disease, cancer, chronic respiratory disease or diabetes"),
        is_maternal=(B, "in pregnancy or within 42 days after it"),
    ),
    _table(
        "births", "出生登记", "Births", "One row: a child was born alive to a resident.",
        is_live=(B, "alive"), is_screened=(B, "screened for disease of the newborn"), prenatal=(B, "mother was screened"),
        early_booked=(B, "booked before 13 weeks"), visited=(B, "mother and child were visited within 28 days"),
        certificate=(T, "number of the birth certificate"),
    ),
    _table(
        "staff_income", "人员收入年报", "Staff income", "One row: staff and their income at a facility in a year.",
        tier=text(_TIER_OR_LEAD, "COUNTY for the lead hospital, OTHER for another unit of the county, TOWNSHIP and VILLAGE for grassroots"),
        n_staff=(N, "head count, average of the year"), total_fen=(N, "income of all of them"),
    ),
    _table(
        "postings", "医师派驻", "Postings",
        "One row: somebody of the staff is posted to a facility for a time. At two sites: two rows, one person.",
        Check("backwards", "until is not None and until <= since", "ends before it begins"),
        Check("part", "share is not None and (share <= 0 or share > 1)", "no part of a day"),
        spell={
            "since": day("t.happened_on", "first day"),
            "until": day("(t.content->>'until')::date + 1", "no longer from this day: the one after the last"),
        },
        level=(T, "SENIOR, INTERMEDIATE, JUNIOR"), kind=(T, "POSTED, DEPUTY_HEAD, MENTOR, ROUND"),
        share=(R, "part of each day spent there: 1, or 0.5 for half days; empty: whole days"), to_tier=(T, "tier of the facility"),
    ),
    _table(
        "village_doctors", "乡村医生名册", "Village doctors", "One row: a village doctor on the roster of a month.",
        qualified=(B, "college education, or licence as (assistant) physician"), trained=(B, "trained in the last 12 months"),
    ),
    _table(
        "complaints", "诉求与投诉", "Requests and complaints", "One row: somebody asked or complained, by the day it is due.",
        channel=(T, "12345, supervision code, letter"), closed_on=(D, "closed"), first_time=(B, "closed without return"),
        satisfied=(B, "answered to be satisfied; empty: did not answer"), resolved=(B, "resolved"),
    ),
    _table(
        "payments", "收费流水", "Payments",
        "One row: somebody paid for a visit, stay or service at a facility in the county; what was given back is below zero.",
        Check("more", "total_fen >= 0 and fund_fen + own_fen > total_fen", "parts are more than the whole"),
        Check("no-way", "channel is None", "nobody knows how it was paid"),
        tier=TIER, kind=(T, "OUTPATIENT, INPATIENT, REGISTRATION, SERVICE"),
        channel=(T, "DESK in the consulting room, WINDOW, MACHINE, PHONE"),
        total_fen=(N, "whole amount"), fund_fen=(N, "of it by the fund"), own_fen=(N, "of it by the person"),
        waived_fen=(N, "registration fee not taken"),
        settlement=(T, "number of the settlement it belongs to, where there is one"),
    ),
    _table(
        "finance", "财务月报", "Finance",
        "One row: income, spending and balance of a facility in a month.",
        Check("parts", "service_fen + medicine_fen > income_fen", "parts are more than the whole income"),
        Check("staff", "staff_fen > spent_fen", "staff cost more than everything"),
        tier=TIER,
        income_fen=(N, "income of the month"), service_fen=(N, "of it for medical services, without medicines, goods and checks"),
        medicine_fen=(N, "of it for medicines"), spent_fen=(N, "spent in the month"), staff_fen=(N, "of it for staff"),
        assets_fen=(N, "assets at its end"), debts_fen=(N, "debts at its end"),
    ),
    _table(
        "prescription_reviews", "处方审核与点评", "Reviews of prescriptions",
        "One row: how many prescriptions of a facility were reviewed and commented on in a month.",
        Check("more", "reviewed > issued or changed > flagged or qualified > commented", "a part is more than its whole"),
        tier=TIER,
        issued=(N, "prescriptions issued"), reviewed=(N, "of them reviewed before dispensing"), flagged=(N, "of those reviewed, flagged"),
        changed=(N, "of those flagged, changed after advice"), commented=(N, "drawn for comment afterwards"),
        qualified=(N, "of those, found in order"),
    ),
    _table(
        "returns", "统计报表", "Statistical returns", "One row: one item of a statistical return of a facility, by the end of its month.",
        told_by=("facility", "item"),
        item=(T, "what is counted: code of definitions/returns"), value=(N, "how many"),
    ),
)  # fmt: skip
