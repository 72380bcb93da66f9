"""Opening a study: one look at the person, however many frames are read after it."""

from datetime import datetime, timedelta

from django.db import transaction

from xinglin.imaging.events import Look
from xinglin.imaging.models import Opening, Study
from xinglin.platform import audit
from xinglin.platform.actors import Actor

#: What is read within it belongs to the same opening.
LASTS = timedelta(hours=1)


@transaction.atomic
def open_study(*, study: Study, by: Actor, at: datetime) -> bool:
    """Record that the actor looks at a study he can see, once an hour. Returns whether it was recorded now."""
    user_id = by.user_id or 0
    if Opening.objects.filter(study=study, user_id=user_id, opened_at__gt=at - LASTS).exists():
        by.trace.n_records += 1  # this read is covered by the record of its opening
        return False
    Opening.objects.create(study=study, user_id=user_id, opened_at=at)
    if study.resident is not None:
        audit.look(Look.STUDY, by=by, at=at, subject=study.resident.uuid, kind="imaging.study", key=str(study.uuid))
    else:
        audit.record(Look.STUDY, by=by, at=at, kind="imaging.study", key=str(study.uuid))
    return True
