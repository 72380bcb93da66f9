"""The report: what was found, in plain words and beside last year's; the doctor signs, and what follows is set going."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from xinglin.checkups import permissions, queries, rules
from xinglin.checkups.data import STEP_WORDS, PlanStep, Step
from xinglin.checkups.events import Event
from xinglin.checkups.models import Checkup, CheckupReport
from xinglin.checkups.states import CHECKUP_TRANSITIONS, Status
from xinglin.contracts import api as contracts
from xinglin.followups import api as followups
from xinglin.platform import clock
from xinglin.platform.actors import Actor, system_actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.texts import clean
from xinglin.platform.transitions import move
from xinglin.programmes import api as programmes
from xinglin.residents import api as residents
from xinglin.web.formats import parted_text

FOLLOWING = system_actor("体检总检")
MOST_STEPS, AHEAD = 30, timedelta(days=800)
#: Steps the managing clinic owes the resident a call for.
OWED = (Step.REFER, Step.RECHECK)


@transaction.atomic
def sign_report(
    *, checkup: Checkup, conclusion: str, plan: Sequence[PlanStep], by: Actor, at: datetime
) -> CheckupReport:
    """Sign. The words of each finding are kept as they read today. What is to be rechecked or referred becomes one task of the
    managing clinic, what points to a disease a candidate of its programme, and the contract's item is proved.

    :raises NotPermitted: the actor does not sign there
    :raises Conflict: a station waits, or it was signed
    :raises InvalidInput: no conclusion, or a step that cannot be
    """
    checkup = (
        Checkup.objects.select_for_update(of=("self",))
        .select_related("resident__managed_by", "session")
        .get(pk=checkup.pk)
    )
    permissions.may_report(by, checkup).require()
    text = clean(conclusion, "conclusion", most=2000, least=1)
    found = findings_now(checkup)
    steps = _worded(_checked(plan, at=at), found)
    report = CheckupReport.objects.create(
        checkup=checkup, version=checkup.reports.count() + 1, findings=found,
        plan=[asdict(each) | {"on": each.on.isoformat()} for each in steps], conclusion=text, signed_at=at,
        signed_by_name=by.name[:80],
    )  # fmt: skip
    move(checkup, table=CHECKUP_TRANSITIONS, to=Status.REPORTED, by=by, at=at, place=checkup.facility_id)
    _set_going(checkup, report, steps, by=by, at=at)
    announce(
        Event.REPORTED, obj=report, subject=checkup.resident.uuid, by=by, at=at, place=checkup.facility_id,
        checkup=str(checkup.uuid), version=report.version, n_abnormal=sum(each["level"] in ("abnormal", "urgent") for each in found),
    )  # fmt: skip
    return report


@transaction.atomic
def withdraw_report(*, checkup: Checkup, reason: str, by: Actor, at: datetime) -> Checkup:
    """Withdraw the report to put it right: it stays with the reason, proves nothing any more, and the next is another version.

    :raises NotPermitted: the actor does not sign there
    :raises Conflict: there is none that stands
    """
    permissions.may_withdraw(by, checkup).require()
    said = clean(reason, "reason", most=200, least=1)
    report = queries.report_of(checkup)
    if report is None:
        raise Conflict(_("没有可撤回的报告。"), code="no-report")
    move(checkup, table=CHECKUP_TRANSITIONS, to=Status.EXAMINED, by=by, at=at, place=checkup.facility_id, reason=said)
    CheckupReport.objects.filter(pk=report.pk).update(withdrawn_at=at, withdrawn_why=said)
    contracts.take_back_proof(proof_uuid=report.uuid, by=FOLLOWING, at=at)
    for task in followups.tasks_of_origin(report.uuid):
        if task.status in followups.OPEN:
            with override(settings.LANGUAGE_CODE):
                why = str(_("体检报告已撤回。"))
            followups.cancel_followup(task=task, reason=why, by=FOLLOWING, at=at)
    announce(
        Event.VOIDED, obj=checkup, subject=checkup.resident.uuid, by=by, at=at, place=checkup.facility_id, reason=said,
        report=str(report.uuid),
    )  # fmt: skip
    return checkup


def findings_now(checkup: Checkup) -> list[dict[str, Any]]:
    """Every value with what it means, in both languages, the worst first; and what it was the last time."""
    values, known = queries.values_of(checkup), rules.items()
    past = queries.past_reports(residents.ids_of_person(checkup.resident), before=checkup, limit=1)
    last = {each["item"]: each["text"] for each in past[0].findings} if past else {}
    judged = rules.findings(values, checkup.resident.sex)
    meanings = {item for item, _text, _band in judged}
    plain = [(item, text, None) for item, text in values.items() if item not in meanings]
    return [
        {
            "item": item, "text": text, "unit_zh": known[item].unit_zh, "unit_en": known[item].unit_en,
            "level": str(band.level) if band else "", "zh": band.zh if band else "", "en": band.en if band else "",
            "source": band.source if band else "", "mark": band.mark if band else "", "last": last.get(item, ""),
        }
        for item, text, band in [*judged, *plain]
    ]  # fmt: skip


def _checked(plan: Sequence[PlanStep], *, at: datetime) -> list[PlanStep]:
    today = clock.today(at)
    if len(plan) > MOST_STEPS:
        raise InvalidInput(_("步骤太多。"), fields={"plan": _("步骤太多。")})
    for each in plan:
        if each.step not in list(Step):
            raise InvalidInput(_("请选择下一步。"), fields={"plan": _("请从列表中选择。")})
        if not today <= each.on <= today + AHEAD:
            raise InvalidInput(_("下一步的日期应在今天之后、两年之内。"), fields={"plan": _("日期不对。")})
        clean(each.words, "plan", most=200)
    return sorted(plan, key=lambda each: each.on)


def _worded(steps: list[PlanStep], found: list[dict[str, Any]]) -> list[PlanStep]:
    """Steps that rest on values say them in the language of the records, whoever signs."""
    texts = {each["item"]: each["text"] for each in found}
    if any(not set(each.items) <= texts.keys() for each in steps):
        raise InvalidInput(_("请选择下一步。"), fields={"plan": _("没有这项结果。")})
    with override(settings.LANGUAGE_CODE):
        return [
            replace(each, words=rules.values_said(texts, each.items)[:200]) if each.items else each for each in steps
        ]


def _set_going(checkup: Checkup, report: CheckupReport, steps: list[PlanStep], *, by: Actor, at: datetime) -> None:
    resident = checkup.resident
    owed = [each for each in steps if each.step in OWED]
    if owed:
        with override(settings.LANGUAGE_CODE):  # the language of the records, whoever signs
            plan = parted_text(f"{STEP_WORDS[Step(each.step)]}：{each.words}（{each.on.isoformat()}）" for each in owed)
        followups.plan_followup(
            resident=resident, facility_id=resident.managed_by_id, kind="PLANNED", origin_kind="checkup",
            origin_uuid=report.uuid, due_on=owed[0].on, plan=plan, risk=2 if any(each.step == Step.REFER for each in owed) else 1,
            by=by, at=at,
        )  # fmt: skip
    for each in steps:
        if each.step == Step.ENROL and each.programme:
            try:
                with transaction.atomic():
                    programmes.note_candidate(
                        resident=resident, programme=each.programme, found_by="SCREENING", by=by, at=at,
                        evidence=[programmes.of_checkup(checkup.number, clock.today(at), each.words)],
                    )  # fmt: skip
            except Conflict:
                continue  # not somebody who is managed: moved away, or a child
    package = rules.package(checkup.package)
    if package is not None and package.proofs:
        evidence = contracts.Evidence(
            package.proofs, clock.today(checkup.arrived_at), checkup.facility_id, "checkups.checkupreport", report.uuid
        )
        contracts.note_done(resident_ids=residents.ids_of_person(resident), evidence=evidence, by=by, at=at)
