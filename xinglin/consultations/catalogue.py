"""The definitions of consultation as the code reads them: deadlines, specialties, reasons, fees.

Everything a county may want otherwise is read here, from ``definitions/consultation-*``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from xinglin.consultations.data import Shares
from xinglin.platform import definitions
from xinglin.platform.language import in_language
from xinglin.platform.splitting import largest_remainder

RULES = "consultation-rules"


def _minutes(table: dict[str, Any], kind: str) -> timedelta:
    return timedelta(minutes=table[kind.lower()])


# Deadlines -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Escalation:
    """Who is told that a deadline has passed, and when."""

    whom: str
    at: datetime


def deadline(step: str, kind: str, *, since: datetime) -> datetime:
    """When a step (``answer``, ``opinion``, ``give-up``) of a case of this kind must be done."""
    return since + _minutes(definitions.one(RULES, "deadlines").content["steps"][step], kind)


def remind_lead(kind: str) -> timedelta:
    """How long before a deadline it is recalled."""
    return _minutes(definitions.one(RULES, "deadlines").content["remind"], kind)


def escalations(kind: str, *, due_at: datetime) -> list[Escalation]:
    """The steps of escalation of a deadline, in order."""
    rows = definitions.one(RULES, "deadlines").content["escalations"]
    return [Escalation(row["whom"], due_at + _minutes(row, kind)) for row in rows]


def pack_lasts() -> timedelta:
    """How long after the opinion the pack may still be read."""
    return timedelta(days=definitions.one(RULES, "deadlines").content["pack"]["days_after_opinion"])


# Words ---------------------------------------------------------------------------------------------------------------
def specialties() -> list[tuple[str, str]]:
    """Specialties as (code, name) in the reader's language."""
    return [(row["code"], in_language(row)) for row in definitions.one(RULES, "specialties").content["list"]]


def specialty_title(code: str) -> str:
    """The name of a specialty; its code when the county has since removed it."""
    return dict(specialties()).get(code, code)


def reasons(kind: str) -> list[tuple[str, str]]:
    """Coded reasons (``decline``, ``withdraw``) as (code, text) in the reader's language."""
    return [(row["code"], in_language(row)) for row in definitions.one("consultation-reasons", kind).content["reasons"]]


def reason_text(code: str) -> str:
    """The words of a coded reason whatever its kind; the code itself when it is gone."""
    found = {key: text for kind in ("decline", "withdraw") for key, text in reasons(kind)}
    return found.get(code, code)


# Fees ----------------------------------------------------------------------------------------------------------------
def fee_version() -> str:
    """The fee table in force, by name and day."""
    return definitions.one("consultation-fees", "remote").version


def fee_of(kind: str, title: str) -> Shares:
    """What an opinion of an expert with this title costs in a case of this kind, in fen, and how it is shared."""
    content = definitions.one("consultation-fees", "remote").content
    amount, split = content["prices"][kind][title], content["split"]
    inviting, expert, platform = largest_remainder(amount, [split[each] for each in ("inviting", "expert", "platform")])
    return Shares(amount, inviting, expert, platform)
