"""What family-doctor contracts tell the reporting side: agreements, what they promise, and what residents say of them."""

from xinglin.contracts.states import RAN_OUT
from xinglin.platform.facts import AT_FACILITY, UUID, Check, FactTable, Shape, day, flag, number, person, register, text

_WHO = person("COALESCE(p.merged_into_id, p.id)", "who signed")
_HOME = number("p.managed_by_id", "facility that manages the resident today")

AGREEMENTS = FactTable(
    "agreements", "家庭医生签约", "Agreements", "One row: a resident was signed with a team for a time.", Shape.SPELL,
    source="contracts_agreement t JOIN residents_resident p ON p.id = t.resident_id"
    " AND t.status IN ('SIGNED', 'ACTIVE', 'ENDED')",
    month_of="t.starts_on",
    columns={
        "uuid": UUID, "number": text("t.number", "number of the agreement"), "facility": _HOME,
        "signed_at_facility": AT_FACILITY, "person": _WHO, "team": number("t.team_id", "team"),
        "since": day("t.starts_on", "in force from"),
        "until": day(f"CASE WHEN t.end_reason IN {RAN_OUT} THEN t.ends_on + 1 ELSE LEAST(t.ends_on + 1, t.ended_on) END",
                     "in force no longer from this day"),
        "ends_on": day("t.ends_on", "last day agreed"), "status": text("t.status", "state"),
        "end_reason": text("t.end_reason", "why it ended"), "born_on": day("date_trunc('month', p.born_on)::date", "month of birth"),
        "is_key": flag("jsonb_array_length(t.groups) > 0", "in a key group when last looked at: today, or when it ended; each person once"),
        "is_renewal": flag("t.renews_id IS NOT NULL", "renews a former one"),
        "was_renewed": flag("EXISTS (SELECT 1 FROM contracts_agreement n WHERE n.renews_id = t.id AND n.status <> 'DISCARDED'"
                            " AND n.status <> 'DRAFT')", "somebody renewed it"),
    },
    checks=(Check("backwards", "until < since", "ends before it begins"),),
)  # fmt: skip

PROMISES = FactTable(
    "promises", "签约服务项目", "Promised items", "One row: an item a package promises, by the day it is due.", Shape.EVENT,
    source="contracts_promise t JOIN contracts_agreement a ON a.id = t.agreement_id"
    " JOIN residents_resident p ON p.id = a.resident_id",
    month_of="t.due_on",
    columns={
        "uuid": text("a.uuid::text", "record of the agreement"), "number": text("a.number", "number of the agreement"),
        "facility": _HOME, "person": _WHO, "team": number("t.team_id", "team"), "item": text("t.item", "item"),
        "status": text("CASE WHEN t.dropped_on IS NOT NULL THEN 'DROPPED' WHEN t.done_on IS NOT NULL THEN 'DONE' ELSE 'OPEN' END",
                       "OPEN, DONE, DROPPED"),
        "at": day("t.due_on", "due"), "done_on": day("t.done_on", "done, with proof"),
        "is_dropped": flag("t.dropped_on IS NOT NULL", "the agreement ended before it was due"),
        "in_time": flag("t.done_on <= t.due_on", "done by the day it was due"),
    },
)  # fmt: skip

RATINGS = FactTable(
    "contract_ratings", "签约满意度", "Ratings of contracts", "One row: a resident said how content he is.", Shape.EVENT,
    source="contracts_rating t JOIN contracts_agreement a ON a.id = t.agreement_id"
    " JOIN residents_resident p ON p.id = a.resident_id",
    month_of="t.rated_at",
    columns={
        "uuid": text("a.uuid::text", "record of the agreement"), "number": text("a.number", "number of the agreement"),
        "facility": _HOME, "person": _WHO, "score": number("t.score", "1 very bad … 5 very good"),
        "at": day("(t.rated_at AT TIME ZONE 'Asia/Shanghai')::date", "said"),
    },
)  # fmt: skip

TEAM_MEMBERS = FactTable(
    "team_members", "家庭医生团队成员", "Team members", "One row: somebody belongs to a family-doctor team for a time.", Shape.SPELL,
    source="contracts_teammember t JOIN contracts_team m ON m.id = t.team_id AND m.kind = 'FAMILY'", month_of="t.since",
    columns={
        "uuid": text("m.uuid::text", "record of the team"), "facility": number("m.facility_id", "home of the team"),
        "person": person("-COALESCE(t.user_id, 1000000000 + t.id)", "who"), "team": number("t.team_id", "team"),
        "profession": text("t.profession", "profession"),
        "since": day("GREATEST(t.since, m.formed_on)", "member from"),
        "until": day("LEAST(t.until + 1, m.ended_on + 1)", "member no longer from this day"),
    },
)  # fmt: skip

register(AGREEMENTS, PROMISES, RATINGS, TEAM_MEMBERS)
