"""The chapter of figures: the national indicators of 2024 with their parts, and one opened to its records."""

from typing import Any

from xinglin.platform.facts import tables
from xinglin.project.demo.playing import Journey, require

NATIONAL = "national-2024"
#: What the demonstration's county can know without returns from outside.
KNOWN = {"M03(1)", "M03(2)", "M05(1)", "M05(2)", "M05(3)", "M07", "M12"}


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
    """Every one of the 14 is there; what needs facts from outside says which."""
    board = journey["consortium-manager"].get(f"/board?group={NATIONAL}")
    by_code = {each["code"]: each for each in board["figures"]}
    require(
        {code[:3] for code in by_code} == {f"M{n:02}" for n in range(1, 15)}, f"not the fourteen: {sorted(by_code)}"
    )
    unknown = sorted(code for code in KNOWN if by_code[code]["value"] is None)
    require(not unknown, f"no data for {unknown}")
    silent = [code for code, each in by_code.items() if each["value"] is None and not each["why"]]
    require(not silent, f"no reason given for {silent}")
    waiting = sum(each["value"] is None for each in board["figures"])
    lines = "\n".join(told(each) for each in board["figures"])
    return f"{len(board['figures']) - waiting} known, {waiting} wait for returns\n{lines}\n     "


def opened(journey: Journey) -> str:
    """The grassroots share down to its records; the doctor who made one opens it, the manager learns nobody's name."""
    figure = journey["consortium-manager"].get("/board/m07-grassroots-visits")
    require(figure["value"] is not None and figure["why_zh"], "the figure does not say what it means")
    found = journey["consortium-manager"].get("/board/m07-grassroots-visits/records?part=numerator")["records"]
    require(found, "no record behind the figure")
    require(all("name" not in each for each in found), "a record names somebody")
    own = next((each for each in found if each["uuid"] == journey.seen["visit"]), None)
    require(own, "the visit of the journey is not behind the figure")
    visit = journey["village-doctor"].get(f"/visits/{own['uuid']}")
    require(visit["number"] == own["number"], f"{own['number']} opens to another visit")
    return (
        f"{figure['code']} {figure['numerator']:g}/{figure['denominator']:g} opens to {len(found)} records; "
        f"{own['number']} at {own['facility']}, opened by the doctor who made it"
    )


STEPS = {
    "fourteen": ("manager reads the national indicators of 2024 with numerator and denominator", fourteen),
    "behind": ("one of them opens to its records", opened),
}
