"""REST of contracts."""

import base64
import binascii
import io
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from xinglin.contracts import actions, documents, paying, queries, rest_write, secrecy, statistics
from xinglin.contracts.data import Wanted
from xinglin.contracts.events import Event
from xinglin.contracts.models import Agreement, Team
from xinglin.contracts.rules import packages
from xinglin.contracts.schemas import (
    AgreementEndIn,
    AgreementIn,
    AgreementOut,
    AgreementPageOut,
    AgreementRowOut,
    ContractRatingIn,
    CoverageLineOut,
    DeliveryIn,
    GroupEntryIn,
    GroupEntryOut,
    MemberIn,
    OverviewOut,
    PackageOut,
    PayIn,
    PayOut,
    PromiseOut,
    RatingOut,
    RenewalIn,
    SigningIn,
    TeamChangeIn,
    TeamIn,
    TeamOut,
    TeamPageOut,
    TeamPlaceIn,
)
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.residents import api as residents
from xinglin.web.api import ERRORS, write
from xinglin.web.documents import pdf_response

router = rest_write.router  # one router: two that share a path hide each other's methods
Cursor = Annotated[str, Field(max_length=200)]
Short = Annotated[str, Field(max_length=40)]


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined,no-any-return]


# Teams and packages --------------------------------------------------------------------------------------------------
@router.get("/contract-teams", response={200: TeamPageOut, **ERRORS}, operation_id="listContractTeams")
def list_teams(request: HttpRequest, kind: Short = Team.Kind.FAMILY, cursor: Cursor = "") -> Any:
    """Teams at home at, or serving, the actor's facilities, by name."""
    actor, at = _actor(request), clock.now()
    page = queries.team_page(actor, kind=kind, on=clock.today(at), cursor=cursor)
    audit.record(Event.LISTED, by=actor, at=at, detail={"teams": len(page.rows)})
    return TeamPageOut(items=[TeamOut.of(each) for each in page.rows], next_cursor=page.next_cursor)


@router.post("/contract-teams", response={201: TeamOut, **ERRORS}, operation_id="formContractTeam")
def form_team(request: HttpRequest, body: TeamIn) -> Any:
    """Form a team at its home facility."""

    def run() -> TeamOut:
        team = actions.form_team(
            name=body.name, facility_id=network.facility_by_uuid(body.facility).id, kind=body.kind, disease=body.disease,
            phone=body.phone, by=_actor(request), at=clock.now(),
        )  # fmt: skip
        return TeamOut.of(team)

    return write(request, run, status=201)


@router.get("/contract-teams/{uuid}", response={200: TeamOut, **ERRORS}, operation_id="getContractTeam")
def get_team(request: HttpRequest, uuid: UUID) -> Any:
    """One team with its members."""
    team = queries.visible_team(_actor(request), uuid)
    audit.record(Event.LISTED, by=_actor(request), at=clock.now(), kind="contracts.team", key=str(uuid))
    return TeamOut.of(team)


@router.post("/contract-teams/{uuid}/members", response={200: TeamOut, **ERRORS}, operation_id="addTeamMember")
def add_member(request: HttpRequest, uuid: UUID, body: MemberIn) -> Any:
    """Take somebody into a team."""

    def run() -> TeamOut:
        team = queries.visible_team(_actor(request), uuid)
        actions.add_member(team=team, by=_actor(request), at=clock.now(), **body.model_dump())
        return TeamOut.of(team)

    return write(request, run)


@router.post("/contract-teams/{uuid}/places", response={200: TeamOut, **ERRORS}, operation_id="addTeamPlace")
def add_place(request: HttpRequest, uuid: UUID, body: TeamPlaceIn) -> Any:
    """Let a team serve a clinic, a service point or a village."""

    def run() -> TeamOut:
        team = queries.visible_team(_actor(request), uuid)
        facility = network.facility_by_uuid(body.facility).id if body.facility else None
        actions.add_place(
            team=team, facility_id=facility, division_code=body.division_code, by=_actor(request), at=clock.now()
        )
        return TeamOut.of(team)

    return write(request, run)


@router.get("/service-packages", response={200: list[PackageOut], **ERRORS}, operation_id="listServicePackages")
def list_packages(request: HttpRequest) -> Any:
    """Service packages in force today."""
    at = clock.now()
    found = packages.packages(clock.today(at))
    audit.record(Event.LISTED, by=_actor(request), at=at, detail={"packages": len(found)})
    return [PackageOut.of(each) for each in found]


