"""What sending a referral has to know, in one statement: the resident, both units, whether one may receive, a number.

Scope is decided inside it by the roster, as `residents.api.residents_visible_to` does.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from xinglin.accounts.api import Permission
from xinglin.network import api as network
from xinglin.platform import hot
from xinglin.platform.actors import Actor
from xinglin.platform.ids import format_number
from xinglin.platform.instances import partial
from xinglin.referrals.data import Route
from xinglin.referrals.models import Referral
from xinglin.referrals.states import FINAL
from xinglin.residents import api as residents

_RESIDENT = ("id", "uuid", "number", "name", "initials", "pinyin", "sex", "born_on", "died_on", "status")
_FACILITY = ("id", "uuid", "name", "short_name", "tier", "status", "kind")
_DEPARTMENT = ("id", "code", "name")
_ENDED = sorted(FINAL)


def _columns(alias: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{alias}.{name} AS {alias}_{name}" for name in names)


LOOK_UP = f"""
WITH {residents.SEEN}
SELECT nextval('platform_number_seq') AS running, {network.RECEIVES} AS can_receive,
  (SELECT o.number FROM referrals_referral o WHERE o.visit_id = %(visit)s::bigint
   AND o.sent_at IS NOT NULL AND o.status <> ALL(%(ended)s) ORDER BY o.id DESC LIMIT 1) AS open_number,
  {_columns("r", _RESIDENT)}, {_columns("s", _FACILITY)}, {_columns("t", _FACILITY)}, {_columns("d", _DEPARTMENT)}
FROM seen JOIN residents_resident r ON r.id = seen.id
JOIN network_facility s ON s.id = %(sender)s::bigint JOIN network_facility t ON t.id = %(target)s::bigint
LEFT JOIN network_department d ON d.id = %(department)s::bigint AND d.facility_id = t.id AND d.closed_on IS NULL
"""  # noqa: S608 - names of columns


@dataclass(frozen=True, slots=True)
class Known:
    """The rows a referral refers to, each with the columns it needs (others are read when asked for), and its number.

    `department` is None when none was named, or the target has none like it. `open_number` is that of the newest
    referral of the same visit that goes on, its way back included.
    """

    resident: Any
    from_facility: Any
    to_facility: Any
    department: Any
    can_receive: bool
    number: str
    open_number: str | None


def look_up(
    *, by: Actor, resident: models.Model | UUID, route: Route, visit_id: int | None = None, at: datetime
) -> Known | None:
    """What is known of a way whose direction is filled in; None when the resident is on no roster of the actor's.

    A `resident` that is a row was read in scope by the caller; a uuid is looked up in scope.
    """
    is_read = not isinstance(resident, UUID)
    found = hot.rows(
        LOOK_UP,
        {
            "uuid": residents.uuid_of(resident), "places": None if is_read else hot.places_of(by, Permission.RESIDENT_VIEW), "at": at,
            "sender": route.from_facility_id, "target": route.to_facility_id, "department": route.to_department_id,
            "visit": visit_id, "ended": _ENDED,
            **network.receiving_values(route.direction),
        },
    )  # fmt: skip
    if not found:
        return None
    row = found[0]
    return Known(
        resident=resident if is_read else _part(row, "resident", "r", _RESIDENT),
        from_facility=_part(row, "from_facility", "s", _FACILITY),
        to_facility=_part(row, "to_facility", "t", _FACILITY),
        department=_part(row, "to_department", "d", _DEPARTMENT) if row["d_id"] is not None else None,
        can_receive=row["can_receive"],
        number=format_number("R", at, row["running"]),
        open_number=row["open_number"],
    )


def _part(row: dict[str, Any], field: str, alias: str, names: tuple[str, ...]) -> Any:
    model: type[models.Model] = Referral._meta.get_field(field).related_model  # type: ignore[assignment]
    return partial(model, names, [row[f"{alias}_{name}"] for name in names])
