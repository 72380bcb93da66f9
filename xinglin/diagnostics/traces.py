"""Reading a kept trace: scoped, and each time a look at the person."""

from datetime import datetime
from uuid import UUID

from xinglin.diagnostics import queries
from xinglin.diagnostics.ecg import EcgRecording, read_ecg
from xinglin.diagnostics.events import Look
from xinglin.diagnostics.models import Recording
from xinglin.platform import audit, files
from xinglin.platform.actors import Actor


def trace_of(actor: Actor, request_uuid: UUID, recording_uuid: UUID | None, *, at: datetime) -> EcgRecording:
    """The trace of a visible request (the newest recording unless one is named).

    :raises NotVisible: out of the actor's scope, or there is no recording
    :raises Unavailable: the file cannot be read
    """
    recording = queries.visible_recording(actor, request_uuid, recording_uuid)
    audit.look(
        Look.TRACE, by=actor, at=at, subject=recording.request.resident.uuid, kind="diagnostics.recording",
        key=str(recording.uuid),
    )  # fmt: skip
    return read_kept(recording)


def read_kept(recording: Recording) -> EcgRecording:
    """Read the file of a recording. :raises Unavailable: it is gone or damaged"""
    with files.open_file(recording.file) as file:
        return read_ecg(file)
