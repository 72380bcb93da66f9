"""Fact tables of what the county does not produce itself: they hold what returns brought (`definitions/returns`)."""

from xinglin.platform.facts import UUID, Check, Column, FactTable, Kind, Shape, day, number, person, register, text

_SQL = {
    Kind.TEXT: "t.content->>'{0}'", Kind.INT: "(t.content->>'{0}')::bigint", Kind.REAL: "(t.content->>'{0}')::float8",
    Kind.BOOL: "(t.content->>'{0}')::boolean", Kind.DAY: "(t.content->>'{0}')::date",
}  # fmt: skip
_FEN = {"fen", "total_fen", "fund_fen"}


def _given(**columns: tuple[Kind, str]) -> dict[str, Column]:
    return {
        name: Column(kind, _SQL[kind].format(name), meaning, "fen" if name in _FEN else "")
        for name, (kind, meaning) in columns.items()
    }


def _table(
    name: str, title: str, title_en: str, meaning: str, *checks: Check, **columns: tuple[Kind, str]
) -> FactTable:
    return FactTable(
        name, title, title_en, meaning, Shape.EVENT,
        source="indicators_returnrow t LEFT JOIN residents_resident p ON p.id = t.resident_id",
        where=f"t.kind = '{name}'", month_of="t.happened_on",
        columns={
            "uuid": UUID, "number": text("t.key", "number in the return"),
            "facility": number("COALESCE(t.facility_id, p.managed_by_id)", "facility in the county it concerns"),
            "person": person("COALESCE(p.merged_into_id, p.id, t.person)", "who, where the return says"),
            "home": number("p.managed_by_id", "facility that manages the resident today"),
            "at": day("t.happened_on", "when"), **_given(**columns),
        },
        checks=checks, late_after_days=20,
        nothing_to_tell="SELECT month FROM indicators_returnbatch"  # noqa: S608 - our own constant
        f" WHERE kind = '{name}' AND replaced_by_id IS NULL AND n_rows = 0",
    )  # fmt: skip


T, N, B, D = Kind.TEXT, Kind.INT, Kind.BOOL, Kind.DAY

register(
    _table(
        "settlements", "医保结算（含异地）", "Fund settlements",
        "One row: the fund settled one visit or stay of one of the county's insured, in the county or elsewhere.",
        Check("more", "fund_fen > total_fen", "the fund paid more than the whole"),
        Check("negative", "fund_fen < 0 or total_fen < 0", "less than nothing"),
        place=(T, "IN_COUNTY, OUTSIDE, PHARMACY"), tier=(T, "COUNTY, TOWNSHIP, VILLAGE; empty outside"),
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
        tier=(T, "COUNTY for the lead hospital, TOWNSHIP and VILLAGE for grassroots"),
        n_staff=(N, "head count, average of the year"), total_fen=(N, "income of all of them"),
    ),
    _table(
        "postings", "医师派驻", "Postings", "One row: somebody of the staff was posted to a facility, by the day it began.",
        Check("backwards", "until < at", "ends before it begins"),
        level=(T, "SENIOR, INTERMEDIATE, JUNIOR"), kind=(T, "POSTED, DEPUTY_HEAD, MENTOR, ROUND"), until=(D, "last day"),
        days=(N, "days of the year"), to_tier=(T, "tier of the facility"),
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
        "returns", "统计报表", "Statistical returns", "One row: one item of a statistical return of a facility, by the end of its month.",
        item=(T, "what is counted: code of definitions/returns"), value=(N, "how many"),
    ),
)  # fmt: skip
