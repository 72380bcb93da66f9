"""The 60 single diseases under their chief-physician teams; of those without a definition of their own, the frame written out.

A row of ``definitions/programme-teams`` says what is particular to a disease: codes, who is in, how often he is seen, when care is
needed at once, what is reviewed, education. Everything else is the same for all and stands here once: it is written out as the text of
a definition, which is then read, checked and computed like any other, and which a clinician can go on from.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from xinglin.platform import definitions
from xinglin.platform.definitions import Definition
from xinglin.programmes.rules.words import Text

TEAMS = "programme-teams"
Row = Mapping[str, Any]
_QUOTED = "常被引用的全国调查数值，未核对原文"
_SOURCE = "平台默认：单病种管理框架，由平台拟定，使用前由县内专业组核定"
_REASONS = ("died", "moved-away", "refused", "lost", "diagnosis-revoked", "entered-in-error")


@dataclass(frozen=True, slots=True)
class Team:
    """A chief physician's team with the diseases it leads, in order. `members` have a definition of their own, `frames` do not."""

    slug: str
    title: Text
    source: str
    mark: str
    members: tuple[str, ...]
    frames: tuple[str, ...]

    @property
    def diseases(self) -> tuple[str, ...]:
        """Slugs of all of them."""
        return self.members + self.frames


#: In the order in which they are shown.
_ORDER = ("hypertension", "diabetes", "rheumatology", "respiratory", "vessels", "digestion", "nerves")


def teams() -> tuple[Team, ...]:
    """The teams, those that ship first."""
    found = [
        Team(
            each.slug, Text(each.title_zh, each.title_en), each.source, each.mark, tuple(each.content["members"]),
            tuple(row["slug"] for row in each.content.get("frames", ())),
        )
        for each in definitions.load(TEAMS)
    ]  # fmt: skip
    return tuple(
        sorted(found, key=lambda each: (_ORDER.index(each.slug) if each.slug in _ORDER else len(_ORDER), each.slug))
    )


def framed() -> tuple[Definition, ...]:
    """The definitions of the frames, the same tuple as long as the teams' files are the same."""
    return _framed(tuple(definitions.load(TEAMS)))


def text_of(version: str) -> str:
    """The text of a frame, to go on from. :raises KeyError: no frame has that version"""
    for team, row in _rows(definitions.load(TEAMS)):
        if f"{row['slug']}@{team.valid_from:%Y-%m-%d}" == version:
            return written(row, team)
    raise KeyError(f"no frame {version}")


@lru_cache(maxsize=4)
def _framed(found: Sequence[Definition]) -> tuple[Definition, ...]:
    return tuple(definitions.read_text(written(row, team), f"{row['slug']}.toml") for team, row in _rows(found))


def _rows(found: Sequence[Definition]) -> Iterator[tuple[Definition, Row]]:
    for team in found:
        yield from ((team, row) for row in team.content.get("frames", ()))


def written(row: Row, team: Definition) -> str:
    """A frame as the text of a definition."""
    title, short, codes = row["title"], row["short"], _list(row["diseases"])
    return "\n".join(
        [
            "# 单病种框架：通用随访内容，由县内专业组补成完整方案后去掉 frame = true。",
            f'slug = "{row["slug"]}"', f'title = {{ zh = "{title["zh"]}", en = "{title["en"]}" }}', f'source = "{_SOURCE}"',
            'mark = "default"', 'author = "Xinglin clinical content"', 'checker = "Xinglin review board"',
            f"valid_from = {team.valid_from}", f"next_review = {team.next_review}", "",
            f'short = {{ zh = "{short["zh"]}", en = "{short["en"]}" }}', f"order = {row['order']}", "frame = true",
            f"diseases = {codes}", "",
            *_who(row, codes), *_prevalence(row), *_SAME_FORM, *_plan(row["every_days"]), *_alerts(row), *_SAME_ALERTS,
            *(f'[[education]]\npoint = "{each}"\n' for each in row["education"]),
            *(f'[[graduation]]\nreason = "{each}"\n' for each in _REASONS),
            *_examples(row),
        ]
    )  # fmt: skip


