"""Shape of what the pages send."""

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

#: Containers a form has room for.
MOST_ROWS = 8
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
    if not value.strip().isdecimal():
        raise InvalidInput(_("请填整数。"), fields={field: _("请填整数。")})
    return int(value.strip()[:4])


# The application -----------------------------------------------------------------------------------------------------
def application_data(post: QueryDict) -> dict[str, Any]:
    """The fields of an application as typed; a container without site and kind was left empty."""
    rows = [{name: post.get(f"part-{n}-{name}", "") for name in _PART} for n in range(MOST_ROWS)]
    names = ("item", "question", "clinical", "priority", "centre", "theatre", "phone", "planned_at")
    return {**{name: post.get(name, "") for name in names}, "rows": [row for row in rows if row["site"].strip()]}


def parts_from(rows: list[dict[str, str]]) -> list[PartIn]:
    """Containers for the action. :raises InvalidInput: a number or a moment cannot be read"""
    return [part_from(row, f"parts.{n}") for n, row in enumerate(rows)]


def part_from(row: dict[str, str], where: str) -> PartIn:
    """One container."""
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
def blocks_from(post: QueryDict, case: PathologyCase) -> list[BlockIn]:
    """Blocks for each container: how many, and what lies in them, separated by ``；``. :raises InvalidInput: no number"""
    found = []
    for part in case.parts.order_by("letter"):
        n_blocks = number_from(post.get(f"blocks-{part.letter}", "") or "0", "blocks")
        notes = [each.strip() for each in post.get(f"notes-{part.letter}", "").replace(";", "；").split("；")]
        found += [BlockIn(part.letter, notes[n] if n < len(notes) else "") for n in range(min(n_blocks, 60))]
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
