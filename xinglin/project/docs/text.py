"""Small pieces of Markdown."""

from collections.abc import Iterable, Sequence

from django.utils import translation

GENERATED = "<!-- Made by `python -m xinglin docs`. Change the code it comes from, then run that again. -->\n\n"


def page(title: str, *parts: str) -> str:
    """A page: heading, then its parts with a blank line between."""
    return f"{GENERATED}# {title}\n\n" + "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; pipes and line ends inside cells are made harmless."""
    lines = [_line(head), "|" + " --- |" * len(head)]
    lines += [_line(row) for row in rows]
    return "\n".join(lines)


def _line(cells: Sequence[object]) -> str:
    return "| " + " | ".join(" ".join(str(cell).split()).replace("|", "\\|") for cell in cells) + " |"


def chinese(text: object) -> str:
    """A lazy text as a Chinese reader sees it."""
    with translation.override("zh-hans"):
        return str(text)


def english(text: object) -> str:
    """A lazy text as an English reader sees it."""
    with translation.override("en"):
        return str(text)
