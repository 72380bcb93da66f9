"""The reference, made from what the code really does. Each module yields pages: path below docs/reference → text."""

from collections.abc import Callable

from xinglin.project.docs import commands, definitions, facts, permissions, settings, states

MAKERS: tuple[Callable[[], dict[str, str]], ...] = (
    states.pages,
    permissions.pages,
    definitions.pages,
    facts.pages,
    commands.pages,
    settings.pages,
)


def all_pages() -> dict[str, str]:
    """Every generated page, in order of path; equal for equal code, whoever runs it."""
    found: dict[str, str] = {}
    for make in MAKERS:
        found.update(make())
    return dict(sorted(found.items()))
