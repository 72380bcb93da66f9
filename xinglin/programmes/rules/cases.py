"""What is asked and what is answered: a person, his past visits, an outcome. Values without behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from xinglin.programmes.rules.items import Item, Value
from xinglin.programmes.rules.shapes import Origin
from xinglin.programmes.rules.words import Text


@dataclass(frozen=True, slots=True)
class Person:
    """What rules need of a resident. `sex` as GB/T 2261.1 has it: "1" male, "2" female. `diagnoses`: ICD-10 codes known."""

    sex: str
    born_on: date
    is_pregnant: bool | None = None
    diagnoses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier visit of the same programme, with what was found then. `controlled` None: could not be told."""

    on: date
    answers: Mapping[str, Value]
    controlled: bool | None
    grade: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One measurement on the way to a diagnosis."""

    on: date
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to act on now. `level`: emergency, refer, adjust, note.

    `channel` and `criterion` are those of referrals, empty where none is asked for. `deadline_days`: until it must be done
    (0: today). `follow_within_days`: until somebody must have looked what became of it. `values`: the facts it rests on.
    """

    code: str
    level: str
    text: Text
    channel: str
    criterion: str
    deadline_days: int | None
    follow_within_days: int | None
    origin: Origin
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to change, said at the visit."""

    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class Education:
    """A point to talk about. `topic`: diet, salt, exercise, smoking, alcohol, weight, medicine …"""

    point: str
    topic: str
    text: Text


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a visit comes to.

    `grade`: slug, "" when it cannot be told. `controlled`: by the reporting threshold; `on_target`: by the clinical target;
    both None when not measured. `missing`: codes of items needed and not given. `tests_due`: values with an interval of their own
    (`Item.valid_days`) that have run out or were never measured: to be measured at the next opportunity, the visit is complete
    without them. `refused`: answers that cannot be, with the
    reason; they count as not given. `computed`: values that follow from the answers. `in_a_row`: how often not controlled in
    a row, this visit included. `refuted`: codes of findings wanting a referral that this visit measured and found otherwise;
    one it could not tell is not among them. `may_move`: codes of movements down that could be proposed. `reached`: codes
    of aims that this visit shows as reached. `complete`: nothing missing and
    nothing refused.
    """

    grade: str
    controlled: bool | None
    on_target: bool | None
    alerts: tuple[Alert, ...]
    next_due: date
    advice: tuple[Advice, ...]
    education: tuple[Education, ...]
    missing: tuple[str, ...]
    tests_due: tuple[str, ...]
    complete: bool
    refused: Mapping[str, str]
    computed: Mapping[str, Value]
    in_a_row: int
    may_move: tuple[str, ...]
    refuted: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether somebody belongs into a programme. `reasons`: what speaks for it, or what excludes or is lacking."""

    is_eligible: bool
    reasons: tuple[Text, ...]
    is_excluded: bool


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What readings come to. `state`: confirmed, suspected, not. `days`: different days that count.

    `ask_again_by`: until when the next reading is wanted; None when none is.
    """

    state: str
    days: int
    days_needed: int
    next_step: Text
    ask_again_by: date | None


@dataclass(frozen=True, slots=True)
class Reason:
    """A comparison that decided: of which fact, with which value, and what was asked of it (``≥ 140``; of a choice: empty)."""

    fact: str
    value: Value
    asks: str


@dataclass(frozen=True, slots=True)
class Screening:
    """What a screening comes to. `positive` None: not enough was answered, or the person is not to be screened.

    `reasons`: the comparisons that decided. `again_on`: next time; None when not to be screened.
    """

    positive: bool | None
    score: Value
    reasons: tuple[Reason, ...]
    again_on: date | None
    is_due: bool
    is_high_risk: bool | None
    next_step: Text
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemOnForm:
    """One item of a joint form: asked once, for every programme in `programmes`.

    `value`: the last answer carried forward, with its day; None where the question begins anew. `stands_until`: until that day
    the value counts by itself and is not typed again.
    """

    item: Item
    programmes: tuple[str, ...]
    is_required: bool
    value: Value
    value_on: date | None
    stands_until: date | None = None
