"""What may be read, always from an actor's point of view: what he sees of the request, he sees of its case."""

import re
import unicodedata
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.diagnostics import api as diagnostics
from xinglin.pathology.models import (
    Block,
    FrozenSection,
    Loan,
    PathologyCase,
    Picture,
    Receipt,
    SecondOpinion,
    Sections,
    Slide,
)
from xinglin.pathology.policies import OPEN
from xinglin.pathology.states import CaseStatus
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, NotVisible
from xinglin.platform.finding import the_one
from xinglin.platform.paging import Page, page_of

KIND = "PATHOLOGY"
LIST_SIZE = 100
_RELATED = ("request__resident", "request__from_facility", "centre")
_CODE = re.compile(r"^\d{4}-\d{5}")


def cases_visible_to(actor: Actor) -> QuerySet[PathologyCase]:
    """Cases whose request the actor may read: his unit's, his centre's, or of a resident he treats."""
    return PathologyCase.objects.select_related(*_RELATED).filter(
        request__in=diagnostics.requests_readable_by(actor).filter(kind=KIND).values("pk")
    )


def visible_case(actor: Actor, uuid: UUID) -> PathologyCase:
    """One case. :raises NotVisible: out of the actor's scope"""
    case = cases_visible_to(actor).filter(uuid=uuid).first()
    if case is None:
        raise NotVisible("pathology.case", uuid)
    return case


def case_of_request(actor: Actor, uuid: UUID) -> PathologyCase:
    """The case of a request. :raises NotVisible: out of the actor's scope"""
    case = cases_visible_to(actor).filter(request__uuid=uuid).first()
    if case is None:
        raise NotVisible("pathology.case", uuid)
    return case


def case_by_code(actor: Actor, code: str) -> PathologyCase | None:
    """A case at a centre of the actor's by what stands on a label or a form: its own number, a block's, a slide's, or
    the number of its request."""
    code = unicodedata.normalize("NFKC", code).strip().upper()  # an input method may write full-width digits
    if _CODE.match(code):
        return cases_at_centres(actor, Permission.REQUEST_VIEW).filter(number=code[:10]).order_by("-id").first()
    return cases_visible_to(actor).filter(request__number=code[:24]).first()


def cases_at_centres(actor: Actor, permission: Permission) -> QuerySet[PathologyCase]:
    """Cases of the centres where the actor holds a permission."""
    places = actor.places_where(permission)
    cases = PathologyCase.objects.select_related(*_RELATED)
    return cases if places is None else cases.filter(centre__facility__in=places)


# Lists of work -------------------------------------------------------------------------------------------------------
def at_desk(actor: Actor, *, show: str = "waiting") -> list[PathologyCase]:
    """What the desk has to decide, the most urgent first. `show`: ``waiting``, or ``held`` for what the sender is asked."""
    status = CaseStatus.HELD if show == "held" else CaseStatus.SUBMITTED
    cases = cases_at_centres(actor, Permission.PATHOLOGY_RECEIVE).filter(status=status)
    cases = cases.prefetch_related("parts", "receipts")
    return list(cases.order_by("request__priority_rank", "submitted_at", "id")[:LIST_SIZE])


def received(actor: Actor, *, cursor: str = "") -> Page[PathologyCase]:
    """What the desk took in, newest first."""
    cases = cases_at_centres(actor, Permission.PATHOLOGY_RECEIVE).filter(received_at__isnull=False)
    return page_of(cases.prefetch_related("parts"), by=("-received_at", "-id"), cursor=cursor)


def to_gross(actor: Actor) -> list[PathologyCase]:
    """Cases that wait for grossing, the most urgent first."""
    cases = cases_at_centres(actor, Permission.PATHOLOGY_PREPARE).filter(status=CaseStatus.RECEIVED)
    cases = cases.exclude(kind="CYTOLOGY").prefetch_related("parts")
    return list(cases.order_by("request__priority_rank", "received_at", "id")[:LIST_SIZE])


