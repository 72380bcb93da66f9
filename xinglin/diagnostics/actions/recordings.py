"""Take in a recording: read it first, compare it with the person and the request, then keep it."""

from datetime import datetime
from typing import Any, BinaryIO, TypeAlias, cast

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import catalogue, identity
from xinglin.diagnostics.ecg import MAX_BYTES, EcgRecording, compute, read_ecg
from xinglin.diagnostics.models import Recording, Request
from xinglin.diagnostics.states import RequestStatus
from xinglin.platform import files
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput, TooLarge
from xinglin.platform.models import StoredFile
from xinglin.web import formats

#: A recording as it comes in: an open file, an upload, or a file that is stored already.
Incoming: TypeAlias = "BinaryIO | UploadedFile[Any] | StoredFile"

MAX_RECORDINGS = 8
USED_ELSEWHERE, USED_BEFORE = "used-for-another", "used-before"
AHEAD, LONG_BEFORE = "recorded-ahead", "recorded-long-before"
#: Codes of a refusal that the sender may confirm.
OTHER_PERSON, DOUBTFUL = "other-person", "doubtful-recording"

#: What each sign of another person, time or request means in words.
MISMATCH_WORDS = {
    identity.NAME: _("文件中的姓名与居民不一致"),
    identity.IDENTITY: _("文件中的身份证号与居民不一致"),
    identity.BIRTH: _("文件中的出生日期与居民不一致"),
    identity.SEX: _("文件中的性别与居民不一致"),
    USED_ELSEWHERE: _("同一份图形已用于另一位居民"),
    USED_BEFORE: _("同一份图形已用于本人的另一份申请"),
    AHEAD: _("文件的采集时间晚于上传时间"),
    LONG_BEFORE: _("文件的采集时间远早于申请时间"),
}
#: Signs that leave no doubt of the person.
ABOUT_THE_FILE = {USED_BEFORE, AHEAD, LONG_BEFORE}


def take_in(
    request: Request, incoming: Incoming, *, identity_confirmed: bool, by: Actor, at: datetime
) -> tuple[Recording, list[str]]:
    """Read, compare and store one recording of `request`; returns its row and the signs of another person.

    :raises InvalidInput: not an ECG that can be read, the same file twice, or nobody confirmed it although it names
        somebody else (code ``other-person``), was recorded at an odd time or used before (``doubtful-recording``)
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
    signs = _signs(request, ecg, stored, at)
    if signs and not identity_confirmed:
        raise _doubt(request, ecg, stored, signs)
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


def _signs(request: Request, ecg: EcgRecording, stored: StoredFile, at: datetime) -> list[str]:
    resident = request.resident
    signs = identity.mismatches(
        ecg.patient, name=resident.name, pinyin=resident.pinyin, born_on=resident.born_on, sex=resident.sex,
        id_number=resident.id_number,
    )  # fmt: skip
    if Recording.objects.filter(file=stored).exclude(request__resident=resident).exists():
        signs.append(USED_ELSEWHERE)
    if _used_before(request, stored) is not None:
        signs.append(USED_BEFORE)
    long_before, ahead = catalogue.recorded_within(request.kind)
    if ecg.recorded_at is not None and ecg.recorded_at > at + ahead:
        signs.append(AHEAD)
    elif ecg.recorded_at is not None and ecg.recorded_at < request.requested_at - long_before:
        signs.append(LONG_BEFORE)
    return signs


def _used_before(request: Request, stored: StoredFile) -> Recording | None:
    """Where the same person's file is used already; what was taken back does not count."""
    others = Recording.objects.filter(file=stored, request__resident=request.resident).exclude(request=request)
    return others.exclude(request__status=RequestStatus.CANCELLED).select_related("request").order_by("-id").first()


def _doubt(request: Request, ecg: EcgRecording, stored: StoredFile, signs: list[str]) -> InvalidInput:
    """The refusal that asks the sender to look again; what the file says of a person stays covered in part."""
    told = {identity.NAME: formats.masked(ecg.patient.name, first=1, last=0)}
    if ecg.patient.birth_date is not None:
        told[identity.BIRTH] = f"{ecg.patient.birth_date:%Y-**-%d}"
    if before := _used_before(request, stored):
        told[USED_BEFORE] = before.request.number
    if ecg.recorded_at is not None:
        told[AHEAD] = told[LONG_BEFORE] = f"{timezone.localtime(ecg.recorded_at):%Y-%m-%d %H:%M}"
    words = formats.parted_text(formats.aside_text(MISMATCH_WORDS[sign], told.get(sign)) for sign in signs)
    another = not set(signs) <= ABOUT_THE_FILE
    ask = (
        _("这份图形可能不是本人的：%(why)s。请核对；确认无误后勾选“确认为本人图形”再提交。")
        if another
        else _("请核对这份图形：%(why)s。确认为本次图形后勾选再提交。")
    )
    return InvalidInput(ask % {"why": words}, fields={"recordings": words}, code=OTHER_PERSON if another else DOUBTFUL)


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
    """What is kept of a recording beside its file: leads, length, the device's measurements and statements; apart from
    them what was computed where the device measured nothing.
    """
    return {
        "leads": list(ecg.lead_names),
        "sampling_hz": ecg.sampling_hz,
        "duration_s": round(ecg.duration_s, 3),
        "device": ecg.device[:120],
        "measurements": {each.code: each.value for each in ecg.measurements},
        "statements": list(ecg.statements)[:20],
        **({"computed": computed.as_dict()} if (computed := compute(ecg)) else {}),
    }
