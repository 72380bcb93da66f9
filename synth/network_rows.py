"""Rows of the network and of accounts: everything that is small and made once."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Any

import numpy as np

from synth.county import Plan, Unit
from synth.people import EPOCH
from synth.rows import Block, block, plain, rng_for, uuids
from synth.staff import Member, Staff

#: Every synthetic unit was there before the history begins.
FOUNDED = date(2012, 1, 1)
CONSORTIUM_SINCE = date(2024, 1, 1)
COUNTY_DEPARTMENTS = (
    ("NEIKE", "心血管内科"), ("SHENNEI", "神经内科"), ("HUXI", "呼吸与危重症医学科"), ("NEIFENMI", "内分泌科"),
    ("XIAOHUA", "消化内科"), ("SHENBING", "肾病科"), ("PUWAI", "普外科"), ("GUKE", "骨科"), ("FUCHAN", "妇产科"),
    ("ERKE", "儿科"), ("JIZHEN", "急诊科"), ("KANGFU", "康复医学科"), ("ZHONGZHENG", "重症医学科"),
    ("XINDIAN", "心电图室"),
)  # fmt: skip
TOWNSHIP_DEPARTMENTS = (
    ("QUANKE", "全科医疗科"), ("ZHONGYI", "中医科"), ("KANGFU", "康复科"), ("GONGWEI", "公共卫生科"),
)  # fmt: skip
OTHER_DEPARTMENTS = {
    "TCM_HOSPITAL": (
        ("ZHENJIU", "针灸推拿科"), ("FEIBING", "肺病科"), ("PIWEI", "脾胃病科"), ("GUSHANG", "骨伤科"),
        ("NAOBING", "脑病科"),
    ),
    "MATERNAL_CHILD": (("CHANKE", "产科"), ("FUKE", "妇科"), ("ERBAO", "儿童保健科")),
    "CDC": (("MIANYI", "免疫规划科"), ("MANBING", "慢性病防制科")),
    "TOWNSHIP_HOSPITAL": TOWNSHIP_DEPARTMENTS,
    "COMMUNITY_CENTRE": TOWNSHIP_DEPARTMENTS,
    "VILLAGE_CLINIC": (("QUANKE", "全科诊室"),),
}  # fmt: skip
#: kind of facility → (kind, name, price in yuan)
EQUIPMENT: dict[str, tuple[tuple[str, str, int], ...]] = {
    "COUNTY_HOSPITAL": (
        ("CT", "64排螺旋CT", 6_800_000), ("MR", "1.5T磁共振", 9_500_000), ("DR", "数字化X线机", 950_000),
        ("ULTRASOUND", "彩色多普勒超声", 1_600_000), ("ECG", "十二导联心电图机", 45_000),
        ("BIOCHEMISTRY", "全自动生化分析仪", 1_200_000),
    ),
    "TCM_HOSPITAL": (
        ("CT", "16排螺旋CT", 3_200_000), ("DR", "数字化X线机", 800_000), ("ECG", "十二导联心电图机", 40_000),
    ),
    "MATERNAL_CHILD": (("ULTRASOUND", "彩色多普勒超声", 1_400_000), ("ECG", "十二导联心电图机", 38_000)),
    "TOWNSHIP_HOSPITAL": (
        ("DR", "数字化X线机", 520_000), ("ULTRASOUND", "彩色多普勒超声", 680_000), ("ECG", "十二导联心电图机", 32_000),
        ("BIOCHEMISTRY", "全自动生化分析仪", 260_000),
    ),
}  # fmt: skip
EQUIPMENT["COMMUNITY_CENTRE"] = EQUIPMENT["TOWNSHIP_HOSPITAL"]
TCM_SERVICES = (
    ("ACUPUNCTURE", "针刺"),
    ("MOXIBUSTION", "艾灸"),
    ("CUPPING", "拔罐"),
    ("TUINA", "推拿"),
    ("GUASHA", "刮痧"),
    ("DECOCTION", "中药饮片与代煎"),
)
SERVICES = (("OUTPATIENT", "全科门诊"), ("PUBLIC_HEALTH", "基本公共卫生服务"), ("FAMILY_DOCTOR", "家庭医生签约"))
BEDS = {
    "COUNTY_HOSPITAL": 650,
    "TCM_HOSPITAL": 280,
    "MATERNAL_CHILD": 120,
    "TOWNSHIP_HOSPITAL": 40,
    "COMMUNITY_CENTRE": 24,
}
MEMBERSHIP = {
    "COUNTY_HOSPITAL": "LEAD", "TCM_HOSPITAL": "SPECIALIST", "MATERNAL_CHILD": "SPECIALIST", "CDC": "PUBLIC_HEALTH",
    "TOWNSHIP_HOSPITAL": "MEMBER", "COMMUNITY_CENTRE": "MEMBER", "VILLAGE_CLINIC": "CLINIC",
}  # fmt: skip
N_AREAS = 3
Initials = Callable[[str], str]


def table(name: str, columns: str, rows: list[tuple[Any, ...]]) -> Block:
    """A block from rows of plain values; dicts and lists become JSON."""
    names = columns.split()
    values = [[plain(row[i]) for row in rows] for i in range(len(names))]
    return block(name, dict(zip(names, values, strict=True)))


def moment(day: date, hour: int = 8) -> str:
    """A moment in the county as COPY text."""
    return f"{datetime.combine(day, time(hour)):%Y-%m-%d %H:%M:%S}+08"


def _uuids(plan: Plan, stream: str, n: int, day: date = FOUNDED) -> list[str]:
    return uuids(np.full(n, (day.toordinal() - EPOCH) * 86_400 + 8 * 3600), rng_for(plan.seed, stream))


def network_blocks(plan: Plan, initials: Initials) -> Iterator[Block]:
    """Divisions, facilities and what they have, in the order their references ask for."""
    divisions = _divisions(plan)
    ids = {code: i for i, (code, *_) in enumerate(divisions, 1)}
    yield table(
        "network_division", "id code name level parent_id latitude longitude",
        [
            (ids[code], code, name, level, ids.get(parent), *plan.located.get(code, (None, None)))
            for code, name, level, parent in divisions
        ],
    )  # fmt: skip
    yield _facilities(plan, ids, initials)
    yield table(
        "network_facilitystatuschange",
        "id subject_id was became changed_at changed_by changed_by_name place reason_code reason",
        [(u.id, u.id, "", "OPEN", moment(FOUNDED), None, "合成数据", None, "", "") for u in plan.units],
    )
    yield from _consortium(plan, ids)
    yield from _means(plan)


def _divisions(plan: Plan) -> list[tuple[str, str, str, str]]:
    city = plan.city
    rows = [
        (city.province_code, city.province_name, "PROVINCE", ""),
        (city.code, city.name, "CITY", city.province_code),
    ]
    codes = sorted({t.code[:6] for t in plan.townships})
    rows += [(code, city.county(code).name, "COUNTY", city.code) for code in codes]
    rows += [(t.code, t.name, "TOWNSHIP", t.code[:6]) for t in plan.townships]
    rows += [(v.code, v.name, "VILLAGE", t.code) for t in plan.townships for v in t.villages]
    return rows


def credit_code(division: str, number: int) -> str:
    """A unified social credit code with its check character (GB 32100), of an invented body."""
    from stdnum.cn import uscc

    body = f"12{division}MB{number:06d}X"
    return body + uscc.calc_check_digit(body)


def _facilities(plan: Plan, ids: dict[str, int], initials: Initials) -> Block:
    rng = rng_for(plan.seed, "facilities")
    rows = []
    keys = _uuids(plan, "facility-uuids", len(plan.units))
    day = moment(FOUNDED)
    for unit, key in zip(plan.units, keys, strict=True):
        draw = rng.random(3)
        village = unit.tier == "VILLAGE"
        insured = None if village and draw[0] > 0.94 else date(2019, 1, 1)
        remote = date(2022, 6, 1) if not village or draw[1] < 0.85 else None
        timetable = (
            [{"weekday": 1 + int(draw[2] * 3) + k, "from": "08:00", "until": "11:30"} for k in (0, 2)]
            if unit.kind == "SERVICE_POINT"
            else []
        )
        rows.append((
            unit.id, key, unit.code, "" if village else credit_code(unit.division_code[:6], unit.id), unit.name,
            unit.short_name, initials(unit.short_name or unit.name)[:40], unit.kind, unit.tier, "OPEN", day,
            ids[unit.division_code], unit.manager, unit.host, None, unit.address, f"0000-{5_000_000 + unit.id:07d}",
            unit.latitude, unit.longitude, FOUNDED, None, True, FOUNDED, FOUNDED if village else None,
            insured, remote, timetable,
        ))  # fmt: skip
    return table(
        "network_facility",
        "id uuid code credit_code name short_name pinyin_initials kind tier status status_changed_at division_id "
        "manager_id host_id successor_id address phone latitude longitude opened_on closed_on publicly_owned "
        "publicly_owned_since "
        "integrated_since insured_since telemedicine_since timetable",
        rows,
    )


def structure(plan: Plan) -> dict[str, Any]:
    """The consortium's pattern as data (XC-09): a lead, 3 specialist or public-health units, townships, N clinics."""
    n_members = len(plan.townships)
    parts = [
        {"count": 1, "role": "LEAD", "title": "牵头医院"},
        {"count": 3, "role": ["SPECIALIST", "PUBLIC_HEALTH"], "title": "专科与公共卫生成员单位"},
        {"count": n_members, "role": "MEMBER", "title": "基层成员单位"},
        {"count": None, "role": "CLINIC", "title": "村卫生室"},
    ]
    return {"pattern": f"1+3+{n_members}+N", "parts": parts, "synthetic": True}


