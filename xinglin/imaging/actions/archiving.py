"""Writing down what became of an instance in the outside archive. The asking itself is done by the job, outside a
transaction."""

from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.imaging import permissions, queries
from xinglin.imaging.data import Trouble
from xinglin.imaging.events import Event
from xinglin.imaging.models import ArchiveFault, Instance
from xinglin.platform import audit, files
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Unavailable
from xinglin.platform.models import StoredFile

#: Between tries of one instance: 1, 2, 4 … minutes, at most an hour.
MOST_MINUTES = 60


@transaction.atomic
def note_archived(*, instance: Instance, by: Actor, at: datetime) -> None:
    """The archive has shown the same content. A second time nothing changes.

    :raises NotPermitted: not the job
    """
    permissions.may_archive(by).require()
    ArchiveFault.objects.filter(instance=instance).delete()
    if Instance.objects.filter(pk=instance.pk, archived_at__isnull=True).update(archived_at=at):
        _record(Event.INSTANCE_ARCHIVED, instance, by, at)


@transaction.atomic
def note_fault(*, instance: Instance, trouble: Trouble, detail: str, by: Actor, at: datetime) -> ArchiveFault:
    """It could not be sent or seen: it is tried again later, and stays here meanwhile.

    :raises NotPermitted: not the job
    """
    permissions.may_archive(by).require()
    known = ArchiveFault.objects.select_for_update().filter(instance=instance).first()
    n_tries = known.n_tries + 1 if known else 1
    wait = timedelta(minutes=min(MOST_MINUTES, 2 ** min(n_tries - 1, 10)))
    values = {"code": trouble, "detail": detail[:80], "n_tries": n_tries, "noted_at": at, "next_try_at": at + wait}
    return ArchiveFault.objects.update_or_create(instance=instance, defaults=values)[0]


@transaction.atomic
def note_lost(*, instance: Instance, trouble: Trouble, detail: str, by: Actor, at: datetime) -> None:
    """The archive shows it no more, or something else, while our bytes are still here: it is sent again.

    :raises NotPermitted: not the job
    """
    note_fault(instance=instance, trouble=trouble, detail=detail, by=by, at=at)
    if Instance.objects.filter(pk=instance.pk, removed_at__isnull=True).update(archived_at=None):
        _record(Event.INSTANCE_LOST, instance, by, at)


@transaction.atomic
def remove_bytes(*, instance: Instance, by: Actor, at: datetime) -> bool:
    """Remove our bytes of an instance that the archive has just shown. False: they belong to something else, too.

    :raises NotPermitted: not the job
    :raises Unavailable: the disk refused
    """
    permissions.may_archive(by).require()
    # Who keeps the same bytes for something else at this moment waits for this row.
    file = StoredFile.objects.select_for_update().get(pk=instance.file_id)
    free = Instance.objects.filter(pk=instance.pk, archived_at__isnull=False, removed_at__isnull=True)
    if not free.exclude(queries.used_elsewhere()).update(removed_at=at):
        return False
    ArchiveFault.objects.filter(instance=instance).delete()
    _record(Event.INSTANCE_REMOVED, instance, by, at)
    try:
        # Before the commit: if it fails, the bytes are fetched as they would be after it.
        files.path_of(file.sha256).unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(_("文件存储暂时不可用，请稍后再试。"), code="store-unavailable") from error
    return True


@transaction.atomic
def keep_again(*, instance: Instance, path: Path, by: Actor, at: datetime) -> Instance:
    """Keep the bytes of an instance here again: `path` is what the archive has just shown, compared, as a draft.

    An archive may have written the head of the file anew, so it may be another file than the one that left.

    :raises NotPermitted: not the job
    :raises Unavailable: the disk refused
    """
    permissions.may_archive(by).require()
    file = files.keep(path, at=at)
    kept, _new = StoredFile.objects.get_or_create(
        sha256=file.sha256, defaults={"size": file.size, "media_type": file.media_type, "stored_at": at}
    )
    # Archived since now: it stays here for the days of the setting, as something that has just come.
    changed = {"file": kept, "archived_at": at, "removed_at": None}
    if Instance.objects.filter(pk=instance.pk, removed_at__isnull=False).update(**changed):
        _record(Event.INSTANCE_BROUGHT_BACK, instance, by, at)
    instance.refresh_from_db()
    return instance


def _record(event: Event, instance: Instance, by: Actor, at: datetime) -> None:
    study = instance.series.study
    audit.record(
        event, by=by, at=at, kind="imaging.instance", key=instance.sop_uid, place=study.facility_id,
        detail={"study": str(study.uuid)},
    )  # fmt: skip
