"""What somebody who works without a connection carries along of managed residents: facts in constant queries, and rules."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from xinglin.platform import clock
from xinglin.programmes import answering, judging, records, secrecy
from xinglin.programmes.data import ACTED, AlertAnswer, VisitKind, WhyUnreached
from xinglin.programmes.models import Alert, Enrolment, ManagedResident, ProgrammeVisit, VisitResult
from xinglin.programmes.queries import spoken_to
from xinglin.programmes.rules import assessing, catalogue, exporting
from xinglin.programmes.rules.computing import inputs_of
from xinglin.programmes.rules.items import is_nothing
from xinglin.programmes.settings import rule
from xinglin.programmes.states import MANAGED
from xinglin.residents import api as residents
from xinglin.visits import api as visits

#: So many of the latest visits go along: enough for trends, and for rules that count visits in a row.
VISITS = 8


def managed_ids(facility_id: int, *, limit: int) -> list[int]:
    """Ids of the residents that a facility manages, the most urgent first."""
    rows = ManagedResident.objects.filter(facility_id=facility_id)
    order = ("is_lost", "-severity", "next_due_on", "-grade_rank", "id")
    return list(rows.order_by(*order).values_list("resident_id", flat=True)[:limit])


def n_managed(facility_id: int) -> int:
    """How many residents a facility manages."""
    return ManagedResident.objects.filter(facility_id=facility_id).count()


def place_of(resident_id: int) -> int | None:
    """The facility that manages a resident in programmes; None when nobody does."""
    return ManagedResident.objects.filter(resident_id=resident_id).values_list("facility_id", flat=True).first()


def first_day_taken(today: date) -> date:
    """The earliest day of which a visit is still written down."""
    return today - timedelta(days=rule("visits", "late_days"))


def carried(resident_ids: Sequence[int]) -> dict[int, tuple[Any, int, dict[str, Any]]]:
    """By id: the resident's row, the facility that manages him, and what is known of him in his programmes. Managed ones only; nothing in it depends on
    the present day, but that values of more than a year ago go. The number of queries does not grow with the residents.
    """
    lines = {
        line.resident_id: line
        for line in ManagedResident.objects.select_related("resident__managed_by").filter(resident_id__in=resident_ids)
    }
    whose = residents.persons_of(list(lines))
    enrolments, seen, alerts = _enrolments(lines), _visits(whose), _alerts(whose)
    expecting = visits.pregnancies([each.resident for each in lines.values()], whose)
    codes = _by_person(visits.diagnosis_codes_of(list(whose)), whose)
    elsewhere = _elsewhere({pk: line.resident for pk, line in lines.items()}, whose, enrolments, seen)
    found = {}
    for pk, line in lines.items():
        named = {*line.resident.conditions, *(each.programme for each in enrolments[pk])}
        diagnoses = {code for several in codes[pk] for code in several}
        diagnoses |= {code for slug in named for code in _first_code(slug)}
        found[pk] = (line.resident, line.facility_id, {
            "line": {
                "due": line.next_due_on.isoformat(), "severity": line.severity, "rank": line.grade_rank, "lost": line.is_lost,
                "attempts": line.n_attempts, "again": line.try_again_on.isoformat() if line.try_again_on else None,
            },
            "programmes": [_of_enrolment(each) for each in enrolments[pk]],
            "visits": seen[pk], "alerts": alerts[pk], "diagnoses": sorted(diagnoses), "elsewhere": elsewhere[pk],
            "pregnant": [[first.isoformat(), end.isoformat()] for first, end in expecting[pk].spans],
        })  # fmt: skip
    return found


def told(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is carried of a resident, for somebody who may not know of secret programmes: nothing in it tells one."""
    hidden, codes = secrecy.secrets(), tuple(secrecy.secret_codes())
    return {
        **facts,
        "programmes": [each for each in facts["programmes"] if each["slug"] not in hidden],
        "visits": [_visit_told(each, hidden) for each in facts["visits"]],
        "elsewhere": _elsewhere_told(facts, hidden),
        "alerts": [each for each in facts["alerts"] if each["programme"] not in hidden],
        "diagnoses": [code for code in facts["diagnoses"] if not code.startswith(codes)],
    }


