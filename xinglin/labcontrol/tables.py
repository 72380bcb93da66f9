"""Tables of control: a month as a workbook; runs and external assessment from Excel, row by row."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from xinglin.labcontrol import catalogue
from xinglin.labcontrol.data import GivenSample, GivenValue, Verdict
from xinglin.labcontrol.models import ControlValue
from xinglin.platform.errors import InvalidInput
from xinglin.web.formats import listed_text
from xinglin.web.sheets import Sheet, read_lines, workbook

MOST_ROWS = 50_000
MOST_IMPORTED = 3_000
#: Headings in the language files are kept in, with their keys; a star marks what must be there.
RUN_COLUMNS = {"测定时间*": "run_at", "项目代码*": "analyte", "水平*": "level", "结果*": "value", "批号": "lot"}
EQA_COLUMNS = {
    "项目代码*": "analyte", "样本号*": "sample", "本室结果*": "own", "靶值*": "target", "允许下限": "low",
    "允许上限": "high", "组内标准差": "group_sd", "选定变异系数%": "ccv",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with a row, as a spreadsheet counts it."""

    row: int
    column: str
    value: str
    reason: str


class BadRows(InvalidInput):
    """A table with faulty rows: nothing of it is kept."""

    def __init__(self, faults: Sequence[RowFault]) -> None:
        super().__init__(
            _("表格有错误，没有保存任何内容。"),
            fields={f"row-{each.row}": each.reason for each in faults[:50]},
            code="bad-rows",
        )
        self.faults = list(faults)


@dataclass(frozen=True, slots=True)
class RunRow:
    """A row of a table of runs."""

    row: int
    run_at: datetime
    given: GivenValue


def read_runs(content: bytes) -> list[RunRow]:
    """Values of runs, in order of the table.

    :raises BadRows: says of each row what is wrong
    :raises InvalidInput: it is no such table
    """
    return _read(content, RUN_COLUMNS, _run_row)


def read_samples(content: bytes) -> list[tuple[int, GivenSample]]:
    """Samples of a round of external assessment with their rows. :raises BadRows: says of each row what is wrong"""
    return _read(content, EQA_COLUMNS, _sample_row)


def _read(content: bytes, columns: dict[str, str], build: Callable[[int, dict[str, str]], Any]) -> list[Any]:
    lines = iter(read_lines(content))
    places = _places(next(lines, None), columns)
    found, faults = [], []
    for line in lines:
        cells = {key: line.cells[place] if place < len(line.cells) else "" for key, place in places.items()}
        try:
            found.append(build(line.number, cells))
        except _Fault as fault:
            heading = next(name for name, key in columns.items() if key == fault.column)
            faults.append(RowFault(line.number, heading.rstrip("*"), cells.get(fault.column, ""), fault.reason))
        if len(found) + len(faults) > MOST_IMPORTED:
            raise InvalidInput(
                _("行太多：一次最多 %(n)d 行，请分几次导入。") % {"n": MOST_IMPORTED}, fields={"file": _("行太多。")}
            )
    if faults:
        raise BadRows(faults)
    if not found:
        raise InvalidInput(_("表头之下没有数据。"), fields={"file": _("表头之下没有数据。")})
    return found


def _places(heading: Any, columns: dict[str, str]) -> dict[str, int]:
    said = [cell.strip().rstrip("*＊") for cell in heading.cells] if heading is not None else []
    places = {key: said.index(name.rstrip("*")) for name, key in columns.items() if name.rstrip("*") in said}
    if missing := [name.rstrip("*") for name, key in columns.items() if name.endswith("*") and key not in places]:
        reason = _("缺少必需的列：%(columns)s。") % {"columns": listed_text(missing)}
        raise InvalidInput(reason, fields={"file": reason}, code="bad-heading")
    return places


class _Fault(ValueError):
    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


def _run_row(number: int, cells: dict[str, str]) -> RunRow:
    try:
        run_at = datetime.fromisoformat(cells["run_at"].replace("/", "-"))
    except ValueError as error:
        raise _Fault("run_at", _("时间写成2026-01-31 08:30。")) from error
    if timezone.is_naive(run_at):
        run_at = timezone.make_aware(run_at)
    level = cells["level"].removeprefix("水平").strip()
    if level not in catalogue.levels():
        raise _Fault("level", _("没有这个水平。"))
    given = GivenValue(_filled(cells, "analyte"), level, _number(cells, "value"), cells.get("lot", ""))
    return RunRow(number, run_at, given)


def _sample_row(number: int, cells: dict[str, str]) -> tuple[int, GivenSample]:
    optional = {key: _maybe(cells, key) for key in ("low", "high", "group_sd", "ccv")}
    return number, GivenSample(
        _filled(cells, "analyte"), _filled(cells, "sample"), _number(cells, "own"), _number(cells, "target"), **optional
    )


def _filled(cells: dict[str, str], key: str) -> str:
    if not cells.get(key, ""):
        raise _Fault(key, _("必填。"))
    return cells[key]


def _number(cells: dict[str, str], key: str) -> Decimal:
    found = _maybe(cells, key)
    if found is None:
        raise _Fault(key, _("必填。"))
    return found


def _maybe(cells: dict[str, str], key: str) -> Decimal | None:
    text = cells.get(key, "")
    if not text:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation as error:
        raise _Fault(key, _("请填数字。")) from error
    if not found.is_finite():
        raise _Fault(key, _("请填数字。"))
    return found


# Writing -------------------------------------------------------------------------------------------------------------
def _workbook(title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    return workbook([Sheet(title, headings, rows)])


def run_template(analytes: Sequence[tuple[str, Sequence[str]]], at: datetime) -> bytes:
    """An empty table of runs with the assays (code, levels) of an instrument filled in."""
    moment = f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
    rows = [(moment, code, level, None, "") for code, levels in analytes for level in levels]
    return _workbook("质控结果", list(RUN_COLUMNS), rows)


def eqa_template() -> bytes:
    """An empty table of a round with one row as an example."""
    return _workbook(
        "室间质评", list(EQA_COLUMNS), [("k", "202611", Decimal("4.05"), Decimal("4.00"), None, None, None, None)]
    )


MONTH = (
    "仪器",
    "项目代码",
    "项目",
    "单位",
    "测定时间",
    "水平",
    "批号",
    "结果",
    "均值",
    "标准差",
    "z",
    "判断",
    "触犯规则",
    "录入人",
)


def month_workbook(values: Iterable[ControlValue]) -> bytes:
    """A month's values, one a row; in the language files are kept in."""
    with translation.override("zh-hans"):
        return _workbook("质控月报", MONTH, (_month_row(each) for each in values))


def _month_row(value: ControlValue) -> tuple[Any, ...]:
    assay, target, run = value.result.assay, value.target, value.result.run
    z = value.z
    mine = listed_text(each["code"] for each in value.result.broken if value.level in each["levels"])
    return (
        assay.instrument.name, assay.analyte, catalogue.analyte_title(assay.analyte, assay.title), assay.unit,
        f"{timezone.localtime(run.run_at):%Y-%m-%d %H:%M}", catalogue.level_short(value.level), target.material.lot,
        value.value, target.mean, target.sd, None if z is None else z.quantize(Decimal("0.01")),
        str(Verdict(value.result.verdict).label), mine, run.entered_by_name,
    )  # fmt: skip
