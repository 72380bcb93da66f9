"""Whether an actor may do it."""

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.diagnostics import api as diagnostics
from xinglin.imaging import policies
from xinglin.imaging.data import Source
from xinglin.imaging.models import Conflict, Study
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision, first_refusal, refused


def may_take_in(actor: Actor, source: Source) -> Decision:
    """Who takes images at a facility sends them; devices are the system, behind their own list."""
    return actor.may(Permission.RECORDING_UPLOAD, at=source.facility_id)


def may_note_refusal(actor: Actor) -> Decision:
    """Whoever may send may be refused."""
    return actor.may(Permission.RECORDING_UPLOAD)


def matches_at(actor: Actor, study: Study) -> Decision:
    """The technician where it was taken, or a reader of an imaging centre."""
    decision = actor.may(Permission.IMAGE_MATCH, at=study.facility_id)
    if decision or (actor.may(Permission.IMAGE_MATCH) and reads_images(actor)):
        return ALLOWED
    return decision


def reads_images(actor: Actor) -> bool:
    """Whether the actor reads at an imaging centre: it serves every unit, so it sees the queue of every unit."""
    return diagnostics.centres_read_by(actor).filter(kind="IMAGING", is_active=True).exists()


def may_link(actor: Actor, study: Study) -> Decision:
    """Say whose images these are."""
    return first_refusal(matches_at(actor, study), policies.can_be_linked(study))


def may_unlink(actor: Actor, study: Study) -> Decision:
    """Take the match back."""
    return first_refusal(matches_at(actor, study), policies.can_be_unlinked(study))


def may_reject(actor: Actor, study: Study) -> Decision:
    """Refuse a study that is nobody's."""
    return first_refusal(matches_at(actor, study), policies.can_be_rejected(study))


def may_settle(actor: Actor, conflict: Conflict) -> Decision:
    """Write down what was found out about a conflict."""
    return first_refusal(matches_at(actor, conflict.instance.series.study), policies.can_be_settled(conflict))


def may_manage_devices(actor: Actor) -> Decision:
    """Who decides which devices may speak to us."""
    return actor.may(Permission.DEVICE_MANAGE)


def may_archive(actor: Actor) -> Decision:
    """Only the job itself hands images to the outside archive."""
    return is_device(actor)


def is_device(actor: Actor) -> Decision:
    """Only the listener itself, on behalf of a device."""
    return ALLOWED if actor.kind == "system" else refused("no-permission", _("您的角色没有这项权限。"))
