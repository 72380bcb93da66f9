"""Who may do what with devices and readings."""

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision, first_refusal
from xinglin.readings import policies
from xinglin.readings.models import Device, Reading


def may_register(actor: Actor, facility_id: int | None) -> Decision:
    """Whether the actor may register a device of a facility."""
    return actor.may_begin(Permission.METER_MANAGE, at=facility_id)


def may_manage(actor: Actor, device: Device) -> Decision:
    """Whether the actor may give it a key, report it lost or retire it."""
    return actor.may(Permission.METER_MANAGE, at=device.facility_id)


def may_key(actor: Actor, device: Device) -> Decision:
    """Whether the actor may give it a key now."""
    return first_refusal(may_manage(actor, device), policies.can_be_keyed(device))


def may_lend(actor: Actor, device: Device) -> Decision:
    """Whether the actor may lend it now."""
    return first_refusal(may_manage(actor, device), policies.can_be_lent(device))


def may_sort(actor: Actor, reading: Reading) -> Decision:
    """Whether the actor may say now whose a reading is."""
    return first_refusal(
        actor.may(Permission.READING_SORT, at=reading.device.facility_id), policies.can_be_sorted(reading)
    )
