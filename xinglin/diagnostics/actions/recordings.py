"""Take in a recording: read it first, compare it with the person, then keep it."""

from datetime import datetime
from typing import Any, BinaryIO, TypeAlias, cast

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import identity
from xinglin.diagnostics.ecg import MAX_BYTES, EcgRecording, read_ecg
from xinglin.diagnostics.models import Recording, Request
from xinglin.platform import files
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput, TooLarge
from xinglin.platform.models import StoredFile

#: A recording as it comes in: an open file, an upload, or a file that is stored already.
Incoming: TypeAlias = "BinaryIO | UploadedFile[Any] | StoredFile"

MAX_RECORDINGS = 8
USED_ELSEWHERE = "used-for-another"

#: What each sign of another person means in words.
MISMATCH_WORDS = {
    identity.NAME: _("文件中的姓名与居民不一致"),
    identity.IDENTITY: _("文件中的身份证号与居民不一致"),
    identity.BIRTH: _("文件中的出生日期与居民不一致"),
    identity.SEX: _("文件中的性别与居民不一致"),
    USED_ELSEWHERE: _("同一份图形已用于另一位居民"),
}


def take_in(
    request: Request, incoming: Incoming, *, identity_confirmed: bool, by: Actor, at: datetime
) -> tuple[Recording, list[str]]:
    """Read, compare and store one recording of `request`; returns its row and the signs of another person.

    :raises InvalidInput: not an ECG that can be read, the same file twice, or (code ``other-person``) it names
        somebody else and nobody confirmed that it is this person's all the same
    :raises TooLarge: more than 64 MB; nothing is kept
    """
    if isinstance(incoming, StoredFile):
        stored = incoming
        with files.open_file(stored) as file:
            ecg = read_ecg(file)
    else:
        refuse_large(incoming)
        ecg = read_ecg(cast(BinaryIO, incoming))
        incoming.seek(0)
        stored = files.store(incoming, at=at, max_bytes=MAX_BYTES)
    signs = _signs_of_another(request, ecg, stored)
    if signs and not identity_confirmed:
        words = "；".join(str(MISMATCH_WORDS[sign]) for sign in signs)
        raise InvalidInput(
            _("这份图形可能不是本人的：%(why)s。请核对；确认无误后勾选“确认为本人图形”再提交。") % {"why": words},
            fields={"recordings": words}, code="other-person", signs=signs,
        )  # fmt: skip
    if request.recordings.filter(file=stored).exists():
        raise InvalidInput(
            _("同一份图形重复上传。"), fields={"recordings": _("同一份图形重复上传。")}, code="same-file"
        )
    return _row(request, ecg, stored, signs, by, at), signs


def refuse_large(incoming: "BinaryIO | UploadedFile[Any]") -> None:
    """Refuse by the declared size before a byte is read. :raises TooLarge: more than 64 MB"""
    size = getattr(incoming, "size", None)
    if isinstance(size, int) and size > MAX_BYTES:
        raise TooLarge(_("文件太大：最多 %(mb)s MB。") % {"mb": MAX_BYTES // 1_048_576}, code="ecg-too-large")


def _signs_of_another(request: Request, ecg: EcgRecording, stored: StoredFile) -> list[str]:
    resident = request.resident
    signs = identity.mismatches(
        ecg.patient, name=resident.name, pinyin=resident.pinyin, born_on=resident.born_on, sex=resident.sex,
        id_number=resident.id_number,
    )  # fmt: skip
    if Recording.objects.filter(file=stored).exclude(request__resident=resident).exists():
        signs.append(USED_ELSEWHERE)
    return signs


def _row(
    request: Request, ecg: EcgRecording, stored: StoredFile, signs: list[str], by: Actor, at: datetime
) -> Recording:
    return Recording.objects.create(
        request=request, file=stored, format=ecg.format, instance_uid=ecg.sop_instance_uid[:64],
        recorded_at=ecg.recorded_at, summary=summary_of(ecg),
        warnings=[*signs, *(warning.code for warning in ecg.warnings)],
        uploaded_at=at, uploaded_by=by.user_id,
    )  # fmt: skip


def summary_of(ecg: EcgRecording) -> dict[str, object]:
    """What is kept of a recording beside its file: leads, length, the device's measurements and statements."""
    return {
        "leads": list(ecg.lead_names),
        "sampling_hz": ecg.sampling_hz,
        "duration_s": round(ecg.duration_s, 3),
        "device": ecg.device[:120],
        "measurements": {each.code: each.value for each in ecg.measurements},
        "statements": list(ecg.statements)[:20],
    }
