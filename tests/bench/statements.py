"""The statements of the hot endpoints, as the bare endpoints and the bare driver run them."""

import os
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.project.settings")
import django

django.setup()

from django.conf import settings  # noqa: E402

from xinglin.residents import hot as residents  # noqa: E402
from xinglin.residents.searching import STATEMENTS as SEARCHES  # noqa: E402

Parameters = dict[str, Any]


def connection_parameters() -> dict[str, Any]:
    """The application's own connection: same role, same tenant, same settings."""
    config = settings.DATABASES["default"]
    return {
        "dbname": config["NAME"], "user": config["USER"], "password": config["PASSWORD"], "host": config["HOST"],
        "port": config["PORT"] or None, "options": config["OPTIONS"]["options"],
    }  # fmt: skip


def _audit(event: str, parameters: Parameters) -> Parameters:
    return {
        "at": datetime.now(UTC), "event": event, "actor_kind": "token", "actor_id": parameters["actor_id"], "actor_name": "bench",
        "place": parameters["places"][0], "reason": "", "emergency": False, "address": "127.0.0.1", "request_id": uuid.uuid4(),
        "places": parameters["places"],
    }  # fmt: skip


def _read(parameters: Parameters) -> Parameters:
    return {**_audit("resident.viewed", parameters), "uuid": parameters["uuid"]}


def _search(parameters: Parameters) -> Parameters:
    text = parameters["text"]
    return {
        **_audit("resident.searched", parameters), "low": text, "high": text + "\U0010ffff", "after_key": "", "after_id": 0,
        "by": "name", "limit": 21, "is_last_try": True,
    }  # fmt: skip


def _identity(parameters: Parameters) -> Parameters:
    indexes = [bytes.fromhex(each) for each in parameters["indexes"]]
    return {**_audit("resident.searched", parameters), "indexes": indexes, "by": "id", "limit": 21, "is_last_try": True}


# What creating a visit writes: visit, diagnosis, two status rows, audit and outbox.
_VISIT = """
WITH v AS (
  INSERT INTO visits_visit (uuid, number, resident_id, facility_id, tier, kind, status, status_changed_at, started_at, recorded_at,
    clinician_id, clinician_name, complaint, history, examination, advice, systolic, diastolic, glucose_when, confirmed_unusual)
  SELECT %(uuid)s::uuid, 'B' || nextval('platform_number_seq'), r.id, %(place)s::bigint, 'VILLAGE', 'OUTPATIENT', 'SIGNED',
    %(at)s, %(at)s, %(at)s,
    %(actor_id)s::bigint, 'bench', '头晕', '', '', '', 138, 86, '', false
  FROM residents_resident r WHERE r.uuid = %(resident)s::uuid AND EXISTS (
    SELECT 1 FROM residents_rosterentry e WHERE e.resident_id = r.id AND e.facility_id = ANY(%(places)s::bigint[]))
  RETURNING id
), d AS (INSERT INTO visits_diagnosis (visit_id, system, code, name, is_primary) SELECT id, 'ICD-10', 'I10.x00', '高血压', true FROM v),
s AS (INSERT INTO visits_visitstatuschange (subject_id, was, became, changed_at, changed_by_name, reason_code, reason)
  SELECT v.id, w.was, w.became, %(at)s, 'bench', '', '' FROM v, (VALUES ('', 'OPEN'), ('OPEN', 'SIGNED')) AS w(was, became)),
"""


def _with_audit_and_outbox(statement: str, event: str, key: str) -> str:
    return (
        statement
        + f"""
a AS (INSERT INTO platform_auditrecord (at, event, outcome, actor_kind, actor_id, actor_name, place, object_kind, object_key,
    reason, emergency, detail, address, request_id)
  SELECT %(at)s::timestamptz, '{event}', 'ok', 'token', %(actor_id)s::bigint, 'bench', %(place)s::bigint, '{key}', %(uuid)s::text, '',
    false, '{{}}'::jsonb, '127.0.0.1', %(request_id)s::uuid FROM v),
o AS (INSERT INTO platform_outboxevent (uuid, event, object_uuid, detail, happened_at)
  SELECT gen_random_uuid(), '{event}', %(uuid)s::uuid, '{{}}'::jsonb, %(at)s::timestamptz FROM v)
SELECT id FROM v
"""
    )


