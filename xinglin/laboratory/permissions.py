"""Whether an actor may do it: who collects at the sending unit, who works and who releases at the centre."""

from datetime import date
from typing import Any

from xinglin.accounts.data import Permission
from xinglin.laboratory import policies
from xinglin.laboratory.models import Shipment, Specimen
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision, first_refusal


def may_collect(actor: Actor, specimen: Specimen) -> Decision:
    """The sending unit takes it."""
    return first_refusal(collects_at(actor, specimen.from_facility_id), policies.can_be_collected(specimen))


def may_undo_collection(actor: Actor, specimen: Specimen) -> Decision:
    """The sending unit takes a wrong scan back."""
    return first_refusal(collects_at(actor, specimen.from_facility_id), policies.can_be_uncollected(specimen))


def collects_at(actor: Actor, facility_id: int) -> Decision:
    """Who labels, takes and hands over specimens at a unit."""
    return actor.may(Permission.SPECIMEN_COLLECT, at=facility_id)


def works_at(actor: Actor, centre: Any) -> Decision:
    """Who receives, measures and keeps at the centre."""
    return actor.may(Permission.LABORATORY_WORK, at=centre.facility_id)


def releases_at(actor: Actor, centre: Any) -> Decision:
    """Who reviews and releases at the centre."""
    return actor.may(Permission.RESULT_RELEASE, at=centre.facility_id)


def may_hand_over(actor: Actor, specimen: Specimen) -> Decision:
    """The sending unit gives it to the courier."""
    return first_refusal(collects_at(actor, specimen.from_facility_id), policies.can_be_handed_over(specimen))


def may_note_temperature(actor: Actor, shipment: Shipment) -> Decision:
    """Either side reads the thermometer of a box."""
    decision = collects_at(actor, shipment.from_facility_id)
    return decision if decision else works_at(actor, shipment.centre)


def may_arrive(actor: Actor, shipment: Shipment) -> Decision:
    """The centre takes the box."""
    return first_refusal(works_at(actor, shipment.centre), policies.can_arrive(shipment))


def may_receive(actor: Actor, specimen: Specimen) -> Decision:
    """The centre receives or refuses it."""
    return first_refusal(works_at(actor, specimen.centre), policies.can_be_received(specimen))


def may_enter(actor: Actor, request: Any) -> Decision:
    """The centre enters results."""
    return first_refusal(works_at(actor, request.centre), policies.can_take_results(request))


def may_release(actor: Actor, request: Any) -> Decision:
    """The centre releases results."""
    return first_refusal(releases_at(actor, request.centre), policies.can_be_released(request))


def may_store(actor: Actor, specimen: Specimen) -> Decision:
    """The centre puts it away."""
    return first_refusal(works_at(actor, specimen.centre), policies.can_be_stored(specimen))


def may_dispose(actor: Actor, specimen: Specimen, on: date) -> Decision:
    """The centre throws it away after its time."""
    return first_refusal(works_at(actor, specimen.centre), policies.can_be_disposed(specimen, on))
