"""The referral definitions as the code reads them: channels, reasons, deadlines, follow-up levels.

Everything a county may want otherwise is read here, from ``definitions/referral-*``.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from xinglin.platform import definitions
from xinglin.platform.language import in_language


# Channels ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Channel:
    """A way a referral may travel (WH-42)."""

    slug: str
    title: str
    direction: str
    is_emergency: bool
    consent_may_be_waived: bool
    icon: str
    tone: str


def channels(direction: str = "") -> list[Channel]:
    """All channels, or those of a direction, in the order of the form."""
    found = sorted(definitions.load("referral-channels"), key=lambda each: each.content["order"])
    return [_channel(each) for each in found if direction in {"", each.content["direction"]}]


def channel(slug: str) -> Channel:
    """One channel. :raises KeyError: there is none of that slug"""
    return _channel(definitions.one("referral-channels", slug))


def _channel(definition: definitions.Definition) -> Channel:
    content = definition.content
    return Channel(
        slug=definition.slug, title=definition.title, direction=content["direction"], is_emergency=content["emergency"],
        consent_may_be_waived=content["consent_may_be_waived"], icon=content["icon"], tone=content["tone"],
    )  # fmt: skip


def channel_title(slug: str) -> str:
    """How a channel is called; its slug when the county has since removed it."""
    try:
        return channel(slug).title
    except KeyError:
        return slug


# Reasons -------------------------------------------------------------------------------------------------------------
def reasons(kind: str, *, status: str = "") -> list[tuple[str, str]]:
    """Coded reasons of a kind (``up``, ``decline``…) as (code, text) in the reader's language.

    `status`: only those that fit a referral in it. A reason without ``states`` fits all.
    """
    rows = definitions.one("referral-reasons", kind).content["reasons"]
    return [(row["code"], in_language(row)) for row in rows if not status or status in row.get("states", [status])]


def reason_text(kind: str, code: str) -> str:
    """The words of a coded reason; the code itself when the county has since removed it."""
    return dict(reasons(kind)).get(code, code)


def any_reason_text(code: str) -> str:
    """The words of a coded reason whatever its kind, for the trail of changes."""
    for definition in definitions.load("referral-reasons"):
        for row in definition.content["reasons"]:
            if row["code"] == code:
                return in_language(row)
    return code


# Deadlines -----------------------------------------------------------------------------------------------------------
def deadline(step: str, *, emergency: bool, since: datetime) -> datetime:
    """When `step` must be done that became somebody's turn at `since` (rules 1.6).

    :raises KeyError: the definition has no such step
    """
    return _after(_deadlines()["steps"][step][_pace(emergency)], since)


def remind_lead(*, emergency: bool) -> timedelta:
    """How long before a deadline one reminder goes out."""
    return _span(_deadlines()["remind"][_pace(emergency)])


@dataclass(frozen=True, slots=True)
class Escalation:
    """Whom to tell (``desk`` or ``manager``) and from which moment on."""

    whom: str
    at: datetime


def escalations(*, emergency: bool, due_at: datetime) -> list[Escalation]:
    """The steps of escalation of a deadline, in order."""
    return [Escalation(step["whom"], _after(step[_pace(emergency)], due_at)) for step in _deadlines()["escalations"]]


def n_escalations() -> int:
    """How many steps of escalation there are."""
    return len(_deadlines()["escalations"])


def access_after_close() -> timedelta:
    """How long the receiving unit still sees a resident after the referral ended."""
    return timedelta(days=_deadlines()["access"]["days_after_close"])


def _deadlines() -> dict[str, Any]:
    return definitions.one("referral-deadlines", "deadlines").content


def _pace(emergency: bool) -> str:
    return "emergency" if emergency else "ordinary"


def _span(spec: dict[str, int]) -> timedelta:
    return timedelta(**{unit: amount for unit, amount in spec.items() if unit != "working_days"})


def _after(spec: dict[str, int], since: datetime) -> datetime:
    if "working_days" in spec:
        return after_working_days(since, spec["working_days"])
    return since + _span(spec)


# Working days --------------------------------------------------------------------------------------------------------
def is_working_day(day: date) -> bool:
    """Whether offices are open on a day: weekends and holidays are not, weekends worked in exchange are."""
    content = definitions.one("referral-deadlines", "working-days").content
    if day in content["working_weekends"]:
        return True
    return day not in content["holidays"] and day.isoweekday() not in content["weekend"]


def after_working_days(since: datetime, n_days: int) -> datetime:
    """The same local time `n_days` working days later; what comes on a day off counts from the next opening hour."""
    local = timezone.localtime(since)
    day, clock_time = local.date(), local.time()
    if not is_working_day(day):
        day, clock_time = _next_working_day(day), _opens()
    for _step in range(n_days):
        day = _next_working_day(day)
    return timezone.make_aware(datetime.combine(day, clock_time))


def _next_working_day(day: date) -> date:
    day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def _opens() -> time:
    opens: time = definitions.one("referral-deadlines", "working-days").content["opens"]
    return opens


# Follow-up after discharge (XC-59) -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class FollowUpLevel:
    """Who follows up at a level and after how many days (0: as the down slip says)."""

    tier: str
    whom: str
    kind: str
    days: int
    risk: int
    text: str


def followup_levels() -> list[FollowUpLevel]:
    """The levels of follow-up after discharge."""
    rows = definitions.one("referral-deadlines", "follow-up-levels").content["levels"]
    return [
        FollowUpLevel(row["tier"], row["whom"], row["kind"], row["days"], row["risk"], in_language(row)) for row in rows
    ]
