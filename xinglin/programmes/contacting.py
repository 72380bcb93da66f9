"""What programmes contact residents about, and when they did: told to the follow-up centre, so that nobody is called
twice in one week.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from xinglin.followups.api import Contact, Purpose
from xinglin.network import api as network
from xinglin.platform.actors import Actor
from xinglin.programmes import secrecy
from xinglin.programmes.models import ManagedResident, ProgrammeVisit
from xinglin.web.formats import listed_text


def due(actor: Actor, resident_ids: Sequence[int], until: date) -> list[Purpose]:
    """The next joint visit of a managed resident, when it falls due. Programmes kept secret from the actor are not named."""
    lines = ManagedResident.objects.select_related("facility", "resident").filter(
        resident_id__in=list(resident_ids), is_lost=False, next_due_on__lte=until
    )
    return [
        Purpose(
            source="programmes", key=line.uuid, facility_id=line.facility_id, facility=str(line.facility),
            title=_said(actor, line), due_on=line.next_due_on, resident_id=line.resident_id,
        )
        for line in lines
    ]  # fmt: skip


def said(actor: Actor, keys: Sequence[UUID]) -> dict[UUID, str]:
    """What a call was made for, as far as the reader may know."""
    return {line.uuid: _said(actor, line) for line in ManagedResident.objects.filter(uuid__in=keys)}


def _said(actor: Actor, line: ManagedResident) -> str:
    names = dict.fromkeys(secrecy.short(actor, each, line.facility_id) for each in line.programmes)
    return _("慢病随访：%(names)s") % {"names": listed_text(names)}


def contacts(actor: Actor, resident_ids: Sequence[int], since: datetime) -> list[Contact]:
    """Visits of programmes that stand, by telephone, at home, or in the clinic; without their answers, which the form shows."""
    visits = ProgrammeVisit.objects.filter(
        resident_id__in=list(resident_ids), replaced_by__isnull=True, happened_at__gte=since
    ).values_list("resident_id", "happened_at", "channel", "clinician_id", "clinician_name", "facility_id")
    found = list(visits.order_by("-happened_at"))
    names = network.facility_names(place for *_rest, place in found)
    return [
        Contact(
            at=at, channel=channel, by_id=by_id, by_name=by_name, facility=names[place], what=_("慢病随访"), was_reached=True,
            resident_id=resident_id,
        )
        for resident_id, at, channel, by_id, by_name, place in found
    ]  # fmt: skip
