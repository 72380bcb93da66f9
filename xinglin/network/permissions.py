"""Who may do what with the network: the right at the place, and the state."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.network import policies, queries
from xinglin.network.models import Consortium, Division, Facility, ImportBatch, Membership
from xinglin.network.states import Status
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision, first_refusal, refused

P = Permission
COUNTY_DIGITS = 6  # of a division code


def may_look(actor: Actor) -> Decision:
    """Facilities are no secret to staff; the public and residents have no list of them here."""
    return actor.may(P.NETWORK_VIEW)


def may_edit(actor: Actor, facility: Facility) -> Decision:
    """Facts of a facility, and what it has."""
    return first_refusal(actor.may(P.NETWORK_EDIT, at=facility.pk), policies.can_change(facility))


def may_move(actor: Actor, facility: Facility, to: Status) -> Decision:
    """A step in the life of a facility."""
    return first_refusal(actor.may(P.NETWORK_EDIT, at=facility.pk), policies.can_move(facility, to))


def may_merge(actor: Actor, facility: Facility) -> Decision:
    """Merge it into some other unit; the other is checked when it is known."""
    return first_refusal(may_move(actor, facility, Status.MERGED), policies.can_end(facility, heirs=True))


def may_close(actor: Actor, facility: Facility) -> Decision:
    """End it without a successor."""
    return first_refusal(may_move(actor, facility, Status.CLOSED), policies.can_end(facility, heirs=False))


def may_open_under(actor: Actor, *, above: Facility | None, division: Division) -> Decision:
    """A new unit: the right at the unit above it, or, without one, over the whole county it lies in."""
    if above is not None:
        return actor.may(P.NETWORK_EDIT, at=above.pk)
    return holds_over_county(actor, P.NETWORK_EDIT, division.code)


def may_open_somewhere(actor: Actor) -> Decision:
    """Whether to show the way to a new unit at all."""
    return actor.may(P.NETWORK_EDIT)


def holds_over_county(actor: Actor, permission: Permission, division_code: str) -> Decision:
    """The right at every facility of the county a division lies in."""
    places = actor.places_where(permission)
    if places is None:
        return ALLOWED
    if not places:
        return actor.may(permission)
    county = queries.facility_ids_within(None, False, division_code[:COUNTY_DIGITS])
    if county and county <= places:
        return ALLOWED
    return refused("wrong-place", _("县级机构须由管理全县的人员新增。"))


def may_edit_consortium(actor: Actor, consortium: Consortium) -> Decision:
    """Its members and structure: the right at its lead hospital, or over its county while it has none."""
    lead = Membership.objects.filter(consortium=consortium, role=Membership.Role.LEAD, valid_until__isnull=True)
    lead_id = lead.values_list("facility_id", flat=True).first()
    if lead_id is not None:
        return actor.may(P.NETWORK_EDIT, at=lead_id)
    return holds_over_county(actor, P.NETWORK_EDIT, consortium.division.code)


def may_bind(actor: Actor, consortium: Consortium, facility: Facility) -> Decision:
    """Let a facility join or leave: the right over the consortium and at the facility. Membership decides whom a
    critical value reaches, so nobody binds another's unit to his own hospital.
    """
    return first_refusal(may_edit_consortium(actor, consortium), actor.may(P.NETWORK_EDIT, at=facility.pk))


def may_set_area(actor: Actor, facility_ids: Iterable[int]) -> Decision:
    """Group units: the right at each of them."""
    return first_refusal(actor.may(P.NETWORK_EDIT), *(actor.may(P.NETWORK_EDIT, at=each) for each in facility_ids))


def may_import(actor: Actor) -> Decision:
    """Upload tables; each row is checked for its place on its own."""
    return actor.may(P.NETWORK_IMPORT)


def may_apply(actor: Actor, batch: ImportBatch) -> Decision:
    """Write an uploaded file: who uploaded and saw the preview confirms it."""
    if batch.uploaded_by == actor.user_id:
        return ALLOWED
    return refused("not-uploader", _("请由上传该文件的人员确认导入。"))
