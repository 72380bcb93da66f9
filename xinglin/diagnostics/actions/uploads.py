"""A file that comes before its request."""

from datetime import datetime
from typing import Any, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from xinglin.accounts.data import Permission
from xinglin.diagnostics.actions.recordings import refuse_large
from xinglin.diagnostics.ecg import MAX_BYTES, EcgRecording, read_ecg
from xinglin.diagnostics.events import Event
from xinglin.diagnostics.models import Upload
from xinglin.platform import audit, files
from xinglin.platform.actors import Actor


@transaction.atomic
def keep_upload(*, file: "UploadedFile[Any]", by: Actor, at: datetime) -> tuple[Upload, EcgRecording]:
    """Read an ECG and keep it, to be named in a request later.

    :raises NotPermitted: the actor uploads nowhere
    :raises InvalidInput: it is no ECG that can be read; nothing is kept
    :raises TooLarge: more than 64 MB; nothing is kept
    """
    by.may(Permission.RECORDING_UPLOAD).require()
    refuse_large(file)
    ecg = read_ecg(cast(BinaryIO, file))
    file.seek(0)
    stored = files.store(file, at=at, max_bytes=MAX_BYTES)
    upload = Upload.objects.create(file=stored, uploaded_at=at, uploaded_by=by.user_id)
    audit.record(Event.FILE_UPLOADED, by=by, at=at, kind="diagnostics.upload", key=str(upload.uuid))
    return upload, ecg
