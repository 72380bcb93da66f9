"""The table of marks as a file: what an import reads, and the empty template."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from xinglin.accounts.data import Permission
from xinglin.network import api as network
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput, NotVisible
from xinglin.recognition.data import Level
from xinglin.web.formats import listed_text
from xinglin.web.sheets import Sheet, read_lines, workbook

COLUMNS = {
    "facility": _("机构编码"),
    "kind": _("类别"),
    "item": _("项目代码"),
    "level": _("互认级别"),
    "valid_from": _("起始日期"),
    "valid_until": _("截止日期"),
    "evidence": _("依据"),
}
KINDS = {"检查": "IMAGING", "检验": "LAB", "IMAGING": "IMAGING", "LAB": "LAB"}
Fault = tuple[int, str, object]


@dataclass(frozen=True, slots=True)
class Row:
    """One good row: it names a unit of the actor's, and its dates can be read."""

    number: int
    facility_id: int
    kind: str
    item: str
    level: str
    valid_from: date
    valid_until: date
    evidence: str


def label(key: str) -> str:
    """Heading of a column, in the reader's language."""
    return str(COLUMNS.get(key, key))


def _headings() -> dict[str, str]:
    """Chinese always, so that a file reads back anywhere."""
    with override("zh-hans"):
        return {str(title): key for key, title in COLUMNS.items()}


def read(content: bytes, *, by: Actor, on: date) -> tuple[list[Row], list[Fault]]:
    """Rows that can be read, and what is wrong with the others by row and column.

    :raises InvalidInput: no table, a column is missing, or there are no rows
    :raises TooLarge: see `xinglin.web.sheets`
    """
    lines = iter(read_lines(content))
    heading = next(lines, None)
    names = _headings()
    places = {
        names[cell.rstrip("*")]: index
        for index, cell in enumerate(heading.cells if heading else ())
        if cell.rstrip("*") in names
    }
    if missing := [title for title, key in names.items() if key not in places]:
        reason = _("缺少必需的列：%(columns)s。") % {"columns": listed_text(missing)}
        raise InvalidInput(reason, fields={"file": reason}, code="bad-heading")
    rows: list[Row] = []
    wrong: list[Fault] = []
    n_lines = 0
    for line in lines:
        n_lines += 1
        cells = {key: line.cells[index] if index < len(line.cells) else "" for key, index in places.items()}
        row = _row(line.number, cells, by, wrong)
        if row is not None:
            rows.append(row)
    if n_lines == 0:
        raise InvalidInput(_("表头之下没有数据。"), fields={"file": _("表头之下没有数据。")}, code="no-rows")
    return rows, wrong


def _row(number: int, cells: Mapping[str, str], by: Actor, wrong: list[Fault]) -> Row | None:
    before = len(wrong)
    facility_id = _facility(number, cells["facility"], by, wrong)
    kind = KINDS.get(cells["kind"].upper(), "")
    levels = {str(value): str(value) for value in Level.values}
    with override("zh-hans"):
        levels |= {str(each.label): str(each.value) for each in Level}
    level = levels.get(cells["level"], "")
    if not kind:
        wrong.append((number, label("kind"), _("应为检查或检验。")))
    if not level:
        wrong.append(
            (
                number,
                label("level"),
                _("应为%(words)s。") % {"words": listed_text(each for each in levels if not each.isascii())},
            )
        )
    since, until = (_day(number, name, cells[name], wrong) for name in ("valid_from", "valid_until"))
    if len(wrong) > before or facility_id is None or since is None or until is None:
        return None
    return Row(number, facility_id, kind, cells["item"], level, since, until, cells["evidence"])


def _facility(number: int, code: str, by: Actor, wrong: list[Fault]) -> int | None:
    try:
        found = network.facility_by_code(code).id
    except NotVisible:
        found = None
    places = by.places_where(Permission.RECOGNITION_MANAGE)
    if found is None or (places is not None and found not in places):
        wrong.append((number, label("facility"), _("没有这个机构，或不在您的管理范围内。")))
        return None
    return found


def _day(number: int, name: str, text: str, wrong: list[Fault]) -> date | None:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        wrong.append((number, label(name), _("日期“%(text)s”无法识别，请写成2026-01-31。") % {"text": text[:20]}))
        return None


def template() -> bytes:
    """An empty table with one example."""
    with override("zh-hans"):
        headings = [str(title) for title in COLUMNS.values()]
        sheet = Sheet(
            str(_("互认标识")), headings,
            [["370403101H01", "检验", "cbc", str(Level.PROVINCE.label), "2026-01-01", "2027-01-01", "省临检中心室间质评合格证 2026-0123"]],
        )  # fmt: skip
    return workbook([sheet])
