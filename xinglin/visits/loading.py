"""Bringing in tables of diagnoses: the starter table, and a county's official ones from Excel or CSV.

An import is all or nothing: every row is checked first, each fault is told with its row and column, and only a table
without a fault is saved.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from xinglin.platform import audit, clock, definitions
from xinglin.platform.actors import Actor, system_actor
from xinglin.platform.errors import InvalidInput
from xinglin.visits.events import Event
from xinglin.visits.models import DiagnosisTerm
from xinglin.visits.pinyin import initials_of
from xinglin.visits.tables import Row, read_table

STARTER_SOURCE = "starter"
SYSTEMS = ("ICD-10", "TCM")
CODE_SHAPES = {
    # Category, then places of the national clinical or insurance edition, then the mark of dagger and asterisk codes;
    # or a morphology code.
    "ICD-10": re.compile(r"([A-Z]\d{2}(\.[0-9x]{1,3}(x\d{3})?)?[*+†]?|M\d{4,5}/\d)", re.ASCII),
    "TCM": re.compile(r"[A-Z][A-Z0-9.\-]{2,18}", re.ASCII),
}
DATE_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d")
MAX_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class RowError:
    """One fault of a table: the row as a spreadsheet counts it, the column, and what is wrong."""

    row: int
    column: str
    message: str


@dataclass(slots=True)
class Report:
    """What an import did, or would do."""

    n_rows: int = 0
    n_new: int = 0
    n_changed: int = 0
    n_same: int = 0
    n_retired: int = 0
    saved: bool = False
    errors: list[RowError] = field(default_factory=list)


def load_starter_terms() -> int:
    """Bring in the starter table; terms a county imported are left alone. Safe to repeat. Returns how many are new."""
    starter = definitions.one("diagnoses", "starter")
    terms = [
        DiagnosisTerm(
            system=row["system"], code=row["code"], name=row["name"], initials=initials_of(row["name"]),
            rank=int(row["rank"]), source=STARTER_SOURCE,
        )
        for file in starter.content["files"]
        for row in _starter_rows(Path(settings.DEFINITIONS_DIR) / "diagnoses" / file)
    ]  # fmt: skip
    known = set(DiagnosisTerm.objects.values_list("system", "code"))
    new = [term for term in terms if (term.system, term.code) not in known]
    DiagnosisTerm.objects.bulk_create(new, ignore_conflicts=True, batch_size=1000)
    return len(new)


def _starter_rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def import_terms(
    path: Path,
    *,
    system: str,
    source: str,
    at: datetime,
    by: Actor | None = None,
    dry_run: bool = False,
    retire_starter: bool = False,
) -> Report:
    """Read an official table (.xlsx, .xlsm, .csv, .txt) and save it, unless a row is wrong or `dry_run` is set.

    Columns: code and name, and if there are any: system, initials, rank, valid from, valid until; headings in Chinese
    or English. `system` stands for rows that name none. `retire_starter` ends the starter terms of that system which
    the new table does not have.

    :raises InvalidInput: the file cannot be read, or has no column of codes or names
    """
    if system not in SYSTEMS:
        raise InvalidInput(_("诊断体系无法识别。"), fields={"system": _("应为 ICD-10 或 TCM。")})
    if not source.strip() or len(source) > 60:
        raise InvalidInput(_("请写明来源。"), fields={"source": _("必填，最多%(most)d个字。") % {"most": 60}})
    report = Report()
    terms = list(_checked(read_table(path), report, system=system, source=source.strip()))
    if report.n_rows == 0 and not report.errors:
        report.errors.append(RowError(1, "", _("表中没有数据行。")))
    with transaction.atomic():
        _compare(terms, report)
        if report.errors or dry_run:
            return report
        _save(terms)
        if retire_starter:
            report.n_retired = _retire_starter(system, {term.code for term in terms}, on=clock.today(at))
        report.saved = True
        audit.record(
            Event.TERMS_IMPORTED, by=by or system_actor("diagnoses"), at=at, kind="visits.diagnosisterm", key=system,
            detail={"new": report.n_new, "changed": report.n_changed, "retired": report.n_retired},
        )  # fmt: skip
    return report


def _checked(rows: Iterable[Row], report: Report, *, system: str, source: str) -> Iterator[DiagnosisTerm]:
    """Terms of the good rows; faults of the bad ones go into the report."""
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        report.n_rows += 1
        if report.n_rows > MAX_ROWS:
            report.errors.append(RowError(row.number, "", _("表格超过%(most)d行。") % {"most": MAX_ROWS}))
            return
        before = len(report.errors)
        term = _term(row, report, system=system, source=source)
        key = (term.system, term.code)
        if term.code and key in seen:
            message = _("编码重复，已出现在第%(row)d行。") % {"row": seen[key]}
            report.errors.append(RowError(row.number, row.heading("code"), message))
        seen.setdefault(key, row.number)
        if len(report.errors) == before:
            yield term


def _term(row: Row, report: Report, *, system: str, source: str) -> DiagnosisTerm:
    def wrong(column: str, message: str) -> None:
        report.errors.append(RowError(row.number, row.heading(column), message))

    named = row.text("system") or system
    own_system = {"ICD10": "ICD-10", "ICD-10": "ICD-10", "西医": "ICD-10", "TCM": "TCM", "中医": "TCM"}.get(
        named.upper(), ""
    )
    if not own_system:
        wrong("system", _("诊断体系“%(text)s”无法识别。") % {"text": named[:20]})
    code, name = row.text("code"), row.text("name")
    if not code:
        wrong("code", _("缺少编码。"))
    elif own_system and not CODE_SHAPES[own_system].fullmatch(code):
        wrong("code", _("编码“%(text)s”格式不正确。") % {"text": code[:20]})
    if not name:
        wrong("name", _("缺少名称。"))
    elif len(name) > 120 or "\x00" in name or "�" in name:
        wrong("name", _("名称过长，或含有乱码。"))
    since, until = _day(row, "valid_from", wrong), _day(row, "valid_until", wrong)
    if since and until and until <= since:
        wrong("valid_until", _("停用日期应晚于启用日期。"))
    return DiagnosisTerm(
        system=own_system, code=code, name=name, source=source, valid_from=since, valid_until=until,
        initials=(row.text("initials").lower() or initials_of(name))[:60], rank=_rank(row, wrong),
    )  # fmt: skip


def _rank(row: Row, wrong: Any) -> int:
    text = row.text("rank")
    if text and not re.fullmatch(r"\d{1,6}", text, re.ASCII):
        wrong("rank", _("常用度应为0以上的整数。"))
        return 0
    return int(text or 0)


def _day(row: Row, column: str, wrong: Any) -> date | None:
    value = row.values.get(column)
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = row.text(column)
    if not text:
        return None
    for form in DATE_FORMS:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    wrong(column, _("日期“%(text)s”无法识别，请写成2026-01-31。") % {"text": text[:20]})
    return None


def _compare(terms: list[DiagnosisTerm], report: Report) -> None:
    known = {
        (term.system, term.code): term for term in DiagnosisTerm.objects.filter(system__in={t.system for t in terms})
    }
    for term in terms:
        former = known.get((term.system, term.code))
        if former is None:
            report.n_new += 1
            continue
        term.rank = term.rank or former.rank  # how common a term is here, an official table does not say
        same = all(getattr(term, name) == getattr(former, name) for name in _CARRIED)
        report.n_same += same
        report.n_changed += not same


_CARRIED = ("name", "initials", "rank", "source", "valid_from", "valid_until")


def _save(terms: list[DiagnosisTerm]) -> None:
    DiagnosisTerm.objects.bulk_create(
        terms, update_conflicts=True, unique_fields=["system", "code"], update_fields=list(_CARRIED), batch_size=1000
    )


def _retire_starter(system: str, codes: set[str], *, on: date) -> int:
    rows = DiagnosisTerm.objects.filter(system=system, source=STARTER_SOURCE, valid_until__isnull=True).exclude(
        code__in=codes
    )
    return rows.update(valid_until=on)
