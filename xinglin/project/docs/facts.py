"""The reporting schema: every fact table with its columns, as the capabilities declare them."""

from xinglin.platform.facts import FactTable, Kind, Shape, tables
from xinglin.project.docs.text import page, table

KINDS = {Kind.PERSON: "person (pseudonym)", Kind.MOMENT: "moment (UTC)", Kind.DAY: "day (county)"}


def pages() -> dict[str, str]:
    """``facts.md``."""
    found = tables().values()
    parts = [
        "What indicators are computed from: one folder of Parquet files under `$XINGLIN_HOME/facts` for each table, one file "
        "for each month, named by its content. A person is a keyed pseudonym, the same in every table; nobody is in them by "
        "name, number, address or day of birth. `uuid` leads back to the record. An **event** belongs to the month it happened "
        "in, a **spell** to the month it began in. Rows that fail a check are counted and kept.",
        table(("table", "中文", "shape", "columns", "checks"), [_row(each) for each in found]),
    ]
    for each in found:
        parts += [
            f"## {each.name}",
            f"{each.title_en} · {each.title}. {each.meaning} Complete {each.late_after_days} days after the end of a month.",
            table(("column", "kind", "meaning"), [
                (f"`{name}`", KINDS.get(column.kind, column.kind.value), column.meaning + (f" ({column.unit})" if column.unit else ""))
                for name, column in each.columns.items()
            ]),
        ]  # fmt: skip
        if each.checks:
            parts.append(
                table(
                    ("check", "implausible when", "meaning"),
                    [(f"`{c.code}`", f"`{c.when}`", c.meaning) for c in each.checks],
                )
            )
    return {"facts.md": page("Facts", *parts)}


def _row(each: FactTable) -> tuple[object, ...]:
    shape = "event" if each.shape is Shape.EVENT else "spell"
    return f"[`{each.name}`](#{each.name})", each.title, shape, len(each.columns), len(each.checks)
