"""Around an order: show what is known, hear what the doctor says to it, write it down with the order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics.api import AlreadyKnown, Answer, Order, Request, Settled
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce
from xinglin.recognition import catalogue, words
from xinglin.recognition.data import Outcome
from xinglin.recognition.events import Event, Look
from xinglin.recognition.finding import Candidate, Found, known_for
from xinglin.recognition.models import Decision, Offer
from xinglin.web.formats import parted_text

MAX_TEXT = 200
EVENTS = {
    Outcome.RECOGNISED: Event.RECOGNISED,
    Outcome.REPEATED: Event.REPEATED,
    Outcome.NOT_SEEN: Event.NOT_SEEN,
    Outcome.SERIAL: Event.SERIAL,
}


@dataclass(frozen=True, slots=True)
class Said:
    """One item, the result it is about, and what was decided."""

    candidate: Candidate
    outcome: Outcome
    reason: str = ""
    text: str = ""


@transaction.atomic
def show(*, order: Order, by: Actor, at: datetime) -> list[Found]:
    """What is known for the items of an order that is being written, with the record that the actor was shown it.

    Results come from all units of the county: each showing is a look at the person, with its reason. The caller has
    seen the person.
    """
    found = known_for(order, at=at)
    shown = [each for one in found for each in one.recognisable]
    for each in shown:
        _offer(order, each, by, at)
    if found:
        audit.look(
            Look.OFFERED, by=by, at=at, subject=order.resident.uuid, kind="residents.resident",
            key=str(order.resident.uuid), why="recognition", items=[each.item.code for each in found],
            units=sorted({each.source.centre.facility_id for each in shown}), n=len(shown),
        )  # fmt: skip
    return found


def _offer(order: Order, candidate: Candidate, by: Actor, at: datetime) -> None:
    Offer.objects.get_or_create(
        shown_to=by.user_id, facility_id=order.facility_id, resident=order.resident, visit=order.visit,
        kind=order.kind, item=candidate.item.code, report=candidate.report, shown_on=clock.today(at),
        defaults={
            "source": candidate.source, "unit_id": candidate.source.centre.facility_id,
            "level": candidate.level or "", "age_days": candidate.age_days, "rule": candidate.item.version,
            "shown_at": at, "shown_to_name": by.name[:40],
        },
    )  # fmt: skip


def settle(order: Order, answers: Sequence[Answer], by: Actor, at: datetime) -> Settled:
    """Hold the answers against what is known at this moment, in the transaction that places the order.

    :raises AlreadyKnown: a result may stand for an item, and no answer says what is to become of it, or the answer
        takes over what may no longer stand (it was amended, say)
    :raises InvalidInput: a reason that is not on the list or wants words; a result is taken over where none may stand
    """
    if by.kind == "system":  # imports and the generator order nothing new
        return Settled(frozenset(), lambda request: None)
    found = {each.item.code: each for each in known_for(order, at=at) if each.recognisable}
    given = {each.item: each for each in answers}
    _refuse_strangers(order, found, given)
    said, open_items = [], {}
    for code, known in found.items():
        decided = _said(order, known, given.get(code) or given.get(""), at)
        if decided is None:
            open_items[code] = _told(known)
        else:
            said.append(decided)
    if open_items:
        raise AlreadyKnown(order, open_items)
    done = frozenset(each.candidate.item.code for each in said if each.outcome == Outcome.RECOGNISED)
    return Settled(done, lambda request: _note(order, said, request, by, at))


def _note(order: Order, said: Sequence[Said], request: Request | None, by: Actor, at: datetime) -> None:
    decide(order=order, said=said, request=request, by=by, at=at)


def _refuse_strangers(order: Order, found: Mapping[str, Found], given: Mapping[str, Answer]) -> None:
    """An answer that takes over a result where none may stand is not passed over."""
    gone = [each.item for each in given.values() if each.report is not None and each.item not in found]
    if gone:
        text = _("这一项现在没有可互认的结果。")
        raise InvalidInput(text, fields={gone[0] or "item": text}, code="nothing-to-recognise")


def _said(order: Order, known: Found, answer: Answer | None, at: datetime) -> Said | None:
    """What an answer comes to; None when it does not answer."""
    if answer is None:
        return None
    if answer.report is not None:
        chosen = next((each for each in known.recognisable if each.report.uuid == answer.report), None)
        return Said(chosen, Outcome.RECOGNISED) if chosen else None
    if not answer.reason:
        return None
    today = clock.today(at)
    if not answer.item and (
        answer.reason != catalogue.emergency_reason(on=today) or order.priority != Request.Priority.EMERGENCY
    ):
        return None
    reason = catalogue.reason_of(answer.reason, on=today)
    text = answer.text.strip()
    if len(text) > MAX_TEXT or "\x00" in text:
        raise InvalidInput(
            _("说明太长或含有无效字符。"), fields={known.item.code: _("最多%(most)d个字。") % {"most": MAX_TEXT}}
        )
    if reason.needs_text and not text:
        raise InvalidInput(
            _("请写明重做的原因。"), fields={known.item.code: _("这个原因需要文字说明。")}, code="reason-needs-text"
        )
    return Said(known.recognisable[0], reason.outcome, reason.code, text)


def _told(known: Found) -> str:
    return known.title + _("：") + parted_text(words.candidate_line(each) for each in known.recognisable)


@transaction.atomic
def decide(*, order: Order, said: Sequence[Said], request: Request | None, by: Actor, at: datetime) -> list[Decision]:
    """Write down what was decided for each item, beside the order that was placed (None: nothing was left to order).

    Called in the transaction of the order, which has checked the actor's right to ask.
    """
    return [_decided(order, each, request, by, at) for each in said]


def _decided(order: Order, said: Said, request: Request | None, by: Actor, at: datetime) -> Decision:
    known = said.candidate
    recognised = said.outcome == Outcome.RECOGNISED
    decision = Decision.objects.create(
        outcome=said.outcome, resident=order.resident, visit=order.visit, facility_id=order.facility_id,
        kind=order.kind, item=known.item.code, item_title=_kept_title(order, known.item.code), source=known.source,
        report=known.report, unit_id=known.source.centre.facility_id, request=None if recognised else request,
        age_days=known.age_days, priority=order.priority, reason_code=said.reason, reason=said.text, fen=known.item.fen,
        rule=known.item.version, decided_at=at, decided_by=by.user_id, decided_by_name=by.name[:40],
    )  # fmt: skip
    announce(
        EVENTS[said.outcome], obj=decision, subject=order.resident.uuid, by=by, at=at, place=order.facility_id,
        item=known.item.code, code=said.reason, source=str(known.source.uuid), fen=known.item.fen if recognised else 0,
    )  # fmt: skip
    return decision


def _kept_title(order: Order, code: str) -> Any:
    """As the order names it, in the language of the records."""
    return next((each["title"] for each in order.items if each["code"] == code), code)[:60]
