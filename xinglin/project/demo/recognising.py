"""Chapters of the demonstration in which nobody is examined twice without a reason."""

from typing import Any

from xinglin.project.demo.playing import Journey, require

ITEM = "ct-head"
FEN = 18_000


def _order(journey: Journey, **said: Any) -> dict[str, Any]:
    return {
        "resident": journey.seen["resident"], "facility": journey.seen["township"], "items": [ITEM],
        "question": "头晕，排除颅内出血", **said,
    }  # fmt: skip


def _saved(journey: Journey) -> dict[str, Any]:
    return journey["consortium-manager"].get("/recognition/report?group=item")["whole"]  # type: ignore[no-any-return]


def take_over(journey: Journey) -> str:
    doctor = journey["township-doctor"]
    journey.seen["saved_before"] = _saved(journey)
    refused = doctor.post("/imaging-requests", _order(journey), want=422)
    require(refused["code"] == "recognisable-result", f"refused as {refused['code']}")
    asked = {"resident": journey.seen["resident"], "facility": journey.seen["township"]}
    offers = doctor.post("/recognition/offers", {**asked, "kind": "IMAGING", "items": [ITEM]})["items"]
    require(offers and offers[0]["request"] == journey.seen["images"], "the CT of the county centre is not offered")
    answer = {"item": ITEM, "report": offers[0]["report"]}
    settled = doctor.post("/imaging-requests", _order(journey, answers=[answer]), want=201)
    require(settled == {"settled": [ITEM]}, f"something was ordered all the same: {settled}")
    return f"'{offers[0]['conclusion']}' ({offers[0]['centre']}) taken over; nothing is ordered"


def examine_again(journey: Journey) -> str:
    doctor = journey["township-doctor"]
    said = _order(journey, priority="EMERGENCY", answers=[{"reason": "04"}])
    placed = doctor.post("/imaging-requests", said, want=201)
    newest = doctor.get("/recognition/decisions?outcome=REPEATED")["items"][0]
    require(newest["request"] == placed["uuid"], "the reason is not beside the order")
    return f"{placed['number']} ordered again in one step: {newest['reason']} {newest['why']}"


def money_saved(journey: Journey) -> str:
    before, after = journey.seen["saved_before"], _saved(journey)
    require(
        after["fen_saved"] - before["fen_saved"] == FEN, f"saved {after['fen_saved']} fen, before {before['fen_saved']}"
    )
    own = journey["resident"].get("/me/recognised")["items"]
    outcomes = {each["outcome"] for each in own}
    require({"RECOGNISED", "REPEATED"} <= outcomes, f"the resident sees {sorted(outcomes)}")
    share = f"{after['share']:.0%}" if after["share"] is not None else "no data"
    return f"CNY {after['fen_saved'] / 100:.0f} saved, {share} taken over; the resident sees both and why"
