"""Programmes and grades in words, for those who have a slug."""

from datetime import date

from xinglin.programmes.rules import catalogue


def short(slug: str) -> str:
    """The short name of a programme; the slug itself when no definition knows it any more."""
    try:
        return str(catalogue.programme(slug).short)
    except LookupError:
        return slug


def grade(slug: str, version: str, code: str) -> str:
    """A grade in words; empty when it is not graded."""
    try:
        found = catalogue.programme(slug, version).grade(code)
    except LookupError:
        return ""
    return str(found.title) if found else ""


def main_options(on: date, besides: str = "") -> list[tuple[str, str]]:
    """The same without those that are only a frame, for a row of tabs; `besides`: one that stands there in any case."""
    return [
        (each.slug, str(each.short)) for each in catalogue.programmes(on) if not each.is_frame or each.slug == besides
    ]


def options(on: date) -> list[tuple[str, str]]:
    """Programmes in force, for a choice."""
    return [(each.slug, str(each.short)) for each in catalogue.programmes(on)]


def rule_said(written: str) -> str:
    """The plan of a task that a rule of a definition wrote, in the reader's language; other words as they stand."""
    texts = (each.text for version in catalogue.all_versions() for each in version.alerts)
    return next((str(text) for text in texts if written in (text.zh, text.en)), written)
