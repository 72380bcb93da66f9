"""Plans of tasks in the reader's language, where whoever planned them by a rule knows the words of it."""

from collections.abc import Callable

_WORDS: dict[str, Callable[[str], str]] = {}


def register_plan_words(origin_kind: str, say: Callable[[str], str]) -> None:
    """Have plans of tasks of an origin said by `say`; called while applications load."""
    _WORDS[origin_kind] = say


def said(origin_kind: str, plan: str) -> str:
    """A plan as the reader reads it; what a person wrote stands as it was written."""
    say = _WORDS.get(origin_kind)
    return say(plan) if say and plan else plan
