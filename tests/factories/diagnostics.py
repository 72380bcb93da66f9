"""Requests to the ECG centre, walked to a status by the real actions. The trace is a real one that pydicom carries."""

import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.utils import timezone
from pydicom import dcmread
from pydicom.data import get_testdata_file

from tests.factories.county import NOW, START, County, later
from tests.factories.residents import a_resident
from xinglin.diagnostics import actions
from xinglin.diagnostics.data import Asked
from xinglin.diagnostics.models import Centre, CriticalValue, Request
from xinglin.diagnostics.states import CriticalStatus, RequestStatus
from xinglin.platform.actors import system_actor

ECG_PATH = Path(str(get_testdata_file("waveform_ecg.dcm")))
CT_PATH = Path(str(get_testdata_file("CT_small.dcm")))

NORMAL = {
    "findings": "窦性心律，心率72次/分，各波段正常。",
    "conclusion": "正常心电图",
    "codes": ["normal-sinus-rhythm"],
}
INFARCTION = {
    "findings": "Ⅱ、Ⅲ、aVF导联ST段弓背向上抬高0.3mV。",
    "conclusion": "考虑急性下壁心肌梗死",
    "codes": ["st-elevation-inferior"],
    "is_abnormal": True,
    "criticals": ["ecg-acute-infarction"],
}


def an_ecg_file(**tags: str) -> BinaryIO:
    """A 12-lead ECG as DICOM. It names nobody, but a woman born on 1971-01-23; `tags` change that."""
    if not tags:
        return io.BytesIO(ECG_PATH.read_bytes())
    dataset = dcmread(ECG_PATH)
    dataset.SpecificCharacterSet = "GB18030"
    for name, value in tags.items():
        setattr(dataset, name, value)
    written = io.BytesIO()
    dataset.save_as(written)
    written.seek(0)
    return written


def recorded(at: datetime) -> str:
    """A moment as a DICOM file says it, in the county's time."""
    return f"{timezone.localtime(at):%Y%m%d%H%M%S}"


def an_ecg_centre(county: County, *, code: str = "ECG01", facility_id: int | None = None, **fields: Any) -> Centre:
    """The ECG centre of the county, at the county hospital; the same one each time it is asked for."""
    found = Centre.objects.filter(code=code).first()
    return found or actions.open_centre(
        code=code,
        name="县域心电诊断中心",
        facility_id=facility_id or county.hospital.pk,
        by=system_actor("setup"),
        at=START,
        **fields,
    )


def _an_imaging_centre(county: County) -> Centre:
    found = Centre.objects.filter(code="IMG01").first()
    return found or actions.open_centre(
        code="IMG01", name="县域影像诊断中心", kind="IMAGING", facility_id=county.hospital.pk, by=system_actor("setup"),
        at=START,
    )  # fmt: skip


def a_request(
    county: County,
    *,
    status: str = RequestStatus.REQUESTED,
    resident: Any = None,
    at: datetime = NOW,
    report: dict[str, Any] | None = None,
    reject_reason: str = "ARTEFACT",
    **fields: Any,
) -> Request:
    """A request of Alma's that has come to `status`, a minute for each step; Bo reads and says `report`."""
    if status in {RequestStatus.IN_PROGRESS, RequestStatus.PERFORMED}:  # only images are taken after the request
        fields.setdefault("centre", _an_imaging_centre(county))
        fields.setdefault("items", ["ct-head"])
    fields.setdefault("centre", an_ecg_centre(county))
    if "visit" not in fields:
        fields.setdefault("from_facility_id", county.clinic.pk)
        fields["resident"] = resident or a_resident(county)
    if "items" not in fields:
        fields.setdefault("recordings", [an_ecg_file()])
    fields.setdefault("question", "胸闷1天，请排除心肌缺血")
    fields.setdefault("identity_confirmed", True)
    by = fields.pop("by", county.alma)
    request = actions.place_request(asked=Asked(**fields), by=by, at=at)
    said = report or NORMAL
    minute = timedelta(minutes=1)
    for step in _WAY[RequestStatus(status)]:
        at += minute
        if step == "cancel":
            actions.cancel_request(request=request, by=county.alma, at=at)
        elif step == "start":
            actions.start_examination(request=request, by=county.alma, at=at)
        elif step == "perform":
            actions.note_performed(request=request, by=county.alma, at=at)
        elif step == "claim":
            actions.claim_request(request=request, by=county.bo, at=at)
        elif step == "reject":
            actions.reject_request(request=request, reason=reject_reason, remark="基线漂移", by=county.bo, at=at)
        elif step == "preliminary":
            actions.write_preliminary(request=request, **said, by=county.bo, at=at)
        elif step == "final":
            actions.write_final(request=request, **said, by=county.bo, at=at)
        elif step == "amend":
            actions.amend_report(request=request, **said, reason="复核后更正", by=county.bo, at=at)
    request.refresh_from_db()
    return request


_WAY: dict[RequestStatus, tuple[str, ...]] = {
    RequestStatus.REQUESTED: (),
    RequestStatus.CANCELLED: ("cancel",),
    RequestStatus.IN_PROGRESS: ("start",),
    RequestStatus.PERFORMED: ("start", "perform"),
    RequestStatus.CLAIMED: ("claim",),
    RequestStatus.REJECTED: ("claim", "reject"),
    RequestStatus.PRELIMINARY: ("claim", "preliminary"),
    RequestStatus.FINAL: ("claim", "final"),
    RequestStatus.AMENDED: ("claim", "final", "amend"),
}


def a_critical(county: County, *, status: str = CriticalStatus.NOTIFIED, **fields: Any) -> CriticalValue:
    """A critical value that has come to `status`: Bo raised it, Alma answers."""
    superseded = status == CriticalStatus.SUPERSEDED
    request = a_request(county, status=RequestStatus.FINAL, report=INFARCTION, **fields)
    critical = request.critical_values.get()
    at = critical.notified_at
    if superseded:
        actions.amend_report(
            request=request, **NORMAL, reason="复核为早复极", by=county.bo, at=at + timedelta(minutes=1)
        )
    if status in {CriticalStatus.CONFIRMED, CriticalStatus.HANDLED, CriticalStatus.CLOSED}:
        critical = actions.acknowledge_critical(
            critical=critical, read_back="急性下壁心梗，立即转诊", by=county.alma, at=at + timedelta(minutes=2)
        )
    if status in {CriticalStatus.HANDLED, CriticalStatus.CLOSED}:
        critical = actions.handle_critical(
            critical=critical,
            handling="嚼服阿司匹林300mg，已转县医院胸痛中心",
            by=county.alma,
            at=at + timedelta(minutes=5),
        )
    if status == CriticalStatus.CLOSED:
        critical = actions.close_critical(critical=critical, by=county.bo, at=at + timedelta(minutes=20))
    critical.refresh_from_db()
    return critical


__all__ = [
    "CT_PATH",
    "ECG_PATH",
    "INFARCTION",
    "NORMAL",
    "a_critical",
    "a_request",
    "an_ecg_centre",
    "an_ecg_file",
    "later",
    "recorded",
]