def slides_to_make(actor: Actor) -> list[Slide]:
    """Slides that are wanted and not made, by case: the most urgent first."""
    slides = Slide.objects.filter(case__in=cases_at_centres(actor, Permission.PATHOLOGY_PREPARE), made_at__isnull=True)
    slides = slides.select_related(*(f"case__{name}" for name in _RELATED), "block", "order")
    return list(
        slides.order_by("case__request__priority_rank", "case__received_at", "case_id", "code")[: 2 * LIST_SIZE]
    )


def to_read(actor: Actor, *, show: str = "ready") -> list[PathologyCase]:
    """Cases the actor's centres owe a report, the most urgent first.

    `show`: ``ready`` slides are there; ``mine`` claimed by the actor; ``coming`` still with the technicians.
    """
    cases = cases_at_centres(actor, Permission.REPORT_WRITE)
    if show == "mine":
        cases = cases.filter(status__in=OPEN, request__claimed_by=actor.user_id)
    elif show == "coming":
        cases = cases.filter(status__in=OPEN[:3])
    else:
        cases = cases.filter(status__in=OPEN[3:])
    cases = cases.prefetch_related("parts").annotate(
        n_slides=Count("slides"), n_made=Count("slides", filter=Q(slides__made_at__isnull=False))
    )
    return list(cases.order_by("request__priority_rank", "request__due_at", "id")[:LIST_SIZE])


def reported(actor: Actor, *, cursor: str = "") -> Page[PathologyCase]:
    """What the actor's centres have reported, newest first."""
    cases = cases_at_centres(actor, Permission.REPORT_WRITE).filter(status=CaseStatus.REPORTED)
    return page_of(cases.prefetch_related("parts"), by=("-received_at", "-id"), cursor=cursor)


def sent_by(actor: Actor, *, cursor: str = "") -> Page[PathologyCase]:
    """What units of the actor's have sent, newest first."""
    places = actor.places_where(Permission.REQUEST_PLACE)
    cases = PathologyCase.objects.select_related(*_RELATED).prefetch_related("parts")
    if places is not None:
        cases = cases.filter(request__from_facility__in=places)
    return page_of(cases, by=("-submitted_at", "-id"), cursor=cursor)


def held_at_sender(actor: Actor) -> list[PathologyCase]:
    """Cases the desk asks units of the actor's about."""
    places = actor.places_where(Permission.REQUEST_PLACE)
    cases = PathologyCase.objects.select_related(*_RELATED).filter(status=CaseStatus.HELD)
    if places is not None:
        cases = cases.filter(request__from_facility__in=places)
    return list(cases.order_by("status_changed_at", "id")[:LIST_SIZE])


def frozen_open(actor: Actor) -> list[FrozenSection]:
    """Frozen sections the actor's centres expect or have not answered, by the time they are booked for."""
    rows = FrozenSection.objects.filter(
        case__in=cases_at_centres(actor, Permission.REQUEST_VIEW), answered_at__isnull=True
    ).exclude(case__status__in=(CaseStatus.REFUSED, CaseStatus.WITHDRAWN, CaseStatus.REPORTED))
    return list(rows.select_related(*(f"case__{name}" for name in _RELATED)).order_by("planned_at", "id")[:LIST_SIZE])


# One case ------------------------------------------------------------------------------------------------------------
def open_receipt(case: PathologyCase) -> Receipt | None:
    """What the desk asks and nobody has answered."""
    return case.receipts.filter(outcome="HELD", answered_at__isnull=True).order_by("-id").first()


def newest_hold(case: PathologyCase) -> Receipt:
    """The newest question of the desk, answered or not. :raises Conflict: nothing was ever asked"""
    receipt = case.receipts.filter(outcome="HELD").order_by("-id").first()
    if receipt is None:
        raise Conflict(_("没有待答复的疑问。"), code="nothing-asked")
    return receipt


