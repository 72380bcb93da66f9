"""A programme as its definition describes it, parsed once. How it is written: docs/how-to/add-a-disease-programme.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from xinglin.platform.conditions import Condition
from xinglin.programmes.rules.words import NOTHING, Text

VISIT_KINDS = ("screening", "confirmation", "routine", "yearly")
ALERT_LEVELS = ("emergency", "refer", "adjust", "note")
RISKS = ("high", "middle", "low")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a number or rule comes from: the text, and how far it can be trusted (see Definition.mark)."""

    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A named condition of eligibility or exclusion, with its words."""

    code: str
    text: Text
    when: Condition
    origin: Origin


@dataclass(frozen=True, slots=True)
class ItemUse:
    """An item on a form: whether it must be answered, and for whom it is asked (None: everybody). `options`: of its choices those that
    this disease's form lists; all when empty. A joint form lists what one of its programmes lists, each once.
    """

    code: str
    is_required: bool
    when: Condition | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grade:
    """One grade. `risk` (high, middle, low) orders the lists; `severity` counts from 0, the mildest."""

    slug: str
    title: Text
    when: Condition
    risk: str
    severity: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Target:
    """What counts as reached. Rules are tried in order, the first whose `who` holds decides."""

    rules: tuple[tuple[Condition, Condition, Text], ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Interval:
    """How often somebody of a grade is seen, by whom (`level`: village, township, county), and how."""

    grade: str
    every_days: int
    level: str
    is_face_to_face: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class Plan:
    """The timetable: an interval for each grade, and shorter ones where something is open.

    `not_controlled_days`: after a visit on which the reporting threshold was not reached. `unassessed_days`: when too little
    was measured for a grade. `yearly_days`: between yearly visits, 0 when there are none. `first_visit_days`: from enrolment to
    the first visit, 0: it is due at once.
    """

    intervals: Mapping[str, Interval]
    not_controlled_days: int
    unassessed_days: int
    yearly_days: int
    first_visit_days: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class AlertRule:
    """When to say what, and what then is due: see `assessing.Alert`."""

    code: str
    level: str
    when: Condition
    text: Text
    channel: str
    criterion: str
    deadline_days: int | None
    follow_within_days: int | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class AdviceRule:
    """What to change, said at once at the visit."""

    code: str
    when: Condition
    text: Text
    origin: Origin


@dataclass(frozen=True, slots=True)
class EducationRule:
    """A point of education (``definitions/programme-education``) and for whom it is meant."""

    point: str
    topic: str
    text: Text
    when: Condition
    origin: Origin


@dataclass(frozen=True, slots=True)
class Complication:
    """What is looked for regularly: the items that show it, and when a finding is positive."""

    code: str
    title: Text
    items: tuple[str, ...]
    every_days: int
    positive: Condition | None
    when: Condition
    origin: Origin


@dataclass(frozen=True, slots=True)
class GraduationReason:
    """Why an enrolment ends. `when` (may be None): what must hold; a person decides in any case. `is_aim`: it is an aim of this
    programme, and none of the reasons for which any may end.
    """

    code: str
    text: Text
    when: Condition | None
    origin: Origin
    is_aim: bool


@dataclass(frozen=True, slots=True)
class Movement:
    """When somebody may move down to a lower level (`to`: township, village). A proposal: a doctor decides."""

    code: str
    to: str
    when: Condition
    text: Text
    channel: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class ScreeningRule:
    """Who is screened, how often (`high_risk_days` when `high_risk` holds), what is positive, and what follows."""

    who: Condition
    every_days: int
    high_risk: Condition | None
    high_risk_days: int
    score: str
    positive: Condition
    next_step: Text
    origin: Origin


@dataclass(frozen=True, slots=True)
class ConfirmationRule:
    """On how many different days, within how many days, readings must be `high`; `at_once` needs no second day."""

    high: Condition
    different_days: int
    within_days: int
    ask_again_days: int
    at_once: Condition | None
    next_step: Text
    confirmed_step: Text
    origin: Origin


@dataclass(frozen=True, slots=True)
class Prevalence:
    """How many of the residents from `from_age` years on are expected to have it. An estimate, never a count."""

    share: float
    from_age: int
    base: Text
    origin: Origin


@dataclass(frozen=True, slots=True)
class Programme:
    """One version of a programme, as it was in force from `valid_from` on. Compared and hashed by identity of version."""

    slug: str
    version: str
    title: Text
    short: Text
    order: int
    valid_from: date
    valid_until: date | None
    next_review: date
    source: str
    mark: str
    diseases: tuple[str, ...]
    joins: tuple[str, ...]
    #: Items that the grade of this programme answers for others at the same visit: the joint form does not ask for them.
    provides: tuple[str, ...]
    #: Secret by law or by the county's word: only who manages it may know who is in it.
    is_confidential: bool
    #: Only what any disease has: to be completed by the county's own team.
    is_frame: bool
    eligibility: tuple[Rule, ...]
    exclusions: tuple[Rule, ...]
    items: Mapping[str, tuple[ItemUse, ...]]
    grades: tuple[Grade, ...]
    reporting: Target | None
    clinical: Target | None
    plan: Plan
    alerts: tuple[AlertRule, ...]
    advice: tuple[AdviceRule, ...]
    education: tuple[EducationRule, ...]
    complications: tuple[Complication, ...]
    graduation: tuple[GraduationReason, ...]
    movements: tuple[Movement, ...]
    screening: ScreeningRule | None
    confirmation: ConfirmationRule | None
    prevalence: Prevalence | None
    indicators: tuple[str, ...]
    parameters: Mapping[str, "Parameter"] = field(default_factory=dict)
    examples: tuple[Mapping[str, Any], ...] = ()
    #: Items computed on the way, in the order in which they can be: everything the conditions ask for.
    computed: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Programme) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)

    def grade(self, slug: str) -> Grade | None:
        """The grade of a slug; None for "" (not graded) and for one that this version does not have."""
        return next((each for each in self.grades if each.slug == slug), None)

    def codes(self, kind: str) -> tuple[str, ...]:
        """Codes of the items on the form of a kind of visit."""
        return tuple(use.code for use in self.items.get(kind, ()))


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that a county may set otherwise, with its words."""

    code: str
    value: Any
    text: Text = NOTHING
    origin: Origin = Origin("", "")
