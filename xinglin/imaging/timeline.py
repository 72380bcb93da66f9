"""Studies on the 360° timeline of a resident."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.imaging import queries
from xinglin.platform.actors import Actor
from xinglin.residents.data import TimelineEntry


def studies_of_resident(actor: Actor, resident_ids: Sequence[int], before: datetime, limit: int) -> list[TimelineEntry]:
    """Studies of a resident that the actor may see, newest first. One query."""
    found = queries.studies_visible_to(actor).filter(resident__in=resident_ids, received_at__lt=before)
    return [
        TimelineEntry(
            at=study.received_at, kind="study", icon="image", title=_("影像检查"), facility_name=str(study.facility),
            detail=" · ".join(part for part in ("/".join(study.modalities), study.description) if part),
            url=reverse("imaging:study", args=[study.uuid]),
        )
        for study in found.order_by("-received_at", "-id")[:limit]
    ]  # fmt: skip
