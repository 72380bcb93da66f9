"""Jobs of imaging: what was taken in goes to the outside archive, if the settings name one."""

import time
from datetime import datetime, timedelta

from django.conf import settings

from xinglin.imaging import actions, archive, outside, queries
from xinglin.imaging.data import Trouble
from xinglin.imaging.models import Instance
from xinglin.imaging.outside import OutsideError, Target
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.jobs import defer_once, periodic, task

ARCHIVE = "imaging.archive"
KEEPER = system_actor("影像存档")  # read by people, in the audit trail
BATCH = 50
#: After so long the job makes room for others and is queued again.
TURN_SECONDS = 20.0
#: The next instance would fare no better.
_FOR_ALL = {Trouble.UNREACHABLE, Trouble.DENIED}


@periodic("imaging.look-after-archive", "* * * * *")
def look_after_archive(timestamp: int) -> None:
    """Find what has come since."""
    if outside.target() is not None:
        defer_once(ARCHIVE, lock=ARCHIVE)


@task(ARCHIVE)
def archive_waiting() -> None:
    """Send what waits, oldest first, then remove what has been here long enough; one such job runs at a time."""
    to = outside.target()
    if to is None:
        return
    ends = time.monotonic() + TURN_SECONDS
    while batch := queries.to_archive(at=clock.now(), most=BATCH):
        for each in batch:
            if not _send(each, to):
                return
            if time.monotonic() > ends:
                defer_once(ARCHIVE, lock=ARCHIVE)
                return
    while batch := queries.to_remove(archived_before=_long_ago(), at=clock.now(), most=BATCH):
        for each in batch:
            if not _remove(each, to):
                return
            if time.monotonic() > ends:
                defer_once(ARCHIVE, lock=ARCHIVE)
                return


def _send(instance: Instance, to: Target) -> bool:
    """Whether to go on with the next."""
    try:
        archive.hand_over(instance, to)
    except OutsideError as error:
        actions.note_fault(instance=instance, trouble=error.trouble, detail=error.detail, by=KEEPER, at=clock.now())
        return error.trouble not in _FOR_ALL
    actions.note_archived(instance=instance, by=KEEPER, at=clock.now())
    return True


def _remove(instance: Instance, to: Target) -> bool:
    """Our bytes go only after the archive has just shown them once more. Whether to go on with the next."""
    try:
        archive.see(instance, to)
    except OutsideError as error:
        transient = error.trouble in {*_FOR_ALL, Trouble.CUT}
        note = actions.note_fault if transient else actions.note_lost
        note(instance=instance, trouble=error.trouble, detail=error.detail, by=KEEPER, at=clock.now())
        return error.trouble not in _FOR_ALL
    actions.remove_bytes(instance=instance, by=KEEPER, at=clock.now())
    return True


def _long_ago() -> datetime:
    return clock.now() - timedelta(days=settings.DICOMWEB_KEEP_DAYS)
