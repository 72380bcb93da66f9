"""What comes from outside the county's own systems: settlements, deaths, staff income, postings and the statistical return.

The officer sends them in as the insurer and the offices hand them over: one file with a settlement told twice is refused by its
line, one of last year comes in last year's layout.
"""

import csv
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from xinglin.platform import clock
from xinglin.project.demo.playing import Journey, require

SETTLED = [
    "结算编号",
    "结算日期",
    "身份证号",
    "机构编码",
    "就医地点",
    "机构层级",
    "类别",
    "险种",
    "总费用（元）",
    "基金支付（元）",
]
#: As the insurer called them a year ago.
SETTLED_BEFORE = [{"身份证号": "证件号码", "就医地点": "就医地"}.get(each, each) for each in SETTLED]
#: Place, tier, kind, whole cost and part of the fund in yuan; how many of each.
CARE = [
    ("县内", "村级", "门诊", 60, 30, 18), ("县内", "乡级", "门诊", 150, 80, 10), ("县内", "乡级", "住院", 2600, 2000, 6),
    ("县内", "县级", "住院", 7800, 5200, 9), ("县外", "", "住院", 21000, 9400, 3), ("县外", "", "门诊", 480, 120, 3),
]  # fmt: skip
#: A year ago: fewer stayed in the county, and each stay cost a little less.
CARE_BEFORE = [("县内", "乡级", "住院", 2500, 1900, 4), ("县内", "县级", "住院", 7600, 5000, 8)]
#: The months between: every one is sent, since a month that is lacking leaves the whole year without data.
CARE_BETWEEN = [
    ("县内", "乡级", "门诊", 150, 80, 6), ("县内", "县级", "住院", 7700, 5100, 1), ("县外", "", "门诊", 460, 110, 1),
]  # fmt: skip
ITEMS = {
    "unified-domains-required": 7, "unified-domains-proved": 6, "body-members": 11, "body-members-grassroots": 4,
    "warning-links-required": 3, "warning-links-proved": 3,
}  # fmt: skip
DIED = ["编号", "死亡日期", "机构编码", "年龄", "根本死因", "四类慢病"]
REPORTED = ["编号", "统计日期", "机构编码", "项目", "数值"]
LAST_MONTH = 12
AGES = (41, 52, 58, 63, 66, 69, 74, 81)


def sent_in(journey: Journey) -> str:
    """Every return the national indicators wait for; what is wrong in one is refused by its line, and nothing is taken."""
    today = clock.today(journey.seen["started"])
    this, year_ago = f"{today:%Y-%m}", f"{today.year - 1}-{today:%m}"
    rows = settled(journey, CARE, today, "S")
    twice = [*rows, rows[0]]
    refused = send(journey, "settlements", this, SETTLED, twice, want=422)
    require(str(len(twice) + 1) in str(refused), f"the line of the second settlement is not told: {refused}")
    before = settled(journey, CARE_BEFORE, date(today.year - 1, today.month, 1), "T")
    n = send(journey, "settlements", this, SETTLED, rows)["n_rows"]
    n_before = send(journey, "settlements", year_ago, SETTLED_BEFORE, before)["n_rows"]
    for kind, month, headings, lines in [*others(journey, today), *between(journey, today)]:
        send(journey, kind, month, headings, lines)
    return (
        f"{n} settlements of {this}, {n_before} of {year_ago} in last year's layout; one told twice refused by its line"
    )


def settled(journey: Journey, care: Sequence[tuple[Any, ...]], day: date, letter: str) -> list[list[Any]]:
    """Settlements of the demonstration's insured, one after another."""
    insured = journey.seen["insured"]
    rows: list[list[Any]] = []
    for place, tier, kind, total, fund, n in care:
        for _one in range(n):
            number, code = insured[len(rows) % len(insured)]
            rows.append(
                [
                    f"{letter}{day:%y%m}{len(rows):04}",
                    day,
                    number,
                    code if tier else "",
                    place,
                    tier,
                    kind,
                    "居民",
                    total,
                    fund,
                ]
            )
    return rows


def others(journey: Journey, today: date) -> list[tuple[str, str, list[str], list[list[Any]]]]:
    """The other returns: kind, month, headings, lines."""
    hospital, township = journey.seen["hospital_code"], journey.seen["township_code"]
    year = today.year if today.month == LAST_MONTH else today.year - 1
    posted = (today.replace(day=1) - timedelta(days=230)).replace(day=1)
    incomes = [("县级", hospital, 320, 36_800_000), ("乡级", township, 46, 3_950_000)]
    return [
        (
            "deaths", f"{today:%Y-%m}", DIED,
            [[f"D{age}", today, township, age, "I21.9", "是"] for age in AGES],
        ),
        (
            "staff_income", f"{year}-12", ["编号", "年末日期", "机构编码", "机构层级", "平均人数", "收入合计（元）"],
            [[f"I{code}", date(year, 12, 31), code, tier, n, yuan] for tier, code, n, yuan in incomes],
        ),
        (
            "postings", f"{posted:%Y-%m}", ["编号", "开始日期", "身份证号", "派驻机构编码", "派驻机构层级", "职称级别", "类别"],
            [[f"P{n}", posted, f"37040319800101{n:04}", township, "乡级", "中级", "派驻"] for n in range(4)],
        ),
        (
            "returns", f"{today:%Y-%m}", REPORTED,
            [[f"R-{item}", today, hospital, item, value] for item, value in ITEMS.items()],
        ),
    ]  # fmt: skip


def between(journey: Journey, today: date) -> list[tuple[str, str, list[str], list[list[Any]]]]:
    """What the eleven months before this one told: kind, month, headings, lines."""
    hospital, township = journey.seen["hospital_code"], journey.seen["township_code"]
    found: list[tuple[str, str, list[str], list[list[Any]]]] = []
    last = today.replace(day=1) - timedelta(days=1)
    for n in range(LAST_MONTH - 1):
        month = f"{last:%Y-%m}"
        dead = [f"D{month}", last, township, AGES[n % len(AGES)], "I21.9", "是"]
        items = [[f"R-{month}-{item}", last, hospital, item, value] for item, value in ITEMS.items()]
        found += [
            ("settlements", month, SETTLED, settled(journey, CARE_BETWEEN, last, "S")),
            ("deaths", month, DIED, [dead]),
            ("returns", month, REPORTED, items),
        ]
        last = last.replace(day=1) - timedelta(days=1)
    return found


def send(
    journey: Journey, kind: str, month: str, headings: Sequence[str], rows: Sequence[Sequence[Any]], *, want: int = 201
) -> Any:
    """One return, as CSV."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"{kind}-{month}.csv")
        with file.open("w", encoding="utf-8-sig", newline="") as text:
            csv.writer(text).writerows([headings, *rows])
        return journey["bureau-officer"].upload("/returns", file, want=want, kind=kind, month=month)
