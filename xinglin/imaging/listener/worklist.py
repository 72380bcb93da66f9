"""The modality work list (C-FIND): what the devices of a facility are to take, in the charset they read."""

import fnmatch
from collections.abc import Iterator
from typing import Any

from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from pydicom.dataset import Dataset
from pynetdicom.events import Event

from xinglin.diagnostics import api as diagnostics
from xinglin.imaging.dicom.reading import quiet, text_of
from xinglin.imaging.events import Look
from xinglin.platform import audit, clock
from xinglin.platform.actors import system_actor

PENDING, SUCCESS, CANCEL, NO_RESOURCES, NOT_ALLOWED = 0xFF00, 0x0000, 0xFE00, 0xA700, 0x0124
MOST = 500
#: What devices in China read; asked for by name, else the national standard.
CHARSETS = {"GB18030": "GB18030", "GBK": "GB18030", "GB2312": "GB18030", "ISO_IR 192": "ISO_IR 192"}
DEFAULT_CHARSET = "GB18030"
_SEXES = {"1": "M", "2": "F"}


def find(event: Event) -> Iterator[tuple[int, Dataset | None]]:
    """Answer one query of an admitted device."""
    node = event.assoc.xinglin_node  # type: ignore[attr-defined]
    if not node.may_query:
        yield NOT_ALLOWED, None
        return
    close_old_connections()
    by, now = system_actor(f"DICOM {node.ae_title}"), clock.now()
    with quiet():
        asked = event.identifier
        charset = CHARSETS.get(text_of(asked, "SpecificCharacterSet").upper(), DEFAULT_CHARSET)
    try:
        rows = list(diagnostics.open_imaging_requests(by, taken_at=node.facility_id)[:MOST])
        answers = [answer for row in rows if _matches(answer := _answer(row, node, charset, now), asked, now)]
        audit.record(Look.WORKLIST, by=by, at=now, place=node.facility_id, detail={"rows": len(answers)})
    except DatabaseError:
        yield NO_RESOURCES, None
        return
    for answer in answers:
        if event.is_cancelled:
            yield CANCEL, None
            return
        yield PENDING, answer
    yield SUCCESS, None


def _answer(request: Any, node: Any, charset: str, now: Any) -> Dataset:
    """One request as a scheduled procedure step; its number is the accession number the images come back with."""
    resident, local = request.resident, timezone.localtime(now)
    answer = Dataset()
    answer.SpecificCharacterSet = charset
    answer.PatientName = f"{resident.pinyin}={resident.name}" if resident.pinyin else resident.name
    answer.PatientID = resident.id_number or resident.number
    answer.PatientBirthDate = f"{resident.born_on:%Y%m%d}"
    answer.PatientSex = _SEXES.get(resident.sex, "O")
    answer.AccessionNumber = request.number
    answer.StudyInstanceUID = f"2.25.{request.uuid.int}"
    answer.RequestedProcedureID = request.number
    title = "、".join(item["title"] for item in request.items)
    answer.RequestedProcedureDescription = title[:64]
    answer.ReferringPhysicianName = request.requested_by_name
    step = Dataset()
    step.Modality = request.modality
    step.ScheduledStationAETitle = node.ae_title
    step.ScheduledProcedureStepStartDate = f"{local:%Y%m%d}"
    step.ScheduledProcedureStepStartTime = f"{timezone.localtime(request.requested_at):%H%M%S}"
    step.ScheduledProcedureStepDescription = title[:64]
    step.ScheduledProcedureStepID = request.number
    step.ScheduledPerformingPhysicianName = ""
    answer.ScheduledProcedureStepSequence = [step]
    return answer


def _matches(answer: Dataset, asked: Dataset, now: Any) -> bool:
    """Keys that were given must fit; an empty key asks only for its value (PS3.4 C.2.2.2)."""
    with quiet():
        for name in ("PatientID", "AccessionNumber"):
            if not _fits(text_of(answer, name), text_of(asked, name)):
                return False
        wanted = text_of(asked, "PatientName")
        if wanted and not any(
            _fits(group, wanted) for group in [*str(answer.PatientName).split("="), str(answer.PatientName)]
        ):
            return False
        steps = asked.get("ScheduledProcedureStepSequence") or [Dataset()]
        step, own = steps[0], answer.ScheduledProcedureStepSequence[0]
        today = f"{timezone.localtime(now):%Y%m%d}"
        return (
            _fits(own.Modality, text_of(step, "Modality"))
            and text_of(step, "ScheduledStationAETitle") in {"", "*", own.ScheduledStationAETitle}
            and _holds(text_of(step, "ScheduledProcedureStepStartDate"), today)
        )


def _fits(value: str, wanted: str) -> bool:
    return not wanted or fnmatch.fnmatchcase(value.lower(), wanted.lower().replace("[", "[[]"))


def _holds(asked: str, day: str) -> bool:
    """Whether a day is within what was asked: a day, or a range open at either end."""
    if not asked:
        return True
    first, dash, last = asked.partition("-")
    return (not first or first <= day) and (not last or day <= last) if dash else asked == day
