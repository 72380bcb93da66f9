"""Chapters of the demonstration that come over the edges: a hospital's HIS, and a device that makes images."""

from typing import Any

from xinglin.platform import clock
from xinglin.project.demo import his
from xinglin.project.demo.images import Device
from xinglin.project.demo.playing import Journey, require, wait_for


def his_sends(journey: Journey) -> str:
    person, phone = journey.seen["person"], "13800138000"
    sex = {"1": "M", "2": "F"}.get(person["sex"], "U")
    sent: dict[str, Any] = {"control_id": "DEMO-1", "sex": sex, "phone": phone, "at": clock.now()}
    first = his.send(journey.seen["hl7_port"], person, **sent)
    again = his.send(journey.seen["hl7_port"], person, **sent)
    require((first, again) == ("AA", "AA"), f"the listener answered {first}, {again}")
    engineer = journey["system-administrator"]
    applied = wait_for(
        lambda: engineer.get("/hl7/messages?connection=demo-his&status=PROCESSED")["items"], "it was not worked through"
    )
    require(len(applied) == 1, "sent twice, kept twice")
    shown = journey["village-doctor"].get(f"/residents/{journey.seen['resident']}")["phone_masked"]
    require(shown.endswith(phone[-4:]), "the record does not show it")
    return "ADT^A08 in GB18030, sent twice and kept once; the record shows the new telephone number"


def his_is_mended(journey: Journey) -> str:
    person, engineer, phone = journey.seen["person"], journey["system-administrator"], "13800138111"
    word = his.SEX_WORDS[person["sex"]]
    answer = his.send(journey.seen["hl7_port"], person, control_id="DEMO-2", sex=word, phone=phone, at=clock.now())
    require(answer == "AA", f"the listener answered {answer}")
    (failed,) = wait_for(lambda: engineer.get("/hl7/messages?status=FAILED")["items"], "it is not in the dead letters")
    place = f"{failed['fault_segment']}-{failed['fault_field']}"
    require(place == "PID-8", f"the fault is shown at {place}")
    his.mend()
    engineer.post(f"/hl7/messages/{failed['uuid']}/replay")
    wait_for(
        lambda: engineer.get(f"/hl7/messages/{failed['uuid']}")["status"] == "PROCESSED",
        "the replay did not go through",
    )
    shown = journey["village-doctor"].get(f"/residents/{journey.seen['resident']}")["phone_masked"]
    require(shown.endswith(phone[-4:]), "the record does not show it")
    return f"{place}: {failed['fault_words']['en']} Table mended, replayed, applied"


def his_orders(journey: Journey) -> str:
    person, engineer = journey.seen["person"], journey["system-administrator"]
    sex = {"1": "M", "2": "F"}.get(person["sex"], "U")
    address = "/hl7/messages?connection=demo-his"

    def told(control_id: str, control: str, status: str) -> None:
        answer = his.order(
            journey.seen["hl7_port"], person, control_id=control_id, sex=sex, control=control, at=clock.now()
        )
        require(answer == "AA", f"the listener answered {answer}")
        wait_for(
            lambda: next(
                (each for each in engineer.get(f"{address}&status={status}")["items"] if each["control_id"] == control_id), None
            ),
            f"message {control_id} is not {status}",
        )  # fmt: skip

    told("DEMO-3", "NW", "PROCESSED")
    told("DEMO-4", "NW", "IGNORED")
    told("DEMO-5", "CA", "PROCESSED")
    return "OML^O21: two panels are one order; sent again it changes nothing; cancelled by its number"


def request_images(journey: Journey) -> str:
    placed = journey["village-doctor"].post(
        "/imaging-requests",
        {
            "visit": journey.seen["visit"],
            "priority": "URGENT",
            "question": "血压186/112，头晕，排除颅内出血",
            "items": ["ct-head"],
        },
        want=201,
    )
    journey.seen.update(images=placed["uuid"], images_number=placed["number"])
    return f"request {placed['number']}: {placed['items'][0]['title']}"


def take_images(journey: Journey) -> str:
    device = Device(journey.seen["dicom_port"])
    rows = wait_for(device.work_list, "the work list is empty")
    picked = next(row for row in rows if row.AccessionNumber == journey.seen["images_number"])
    require(journey.seen["name"] in str(picked.PatientName), "the work list names another person")
    for modality, with_accession in (("CT", True), ("MR", False), ("CR", False)):
        status = device.send(modality, picked, with_accession=with_accession)
        require(status == 0, f"{modality} was answered with {status:04X}")
    again = journey["reading-doctor"].get(f"/ecg-requests/{journey.seen['images']}")
    require(again["status"] == "PERFORMED", f"the images did not find their request: {again['status']}")
    return f"picked {picked.AccessionNumber} from a work list of {len(rows)}; CT, MR and CR stored, the request is performed"


def report_images(journey: Journey) -> str:
    reader, uuid = journey["reading-doctor"], journey.seen["images"]
    reader.post(f"/ecg-requests/{uuid}/claim")
    done = reader.post(
        f"/ecg-requests/{uuid}/final",
        {"findings": "脑实质内未见异常密度影，脑室系统正常，中线居中。", "conclusion": "头颅CT平扫未见明显异常。",
         "codes": ["ct-head-normal"]},
    )  # fmt: skip
    printed = reader.get(f"/ecg-requests/{uuid}/report.pdf")
    require(printed[:4] == b"%PDF", "the report cannot be printed")
    return f"{done['reports'][-1]['conclusion']} printed with its key image ({len(printed) // 1024} KB)"
