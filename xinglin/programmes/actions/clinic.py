"""What was measured face to face at a programme visit becomes a visit of the clinic, too: typed once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import override

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.programmes import judging, secrecy
from xinglin.programmes.data import FACE_TO_FACE, Channel, VisitIn
from xinglin.programmes.models import Enrolment
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.items import Value
from xinglin.visits import api as visits
from xinglin.web.formats import listed_text

#: A kind of visit for each way of meeting.
KINDS = {Channel.CLINIC: "FOLLOWUP", Channel.HOME: "HOME"}


def record_at_clinic(
    resident: Any, facility_id: int, enrolments: Sequence[Enrolment], values: Mapping[str, Value], content: VisitIn, *,
    happened_at: datetime, by: Actor, at: datetime,
) -> Any:  # fmt: skip
    """The visit, or None: nothing was measured, it was by telephone, or the actor records no visits there.

    It stands under the diagnosis of the latest one, unsigned when there is none to carry forward.
    """
    by_loinc = {catalogue.item(code).loinc: value for code, value in values.items() if isinstance(value, Decimal)}
    vitals = visits.vitals_from(by_loinc, confirmed_unusual=content.confirmed_unusual)
    if (
        content.channel not in FACE_TO_FACE
        or not vitals.measured
        or not by.may(Permission.VISIT_RECORD, at=facility_id)
    ):
        return None
    known = visits.latest_diagnosis(resident)
    with override(settings.LANGUAGE_CODE):  # the county's records are in one language, whatever the reader has chosen
        names = [judging.definition_of(each) for each in enrolments]
        titles = listed_text(secrecy.WRITTEN if each.is_confidential else str(each.short) for each in names)
    return visits.record_visit(
        resident=resident, facility_id=facility_id,
        content=visits.Content(
            kind=KINDS[Channel(content.channel)], vitals=vitals, started_at=happened_at,
            complaint=f"慢病随访：{titles}"[:500], history=content.note, advice=content.advice,
            diagnoses=[known] if known else [],
        ),
        sign=known is not None, by=by, at=at,
    )  # fmt: skip
