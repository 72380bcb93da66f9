"""Definitions of this capability: what is recognised, for how long and how far; and why something is done again."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.platform.definitions import Definition, load
from xinglin.platform.errors import wrong
from xinglin.platform.language import in_language
from xinglin.recognition.data import Outcome, Reach
from xinglin.recognition.rule import Item

TOPIC, REASONS = "recognition-items", "recognition-reasons"
#: Outcomes of the reasons that are no refusal.
_NOT_REFUSED = {"98": Outcome.NOT_SEEN, "99": Outcome.SERIAL}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an examination is done again; `needs_text`: the code alone does not say it."""

    code: str
    title: str
    is_refusal: bool
    needs_text: bool

    @property
    def outcome(self) -> Outcome:
        """What a decision for this reason is."""
        return Outcome.REPEATED if self.is_refusal else _NOT_REFUSED.get(self.code, Outcome.SERIAL)


def items(*, on: date, kind: str = "", only_active: bool = False) -> list[Item]:
    """The catalogue in force on a day, in the order of the definitions; titles in the reader's language."""
    return [
        _item(definition, row)
        for definition in load(TOPIC)
        if definition.is_valid_on(on) and kind in {"", definition.content["kind"]}
        for row in definition.content["items"]
        if row.get("active", True) or not only_active
    ]


def kinds(*, on: date) -> list[tuple[str, str]]:
    """Kinds of the catalogue with their titles."""
    return [(each.content["kind"], each.title) for each in load(TOPIC) if each.is_valid_on(on)]


def item_of(kind: str, code: str, *, on: date) -> Item | None:
    """One item of the catalogue in force on a day, or None."""
    return next((each for each in items(on=on, kind=kind) if each.code == code), None)


def item_title(kind: str, code: str, kept: str) -> str:
    """An item in the reader's language; as it was kept when it is no longer in the catalogue."""
    for definition in load(TOPIC):
        for row in definition.content["items"] if definition.content["kind"] == kind else ():
            if row["code"] == code:
                return in_language(row["title"])
    return kept


def _item(definition: Definition, row: dict[str, Any]) -> Item:
    return Item(
        code=row["code"], kind=definition.content["kind"], title=in_language(row["title"]), days=row["days"],
        scope=Reach[row["scope"]], own_mark=row["own_mark"], fen=row["fen"], version=definition.version,
        also=tuple(row.get("also", ())), is_serial=row.get("serial", False), is_active=row.get("active", True),
    )  # fmt: skip


def reasons(*, on: date) -> list[Reason]:
    """The coded reasons in force on a day."""
    return [
        Reason(row["code"], in_language(row["title"]), row["refusal"], row["text"])
        for definition in load(REASONS)
        if definition.is_valid_on(on)
        for row in definition.content["reasons"]
    ]


def reason_of(code: str, *, on: date) -> Reason:
    """One reason. :raises InvalidInput: it is not on the list"""
    for each in reasons(on=on):
        if each.code == code:
            return each
    raise wrong("reason", _("没有这个重复检查原因：%(code)s。") % {"code": code[:20]})


def reason_title(code: str) -> str:
    """A reason in the reader's language; its code when the county has since removed it."""
    for definition in load(REASONS):
        for row in definition.content["reasons"]:
            if row["code"] == code:
                return in_language(row["title"])
    return code


def emergency_reason(*, on: date) -> str:
    """The reason that answers all items of an emergency order at once; empty when there is none."""
    return next((str(each.content["emergency"]) for each in load(REASONS) if each.is_valid_on(on)), "")
