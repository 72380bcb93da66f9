"""The control board: each assay with the state of its levels, what needs somebody first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from xinglin.labcontrol import catalogue, queries
from xinglin.labcontrol.data import ReleaseBlock, Verdict
from xinglin.labcontrol.models import Assay, ControlValue, OutOfControl, Target
from xinglin.labcontrol.releasing import late_levels, states_of
from xinglin.labcontrol.states import Status

#: So many assays one facility has at most on a board; more are reached by choosing an instrument.
MOST_ASSAYS = 200
NOT_RUN = "NOT_RUN"
#: State of a cell or a row: tone, icon; what comes first.
LOOKS: dict[str, tuple[str, str]] = {
    Verdict.OUT: ("critical", "alert-octagon"),
    NOT_RUN: ("warning", "clock"),
    Verdict.WARNING: ("warning", "alert-triangle"),
    Verdict.IN: ("ok", "check"),
}
ORDER = list(LOOKS)


@dataclass(frozen=True, slots=True)
class Cell:
    """A level of an assay: its newest value and what the rules said of it."""

    level: str
    title: str
    state: str
    label: str
    tone: str
    icon: str
    z: Decimal | None
    rules: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """An assay on the board."""

    assay: Assay
    title: str
    state: str
    label: str
    tone: str
    icon: str
    cells: list[Cell]
    release: ReleaseBlock
    run_at: datetime | None
    loss: OutOfControl | None


def board(assays: Sequence[Assay], *, at: datetime) -> list[BoardRow]:
    """Rows of assays (with their instruments), what needs somebody first. Six queries however many there are."""
    ids = [each.pk for each in assays]
    releases = states_of(list(assays), at=at)
    newest = {(each.result.assay_id, each.level): each for each in queries.latest_values(ids)}
    targets: dict[int, list[Target]] = {pk: [] for pk in ids}
    for target in queries.targets_in_force(ids):
        if target.begun_at:
            targets[target.assay_id].append(target)
    losses = {each.assay_id: each for each in queries.open_losses(ids)}
    rows = [_row(each, targets[each.pk], newest, releases[each.pk], losses.get(each.pk), at=at) for each in assays]
    return sorted(rows, key=lambda row: (ORDER.index(row.state), row.assay.instrument.name, row.assay.analyte))


def _row(
    assay: Assay, targets: list[Target], newest: dict[tuple[int, str], ControlValue], release: ReleaseBlock,
    loss: OutOfControl | None, *, at: datetime,
) -> BoardRow:  # fmt: skip
    late = late_levels(assay, targets, newest, at=at)
    levels = sorted({each.material.level for each in targets})
    cells = [_cell(level, newest.get((assay.pk, level)), is_late=level in late) for level in levels]
    states = [each.state for each in cells] or [NOT_RUN]
    state = Verdict.OUT.value if release.code == "out-of-control" else min(states, key=ORDER.index)
    if state == Verdict.OUT and release.code != "out-of-control":  # what was lost is regained or handled
        state = min((each for each in states if each != Verdict.OUT), key=ORDER.index, default=Verdict.IN.value)
    tone, icon = LOOKS[state]
    label = str(Status(loss.status).label) if state == Verdict.OUT and loss else _label(state)
    found = [newest[assay.pk, each].result.run_at for each in levels if (assay.pk, each) in newest]
    return BoardRow(
        assay, catalogue.analyte_title(assay.analyte, assay.title), state, label, tone, icon, cells, release,
        max(found, default=None), loss,
    )  # fmt: skip


def _cell(level: str, value: ControlValue | None, *, is_late: bool) -> Cell:
    broken = [] if value is None else [each for each in value.result.broken if level in each["levels"]]
    if value is None or is_late:
        state = NOT_RUN
    elif any(each["rejects"] for each in broken):
        state = Verdict.OUT.value
    else:
        state = Verdict.WARNING.value if broken else Verdict.IN.value
    tone, icon = LOOKS[state]
    z = value.z.quantize(Decimal("0.1")) if value is not None and value.z is not None else None
    rules = _("、").join(each["code"] for each in broken)
    return Cell(level, catalogue.level_short(level), state, _label(state), tone, icon, z, rules)


def _label(state: str) -> str:
    return _("未做") if state == NOT_RUN else str(Verdict(state).label)
