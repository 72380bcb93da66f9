"""Chapters of the demonstration in the laboratory: ordered in the village, sent in a box, measured, released."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from xinglin.accounts.models import User
from xinglin.diagnostics.actions import open_centre
from xinglin.diagnostics.models import Centre
from xinglin.exchange.envelope import reason_in
from xinglin.exchange.mllp import deliver
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.project.demo import control, people
from xinglin.project.demo.playing import Journey, require, wait_for

CENTRE, SLUG = "LAB-DEMO", "demo-lis"
#: What the LIS sends: code, value, unit. The potassium endangers life.
VALUES = (
    ("XJ^钾^L", "6.9", "mmol/l"), ("2951-2^^LN", "138", "mmol/L"), ("2075-0^^LN", "104", "mmol/L"),
    ("2000-8^^LN", "9.2", "mg/dL"), ("14682-9^^LN", "486", "umol/L"), ("22664-7^^LN", "24.1", "mmol/L"),
    ("14933-6^^LN", "512", "umol/L"),
)  # fmt: skip


def prepare(*, at: datetime) -> None:
    """The laboratory centre where the laboratory doctor works, and the connection of its LIS, once."""
    sign_in = people.load().get("laboratory-doctor")
    facility = User.objects.get(username=sign_in.username).facility if sign_in else None
    if facility is None:
        return
    if not Centre.objects.filter(code=CENTRE).exists():
        by = system_actor("demonstration")
        open_centre(code=CENTRE, name="县域医学检验中心", kind="LAB", facility_id=facility.pk, by=by, at=at)
    shipped = Path(settings.DEFINITIONS_DIR, "hl7-connections", f"{SLUG}.toml").read_text(encoding="utf-8")
    own = Path(settings.COUNTY_DEFINITIONS_DIR) / "hl7-connections" / f"{SLUG}.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    changed = shipped.replace("active = false", "active = true")
    own.write_text(changed.replace('facility_code = "H01"', f'facility_code = "{facility.code}"'), encoding="utf-8")


def order(journey: Journey) -> str:
    doctor = journey["village-doctor"]
    placed = doctor.post(
        "/laboratory/orders",
        {
            "visit": journey.seen["visit"], "panels": ["electrolytes", "kidney", "cbc"], "priority": "URGENT",
            "question": "高血压3级，服保钾利尿药，查电解质与肾功能",
        },
        want=201,
    )  # fmt: skip
    labels = doctor.get(f"/laboratory/orders/{placed['uuid']}/labels.pdf")
    require(labels[:5] == b"%PDF-", "the labels cannot be printed")
    codes = {each["tube"]: each["barcode"] for each in placed["specimens"]}
    require(set(codes) == {"serum", "edta"}, f"other tubes than expected: {sorted(codes)}")
    for barcode in codes.values():
        doctor.post(f"/laboratory/specimens/{barcode}/collect", {"remark": "空腹"})
    journey.seen.update(tests=placed["uuid"], tests_number=placed["number"], tubes=codes)
    return f"{placed['number']}: 3 panels in {len(codes)} tubes, labels printed, {' '.join(codes.values())} collected"


def ship(journey: Journey) -> str:
    doctor, codes = journey["village-doctor"], journey.seen["tubes"]
    box = doctor.post(
        "/laboratory/shipments",
        {"barcodes": list(codes.values()), "courier_name": "赵师傅", "celsius": "5.5", "box": "1号箱"},
        want=201,
    )
    warm = doctor.post(f"/laboratory/shipments/{box['uuid']}/temperature", {"celsius": "27.5"})
    require(warm["is_breached"], "27.5 °C was not seen as too warm")
    journey.seen["shipment"] = box["uuid"]
    return f"box {box['number']} at 5.5 °C, allowed {box['low']:g}-{box['high']:g} °C; 27.5 °C on the way is marked"


def receive(journey: Journey) -> str:
    technician, codes = journey["laboratory-technician"], journey.seen["tubes"]
    technician.post(f"/laboratory/shipments/{journey.seen['shipment']}/arrive", {"celsius": "12"})
    technician.post(f"/laboratory/specimens/{codes['serum']}/receive")
    technician.post(f"/laboratory/specimens/{codes['serum']}/receive", want=409)
    refused = technician.post(
        f"/laboratory/specimens/{codes['edta']}/refuse", {"reason": "CLOTTED", "remark": "可见凝块"}
    )
    return f"serum received once, the EDTA tube refused ({refused['refusal']})"


def measure(journey: Journey) -> str:
    person, port = journey.seen["person"], journey.seen["hl7_port"]
    now = clock.now()  # the same message twice, to the second
    first, again = (_send(port, person, journey.seen["tubes"]["serum"], at=now) for _ in range(2))
    require((first, again) == ("AA", "AA"), f"the listener answered {first}, {again}")
    doctor = journey["laboratory-doctor"]
    mine = wait_for(
        lambda: [each for each in doctor.get("/laboratory/review")["items"] if each["uuid"] == journey.seen["tests"]],
        "the results are not in the review queue",
    )[0]
    require(mine["has_critical"], "the potassium was not seen as critical")
    shown = doctor.get(f"/laboratory/orders/{journey.seen['tests']}")["results"]
    flags = {each["analyte"]: each["flag"] for each in shown}
    require(flags["K"] == "HH" and len(shown) == len(VALUES), f"other results than sent: {flags}")
    calcium = next(each["value"] for each in shown if each["analyte"] == "CA")
    require(calcium == "2.30", f"9.2 mg/dL became {calcium}")
    return f"ORU^R01 sent twice, {len(shown)} results once; not released by the rules: {'; '.join(mine['reasons'])}"


def _send(port: int, person: dict[str, Any], barcode: str, *, at: datetime) -> str:
    now = f"{timezone.localtime(at):%Y%m%d%H%M%S}"
    sex = {"1": "M", "2": "F"}.get(person["sex"], "U")
    rows = [
        f"OBX|{n}|NM|{code}||{value}|{unit}|||||F|||{now}||||AU5800" for n, (code, value, unit) in enumerate(VALUES, 1)
    ]
    message = [
        f"MSH|^~\\&|LIS|JYZX|XINGLIN||{now}||ORU^R01^ORU_R01|LAB-1|P|2.5.1||||||GB 18030-2000",
        f"PID|1||{person['id_number']}^^^MPS^NI||{person['name'][0]}^{person['name'][1:]}||{person['born_on']:%Y%m%d}|{sex}",
        f"OBR|1||{barcode}|CHEM", *rows,
    ]  # fmt: skip
    content = ("\r".join(message) + "\r").encode("gb18030")
    return reason_in(deliver(content, host="127.0.0.1", port=port, seconds=20))[0]


CONFIRMED = {"confirmed": ["lab-k-high"], "remark": "复测6.8，标本无溶血"}


def held(journey: Journey) -> str:
    refused = journey["laboratory-doctor"].post(
        f"/laboratory/orders/{journey.seen['tests']}/release", CONFIRMED, want=409
    )
    require(refused["code"] == "release-blocked", f"refused for another reason: {refused}")
    return f"the laboratory doctor is refused (409): {refused['message']}"


def release(journey: Journey) -> str:
    doctor, uuid = journey["laboratory-doctor"], journey.seen["tests"]
    doctor.post(f"/laboratory/orders/{uuid}/release", {}, want=422)
    out = doctor.post(f"/laboratory/orders/{uuid}/release", CONFIRMED)
    village = journey["village-doctor"]
    critical = wait_for(
        lambda: [each for each in village.get("/critical-values?show=open")["items"] if each["request"] == uuid],
        "the sender does not see the critical value",
    )[0]
    village.post(f"/critical-values/{critical['uuid']}/acknowledge", {"read_back": "复述：血钾过高，6.90"})
    after = village.post(
        f"/critical-values/{critical['uuid']}/handle", {"handling": "停保钾利尿药，心电监护，随上转处理。"}
    )
    require(after["in_time"], "not acknowledged in time")
    printed = village.get(f"/laboratory/orders/{uuid}/report.pdf")
    require(printed[:5] == b"%PDF-", "the report cannot be printed")
    return f"silent release refused (422); {out['n_results']} results released, potassium acknowledged in time, report printed"


def own_results(journey: Journey) -> str:
    own = journey["resident"].get("/me/results?analyte=K")
    require(own["items"] and own["items"][-1]["flag"] == "HH", "the resident does not see his potassium")
    sheet = journey["laboratory-technician"].post(
        f"/laboratory/specimens/{journey.seen['tubes']['serum']}/store", {"position": "2号冰箱 A3-17"}
    )
    return f"the resident sees {own['title']} {own['items'][-1]['value']}; the specimen is kept until {sheet['keep_until']}"


STEPS = {
    "tests": ("village doctor orders laboratory tests and collects", order),
    "box": ("the specimens travel in a box with its temperatures", ship),
    "specimens": ("the laboratory receives one tube and refuses the other", receive),
    "control": ("laboratory technician runs control, and loses it", control.lose_control),
    "lis": ("the LIS sends the results by HL7 v2", measure),
    "held": ("while control is lost, nobody releases them", held),
    "regained": ("laboratory technician finds the cause, acts and repeats", control.handle_loss),
    "reviewed": ("laboratory doctor reviews", control.review_loss),
    "potassium": ("a critical potassium is released and acknowledged", release),
    "own": ("the resident sees his own result, the specimen is kept", own_results),
}
