"""Plans made at discharge: who follows up on which day with which script. ``definitions/followup-plans``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from xinglin.platform import definitions
from xinglin.platform.definitions import Definition, DefinitionError
from xinglin.platform.language import Text

TOPIC = "followup-plans"
LEVELS = ("COUNTY", "TOWNSHIP", "VILLAGE")
KINDS = ("BEFORE_DISCHARGE", "AFTER_DISCHARGE")


@dataclass(frozen=True, slots=True)
class Step:
    """One follow-up: `level` does it on `day` counted from the discharge, by `script`."""

    code: str
    level: str
    kind: str
    day: int
    script: str
    risk: int
    text: Text


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan in one version."""

    slug: str
    version: str
    definition: Definition
    discharges: frozenset[str]
    diagnoses: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def title(self) -> str:
        """In the reader's language."""
        return self.definition.title

    def fits(self, discharge: str, diagnosis: str) -> int | None:
        """How closely it fits: the length of the prefix of the diagnosis, 0 for a plan for all; None when not at all."""
        if discharge not in self.discharges:
            return None
        if not self.diagnoses:
            return 0
        return max((len(each) for each in self.diagnoses if diagnosis.startswith(each)), default=None)


def plans(on: date) -> list[Plan]:
    """Those in force on a day."""
    return [plan_of(each) for each in definitions.versions(TOPIC) if each.is_valid_on(on)]


def on_file() -> list[Plan]:
    """Every version, in force or not."""
    return [plan_of(each) for each in definitions.versions(TOPIC)]


def plan_for(discharge: str, diagnosis: str, *, on: date) -> Plan | None:
    """The plan that fits most closely; None when none fits."""
    fitting = [(each.fits(discharge, diagnosis), each) for each in plans(on)]
    known = [(fit, each) for fit, each in fitting if fit is not None]
    return max(known, key=lambda pair: (pair[0], pair[1].slug))[1] if known else None


def steps_of(plan: Plan, *, discharged_on: date, made_on: date) -> list[tuple[Step, date]]:
    """The steps with their days. One before the discharge is left out when the plan is made after it."""
    found = []
    for step in plan.steps:
        if step.kind == "BEFORE_DISCHARGE":
            if made_on <= discharged_on:
                found.append((step, max(made_on, discharged_on + timedelta(days=step.day))))
        else:
            found.append((step, max(made_on, discharged_on + timedelta(days=step.day))))
    return found


@lru_cache(maxsize=256)
def plan_of(definition: Definition) -> Plan:
    """A plan from its definition. :raises DefinitionError: it is not as it must be"""
    content: Mapping[str, Any] = definition.content
    try:
        steps = tuple(
            Step(each["code"], each["level"], each["kind"], int(each["day"]), each["script"], int(each["risk"]), Text.of(each))
            for each in content["steps"]
        )  # fmt: skip
        found = Plan(
            definition.slug, definition.version, definition, frozenset(content["discharges"]),
            tuple(content["diagnoses"]), steps,
        )  # fmt: skip
    except KeyError as error:
        raise DefinitionError(f"{definition.slug}: missing {error}") from error
    _check(found)
    return found


def _check(plan: Plan) -> None:
    codes: Sequence[str] = [each.code for each in plan.steps]
    if len(codes) != len(set(codes)):
        raise DefinitionError(f"{plan.slug}: a step twice")
    for step in plan.steps:
        if step.level not in LEVELS or step.kind not in KINDS or step.risk not in (0, 1, 2):
            raise DefinitionError(f"{plan.slug}: step {step.code}")
        if (step.kind == "BEFORE_DISCHARGE") != (step.day <= 0):
            raise DefinitionError(f"{plan.slug}: step {step.code}: day {step.day}")
