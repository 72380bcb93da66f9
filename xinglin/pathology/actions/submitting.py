"""What the sending unit does: send specimens with an application, answer the desk, take it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.pathology import catalogue, permissions
from xinglin.pathology.actions.rows import locked_case, tell
from xinglin.pathology.data import Kind, PartIn
from xinglin.pathology.events import Event
from xinglin.pathology.models import FrozenSection, PathologyCase, Receipt, SpecimenPart
from xinglin.pathology.states import CASE_TRANSITIONS, CaseStatus
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput, wrong
from xinglin.platform.transitions import move, note_status

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_PARTS = len(LETTERS)
#: A frozen section is booked at most so long ahead; a clock may be behind by so much.
BOOKED_AHEAD, CLOCK_SLACK = timedelta(days=30), timedelta(minutes=10)
#: What the sender may correct when the desk asks.
CORRECTABLE = ("site", "kind", "n_pieces", "fixative", "taken_at", "fixed_at")


@dataclass(frozen=True, slots=True)
class Booking:
    """A frozen section as the theatre books it."""

    theatre: str
    phone: str
    planned_at: datetime


@transaction.atomic
def submit_case(
    *, asked: diagnostics.Asked, parts: Sequence[PartIn], booking: Booking | None = None, by: Actor, at: datetime
) -> PathologyCase:
    """Ask a pathology centre to examine specimens. One examination item is asked for; it decides the kind of the case.

    The promise of the centre runs from when the specimen is taken in. `booking` belongs to a frozen section.

    :raises NotPermitted: the actor may not ask for that facility
    :raises NotVisible: the resident is not on a roster of the actor's
    :raises InvalidInput: no specimen, a code that is not in the definitions, moments out of order, no booking
    :raises Conflict: the centre is closed, or `repeats` was not refused
    """
    cleaned = _cleaned(parts, at)
    request = diagnostics.place_request(asked=asked, by=by, at=at)
    case = PathologyCase.objects.create(
        request=request, centre=asked.centre, kind=request.modality, status_changed_at=at, submitted_at=at
    )
    SpecimenPart.objects.bulk_create(
        [SpecimenPart(case=case, letter=letter, **part) for letter, part in zip(LETTERS, cleaned, strict=False)]
    )
    if case.kind == Kind.FROZEN:
        _book(case, booking, at)
    note_status(case, by=by, at=at, place=request.from_facility_id)
    tell(Event.SUBMITTED, case, by, at, place=request.from_facility_id, parts=len(cleaned))
    return case


def _cleaned(parts: Sequence[PartIn], at: datetime) -> list[dict[str, Any]]:
    if not parts:
        raise InvalidInput(_("请至少填写一份标本。"), fields={"parts": _("请至少填写一份标本。")})
    if len(parts) > MOST_PARTS:
        raise InvalidInput(_("标本太多，请分开申请。"), fields={"parts": _("最多 %(n)d 份。") % {"n": MOST_PARTS}})
    return [_part(part, f"parts.{index}", at) for index, part in enumerate(parts)]


def _part(part: PartIn, where: str, at: datetime) -> dict[str, Any]:
    """One container, checked. `where` names it in the reasons of a refusal."""
    fields: dict[str, object] = {}
    if part.kind not in dict(catalogue.specimen_kinds()):
        fields[f"{where}.kind"] = _("请选择标本种类。")
    if part.fixative not in dict(catalogue.fixatives()):
        fields[f"{where}.fixative"] = _("请选择固定液。")
    if not 1 <= part.n_pieces <= 99:  # noqa: PLR2004
        fields[f"{where}.n_pieces"] = _("1—99块。")
    if part.taken_at and part.fixed_at and part.fixed_at < part.taken_at:
        fields[f"{where}.fixed_at"] = _("固定时间不能早于离体时间。")
    for name in ("taken_at", "fixed_at"):
        moment: datetime | None = getattr(part, name)
        if moment and moment > at + CLOCK_SLACK:
            fields[f"{where}.{name}"] = _("时间不能晚于现在。")
    if fields:
        raise InvalidInput(_("标本填写有误。"), fields=fields)
    site = diagnostics.clean_text(part.site, f"{where}.site", most=100, least=1)
    return {
        "site": site, "kind": part.kind, "n_pieces": part.n_pieces, "fixative": part.fixative,
        "taken_at": part.taken_at, "fixed_at": part.fixed_at,
    }  # fmt: skip


def _book(case: PathologyCase, booking: Booking | None, at: datetime) -> None:
    if booking is None:
        raise InvalidInput(_("冰冻检查请预约手术间和时间。"), fields={"theatre": _("请填写。")})
    if not at - CLOCK_SLACK <= booking.planned_at <= at + BOOKED_AHEAD:
        raise InvalidInput(_("预约时间应在30天以内。"), fields={"planned_at": _("请核对时间。")})
    FrozenSection.objects.create(
        case=case, theatre=diagnostics.clean_text(booking.theatre, "theatre", most=60, least=1),
        phone=diagnostics.clean_text(booking.phone, "phone", most=30, least=3), planned_at=booking.planned_at,
        minutes=catalogue.deadline("frozen_minutes"),
    )  # fmt: skip


@transaction.atomic
def answer_hold(
    *,
    receipt: Receipt,
    answer: str,
    corrections: Mapping[str, Mapping[str, Any]] | None = None,
    by: Actor,
    at: datetime,
) -> PathologyCase:
    """Answer what the desk asked, and correct what was wrong: ``{letter: {field: value}}``. It waits at the desk again.

    :raises NotPermitted: not the sending unit
    :raises Conflict: it was answered, or taken back
    :raises InvalidInput: no answer; a correction that is not possible
    """
    case = locked_case(receipt.case)
    receipt = Receipt.objects.select_for_update().get(pk=receipt.pk)
    receipt.case = case
    permissions.may_answer(by, receipt).require()
    changed = _corrected(case, corrections or {}, at)
    Receipt.objects.filter(pk=receipt.pk).update(
        answer=diagnostics.clean_text(answer, "answer", most=500, least=2), corrections=changed, answered_at=at,
        answered_by=by.user_id or 0, answered_by_name=by.name[:40],
    )  # fmt: skip
    place = case.request.from_facility_id
    move(case, table=CASE_TRANSITIONS, to=CaseStatus.SUBMITTED, by=by, at=at, place=place, reason_code="answered")
    tell(Event.ANSWERED, case, by, at, place=place, corrected=len(changed))
    return case


def _corrected(case: PathologyCase, corrections: Mapping[str, Mapping[str, Any]], at: datetime) -> list[dict[str, str]]:
    parts = {part.letter: part for part in case.parts.all()}
    found = []
    for letter, values in corrections.items():
        part = parts.get(letter)
        if part is None or set(values) - set(CORRECTABLE):
            raise wrong("corrections", _("没有这份标本。"))
        now = {name: values.get(name, getattr(part, name)) for name in CORRECTABLE}
        checked = _part(PartIn(**now), f"corrections.{letter}", at)
        changed = {name: checked[name] for name in CORRECTABLE if checked[name] != getattr(part, name)}
        found += [
            {"part": letter, "field": name, "was": str(getattr(part, name) or ""), "became": str(value or "")}
            for name, value in changed.items()
        ]
        if changed:
            SpecimenPart.objects.filter(pk=part.pk).update(**changed)
    return found


@transaction.atomic
def withdraw_case(*, case: PathologyCase, reason: str = "", by: Actor, at: datetime) -> PathologyCase:
    """Take the application back before the specimen was taken in.

    :raises NotPermitted: not the sending unit
    :raises Conflict: it was taken in, or has ended
    """
    case = locked_case(case)
    permissions.may_withdraw(by, case).require()
    diagnostics.cancel_request(request=case.request, reason=reason, by=by, at=at)
    place = case.request.from_facility_id
    move(case, table=CASE_TRANSITIONS, to=CaseStatus.WITHDRAWN, by=by, at=at, reason=reason[:200], place=place)
    tell(Event.WITHDRAWN, case, by, at, place=place)
    return case
