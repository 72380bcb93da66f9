"""Taking in one instance, by whatever way it comes: check, keep the bytes, write the rows, match the study."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from xinglin.imaging import permissions
from xinglin.imaging.actions.matching import match_on_arrival
from xinglin.imaging.data import Source
from xinglin.imaging.dicom import MAX_BYTES, Header, read_header
from xinglin.imaging.dicom.comparing import says_the_same
from xinglin.imaging.dicom.limits import bad
from xinglin.imaging.dicom.qido import header_json
from xinglin.imaging.events import Event
from xinglin.imaging.models import Conflict, Instance, Refusal, Series, Study
from xinglin.imaging.states import StudyStatus
from xinglin.platform import audit, files, hot
from xinglin.platform.actors import Actor
from xinglin.platform.errors import DomainError
from xinglin.platform.instances import partial
from xinglin.platform.models import StoredFile
from xinglin.platform.outbox import rows_of
from xinglin.platform.together import Upsert, insert_together
from xinglin.platform.transitions import change_of

#: Two associations may begin the same study at once: the loser looks again.
TRIES = 3
_COUNT = """
WITH counted AS (UPDATE imaging_series SET n_instances = n_instances + 1 WHERE id = %(series)s)
UPDATE imaging_study SET n_instances = n_instances + 1, newest_at = %(at)s WHERE id = %(study)s RETURNING id
"""
_STUDY = ("id", "uuid", "study_uid", "status", "patient_name", "patient_id", "patient_born_on")
_SERIES = ("id", "series_uid", "modality")
#: A series tells its study; a new series belongs to the study it names.
_KNOWN = f"""
WITH s AS (SELECT * FROM imaging_series WHERE series_uid = %(series)s),
t AS (
  SELECT * FROM imaging_study WHERE id = (SELECT study_id FROM s)
  UNION ALL
  SELECT * FROM imaging_study WHERE study_uid = %(study)s AND NOT EXISTS (SELECT FROM s)
)
SELECT (SELECT id FROM imaging_instance WHERE sop_uid = %(sop)s) AS instance,
  {", ".join(f"s.{name} AS s_{name}" for name in _SERIES)}, {", ".join(f"t.{name} AS t_{name}" for name in _STUDY)}
