"""Residents without a team as a table: what an export writes, filled in, an import takes back, checked row by row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.contracts import assigning
from xinglin.contracts.models import Team
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.web.formats import listed_text
from xinglin.web.sheets import Line, Sheet, workbook

#: Headings, always Chinese, so that a file reads back anywhere.
NUMBER, NAME, TEAM = "档案号", "姓名", "团队编号"
HEADINGS = (NUMBER, NAME, "性别", "年龄", "管理机构", "村居", "地址", TEAM)
TEAM_HEADINGS = (TEAM, "团队", "所在机构", "已负责人数")
REQUIRED = (NUMBER, NAME, TEAM)


@dataclass(slots=True)
class Row:
    """One row as it would be written; `faults` by heading. `is_empty`: no team was filled in."""

    number: int
    texts: dict[str, str]
    resident: Any = None
    team: Team | None = None
    faults: dict[str, object] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether the row asks for nothing."""
        return not self.texts.get(TEAM)

    @property
    def told(self) -> list[tuple[str, str, object]]:
        """Each fault: its column, what stands there, and why it is wrong."""
        return [(name, self.texts.get(name, ""), reason) for name, reason in self.faults.items()]


def table_of(
    people: Iterable[Any], teams: Sequence[Team], villages: Mapping[str, str], ages: Mapping[int, str]
) -> bytes:  # fmt: skip
    """The list as a workbook: residents with an empty column for the team, and the teams with their codes."""
    loads = assigning.loads_of([each.pk for each in teams])
    rows = [
        (
            each.number, each.name, each.get_sex_display(), ages[each.pk], str(each.managed_by),
            villages.get(each.division_code, each.division_code), each.address, "",
        )
        for each in people
    ]  # fmt: skip
    known = [(assigning.code_of(each), each.name, str(each.facility), loads.get(each.pk, 0)) for each in teams]
    return workbook([Sheet("待分配居民", HEADINGS, rows), Sheet("团队编号", TEAM_HEADINGS, known)])


def plan(lines: Iterable[Line], teams: Sequence[Team], *, by: Actor, on: date) -> list[Row]:
    """Check each row against the residents the actor signs, the teams he may give to, and the rows before it.

    :raises InvalidInput: the heading does not fit, or no row names a team
    """
    rows = _rows(lines)
    by_code = {assigning.code_of(each): each for each in teams}
    people = assigning.by_number(by, [row.texts[NUMBER].upper() for row in rows])
    seen: set[int] = set()
    for row in rows:
        _check(row, people, by_code, seen)
    found = [row for row in rows if row.resident is not None and row.team is not None]
    serving = assigning.teams_serving(
        ((row.resident.managed_by_id, row.resident.division_code) for row in found), teams, on=on
    )
    held = {each.resident_id: each for each in assigning.standing_of_many(row.resident.pk for row in found)}
    signed = assigning.signed_with(row.resident.pk for row in found)
    for row in found:
        _check_team(row, serving, held, signed)
    return rows


def _rows(lines: Iterable[Line]) -> list[Row]:
    every = iter(lines)
    heading = next(every, None)
    cells = [cell.rstrip("*") for cell in heading.cells] if heading else []
    if missing := [name for name in REQUIRED if name not in cells]:
        raise _bad(_("缺少必需的列：%(columns)s。") % {"columns": listed_text(missing)})
    rows = [
        Row(line.number, {name: line.cells[n] if n < len(line.cells) else "" for n, name in enumerate(cells) if name})
        for line in every
    ]
    rows = [row for row in rows if not row.is_empty]
    if not rows:
        raise _bad(_("没有一行填了团队编号。"))
    return rows


def _bad(reason: object) -> InvalidInput:
    return InvalidInput(reason, fields={"file": reason}, code="bad-table")


def _check(row: Row, people: Mapping[str, Any], teams: Mapping[str, Team], seen: set[int]) -> None:
    resident = people.get(row.texts[NUMBER].upper())
    if resident is None:
        row.faults[NUMBER] = _("没有这份档案，或不在您的辖区。")
    elif resident.name != row.texts[NAME]:
        row.faults[NAME] = _("与档案姓名不一致，请核对是否错行。")
    elif resident.status != "ACTIVE":
        row.faults[NUMBER] = _("该居民已不在册，不能分配。")
    elif resident.pk in seen:
        row.faults[NUMBER] = _("表中已有这名居民。")
    else:
        row.resident = resident
        seen.add(resident.pk)
    row.team = teams.get(row.texts[TEAM].upper())
    if row.team is None:
        row.faults[TEAM] = _("没有这个团队，或您不能分配到这个团队。")


def _check_team(row: Row, serving: Mapping[Any, list[int]], held: Mapping[int, Any], signed: Mapping[int, Any]) -> None:
    resident, team = row.resident, row.team
    if team is None:
        return
    if resident.pk in held:
        row.faults[TEAM] = _("已由“%(team)s”负责。") % {"team": held[resident.pk].team.name}
    elif resident.pk in signed and signed[resident.pk].team_id != team.pk:
        row.faults[TEAM] = _("已与“%(team)s”签约。") % {"team": signed[resident.pk].team.name}
    elif team.pk not in serving[(resident.managed_by_id, resident.division_code)]:
        row.faults[TEAM] = _("该居民不在这个团队的服务区域内。")
