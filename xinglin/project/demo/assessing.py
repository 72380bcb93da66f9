"""The chapter of assessments: a quarterly check of two township units from plan to notice, then a fund shared by its scores."""

import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from xinglin.platform import clock
from xinglin.project.demo.people import NEIGHBOUR
from xinglin.project.demo.playing import Journey, require

PLAN, OFFICE = "quarterly-check", "县医共体管理办公室"
POOL = 1_234_567_89
#: How long units may object to the notice of the demonstration, in seconds.
OBJECTION = 3
_PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def _units(journey: Journey) -> dict[str, str]:
    """The own unit of each of the two who check themselves."""
    return {"township-doctor": journey.seen["township"], NEIGHBOUR: journey.seen["neighbour"]}


def opened(journey: Journey) -> str:
    """The figures of this quarter are frozen, and every item that has one is scored."""
    today = clock.today()
    body = {
        "plan": PLAN, "period": f"{today.year}-Q{(today.month + 2) // 3}", "facilities": list(_units(journey).values()),
    }  # fmt: skip
    made = journey["consortium-manager"].post("/evaluations/rounds", body, want=201)
    require(len(made["sheets"]) == 2, f"not two units: {made['sheets']}")
    journey.seen.update(assessment=made["uuid"], sheets={each["facility"]: each["uuid"] for each in made["sheets"]})
    scored = sum(
        each["basis"] == "computed" for uuid in journey.seen["sheets"].values() for each in _sheet(journey, uuid)
    )
    return f"{made['number']} {made['period']}: 2 units, {scored} items scored from frozen figures"


def _sheet(journey: Journey, uuid: str, part: str = "consortium-manager") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = journey[part].get(f"/evaluations/sheets/{uuid}")["items"]
    return items


