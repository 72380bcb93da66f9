"""The chapter of handing figures in: last month's form made, checked, confirmed by another, sent, answered; and FHIR."""

import hashlib
from datetime import timedelta

from xinglin.platform import clock
from xinglin.project.demo.playing import Journey, require

FORM = "grassroots-month"


def last_month() -> str:
    """The month before this one."""
    return f"{clock.today().replace(day=1) - timedelta(days=1):%Y-%m}"


def made(journey: Journey) -> str:
    """The manager makes and checks; he cannot confirm what he checked himself."""
    manager = journey["consortium-manager"]
    begun = manager.post("/submissions", {"form": FORM, "period": last_month()}, want=201)
    own = f"/submissions/{begun['uuid']}"
    faults = manager.post(f"{own}/make", {})["faults"]
    require(not faults, f"the form has faults: {faults}")
    checked = manager.post(f"{own}/check")
    manager.post(f"{own}/confirm", want=403)
    journey.seen["handed-in"] = own
    cells = manager.get(own)["cells"]
    return f"{checked['number']} {checked['title']} {checked['period']}: {len(cells)} cells; confirming it oneself is refused (403)"


def sent(journey: Journey) -> str:
    """Another person confirms; the file is what was checked, and stays so."""
    officer, own = journey["bureau-officer"], journey.seen["handed-in"]
    sha256 = officer.post(f"{own}/confirm")["sha256"]
    content = officer.get(f"{own}/file")
    require(hashlib.sha256(content).hexdigest() == sha256, "the file is not the one that was checked")
    officer.post(f"{own}/sent", {"words": "省统计直报系统上传"})
    answered = officer.post(f"{own}/answer", {"accepted": True, "words": "演示回执 001"})
    officer.post(f"{own}/make", {}, want=409)
    lines = content.decode("gb18030").splitlines()
    return (
        f"{len(lines)} lines in GB18030, {sha256[:12]}…; {answered['status']}; changing it afterwards is refused (409)"
    )


def exchanged(journey: Journey) -> str:
    """The same figures by FHIR: what is not known is absent, not 0."""
    manager = journey["consortium-manager"]
    library = manager.get("/fhir/Measure?group=national-2024")
    asked = "measure=m07-grassroots-visits,m10b-inpatient-cost-growth"
    reports = [each["resource"] for each in manager.get(f"/fhir/MeasureReport?{asked}&period={last_month()}")["entry"]]
    scores = [each["group"][0]["measureScore"] for each in reports]
    require("value" in scores[0] and "extension" in scores[1], f"the scores are {scores}")
    return (
        f"{library['total']} measures; M07 {scores[0]['value']:.2f} %, M10(2) {scores[1]['extension'][0]['valueCode']}"
    )


STEPS = {
    "handed-in": ("manager makes and checks last month's form", made),
    "confirmed": ("the bureau confirms it, hands it in and notes the receipt", sent),
    "fhir": ("the same figures are read by FHIR", exchanged),
}
