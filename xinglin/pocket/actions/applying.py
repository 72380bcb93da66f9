"""Applying a change by the ordinary action of its domain, and what its refusal means for somebody who was offline."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible, StaleStatus
from xinglin.pocket import queries
from xinglin.pocket.actions.panels import refresh_resident
from xinglin.pocket.data import Field, Kind, Verdict, Why
from xinglin.pocket.models import Change, PanelEntry
from xinglin.pocket.states import ChangeStatus
from xinglin.programmes import api as programmes
from xinglin.residents import api as residents

Content = Mapping[str, Any]
#: What a refusal of the domain means here: a person must look.
_WAITS = {
    "alert-unanswered": Why.UNANSWERED,
    "vitals-unusual": Why.UNUSUAL,
    "called-this-week": Why.CALLED,
    "not-managed": Why.NOT_MANAGED,
    "after-death": Why.DIED,
    "resident-deceased": Why.DIED,
    "resident-moved": Why.MOVED,
}


def apply(change: Change, resident: Any, content: Content, *, by: Actor, at: datetime) -> Verdict:
    """Do what the change says, or say why not. Nothing is half done: a refused action leaves no row."""
    held = _held_back(change, resident)
    if held is not None:
        return Verdict(ChangeStatus.REVIEW, held)
    kind = {Kind.VISIT: _visit, Kind.UNREACHED: _unreached, Kind.CORRECTION: _correction}[Kind(change.kind)]
    do = partial(kind, change, resident, content, by=by, at=at)
    try:
        return do()
    except StaleStatus:
        raise  # somebody else at the same moment: nothing is kept, and the telephone sends it again
    except (InvalidInput, Conflict) as error:
        why = _WAITS.get(error.code)
        return Verdict(ChangeStatus.REVIEW if why else ChangeStatus.REFUSED, why or error.code, _refused_in_both(do))
    except (NotPermitted, NotVisible):
        return Verdict(ChangeStatus.REVIEW, Why.NOT_ALLOWED)


def _held_back(change: Change, resident: Any) -> str | None:
    """Why it must be looked at before anything is tried: he died, moved, or another facility manages him now."""
    if resident.died_on is not None and clock.today(change.happened_at) > resident.died_on:
        return Why.DIED
    if resident.status == "MOVED":
        return Why.MOVED
    if change.kind == Kind.CORRECTION:
        return Why.LEFT if resident.managed_by_id != change.device.facility_id else None
    place = programmes.offline.place_of(resident.pk)
    if place is None:
        return Why.NOT_MANAGED if resident.managed_by_id == change.device.facility_id else Why.LEFT
    return Why.LEFT if place != change.device.facility_id else None


def _refused_in_both(do: Callable[[], Verdict]) -> tuple[str, str]:
    """The refusal in Chinese and in English, each from being refused in it: a refusal names items and limits in words."""
    chinese, english = (_refused_in(language, do) for language in ("zh-hans", "en"))
    return chinese, english


def _refused_in(language: str, do: Callable[[], Verdict]) -> str:
    with override(language):
        try:
            with transaction.atomic():
                do()
                transaction.set_rollback(True)  # accepted meanwhile: it was refused, and stays so
        except (InvalidInput, Conflict) as error:
            reasons = getattr(error, "fields", {}).values()
            return _("；").join(dict.fromkeys(str(each) for each in (error.message, *reasons)))
    return ""


def visit_in(change: Change, content: Content, asked: set[str], **said: Any) -> programmes.VisitIn:
    """The visit as the domain takes it: with the answers to what is asked of this resident now."""
    answers = {code: value for code, value in content.get("answers", {}).items() if code in asked}
    told = {
        key: content[key]
        for key in ("advice", "note", "alert_answer", "alert_note", "confirmed_unusual", "call_reason")
        if key in content
    }
    return programmes.VisitIn(
        **{
            "client_id": change.client_id, "channel": content["channel"], "kind": content["kind"], "answers": answers,
            "happened_at": change.happened_at, **told, **said,
        }
    )  # fmt: skip


def _visit(change: Change, resident: Any, content: Content, *, by: Actor, at: datetime) -> Verdict:
    asked = programmes.offline.asked_of(resident, content["kind"], at=change.happened_at)
    visit = programmes.record_programme_visit(
        resident=resident, facility_id=change.device.facility_id, content=visit_in(change, content, asked), by=by, at=at
    )
    told = _differences(content.get("results", {}), programmes.offline.outcome_of(visit))
    left_out = sorted(set(content.get("answers", {})) - asked)
    if left_out:
        told.append({"code": "answers-left-out", "items": left_out})
    other = programmes.offline.other_yearly(visit)
    if other is not None:
        on = timezone.localdate(other.happened_at).isoformat()
        told.append({"code": "yearly-twice", "on": on, "by": other.clinician_name})
    return Verdict(ChangeStatus.DONE, object_uuid=visit.uuid, told=tuple(told))


def _differences(was: Mapping[str, Any], became: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Where the telephone told the resident something else than what the server computes by the version in force for him."""
    told: list[dict[str, Any]] = []
    for programme, computed in was.items():
        now = became.get(programme)
        if now is None:
            told.append({"code": "programme-ended", "programme": programme, "was": computed.get("grade", "")})
        elif computed.get("grade", "") != now["grade"]:
            told.append({
                "code": "grade-differs", "programme": programme, "was": computed.get("grade", ""), "became": now["grade"],
                "version": now["version"],
            })  # fmt: skip
        elif computed.get("version") != now["version"]:
            told.append({"code": "version-differs", "programme": programme, "version": now["version"]})
    return told


def _unreached(change: Change, resident: Any, content: Content, *, by: Actor, at: datetime) -> Verdict:
    line, today = programmes.managed_line(resident), clock.today(at)
    assert line is not None  # it is managed here: asked above
    again = min(max(date.fromisoformat(str(content["try_again_on"])), today), today + timedelta(days=90))
    programmes.note_attempt(
        line=line, why=content["why"], try_again_on=again, tried_at=change.happened_at, by=by, at=at
    )
    return Verdict(ChangeStatus.DONE, object_uuid=line.uuid)


def _correction(change: Change, resident: Any, content: Content, *, by: Actor, at: datetime) -> Verdict:
    field, value = Field(content["field"]), str(content["value"]).strip()
    refresh_resident(resident_id=resident.pk)  # what was edited a moment ago counts as edited
    entry = _entry(change, resident)
    if (getattr(resident, field) or "") != value:
        seen = getattr(entry, f"{field}_revision") if entry else 0
        own = queries.last_own_correction(change.device, resident.pk, field)
        is_own = own is not None and own.revision == seen and own.happened_at <= change.happened_at
        if change.base_revision < seen and not is_own:
            return Verdict(ChangeStatus.REVIEW, Why.CHANGED)
        correct(resident, field, value, by=by, at=at)
        entry = _entry(change, resident)
    change.revision = getattr(entry, f"{field}_revision") if entry else None
    return Verdict(ChangeStatus.DONE, str(field), object_uuid=resident.uuid)


def _entry(change: Change, resident: Any) -> PanelEntry | None:
    return PanelEntry.objects.filter(panel__facility_id=change.device.facility_id, resident_id=resident.pk).first()


def correct(resident: Any, field: str, value: str, *, by: Actor, at: datetime) -> None:
    """Write a corrected field, and let the telephones know.

    :raises NotPermitted: no right to edit where he is on a roster
    :raises InvalidInput: it cannot be
    """
    residents.edit_resident(resident=resident, changes={field: value}, by=by, at=at)
    refresh_resident(resident_id=resident.pk)
