"""Scripts of calls: what is said and asked, what follows from the answers. ``definitions/followup-scripts``."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from xinglin.platform import conditions, definitions
from xinglin.platform.definitions import Definition, DefinitionError
from xinglin.platform.language import Text
from xinglin.web.formats import listed_text

TOPIC = "followup-scripts"
KINDS = frozenset({"choice", "many", "yesno", "number", "text", "satisfaction"})
#: What an alert does: says it, raises a task, a task for tomorrow, or the advice to see a doctor now.
LEVELS = ("note", "task", "concern", "refer")
YES_NO = (("yes", Text("是", "Yes")), ("no", Text("否", "No")))
STARS = tuple(
    (str(n), Text(zh, en))
    for n, zh, en in (
        (5, "非常满意", "Very satisfied"), (4, "满意", "Satisfied"), (3, "一般", "Neither"), (2, "不满意", "Not satisfied"),
        (1, "非常不满意", "Not satisfied at all"),
    )
)  # fmt: skip
MAX_TEXT = 500

Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """One question. `when` None: always asked; `low` and `high` bound a number."""

    code: str
    text: Text
    kind: str
    options: tuple[tuple[str, Text], ...]
    scores: Mapping[str, int]
    is_required: bool
    unit: str
    low: Decimal
    high: Decimal
    when: conditions.Condition | None

    def is_asked(self, answers: Answers) -> bool:
        """Whether the branch leads here: it does when what decides is known and says so."""
        return self.when is None or bool(self.when.truth(answers))

    def read(self, given: object) -> Any:
        """An answer as it is kept; None when nothing was said. :raises ValueError: says what is wrong"""
        if self.kind == "many":
            chosen = [str(each) for each in given] if isinstance(given, list | tuple) else []
            if not set(chosen) <= {value for value, _text in self.options}:
                raise ValueError(_("请从列表中选择。"))
            return chosen
        text = "" if given is None else str(given).strip()
        if not text:
            return None
        if self.kind == "number":
            return self._number(text)
        if self.kind == "text":
            if len(text) > MAX_TEXT or "\x00" in text:
                raise ValueError(_("填写的内容太长或含有无效字符。"))
            return text
        if text not in {value for value, _text in self.options}:
            raise ValueError(_("请从列表中选择。"))
        return int(text) if self.kind == "satisfaction" else text

    def _number(self, text: str) -> float:
        try:
            value = Decimal(text)
        except InvalidOperation as error:
            raise ValueError(_("请填数字。")) from error
        if not value.is_finite() or not self.low <= value <= self.high:
            raise ValueError(
                _("超出可能的范围（%(low)s—%(high)s）。") % {"low": f"{self.low:f}", "high": f"{self.high:f}"}
            )
        return float(value)

    def says(self, value: Any) -> str:
        """An answer in words."""
        known = dict(self.options)
        if isinstance(value, list):
            return listed_text(known.get(each, each) for each in value) or str(_("都没有"))
        if self.kind == "number":
            return f"{value:g} {self.unit}".strip()
        return str(known.get(str(value), value))

    def says_in_record(self, value: Any) -> str:
        """The same in the language of the records, whoever asks."""
        with override(settings.LANGUAGE_CODE):
            return self.says(value)

    def score(self, value: Any) -> int:
        """Points of an answer."""
        chosen = value if isinstance(value, list) else [value]
        return sum(self.scores.get(str(each), 0) for each in chosen)


@dataclass(frozen=True, slots=True)
class Alert:
    """What an answer calls for: `level` one of `LEVELS`, to be done within `days`."""

    code: str
    level: str
    text: Text
    days: int
    when: conditions.Condition


@dataclass(frozen=True, slots=True)
class Script:
    """One script in one version."""

    slug: str
    version: str
    definition: Definition
    opening: Text
    items: tuple[Item, ...]
    alerts: tuple[Alert, ...]

    @property
    def title(self) -> str:
        """In the reader's language."""
        return self.definition.title


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the answers to one script come to. `score` counts what was asked; `satisfaction` None: nobody said."""

    version: str
    asked: tuple[str, ...]
    missing: tuple[str, ...]
    score: int
    satisfaction: int | None
    alerts: tuple[Alert, ...]


def scripts(on: date) -> list[Script]:
    """Those in force on a day."""
    return [script_of(each) for each in definitions.versions(TOPIC) if each.is_valid_on(on)]


def on_file() -> list[Script]:
    """Every version, in force or not."""
    return [script_of(each) for each in definitions.versions(TOPIC)]


def script(slug: str, on: date) -> Script:
    """One script as it stands on a day. :raises DefinitionError: there is none"""
    for each in definitions.versions(TOPIC):
        if each.slug == slug and each.is_valid_on(on):
            return script_of(each)
    raise DefinitionError(f"no script {slug} on {on}")


def version(name: str) -> Script:
    """The script of a record, as it stood then. :raises DefinitionError: it is gone"""
    for each in definitions.versions(TOPIC):
        if each.version == name:
            return script_of(each)
    raise DefinitionError(f"no script {name}")


@lru_cache(maxsize=256)
def script_of(definition: Definition) -> Script:
    """A script from its definition. :raises DefinitionError: it is not as it must be"""
    content = definition.content
    try:
        found = Script(
            definition.slug, definition.version, definition, Text.of(content["opening"]),
            tuple(_item(each) for each in content["items"]), tuple(_alert(each) for each in content.get("alerts", ())),
        )  # fmt: skip
    except (KeyError, conditions.ConditionError, InvalidOperation) as error:
        raise DefinitionError(f"{definition.slug}: {error!r}") from error
    codes = [each.code for each in found.items]
    for index, item in enumerate(found.items):
        if item.kind not in KINDS:
            raise DefinitionError(f"{definition.slug}: {item.code}: kind {item.kind}")
        if item.when is not None and not item.when.fields() <= set(codes[:index]):
            raise DefinitionError(f"{definition.slug}: {item.code} asks what was not asked before")
        if not set(item.scores) <= {value for value, _text in item.options}:
            raise DefinitionError(f"{definition.slug}: {item.code}: a score for no option")
    if len(codes) != len(set(codes)):
        raise DefinitionError(f"{definition.slug}: an item twice")
    for alert in found.alerts:
        if alert.level not in LEVELS or not alert.when.fields() <= set(codes):
            raise DefinitionError(f"{definition.slug}: alert {alert.code}")
    return found


def _item(raw: Mapping[str, Any]) -> Item:
    kind = raw["kind"]
    options = tuple((str(each["value"]), Text.of(each)) for each in raw.get("options", ()))
    if kind in {"yesno", "satisfaction"}:
        options = YES_NO if kind == "yesno" else STARS
    return Item(
        code=raw["code"], text=Text.of(raw), kind=kind, options=options, scores=dict(raw.get("scores", {})),
        is_required=raw.get("required", kind != "many"), unit=raw.get("unit", ""),
        low=Decimal(str(raw.get("low", -100_000))), high=Decimal(str(raw.get("high", 100_000))),
        when=conditions.parse(raw["when"]) if "when" in raw else None,
    )  # fmt: skip


def _alert(raw: Mapping[str, Any]) -> Alert:
    return Alert(
        raw["code"], raw["level"], Text.of(raw), int(raw.get("days", 0)), conditions.parse(raw["when"])
    )  # fmt: skip


def together(found: Iterable[Script]) -> list[tuple[Script, tuple[Item, ...]]]:
    """Several scripts on one screen: what an earlier one asks is not asked again."""
    seen: set[str] = set()
    sections = []
    for each in found:
        fresh = tuple(item for item in each.items if item.code not in seen)
        seen |= {item.code for item in fresh}
        sections.append((each, fresh))
    return sections


def read(found: Sequence[Script], given: Mapping[str, object]) -> tuple[dict[str, Any], dict[str, object]]:
    """Answers as they are kept, and what is wrong with others by their code. What a branch does not ask is left out."""
    answers: dict[str, Any] = {}
    wrong: dict[str, object] = {}
    for _script, items in together(found):
        for item in items:
            if not item.is_asked(answers):
                continue
            try:
                value = item.read(given.get(item.code))
            except ValueError as error:
                wrong[item.code] = error.args[0]
                continue
            if value is not None:
                answers[item.code] = value
    return answers, wrong


def assess(script: Script, answers: Answers) -> Outcome:
    """What answers come to by one script."""
    asked = [item for item in script.items if item.is_asked(answers)]
    stars = [answers[item.code] for item in asked if item.kind == "satisfaction" and item.code in answers]
    return Outcome(
        version=script.version,
        asked=tuple(item.code for item in asked),
        missing=tuple(item.code for item in asked if item.is_required and answers.get(item.code) in (None, "")),
        score=sum(item.score(answers[item.code]) for item in asked if item.code in answers),
        satisfaction=min(stars) if stars else None,
        alerts=tuple(each for each in script.alerts if each.when.truth(answers)),
    )
