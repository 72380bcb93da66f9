"""The nightly check: every managed resident judged anew by the rules, grades and due days compared with what stands, and put right.

Looking is done for many at once and reads only; whoever differs is settled by himself, under his lock. Several processes share the
work by ranges of residents. A check that was cut off goes on where it was.
"""

import logging
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.alone import alone
from xinglin.programmes import actions, records, standing, workers
from xinglin.programmes.actions import checking
from xinglin.programmes.actions.agenda import line_of
from xinglin.programmes.actions.settling import state_of
from xinglin.programmes.data import Because
from xinglin.programmes.models import Enrolment, ManagedResident, NightlyCheck
from xinglin.programmes.records import Record
from xinglin.programmes.states import MANAGED
from xinglin.readings import api as readings
from xinglin.residents import api as residents

CHECKER = system_actor("疾病管理")
#: Residents in one piece of work: what is in memory at one time.
PIECE = 400
LOCK = "programmes.nightly"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of one piece: how many, who differed and was settled, who could not be judged."""

    upto: int
    n: int
    n_changed: int
    n_failed: int


def check_everybody(
    *, at: datetime, processes: int = 1, tell: Callable[[NightlyCheck], None] | None = None
) -> NightlyCheck | None:
    """Check every managed resident; None when a check is running already. `tell` is called after each piece."""
    started = time.monotonic()
    with alone(LOCK) as is_mine:
        if not is_mine:
            return None
        run = checking.begin_check(at=at)
        for looked in _each(list(_pieces(run.upto)), at, processes):
            checking.note_piece(run=run, looked=looked)
            if tell:
                tell(run)
        checking.end_check(run=run, at=at + timedelta(seconds=time.monotonic() - started))
        return run


def _pieces(after: int) -> Iterator[tuple[int, ...]]:
    ids = Enrolment.objects.filter(status__in=MANAGED, resident_id__gt=after).order_by("resident_id")
    known = list(ids.values_list("resident_id", flat=True).distinct())
    yield from (tuple(known[n : n + PIECE]) for n in range(0, len(known), PIECE))


def _each(pieces: Sequence[tuple[int, ...]], at: datetime, processes: int) -> Iterator[Looked]:
    if processes < 2 or len(pieces) < 2:
        yield from (check_piece(piece, at) for piece in pieces)
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(processes, os.cpu_count() or 1), spawn, workers.begin) as pool:
        yield from pool.map(workers.check_piece, pieces, [at] * len(pieces))


def check_piece(ids: Sequence[int], at: datetime) -> Looked:
    """Look at some residents, and settle those of whom something else stands than the rules say."""
    rows = residents.registrations(ids)
    around = _Around.of(ids)
    try:
        found = records.records_of(rows)
    except Exception:  # what one of them has written down cannot be read: each by himself
        logger.exception("residents %s to %s could not be read together", ids[0], ids[-1])
        found = {}
    n_changed = n_failed = 0
    for each in rows:
        try:
            n_changed += _put_right(each, found.get(each.pk), around, at)
        except Exception:  # one who cannot be judged, for whatever reason, does not keep the others from it
            logger.exception("resident %s could not be judged", each.pk)
            n_failed += 1
    return Looked(ids[-1], len(rows), n_changed, n_failed)


def _put_right(resident: Any, known: Record | None, around: "_Around", at: datetime) -> bool:
    """Settle a resident of whom something else stands than the rules say; whether that was so."""
    record = known or records.records_of([resident])[resident.pk]
    if not _differs(record, around):
        return False
    since = min([clock.today(at) - records.LONGEST, *_days_of_latest(record)])
    actions.settle_resident(resident=resident, since=since, because=Because.NIGHT, by=CHECKER, at=at)
    return True


@dataclass(slots=True)
class _Around:
    """What is compared with the records: lines of the day list, dangerous readings."""

    lines: Mapping[int, ManagedResident]
    urgent: Mapping[int, datetime]

    @classmethod
    def of(cls, ids: Sequence[int]) -> "_Around":
        lines = {each.resident_id: each for each in ManagedResident.objects.filter(resident_id__in=ids)}
        return cls(lines, readings.unanswered_urgent(ids))


def _differs(record: Record, around: _Around) -> bool:
    managed = sorted((each for each in record.enrolments if each.status in MANAGED), key=lambda each: each.programme)
    return any(_result_differs(record, each) for each in _latest(record, managed)) or _line_differs(
        record, managed, around
    )


def _latest(record: Record, managed: Sequence[Enrolment]) -> Iterator[tuple[Any, list[Enrolment]]]:
    """The latest visits of the enrolments, each with those it is the latest of."""
    found: dict[int, tuple[Any, list[Enrolment]]] = {}
    for each in managed:
        if record.results[each.pk]:
            visit = record.results[each.pk][-1].visit
            found.setdefault(visit.pk, (visit, []))[1].append(each)
    yield from found.values()


def _days_of_latest(record: Record) -> list[date]:
    """The days of the latest visits: somebody may not have been seen for years."""
    return [timezone.localdate(several[-1].visit.happened_at) for several in record.results.values() if several]


def _result_differs(record: Record, latest: tuple[Any, list[Enrolment]]) -> bool:
    visit, enrolments = latest
    outcomes = record.outcomes_of(visit)
    for each in enrolments:
        facts, result = records.facts_of(outcomes[each.pk]), record.results[each.pk][-1]
        if any(getattr(result, name) != value for name, value in facts.items()):
            return True
        stands = standing.findings(record, each)
        state = state_of(record, each, stands)
        del state["next_due_on"]  # somebody may have set another day
        if any(getattr(each, name) != value for name, value in state.items()):
            return True
        over, missing = standing.compared(record.alerts.get(each.pk, ()), stands)
        if over or missing:
            return True
    return False


def _line_differs(record: Record, managed: Sequence[Enrolment], around: _Around) -> bool:
    line = around.lines.get(record.resident.pk)
    urgent = around.urgent.get(record.resident.pk)
    seen = max((several[-1].visit.happened_at for several in record.results.values() if several), default=None)
    if urgent is not None and seen is not None and seen >= urgent:
        urgent = None
    if line is None or not managed:
        return line is not None or bool(managed)
    return any(getattr(line, name) != value for name, value in line_of(managed, urgent).items())
