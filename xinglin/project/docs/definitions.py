"""The definitions that ship: all of them, and the indicators at length."""

from typing import Any

from django.conf import settings

from xinglin.platform.definitions import Definition, read
from xinglin.project.docs.text import page, table


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
        "Figures of the county, computed from the [reporting facts](facts.md), never from live tables. *No data* is shown "
        "when a table it needs holds nothing in the period, when a unit has no such row, or when the denominator is 0; it is "
        "never shown as 0. Each figure opens down to the records behind it. The files are `definitions/indicators/*.toml`; "
        "each carries worked examples that the tests compute twice, by DuckDB and by plain Python. Groups: "
        + ", ".join(f"`{each}`" for each in dict.fromkeys(one.content["group"] for one in _ordered(found)))
        + ".",
    ]
    for each in _ordered(found):
        code = each.content.get("code", "")
        parts += [
            f"## {code + ' ' if code else ''}{each.title_en} · {each.title_zh}",
            f"`{each.slug}`",
            "\n\n".join(each.content["why"][language] for language in ("en", "zh")),
            table(("", ""), _facts(each)),
        ]
    return page("Indicators", *parts)


def _ordered(found: list[Definition]) -> list[Definition]:
    return sorted(found, key=lambda each: (each.content.get("order", 1000), each.slug))


def _facts(each: Definition) -> list[tuple[str, object]]:
    content = each.content
    rows: list[tuple[str, object]] = [("group", f"`{content['group']}`"), ("unit", content["unit"])]
    rows += [(part, f"`{content[part]}`") for part in ("numerator", "denominator") if part in content]
    if "growth_of" in content:
        rows.append(("growth of", f"`{content['growth_of']}` against the same period of last year, in percent"))
    if "group_by" in content:
        rows.append(("split by", f"`{content['group_by']}`"))
    if "window" in content:
        rows.append(("over", f"the {content['window']} months to the end of the period"))
    rows += [
        ("base", content["base"]), ("levels", ", ".join(content.get("levels", ["facility", "township", "consortium", "county"]))),
        ("better", {"up": "higher", "down": "lower"}.get(content.get("direction", ""), "neither")),
        *(("published", f"{each['en']} ({each['mark']})") for each in content.get("anchors", ())),
        ("source", each.source_en or each.source), ("mark", each.mark),
        ("in force", f"from {each.valid_from}" + (f" until {each.valid_until}" if each.valid_until else "")),
        ("next review", each.next_review), ("worked examples", len(each.examples)),
    ]  # fmt: skip
    return rows
