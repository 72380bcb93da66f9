"""The last chapter of the demonstration: a morning's work that waits at every desk, so that no page is empty."""

import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.utils import timezone

from xinglin.platform import clock
from xinglin.project.demo import ecg
from xinglin.project.demo.images import Device
from xinglin.project.demo.playing import Journey, require, signature, wait_for

#: The commonest family names: a village has some of each.
SURNAMES = "王李张刘陈杨赵黄周吴徐孙"


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why somebody came this morning, and what was found."""

    words: str
    systolic: int
    diastolic: int
    pulse: int
    advice: str


CHEST = Complaint("心慌、胸闷半天", 152, 94, 104, "先做心电图，请县中心诊断。")
DIZZY = Complaint("头晕3天，活动后加重", 168, 98, 82, "建议头颅CT检查。")
COUGH = Complaint("咳嗽、咳痰1周，夜间为重", 134, 82, 88, "建议胸片检查。")
CHECK = Complaint("取药复诊，近日偶有心悸", 146, 90, 92, "做心电图后调整用药。")
POOR = Complaint("连续3次血压控制不满意", 172, 104, 80, "转上级医院调整方案。")


def leave_work(journey: Journey) -> str:
    people = own_people(journey, 6)
    doctor = journey["village-doctor"]
    for person, why, priority in ((people[0], CHEST, "URGENT"), (people[1], CHECK, "ROUTINE")):
        _ask_ecg(journey, person, why, priority, raised=False)
    critical = _ask_ecg(journey, people[2], CHEST, "EMERGENCY", raised=True)
    _report(journey, critical)
    scan = _ask_images(journey, people[3], DIZZY, "ct-head")
    _ask_images(journey, people[4], COUGH, "dr-chest-pa")
    device = Device(journey.seen["dicom_port"])
    picked = next(row for row in wait_for(device.work_list, "the work list is empty") if row.AccessionNumber == scan)
    device.send("CT", picked, with_accession=True)
    picked.PatientName, picked.PatientID = "WANG^XIAO", "0815"  # typed at the device by hand: it waits to be matched
    device.send("CR", picked, with_accession=False)
    referral = doctor.post(
        "/referrals",
        {
            "resident": people[5]["uuid"], "visit": _visit(journey, people[5], POOR), "to_facility": journey.seen["hospital"],
            "channel": "ordinary", "reason_code": "bp-unsatisfactory", "impression": "高血压2级，控制不满意",
            "impression_code": "I10.x00", "summary": "规律服药，连续3次血压高于160/100mmHg。", "treatment": "氨氯地平5mg每日1次。",
            "consent_agreed": True, "consent_signer": people[5]["name"], "consent_signature": signature(),
            "consent_explained": "说明转诊的原因和安排，本人同意。",
        },
        want=201,
    )  # fmt: skip
    return f"3 ECGs (1 critical, not acknowledged yet), 2 images, 1 image without a name, referral {referral['number']}"


def own_people(
    journey: Journey, wanted: int, *, at_least: int = 0, besides: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Grown-up residents of the village doctor, other than the one of the journey and those to leave out."""
    found: dict[str, dict[str, Any]] = {}
    for surname in SURNAMES:
        for each in journey["village-doctor"].get(f"/residents?q={quote(surname)}&by=name&cursor=")["items"]:
            is_known = each["uuid"] == journey.seen["resident"] or each["uuid"] in besides
            if not is_known and each["status"] == "ACTIVE" and each["born_on"] < "1975":
                found.setdefault(each["uuid"], each)
        if len(found) >= wanted:
            break
    require(len(found) >= (at_least or wanted), f"the village has only {len(found)} people to choose from")
    return list(found.values())[:wanted]


def _visit(journey: Journey, person: dict[str, Any], why: Complaint) -> str:
    body = {
        "resident": person["uuid"], "systolic": why.systolic, "diastolic": why.diastolic, "pulse": why.pulse, "complaint": why.words,
        "diagnoses": [{"code": "I10.x00"}], "advice": why.advice, "confirmed_unusual": True,
    }  # fmt: skip
    return str(journey["village-doctor"].post("/visits", body, want=201)["uuid"])


def _ask_ecg(journey: Journey, person: dict[str, Any], why: Complaint, priority: str, *, raised: bool) -> str:
    doctor = journey["village-doctor"]
    with tempfile.TemporaryDirectory() as folder:
        at = timezone.localtime(clock.now())
        path = Path(folder) / "ecg.dcm"
        ecg.write(path, name=person["name"], born_on=person["born_on"], sex=person["sex"], at=at, raised=raised)
        file = doctor.upload("/ecg-files", path)
    body = {
        "visit": _visit(journey, person, why), "priority": priority, "question": why.words, "recordings": [file["uuid"]],
    }  # fmt: skip
    return str(doctor.post("/ecg-requests", body, want=201)["uuid"])


def _report(journey: Journey, request: str) -> None:
    reader = journey["reading-doctor"]
    reader.post(f"/ecg-requests/{request}/claim")
    reader.post(
        f"/ecg-requests/{request}/final",
        {
            "findings": "窦性心动过速，V1–V4导联ST段抬高0.15–0.35mV。", "conclusion": "前壁ST段抬高，请结合临床立即处理。",
            "codes": ["st-elevation-anterior"], "is_abnormal": True, "criticals": [journey.seen["critical_code"]],
        },
    )  # fmt: skip


def _ask_images(journey: Journey, person: dict[str, Any], why: Complaint, item: str) -> str:
    body = {"visit": _visit(journey, person, why), "priority": "ROUTINE", "question": why.words, "items": [item]}
    return str(journey["village-doctor"].post("/imaging-requests", body, want=201)["number"])