def _list(texts: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{each}"' for each in texts) + "]"


def _rule(table: str, code: str, zh: str, en: str, when: str) -> str:
    return f'[[{table}]]\ncode = "{code}"\nzh = "{zh}"\nen = "{en}"\nwhen = {when}\n'


def _who(row: Row, codes: str) -> Iterator[str]:
    name, age = row["title"], row["from_age"]
    disease = name["zh"].removesuffix("管理")
    yield _rule(
        "eligibility", "diagnosed", f"已诊断{disease}", f"{name['en']}: diagnosed", f'{{ field = "diagnoses", begins_with = {codes} }}'
    )  # fmt: skip
    said = "18岁以下，由儿科专科管理" if age == 18 else f"{age}岁以下，由专科管理"
    yield _rule(
        "exclusions",
        "too-young",
        said,
        f"Under {age} years: cared for by specialists",
        f'{{ field = "age", below = {age} }}',
    )
    if row.get("sex") == "2":
        yield _rule("exclusions", "man", "男性", "Men", '{ field = "sex", is = "1" }')


def _prevalence(row: Row) -> Iterator[str]:
    if (found := row.get("prevalence")) is not None:
        yield (
            f"[prevalence]\nshare = {found['share']}\nfrom_age = {found['from_age']}\n"
            f'zh = "{found["zh"]}"\nen = "{found["en"]}"\nsource = "{_QUOTED}"\nmark = "default"\n'
        )


_SAME_FORM = (
    """[visits.routine]
required = ["condition_change", "daily_life", "red_flag", "side_effect", "adherence"]
optional = ["review_done", "pain", "systolic", "diastolic", "weight", "height", "bmi", "smoking", "drinking", "medicines"]

[visits.yearly]
required = ["review_done"]

[conditions]
worse = { any = [{ field = "condition_change", is = "worse" }, { field = "daily_life", is = "much" }] }

[[grades]]
slug = "low"
zh = "稳定，生活不受影响"
en = "Stable, daily life as usual"
risk = "low"
when = [{ none = [{ condition = "worse" }] }, { field = "daily_life", is = "none" }]

[[grades]]
slug = "middle"
zh = "生活有些受影响"
en = "Some effect on daily life"
risk = "middle"
when = [{ none = [{ condition = "worse" }] }, { field = "daily_life", is = "some" }]

[[grades]]
slug = "high"
zh = "加重或生活明显受影响"
en = "Worse, or much effect on daily life"
risk = "high"
when = { condition = "worse" }

[targets.reporting]
rules = [{ met = { none = [{ condition = "worse" }] }, zh = "未加重，生活未明显受影响", en = "Not worse, no great effect on daily life" }]

[targets.clinical]
rules = [
  { met = [{ none = [{ condition = "worse" }] }, { field = "daily_life", is = "none" }], zh = "未加重，生活不受影响", en = "Not worse, as usual" },
]
""",
)  # fmt: skip


def _plan(days: int) -> Iterator[str]:
    yield (
        "[plan]\nnot_controlled_days = 30\nunassessed_days = 30\nyearly_days = 365\nintervals = [\n"
        f'  {{ grade = "low", every_days = {days}, level = "village" }},\n'
        f'  {{ grade = "middle", every_days = {min(days, 180) // 2}, level = "village" }},\n'
        '  { grade = "high", every_days = 30, level = "township" },\n]\n'
    )


def _alerts(row: Row) -> Iterator[str]:
    danger, review = row["danger"], row["review"]
    yield (
        f'[[alerts]]\ncode = "red-flag"\nlevel = "emergency"\nzh = "{danger["zh"]}：立即转诊"\nen = "Refer at once: {danger["en"]}"\n'
        'when = { field = "red_flag", is = true }\nchannel = "emergency"\ncriterion = "other-danger"\ndeadline_days = 0\n'
        "follow_within_days = 14\n"
    )
    yield (
        f'[[alerts]]\ncode = "review-due"\nlevel = "note"\nzh = "一年内未做专科复查，请安排：{review["zh"]}"\n'
        f'en = "No specialist review within a year, please arrange: {review["en"]}"\nwhen = {{ field = "review_done", is = false }}\n'
    )


