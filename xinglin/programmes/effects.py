"""What a definition would do to the county's residents before it holds: who would belong to the programme, and for whom of those in it
grade, control, target or next day would be other than they are. Figures only; whoever computes them reads, and changes nothing.

Residents are looked at in pieces, so that memory stays the same however large the county is, and a count that was cut off goes on.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from xinglin.platform import clock
from xinglin.programmes import actions, editions, records
from xinglin.programmes.models import EditionEffect, Enrolment
from xinglin.programmes.records import Record
from xinglin.programmes.rules import assessing, catalogue
from xinglin.programmes.rules.shapes import Programme
from xinglin.residents import api as residents
from xinglin.visits import api as visits

#: Residents in one piece: what is in memory at one time.
PIECE = 1000
COMPARED = ("grade", "is_controlled", "on_target", "next_due_on")


@dataclass(slots=True)
class Figures:
    """Sums over the residents that were looked at. `grades`: how many go from which grade to which, as ``old>new``."""

    counts: Counter[str] = field(default_factory=Counter)
    grades: Counter[str] = field(default_factory=Counter)

    def plain(self) -> dict[str, Any]:
        """As a row keeps it."""
        return {"counts": dict(self.counts), "grades": dict(self.grades)}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Figures":
        """From a row that was cut off."""
        return cls(Counter(kept.get("counts", {})), Counter(kept.get("grades", {})))


def count_effect(effect: EditionEffect, *, at: datetime) -> EditionEffect:
    """Look at everybody, noting after each piece how far it is. A text that was changed or has faults by now ends with that."""
    new, faults = editions.faults_of(effect.edition.text)
    if effect.checksum != effect.edition.checksum or faults or new is None:
        return actions.end_effect(effect=effect, fault=editions.spoken(faults[0]) if faults else "text changed", at=at)
    on = clock.today(at)
    old = _against(effect)
    actions.begin_effect(effect=effect, n_residents=residents.count_active())
    figures = Figures.of(effect.figures)
    while ids := residents.active_ids(after=effect.upto, limit=PIECE):
        _look(figures, ids, new, old, on)
        if not actions.note_effect(effect=effect, upto=ids[-1], n=len(ids), figures=figures.plain()):
            return effect
    return actions.end_effect(effect=effect, fault="", at=at)


def _against(effect: EditionEffect) -> Programme | None:
    return catalogue.programme(effect.edition.slug, effect.against) if effect.against else None


def _look(figures: Figures, ids: Sequence[int], new: Programme, old: Programme | None, on: date) -> None:
    rows = {each.pk: each for each in residents.registrations(ids)}
    managed = Enrolment.objects.filter(programme=new.slug, status__in=editions.MOVABLE, resident_id__in=ids)
    enrolled = set(managed.values_list("resident_id", flat=True))
    owner = residents.persons_of(ids)
    codes: dict[int, set[str]] = {}
    for registered, found in visits.diagnosis_codes_of(owner).items():
        codes.setdefault(owner[registered], set()).update(found)
    for pk, resident in rows.items():
        named = {code for slug in resident.conditions for code in records.first_code(slug)}
        person = assessing.Person(resident.sex, resident.born_on, None, frozenset(codes.get(pk, set()) | named))
        _belongs(figures.counts, person, new, old, on, is_in=pk in enrolled)
    if enrolled:
        _compare(figures, records.records_of([rows[pk] for pk in enrolled if pk in rows]), new)


def _belongs(
    counts: Counter[str], person: assessing.Person, new: Programme, old: Programme | None, on: date, *, is_in: bool
) -> None:
    """Count somebody as eligible by the new text, by the version in force, and as in it though the new text excludes him."""
    becomes = assessing.eligible(new, person, on)
    was = assessing.eligible(old, person, on).is_eligible if old is not None else False
    counts["eligible"] += becomes.is_eligible
    counts["eligible_now"] += was
    counts["not_yet_in"] += becomes.is_eligible and not is_in
    counts["newly_eligible"] += becomes.is_eligible and not was
    counts["no_longer_eligible"] += was and not becomes.is_eligible
    counts["in_but_excluded"] += is_in and becomes.is_excluded


def _compare(figures: Figures, found: Mapping[int, Record], new: Programme) -> None:
    for record in found.values():
        for enrolment in record.enrolments:
            if enrolment.programme != new.slug or enrolment.status not in editions.MOVABLE:
                continue
            figures.counts["enrolled"] += 1
            if not record.results[enrolment.pk]:
                figures.counts["never_seen"] += 1
                continue
            try:
                was, becomes = _judged(record, enrolment, new)
            except LookupError:  # a version somebody runs by is nowhere to be found
                figures.counts["not_judged"] += 1
                continue
            changed = [name for name in COMPARED if was[name] != becomes[name]]
            figures.counts.update(f"changed_{name}" for name in changed)
            figures.counts["changed"] += bool(changed)
            if was["next_due_on"] != becomes["next_due_on"]:
                figures.counts["sooner" if becomes["next_due_on"] < was["next_due_on"] else "later"] += 1
            figures.grades[f"{was['grade']}>{becomes['grade']}"] += 1


def _judged(record: Record, enrolment: Enrolment, new: Programme) -> Iterator[dict[str, Any]]:
    """What the latest visit comes to by the version he runs by and by the new one, with the other programmes of that visit."""
    visit = record.results[enrolment.pk][-1].visit
    runs = {
        each: catalogue.programme(each.programme, result.version)
        for each in record.enrolments
        for result in record.results[each.pk]
        if result.visit_id == visit.pk
    }
    runs[enrolment] = catalogue.programme(enrolment.programme, enrolment.version)
    for programme in (runs[enrolment], new):
        yield records.facts_of(record.judged(visit, {**runs, enrolment: programme})[enrolment])
