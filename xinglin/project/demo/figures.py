"""The chapter of figures: the national indicators of 2024 with their parts, and one opened to its records."""

from typing import Any

from xinglin.project.demo.playing import Journey, require

NATIONAL = "national-2024"
#: What the demonstration's county can know without returns from outside.
KNOWN = {"M03(1)", "M03(2)", "M05(1)", "M05(2)", "M05(3)", "M07", "M12"}


def told(figure: dict[str, Any]) -> str:
    """One figure with its parts, or why there is none."""
    if figure["value"] is None:
        return f"{figure['code']} no data ({figure['why']}{': ' + figure['missing'] if figure['missing'] else ''})"
    parts = "" if figure["denominator"] is None else f" = {figure['numerator']:g}/{figure['denominator']:g}"
    return f"{figure['code']} {figure['value']:.4g} {figure['unit']}{parts}"


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
    return "; ".join(told(each) for each in board["figures"])


def opened(journey: Journey) -> str:
    """The grassroots share down to a record that the manager's own facilities hold."""
    figure = journey["consortium-manager"].get("/board/m07-grassroots-visits")
    require(figure["value"] is not None and figure["why_zh"], "the figure does not say what it means")
    found = journey["consortium-manager"].get("/board/m07-grassroots-visits/records?part=numerator")["records"]
    require(found, "no record behind the figure")
    require(all("name" not in each for each in found), "a record names somebody")
    return f"{figure['code']} {figure['numerator']:g}/{figure['denominator']:g} opens to {found[0]['number']} and {len(found) - 1} more"


STEPS = {
    "fourteen": ("manager reads the national indicators of 2024 with numerator and denominator", fourteen),
    "behind": ("one of them opens to its records", opened),
}
