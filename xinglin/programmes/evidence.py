"""Why somebody was found, kept by code and value; the words are made when it is read, in the reader's language.

A piece is a table with one of these keys, or a sentence: rows of before hold sentences, and where no code fits them, keep them.

    {"diagnosis": "I10.x00"}                                a diagnosis on record
    {"high_days": 3}                                        so many days with a reading that is high enough
    {"step": "confirmed", "version": "hypertension@…"}      what the definition says comes next
    {"fact": "systolic", "value": "152", "asks": "≥ 140"}   a comparison that decided
    {"managed": "2021-04-01", "until": "2024-05-06"}        he was managed before, until he moved away
    {"checkup": "TJ…", "on": "2026-03-02", "words": "…"}    what the doctor of a check-up wrote
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from xinglin.programmes import answering
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.cases import Reason
from xinglin.programmes.rules.describing import named
from xinglin.programmes.rules.words import AND
from xinglin.visits import api as visits

Piece = Mapping[str, Any] | str


def of_diagnosis(code: str) -> Piece:
    """A diagnosis on record."""
    return {"diagnosis": code}


def of_days(n: int) -> Piece:
    """Readings of so many days reach the threshold of the diagnosis."""
    return {"high_days": n}


def of_step(version: str, step: str) -> Piece:
    """What comes next: `step` is ``confirmed`` or ``screening``."""
    return {"step": step, "version": version}


def of_reason(reason: Reason) -> Piece:
    """A comparison that decided a screening."""
    return {"fact": reason.fact, "value": answering.kept({reason.fact: reason.value})[reason.fact], "asks": reason.asks}


def of_checkup(number: str, on: date, words: str) -> Piece:
    """What the doctor who signed the report of a check-up wrote."""
    return {"checkup": number, "on": on.isoformat(), "words": words}


def of_former(since: date, until: date) -> Piece:
    """He was in the programme before, until he moved away."""
    return {"managed": since.isoformat(), "until": until.isoformat()}


def names_in(pieces: Iterable[Piece]) -> Mapping[str, str]:
    """The names of the diagnoses in it, by code: one query for a whole page."""
    codes = {each["diagnosis"] for each in pieces if not isinstance(each, str) and "diagnosis" in each}
    return visits.diagnosis_names(codes) if codes else {}


def said(pieces: Iterable[Piece], names: Mapping[str, str] | None = None) -> list[str]:
    """All of it in the reader's language; of a version that nobody has any more nothing is said. `names`: of diagnoses."""
    return [words for each in pieces if (words := _said(each, names or {}))]


def reasons_said(reasons: Iterable[Reason]) -> list[str]:
    """What decided a screening that is not kept yet."""
    return said(of_reason(each) for each in reasons)


def _said(piece: Piece, names: Mapping[str, str]) -> str:
    if isinstance(piece, str):
        return piece
    if "diagnosis" in piece:
        words = _("诊断编码 %(code)s") % {"code": piece["diagnosis"]}
        return f"{words} {names.get(piece['diagnosis'], '')}".strip()
    if "high_days" in piece:
        n = piece["high_days"]
        return ngettext("%(n)d个不同日期的测量值达到诊断界值", "%(n)d个不同日期的测量值达到诊断界值", n) % {"n": n}
    if "step" in piece:
        return str(catalogue.step_said(piece["version"], piece["step"]) or "")
    if "managed" in piece:
        return _("%(since)s至%(until)s曾在管，迁出时终止，回迁后重新纳入") % {
            "since": piece["managed"],
            "until": piece["until"],
        }
    if "fact" in piece:
        return _compared(piece)
    told = {"number": piece["checkup"], "day": piece["on"], "words": piece["words"]}
    return _("体检 %(number)s（%(day)s）：%(words)s") % told


def _compared(piece: Mapping[str, Any]) -> str:
    """``收缩压 152 mmHg ≥ 140``; a choice is said by its words alone."""
    fact, value = piece["fact"], piece["value"]
    item = answering.known_item(fact)
    shown = answering.said(fact, value) if item else _plain(fact, value)
    return " ".join(part for part in (str(item.label) if item else named(fact), shown, piece["asks"]) if part)


def _plain(fact: str, value: Any) -> str:
    """A fact about the person."""
    if fact == "sex":
        return {"1": _("男"), "2": _("女")}.get(str(value), "")
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return str(AND).join(map(str, value)) if isinstance(value, list | tuple) else str(value)
