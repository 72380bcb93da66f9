"""The chapter of figures: the 14 national indicators of 2024, each with numerator and denominator, and one opened to its
records.
"""

from contextlib import suppress
from typing import Any

from xinglin.platform.facts import tables
from xinglin.project.demo.playing import Journey, StepFailed, require, the_one, wait_for

NATIONAL = "national-2024"
#: A snapshot of every figure at every level takes its time on a small machine: so many times the usual patience.
FREEZING = 6
#: Seconds until the figures of a new version are kept.
KEPT_WITHIN = 180


def told(figure: dict[str, Any]) -> str:
    """One figure with numerator and denominator, or why there is none: which table holds nothing, and so what was not sent in."""
    name = f"      {figure['code']:<7}{figure['title']}: "
    if figure["value"] is None:
        table = tables().get(figure["missing"])
        return f"{name}no data ({figure['why']}{': nothing in ' + table.title_en if table else ''})"
    if figure["denominator"] is None:
        return f"{name}{figure['value']:g} {figure['unit']}"
    return f"{name}{figure['value']:.4g} {figure['unit']} = {figure['numerator']:g} / {figure['denominator']:g}"


def fourteen(journey: Journey) -> str:
    """Every one of the 14 is there with its parts, those from the returns that were sent in among them."""
    by_code = wait_for(lambda: all_known(journey), "some of the 14 have no data", seconds=KEPT_WITHIN)
    require(
        {code[:3] for code in by_code} == {f"M{n:02}" for n in range(1, 15)}, f"not the fourteen: {sorted(by_code)}"
    )
    lines = "\n".join(told(each) for each in by_code.values())
    return f"{len(by_code)} parts of 14 indicators\n{lines}\n     "


def all_known(journey: Journey) -> dict[str, Any]:
    """The national indicators by code once every one has a value; the former figures are shown until the new ones are kept."""
    board = journey["consortium-manager"].get(f"/board?group={NATIONAL}")
    by_code = {each["code"]: each for each in board["figures"]}
    return by_code if all(each["value"] is not None for each in by_code.values()) else {}


def opened(journey: Journey) -> str:
    """The grassroots share down to its records; the doctor who made one opens it, the manager learns nobody's name."""
    figure = journey["consortium-manager"].get("/board/m07-grassroots-visits")
    require(figure["value"] is not None and figure["why_zh"], "the figure does not say what it means")
    found = journey["consortium-manager"].get("/board/m07-grassroots-visits/records?part=numerator")["records"]
    require(found, "no record behind the figure")
    require(all("name" not in each for each in found), "a record names somebody")
    missing = "the visit of the journey is not behind the figure"
    own = the_one(found, lambda each: each["uuid"] == journey.seen["visit"], missing)
    visit = journey["village-doctor"].get(f"/visits/{own['uuid']}")
    require(visit["number"] == own["number"], f"{own['number']} opens to another visit")
    return (
        f"{figure['code']} {figure['numerator']:g}/{figure['denominator']:g} opens to {len(found)} records; "
        f"{own['number']} at {own['facility']}, opened by the doctor who made it"
    )


def compared(journey: Journey) -> str:
    """The trend of a figure, its units against the whole with what chance explains, and the same on the map."""
    manager = journey["consortium-manager"]
    figure = manager.get("/board/grassroots-share")
    known = [each for each in figure["trend"] if each["value"] is not None]
    require(len(figure["trend"]) == 13 and known, "no trend over 13 months")
    found = manager.get("/board/visits-signed/units?level=facility")
    judged = [each for each in found["units"] if each["standing"]]
    require(judged and found["nature"] == "share", "no unit was held against chance")
    apart = ", ".join(each["name"] for each in judged if each["standing"] != "within")
    return f"{len(known)} of 13 months known; {found['n_within']} of {len(judged)} units within chance, apart: {apart or 'none'}"


def treated_where(journey: Journey) -> str:
    """Who is treated where, and what no return told."""
    found = journey["consortium-manager"].get("/patient-flow")
    require(found["origins"], "nobody was treated anywhere")
    first = found["origins"][0]
    said = ", ".join(f"{each['name']} {'few' if each['n'] is None else each['n']}" for each in first["cells"])
    return f"{first['name']}: {said}; not known: {', '.join(found['missing']) or 'nothing'}"


def subscribed(journey: Journey) -> str:
    """A monthly report is wanted; it is made on its day, by the worker."""
    body = {"slugs": ["grassroots-share", "p01-contract-coverage"], "level": "township", "day": 5}
    made = journey["consortium-manager"].post("/report-subscriptions", body, want=201)
    found = journey["consortium-manager"].get("/monthly-reports")["subscriptions"]
    require(any(each["uuid"] == made["uuid"] and each["ended_at"] is None for each in found), "not subscribed")
    journey.seen["subscription"] = made["uuid"]
    return f"{len(made['slugs'])} figures by {made['level']}, on day {made['day']} of each month"


def report_made(journey: Journey) -> str:
    """The report of the latest whole month, asked for before its day, made by the worker from a frozen snapshot."""
    manager, subscription = journey["consortium-manager"], journey.seen["subscription"]
    manager.post(f"/report-subscriptions/{subscription}/make", {}, want=202)

    def made() -> Any:
        found = manager.get("/monthly-reports")["reports"]
        return next((each for each in found if each["subscription"] == subscription), None)

    for _try in range(FREEZING):
        with suppress(StepFailed):
            report = wait_for(made, "the report is not there yet")
            return f"report of {report['month']} made {report['made_at'][:16]}"
    raise StepFailed("no report was made")


STEPS = {
    "fourteen": ("manager reads the national indicators of 2024 with numerator and denominator", fourteen),
    "behind": ("one of them opens to its records", opened),
    "compared": ("a figure opens with its trend, and its units with what chance explains", compared),
    "flow": ("manager sees who is treated where", treated_where),
    "subscribed": ("manager subscribes to a monthly report", subscribed),
    "reported": ("the report of last month is made from a frozen snapshot", report_made),
}
