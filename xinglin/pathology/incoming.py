"""From what a program or a page said to the arguments of `submit_case`: everything is looked up as the actor sees it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.network import api as network
from xinglin.pathology.queries import KIND
from xinglin.pathology.schemas import PathologyApplicationIn
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.residents import api as residents
from xinglin.visits import api as visits


def asked_of(payload: PathologyApplicationIn, *, by: Actor, at: datetime) -> diagnostics.Asked:
    """What an application asks for.

    :raises NotVisible: a visit, resident, centre or former request that the actor does not see
    :raises InvalidInput: it does not say which centre, and there are several
    """
    visit = visits.visible_visit(by, payload.visit, at=at) if payload.visit else None
    resident = residents.visible_resident(by, payload.resident, at=at) if payload.resident else None
    facility_id = network.facility_by_uuid(payload.facility).id if payload.facility else None
    if facility_id is None and visit is None:
        facility_id = by.place
    return diagnostics.Asked(
        visit=visit, resident=resident, from_facility_id=facility_id,
        centre=centre_of(payload.centre, facility_id or by.place or 0), priority=payload.priority, items=[payload.item],
        question=payload.question, clinical=payload.clinical,
        repeats=diagnostics.visible_request(by, payload.repeats) if payload.repeats else None,
    )  # fmt: skip


def centre_of(uuid: UUID | None, facility_id: int) -> Any:
    """The centre named, or the only one there is. :raises NotVisible: none of that uuid :raises InvalidInput: several"""
    if uuid is not None:
        return diagnostics.centre_to_ask(uuid)
    centres = list(diagnostics.centres_for(facility_id, KIND)[:2])
    if len(centres) != 1:
        raise InvalidInput(_("请选择诊断中心。"), fields={"centre": _("请选择诊断中心。")})
    return centres[0]
