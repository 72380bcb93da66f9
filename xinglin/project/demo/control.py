"""Chapter of the demonstration: control is lost, held results wait, control is shown again."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from xinglin.accounts.models import User
from xinglin.labcontrol.actions import add_assay, add_instrument, add_material, set_target
from xinglin.labcontrol.models import Instrument
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.project.demo import people
from xinglin.project.demo.playing import Journey, require

INSTRUMENT = "全自动生化分析仪"
#: Mean and SD of potassium on the sheet of the lot, mmol/L.
TARGETS = {"1": ("4.00", "0.08"), "2": ("6.00", "0.12")}


def prepare(*, at: datetime) -> dict[str, str]:
    """The analyser of the laboratory centre with potassium under control, once; what the chapter needs of it."""
    technician = people.load().get("laboratory-technician")  # a county built before there was one has none
    place = User.objects.get(username=technician.username).facility if technician else None
    if place is None:
        return {}
    by = system_actor("demonstration")
    found = Instrument.objects.filter(facility=place, name=INSTRUMENT).first()
    if found is None:
        found = add_instrument(facility_id=place.pk, name=INSTRUMENT, model="AU5800", by=by, at=at)
        assay = add_assay(instrument=found, analyte="k", by=by, at=at)
        for level, (mean, sd) in TARGETS.items():
            material = add_material(
                facility_id=place.pk, maker="示例厂家", name="生化质控血清", lot="DEMO-1", level=level,
                expires_on=date(at.year + 2, 1, 1), open_days=14, by=by, at=at,
            )  # fmt: skip
            set_target(assay=assay, material=material, mean=Decimal(mean), sd=Decimal(sd), by=by, at=at)
    return {"instrument": str(found.uuid), "laboratory": str(place.uuid)}


def _run(journey: Journey, low: str, high: str, *, before: timedelta = timedelta()) -> Any:
    values = [{"analyte": "k", "level": "1", "value": low}, {"analyte": "k", "level": "2", "value": high}]
    body = {"instrument": journey.seen["instrument"], "run_at": (clock.now() - before).isoformat(), "values": values}
    return journey["laboratory-technician"].post("/control/runs", body, want=201)["results"][0]


def _held(journey: Journey) -> Any:
    facility, instrument = journey.seen["laboratory"], journey.seen["instrument"]
    return journey["laboratory-technician"].get(
        f"/control/release?facility={facility}&instrument={instrument}&analyte=k"
    )


def lose_control(journey: Journey) -> str:
    first = _run(journey, "4.03", "5.95", before=timedelta(hours=2))
    require(first["verdict"] == "IN", f"the first run is judged {first['verdict']}")
    require(not _held(journey)["blocks"], "results are held although control stands")
    lost = _run(journey, "4.29", "6.05")
    require("1-3s" in lost["rules"], f"1-3s is not among {lost['rules']}")
    held = _held(journey)
    require(held["blocks"] and held["code"] == "out-of-control", f"results are not held: {held}")
    journey.seen["loss"] = lost["loss"]
    return f"potassium at {lost['values'][0]['z']} SD breaks 1-3s; results since {held['suspect_from'][11:16]} UTC are held"


def handle_loss(journey: Journey) -> str:
    technician, loss = journey["laboratory-technician"], journey.seen["loss"]
    technician.post(f"/control/losses/{loss}/cause", {"code": "CALIBRATION", "text": "电极漂移，校准过期。"})
    technician.post(
        f"/control/losses/{loss}/action",
        {"code": "RECALIBRATE", "text": "重新校准电极。", "patients": "复查上次在控以来的3份标本，结果相符。"},
    )
    require(_held(journey)["blocks"], "results are released before control was shown")
    again = _run(journey, "4.02", "6.02")
    require(again["verdict"] == "IN", f"the repeat is judged {again['verdict']}")
    require(not _held(journey)["blocks"], "results are still held")
    return "cause and action written down, repeated in control, results are released again"


def review_loss(journey: Journey) -> str:
    loss = journey.seen["loss"]
    journey["laboratory-technician"].post(f"/control/losses/{loss}/close", {"review": "同意"}, want=403)
    closed = journey["laboratory-doctor"].post(f"/control/losses/{loss}/close", {"review": "原因明确，同意。"})
    require(closed["status"] == "CLOSED", f"it is {closed['status']}")
    return f"closed by {closed['reviewed_by']}; who handled it is refused (403)"