def _visit_told(visit: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    """A visit with what belongs to programmes that are not secret."""
    results = {slug: result for slug, result in visit["results"].items() if slug not in hidden}
    if len(results) == len(visit["results"]):
        return visit
    asked = {
        code for slug in results for kind in ("routine", "yearly") for code in catalogue.programme(slug).codes(kind)
    }
    answers = {code: value for code, value in visit["answers"].items() if code in asked}
    return {**visit, "results": results, "answers": answers}


def _elsewhere_told(facts: Mapping[str, Any], hidden: frozenset[str]) -> list[dict[str, Any]]:
    """What others measured, as far as a programme that is not secret reads it."""
    read = _read_by((each["slug"], each["version"]) for each in facts["programmes"] if each["slug"] not in hidden)
    return _days(
        {
            code: (each["on"], value)
            for each in facts["elsewhere"]
            for code, value in each["answers"].items()
            if code in read
        }
    )


def _first_code(slug: str) -> tuple[str, ...]:
    try:
        return catalogue.programme(slug).diseases[:1]
    except LookupError:
        return ()


def _by_person(found: Mapping[int, Any], whose: Mapping[int, int]) -> dict[int, list[Any]]:
    together: dict[int, list[Any]] = defaultdict(list)
    for pk, value in found.items():
        together[whose[pk]].append(value)
    return together


def _enrolments(lines: Iterable[int]) -> dict[int, list[Enrolment]]:
    found: dict[int, list[Enrolment]] = defaultdict(list)
    rows = Enrolment.objects.filter(resident_id__in=list(lines), status__in=MANAGED)
    for each in rows.order_by("programme", "id"):
        found[each.resident_id].append(each)
    return found


def _of_enrolment(each: Enrolment) -> dict[str, Any]:
    yearly = judging.yearly_due_on(each)
    return {
        "slug": each.programme, "version": each.version, "grade": each.grade, "controlled": each.is_controlled,
        "due": each.next_due_on.isoformat() if each.next_due_on else None, "yearly": yearly.isoformat() if yearly else None,
    }  # fmt: skip


def _visits(whose: Mapping[int, int]) -> dict[int, list[dict[str, Any]]]:
    """The latest visits that stand, newest first, with what each came to by programme. Two queries."""
    rank = Window(RowNumber(), partition_by=F("resident_id"), order_by=[F("happened_at").desc(), F("id").desc()])
    rows = ProgrammeVisit.objects.filter(resident_id__in=list(whose), replaced_by__isnull=True)
    newest = list(rows.annotate(rank=rank).filter(rank__lte=VISITS))
    results: dict[int, dict[str, Any]] = defaultdict(dict)
    for each in VisitResult.objects.filter(visit__in=[visit.pk for visit in newest]).select_related("enrolment"):
        results[each.visit_id][each.enrolment.programme] = [each.grade, each.is_controlled]
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for visit in sorted(newest, key=lambda each: (each.happened_at, each.pk), reverse=True):
        found[whose[visit.resident_id]].append({
            "id": str(visit.client_id), "on": timezone.localdate(visit.happened_at).isoformat(), "kind": visit.kind,
            "channel": visit.channel, "answers": visit.answers, "results": dict(sorted(results[visit.pk].items())),
        })  # fmt: skip
    return defaultdict(list, {pk: several[:VISITS] for pk, several in found.items()})


def _elsewhere(
    rows: Mapping[int, Any], whose: Mapping[int, int], enrolments: Mapping[int, Sequence[Enrolment]], seen: Mapping[int, Sequence[Any]],
) -> dict[int, list[dict[str, Any]]]:  # fmt: skip
    """Values that count for an interval of their own and stand in none of the visits that go along: of each that his programmes read
    the newest, from older visits and from whoever else measured, with its day, the newest first.
    """
    since, lasting = clock.today() - records.LONGEST, catalogue.lasting()
    found = {pk: records.Record(row, [], {}, {}) for pk, row in rows.items()}
    standing = ProgrammeVisit.objects.filter(resident_id__in=list(whose), replaced_by__isnull=True)
    recent = standing.filter(happened_at__gte=timezone.make_aware(datetime.combine(since, time.min)))
    for visit in recent.order_by("-happened_at", "-client_id"):
        values = {code: value for code, value in visit.answers.items() if code in lasting}
        found[whose[visit.resident_id]].elsewhere.append(
            (visit.pk, assessing.Past(timezone.localdate(visit.happened_at), values, None, ""))
        )
    records.fill_from_others(found, whose, since=since)
    versions = {(each.programme, each.version) for several in enrolments.values() for each in several}
    reads = {version: _read_by([version]) for version in versions}
    newest: dict[int, list[dict[str, Any]]] = {}
    for pk, record in found.items():
        read = {code for each in enrolments[pk] for code in reads[each.programme, each.version]} & lasting.keys()
        of_visits = {(code, each["on"]) for each in seen[pk] for code in each["answers"]}
        values = {code: _newest(record.elsewhere, code) for code in read}
        newest[pk] = _days({code: each for code, each in values.items() if each and (code, each[0]) not in of_visits})
    return newest


def _newest(past: Iterable[tuple[int, assessing.Past]], code: str) -> tuple[str, Any] | None:
    """Of a day's values that of a visit: it stands before the others."""
    known = [(each.on, each.answers[code]) for _visit, each in past if not is_nothing(each.answers.get(code))]
    day, value = max(known, key=lambda each: each[0], default=(None, None))
    return (day.isoformat(), f"{value.normalize():f}" if isinstance(value, Decimal) else value) if day else None


def _days(values: Mapping[str, tuple[str, Any]]) -> list[dict[str, Any]]:
    """Values with their days, by code, as days with their values."""
    days: dict[str, dict[str, Any]] = defaultdict(dict)
    for code, (on, value) in sorted(values.items()):
        days[on][code] = value
    return [{"on": on, "answers": days[on]} for on in sorted(days, reverse=True)]


def _read_by(versions: Iterable[tuple[str, str]]) -> set[str]:
    """Codes of the items that programmes ask, and of those that what they compute rests on."""
    codes: set[str] = set()
    for slug, version in versions:
        programme = catalogue.programme(slug, version)
        asked = {
            *programme.computed,
            *(use.code for kind in ("routine", "yearly") for use in programme.items.get(kind, ())),
        }
        codes |= asked | set(inputs_of(sorted(asked), catalogue.items()))
    return codes


def _alerts(whose: Mapping[int, int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = Alert.objects.filter(enrolment__resident_id__in=list(whose), answered_at__isnull=True)
    for each in rows.select_related("enrolment", "visit").order_by("-level", "raised_at", "id"):
        told = {
            "code": each.code, "programme": each.enrolment.programme, "level": each.level, "text": [each.text.zh, each.text.en],
            "values": each.values, "by": each.follow_by.isoformat(), "stays": each.visit.alert_answer not in ACTED,
        }  # fmt: skip
        found[whose[each.enrolment.resident_id]].append(told)
    return found


def versions_at(facility_id: int) -> list[tuple[str, str]]:
    """The versions of definitions by which the residents of a facility are managed: slug and version."""
    rows = Enrolment.objects.filter(facility_id=facility_id, status__in=MANAGED)
    return sorted(set(rows.values_list("programme", "version").order_by().distinct()))


def definitions(versions: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Programmes by version, and the items they ask or compute."""
    programmes, known = [catalogue.programme(slug, version) for slug, version in versions], catalogue.items()
    wanted = {code for each in programmes for code in each.computed}
    wanted |= {use.code for each in programmes for kind in ("routine", "yearly") for use in each.items.get(kind, ())}
    wanted |= set(inputs_of(sorted(wanted), known))
    return {
        "programmes": {each.version: exporting.programme(each, known) for each in programmes},
        "items": {code: exporting.item(known[code]) for code in sorted(wanted) if code in known},
    }


def asked_of(resident: Any, kind: str, *, at: datetime) -> set[str]:
    """Codes of the items that a visit of this resident at a moment may answer."""
    return {
        code
        for each in spoken_to(resident.pk, at=at)
        for shown in {kind, "routine", "yearly"}
        for code in judging.definition_of(each).codes(shown)
    }


def outcome_of(visit: ProgrammeVisit) -> dict[str, dict[str, Any]]:
    """What a visit came to, by programme: version, grade, control."""
    return {
        each.enrolment.programme: {"version": each.version, "grade": each.grade, "controlled": each.is_controlled}
        for each in visit.results.select_related("enrolment")
    }


def other_yearly(visit: ProgrammeVisit) -> ProgrammeVisit | None:
    """Of a yearly assessment, another one of the same calendar year that assesses one of the same programmes; the newest."""
    rows = ProgrammeVisit.objects.filter(
        results__enrolment__in=visit.results.values("enrolment"), kind=VisitKind.YEARLY, replaced_by__isnull=True,
        happened_at__year=timezone.localtime(visit.happened_at).year,
    )  # fmt: skip
    return rows.exclude(pk=visit.pk).order_by("-happened_at", "-id").first() if visit.kind == VisitKind.YEARLY else None


def answers_said(answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Answers in words: label and value. What no definition knows is shown by its code."""
    known = {code: answering.known_item(code) for code in answers}
    return [
        (str(item.label) if (item := known[code]) else code, answering.said(code, raw) or str(raw))
        for code, raw in answers.items()
    ]


def why_unreached(why: str) -> str:
    """Why nobody was reached, in words."""
    return str(WhyUnreached(why).label)


def alert_answers() -> list[tuple[str, str]]:
    """What may be done about a finding: code and words."""
    return [(code, str(label)) for code, label in AlertAnswer.choices]
