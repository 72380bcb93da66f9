"""Findings that stand: what a visit found that wants a referral, until somebody acted on it or a later visit refuted it.

Nobody loses a referral because somebody did not measure. A finding of an earlier visit is over only when

- a later visit measured what it rests on and found otherwise (`Outcome.refuted`), or found it again: then it stands there;
- somebody acted on it: the referral has its answer, or words say what was done instead (`AlertAnswer`), at the visit itself and he
  was seen again, or afterwards;
- the visit was amended, or what arrived late shows that it never held; or the enrolment is over.

A visit that could not tell (nothing measured, a telephone call, an offline sheet without the value) changes nothing. What stands
follows from the visits alone, in whatever order they arrive, and from what was answered.
"""

from collections.abc import Iterator, Sequence

from xinglin.programmes.data import ACTED, LEVELS, AlertLevel
from xinglin.programmes.models import Alert, Enrolment, ProgrammeVisit
from xinglin.programmes.records import Record
from xinglin.programmes.rules import assessing, catalogue

#: Answers nobody gave: what was found is open again when it stands again.
BY_ITSELF = frozenset({"SEEN", "AMENDED", "GONE"})
Finding = tuple[ProgrammeVisit, assessing.Alert]


def findings(record: Record, enrolment: Enrolment) -> list[Finding]:
    """What stands in an enrolment, each code once, with the visit that found it last; of the latest visit first."""
    answered = {
        (each.visit_id, each.code)
        for each in record.alerts.get(enrolment.pk, ())
        if each.answered_at is not None and each.answer not in BY_ITSELF
    }
    found: list[Finding] = []
    decided: set[str] = set()
    for visit, outcome, is_latest in _back(record, enrolment, decided):
        wanted = [each for each in outcome.alerts if each.level in assessing.REFERRING]
        if is_latest or visit.alert_answer not in ACTED:
            found += [
                (visit, each) for each in wanted if each.code not in decided and (visit.pk, each.code) not in answered
            ]
        decided.update((each.code for each in wanted), outcome.refuted)
    return found


def _back(
    record: Record, enrolment: Enrolment, decided: set[str]
) -> Iterator[tuple[ProgrammeVisit, assessing.Outcome, bool]]:
    """The visits of an enrolment that may still have a word, newest first; most residents' need not be judged at all."""
    results = record.results[enrolment.pk]
    serious = [n for n, each in enumerate(results) if each.severity >= AlertLevel.REFER]
    codes = {
        rule.code
        for version in {results[n].version for n in serious}
        for rule in catalogue.programme(enrolment.programme, version).alerts
        if rule.level in assessing.REFERRING
    }
    for n in range(len(results) - 1, serious[0] - 1 if serious else len(results), -1):
        if codes <= decided:
            return
        visit = results[n].visit
        yield visit, record.outcomes_of(visit)[enrolment.pk], n == len(results) - 1


def severity(record: Record, enrolment: Enrolment) -> int:
    """The most serious of what stands from visits before the latest; 0 for nothing."""
    latest = record.results[enrolment.pk][-1].visit_id
    return max(
        (LEVELS[each.level] for visit, each in findings(record, enrolment) if visit.pk != latest),
        default=AlertLevel.NONE,
    )


def compared(known: Sequence[Alert], stands: Sequence[Finding]) -> tuple[list[Alert], list[Finding]]:
    """Of an enrolment's findings those that are over, and what stands and nobody has written down."""
    wanted = {(visit.pk, each.code): (visit, each) for visit, each in stands}
    is_open = {(each.visit_id, each.code): each for each in known if each.answered_at is None}
    return (
        [each for key, each in is_open.items() if key not in wanted],
        [each for key, each in wanted.items() if key not in is_open],
    )
