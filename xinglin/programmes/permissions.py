"""Who may do what in programmes. That the resident is in sight, the look-up has said before."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.network import api as network
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision, first_refusal, refused
from xinglin.programmes import policies, secrecy
from xinglin.programmes.models import Alert, Edition, Enrolment, ProgrammeVisit, QualityCheck
from xinglin.programmes.states import EditionStatus, Status


def may_manage(actor: Actor, facility_id: int | None) -> Decision:
    """May the actor enrol and see residents at a facility?"""
    if facility_id is None:
        return refused("no-facility", _("您的账号没有所在机构。"))
    return actor.may(Permission.PROGRAMME_DO, at=facility_id)


def may_begin(actor: Actor, facility_id: int | None) -> Decision:
    """May the actor screen and enrol at a facility? Visits arrive later than they were made, so they are `may_manage`."""
    return first_refusal(may_manage(actor, facility_id), actor.may_begin(Permission.PROGRAMME_DO, at=facility_id))


def may_step(actor: Actor, enrolment: Enrolment, to: Status) -> Decision:
    """May the actor take this enrolment to another status?"""
    return first_refusal(
        may_manage(actor, enrolment.facility_id), _may_know(actor, enrolment), policies.can_step(enrolment, to)
    )


def may_change_version(actor: Actor, enrolment: Enrolment) -> Decision:
    """May the actor move this enrolment to another version of its programme?"""
    return first_refusal(
        may_manage(actor, enrolment.facility_id), _may_know(actor, enrolment), policies.can_change_version(enrolment)
    )


def may_move_together(actor: Actor, programme: str, facility_id: int) -> Decision:
    """May the actor move the enrolments of a programme at a facility to the version in force?"""
    return first_refusal(may_manage(actor, facility_id), secrecy.may_know(actor, programme, facility_id))


def places_known(actor: Actor, programme: str) -> frozenset[int] | None:
    """Facilities where the actor manages and may know who is in this programme; None means all."""
    places = actor.places_where(Permission.PROGRAMME_DO)
    if programme not in secrecy.secrets():
        return places
    known = actor.places_where(Permission.PROGRAMME_CONFIDENTIAL)
    return known if places is None else places if known is None else places & known


def may_enrol(actor: Actor, resident: Any, programme: str) -> Decision:
    """May the actor take a resident into this programme?"""
    return first_refusal(
        may_begin(actor, resident.managed_by_id), secrecy.may_know(actor, programme, resident.managed_by_id)
    )


def may_transfer(actor: Actor, facility_id: int) -> Decision:
    """May the actor hand over residents whom this facility manages? Who keeps its register, or that of the unit above it."""
    held = actor.places_where(Permission.RESIDENT_EDIT)
    if held is None or held & {facility_id, network.manager_of(facility_id)}:
        return actor.may(Permission.RESIDENT_EDIT)
    elsewhere = refused("not-managing", _("只有管理该机构居民的单位或其上级机构可以转移。"))
    return first_refusal(actor.may(Permission.RESIDENT_EDIT), elsewhere)


def _may_know(actor: Actor, enrolment: Enrolment) -> Decision:
    return secrecy.may_know(actor, enrolment.programme, enrolment.facility_id)


def may_answer(actor: Actor, alert: Alert) -> Decision:
    """May the actor say what was done about a finding?"""
    return first_refusal(may_manage(actor, alert.enrolment.facility_id), _may_know(actor, alert.enrolment))


def may_amend(actor: Actor, visit: ProgrammeVisit) -> Decision:
    """May the actor write the right visit in place of this one?"""
    return first_refusal(may_manage(actor, visit.facility_id), policies.can_be_amended(visit))


def may_lead(actor: Actor, facility_id: int | None = None) -> Decision:
    """May the actor look over a disease as its chief physician's team does?"""
    return actor.may(Permission.PROGRAMME_LEAD, at=facility_id)


def may_check(actor: Actor, check: QualityCheck) -> Decision:
    """May the actor ask the resident whether the visit is true? Never who made it."""
    own = (
        refused("own-visit", _("不能核查自己做的随访，请由他人回访。"))
        if actor.user_id is not None and actor.user_id == check.visit.clinician_id
        else ALLOWED
    )
    knows = secrecy.may_know(actor, check.programme, check.visit.facility_id)
    return first_refusal(may_lead(actor, check.visit.facility_id), knows, own)


def may_read_editions(actor: Actor) -> Decision:
    """May the actor read definitions that are on their way?"""
    writes = actor.may(Permission.PROGRAMME_WRITE)
    return writes if writes else actor.may(Permission.PROGRAMME_REVIEW)


def may_see_singles(actor: Actor) -> Decision:
    """May the actor look at the table of single diseases? Who sees programmes or figures, or writes definitions."""
    board = actor.may(Permission.BOARD_VIEW)
    return board or may_read_editions(actor) or actor.may(Permission.PROGRAMME_VIEW)


def may_write_edition(actor: Actor) -> Decision:
    """May the actor write definitions? Only a person can, who then does not review them."""
    nobody = refused("no-person", _("方案由本人账号起草。")) if actor.user_id is None else ALLOWED
    return first_refusal(actor.may(Permission.PROGRAMME_WRITE), nobody)


def may_step_edition(actor: Actor, edition: Edition, to: EditionStatus) -> Decision:
    """May the actor take this edition to another status? What somebody wrote another one reviews."""
    held = actor.may(Permission.PROGRAMME_WRITE)
    if to in {EditionStatus.APPROVED, EditionStatus.RETURNED}:
        wrote = actor.user_id is None or edition.texts.filter(written_by=actor.user_id).exists()
        own = refused("own-draft", _("自己写过的方案不能由自己审核，请另一人审核。"))
        held = first_refusal(actor.may(Permission.PROGRAMME_REVIEW), own if wrote else ALLOWED)
    elif to in {EditionStatus.DATED, EditionStatus.WITHDRAWN}:
        held = may_read_editions(actor)
    return first_refusal(held, policies.can_step_edition(edition, to))