_REFERRAL = """
WITH v AS (
  INSERT INTO referrals_referral ({columns}, uuid, number, resident_id, from_facility_id, to_facility_id, status_changed_at,
    drafted_at, sent_at, sent_by, due_at)
  SELECT {values}, %(uuid)s::uuid, 'B' || nextval('platform_number_seq'), r.id, %(place)s::bigint, %(target)s::bigint, %(at)s, %(at)s, %(at)s,
    %(actor_id)s::bigint, %(at)s::timestamptz + interval '10 minutes'
  FROM residents_resident r WHERE r.uuid = %(resident)s::uuid AND EXISTS (
    SELECT 1 FROM residents_rosterentry e WHERE e.resident_id = r.id AND e.facility_id = ANY(%(places)s::bigint[]))
  RETURNING id
), s AS (INSERT INTO referrals_referralstatuschange (subject_id, was, became, changed_at, changed_by_name, reason_code, reason)
  SELECT v.id, w.was, w.became, %(at)s, 'bench', '', '' FROM v, (VALUES ('', 'DRAFT'), ('DRAFT', 'SUBMITTED')) AS w(was, became)),
"""
_FIXED = {
    "direction": "'UP'", "channel": "'emergency'", "status": "'SUBMITTED'", "reason_code": "'suspected-acs'", "reason": "''",
    "criteria": "'[]'::jsonb", "impression": "'bench'", "impression_code": "''", "summary": "''", "past_history": "''",
    "treatment": "''", "plan": "''", "results": "''", "contact_phone_given": "false", "attachments": "'[]'::jsonb",
    "consent_waived": "'bench'", "sent_by_name": "'bench'", "answered_by_name": "''", "hold_kind": "''", "hold_text": "''",
    "discharge_diagnosis": "''",
}  # fmt: skip


def _referral_statement() -> str:
    from xinglin.referrals.models import Referral  # noqa: PLC0415

    fixed = dict(_FIXED)
    for field in Referral._meta.local_concrete_fields:  # columns added since: their plain defaults
        if field.column not in fixed and not field.null and not field.is_relation and not field.primary_key:
            if field.has_default() and field.column not in {"uuid"}:
                default = field.get_default()
                fixed[field.column] = f"'{default}'" if isinstance(default, str) else str(default).lower()
            elif field.get_internal_type() in {"CharField", "TextField"} and field.column not in {"number"}:
                fixed[field.column] = "''"
    statement = _REFERRAL.format(columns=", ".join(fixed), values=", ".join(fixed.values()))
    return _with_audit_and_outbox(statement, "referral.sent", "referrals.referral")


def _create(parameters: Parameters) -> Parameters:
    values = _audit("", parameters)
    target = {"target": parameters["target"]} if "target" in parameters else {}
    return {
        **{name: values[name] for name in ("at", "actor_id", "place", "places", "request_id")}, "uuid": uuid.uuid4(),
        "resident": parameters["resident"], **target,
    }  # fmt: skip


STATEMENTS: dict[str, tuple[str, Callable[[Parameters], Parameters]]] = {
    "read": (residents.READ, _read),
    "search_name": (SEARCHES["name", False], _search),
    "search_pinyin": (SEARCHES["initials", False], _search),
    "search_identifier": (residents.BY_IDENTITY, _identity),
    "create_visit": (_with_audit_and_outbox(_VISIT, "visit.recorded", "visits.visit"), _create),
    "create_referral": (_referral_statement(), _create),
}

__all__ = ["STATEMENTS", "connection_parameters"]
