"""Plans of tasks, answers and reasons of calls in the reader's language, where they were kept by a rule."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from xinglin.followups.rules import contacts as rules
from xinglin.followups.rules import plans, scripts
from xinglin.platform.definitions import DefinitionError
from xinglin.platform.language import Text
from xinglin.web.formats import parted_text

_WORDS: dict[str, Callable[[str], str]] = {}


def register_plan_words(origin_kind: str, say: Callable[[str], str]) -> None:
    """Have plans of tasks of an origin said by `say`; called while applications load."""
    _WORDS[origin_kind] = say


def said(origin_kind: str, plan: str) -> str:
    """A plan as the reader reads it; what a person wrote stands as it was written."""
    say = _WORDS.get(origin_kind)
    return say(plan) if say and plan else plan


def step_said(plan: str) -> str:
    """The plan of a step after a discharge: its first line is the rule's, the others are the hospital's words."""
    step, mark, words = plan.partition("\n")
    return _of_rule(step, (each.text for plan in plans.on_file() for each in plan.steps)) + mark + words


def alert_said(plan: str) -> str:
    """The plan of a task that an answer raised."""
    return _of_rule(plan, (each.text for script in scripts.on_file() for each in script.alerts))


def _of_rule(written: str, texts: Iterable[Text]) -> str:
    return next((str(text) for text in texts if written in (text.zh, text.en)), written)


def exemptions_said(origins: Iterable[str]) -> str:
    """Why somebody is called about these although he was this week, each reason once."""
    return parted_text(dict.fromkeys(rules.exemption_said(each) for each in origins if each))


def answers_said(used: Sequence[Mapping[str, str]], answers: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Questions with what was answered, by the scripts of a call; of a script that is gone as they were kept."""
    items = {item.code: item for each in used for item in _items(each["version"])}
    return [
        (str(items[each["code"]].text), items[each["code"]].says(each["value"]))
        if each["code"] in items else (each["question"], each["answer"])
        for each in answers
    ]  # fmt: skip


def _items(version: str) -> tuple[scripts.Item, ...]:
    try:
        return scripts.version(version).items
    except DefinitionError:
        return ()
