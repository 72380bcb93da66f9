"""Shape of what the pages send."""

import unicodedata
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from xinglin.pathology.data import BlockIn, PartIn, Texts
from xinglin.pathology.models import PathologyCase
from xinglin.platform.errors import InvalidInput
from xinglin.web.formats import listed_text

#: Containers a form has room for.
MOST_ROWS = 8
#: Blocks of one container that grossing takes at once; beyond so many for each piece, and in all, it asks again.
MOST_BLOCKS, MANY_FOR_A_PIECE, MANY = 40, 3, 6
_PART = ("site", "kind", "n_pieces", "fixative", "taken_at", "fixed_at")


def uuid_from(value: str) -> UUID | None:
    """A uuid, or None for anything else."""
    try:
        return UUID(value)
    except ValueError:
        return None


def moment_from(value: str, field: str) -> datetime | None:
    """A local moment as a form writes it; None when empty. :raises InvalidInput: it cannot be read"""
    if not value.strip():
        return None
    try:
        found = parse_datetime(value.strip())
    except ValueError:
        found = None
    if found is None:
        raise InvalidInput(_("时间格式不对。"), fields={field: _("请填写日期和时间。")})
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def day_from(value: str, field: str) -> date:
    """A day. :raises InvalidInput: it cannot be read"""
    try:
        found = parse_date(value.strip())
    except ValueError:
        found = None
    if found is None:
        raise InvalidInput(_("日期格式不对。"), fields={field: _("请选择日期。")})
    return found


def number_from(value: str, field: str) -> int:
    """A whole number. :raises InvalidInput: it is none"""
    typed = unicodedata.normalize("NFKC", value).strip()
    if not typed.isdecimal():
        raise InvalidInput(_("请填整数。"), fields={field: _("请填整数。")})
    return min(int(typed[:9]), 9999)


#: A container as the form shows it before anything is typed.
EMPTY_ROW = {
    "site": "",
    "kind": "endoscopic-biopsy",
    "n_pieces": "1",
    "fixative": "formalin",
    "taken_at": "",
    "fixed_at": "",
}


# The application -----------------------------------------------------------------------------------------------------
def application_data(post: QueryDict) -> dict[str, Any]:
    """The fields of an application as typed; a container of which nothing was filled in or changed is left out."""
    rows = [{name: post.get(f"part-{n}-{name}", "") for name in _PART} for n in range(MOST_ROWS)]
    names = ("item", "question", "clinical", "priority", "centre", "theatre", "phone", "planned_at")
    return {**{name: post.get(name, "") for name in names}, "rows": [row for row in rows if _is_filled(row)]}


def _is_filled(row: dict[str, str]) -> bool:
    """Whether something of a container was typed or chosen other than what an empty row of the form shows."""
    if row["site"].strip() or row["taken_at"].strip() or row["fixed_at"].strip():
        return True
    return any(row[name] and row[name] != EMPTY_ROW[name] for name in ("kind", "n_pieces", "fixative"))


def parts_from(rows: list[dict[str, str]]) -> list[PartIn]:
    """Containers for the action. :raises InvalidInput: a number or a moment cannot be read"""
    return [part_from(row, f"parts.{n}") for n, row in enumerate(rows)]


def part_from(row: dict[str, str], where: str) -> PartIn:
    """One container."""
    if not row["site"].strip():
        raise InvalidInput(_("标本填写有误。"), fields={f"{where}.site": _("请填写部位")})
    return PartIn(
        site=row["site"], kind=row["kind"], fixative=row["fixative"],
        n_pieces=number_from(row["n_pieces"] or "1", f"{where}.n_pieces"),
        taken_at=moment_from(row["taken_at"], f"{where}.taken_at"),
        fixed_at=moment_from(row["fixed_at"], f"{where}.fixed_at"),
    )  # fmt: skip


def corrections_from(post: QueryDict, case: PathologyCase) -> dict[str, dict[str, Any]]:
    """What the sender corrected, by the letter of the container. :raises InvalidInput: a value cannot be read"""
    found = {}
    for part in case.parts.all():
        if f"fix-{part.letter}-site" not in post:
            continue
        row = {name: post.get(f"fix-{part.letter}-{name}", "") for name in _PART}
        typed = part_from(row, f"corrections.{part.letter}")
        found[part.letter] = {name: getattr(typed, name) for name in _PART}
    return found


# Grossing ------------------------------------------------------------------------------------------------------------
def blocks_from(post: QueryDict, case: PathologyCase, *, least: int = 0) -> list[BlockIn]:
    """Blocks for each container, from `least` to 40: how many, and what lies in them, separated by ``；``.

    :raises InvalidInput: no number, out of range, or many more than pieces came without saying that it is meant
    """
    found, many = [], []
    for part in case.parts.order_by("letter"):
        field = f"blocks-{part.letter}"
        n_blocks = number_from(post.get(field, "") or "0", field)
        if not least <= n_blocks <= MOST_BLOCKS:
            told = _("每份标本1—%(n)d个蜡块。") % {"n": MOST_BLOCKS}
            raise InvalidInput(told, fields={field: told})
        if n_blocks > max(MANY_FOR_A_PIECE * part.n_pieces, MANY):
            many.append(_("标本 %(part)s 送检%(pieces)d块") % {"part": part.letter, "pieces": part.n_pieces})
        notes = [each.strip() for each in post.get(f"notes-{part.letter}", "").replace(";", "；").split("；")]
        found += [BlockIn(part.letter, notes[n] if n < len(notes) else "") for n in range(n_blocks)]
    if many and post.get("many_confirmed") != "on":
        told = _("蜡块数比送检块数多很多（%(which)s），请核对；确实如此请勾选确认。") % {"which": listed_text(many)}
        raise InvalidInput(told, fields={"many_confirmed": told})
    return found


# The report ----------------------------------------------------------------------------------------------------------
TEXTS = ("gross", "microscopic", "special", "diagnosis", "comment")


def report_data(post: QueryDict) -> dict[str, Any]:
    """The fields of a report as typed."""
    return {
        **{name: post.get(name, "") for name in TEXTS},
        "codes": [code for code in post.get("codes", "").split(",") if code],
        "choices": [code for code in post.getlist("choices") if code],
        "pictures": post.getlist("pictures"),
        "is_abnormal": post.get("is_abnormal") == "on",
        "criticals": post.getlist("criticals"),
        "not_critical_reason": post.get("not_critical_reason", ""),
        "reason": post.get("reason", ""),
    }


def texts_from(data: dict[str, Any]) -> Texts:
    """The same for the action."""
    said = {name: data[name] for name in TEXTS}
    return Texts(**said, choices=tuple(data["choices"]), pictures=tuple(data["pictures"]))


def signed_from(data: dict[str, Any]) -> dict[str, Any]:
    """What the actions take beside the texts."""
    return {name: data[name] for name in ("codes", "is_abnormal", "criticals", "not_critical_reason")}
