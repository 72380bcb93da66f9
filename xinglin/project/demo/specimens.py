"""The chapter of the demonstration about a biopsy: sent, held, answered, cut, reported, supplemented, lent."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from xinglin.accounts.models import User
from xinglin.diagnostics.actions import open_centre
from xinglin.diagnostics.models import Centre
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.project.demo import people
from xinglin.project.demo.playing import Journey, require

CENTRE = "PATH-DEMO"
#: A photograph of a section of the colon, stained with an antibody (Center for Microscopy and Molecular Imaging; from
#: the samples of scikit-image, no known copyright restrictions).
PHOTOGRAPH = Path(__file__).parent / "colon-section.jpg"
GROSS = "灰白色黏膜组织2块，直径0.2—0.3cm，全取。"


def prepare(*, at: datetime) -> None:
    """The pathology centre where the pathologist works, once."""
    pathologist = people.load().get(people.PATHOLOGIST)  # None: kept from a county without one
    reader = User.objects.get(username=pathologist.username).facility if pathologist else None
    if reader is not None and not Centre.objects.filter(code=CENTRE).exists():
        open_centre(
            code=CENTRE, name="县域病理诊断中心", kind="PATHOLOGY", facility_id=reader.pk,
            by=system_actor("demonstration"), at=at,
        )  # fmt: skip


def send(journey: Journey) -> str:
    now = clock.now()
    part = {
        "site": "胃体", "kind": "endoscopic-biopsy", "n_pieces": 2,
        "taken_at": (now - timedelta(minutes=50)).isoformat(), "fixed_at": (now - timedelta(minutes=42)).isoformat(),
    }  # fmt: skip
    sent = journey["township-doctor"].post(
        "/pathology-cases",
        {"resident": journey.seen["resident"], "item": "biopsy", "parts": [part],
         "question": "胃痛3月，胃镜见胃窦糜烂，请排除肿瘤", "clinical": "既往无胃病手术史"},
        want=201,
    )  # fmt: skip
    journey.seen["case"] = sent["uuid"]
    return f"request {sent['request_number']}: one container, {sent['parts'][0]['ischemia_minutes']} min before the fixative"


def hold_and_answer(journey: Journey) -> str:
    technician, sender, at = journey["pathology-technician"], journey["township-doctor"], _case(journey)
    waiting = technician.get("/pathology-cases?show=desk")["items"]
    require(any(each["uuid"] == journey.seen["case"] for each in waiting), "it is not on the list of the desk")
    technician.post(f"{at}/hold", {"question": "申请单写胃体，瓶签写胃窦，请核对", "reason": "FORM_MISMATCH"})
    technician.post(f"{at}/receive", {}, want=409)
    answered = sender.post(
        f"{at}/answer", {"answer": "应为胃窦，申请单写错", "corrections": [{"part": "A", "site": "胃窦"}]}
    )
    (fix,) = answered["receipts"][-1]["corrections"]
    return f"held, receiving refused (409); corrected: {fix['was']} → {fix['became']}"


def prepare_slides(journey: Journey) -> str:
    technician, at = journey["pathology-technician"], _case(journey)
    number = technician.post(f"{at}/receive", {"remark": "核对无误"})["number"]
    technician.post(f"{at}/refuse", {"reason": "TOO_LITTLE"}, want=409)
    blocks = [{"part": "A", "note": "第1块"}, {"part": "A", "note": "第2块"}]
    case = technician.post(f"{at}/gross", {"gross": GROSS, "blocks": blocks})
    codes = [block["code"] for block in case["blocks"]]
    technician.post(f"{at}/embed", {"codes": codes})
    made = technician.post(f"{at}/slides-made", {"codes": [f"{code}-1" for code in codes]})
    require(made["status"] == "SLIDED", f"the slides are made and the case is {made['status']}")
    journey.seen["pathology_number"] = number
    return f"{number}, refused no more (409); blocks {' and '.join(codes)}, one HE slide of each"


def report(journey: Journey) -> str:
    reader, at, number = journey["pathologist"], _case(journey), journey.seen["pathology_number"]
    reader.post(f"{at}/claim")
    pictured = reader.upload(
        f"{at}/pictures", PHOTOGRAPH, want=200, view="MICRO", slide=f"{number}-A1-1", caption="×100"
    )
    done = reader.post(
        f"{at}/final",
        {"gross": GROSS, "microscopic": "胃窦黏膜慢性炎细胞浸润，部分腺体肠上皮化生，未见异型增生。",
         "diagnosis": "（胃窦）黏膜慢性炎，轻度肠上皮化生", "codes": ["gastric-biopsy-gastritis"],
         "choices": ["gastric-biopsy-gastritis/hp/not-done"], "pictures": [pictured["pictures"][0]["uuid"]]},
    )  # fmt: skip
    printed = journey["township-doctor"].get(f"{at}/report.pdf")
    require(printed[:5] == b"%PDF-", "the report is no PDF")
    return f"{done['reports'][0]['diagnosis']}; printed with its picture ({len(printed) // 1024} KB)"


def supplement(journey: Journey) -> str:
    reader, technician = journey["pathologist"], journey["pathology-technician"]
    at, number = _case(journey), journey.seen["pathology_number"]
    asked = reader.post(f"{at}/opinions", {"question": "是否有异型增生？", "hospital": "省立医院病理科"})
    given = reader.post(
        f"/pathology-opinions/{asked['opinions'][0]['uuid']}/answer",
        {"answer": "同意慢性炎，未见异型增生，建议查幽门螺杆菌。", "agreement": "AGREES", "signed_by": "外院会诊医师"},
    )  # fmt: skip
    reader.post(f"{at}/orders", {"block": f"{number}-A1", "way": "STAIN", "stains": ["GIEMSA"]})
    technician.post(f"{at}/slides-made", {"codes": [f"{number}-A1-2"]})
    case = reader.post(
        f"{at}/supplement", {"special": "吉姆萨染色：见螺旋形杆菌。", "diagnosis": "幽门螺杆菌感染（＋）"}
    )
    stages = [each["stage"] for each in reversed(case["reports"])]
    require(stages == ["FINAL", "SUPPLEMENT"], f"the reports are {stages}")
    return f"{given['signed_by_name']} agrees; Giemsa made; version 2 adds: {case['reports'][0]['diagnosis']}"


def lend(journey: Journey) -> str:
    technician, at, number = journey["pathology-technician"], _case(journey), journey.seen["pathology_number"]
    due = (clock.today() + timedelta(days=30)).isoformat()
    slip: dict[str, Any] = {
        "slides": [f"{number}-A1-1"], "borrower": "患者家属", "borrower_phone": "13800138222", "purpose": "外院会诊",
        "deposit": "押金200元", "due_on": due,
    }  # fmt: skip
    lent = technician.post(f"{at}/loans", slip)["loans"][0]
    technician.post(f"{at}/loans", slip, want=409)
    back = technician.post(f"/pathology-loans/{lent['uuid']}/return", {"condition": "完好"})
    require(back["returned_at"], "it did not come back")
    return f"{lent['pieces'][0]} until {lent['due_on']}, not lent twice (409), returned whole"


def _case(journey: Journey) -> str:
    return f"/pathology-cases/{journey.seen['case']}"
