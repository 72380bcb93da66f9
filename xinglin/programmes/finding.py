"""Finding who may belong to a programme: by diagnosis, by readings on different days. A person decides."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.programmes import actions, evidence, judging, policies, queries
from xinglin.programmes.data import FoundBy
from xinglin.programmes.evidence import Piece
from xinglin.programmes.rules import assessing, catalogue
from xinglin.programmes.rules.shapes import Programme
from xinglin.residents import api as residents
from xinglin.visits import api as visits


def look_at(resident: Any, *, by: Actor, at: datetime) -> list[Any]:
    """Note the programmes a resident may belong to, as far as his record says; those noted now."""
    if not policies.can_be_managed(resident):
        return []
    on = clock.today(at)
    looked, left = queries.looked_at(resident)
    person, readings = judging.person_of(resident, on=on), _readings(resident, on=on)
    codes = _codes_since(resident, left) if left else {}
    found = []
    for programme in catalogue.programmes(on):
        if programme.slug in looked:
            continue
        day = left.get(programme.slug)
        why = _why(
            programme, person, [each for each in readings if day is None or each.on > day],
            codes=codes.get(programme.slug, person.diagnoses), on=on,
        )  # fmt: skip
        if why is not None:
            found_by, pieces = why
            found.append(
                actions.note_candidate(
                    resident=resident, programme=programme.slug, found_by=found_by, evidence=pieces, by=by, at=at
                )
            )
    return [each for each in found if each is not None]


def _codes_since(resident: Any, left: Mapping[str, date]) -> dict[str, frozenset[str]]:
    """What was diagnosed after the day on which he left each programme: by that he is found again, not by what was known."""
    told = [
        each for found in visits.last_diagnosed(residents.ids_of_person(resident)).values() for each in found.items()
    ]
    return {slug: frozenset(code for code, at in told if timezone.localdate(at) > day) for slug, day in left.items()}


def _why(
    programme: Programme,
    person: assessing.Person,
    readings: Sequence[assessing.Reading],
    *,
    codes: Collection[str],
    on: date,
) -> tuple[str, list[Piece]] | None:
    """How he was found, by which of `codes` or by which readings; None when nothing speaks for it."""
    eligibility = assessing.eligible(programme, person, on)
    if eligibility.is_excluded:
        return None
    speaking = sorted(code for code in codes if code.startswith(tuple(programme.diseases)))
    if speaking and programme.diseases:
        return FoundBy.DIAGNOSIS, [evidence.of_diagnosis(code) for code in speaking[:5]]
    if programme.confirmation is not None:
        confirmed = assessing.confirmation(programme, readings, on)
        if confirmed.state == "confirmed":
            return FoundBy.READINGS, [
                evidence.of_days(confirmed.days), evidence.of_step(programme.version, "confirmed"),
            ]  # fmt: skip
    return None


def _readings(resident: Any, *, on: date) -> list[assessing.Reading]:
    """What was measured of the person in the year before, by anybody, by day."""
    return [
        assessing.Reading(on=past.on, values=past.answers)
        for past in judging.measured(residents.ids_of_person(resident), on=on)
    ]


def pressure_asked_this_year(resident: Any, *, on: date) -> bool:
    """Whether a blood pressure of the person was taken this calendar year, by anybody."""
    since = timezone.make_aware(datetime(on.year, 1, 1))
    ids = residents.ids_of_person(resident)
    return bool(residents.measurements_of(ids, ("8480-6",), since=since, limit=1))
