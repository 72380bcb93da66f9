"""Whether results may be released: control stands, was run in time, and has not been lost. Asked by the laboratory."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from xinglin.labcontrol import catalogue, queries
from xinglin.labcontrol.data import At, EqaState, Organiser, ReleaseBlock, SuspectWindow
from xinglin.labcontrol.models import Assay, ControlValue, EqaScore, OutOfControl, Target
from xinglin.labcontrol.states import BLOCKING, Status
from xinglin.platform import clock
from xinglin.platform.finding import the_one


def blocks_release(centre: At, instrument: UUID | None, analyte: str, at: datetime) -> ReleaseBlock:
    """Whether control keeps the results of an analyte from being released at a moment.

    It does while the assay is out of control and not yet in control again after an action, and when a level was not run
    within the assay's interval (an instrument may be set to warn only). Without an instrument any assay of the centre's
    facility that is free frees the analyte; an analyte that no instrument has under control is not blocked.
    """
    assays = Assay.objects.filter(
        analyte=analyte.strip().lower(), instrument__facility_id=centre.facility_id, is_active=True,
        instrument__is_active=True,
    ).select_related("instrument")  # fmt: skip
    if instrument is not None:
        assays = assays.filter(instrument__uuid=instrument)
    states = list(states_of(list(assays), at=at).values())
    if not states:
        return ReleaseBlock(blocks=False, code="not-controlled", reason=_("本机构没有为该项目设质控。"))
    return min(states, key=lambda each: (each.blocks, each.warns))


def states_of(assays: list[Assay], *, at: datetime) -> dict[int, ReleaseBlock]:
    """The state of each assay (with its instrument), by id; three queries however many there are."""
    ids = [each.pk for each in assays]
    losses = {each.assay_id: each for each in queries.open_losses(ids) if each.status in BLOCKING}
    targets: dict[int, list[Target]] = {pk: [] for pk in ids}
    for target in queries.targets_in_force(ids):
        if target.begun_at:
            targets[target.assay_id].append(target)
    newest = {(each.result.assay_id, each.level): each for each in queries.latest_values(ids)}
    return {each.pk: _state(each, losses.get(each.pk), targets[each.pk], newest, at) for each in assays}


def _state(
    assay: Assay, loss: OutOfControl | None, targets: list[Target], newest: dict[tuple[int, str], ControlValue],
    at: datetime,
) -> ReleaseBlock:  # fmt: skip
    title = catalogue.analyte_title(assay.analyte, assay.title)
    if loss is not None and loss.opened_at <= at:
        reason = _("%(analyte)s 质控失控（%(rules)s），%(status)s，结果不能发布。") % {
            "analyte": title, "rules": _("、").join(loss.rules_broken), "status": Status(loss.status).label,
        }  # fmt: skip
        return ReleaseBlock(
            blocks=True, code="out-of-control", reason=reason, suspect_from=loss.suspect_from, event=loss.uuid
        )
    blocks, late = not assay.instrument.only_warns, late_levels(assay, targets, newest, at=at)
    if not targets:
        reason = _("%(analyte)s 还没有启用质控靶值。") % {"analyte": title}
        return ReleaseBlock(blocks=blocks, code="no-run", reason=reason, warns=True)
    if late:
        never = all((assay.pk, level) not in newest for level in late)
        reason = _("%(analyte)s 超过%(hours)d小时没有质控结果：%(levels)s。") % {
            "analyte": title, "hours": assay.interval_hours,
            "levels": _("、").join(catalogue.level_short(level) for level in late),
        }  # fmt: skip
        return ReleaseBlock(blocks=blocks, code="no-run" if never else "overdue", reason=reason, warns=True)
    return ReleaseBlock(blocks=False, code="in-control", reason=_("%(analyte)s 在控。") % {"analyte": title})


def late_levels(
    assay: Assay, targets: Iterable[Target], newest: dict[tuple[int, str], ControlValue], *, at: datetime
) -> list[str]:
    """Levels of an assay that were not run within its interval."""
    since = at - timedelta(hours=assay.interval_hours)
    levels = sorted({target.material.level for target in targets})
    return [
        level for level in levels
        if (found := newest.get((assay.pk, level))) is None or found.result.run_at < since
    ]  # fmt: skip


def suspect_window(loss_uuid: UUID) -> SuspectWindow:
    """The time whose patient results are to be looked at after a loss of control; for the laboratory to list them.

    :raises NotVisible: there is no such loss
    """
    loss = the_one(OutOfControl.objects.select_related("assay__instrument"), uuid=loss_uuid)
    instrument = loss.assay.instrument
    return SuspectWindow(
        facility_id=instrument.facility_id, instrument=instrument.uuid, analyte=loss.assay.analyte,
        since=loss.suspect_from, until=loss.opened_at if loss.retested_at is None else loss.retested_at,
    )  # fmt: skip


def eqa_valid(centre: At, analyte: str, at: datetime) -> EqaState:
    """Whether an analyte's external assessment stands: the newest round of each assessment counts, and the highest
    organiser whose newest round was passed is named. It lapses by itself on the scheme's day.
    """
    code = analyte.strip().lower()
    found = eqa_states([centre.facility_id], on=clock.today(at), analyte=code).get((centre.facility_id, code))
    return EqaState(False, "none", _("该项目没有参加室间质评。")) if found is None else found


def eqa_states(facility_ids: Iterable[int], *, on: date, analyte: str = "") -> dict[tuple[int, str], EqaState]:
    """The state of `eqa_valid` by facility and analyte, of those that ever took part. One query."""
    scores = queries.scores_until(facility_ids, on=on, analyte=analyte)
    by_analyte: dict[tuple[int, str], list[EqaScore]] = {}
    for score in scores:
        by_analyte.setdefault((score.round.scheme.facility_id, score.analyte), []).append(score)
    return {key: _eqa_state(each, on) for key, each in by_analyte.items()}


def _eqa_state(scores: list[EqaScore], on: date) -> EqaState:
    """Of an analyte's scores, newest first."""
    newest: dict[int, EqaScore] = {}
    for score in scores:
        if score.round.scheme.valid_from <= on < score.round.scheme.valid_until:
            newest.setdefault(score.round.scheme_id, score)
    passed = [score for score in newest.values() if score.passed]
    if not passed:
        reason = _("最近一次室间质评不合格。") if newest else _("室间质评已过有效期。")
        return EqaState(False, "failed" if newest else "lapsed", reason)
    order = [each.value for each in Organiser]
    best = min(passed, key=lambda score: order.index(score.round.scheme.organiser))
    scheme = best.round.scheme
    stands = _("%(title)s（%(organiser)s）合格，有效期至%(until)s。") % {
        "title": scheme.title, "organiser": scheme.organiser_name, "until": scheme.valid_until.isoformat(),
    }  # fmt: skip
    return EqaState(True, "valid", stands, scheme.organiser, scheme.valid_until, best.percent)