FROM (SELECT) AS one LEFT JOIN s ON true LEFT JOIN t ON true
"""  # noqa: S608 - names of columns
_KNOWN_FILE = "ON CONFLICT (sha256) DO UPDATE SET size = it.size"


class Outcome(StrEnum):
    """What became of an instance."""

    STORED = "stored"
    REPEATED = "repeated"  # it was there already, with the same content
    CONFLICT = "conflict"  # its UID is known with other content: kept apart, not taken


@dataclass(frozen=True, slots=True)
class Taken:
    """The instance that stands now, and what became of the one that came."""

    instance: Instance
    outcome: Outcome

    @property
    def study(self) -> Study:
        """The study it belongs to."""
        return self.instance.series.study


def take_in_instance(*, content: files.Content | Path, source: Source, by: Actor, at: datetime) -> Taken:
    """Take in one DICOM instance. When this returns, bytes and rows are on disk. A `Path` is a draft: it is moved.

    :raises NotPermitted: the actor takes no images at that facility
    :raises InvalidInput: ``dicom-…``, see `read_header`; it belongs to another person's study; its study was rejected
    :raises TooLarge: more than 1 GB
    :raises Unavailable: the disk refused; nothing is kept
    """
    permissions.may_take_in(by, source).require()
    path = content if isinstance(content, Path) else files.draft(content, max_bytes=MAX_BYTES)
    try:
        header = read_header(path)
        for attempt in range(TRIES):
            try:
                return _take_in(path, header, source=source, by=by, at=at)
            except IntegrityError:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("unreachable")
    finally:
        path.unlink(missing_ok=True)


@transaction.atomic
def _take_in(path: Path, header: Header, *, source: Source, by: Actor, at: datetime) -> Taken:
    known, series, study = _look_up(header)
    if known is not None:
        return _again(known, path, header, source, by, at)
    _check_belongs(header, series, study)
    rows: list[Any] = []
    is_new = study is None
    if study is None:
        study = _study(header, source, at)
        rows += [
            study,
            change_of(study, was="", became=study.status, by=by, at=at, place=source.facility_id),
            *rows_of(Event.STUDY_RECEIVED, obj=study, by=by, at=at, place=source.facility_id, way=source.way),
        ]
    new_series = series is None
    if series is None:
        series = Series(
            study=study, series_uid=header.series_uid, number=header.series_number, modality=header.modality,
            description=header.series_description, body_part=header.body_part,
        )  # fmt: skip
        rows.append(series)
    file = files.keep(path, at=at)
    instance = _instance(series, file, header, source, at)
    detail = {"study": str(study.uuid), "way": source.way}
    logged = audit.record_of(
        Event.INSTANCE_STORED, by=by, at=at, kind="imaging.instance", key=header.sop_uid, place=source.facility_id, detail=detail
    )  # fmt: skip
    insert_together([Upsert(file, _KNOWN_FILE), *rows, instance, logged])
    _count(study, series, header, new_series=new_series, at=at)
    if is_new:
        match_on_arrival(study=study, patient=header.patient, by=by, at=at)
    return Taken(instance, Outcome.STORED)


def _look_up(header: Header) -> tuple[Instance | None, Series | None, Study | None]:
    """What is known of the instance; if nothing, of its series and its study."""
    row = hot.rows(_KNOWN, {"sop": header.sop_uid, "series": header.series_uid, "study": header.study_uid})[0]
    if row["instance"] is not None:
        return Instance.objects.select_related("series__study", "file").get(pk=row["instance"]), None, None
    if row["t_id"] is None:
        return None, None, None
    study = partial(Study, _STUDY, [row[f"t_{name}"] for name in _STUDY])
    if row["s_id"] is None:
        return None, None, study
    series = partial(Series, _SERIES, [row[f"s_{name}"] for name in _SERIES])
    series.study = study
    return None, series, study


def _check_belongs(header: Header, series: Series | None, study: Study | None) -> None:
    """What is known of the series and the study must agree with what came."""
    if study is None:
        return
    if study.study_uid != header.study_uid:
        raise bad("dicom-series-of-another-study", _("该序列标识已属于另一项检查。"), place="(0020,000E)")
    if series is not None and series.modality != header.modality:
        raise bad("dicom-series-changed", _("同一序列的检查设备类型前后不一致。"), place="(0008,0060)")
    if study.status == StudyStatus.REJECTED:
        raise bad("dicom-study-rejected", _("这项检查已被拒收，请以新的检查重新发送。"), place="(0020,000D)")
    was = ((study.patient_id or ""), _folded(study.patient_name), study.patient_born_on)
    now = (header.patient.id, _folded(header.patient.name), header.patient.birth_date)
    if was != now:
        raise bad(
            "dicom-study-of-another-person",
            _("同一检查标识下出现了另一个人的影像，请在设备上核对后重发。"),
            place="(0010,0020)",
        )


def _folded(name: str | None) -> str:
    return (name or "").rstrip("^= ").casefold()


def _study(header: Header, source: Source, at: datetime) -> Study:
    return Study(
        study_uid=header.study_uid, status=StudyStatus.UNMATCHED, status_changed_at=at,
        patient_name=header.patient.name, patient_id=header.patient.id, patient_born_on=header.patient.birth_date,
        patient_sex=header.patient.sex, accession_number=header.accession_number, study_id=header.study_id,
        description=header.study_description, modalities=[], taken_at=header.taken_at, facility_id=source.facility_id,
        node_id=source.node_id, way=source.way, received_at=at, newest_at=at,
    )  # fmt: skip


def _instance(series: Series, file: StoredFile, header: Header, source: Source, at: datetime) -> Instance:
    return Instance(
        series=series, sop_uid=header.sop_uid, sop_class=header.sop_class, transfer_syntax=header.transfer_syntax,
        file=file, digest=header.digest, number=header.number, rows=header.rows, columns=header.columns,
        frames=header.frames, header=header_json(header), way=source.way, received_at=at,
    )  # fmt: skip


def _count(study: Study, series: Series, header: Header, *, new_series: bool, at: datetime) -> None:
    hot.rows(_COUNT, {"study": study.pk, "series": series.pk, "at": at})
    if new_series:
        # Read under the lock of this very row: two new series of one study may arrive at once.
        held = Study.objects.select_for_update().values_list("modalities", flat=True).get(pk=study.pk)
        modalities = sorted({*held, header.modality})
        Study.objects.filter(pk=study.pk).update(n_series=F("n_series") + 1, modalities=modalities)


def _again(known: Instance, path: Path, header: Header, source: Source, by: Actor, at: datetime) -> Taken:
    """An instance whose UID is known: the same once more, or something else under its name."""
    common: dict[str, Any] = {"kind": "imaging.instance", "key": header.sop_uid, "place": source.facility_id}
    if says_the_same(path, header, known):
        audit.record(Event.INSTANCE_REPEATED, by=by, at=at, **common)
        return Taken(known, Outcome.REPEATED)
    file = files.keep(path, at=at)
    insert_together([Upsert(file, _KNOWN_FILE)])
    _row, is_new = Conflict.objects.get_or_create(
        instance=known, file=file,
        defaults={"facility_id": source.facility_id, "way": source.way, "received_at": at},
    )  # fmt: skip
    if is_new:
        audit.record(Event.CONFLICT_KEPT, by=by, at=at, **common)
    return Taken(known, Outcome.CONFLICT)


@transaction.atomic
def note_refusal(
    *, error: DomainError, source: Source | None, way: str, sender: str, by: Actor, at: datetime
) -> Refusal:
    """Write down that something was not taken in, and why: the page of the devices shows it.

    :raises NotPermitted: the actor takes no images in
    """
    permissions.may_note_refusal(by).require()
    return Refusal.objects.create(
        facility_id=source.facility_id if source else None, node_id=source.node_id if source else None, way=way,
        code=error.code[:40], message=str(error.message)[:300], sender=sender[:80], refused_at=at,
    )  # fmt: skip


__all__ = ["Outcome", "Taken", "note_refusal", "take_in_instance"]
