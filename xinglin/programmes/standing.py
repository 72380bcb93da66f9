"""Findings that stand: what a visit found that wants a referral, until somebody acted on it or a later visit refuted it.

Nobody loses a referral because somebody did not measure. A finding of an earlier visit is over only when

- a later visit measured what it rests on and found otherwise (`Outcome.refuted`), or found it again: then it stands there;
- somebody acted on it: the referral was accepted or the resident refused it (that nobody has a bed is no answer), or words say what
  was done instead (`AlertAnswer`), at the visit itself and he was seen again, or afterwards;
- the visit was amended, or what arrived late shows that it never held; or the enrolment is over.

A visit that could not tell (nothing measured, a telephone call, an offline sheet without the value) changes nothing. What stands
follows from the visits alone, in whatever order they arrive, and from what was answered.
"""

from collections.abc import Sequence

from xinglin.programmes.data import ACTED, LEVELS, AlertLevel
from xinglin.programmes.models import Alert, Enrolment, ProgrammeVisit, VisitResult
from xinglin.programmes.records import Record
from xinglin.programmes.rules import assessing, catalogue

#: Answers nobody gave: what was found is open again when it stands again.
BY_ITSELF = frozenset({"SEEN", "AMENDED", "GONE"})
Finding = tuple[ProgrammeVisit, assessing.Alert]


def findings(record: Record, enrolment: Enrolment) -> list[Finding]:
    """What stands in an enrolment, each code once, with the visit that found it last; of the latest visit first.

    Results say which codes they found, so a visit is judged anew only while an earlier finding is neither acted on nor decided
    by a visit after it: for most residents none is.
    """
    results = record.results[enrolment.pk]
    open_at = {
        each.visit_id: codes for each in results if (codes := _open(record, each, is_latest=each is results[-1]))
    }
    sought: set[str] = set().union(*open_at.values())
    found: list[Finding] = []
    decided: set[str] = set()
    for result in reversed(results):
        if sought <= decided:
            break
        outcome = record.outcomes_of(result.visit)[enrolment.pk]
        wanted = {each.code: each for each in outcome.alerts if each.level in assessing.REFERRING}
        is_open = open_at.get(result.visit_id, set()) - decided
        found += [(result.visit, each) for code, each in wanted.items() if code in is_open]
        decided.update(wanted, outcome.refuted)
    return found


def _open(record: Record, result: VisitResult, *, is_latest: bool) -> set[str]:
    """Codes that a visit found and nobody acted on, by what its result says."""
    if not is_latest and result.visit.alert_answer in ACTED:
        return set()
    answered = {
        each.code
        for each in record.alerts.get(result.enrolment_id, ())
        if each.visit_id == result.visit_id and each.answered_at is not None and each.answer not in BY_ITSELF
    }
    return _codes(result) - answered


def _codes(result: VisitResult) -> set[str]:
    """What a result found; of one that was kept before findings were, whatever it may have been."""
    if result.findings is not None:
        return set(result.findings)
    if result.severity < AlertLevel.REFER:
        return set()
    rules = catalogue.programme(result.version.split("@")[0], result.version).alerts
    return {rule.code for rule in rules if rule.level in assessing.REFERRING}


def fallen(record: Record, enrolment: Enrolment) -> list[Alert]:
    """Findings, answered or not, that no visit which stands bears out any more."""
    found = {(each.visit_id, code) for each in record.results[enrolment.pk] for code in _codes(each)}
    return [each for each in record.alerts.get(enrolment.pk, ()) if (each.visit_id, each.code) not in found]


def severity(stands: Sequence[Finding], latest: ProgrammeVisit) -> int:
    """The most serious of what stands from visits before the latest; 0 for nothing."""
    return max((LEVELS[each.level] for visit, each in stands if visit.pk != latest.pk), default=AlertLevel.NONE)


def compared(known: Sequence[Alert], stands: Sequence[Finding]) -> tuple[list[Alert], list[Finding]]:
    """Of an enrolment's findings those that are over, and what stands and nobody has written down."""
    wanted = {(visit.pk, each.code): (visit, each) for visit, each in stands}
    is_open = {(each.visit_id, each.code): each for each in known if each.answered_at is None}
    return (
        [each for key, each in is_open.items() if key not in wanted],
        [each for key, each in wanted.items() if key not in is_open],
    )
