"""What health points tell the reporting side."""

from xinglin.platform.facts import UUID, FactTable, Shape, day, number, person, register, text

POINTS = FactTable(
    "points", "健康积分", "Health points", "One row: points of a resident came or went, by the day of what caused it.",
    Shape.EVENT,
    source="points_movement t JOIN points_account a ON a.id = t.account_id JOIN residents_resident p ON p.id = a.resident_id",
    month_of="t.occurred_on",
    columns={
        "uuid": UUID, "facility": number("p.managed_by_id", "facility that manages the resident today"),
        "person": person("COALESCE(p.merged_into_id, p.id)", "whose they are"), "at": day("t.occurred_on", "when"),
        "kind": text("t.kind", "EARNED, SPENT, GIVEN_BACK, TAKEN_BACK, EXPIRED, MOVED_IN, MOVED_OUT"),
        "rule": text("t.rule", "which behaviour"), "points": number("t.points", "how many; less than 0 where they went"),
    },
)  # fmt: skip

register(POINTS)
