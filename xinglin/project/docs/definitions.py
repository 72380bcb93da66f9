"""The definitions that ship: all of them, and the indicators at length."""

from typing import Any

from django.conf import settings

from xinglin.platform.definitions import Definition, read
from xinglin.project.docs.text import page, table

MEASURES = {
    "count": "number of facts",
    "share": "numerator over denominator, in percent",
    "median": "median of `{column}` where it is known",
    "quantile90": "nine in ten are at most this: 0.9 quantile of `{column}` where it is known",
}


def pages() -> dict[str, str]:
    """``definitions.md`` and ``indicators.md``."""
    topics = {
        folder.name: sorted((read(path) for path in folder.glob("*.toml")), key=lambda each: each.slug)
        for folder in sorted(settings.DEFINITIONS_DIR.iterdir())
        if folder.is_dir()
    }
    return {"definitions.md": _all(topics), "indicators.md": _indicators(topics["indicators"])}


def _all(topics: dict[str, list[Definition]]) -> str:
    parts = [
        "Reviewed, dated data that decides how a county works: one TOML file each under `definitions/<topic>/`. A "
        "county puts its own in `$XINGLIN_HOME/definitions/<topic>/`; a file of the same slug takes the place of the "
        "shipped one. How to write one: [write a definition](../how-to/write-a-definition.md). *Mark* says where the "
        "figures come from.",
    ]
    for topic, found in topics.items():
        parts += [
            f"## {topic}",
            table(
                ("slug", "中文", "English", "mark", "valid from", "until", "next review", "examples"), map(_row, found)
            ),
        ]
    return page("Definitions", *parts)


def _row(each: Definition) -> tuple[object, ...]:
    return (
        f"`{each.slug}`", each.title_zh, each.title_en, each.mark, each.valid_from, each.valid_until or "",
        each.next_review, _examples(each) or "",
    )  # fmt: skip


def _examples(each: Definition) -> int:
    """Worked examples, wherever in the file they stand."""

    def count(value: Any) -> int:
        if isinstance(value, dict):
            return sum(len(v) if k == "examples" and isinstance(v, list) else count(v) for k, v in value.items())
        return sum(map(count, value)) if isinstance(value, list) else 0

    return len(each.examples) + count(each.content)


def _indicators(found: list[Definition]) -> str:
    parts = [
        "Figures of the county board, computed from the reporting facts, never from live tables. *No data* is shown "
        "when there is no extraction, no fact of that kind in the period, or a denominator of 0; it is never shown as "
        "0. Each figure opens down to the records behind it. The files are `definitions/indicators/*.toml`; each "
        "carries worked examples that a test computes.",
    ]
    for each in sorted(found, key=lambda each: (each.content.get("order", 100), each.slug)):
        parts += [
            f"## {each.title_en} · {each.title_zh}",
            f"`{each.slug}`",
            _meaning(each),
            table(("", ""), _facts(each)),
        ]
    return page("Indicators", *parts)


def _meaning(each: Definition) -> str:
    why = each.content.get("why", {})
    return "\n\n".join(why[language] for language in ("en", "zh") if language in why)


def _facts(each: Definition) -> list[tuple[str, object]]:
    content = each.content
    common = _conditions(content.get("where", []))
    rows: list[tuple[str, object]] = [
        ("measure", MEASURES[content["measure"]].format(column=content.get("column", ""))),
        ("unit", content["unit"]),
        ("facts", f"`{content['fact']}`" + (f" where {common}" if common else "")),
    ]
    if content["measure"] == "share":
        rows.append(("numerator", _conditions(content.get("numerator", [])) or "all of them"))
        rows.append(("denominator", _conditions(content.get("denominator", [])) or "all of them"))
    if content.get("group_by"):
        rows.append(("split by", f"`{content['group_by']}`"))
    rows += [
        ("better", {"up": "higher", "down": "lower"}.get(content.get("direction", ""), "neither")),
        ("source", each.source), ("mark", each.mark),
        ("in force", f"from {each.valid_from}" + (f" until {each.valid_until}" if each.valid_until else "")),
        ("next review", each.next_review), ("worked examples", len(each.examples)),
    ]  # fmt: skip
    return rows


def _conditions(conditions: list[list[Any]]) -> str:
    return " and ".join(_condition(*each) for each in conditions)


def _condition(column: str, operator: str, value: Any) -> str:
    if operator == "known":
        return f"`{column}` is {'known' if value else 'not known'}"
    shown = ", ".join(map(str, value)) if isinstance(value, list) else {True: "true", False: "false"}.get(value, value)
    return f"`{column} {operator} {shown}`"
