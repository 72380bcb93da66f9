"""The front door of imaging."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.imaging import archive, queries
from xinglin.imaging.actions import Outcome, admit_node, link_study, take_in_instance, unlink_study
from xinglin.imaging.data import Source, StudySummary, Way
from xinglin.imaging.dicom.frames import drawn
from xinglin.imaging.events import Event
from xinglin.imaging.models import Study
from xinglin.imaging.queries import earlier_studies, visible_study
from xinglin.imaging.states import STUDY_TRANSITIONS
from xinglin.platform.actors import Actor
from xinglin.web import work

__all__ = [
    "admit_node",
    "drawn",
    "earlier_studies",
    "Event",
    "instance_paths",
    "link_study",
    "Outcome",
    "Source",
    "state_tables",
    "studies_of_request",
    "study_summary",
    "StudySummary",
    "take_in_instance",
    "unlink_study",
    "visible_study",
    "waiting_for",
    "Way",
]


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state tables of this capability, by title, for the generated diagrams."""
    return {"imaging.study": STUDY_TRANSITIONS}


def study_summary(study: Study) -> StudySummary:
    """A study for a list or beside a report. Read it by a scoped query first."""
    return StudySummary(
        uuid=study.uuid, study_uid=study.study_uid, description=study.description, modalities=tuple(study.modalities),
        taken_at=study.taken_at, n_series=study.n_series, n_instances=study.n_instances,
        view_url=f"{reverse('viewer:viewer')}?StudyInstanceUIDs={study.study_uid}",
        thumbnail_url=reverse("dicomweb:thumbnail", args=[study.study_uid]),
    )  # fmt: skip


def studies_of_request(actor: Actor, request: Any) -> list[StudySummary]:
    """The images of a request the actor sees."""
    return [study_summary(each) for each in queries.studies_of_request(request.pk)]


def instance_paths(request: Any) -> list[Path]:
    """The files of a request the actor sees, in the order of their studies, series and numbers.

    :raises Unavailable: one lies in the outside archive, which does not answer
    """
    return [
        archive.path_to(instance)
        for study in queries.studies_of_request(request.pk)
        for instance in queries.instances_of(study)
    ]


def waiting_for(actor: Actor, *, at: datetime) -> list[work.WorkItem]:
    """Studies nobody has matched yet, where the actor matches."""
    if Permission.IMAGE_MATCH not in actor.permissions:
        return []
    return [
        work.WorkItem(
            kind="study-unmatched", icon="image", title=_("影像待匹配：%(name)s") % {"name": each.patient_name or "—"},
            detail=f"{'/'.join(each.modalities)} · {each.facility}", url=reverse("imaging:study", args=[each.uuid]),
            risk=work.RAISED, since=each.received_at,
        )
        for each in queries.waiting(actor).rows[:10]
    ]  # fmt: skip