def checked(journey: Journey) -> str:
    """Each unit claims, shows proof, and sends its own; the other's is not found."""
    units = _units(journey)
    for part, facility in units.items():
        sheet = journey.seen["sheets"][facility]
        other = next(uuid for place, uuid in journey.seen["sheets"].items() if place != facility)
        journey[part].get(f"/evaluations/sheets/{other}", want=404)
        plans = journey[part].get("/evaluations/plans")["items"]
        lines = {each["code"]: each for plan in plans if plan["slug"] == PLAN for each in plan["items"]}
        for item in _sheet(journey, sheet, part):
            if item["basis"] != "waiting":
                continue
            n = len(lines[item["code"]]["checks"])
            claims = [int(item["weight"]) // n] * n
            journey[part].post(f"/evaluations/items/{item['uuid']}/claim", {"claims": claims, "words": "按清单自查"})
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "proof.pdf"
                file.write_bytes(_PDF + item["uuid"].encode())
                journey[part].upload(f"/evaluations/items/{item['uuid']}/evidence", file)
        journey[part].post(f"/evaluations/sheets/{sheet}/submit")
    return "both units have claimed their points, shown proof and sent their sheets in"


def reviewed(journey: Journey) -> str:
    """The manager reviews; what has no data is left out with a reason; then results are told."""
    manager, uuid = journey["consortium-manager"], journey.seen["assessment"]
    manager.post(f"/evaluations/rounds/{uuid}/begin-review")
    n_left_out = 0
    for sheet in journey.seen["sheets"].values():
        for item in _sheet(journey, sheet):
            if item["basis"] == "held":
                n_left_out += 1
                figure = item["figure"] or {}
                why = "本季分母太小，不足以评定" if figure.get("d") else "本季没有数据"
                body = {"points": None, "reason": why, "revision": item["revision"]}
                manager.post(f"/evaluations/items/{item['uuid']}/review", body)
            elif item["basis"] == "waiting":
                body = {"points": max(0, item["claimed"] - 1), "reason": "缺一次记录", "revision": item["revision"]}
                manager.post(f"/evaluations/items/{item['uuid']}/review", body)
                manager.post(f"/evaluations/items/{item['uuid']}/review", body, want=409)
        manager.post(f"/evaluations/sheets/{sheet}/finish")
    manager.post(f"/evaluations/rounds/{uuid}/tell", {})
    return f"reviewed, a stale form refused, {n_left_out} items without data left out with the reason; results told"


def appealed(journey: Journey) -> str:
    """The unit appeals; the reviewer may not decide, the bureau upholds it."""
    unit = journey["township-doctor"]
    sheet = journey.seen["sheets"][_units(journey)["township-doctor"]]
    item = next(each for each in _sheet(journey, sheet, "township-doctor") if each["code"] == "D2")
    body = {"wanted": item["claimed"], "reason": "记录在病区，复核时未看到"}
    appeal = unit.post(f"/evaluations/items/{item['uuid']}/appeals", body, want=201)
    answer = {"uphold": True, "points": item["claimed"], "answer": "补看记录，属实"}
    journey["consortium-manager"].post(f"/evaluations/appeals/{appeal['uuid']}/decide", answer, want=403)
    decided = journey["bureau-officer"].post(f"/evaluations/appeals/{appeal['uuid']}/decide", answer)
    require(decided["status"] == "UPHELD", "the appeal was not upheld")
    for part, facility in _units(journey).items():
        journey[part].post(f"/evaluations/sheets/{journey.seen['sheets'][facility]}/confirm")
    return f"{item['code']} {item['points']:g} → {item['claimed']:g} by the bureau; both units confirm"


def published(journey: Journey) -> str:
    """The ranking under its number, as Word and PDF; every score comes out again."""
    manager, uuid = journey["consortium-manager"], journey.seen["assessment"]
    until = (clock.now() + timedelta(seconds=OBJECTION)).isoformat()
    body = {"document_number": "县医共体〔2026〕8号", "issued_by": OFFICE, "objection_until": until}
    manager.post(f"/evaluations/rounds/{uuid}/publish", body)
    ranking = journey[NEIGHBOUR].get(f"/evaluations/rounds/{uuid}/ranking")
    require([each["place"] for each in ranking["lines"]] in ([1, 2], [1, 1]), "the ranking is not one")
    again = manager.get(f"/evaluations/rounds/{uuid}/recomputed")
    require(again["scores"] == [], f"scores do not come out again: {again['scores']}")
    for form, head in (("pdf", b"%PDF"), ("docx", b"PK"), ("xlsx", b"PK")):
        paper = manager.get(f"/evaluations/rounds/{uuid}/notice?form={form}")
        require(paper[: len(head)] == head, f"no {form}")
    time.sleep(OBJECTION + 0.5)
    manager.post(f"/evaluations/rounds/{uuid}/close")
    told = ", ".join(f"{each['place']}. {each['name']} {each['points']:.2f}" for each in ranking["lines"])
    return f"{ranking['document_number']}: {told}; Word, PDF and Excel made, scores computed again"


def shared(journey: Journey) -> str:
    """A fund worked out by the manager, approved by the bureau, published; the parts add up to the fen."""
    manager, unit = journey["consortium-manager"], journey["township-doctor"]
    body = {"fund": "performance-pay", "round": journey.seen["assessment"], "amount": POOL}
    made = manager.post("/evaluations/distributions", body, want=201)
    address = f"/evaluations/distributions/{made['uuid']}"
    require(sum(each["fen"] for each in made["lines"]) == POOL, "the lines do not add up to the pool")
    what_if = manager.post(f"{address}/simulate", {"percents": {"basic": 40, "performance": 60}})
    require(sum(each["what_if_fen"] for each in what_if["lines"]) == POOL, "what if does not add up to the pool")
    manager.post(f"{address}/submit")
    manager.post(f"{address}/approve", want=403)
    journey["bureau-officer"].post(f"{address}/approve")
    unit.get(address, want=404)
    manager.post(f"{address}/publish", {"document_number": "县医共体〔2026〕9号", "issued_by": OFFICE})
    own = unit.get(address)["lines"]
    require(own and len({each["facility"] for each in own}) == 1, "the unit sees more than its own lines")
    for form, head in (("pdf", b"%PDF"), ("docx", b"PK")):
        require(manager.get(f"{address}/file?form={form}")[: len(head)] == head, f"no {form}")
    mine = sum(each["fen"] for each in own)
    return f"{POOL / 100:,.2f} yuan over {len(what_if['lines'])} units, exact to the fen; the unit sees its own {mine / 100:,.2f}"


STEPS = {
    "assessment-opened": ("manager opens the quarterly check of two township units", opened),
    "assessment-checked": ("both units check themselves, with proof", checked),
    "assessment-reviewed": ("manager reviews them and tells the results", reviewed),
    "assessment-appealed": ("one unit appeals, the bureau upholds it", appealed),
    "assessment-published": ("the ranking is published as a notice", published),
    "fund-shared": ("a fund is shared by the scores and approved by a second person", shared),
}
