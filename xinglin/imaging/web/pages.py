"""What the pages of imaging show. Templates only print."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from xinglin.diagnostics import api as diagnostics
from xinglin.imaging import matching, permissions, queries
from xinglin.imaging.api import study_summary
from xinglin.imaging.data import StudySummary
from xinglin.imaging.models import Conflict, Study
from xinglin.imaging.states import StudyStatus
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import InvalidInput
from xinglin.residents import api as residents
from xinglin.web.pills import Pill

LOOKS = {
    StudyStatus.UNMATCHED: ("warning", "alert-triangle"),
    StudyStatus.MATCHED: ("ok", "check"),
    StudyStatus.REJECTED: ("neutral", "ban"),
}
#: Requests offered for choosing.
MOST_OFFERED = 30


def pill_of(study: Study) -> Pill:
    """The pill of a study."""
    tone, icon = LOOKS[StudyStatus(study.status)]
    return Pill(str(study.get_status_display()), tone, icon)


@dataclass(frozen=True, slots=True)
class Row:
    """One study in the queue."""

    study: Study
    url: str
    signs: list[str]


@dataclass(frozen=True, slots=True)
class Queue:
    """Studies that wait, and conflicts."""

    rows: list[Row]
    next_cursor: str
    conflicts: list[Conflict]

    @classmethod
    def build(cls, actor: Actor, *, cursor: str) -> "Queue":
        """The queue where the actor matches. :raises NotPermitted: nowhere"""
        found = queries.waiting(actor, cursor=cursor)
        rows = [Row(each, reverse("imaging:study", args=[each.uuid]), signs_of(each)) for each in found.rows]
        return cls(rows, found.next_cursor, queries.open_conflicts(actor))


def signs_of(study: Study) -> list[str]:
    """Why it waits, in words."""
    return [str(matching.SIGN_WORDS.get(sign, sign)) for sign in study.signs]


@dataclass(frozen=True, slots=True)
class Offer:
    """A request the images may belong to, and what speaks against it."""

    request: Any
    against: list[str]


@dataclass(frozen=True)
class Detail:
    """One study: whom the file names, whose it is, and what can be done."""

    study: Study
    summary: StudySummary
    status: Pill
    signs: list[str]
    person: Any
    request_url: str
    offers: list[Offer]
    history: list[Any]
    link: Decision
    unlink: Decision
    reject: Decision
    error: InvalidInput | None
    form: str
    data: dict[str, str]

    @property
    def fields(self) -> dict[str, Any]:
        """Reasons by field of the form that was refused."""
        return dict(self.error.fields) if self.error else {}

    @property
    def names_another(self) -> bool:
        """Whether the file looks like another person's: the form then asks for confirmation and a reason."""
        return self.error is not None and self.error.code == "other-person"


def detail(
    actor: Actor, study: Study, *, at: datetime, error: InvalidInput | None = None, form: str = "",
    data: dict[str, str] | None = None,
) -> Detail:  # fmt: skip
    """The page of a visible study, for an actor."""
    may_link = permissions.may_link(actor, study)
    return Detail(
        study=study,
        summary=study_summary(study),
        status=pill_of(study),
        signs=signs_of(study),
        person=residents.person_of(study.resident, actor) if study.resident else None,
        request_url=reverse("diagnostics:detail", args=[study.request.uuid]) if study.request else "",
        offers=_offers(actor, study) if may_link else [],
        history=list(study.status_changes.order_by("-changed_at", "-id")),
        link=may_link,
        unlink=permissions.may_unlink(actor, study),
        reject=permissions.may_reject(actor, study),
        error=error,
        form=form,
        data=data or {},
    )


def _offers(actor: Actor, study: Study) -> list[Offer]:
    """Requests that await images and that the actor sees, the fitting ones first."""
    patient = matching.patient_of(study)
    waiting = diagnostics.open_imaging_requests(actor)
    if study.resident_id is not None:
        waiting = waiting.filter(resident=study.resident_id)
    found = [
        Offer(each, [str(matching.SIGN_WORDS[sign]) for sign in matching.signs_against(patient, each.resident)])
        for each in waiting[:MOST_OFFERED]
    ]
    return sorted(found, key=lambda offer: (len(offer.against), offer.request.from_facility_id != study.facility_id))
