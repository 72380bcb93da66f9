"""Whose images these are: matched when they come, linked by hand, taken back, refused."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.diagnostics.data import PatientInFile
from xinglin.imaging import matching, permissions
from xinglin.imaging.events import Event
from xinglin.imaging.models import Study
from xinglin.imaging.states import STUDY_TRANSITIONS, StudyStatus
from xinglin.platform.actors import Actor, system_actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move
from xinglin.residents import api as residents
from xinglin.web.formats import parted_text


def match_on_arrival(*, study: Study, patient: PatientInFile, by: Actor, at: datetime) -> None:
    """By accession number, else by identity number with name and birth date; else it waits with the signs found.

    Part of taking in: within its transaction, by the system, whoever sent the file.
    """
    request, signs = matching.by_accession(study, patient, by=_system(by)) if study.accession_number else (None, [])
    resident = request.resident if request else None
    if request is None:
        resident, found = matching.by_identity(patient, by=_system(by))
        signs = [*signs, *(sign for sign in found if sign not in signs)]
        if resident is not None:
            request = _only_open_request(study, resident, by=_system(by))
    if resident is None:
        if signs:
            Study.objects.filter(pk=study.pk).update(signs=signs)
        return
    how = "accession" if request is not None and request.number == study.accession_number else "identity"
    _link(study, resident, request, reason_code=how, by=by, at=at)


def _system(by: Actor) -> Actor:
    """Matching looks at requests and residents of the whole county, for whoever sends."""
    return by if by.kind == "system" else system_actor("影像自动匹配")


def _only_open_request(study: Study, resident: Any, *, by: Actor) -> Any | None:
    """The one request of the resident that awaits images from this unit; none when there are several."""
    waiting = list(
        diagnostics.open_imaging_requests(by, taken_at=study.facility_id).filter(
            resident__in=residents.ids_of_person(resident)
        )[:2]
    )
    return waiting[0] if len(waiting) == 1 else None


@transaction.atomic
def link_study(
    *,
    study: Study,
    request: Any | None = None,
    resident: Any | None = None,
    confirmed: bool = False,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> Study:
    """Say whose images these are: a request's (then its resident's), or a resident's alone.

    :raises NotPermitted: not the technician there, nor a reader of the centre
    :raises Conflict: it is matched already, or the request has ended
    :raises InvalidInput: neither is named; or (code ``other-person``) the file names somebody else and nobody confirmed
        with a reason that it is this person's all the same
    """
    study = locked(study)
    permissions.may_link(by, study).require()
    resident = request.resident if request is not None else resident
    if resident is None:
        raise InvalidInput(_("请选择申请或居民。"), fields={"request": _("请选择。")})
    if study.resident_id is not None and study.resident_id not in residents.ids_of_person(resident):
        raise InvalidInput(_("这项影像已属于另一位居民，请先解除匹配。"), fields={"request": _("请先解除匹配。")})
    if request is not None:
        diagnostics.can_take_images(request).require()
    reason = reason.strip()[:200]
    signs = matching.signs_against(matching.patient_of(study), resident)
    if signs and not (confirmed and len(reason) >= 2):  # noqa: PLR2004
        words = parted_text(matching.SIGN_WORDS[sign] for sign in signs)
        raise InvalidInput(
            _("影像中的患者可能不是这个人：%(why)s。请核对；确认无误后勾选确认并说明理由。") % {"why": words},
            fields={"reason": words}, code="other-person",
        )  # fmt: skip
    return _link(study, resident, request, reason_code="by-hand", reason=reason, by=by, at=at)


def _link(
    study: Study, resident: Any, request: Any | None, *, reason_code: str, reason: str = "", by: Actor, at: datetime
) -> Study:
    move(
        study, table=STUDY_TRANSITIONS, to=StudyStatus.MATCHED, by=by, at=at, place=study.facility_id,
        reason_code=reason_code, reason=reason, resident=resident, request=request, signs=[],
    )  # fmt: skip
    residents.note_on_roster(resident=resident, facility_id=study.facility_id, basis="REQUEST", at=at)
    if request is not None:
        diagnostics.note_performed(request=request, by=_system(by), at=at)
    announce(
        Event.STUDY_MATCHED, obj=study, subject=resident.uuid, by=by, at=at, place=study.facility_id, how=reason_code,
        request=str(request.uuid) if request else "",
    )  # fmt: skip
    return study


@transaction.atomic
def unlink_study(*, study: Study, reason: str, by: Actor, at: datetime) -> Study:
    """Take the match back, with a reason. A request whose only images these were waits for images again.

    :raises NotPermitted: not the technician there, nor a reader of the centre
    :raises Conflict: it is not matched, or a reader has the request already
    :raises InvalidInput: no reason
    """
    study = locked(study)
    permissions.may_unlink(by, study).require()
    reason = _reason(reason)
    was, request = study.resident, study.request
    move(
        study, table=STUDY_TRANSITIONS, to=StudyStatus.UNMATCHED, by=by, at=at, place=study.facility_id,
        reason_code="un-matched", reason=reason, resident=None, request=None,
    )  # fmt: skip
    if request is not None and not Study.objects.filter(request=request).exists():
        diagnostics.undo_performed(request=request, reason=reason, by=_system(by), at=at)
    announce(
        Event.STUDY_UNMATCHED, obj=study, subject=was.uuid if was else None, by=by, at=at, place=study.facility_id,
        request=str(request.uuid) if request else "",
    )  # fmt: skip
    return study


@transaction.atomic
def reject_study(*, study: Study, reason: str, by: Actor, at: datetime) -> Study:
    """Refuse a study that is nobody's: a phantom, a trial, a person who was never here. It stays, and takes no more.

    :raises NotPermitted: not the technician there, nor a reader of the centre
    :raises Conflict: it is matched
    :raises InvalidInput: no reason
    """
    study = locked(study)
    permissions.may_reject(by, study).require()
    move(
        study, table=STUDY_TRANSITIONS, to=StudyStatus.REJECTED, by=by, at=at, place=study.facility_id,
        reason=_reason(reason),
    )  # fmt: skip
    announce(Event.STUDY_REJECTED, obj=study, by=by, at=at, place=study.facility_id)
    return study


def locked(study: Study) -> Study:
    """The study as it is now; others wait until this transaction ends."""
    return Study.objects.select_for_update(of=("self",)).select_related("resident", "request").get(pk=study.pk)


def _reason(text: str) -> str:
    reason = text.strip()
    if not 2 <= len(reason) <= 200 or "\x00" in reason:  # noqa: PLR2004
        raise InvalidInput(_("请说明理由。"), fields={"reason": _("请用2至200个字说明理由。")})
    return reason
