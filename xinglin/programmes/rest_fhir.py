"""FHIR R4 of programmes for other programs, with a token of ``programme:view``: read by id, search in pages. Each page is a look at
everybody on it. `patient` is the uuid of a resident; without it, those managed where the account looks at programmes.
"""

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import Field

from xinglin.accounts.data import Permission
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput, NotVisible, wrong
from xinglin.platform.paging import Page
from xinglin.programmes import fhir, queries, reading_out
from xinglin.programmes.events import Event
from xinglin.programmes.models import Enrolment
from xinglin.readings.api import Asked
from xinglin.residents import api as residents
from xinglin.web.api import ERRORS
from xinglin.web.fhir import ANSWERED, Day, Paged, Resource, answer, period_of, searchset

router = Router()
Word = Annotated[str, Field(max_length=80, pattern=r"^[^\x00]*$")]


class Authored(Paged):
    """A search by the day of a visit, too."""

    authored: Annotated[list[Day], Field(max_length=2)] = []


@router.get("/fhir/EpisodeOfCare", response=ERRORS, operation_id="search_fhir_episodes", openapi_extra=ANSWERED)
def episodes(
    request: HttpRequest, paged: Query[Paged], patient: UUID | None = None, status: Word = "", type: Word = "",  # noqa: A002
) -> HttpResponse:  # fmt: skip
    """Enrolments in programmes; `type` is the slug of one, `status` of FHIR's (``active``, ``planned`` …)."""
    page = _enrolments(request, patient, type, _statuses(status, fhir.EPISODES), paged)
    return _page(request, "EpisodeOfCare", page, [(each, [fhir.episode_of(each)]) for each in page.rows])


@router.get("/fhir/EpisodeOfCare/{uuid}", response=ERRORS, operation_id="read_fhir_episode", openapi_extra=ANSWERED)
def episode(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One enrolment."""
    row = queries.visible_enrolment(_actor(request), uuid)
    return _one(request, row.resident, fhir.episode_of(row))


@router.get("/fhir/CarePlan", response=ERRORS, operation_id="search_fhir_care_plans", openapi_extra=ANSWERED)
def care_plans(
    request: HttpRequest, paged: Query[Paged], patient: UUID | None = None, status: Word = "", programme: Word = "",
) -> HttpResponse:  # fmt: skip
    """Plans of those who were enrolled: version, goals, the next visit."""
    page = _enrolments(request, patient, programme, _statuses(status, fhir.PLANS), paged, planned=True)
    return _page(request, "CarePlan", page, [(each, [fhir.care_plan_of(each)]) for each in page.rows])


@router.get("/fhir/CarePlan/{uuid}", response=ERRORS, operation_id="read_fhir_care_plan", openapi_extra=ANSWERED)
def care_plan(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One plan, under the id of its enrolment."""
    row = queries.visible_enrolment(_actor(request), uuid)
    if row.enrolled_on is None:
        raise NotVisible("programmes.enrolment", uuid)
    return _one(request, row.resident, fhir.care_plan_of(row))


@router.get("/fhir/Goal", response=ERRORS, operation_id="search_fhir_goals", openapi_extra=ANSWERED)
def goals(
    request: HttpRequest, paged: Query[Paged], patient: UUID | None = None, programme: Word = "",
) -> HttpResponse:  # fmt: skip
    """The reporting threshold and the clinical target of each plan: `_count` counts plans."""
    page = _enrolments(request, patient, programme, (), paged, planned=True)
    return _page(request, "Goal", page, [(each, fhir.goals_of(each)) for each in page.rows])


@router.get("/fhir/Goal/{identifier}", response=ERRORS, operation_id="read_fhir_goal", openapi_extra=ANSWERED)
def read_goal(request: HttpRequest, identifier: Word) -> HttpResponse:
    """One goal."""
    row, name = reading_out.goal(_actor(request), identifier)
    found = next((each for each in fhir.goals_of(row) if each["id"] == f"{row.uuid}.{name}"), None)
    if found is None or row.enrolled_on is None:
        raise NotVisible("programmes.enrolment", identifier)
    return _one(request, row.resident, found)


@router.get(
    "/fhir/QuestionnaireResponse",
    response=ERRORS,
    operation_id="search_fhir_questionnaire_responses",
    openapi_extra=ANSWERED,
)
def responses(
    request: HttpRequest, paged: Query[Authored], patient: UUID | None = None,
) -> HttpResponse:  # fmt: skip
    """Visits of programmes that stand, with their answers, the latest first; `authored` as ``ge2026-01-01``, ``le2026-01-31``."""
    actor = _actor(request)
    page = reading_out.visits(actor, _asked(actor, patient, paged, paged.authored))
    return _page(
        request, "QuestionnaireResponse", page, [(each, [fhir.response_of(each, each.resident)]) for each in page.rows]
    )


@router.get(
    "/fhir/QuestionnaireResponse/{uuid}",
    response=ERRORS,
    operation_id="read_fhir_questionnaire_response",
    openapi_extra=ANSWERED,
)
def response(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One visit, also one that was amended since: it is entered in error then."""
    row = queries.visible_programme_visit(_actor(request), uuid)
    return _one(request, row.resident, fhir.response_of(row, row.resident, is_replaced=hasattr(row, "replaced_by")))


def _enrolments(
    request: HttpRequest,
    patient: UUID | None,
    programme: str,
    statuses: tuple[str, ...],
    paged: Paged,
    *,
    planned: bool = False,
) -> Page[Enrolment]:
    actor = _actor(request)
    if programme and not reading_out.known_programme(programme):
        raise wrong("programme", _("没有这个管理病种。"))
    return reading_out.enrolments(
        actor, _asked(actor, patient, paged), programme=programme, statuses=statuses, planned=planned
    )


def _asked(actor: Actor, patient: UUID | None, paged: Paged, days: Iterable[str] = ()) -> Asked:
    ids = None
    if patient is None:
        actor.may(Permission.PROGRAMME_VIEW).require()
    else:
        resident = queries.visible_resident(actor, patient, at=clock.now())
        ids = tuple(residents.ids_of_person(resident))
    return Asked(ids, period_of(days, "authored"), paged.cursor, paged.count)


def _statuses(said: str, names: dict[str, str]) -> tuple[str, ...]:
    found = tuple(status for status, name in names.items() if name == said)
    if said and not found:
        raise InvalidInput(_("没有这个状态。"), fields={"status": ", ".join(sorted(set(names.values())))})
    return found


def _page(request: HttpRequest, kind: str, page: Page[Any], found: list[tuple[Any, list[Resource]]]) -> HttpResponse:
    """A page of resources; everybody on it can see that he was looked at."""
    people = list(dict.fromkeys(row.resident.uuid for row, _resources in found))
    audit.look_many(Event.READ_OUT, by=_actor(request), at=clock.now(), subjects=people, of=kind, n=len(found))
    resources = (each for _row, several in found for each in several)
    return answer(searchset(request, resources, next_cursor=page.next_cursor))


def _one(request: HttpRequest, resident: Any, resource: Resource) -> HttpResponse:
    audit.look(
        Event.READ_OUT, by=_actor(request), at=clock.now(), subject=resident.uuid, kind="residents.resident",
        key=str(resident.uuid), of=resource["resourceType"],
    )  # fmt: skip
    return answer(resource)


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]
