"""Whose images these are: what the file says, held against a request or a resident. Reads only."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.diagnostics.data import PatientInFile
from xinglin.imaging.models import Study
from xinglin.platform.actors import Actor
from xinglin.residents import api as residents

_RESIDENT_ID = re.compile(r"\d{17}[\dXx]")
NO_REQUEST, REQUEST_ENDED, NO_NAME, OTHER_MODALITY = "no-request", "request-ended", "no-name", "other-modality"

#: Why a study waits, in words.
SIGN_WORDS = {
    "other-name": _("姓名不一致"),
    "other-identity": _("身份证号不一致"),
    "other-birth-date": _("出生日期不一致"),
    "other-sex": _("性别不一致"),
    NO_REQUEST: _("没有找到检查号对应的申请"),
    REQUEST_ENDED: _("检查号对应的申请已结束"),
    NO_NAME: _("影像中没有姓名"),
    OTHER_MODALITY: _("检查类型与申请不一致"),
}


def patient_of(study: Study) -> PatientInFile:
    """Whom the file names."""
    return PatientInFile(
        name=study.patient_name or "", id=study.patient_id or "", birth_date=study.patient_born_on,
        sex=study.patient_sex,
    )  # fmt: skip


def signs_against(patient: PatientInFile, resident: Any) -> list[str]:
    """What in the file says that it is not this resident; empty if nothing."""
    return diagnostics.mismatches(
        patient, name=resident.name, pinyin=resident.pinyin, born_on=resident.born_on, sex=resident.sex,
        id_number=resident.id_number,
    )  # fmt: skip


def by_accession(study: Study, patient: PatientInFile, *, by: Actor) -> tuple[Any | None, list[str]]:
    """The request that the accession number names, and what speaks against it."""
    request = diagnostics.request_by_number(by, study.accession_number)
    if request is None or request.kind != "IMAGING":
        return None, [NO_REQUEST]
    if not diagnostics.can_take_images(request):
        return None, [REQUEST_ENDED]
    signs = signs_against(patient, request.resident)
    return (None, signs) if signs else (request, [])


def by_identity(patient: PatientInFile, *, by: Actor) -> tuple[Any | None, list[str]]:
    """The resident whose identity number the file carries, if name and birth date are his, too."""
    if not _RESIDENT_ID.fullmatch(patient.id.strip()):
        return None, []
    resident = residents.resident_by_identity(by, patient.id.strip())
    if resident is None:
        return None, []
    if not patient.name or patient.birth_date is None:
        return None, [NO_NAME]
    signs = signs_against(patient, resident)
    return (None, signs) if signs else (resident, [])
