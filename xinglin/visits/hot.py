"""What recording a visit has to know, in one statement: the resident, the facility, the diagnoses' names, a number.

Scope is decided inside it by the roster, as `residents.api.residents_visible_to` does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from xinglin.accounts.api import Permission
from xinglin.platform import hot
from xinglin.platform.actors import Actor
from xinglin.platform.ids import format_number
from xinglin.platform.instances import partial
from xinglin.residents import api as residents
from xinglin.visits.data import DiagnosisIn
from xinglin.visits.models import DiagnosisTerm, Visit

_RESIDENT = ("id", "uuid", "number", "name", "initials", "pinyin", "sex", "born_on", "died_on", "status")
_FACILITY = ("id", "uuid", "name", "short_name", "tier", "status", "kind", "closed_on")
_TERM = ("id", "system", "code", "name", "valid_from", "valid_until")

LOOK_UP = f"""
WITH {residents.SEEN}
SELECT nextval('platform_number_seq') AS running, {", ".join(f"r.{name} AS r_{name}" for name in _RESIDENT)},
  {", ".join(f"f.{name} AS f_{name}" for name in _FACILITY)},
  EXISTS (SELECT 1 FROM residents_rosterentry e WHERE e.resident_id = r.id AND e.facility_id = f.id AND e.until IS NULL
    AND e.served_at IS NOT NULL) AS stands,
  (SELECT json_agg(json_build_array({", ".join(f"t.{name}" for name in _TERM)})) FROM visits_diagnosisterm t
   WHERE (t.system, t.code) IN (SELECT * FROM unnest(%(systems)s::text[], %(codes)s::text[]))) AS terms
FROM seen JOIN residents_resident r ON r.id = seen.id, network_facility f WHERE f.id = %(facility)s::bigint
"""  # noqa: S608 - names of columns


@dataclass(frozen=True, slots=True)
class Known:
    """The rows a visit refers to, each with the columns it needs (others are read when asked for), and its number.

    `stands`: the resident is on the facility's roster already, as one it has treated; a visit changes nothing there.
    """

    resident: Any
    facility: Any
    terms: dict[tuple[str, str], DiagnosisTerm]
    number: str
    stands: bool


def look_up(*, by: Actor, uuid: UUID, facility_id: int, diagnoses: Sequence[DiagnosisIn], at: datetime) -> Known | None:
    """What is known; None when the resident is on no roster of the actor's, or the facility does not exist."""
    found = hot.rows(
        LOOK_UP,
        {
            "uuid": uuid, "facility": facility_id, "at": at, "places": hot.places_of(by, Permission.RESIDENT_VIEW),
            "systems": [each.system for each in diagnoses], "codes": [each.code for each in diagnoses],
        },
    )  # fmt: skip
    if not found:
        return None
    row = found[0]
    terms = [partial(DiagnosisTerm, _TERM, each) for each in row["terms"] or ()]
    return Known(
        resident=partial(_model("resident"), _RESIDENT, [row[f"r_{name}"] for name in _RESIDENT]),
        facility=partial(_model("facility"), _FACILITY, [row[f"f_{name}"] for name in _FACILITY]),
        terms={(term.system, term.code): term for term in terms},
        number=format_number("V", at, row["running"]),
        stands=row["stands"],
    )


def _model(field: str) -> type[models.Model]:
    model: type[models.Model] = Visit._meta.get_field(field).related_model  # type: ignore[assignment]
    return model