def _consortium(plan: Plan, ids: dict[str, int]) -> Iterator[Block]:
    (key,) = _uuids(plan, "consortium", 1, CONSORTIUM_SINCE)
    name = f"{plan.county_name}紧密型县域医共体（合成数据）"
    yield table(
        "network_consortium", "id uuid code name division_id structure valid_from valid_until",
        [(1, key, f"{plan.county_code}-YGT", name, ids[plan.county_code], structure(plan), CONSORTIUM_SINCE, None)],
    )  # fmt: skip
    members = [u for u in plan.units if u.kind in MEMBERSHIP]
    yield table(
        "network_membership", "id consortium_id facility_id role valid_from valid_until",
        [(i, 1, u.id, MEMBERSHIP[u.kind], CONSORTIUM_SINCE, None) for i, u in enumerate(members, 1)],
    )  # fmt: skip
    hospitals = plan.of_kind("TOWNSHIP_HOSPITAL", "COMMUNITY_CENTRE")
    # Areas go round the county by direction from the lead hospital.
    lead = plan.of_kind("COUNTY_HOSPITAL")[0]
    around = sorted(
        hospitals, key=lambda u: float(np.arctan2(u.latitude - lead.latitude, u.longitude - lead.longitude))
    )
    area_of = {u.id: 1 + i * N_AREAS // len(around) for i, u in enumerate(around)}
    yield table(
        "network_area", "id uuid code name kind",
        [
            (i, key, f"{plan.county_code}-AREA{i}", f"第{'一二三'[i - 1]}片区", "AREA")
            for i, key in enumerate(_uuids(plan, "areas", N_AREAS), 1)
        ],
    )  # fmt: skip
    grouped = [u for u in plan.units if u.id in area_of or (u.tier == "VILLAGE" and u.manager in area_of)]
    yield table(
        "network_area_facilities", "id area_id facility_id",
        [(i, area_of.get(u.id) or area_of[u.manager], u.id) for i, u in enumerate(grouped, 1)],  # type: ignore[index]
    )  # fmt: skip


def departments(plan: Plan) -> list[tuple[int, Unit, str, str, bool]]:
    """Departments with their ids: id, unit, code, name, takes patients back after a referral."""
    rows = []
    for unit in plan.units:
        own = COUNTY_DEPARTMENTS if unit.kind == "COUNTY_HOSPITAL" else OTHER_DEPARTMENTS.get(unit.kind, ())
        takes = unit.tier == "TOWNSHIP"
        rows += [(unit, code, name, takes and code in {"QUANKE", "KANGFU"}) for code, name in own]
    return [(i, *row) for i, row in enumerate(rows, 1)]


def _means(plan: Plan) -> Iterator[Block]:
    """Departments, services, equipment, beds and titles."""
    own = departments(plan)
    yield table(
        "network_department", "id facility_id code name takes_back opened_on closed_on",
        [(i, u.id, code, name, back, FOUNDED, None) for i, u, code, name, back in own],
    )  # fmt: skip
    rng = rng_for(plan.seed, "means")
    services, equipment, beds, titles = [], [], [], []
    for unit in plan.units:
        offered = [(*s, False) for s in SERVICES] if unit.kind != "SERVICE_POINT" and unit.tier != "COUNTY" else []
        n_tcm = {
            "TCM_HOSPITAL": 6,
            "TOWNSHIP_HOSPITAL": 6,
            "COMMUNITY_CENTRE": 6,
            "VILLAGE_CLINIC": int(rng.integers(2, 6)),
        }
        offered += [(*s, True) for s in TCM_SERVICES[: n_tcm.get(unit.kind, 0)]]
        services += [(unit.id, code, name, tcm, False, FOUNDED, None) for code, name, tcm in offered]
        had = EQUIPMENT.get(unit.kind, ())
        if unit.kind == "VILLAGE_CLINIC" and rng.random() < 0.8:
            had = (("ECG", "便携式十二导联心电图机", 18_000),)
        for k, (kind, name, yuan) in enumerate(had, 1):
            bought = date(2016 + int(rng.integers(0, 9)), 1 + int(rng.integers(0, 12)), 15)
            equipment.append((unit.id, f"{unit.code}-{kind}{k}", kind, name, "IN_USE", bought, None, yuan * 100))
        if unit.kind in BEDS:
            beds.append((unit.id, None, "MEDICAL", BEDS[unit.kind], FOUNDED, None))
        titles += _titles(unit, float(rng.random()))
    for name, columns, rows in (
        ("network_service", "facility_id code name is_tcm is_tibetan valid_from valid_until", services),
        ("network_equipment", "facility_id code kind name state installed_on retired_on cost_fen", equipment),
        ("network_bedcount", "facility_id department_id kind n_beds valid_from valid_until", beds),
        ("network_title", "facility_id code name level granted_on valid_until evidence", titles),
    ):
        yield table(name, f"id {columns}", [(i, *row) for i, row in enumerate(rows, 1)])


def _titles(unit: Unit, draw: float) -> list[tuple[Any, ...]]:
    granted = date(2023, 12, 1)
    if unit.kind == "COUNTY_HOSPITAL":
        return [(unit.id, "COUNTY_CAPABILITY", "县医院医疗服务能力推荐标准", "recommended", granted, None, "合成数据")]
    if unit.tier == "TOWNSHIP":
        rows = [
            (
                unit.id,
                "QUALITY_SERVICE",
                "优质服务基层行",
                "recommended" if draw < 0.52 else "basic",
                granted,
                None,
                "合成数据",
            )
        ]
        if draw < 0.2:
            rows.append((unit.id, "SUB_CENTRE", "县域医疗服务次中心", "provincial", granted, None, "合成数据"))
        return rows
    if unit.kind == "VILLAGE_CLINIC" and draw < 0.12:
        return [(unit.id, "MODEL_CLINIC", "省级样板村卫生室", "provincial", granted, None, "合成数据")]
    return []


def account_blocks(plan: Plan, staff: Staff, resident_at: Callable[[int], tuple[str, str]]) -> Iterator[Block]:
    """Accounts without a usable password, and their grants."""
    keys = _uuids(plan, "user-uuids", len(staff.members), CONSORTIUM_SINCE)
    since = moment(CONSORTIUM_SINCE)
    own = {m.id: resident_at(m.resident) for m in staff.members if m.resident >= 0}
    yield table(
        "accounts_user",
        "id uuid password last_login username name title facility_id resident_uuid is_active must_change_password "
        "password_changed_at created_at email",
        [
            (m.id, key, "!", None, m.username, own.get(m.id, ("", m.name))[1], m.title, m.unit,
             own[m.id][0] if m.id in own else None, True, False, None, since, "")
            for m, key in zip(staff.members, keys, strict=True)
        ],
    )  # fmt: skip
    grants = _uuids(plan, "grant-uuids", len(staff.members), CONSORTIUM_SINCE)
    yield table(
        "accounts_grant",
        "id uuid user_id role facility_id with_subordinates division_code everywhere valid_from valid_until granted_at "
        "granted_by revoked_at revoked_by",
        [
            (m.id, key, m.id, m.role, *_place(m), since, None, since, None, None, None)
            for m, key in zip(staff.members, grants, strict=True)
        ],
    )


def _place(member: Member) -> tuple[Any, ...]:
    somewhere = member.everywhere or bool(member.division_code)
    return (None if somewhere else member.unit, member.with_subordinates, member.division_code, member.everywhere)