# Agreements ----------------------------------------------------------------------------------------------------------
@router.get("/agreements", response={200: AgreementPageOut, **ERRORS}, operation_id="listAgreements")
def list_agreements(request: HttpRequest, box: Short = "active", group: Short = "", cursor: Cursor = "") -> Any:
    """Agreements of the actor's facilities: ``active``, ``renewal``, ``overdue``, ``draft``, ``ended``."""
    actor, at = _actor(request), clock.now()
    page = queries.agreement_page(
        actor, box=box, group=group, places=secrecy.places_of(actor, group), at=at, cursor=cursor
    )
    shown = [each.resident.uuid for each in page.rows]
    audit.look_many(Event.LISTED, by=actor, at=at, subjects=shown, box=box, n=len(shown))
    return AgreementPageOut(
        items=[AgreementRowOut.of(each, _actor(request)) for each in page.rows], next_cursor=page.next_cursor
    )


@router.post("/agreements", response={201: AgreementOut, **ERRORS}, operation_id="signAgreement")
def sign(request: HttpRequest, body: AgreementIn) -> Any:
    """Sign a resident with a team. 409 ``already-signed`` says with whom, if the actor may see it."""

    def run() -> AgreementOut:
        actor, at = _actor(request), clock.now()
        place = network.facility_by_uuid(body.facility).id if body.facility else actor.place
        if place is None:
            raise InvalidInput(_("请选择服务机构。"), fields={"facility": _("必填。")})
        resident = residents.visible_resident(actor, body.resident, at=at)
        wanted = Wanted(tuple(body.packages), body.starts_on or clock.today(at), body.years, body.check_up_on)
        agreement = actions.sign_now(
            resident=resident, team=_team(place, body.team, at=at), facility_id=place, wanted=wanted, given=_given(body),
            scan=_scan(body), by=actor, at=at,
        )  # fmt: skip
        return AgreementOut.of(agreement, _actor(request))

    return write(request, run, status=201)


@router.get("/agreements/{uuid}", response={200: AgreementOut, **ERRORS}, operation_id="getAgreement")
def get_agreement(request: HttpRequest, uuid: UUID) -> Any:
    """One agreement with everything it promises."""
    agreement = queries.visible_agreement(_actor(request), uuid)
    _look(request, agreement, Event.VIEWED)
    return AgreementOut.of(agreement, _actor(request))


@router.get("/agreements/{uuid}/pdf", response={200: bytes, **ERRORS}, operation_id="getAgreementPdf")
def get_pdf(request: HttpRequest, uuid: UUID) -> Any:
    """The agreement as PDF, in Chinese."""
    agreement = queries.visible_agreement(_actor(request), uuid)
    _look(request, agreement, Event.PRINTED)
    return pdf_response(documents.agreement_pdf(agreement, _actor(request), at=clock.now()), agreement.number)


@router.post("/agreements/{uuid}/renew", response={200: AgreementOut, **ERRORS}, operation_id="renewAgreement")
def renew(request: HttpRequest, uuid: UUID, body: RenewalIn) -> Any:
    """Sign the next term, from 30 days before the end on."""
    return _act(
        request, uuid, actions.renew_agreement, packages=tuple(body.packages), years=body.years, given=_given(body),
        scan=_scan(body),
    )  # fmt: skip


@router.post("/agreements/{uuid}/team", response={200: AgreementOut, **ERRORS}, operation_id="changeAgreementTeam")
def change_team(request: HttpRequest, uuid: UUID, body: TeamChangeIn) -> Any:
    """Hand an agreement to another team that serves there."""

    def run() -> AgreementOut:
        at, agreement = clock.now(), queries.visible_agreement(_actor(request), uuid)
        changed = actions.change_team(
            agreement=agreement, team=_team(agreement.facility_id, body.team, at=at), reason=body.reason,
            by=_actor(request), at=at,
        )  # fmt: skip
        return AgreementOut.of(changed, _actor(request))

    return write(request, run)


@router.post("/agreements/{uuid}/end", response={200: AgreementOut, **ERRORS}, operation_id="endAgreement")
def end(request: HttpRequest, uuid: UUID, body: AgreementEndIn) -> Any:
    """End an agreement today, with a coded reason."""
    return _act(request, uuid, actions.end_agreement, reason_code=body.reason_code, words=body.words)


@router.post("/promises/{uuid}/deliver", response={200: PromiseOut, **ERRORS}, operation_id="deliverPromise")
def deliver(request: HttpRequest, uuid: UUID, body: DeliveryIn) -> Any:
    """Record by hand that an item was done."""

    def run() -> PromiseOut:
        promise = queries.visible_promise(_actor(request), uuid)
        done = actions.deliver_by_hand(
            promise=promise, done_on=body.done_on, text=body.text, by=_actor(request), at=clock.now()
        )
        return PromiseOut.of(done, secrecy.hidden_of(promise.agreement, _actor(request)))

    return write(request, run)


