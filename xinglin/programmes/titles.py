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


def options(on: date) -> list[tuple[str, str]]:
    """Programmes in force, for a choice."""
    return [(each.slug, str(each.short)) for each in catalogue.programmes(on)]
