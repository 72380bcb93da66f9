"""REST of institutions: records, who lives there, agreements, rounds."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import Field

from xinglin.accounts.data import Permission
from xinglin.contracts import api as contracts
from xinglin.institutions import actions, permissions, queries, shapes
from xinglin.institutions.events import Event
from xinglin.institutions.models import Institution
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.residents import api as residents
from xinglin.web.api import ERRORS, write

router = Router()
Cursor = Annotated[str, Field(max_length=200)]


# Institutions --------------------------------------------------------------------------------------------------------
@router.get("/institutions", response={200: shapes.InstitutionsOut, **ERRORS}, operation_id="list_institutions")
def list_institutions(
    request: HttpRequest, kind: Annotated[str, Field(max_length=10)] = "", cursor: Cursor = ""
) -> Any:
    """Open institutions kept or served where the actor works, by name."""
    actor, at = _actor(request), clock.now()
    _looks(actor)
    found = queries.institution_page(actor, kind=kind, at=at, cursor=cursor)
    audit.record(Event.LISTED, by=actor, at=at, detail={"n": len(found.rows)})
    items = [shapes.InstitutionOut.of(each, shows_phone=False) for each in found.rows]
    return shapes.InstitutionsOut(items=items, next_cursor=found.next_cursor)


@router.post("/institutions", response={201: shapes.InstitutionOut, **ERRORS}, operation_id="record_institution")
def record(request: HttpRequest, body: shapes.InstitutionRecordIn) -> Any:
    """Write down an institution."""

    def run() -> shapes.InstitutionOut:
        actor = _actor(request)
        keeper = network.facility_id_of(body.facility) if body.facility else actor.place
        if keeper is None:
            raise InvalidInput(_("请选择机构。"), fields={"facility": _("请从列表中选择。")})
        made = actions.record_institution(content=body.read(), keeper_id=keeper, by=actor, at=clock.now())
        return _institution(queries.visible_institution(actor, made.uuid), actor)

    return write(request, run, status=201)


@router.get("/institutions/{uuid}", response={200: shapes.InstitutionOut, **ERRORS}, operation_id="get_institution")
def get_institution(request: HttpRequest, uuid: UUID) -> Any:
    """One institution."""
    actor = _actor(request)
    found = queries.visible_institution(actor, uuid)
    _told(actor, Event.VIEWED, "institutions.institution", uuid)
    return _institution(found, actor)


@router.post(
    "/institutions/{uuid}/edit", response={200: shapes.InstitutionOut, **ERRORS}, operation_id="edit_institution"
)
def edit(request: HttpRequest, uuid: UUID, body: shapes.InstitutionBody) -> Any:
    """Correct what is written down."""

    def run() -> shapes.InstitutionOut:
        actor = _actor(request)
        found = queries.visible_institution(actor, uuid)
        return _institution(
            actions.edit_institution(institution=found, content=body.read(), by=actor, at=clock.now()), actor
        )

    return write(request, run)


@router.post(
    "/institutions/{uuid}/close", response={200: shapes.InstitutionOut, **ERRORS}, operation_id="close_institution"
)
def close(request: HttpRequest, uuid: UUID, body: shapes.InstitutionCloseIn) -> Any:
    """Close it for good: its agreements end, and nobody lives there any more."""

    def run() -> shapes.InstitutionOut:
        actor = _actor(request)
        found = queries.visible_institution(actor, uuid)
        return _institution(
            actions.close_institution(institution=found, reason=body.reason, by=actor, at=clock.now()), actor
        )

    return write(request, run)


# Who lives there -----------------------------------------------------------------------------------------------------
@router.get("/institutions/{uuid}/stays", response={200: shapes.StaysOut, **ERRORS}, operation_id="list_stays")
def list_stays(request: HttpRequest, uuid: UUID) -> Any:
    """Who lives there today."""
    actor, at = _actor(request), clock.now()
    found, n_others = queries.stays_of(actor, queries.visible_institution(actor, uuid), on=clock.today(at))
    audit.look_many(Event.RESIDENTS_VIEWED, by=actor, at=at, subjects=[each.resident.uuid for each in found])
    return shapes.StaysOut(items=[shapes.StayOut.of(each) for each in found], n_others=n_others)


@router.post("/institutions/{uuid}/stays", response={201: shapes.StayOut, **ERRORS}, operation_id="begin_stay")
def begin_stay(request: HttpRequest, uuid: UUID, body: shapes.StayIn) -> Any:
    """A resident lives there from a day on."""

    def run() -> shapes.StayOut:
        actor, at = _actor(request), clock.now()
        stay = actions.move_in(
            institution=queries.visible_institution(actor, uuid),
            resident=residents.visible_resident(actor, body.resident, at=at), since=body.since, room=body.room, by=actor,
            at=at,
        )  # fmt: skip
        return shapes.StayOut.of(stay)

    return write(request, run, status=201)


@router.post("/stays/{uuid}/end", response={200: shapes.StayOut, **ERRORS}, operation_id="end_stay")
def end_stay(request: HttpRequest, uuid: UUID, body: shapes.StayEndIn) -> Any:
    """He lived there until a day."""

    def run() -> shapes.StayOut:
        actor = _actor(request)
        stay = queries.visible_stay(actor, uuid)
        return shapes.StayOut.of(actions.move_out(stay=stay, until=body.until, by=actor, at=clock.now()))

    return write(request, run)


# Agreements ----------------------------------------------------------------------------------------------------------
@router.post(
    "/institutions/{uuid}/agreements",
    response={201: shapes.CareAgreementOut, **ERRORS},
    operation_id="sign_institution",
)
def sign(request: HttpRequest, uuid: UUID, body: shapes.CareAgreementIn) -> Any:
    """Sign an institution with a unit: the sheet is kept, and every round of the term is planned."""

    def run() -> shapes.CareAgreementOut:
        actor, at = _actor(request), clock.now()
        facility_id = network.facility_id_of(body.facility) if body.facility else actor.place
        if facility_id is None:
            raise InvalidInput(_("请选择机构。"), fields={"facility": _("请从列表中选择。")})
        drafted = actions.draft_agreement(
            institution=queries.visible_institution(actor, uuid), facility_id=facility_id,
            team=_team(facility_id, body.team, at=at), package=body.package, starts_on=body.starts_on or clock.today(at),
            years=body.years, by=actor, at=at,
        )  # fmt: skip
        signed = actions.sign_agreement(agreement=drafted, signing=body.signing(), by=actor, at=at)
        return _agreement(actor, signed.uuid)

    return write(request, run, status=201)


@router.get("/institution-agreements/{uuid}", response={200: shapes.CareAgreementOut, **ERRORS}, operation_id="get_institution_agreement")  # fmt: skip
def get_agreement(request: HttpRequest, uuid: UUID) -> Any:
    """One agreement with its plan and its service log."""
    actor = _actor(request)
    answer = _agreement(actor, uuid)
    _told(actor, Event.VIEWED, "institutions.careagreement", uuid)
    return answer


@router.post("/institution-agreements/{uuid}/renew", response={201: shapes.CareAgreementOut, **ERRORS}, operation_id="renew_institution_agreement")  # fmt: skip
def renew(request: HttpRequest, uuid: UUID, body: shapes.CareRenewalIn) -> Any:
    """Sign the next term."""

    def run() -> shapes.CareAgreementOut:
        actor = _actor(request)
        coming = actions.renew_agreement(
            agreement=queries.visible_agreement(actor, uuid), package=body.package, years=body.years,
            signing=body.signing(), by=actor, at=clock.now(),
        )  # fmt: skip
        return _agreement(actor, coming.uuid)

    return write(request, run, status=201)


@router.post("/institution-agreements/{uuid}/end", response={200: shapes.CareAgreementOut, **ERRORS}, operation_id="end_institution_agreement")  # fmt: skip
def end(request: HttpRequest, uuid: UUID, body: shapes.CareEndIn) -> Any:
    """End it today, with a coded reason."""

    def run() -> shapes.CareAgreementOut:
        actor = _actor(request)
        actions.end_agreement(
            agreement=queries.visible_agreement(actor, uuid), reason_code=body.reason_code, words=body.words, by=actor,
            at=clock.now(),
        )  # fmt: skip
        return _agreement(actor, uuid)

    return write(request, run)


# Rounds --------------------------------------------------------------------------------------------------------------
@router.get("/institution-rounds", response={200: shapes.RoundsOut, **ERRORS}, operation_id="list_institution_rounds")
def list_rounds(request: HttpRequest, box: Literal["due", "missed", "done"] = "due", cursor: Cursor = "") -> Any:
    """Rounds that are due, missed or done, where the actor looks at contracts."""
    actor, at = _actor(request), clock.now()
    _looks(actor)
    found = queries.round_page(actor, box=box, at=at, cursor=cursor)
    audit.record(Event.LISTED, by=actor, at=at, detail={"box": box, "n": len(found.rows)})
    return shapes.RoundsOut(items=[shapes.RoundOut.of(each) for each in found.rows], next_cursor=found.next_cursor)


@router.get(
    "/institution-rounds/{uuid}", response={200: shapes.RoundWholeOut, **ERRORS}, operation_id="get_institution_round"
)
def get_round(request: HttpRequest, uuid: UUID) -> Any:
    """One round with whom it saw."""
    actor, at = _actor(request), clock.now()
    answer = shapes.RoundWholeOut.whole(queries.visible_round(actor, uuid), actor)
    audit.look_many(Event.ROUND_VIEWED, by=actor, at=at, subjects=[each.resident for each in answer.seen])
    return answer


@router.post("/institution-rounds/{uuid}/record", response={200: shapes.RoundWholeOut, **ERRORS}, operation_id="record_institution_round")  # fmt: skip
def record_round(request: HttpRequest, uuid: UUID, body: shapes.RoundBody) -> Any:
    """Write down a round."""

    def run() -> shapes.RoundWholeOut:
        actor = _actor(request)
        found = queries.visible_round(actor, uuid)
        png = residents.png_of(body.signature)
        actions.record_round(round=found, content=body.read(png), by=actor, at=clock.now())
        return shapes.RoundWholeOut.whole(found, actor)

    return write(request, run)


def _institution(row: Institution, actor: Actor) -> shapes.InstitutionOut:
    return shapes.InstitutionOut.of(row, shows_phone=bool(permissions.may_edit(actor, row)))


def _agreement(actor: Actor, uuid: UUID) -> shapes.CareAgreementOut:
    return shapes.CareAgreementOut.of(queries.visible_agreement(actor, uuid))


def _team(facility_id: int, uuid: UUID | None, *, at: Any) -> Any:
    if uuid is None:
        return None
    for each in contracts.teams_of_facility(facility_id, on=clock.today(at)):
        if each.uuid == uuid:
            return each
    raise InvalidInput(_("请选择团队。"), fields={"team": _("请从列表中选择。")})


def _looks(actor: Actor) -> None:
    if not {Permission.CONTRACT_VIEW, Permission.CONTRACT_MANAGE} & actor.permissions:
        actor.may(Permission.CONTRACT_VIEW).require()


def _told(actor: Actor, event: Event, kind: str, uuid: UUID) -> None:
    audit.record(event, by=actor, at=clock.now(), kind=kind, key=str(uuid))


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined,no-any-return]