def frozen_of(case: PathologyCase) -> FrozenSection:
    """The frozen section of a case. :raises Conflict: it is none"""
    frozen = FrozenSection.objects.filter(case=case).first()
    if frozen is None:
        raise Conflict(_("这不是术中冰冻病例。"), code="not-frozen")
    return frozen


def sections_of(case: PathologyCase) -> list[Sections]:
    """The parts of every signed version, newest first."""
    return list(Sections.objects.select_related("report").filter(case=case).order_by("-report__version"))


def earlier_cases(actor: Actor, case: PathologyCase, person_ids: list[int]) -> list[dict[str, Any]]:
    """Earlier pathology of the person that the actor may see: the request, its number here, and what was concluded."""
    requests = diagnostics.earlier_requests(actor, case.request, person_ids)
    numbers = dict(
        PathologyCase.objects.filter(request__in=[each.pk for each in requests]).values_list("request_id", "number")
    )
    return [
        {
            "request": each,
            "number": numbers.get(each.pk, ""),
            "conclusion": diagnostics.request_summary(each).conclusion,
        }
        for each in requests
    ]


def visible_picture(actor: Actor, uuid: UUID) -> Picture:
    """One picture of a visible case. :raises NotVisible: out of scope or absent"""
    picture = (
        Picture.objects.select_related("file", *(f"case__{name}" for name in _RELATED))
        .filter(uuid=uuid, case__in=cases_visible_to(actor))
        .first()
    )
    if picture is None:
        raise NotVisible("pathology.picture", uuid)
    return picture


def visible_opinion(actor: Actor, uuid: UUID) -> SecondOpinion:
    """One second opinion of a visible case. :raises NotVisible: out of scope or absent"""
    opinion = (
        SecondOpinion.objects.select_related(*(f"case__{name}" for name in _RELATED))
        .filter(uuid=uuid, case__in=cases_visible_to(actor))
        .first()
    )
    if opinion is None:
        raise NotVisible("pathology.opinion", uuid)
    return opinion


def opinions_waiting(actor: Actor) -> list[SecondOpinion]:
    """Opinions the actor was asked for and has not given."""
    rows = SecondOpinion.objects.filter(to_user=actor.user_id or 0, answered_at__isnull=True)
    return list(rows.select_related(*(f"case__{name}" for name in _RELATED)).order_by("asked_at", "id")[:LIST_SIZE])


# The archive ---------------------------------------------------------------------------------------------------------
def _loans(actor: Actor) -> QuerySet[Loan]:
    return (
        Loan.objects.filter(case__in=cases_at_centres(actor, Permission.PATHOLOGY_LEND))
        .select_related(*(f"case__{name}" for name in _RELATED))
        .prefetch_related("slides", "blocks")
    )


def loans_out(actor: Actor, *, on: date, overdue_only: bool = False) -> list[Loan]:
    """Loans that are out, the one due first on top; of those past their day only, if wanted."""
    loans = _loans(actor).filter(returned_at__isnull=True)
    if overdue_only:
        loans = loans.filter(due_on__lt=on)
    return list(loans.order_by("due_on", "id")[:LIST_SIZE])


def loans_returned(actor: Actor, *, cursor: str = "") -> Page[Loan]:
    """Loans that came back, newest first."""
    return page_of(_loans(actor).filter(returned_at__isnull=False), by=("-lent_at", "-id"), cursor=cursor)


def visible_loan(actor: Actor, uuid: UUID) -> Loan:
    """One loan of the archive the actor keeps. :raises NotVisible: out of scope or absent"""
    return the_one(_loans(actor), uuid=uuid)


def blocks_of(case: PathologyCase) -> list[Block]:
    """Blocks with their slides, in the order of their codes."""
    slides = Prefetch("slides", Slide.objects.order_by("number"))
    return list(case.blocks.select_related("part").prefetch_related(slides).order_by("part__letter", "number"))