_SAME_ALERTS = (
    """[[alerts]]
code = "worse"
level = "refer"
zh = "病情加重或生活明显受影响：转上级医院，2周内随访转诊情况"
en = "Worse, or much effect on daily life: refer up, follow up within 2 weeks"
when = { condition = "worse" }
channel = "ordinary"
criterion = "beyond-capability"
deadline_days = 7
follow_within_days = 14

[[alerts]]
code = "side-effect-hard"
level = "refer"
zh = "药物不良反应难以控制：建议转上级医院"
en = "A side effect that is hard to stop: refer up"
when = { field = "side_effect", is = "hard" }
channel = "ordinary"
criterion = "medicine-reaction"
deadline_days = 7
follow_within_days = 14

[[alerts]]
code = "side-effect"
level = "adjust"
zh = "有药物不良反应：调整用药，2周内再随访"
en = "A side effect: change the medicines, see again within 2 weeks"
when = { field = "side_effect", is = "mild" }
follow_within_days = 14
""",
)  # fmt: skip


def _examples(row: Row) -> Iterator[str]:
    """One for each grade, each alert, and each way of not belonging."""
    days, sex, age = row["every_days"], row.get("sex", "1"), max(row["from_age"], 58)
    yours = f'{{ sex = "{sex}", age = {age}, diagnoses = ["{row["diseases"][0]}"] }}'
    well = 'eligible = true, grade = "low", controlled = true, on_target = true'
    for title, said, expected in (
        ("稳定", {}, f"{well}, alerts = [], due_in_days = {days}, complete = true"),
        ("生活有些受影响", {"daily_life": '"some"'},
         f'grade = "middle", controlled = true, on_target = false, alerts = [], due_in_days = {min(days, 180) // 2}'),
        ("加重", {"condition_change": '"worse"'}, 'grade = "high", controlled = false, alerts = ["worse"], due_in_days = 14'),
        ("生活明显受影响", {"daily_life": '"much"'}, 'grade = "high", controlled = false, alerts = ["worse"]'),
        ("需立即就诊", {"red_flag": "true"}, 'grade = "low", alerts = ["red-flag"], due_in_days = 14'),
        ("不良反应可耐受", {"side_effect": '"mild"'}, 'alerts = ["side-effect"], due_in_days = 14'),
        ("不良反应难以控制", {"side_effect": '"hard"'}, 'alerts = ["side-effect-hard"], due_in_days = 14'),
        ("一年内未做专科复查", {"review_done": "false"}, 'alerts = ["review-due"]'),
    ):  # fmt: skip
        yield _example(title, yours, said, expected)
    child = yours.replace(f"age = {age}", f"age = {row['from_age'] - 1}")
    yield f'[[examples]]\ntitle = "未到年龄"\nperson = {child}\nexpect = {{ eligible = false, excluded = true }}\n'
    other = yours.replace(row["diseases"][0], "Z00.0")
    yield f'[[examples]]\ntitle = "没有诊断"\nperson = {other}\nexpect = {{ eligible = false, excluded = false }}\n'
    if row.get("sex") == "2":
        man = yours.replace('sex = "2"', 'sex = "1"')
        yield f'[[examples]]\ntitle = "男性"\nperson = {man}\nexpect = {{ eligible = false, excluded = true }}\n'


_STABLE = {
    "condition_change": '"stable"',
    "daily_life": '"none"',
    "red_flag": "false",
    "side_effect": '"none"',
    "adherence": '"regular"',
}


def _example(title: str, person: str, said: Mapping[str, str], expected: str) -> str:
    answers = ", ".join(f"{code} = {value}" for code, value in {**_STABLE, **said}.items())
    return f'[[examples]]\ntitle = "{title}"\nperson = {person}\nanswers = {{ {answers} }}\nexpect = {{ {expected} }}\n'