@router.post("/agreements/{uuid}/rate", response={200: RatingOut, **ERRORS}, operation_id="rateAgreement")
def rate(request: HttpRequest, uuid: UUID, body: ContractRatingIn) -> Any:
    """The resident's own word on an item, or on the whole."""

    def run() -> RatingOut:
        actor = _actor(request)
        agreement = queries.visible_agreement(actor, uuid)
        promise = queries.visible_promise(actor, body.promise) if body.promise else None
        rating = actions.rate_agreement(
            agreement=agreement, promise=promise, score=body.score, words=body.words, by=actor, at=clock.now()
        )
        return RatingOut(uuid=rating.uuid, score=rating.score)

    return write(request, run)


@router.get("/me/agreements", response={200: list[AgreementOut], **ERRORS}, operation_id="listOwnAgreements")
def list_own(request: HttpRequest) -> Any:
    """The resident's own agreements."""
    actor = _actor(request)
    found = queries.own_agreements(actor)
    assert actor.self_uuid is not None, "who has no record of his own was refused above"
    audit.look(Event.OWN_VIEWED, by=actor, at=clock.now(), subject=actor.self_uuid)
    return [AgreementOut.of(each, actor) for each in found]


@router.post("/key-groups", response={201: GroupEntryOut, **ERRORS}, operation_id="enterKeyGroup")
def enter_group(request: HttpRequest, body: GroupEntryIn) -> Any:
    """Enter a resident into a key group, with evidence."""

    def run() -> GroupEntryOut:
        actor, at = _actor(request), clock.now()
        entry = actions.enter_group(
            resident=residents.visible_resident(actor, body.resident, at=at), group=body.group, since=body.since,
            until=body.until, evidence=body.evidence, by=actor, at=at,
        )  # fmt: skip
        return GroupEntryOut(uuid=entry.uuid, group=entry.group, since=entry.since, until=entry.until)

    return write(request, run, status=201)


# Figures and pay -----------------------------------------------------------------------------------------------------
@router.get("/contract-coverage", response={200: OverviewOut, **ERRORS}, operation_id="getContractCoverage")
def coverage(request: HttpRequest) -> Any:
    """Coverage by unit as counted last night, with both bases of population, fulfilment beside it."""
    found = statistics.overview(_actor(request))
    audit.record(Event.LISTED, by=_actor(request), at=clock.now(), detail={"overview": len(found.lines)})
    lines = [CoverageLineOut.of(each) for each in found.lines]
    return OverviewOut(on=found.on, total=CoverageLineOut.of(found.total), lines=lines)


@router.post("/contract-pay", response={201: PayOut, **ERRORS}, operation_id="freezeContractPay")
def freeze_pay(request: HttpRequest, body: PayIn) -> Any:
    """Share a pool among the teams of a unit for a period that is over, and keep it with its inputs."""

    def run() -> PayOut:
        done = actions.freeze_pay(
            facility_id=network.facility_by_uuid(body.facility).id, since=body.since, until=body.until,
            pool_fen=body.pool_fen, by=_actor(request), at=clock.now(),
        )  # fmt: skip
        return PayOut.of(done)

    return write(request, run, status=201)


@router.get("/contract-pay/{uuid}", response={200: PayOut, **ERRORS}, operation_id="getContractPay")
def get_pay(request: HttpRequest, uuid: UUID) -> Any:
    """A pool that was shared, by team and member."""
    run = paying.visible_run(_actor(request), uuid)
    audit.record(Event.LISTED, by=_actor(request), at=clock.now(), kind="contracts.payrun", key=str(uuid))
    return PayOut.of(run)


def _act(request: HttpRequest, uuid: UUID, action: Any, **given: Any) -> Any:
    def run() -> AgreementOut:
        actor = _actor(request)
        agreement = queries.visible_agreement(actor, uuid)
        return AgreementOut.of(action(agreement=agreement, by=actor, at=clock.now(), **given), actor)

    return write(request, run)


def _team(place: int, uuid: UUID, *, at: Any) -> Team:
    """A team that serves a place. :raises InvalidInput: there is none of that uuid"""
    for each in queries.teams_of_facility(place, on=clock.today(at)):
        if each.uuid == uuid:
            return each
    raise InvalidInput(_("请选择团队。"), fields={"team": _("请从列表中选择。")})


def _given(body: SigningIn) -> residents.ConsentGiven:
    return residents.ConsentGiven(
        agreed=True, signer_name=body.signer_name, signer_relation=body.signer_relation, explained=body.explained,
        signature_png=residents.png_of(body.signature), on_paper=body.on_paper,
    )  # fmt: skip


def _scan(body: SigningIn) -> io.BytesIO | None:
    if not body.scan:
        return None
    try:
        return io.BytesIO(base64.b64decode(body.scan, validate=True))
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(_("签字页不是有效的文件。"), fields={"scan": _("签字页不是有效的文件。")}) from error


def _look(request: HttpRequest, agreement: Agreement, event: Event) -> None:
    audit.look(
        event, by=_actor(request), at=clock.now(), subject=agreement.resident.uuid, kind="contracts.agreement",
        key=str(agreement.uuid),
    )  # fmt: skip
