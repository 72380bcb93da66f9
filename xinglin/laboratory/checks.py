"""What holds a result back: the rules of release, and whoever else is asked (internal quality control)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.laboratory import catalogue
from xinglin.laboratory.catalogue import Rules
from xinglin.laboratory.data import Hold, ReleaseCheck
from xinglin.laboratory.models import Result, Specimen
from xinglin.laboratory.states import SpecimenStatus
from xinglin.platform import clock

#: Reasons in words, for the review queue. Stable codes.
WORDS = {
    "rules-off": _("自动审核未启用"),
    "source": _("手工录入，须人工审核"),
    "priority": _("此紧急程度须人工审核"),
    "critical": _("危急值，须复核后发布"),
    "no-range": _("没有适用于此性别、年龄的参考范围"),
    "delta": _("与上次结果相差过大"),
    "bounds": _("超出自动审核界限"),
    "cold-chain": _("运送温度超限"),
    "late": _("送检超过容器时限"),
    "refused-specimen": _("有标本被拒收"),
    "correction": _("结果有更正"),
    "blocked": _("质控未通过，暂停发布"),
}
_CHECKS: list[ReleaseCheck] = []


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something waits for a person: the item (empty: the whole order), a code of `WORDS`, more words."""

    analyte: str
    code: str
    words: str
    url: str = ""  # where it can be set right

    @property
    def kept(self) -> dict[str, str]:
        """As a record keeps it."""
        return {"analyte": self.analyte, "code": self.code}


def register_release_check(check: ReleaseCheck) -> None:
    """Have `check` asked before any result is released, by the rules or by a person; while applications load.

    It gets the centre, the instrument (empty for what was entered by hand), the code of the item and the moment, and
    answers with a `Hold` or None.
    """
    if check not in _CHECKS:
        _CHECKS.append(check)


def unregister_release_check(check: ReleaseCheck) -> None:
    """Ask it no more."""
    _CHECKS.remove(check)


def blocks(centre: Any, results: Sequence[Result], *, at: datetime) -> list[Reason]:
    """What forbids the release of results, whoever releases: the answers of the registered checks."""
    found = []
    for result in results:
        for check in _CHECKS:
            held: Hold | None = check(centre, result.instrument, result.analyte, at)
            if held is not None:
                found.append(Reason(result.analyte, "blocked", str(held.reason), held.url))
    return found


def reasons_for_review(
    request: Any, results: Sequence[Result], specimens: Sequence[Specimen], *, at: datetime
) -> list[Reason]:
    """Why the rules do not release these results of a request; empty when every rule holds for every one of them."""
    rules = catalogue.rules(on=clock.today(at))
    if rules is None or not rules.is_on:
        return [_reason("", "rules-off")]
    found = [_reason("", "priority")] if request.priority not in rules.priorities else []
    found += _of_specimens(rules, results, specimens)
    for result in results:
        found += _of_result(rules, result)
    return found + blocks(request.centre, results, at=at)


def _of_specimens(rules: Rules, results: Sequence[Result], specimens: Sequence[Specimen]) -> list[Reason]:
    found, used = [], {each.specimen_id for each in results}
    if rules.refused and any(each.status == SpecimenStatus.REFUSED or each.refusal for each in specimens):
        found.append(_reason("", "refused-specimen"))
    for each in specimens:
        if each.pk not in used:
            continue
        if rules.wants_cold_chain and each.shipment is not None and each.shipment.is_breached:
            found.append(_reason("", "cold-chain", each.barcode))
        if rules.wants_in_time and is_late(each):
            found.append(_reason("", "late", each.barcode))
    return found


def is_late(specimen: Specimen, at: datetime | None = None) -> bool:
    """Whether it was (or, not received yet, is) longer on its way than its container allows."""
    tube = catalogue.tubes().get(specimen.tube)
    until = specimen.received_at or at
    if tube is None or specimen.collected_at is None or until is None:
        return False
    return until - specimen.collected_at > timedelta(hours=tube.hours)


def _of_result(rules: Rules, result: Result) -> list[Reason]:
    analyte, found = catalogue.analyte(result.analyte), []
    if result.source not in rules.sources:
        found.append(_reason(result.analyte, "source"))
    if result.version > 1:
        found.append(_reason(result.analyte, "correction", result.reason))
    if result.critical:
        found.append(_reason(result.analyte, "critical"))
    if rules.wants_range and not result.range_known:
        found.append(_reason(result.analyte, "no-range"))
    if rules.wants_delta and result.delta_failed:
        found.append(_reason(result.analyte, "delta"))
    if rules.wants_bounds and analyte.auto is not None and result.number is not None:
        low, high = (Decimal(str(each)) for each in analyte.auto)
        if not low <= result.number <= high:
            found.append(_reason(result.analyte, "bounds"))
    return found


def _reason(analyte: str, code: str, more: str = "") -> Reason:
    return Reason(analyte, code, f"{WORDS[code]}：{more}" if more else str(WORDS[code]))
