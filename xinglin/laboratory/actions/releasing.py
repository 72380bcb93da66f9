"""Results are let out in a report: by the rules when every one holds, else by a person. Nothing critical goes silently."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import catalogue, checks, permissions, queries, wording
from xinglin.laboratory.actions.rows import locked_request, require_seen, trimmed
from xinglin.laboratory.checks import Reason
from xinglin.laboratory.data import Source
from xinglin.laboratory.events import Event
from xinglin.laboratory.models import Release, ReleasedResult, Result
from xinglin.laboratory.policies import REPORTED, Status
from xinglin.platform import clock
from xinglin.platform.actors import Actor, system_actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.web.formats import listed_text

#: Marks in the audit trail and on the report that nobody but the rules looked.
RULES = "自动审核"


@transaction.atomic
def release_results(
    *,
    request: Any,
    confirmed: Sequence[str] = (),
    conclusion: str = "",
    remark: str = "",
    partial: bool = False,
    seen: str = "",
    by: Actor,
    at: datetime,
) -> Release:
    """Let out the newest version of every result: a report, or after one its correction.

    `confirmed`: codes of the critical values that were looked at again; each critical result must be named, and its
    clock starts now. `partial`: the rest follows; as often as something more is known. `conclusion`: said instead of the one made from the flags.
    `seen`: the token of the results that were looked at (`queries.seen_token`).

    :raises NotPermitted: the actor does not release at the centre
    :raises Conflict: nothing new to release (``nothing-new``), items are awaited (``incomplete``), quality control
        forbids it (``release-blocked``), or a result came or changed after it was looked at (``results-changed``)
    :raises InvalidInput: a critical value not named (``critical-not-confirmed``), or entered and released by one person
        alone without a remark (``single-handed``)
    """
    request = locked_request(request.pk)
    permissions.may_release(by, request).require()
    require_seen(request, seen)
    results = queries.newest_results(request)
    fresh = _fresh(request, results, partial=partial)
    _require_complete(request, results, partial=partial)
    _require_unblocked(request, fresh, at)
    _require_confirmed(results, fresh, confirmed, remark, by)
    specimens = list(request.specimens.select_related("shipment"))
    reasons = checks.reasons_for_review(request, fresh, specimens, at=at)
    return _release(
        request, results, reasons=reasons, conclusion=conclusion, remark=trimmed(remark, "remark", most=200),
        partial=partial, by=by, at=at,
    )  # fmt: skip


def release_by_rules(request: Any, *, by: Actor, at: datetime) -> Release | None:
    """Release without a person when every rule holds for every result; None when it waits for one. Called by the
    actions that change what is known of a request, inside their transaction.
    """
    request = locked_request(request.pk)
    results = queries.newest_results(request)
    if request.status not in {Status.PERFORMED, Status.PRELIMINARY} or not results:
        return None
    if queries.missing_of(request, results):
        return None
    specimens = list(request.specimens.select_related("shipment"))
    if checks.reasons_for_review(request, results, specimens, at=at):
        return None
    rules = catalogue.rules(on=clock.today(at))
    assert rules is not None
    return _release(
        request, results, reasons=[], conclusion="", remark="", partial=False, rule_set=rules.version,
        by=system_actor(f"{RULES} {rules.version}"), at=at,
    )  # fmt: skip


def _fresh(request: Any, results: Sequence[Result], *, partial: bool) -> list[Result]:
    released = queries.released_ids(request)
    fresh = [each for each in results if each.pk not in released]
    # With nothing new a partial report may still become the final one: what was awaited was refused.
    if not fresh and (partial or not (request.status == Status.PRELIMINARY and results)):
        raise Conflict(_("没有新的结果可以发布。"), code="nothing-new")
    return fresh


def _require_complete(request: Any, results: Sequence[Result], *, partial: bool) -> None:
    missing = queries.missing_of(request, results)
    if missing and not partial:
        items = listed_text(catalogue.analyte(code).title for code in missing[:6])
        raise Conflict(
            _("还有 %(n)d 项没有结果：%(items)s。可先发布部分结果。") % {"n": len(missing), "items": items},
            code="incomplete",
        )
    if not missing and partial:
        raise Conflict(_("结果已齐，请发布正式报告。"), code="complete")


def _require_unblocked(request: Any, fresh: Sequence[Result], at: datetime) -> None:
    if blocked := checks.blocks(request.centre, fresh, at=at):
        first = blocked[0]
        raise Conflict(
            _("%(item)s：%(why)s") % {"item": catalogue.analyte(first.analyte).title, "why": first.words},
            code="release-blocked",
        )


def _require_confirmed(
    results: Sequence[Result], fresh: Sequence[Result], confirmed: Sequence[str], remark: str, by: Actor
) -> None:
    critical = [each for each in results if each.critical]
    if missing := [each for each in critical if each.critical not in confirmed]:
        told = _("%(item)s %(value)s 是危急值，请复核并勾选后发布。") % {
            "item": catalogue.analyte(missing[0].analyte).title, "value": missing[0].text,
        }  # fmt: skip
        raise InvalidInput(told, fields={"confirmed": told}, code="critical-not-confirmed")
    own = [each for each in fresh if each.critical and each.source == Source.HAND and each.entered_by == by.user_id]
    if own and not remark.strip():
        alone = _("危急值应由两人核对：录入与发布为同一人时，请写明复查情况。")
        raise InvalidInput(alone, fields={"remark": alone}, code="single-handed")


def _release(
    request: Any, results: Sequence[Result], *, reasons: Sequence[Reason], conclusion: str, remark: str, partial: bool,
    rule_set: str = "", by: Actor, at: datetime,
) -> Release:  # fmt: skip
    said: dict[str, Any] = {
        "findings": wording.findings_of(request, results, partial=partial),
        "conclusion": conclusion.strip() or wording.conclusion_of(request, results),
        "is_abnormal": any(wording.is_abnormal(each) for each in results),
        "criticals": list(dict.fromkeys(each.critical for each in results if each.critical)),
    }
    report = _report(request, said, results, remark=remark, partial=partial, by=by, at=at)
    release = Release.objects.create(
        request=request, report=report, is_partial=partial, rule_set=rule_set,
        reasons=[each.kept for each in reasons], remark=remark, released_at=at, released_by=by.user_id,
        released_by_name=by.name[:80],
    )  # fmt: skip
    ReleasedResult.objects.bulk_create([ReleasedResult(release=release, result=each) for each in results])
    announce(
        Event.RESULTS_RELEASED, obj=request, subject=request.resident.uuid, by=by, at=at,
        place=request.centre.facility_id, n=len(results), rules=rule_set, partial=partial,
        criticals=len(said["criticals"]),
    )  # fmt: skip
    return release


def _report(
    request: Any,
    said: dict[str, Any],
    results: Sequence[Result],
    *,
    remark: str,
    partial: bool,
    by: Actor,
    at: datetime,
) -> Any:
    """The report of the request: diagnostics keeps it, tells the sender and starts the clocks of critical values."""
    if request.status in REPORTED:
        why = remark or "；".join(dict.fromkeys(each.reason for each in results if each.reason)) or str(_("结果更正"))
        return diagnostics.amend_report(request=request, **said, reason=why[:500], by=by, at=at)
    if request.status == Status.PERFORMED:
        # The shared flow knows a report only of a claimed request: who releases has it.
        request = diagnostics.claim_request(request=request, by=by, at=at)
    if partial:
        further = request.status == Status.PRELIMINARY
        write = diagnostics.continue_preliminary if further else diagnostics.write_preliminary
        return write(request=request, **said, by=by, at=at)
    return diagnostics.write_final(request=request, **said, by=by, at=at)
